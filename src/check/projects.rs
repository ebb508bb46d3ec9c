//! Whole projects: what this stage says of the fixtures.
//!
//! What these cannot show: what other stages say of the same texts, and the examples of the pages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Options, run};
use crate::diagnostic::Diagnostics;
use crate::inventory::project::Project;
use crate::inventory::{self, Instant, project};
use crate::source::Sources;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// The codes that this stage says of a project, each with its messages.
fn codes(root: &Path) -> BTreeMap<&'static str, Vec<String>> {
    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    let project: Project = project::open(root, &mut sources, &mut said).unwrap();
    let loaded = inventory::load(&project, &mut sources, &mut said).unwrap();
    let files = inventory::policy_files(&project, &mut sources, &mut said);
    let mut documents = Vec::new();
    for file in files {
        let text = sources.get(file).text.clone();
        documents.push((
            file,
            crate::syntax::parse(file, &text, &mut said).unwrap_or_else(|_| panic!("{said:?}")),
        ));
    }
    let at = Instant::parse("2026-06-01").unwrap();
    let program = crate::resolve::resolve(documents, loaded, at, &sources, &mut said)
        .unwrap_or_else(|_| panic!("{said:?}"));
    let mut own = Diagnostics::new();
    run(&program, Options { salted: project.salt.is_some() }, &mut own);
    let mut codes: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for each in own.iter() {
        codes.entry(each.code.name()).or_default().push(format!(
            "{} ({})",
            each.message,
            each.policy.as_deref().unwrap_or("-")
        ));
    }
    codes
}

#[test]
fn the_smallest_project_is_clean() {
    assert_eq!(codes(&fixture("hello")), BTreeMap::new());
}

#[test]
fn the_large_project_has_only_what_it_accepts() {
    let said = codes(&fixture("retail"));
    let told: Vec<&str> = said.keys().copied().collect();
    // `mask-bypass` is accepted; not everybody has an S3 account, and the loaders share one.
    assert_eq!(told, ["mask-bypass", "no-account", "shared-account"], "{said:#?}");
}
