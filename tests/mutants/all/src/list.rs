//! The mutants, as cargo-mutants lists them.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// One change of one place.
#[derive(Clone, Debug, Deserialize)]
pub struct Mutant {
    pub file: String,
    pub name: String,
    pub genre: String,
    pub replacement: String,
    pub span: Place,
}

/// Lines and columns from 1, in characters; the end is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Place {
    pub start: At,
    pub end: At,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct At {
    pub line: usize,
    pub column: usize,
}

/// The parts of `src/` that are mutated, by the name under which a run asks for them.
pub const AREAS: &[(&str, &[&str])] = &[
    ("prefix", &["src/prefix/**"]),
    ("plan", &["src/plan/diff.rs", "src/plan/order/**", "src/plan/order.rs"]),
    ("access", &["src/backend/*/access.rs"]),
    ("resolve", &["src/resolve/**"]),
    ("ir", &["src/ir/**"]),
];

/// The mutants of an area.
pub fn of(source: &Path, globs: &[&str]) -> Result<Vec<Mutant>> {
    let mut command = Command::new("cargo");
    command.current_dir(source).args(["mutants", "--list", "--json", "--no-config"]);
    for glob in globs {
        command.args(["--file", glob]);
    }
    let out = command.output().context("cargo-mutants: `cargo install --locked cargo-mutants`")?;
    if !out.status.success() {
        bail!("cargo mutants --list: {}", String::from_utf8_lossy(&out.stderr));
    }
    let mut found: Vec<Mutant> = serde_json::from_slice(&out.stdout)?;
    found.sort_by(|a, b| (&a.file, &a.name, &a.replacement).cmp(&(&b.file, &b.name, &b.replacement)));
    Ok(found)
}

/// Where a place is in a text, in bytes.
pub fn range(text: &str, place: Place) -> Option<std::ops::Range<usize>> {
    let offset = |at: At| {
        let line = text.split_inclusive('\n').take(at.line - 1).map(str::len).sum::<usize>();
        let rest = text.get(line..)?;
        Some(line + rest.chars().take(at.column - 1).map(char::len_utf8).sum::<usize>())
    };
    Some(offset(place.start)?..offset(place.end)?)
}
