//! `grantc init` makes a project that works, and touches nothing that exists.

#![expect(clippy::expect_used, reason = "helpers of tests fail by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use grantc::check;
use grantc::diagnostic::Diagnostics;
use grantc::inventory::{Instant, load, policy_files, project};
use grantc::resolve::resolve;
use grantc::source::Sources;
use grantc::syntax;

/// Runs `grantc init …` in a folder: exit code, stdout, stderr.
fn init(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_grantc"))
        .current_dir(folder)
        .arg("init")
        .args(arguments)
        .output()
        .expect("grantc runs");
    (
        output.status.code().expect("a code"),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

const PROJECT: [&str; 5] = ["catalog", "directory", "grantc.yaml", "integrations", "policies"];

#[test]
fn the_project_passes_every_check_without_a_word() {
    let root = tempfile::tempdir().expect("a folder");
    let (code, out, err) = init(root.path(), &["retail: eu"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(out.lines().count(), 8, "{out}");
    let dir = root.path().join("retail: eu");
    assert_eq!(entries(&dir), PROJECT);

    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    let project = project::open(&dir, &mut sources, &mut said).expect("a project");
    assert_eq!(project.name, "retail: eu");
    let inventory = load(&project, &mut sources, &mut said).expect("an inventory");
    assert_eq!(inventory.integrations.len(), 2);
    let policies = policy_files(&project, &mut sources, &mut said);
    assert_eq!(policies.len(), 2);
    let documents = policies
        .into_iter()
        .map(|source| {
            let text = sources.get(source).text.clone();
            (source, syntax::parse(source, &text, &mut said).expect("a policy"))
        })
        .collect();
    let at = Instant::parse("2026-06-01").expect("a date");
    let program = resolve(documents, inventory, at, &sources, &mut said).expect("a program");
    check::run(&program, check::Options { salted: project.salt.is_some() }, &mut said);
    assert!(said.is_empty(), "{said:?}");
}

#[test]
fn a_second_run_changes_nothing() {
    let root = tempfile::tempdir().expect("a folder");
    assert_eq!(init(root.path(), &[]).0, 0);
    let (code, out, err) = init(root.path(), &[]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("`./grantc.yaml`") && err.contains("nothing was written"), "{err}");
    assert_eq!(entries(root.path()), PROJECT);
}

#[test]
fn one_thing_in_the_way_stops_all_of_it() {
    let root = tempfile::tempdir().expect("a folder");
    fs::create_dir(root.path().join("catalog")).expect("made");
    fs::create_dir(root.path().join("unrelated")).expect("made");
    let (code, _, err) = init(root.path(), &[]);
    assert_eq!(code, 1);
    assert!(err.contains("`./catalog` exists already"), "{err}");
    assert_eq!(entries(root.path()), ["catalog", "unrelated"]);
}

#[test]
fn the_folder_may_be_named_by_project_and_the_rest_stays() {
    let root = tempfile::tempdir().expect("a folder");
    fs::create_dir(root.path().join(".git")).expect("made");
    let (code, _, err) = init(root.path(), &["--project", ".", "--name", "access", "--quiet"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(entries(root.path()).len(), PROJECT.len() + 1);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_left_alone() {
    let root = tempfile::tempdir().expect("a folder");
    let (code, _, err) = init(root.path(), &["/proc/nowhere/deep"]);
    assert_eq!(code, 1);
    assert!(err.contains("nothing was"), "{err}");
}
