//! Every code has a page, and its examples are what they say.
//!
//! Examples stand in the project that `grantc init` writes. What these cannot show yet: codes of stages after loading.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use grantc::cli::init::TEMPLATE;
use grantc::diagnostic::{Code, Diagnostics, pages};
use grantc::inventory::{load, policy_files, project};
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

/// The codes that parsing and loading say about an example in its project.
fn codes(example: &Example) -> Vec<Code> {
    let root = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        #[expect(clippy::disallowed_methods, reason = "the test writes a project of its own")]
        fs::write(path, text).expect("written");
    };
    for (path, text) in
        TEMPLATE.iter().filter(|(path, _)| example.file.is_some() || !path.ends_with(".policy"))
    {
        write(path, text);
    }
    write(example.file.as_deref().unwrap_or("policies/example.policy"), &example.text);
    said(root.path()).iter().map(|each| each.code).collect()
}

fn said(root: &Path) -> Diagnostics {
    let (mut sources, mut out) = (Sources::default(), Diagnostics::new());
    if let Ok(project) = project::open(root, &mut sources, &mut out) {
        let _ = load(&project, &mut sources, &mut out);
        for source in policy_files(&project, &mut sources, &mut out).unwrap_or_default() {
            let text = sources.get(source).text.clone();
            let _ = syntax::parse(source, &text, &mut out);
        }
    }
    out
}

/// Codes of stages that this test does not run.
fn is_later(code: Code) -> bool {
    !matches!(
        code,
        Code::Syntax
            | Code::TooDeep
            | Code::DuplicateClause
            | Code::MissingClause
            | Code::BadLiteral
            | Code::BadPrefix
            | Code::UnknownKey
            | Code::DuplicateKey
            | Code::BadValue
            | Code::BadFile
            | Code::DuplicateObject
            | Code::GroupCycle
            | Code::UnknownMembership
            | Code::UnknownApproval
    )
}

#[test]
fn bad_examples_are_bad_and_good_ones_are_good() {
    for code in Code::ALL {
        for example in examples(pages::page(*code).expect("a page")) {
            let said = codes(&example);
            let name = code.name();
            if example.good {
                assert!(said.is_empty(), "{name}: the good example says {said:?}:\n{}", example.text);
            } else if is_later(*code) {
                assert!(said.is_empty(), "{name}: the bad example is stopped early by {said:?}");
            } else {
                assert!(said.contains(code), "{name}: the bad example says {said:?}:\n{}", example.text);
            }
        }
    }
}
