//! The projects under `fixtures/`, from their files to a program.
//!
//! The good ones resolve without an error and their own policy tests hold in the reference meaning; each mistake is
//! told by the code that its folder is about.

use std::path::Path;

use super::super::testing::shown;
use crate::diagnostic::Diagnostics;
use crate::ids::Id;
use crate::inventory::directory::Access;
use crate::inventory::{Instant, load, policy_files, project};
use crate::ir::policy::Seen;
use crate::ir::{Expectation, Meaning, PolicyTest, Program};
use crate::source::Sources;

fn resolved(name: &str) -> (Option<Program>, Diagnostics, Sources) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    let program = project::open(&root, &mut sources, &mut said).ok().and_then(|project| {
        let inventory = load(&project, &mut sources, &mut said).ok();
        let files = policy_files(&project, &mut sources, &mut said);
        let documents: Vec<_> = files
            .into_iter()
            .filter_map(|source| {
                let text = sources.get(source).text.clone();
                Some((source, crate::syntax::parse(source, &text, &mut said).ok()?))
            })
            .collect();
        let at = Instant::parse(super::NOW).unwrap();
        said.result().ok()?;
        crate::resolve::resolve(documents, inventory?, at, &sources, &mut said).ok()
    });
    (program, said, sources)
}

/// Whether one line of a policy test is so.
fn holds(meaning: &Meaning<'_>, test: &PolicyTest, expectation: &Expectation) -> bool {
    let user = test.user;
    match expectation {
        Expectation::Access { can, access, securables } => securables.iter().all(|securable| {
            Access::ALL
                .into_iter()
                .filter(|each| access.contains(*each))
                .all(|each| meaning.may(*securable, each).contains(user.raw()) == *can)
        }),
        Expectation::Sees { columns, seen } => columns.iter().all(|column| {
            let table = crate::inventory::Securable::Table(
                meaning.program().inventory.catalog.columns[*column].table,
            );
            let choice = meaning.mask_of(user, *column);
            meaning.may(table, Access::Read).contains(user.raw())
                && match seen {
                    Seen::Clear => choice.is_clear(),
                    Seen::Masked => choice.mask.is_some(),
                    Seen::MaskedBy(mask) => choice.mask == Some(*mask) || choice.when.contains(mask),
                }
        }),
        Expectation::Filtered { tables, by } => tables.iter().all(|table| {
            let filters =
                meaning.filters_on(*table).into_iter().filter(|(_, users)| users.contains(user.raw()));
            filters.map(|(filter, _)| filter).eq(by.iter().copied())
        }),
    }
}

fn good(name: &str) {
    let (program, said, sources) = resolved(name);
    let Some(program) = program else { panic!("{name}: {}", shown(&said, &sources)) };
    assert!(!program.tests.is_empty());
    for test in &program.tests {
        let meaning = Meaning::at(&program, test.at.unwrap_or(program.at));
        for (expectation, span) in &test.expectations {
            assert!(holds(&meaning, test, expectation), "{}: {}", test.name, sources.text(*span));
        }
    }
}

#[test]
fn the_tests_of_the_smallest_project_hold() {
    good("hello");
}

#[test]
fn the_tests_of_the_retail_project_hold() {
    good("retail");
}

#[test]
fn each_mistake_is_told_by_its_code() {
    for (folder, expected) in [
        ("01-misspelt-group", "unknown-group"),
        ("06-tag-typo-in-mask", "unknown-tag selects-nothing"),
        ("08-missing-filter-column", "missing-column"),
        ("09-hash-on-number", "type-mismatch"),
        ("11-duplicate-name", "duplicate-name"),
        ("12-unknown-condition", "unknown-condition"),
        ("16-unknown-integration", "unknown-integration"),
        ("20-mixed-and-or", "mixed-and-or"),
        ("21-empty-window", "empty-window"),
        ("22-attribute-typo-under-not", "unknown-attribute"),
    ] {
        let (_, said, sources) = resolved(&format!("mistakes/{folder}"));
        let codes: Vec<&str> = said.iter().map(|each| each.code.name()).collect();
        assert_eq!(codes.join(" "), expected, "{folder}: {}", shown(&said, &sources));
    }
}
