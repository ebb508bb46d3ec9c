//! What scripts rely on: exit codes, streams, formats, colours.
//!
//! What these cannot show: a terminal (colours and progress there are judged by eye).

#![expect(clippy::expect_used, reason = "helpers of tests fail by panicking")]

use assert_cmd::Command;

fn grantc(line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantc"));
    command.args(line.split_whitespace());
    for variable in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
        command.env_remove(variable);
    }
    command
}

/// Runs a line; expects the exit code, and texts on stdout and stderr (empty: the stream is empty).
fn check(line: &str, code: i32, stdout: &str, stderr: &str) {
    let output = grantc(line).output().expect("grantc runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{line}\n{out}\n{err}");
    for (shown, expected, stream) in [(&out, stdout, "stdout"), (&err, stderr, "stderr")] {
        let fits = if expected.is_empty() { shown.is_empty() } else { shown.contains(expected) };
        assert!(fits, "{line}: {stream} should have `{expected}`:\n{shown}");
    }
}

#[test]
fn what_cannot_be_understood_exits_64_and_says_nothing_on_stdout() {
    check("", 64, "", "Usage: grantc");
    check("chekc", 64, "", "check");
    check("check --frobnicate", 64, "", "--frobnicate");
    check("check --format yaml", 64, "", "sarif");
    check("check --color sometimes", 64, "", "never");
    check("check --threads 0", 64, "", "--threads");
    check("check --at yesterday", 64, "", "RFC 3339");
    check("check --quiet -v", 64, "", "cannot be used with");
    check("explain alice@acme.example", 64, "", "OBJECT");
    check("who-can delete X", 64, "", "read");
    check("compile --accept unknown-tga", 64, "", "did you mean `unknown-tag`?");
    check("explain-code", 64, "", "CODE");
    check("completions tcsh", 64, "", "fish");
}

#[test]
fn a_format_that_a_command_lacks_exits_64_with_those_it_has() {
    check("explain a b --format sarif", 64, "", "it has human, json");
    check("--format html check", 64, "", "it has human, json, ndjson, sarif, junit, github, markdown");
    check("man --format json", 64, "", "`man` has no format `json`");
}

#[test]
fn help_and_version_are_results() {
    check("--help", 0, "64  the command line cannot be understood", "");
    check("help plan", 0, "--deny-gains", "");
    check("plan --help", 0, "--order", "");
    check("--version", 0, concat!("grantc ", env!("CARGO_PKG_VERSION")), "");
}

#[test]
fn options_stand_before_or_after_the_command() {
    for line in [
        "--format json explain-code syntax",
        "explain-code syntax --format json",
        "explain-code --format=json syntax",
    ] {
        check(line, 0, "\"schema_version\": 1", "");
    }
}

#[test]
fn what_is_not_there_yet_fails_and_says_what_to_do_meanwhile() {
    for command in
        ["apply", "snapshot x", "import x", "integrations list", "data-sources", "export", "serve", "lsp"]
    {
        check(command, 1, "", "is not in this version yet");
        check(command, 1, "", "help: ");
    }
}

#[test]
fn colours_follow_the_option_then_the_environment() {
    let colored = |line: &str, variables: &[(&str, &str)]| {
        let output = grantc(line).envs(variables.iter().copied()).output().expect("grantc runs");
        output.stderr.contains(&0x1b)
    };
    for line in ["explain-code nonsense-code", "chekc"] {
        assert!(!colored(line, &[]), "no terminal: {line}");
        assert!(colored(line, &[("CLICOLOR_FORCE", "1")]), "{line}");
        assert!(!colored(line, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), "{line}");
        assert!(colored(&format!("{line} --color always"), &[("NO_COLOR", "1")]), "{line}");
        assert!(!colored(&format!("{line} --color never"), &[("CLICOLOR_FORCE", "1")]), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn a_reader_who_stops_early_is_no_error_and_a_full_disk_is() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_grantc"))
        .arg("man")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("grantc runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("grantc ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));

    if let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") {
        let output =
            Command::new(env!("CARGO_BIN_EXE_grantc")).arg("man").stdout(full).output().expect("runs");
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be written"));
    }
}

#[test]
fn completions_and_manual_are_not_empty() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        check(&format!("completions {shell}"), 0, "who-can", "");
    }
    check("man", 0, ".TH grantc 1", "");
}
