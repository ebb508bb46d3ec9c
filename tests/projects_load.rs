//! Every project under `fixtures/` is read from disk: the good ones without a word, the mistakes in the project's
//! files with their code, at the line that holds them. Not shown here: mistakes in policies, and what `grantc.yaml`
//! accepts, which are other stages' to judge; every folder is where it is by default.

use std::path::Path;

use grantc::diagnostic::Diagnostics;
use grantc::inventory::files::Files;
use grantc::inventory::{load, policy_files, project};
use grantc::source::Sources;

/// What loading says, as `code file:line`, and how many users, tables, prefixes and policies came.
fn read(name: &str) -> (Vec<String>, Option<[usize; 4]>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    let (mut sources, mut out) = (Sources::default(), Diagnostics::new());
    let settings = Files::default().with(project::FILE, "name: fixture\n");
    let loaded = project::read(&root, &settings, &mut sources, &mut out).and_then(|project| {
        let policies = policy_files(&project, &mut sources, &mut out).len();
        let inventory = load(&project, &mut sources, &mut out)?;
        let catalog = &inventory.catalog;
        Ok([inventory.directory.users.len(), catalog.tables.len(), catalog.data_sources.len(), policies])
    });
    out.sort(&sources);
    let said = out.iter().map(|each| {
        let place = each.labels.first().map(|label| label.place);
        let at = place.map_or(String::new(), |at| format!("{}:{}", sources.name(at), sources.line(at)));
        format!("{} {at}", each.code.name())
    });
    (said.collect(), loaded.ok())
}

#[test]
fn good_projects_load_without_a_word() {
    for name in ["hello", "retail"] {
        let (said, loaded) = read(name);
        assert_eq!(said, Vec::<String>::new(), "{name}");
        let loaded = loaded.unwrap_or_default();
        assert!(
            loaded.iter().take(2).all(|count| *count > 0) && loaded.last() > Some(&0),
            "{name}: {loaded:?}"
        );
    }
}

#[test]
fn mistakes_in_files_are_found_where_they_are() {
    for (name, expected) in [
        ("05-unknown-key", "unknown-key catalog/c.yaml:9"),
        ("10-group-cycle", "group-cycle directory/d.yaml:13"),
        ("18-duplicate-user", "duplicate-key directory/d.yaml:11"),
        ("19-tab-indentation", "bad-file directory/d.yaml:8"),
    ] {
        let (said, loaded) = read(&format!("mistakes/{name}"));
        assert_eq!((said, loaded), (vec![expected.to_owned()], None), "{name}");
    }
}
