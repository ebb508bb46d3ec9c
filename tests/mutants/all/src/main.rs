//! Every mutant of the parts of `src/` that decide who gets what, run against the tests: `cargo run --release -- [area…] [--only FILE]`.
//! With `--only`, those that FILE names, one a line, as this prints them.
//!
//! cargo-mutants lists them; all are compiled at once, and each is run with the tests that reach it. Prints, per area, how many die,
//! and which survive. Exit 1 if one survives that `explained.txt` does not name, or if that names one that dies.

mod copy;
mod instrument;
mod list;
mod report;
mod run;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use copy::Copy;
use list::AREAS;
use run::Runner;

/// The programs of tests that are asked, of which each runs what it tests within its own process.
const TESTS: &[&str] = &["lib", "prefix_laws", "contract", "mistakes", "laws", "injection"];

fn main() -> Result<ExitCode> {
    let mut asked: Vec<String> = std::env::args().skip(1).collect();
    let only = asked.iter().position(|each| each == "--only").map(|at| asked.split_off(at));
    let only = only.and_then(|words| words.into_iter().nth(1)).map(fs::read_to_string).transpose()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").canonicalize()?;
    let scratch = tempfile::tempdir()?;
    let kept = std::env::var_os("MUTANTS_TARGET_DIR").map_or(scratch.path().to_owned(), PathBuf::from);
    let mut copy = Copy::of(&root, &kept, kept.join("target"))?;
    let mut areas = Vec::new();
    let mut mutants = Vec::new();
    let wanted = |area: &str| asked.is_empty() || asked.iter().any(|each| each == area);
    for (area, globs) in AREAS.iter().filter(|(area, _)| wanted(area)) {
        let mut found = list::of(&copy.source, globs)?;
        if let Some(only) = &only {
            found.retain(|mutant| only.lines().any(|line| line.trim() == report::name(mutant)));
        }
        eprintln!("{area}: {} mutants", found.len());
        areas.extend(found.iter().map(|_| *area));
        mutants.extend(found);
    }
    let targets: Vec<String> = TESTS.iter().map(|name| (*name).to_owned()).collect();
    let (programs, out) = copy.build(&mutants, &targets)?;
    let workers = std::thread::available_parallelism()?.get();
    let runner = Runner { source: &copy.source, programs: &programs, workers };
    let tests = runner.tests(scratch.path())?;
    let live: Vec<usize> = (0..mutants.len()).filter(|number| !out.contains_key(number)).collect();
    let tell = |what: &str, living: &[usize]| {
        eprintln!("{} mutants, {what}", living.len());
        for number in living.iter().filter(|_| living.len() < live.len()) {
            eprintln!("  {}", report::name(&mutants[*number]));
        }
    };
    let fates: BTreeMap<usize, run::Fate> = runner.fates(&live, &tests, &tell)?;
    let explained = Path::new(env!("CARGO_MANIFEST_DIR")).join("explained.txt");
    let explained = fs::read_to_string(&explained).context("explained.txt")?;
    Ok(report::print(&mutants, &areas, &out, &fates, &explained))
}
