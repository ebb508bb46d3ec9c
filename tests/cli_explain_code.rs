//! Every code has a page, and its examples are what they say.
//!
//! Examples stand in the project that `grantc init` writes. What these cannot show: codes that need a platform's state.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use grantc::check;
use grantc::cli::init::TEMPLATE;
use grantc::diagnostic::{Code, Diagnostics, pages};
use grantc::inventory::{Instant, load, policy_files, project};
use grantc::resolve::resolve;
use grantc::source::Sources;
use grantc::syntax;

#[test]
fn every_code_prints_its_page() {
    for code in Code::ALL {
        let output = Command::new(env!("CARGO_BIN_EXE_grantc"))
            .args(["explain-code", code.name()])
            .output()
            .expect("grantc runs");
        assert_eq!(output.status.code(), Some(0), "{}", code.name());
        assert_eq!(String::from_utf8_lossy(&output.stdout), pages::page(*code).expect("a page"));
    }
}

#[test]
fn brackets_are_forgiven_and_unknown_codes_are_not() {
    let run = |code: &str| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_grantc")).args(["explain-code", code]).output().expect("runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(run("error[unknown-group]").0, Some(0));
    assert_eq!(run("overlap").0, Some(0));
    let (code, said) = run("unknown-gruop");
    assert_eq!(code, Some(64));
    assert!(said.contains("did you mean `unknown-group`?"), "{said}");
    assert!(run("qqqqqq").1.contains("explain-code --list"));
}

/// One fenced example.
struct Example {
    good: bool,
    /// The file that it replaces; none for policies.
    file: Option<String>,
    text: String,
}

fn examples(page: &str) -> Vec<Example> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let words: Vec<&str> = info.split(' ').collect();
        let text: String =
            lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        let good = match words.get(1) {
            Some(&"good") => true,
            Some(&"bad") => false,
            other => panic!("{info}: neither good nor bad: {other:?}"),
        };
        let file = words.get(2).map(|file| (*file).to_owned());
        assert_eq!(file.is_none(), words.first() == Some(&"policy"), "{info}: which file?");
        found.push(Example { good, file, text });
    }
    found
}

/// What is said about an example in its project.
fn diagnostics_of(example: &Example) -> Diagnostics {
    let root = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        #[expect(clippy::disallowed_methods, reason = "the test writes a project of its own")]
        fs::write(path, text).expect("written");
    };
    // An example stands in place of the policies or of one file; the project's tests need all of the latter.
    let stays = |path: &str| match &example.file {
        Some(_) => path != "policies/shop_tests.policy",
        None => !path.ends_with(".policy"),
    };
    for (path, text) in TEMPLATE.iter().filter(|(path, _)| stays(path)) {
        write(path, text);
    }
    write(example.file.as_deref().unwrap_or("policies/example.policy"), &example.text);
    said(root.path())
}

fn said(root: &Path) -> Diagnostics {
    let (mut sources, mut out) = (Sources::default(), Diagnostics::new());
    let Ok(project) = project::open(root, &mut sources, &mut out) else { return out };
    let inventory = load(&project, &mut sources, &mut out);
    let mut documents = Vec::new();
    for source in policy_files(&project, &mut sources, &mut out) {
        let text = sources.get(source).text.clone();
        documents.push((source, syntax::parse_partly(source, &text, &mut out)));
    }
    let (Ok(inventory), Ok(())) = (inventory, out.result()) else { return out };
    let at = Instant::parse("2026-06-01").expect("a date");
    if let Ok(program) = resolve(documents, inventory, at, &sources, &mut out) {
        check::run(&program, check::Options { salted: project.salt.is_some() }, &mut out);
    }
    out
}

/// Codes of stages that this test does not run: their examples cannot be judged by a project alone.
fn is_later(code: Code) -> bool {
    matches!(code, Code::PlatformLimit | Code::BadState | Code::PlanCycle | Code::UnsupportedPlatform)
}

#[test]
fn bad_examples_are_bad_and_good_ones_are_good() {
    let mut faults = Vec::new();
    for code in Code::ALL.iter().filter(|code| !is_later(**code)) {
        for example in examples(pages::page(*code).expect("a page")) {
            let said = diagnostics_of(&example);
            let told = said.iter().any(|each| each.code == *code);
            let right = if example.good { !told && said.result().is_ok() } else { told };
            if !right {
                let kind = if example.good { "good" } else { "bad" };
                let said: Vec<String> =
                    said.iter().map(|each| format!("{}: {}", each.code.name(), each.message)).collect();
                faults.push(format!("{}, the {kind} example: {}", code.name(), said.join("; ")));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
