//! Data falls in one direction: no stage imports one that comes after it. Files stay short and say what they are for.
//!
//! What this cannot show: that a stage does only what its name says.

#![expect(clippy::expect_used, reason = "helpers of tests fail by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// The stages, in the order in which data falls.
const ORDER: &[&str] = &[
    "ids",
    "source",
    "diagnostic",
    "prefix",
    "syntax",
    "inventory",
    "ir",
    "resolve",
    "check",
    "backend",
    "plan",
    "pipeline",
    "integration",
    "server",
    "connect",
    "cli",
];

/// Every Rust file of the crate: its path below `src/` and its text.
fn files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of src") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
                #[expect(clippy::disallowed_methods, reason = "the test reads the crate's own text")]
                let text = fs::read_to_string(&path).expect("UTF-8");
                found.push((name, text));
            }
        }
    }
    found.sort();
    found
}

/// The stage of a file: its first folder, or its own name.
fn stage(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

fn rank(stage: &str) -> Option<usize> {
    ORDER.iter().position(|each| *each == stage)
}

/// The stages that a text names as `crate::stage`, also within `use crate::{…}`; comments and what is for tests aside.
fn imports(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut offset = 0;
    let code: String = text
        .lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .map(|line| format!("{}\n", line.split("//").next().unwrap_or("")))
        .collect();
    while let Some(at) = code.get(offset..).and_then(|rest| rest.find("crate::")) {
        let start = offset + at + "crate::".len();
        let line = code.get(..start).map_or(0, |before| before.matches('\n').count()) + 1;
        let rest = code.get(start..).unwrap_or("");
        // `$crate::` in macros and `some_crate::` name the same tree or another crate.
        let before = code.get(..offset + at).and_then(|text| text.chars().last());
        if !before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            if let Some(list) = rest.strip_prefix('{') {
                found.extend(heads(list).into_iter().map(|head| (line, head)));
            } else {
                found.push((line, word(rest)));
            }
        }
        offset = start;
    }
    found
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first names of a braced list.
fn heads(list: &str) -> Vec<String> {
    let (mut depth, mut heads, mut fresh) = (0_usize, Vec::new(), true);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            _ if c.is_whitespace() => {}
            _ if depth == 0 && fresh => {
                heads.push(word(list.get(at..).unwrap_or("")));
                fresh = false;
            }
            _ => {}
        }
    }
    heads
}

#[test]
fn imports_are_read_in_every_form() {
    let check = |text: &str, expected: &[&str]| {
        let found: Vec<String> = imports(text).into_iter().map(|(_, name)| name).collect();
        assert_eq!(found, expected, "{text}");
    };
    check("use crate::ids::Id;", &["ids"]);
    check("use crate::{ids::{Id, IdVec}, source};", &["ids", "source"]);
    check("pub(crate) use crate::{\n    plan,\n    cli::run,\n};", &["plan", "cli"]);
    check("let x = crate::cli::run(); // crate::plan", &["cli"]);
    check("$crate::ids::Id; other_crate::cli", &["ids"]);
    check("fn f() {}\n#[cfg(test)]\nmod tests { use crate::cli; }", &[]);
}

#[test]
fn no_stage_imports_a_later_one() {
    let mut upward = Vec::new();
    for (file, text) in files() {
        let here = stage(&file);
        if matches!(here, "lib" | "main") {
            continue;
        }
        let Some(own) = rank(here) else {
            upward.push(format!("{file}: `{here}` is no stage; add it to ORDER where it belongs"));
            continue;
        };
        for (line, import) in imports(&text) {
            if rank(&import).is_some_and(|other| other > own) {
                upward.push(format!("{file}:{line}: `{here}` imports `{import}`, which comes after it"));
            }
        }
    }
    assert!(upward.is_empty(), "\n{}", upward.join("\n"));
}

#[test]
fn stages_are_listed_in_the_order_in_which_data_falls() {
    let lib = files().into_iter().find(|(file, _)| file == "lib.rs").expect("lib.rs").1;
    let listed: Vec<&str> =
        lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let ranks: Vec<Option<usize>> = listed.iter().map(|name| rank(name)).collect();
    assert!(ranks.iter().all(Option::is_some), "{listed:?}");
    assert!(ranks.is_sorted(), "{listed:?}");
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut faults = Vec::new();
    for (file, text) in files() {
        let lines = text.lines().count();
        // Tables of test cases are read by the case, not from top to bottom.
        let cases = file.ends_with("tests.rs") || file.contains("/tests/");
        if lines > 460 && !cases {
            faults.push(format!("{file}: {lines} lines; split it"));
        }
        if !text.starts_with("//!") {
            faults.push(format!("{file}: starts without `//!`"));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
