//! Mistakes that newcomers make, and what they are told: `fixtures/mistakes/NN-name/` is a project with one mistake,
//! `expected.txt` beside it is what `check` says about it, and how it ends.
//!
//! `UPDATE=1 cargo test --test mistakes` rewrites the expectations; read that diff as code: is the cause underlined, is
//! the way out said, is there one message per mistake? What these cannot show: that the message helps; people judge that.

#![expect(clippy::expect_used, reason = "helpers of tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests read fixtures and rewrite expectations")]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

fn projects() -> Vec<PathBuf> {
    let folder = Path::new("fixtures/mistakes");
    let mut found: Vec<PathBuf> =
        fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("entry").path()).collect();
    found.sort();
    found
}

fn said(project: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_grantc"))
        .args(["check", "--color", "never", "--at", "2026-06-01", "--project"])
        .arg(project)
        .output()
        .expect("grantc runs");
    assert!(output.stdout.is_empty(), "diagnostics for people go to stderr: {}", project.display());
    let code = output.status.code().expect("an exit code");
    format!("{}exit code: {code}\n", String::from_utf8(output.stderr).expect("UTF-8"))
}

#[test]
fn every_mistake_is_told_as_expected() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = String::new();
    for project in projects() {
        let file = project.join("expected.txt");
        let said = said(&project);
        if update {
            fs::write(&file, said).expect("expectation written");
            continue;
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if said != expected {
            wrong.push_str(&format!("{}\nexpected\n{expected}\nsaid\n{said}\n", project.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong}\n`UPDATE=1 cargo test --test mistakes` rewrites what is expected");
}

/// What holds for every message, however it is worded.
#[test]
fn every_mistake_has_a_place_and_a_way_out() {
    for project in projects() {
        let said = said(&project);
        let name = project.display();
        let (body, code) = said.rsplit_once("exit code: ").unwrap_or_else(|| panic!("{name}: no code"));
        let errors = body.lines().filter(|line| line.starts_with("error[")).count();
        let findings = body.lines().filter(|line| line.starts_with("finding[")).count();
        let expected = if errors > 0 { "1" } else { "3" };
        assert_eq!(code.trim(), expected, "{name}");
        assert!(errors <= 1, "{name}: one mistake, one error\n{body}");
        let places = body.lines().filter(|line| line.trim_start().starts_with("--> ")).count();
        assert_eq!(places, errors + findings, "{name}: each is somewhere");
        assert!(body.contains("= help: "), "{name}: no way out\n{body}");
    }
}

#[test]
fn a_mistake_does_not_stop_json() {
    for project in projects() {
        let output = Command::new(env!("CARGO_BIN_EXE_grantc"))
            .args(["check", "--format", "json", "--at", "2026-06-01", "--project"])
            .arg(&project)
            .output()
            .expect("grantc runs");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|why| panic!("{}: {why}", project.display()));
        let list = json.get("diagnostics").and_then(|list| list.as_array()).map_or(0, Vec::len);
        assert!(list > 0, "{}", project.display());
        assert!(output.stderr.is_empty(), "{}", project.display());
    }
}
