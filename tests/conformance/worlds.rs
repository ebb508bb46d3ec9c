//! Writes what the platforms would be given: the artefacts of random worlds, and what a judge must know beside them.
//!
//! In: `--worlds N --seed S --out DIR`, or `--project DIR` (may be repeated) with `--at DATE`; `--today DATE` is the day on which
//! engines run them. Out: for every world or project `DIR/<name>/<integration>/` with the artefacts, `platform.txt` (the platform's
//! name) and `about.json` (the number of facts of each kind, the members of native groups, the tables with their columns, who may read and write them, some rows
//! and what each reader sees of them by the reference; for S3 keys, and who may read and write them). World 7 of a seed is the same in
//! every run, of however many. Beside it stands `DIR/<name>-native/` with the integrations whose policies may stand on the tables.
//! With `--plans N` in the place of `--worlds N`: two versions of each of N worlds, and of the projects at `--at` and `--then`,
//! with the plan between them (`changes.rs`).
//! Without arguments, as `cargo test` runs it: three worlds into a folder that is thrown away.
//!
//! What this cannot show: that a platform accepts any of it. The judges of `tests/conformance/run` say that.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test, and a tool of tests")]
#![expect(clippy::disallowed_methods, reason = "the tool writes files and reads its arguments")]

#[expect(dead_code, reason = "the laws use the rest")]
#[path = "../support/mod.rs"]
mod support;

mod answers;
mod changes;
mod keys;
mod native;
#[path = "../support/written.rs"]
mod written;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use grantc::diagnostic::Diagnostics;
use grantc::inventory::{Instant, Platform};
use grantc::pipeline::{self, World};
use grantc::source::Sources;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde_json::{Map, Value, json};

use answers::Asking;
use support::case::{Case, each};
use support::texts::Texts;
use support::worlds;

/// What the command line asks for.
#[derive(Debug)]
struct Asked {
    worlds: u64,
    plans: u64,
    seed: u64,
    out: Option<PathBuf>,
    projects: Vec<PathBuf>,
    at: Instant,
    then: Instant,
    today: Instant,
}

impl Asked {
    /// Reads the arguments; those of test runners (filters, `--nocapture` …) say nothing here.
    fn read(mut arguments: impl Iterator<Item = String>) -> Asked {
        let now = support::texts::now();
        let mut asked = Asked {
            worlds: 0,
            plans: 0,
            seed: 20_261_123,
            out: None,
            projects: Vec::new(),
            at: now,
            then: now,
            today: now,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().unwrap_or_else(|| panic!("{argument} needs a value"));
            match argument.as_str() {
                "--worlds" => asked.worlds = value().parse().unwrap(),
                "--plans" => asked.plans = value().parse().unwrap(),
                "--seed" => asked.seed = value().parse().unwrap(),
                "--out" => asked.out = Some(PathBuf::from(value())),
                "--project" => asked.projects.push(PathBuf::from(value())),
                "--at" => asked.at = Instant::of_date(value().parse().unwrap()),
                "--then" => asked.then = Instant::of_date(value().parse().unwrap()),
                "--today" => asked.today = Instant::of_date(value().parse().unwrap()),
                _ => {}
            }
        }
        asked
    }

    /// The day on which engines run, in days since 1970-01-01.
    fn day(&self) -> i32 {
        i32::try_from(self.today.0.div_euclid(86_400)).unwrap()
    }
}

fn main() {
    if std::env::args().any(|argument| argument == "--list") {
        println!("artefacts_of_random_worlds: test");
        return;
    }
    let asked = Asked::read(std::env::args().skip(1));
    match &asked.out {
        Some(out) if asked.plans > 0 => {
            changes::random(&asked, out);
            for project in &asked.projects {
                changes::of_project(project, &asked, &out.join(project.file_name().unwrap()));
            }
        }
        Some(out) => {
            random(&asked, out);
            for project in &asked.projects {
                let world = open(project, asked.at);
                let salt = pipeline::salt(&world.project, &mut Diagnostics::new()).unwrap();
                let name = project.file_name().unwrap().to_str().unwrap();
                write(&world, salt.as_deref(), &asked, &out.join(name));
                native::write(world, salt.as_deref(), &asked, &out.join(format!("{name}-native")));
            }
        }
        None => check(),
    }
}

/// What makes the world of a seed with that index.
fn runner(seed: u64, index: u64) -> TestRunner {
    TestRunner::new(Config {
        rng_seed: RngSeed::Fixed(seed.wrapping_add(index)),
        failure_persistence: None,
        ..Config::default()
    })
}

/// One world of a seed.
fn world(seed: u64, index: u64) -> World {
    let mut texts = worlds::world().new_tree(&mut runner(seed, index)).unwrap().current();
    by_views(&mut texts);
    texts.read().unwrap_or_else(|said| panic!("world {index} of seed {seed}: {said}"))
}

/// Views hold everything: what policies on tables hold is asked of the same world beside it ([`native::write`]).
fn by_views(texts: &mut Texts) {
    for (_, settings) in &mut texts.integrations {
        *settings = settings.replace("  enforcement: native\n", "");
    }
}

fn random(asked: &Asked, out: &Path) {
    (0..asked.worlds).into_par_iter().for_each(|index| {
        let world = world(asked.seed, index);
        let salt = world.project.salt.is_some().then_some(support::case::SALT);
        write(&world, salt, asked, &out.join(format!("{index:05}")));
        native::write(world, salt, asked, &out.join(format!("{index:05}-native")));
    });
}

fn open(root: &Path, at: Instant) -> World {
    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    pipeline::load(root, at, &mut sources, &mut said)
        .unwrap_or_else(|_| panic!("{}: {said:?}", root.display()))
}

/// The folders of one world.
fn write(world: &World, salt: Option<&str>, asked: &Asked, out: &Path) {
    each(world, &mut |case| integration(case, salt, asked, &out.join(case.name())));
}

/// The folder of one integration.
fn integration(case: &Case<'_>, salt: Option<&str>, asked: &Asked, folder: &Path) {
    put(case, salt, folder);
    let about = about(&Asking { case, salt, today: asked.day(), texts: answers::texts(case) });
    fs::write(folder.join("about.json"), serde_json::to_vec(&about).unwrap()).unwrap();
}

/// The artefacts of one integration.
fn put(case: &Case<'_>, salt: Option<&str>, folder: &Path) {
    let artefacts = case.backend.emit(case.inventory(), case.integration, &case.facts, &case.symbols, salt);
    written::put(case, &artefacts, folder);
}

fn about(asking: &Asking<'_>) -> Map<String, Value> {
    let case = asking.case;
    let mut about = written::about(case, |table, readers| answers::of(asking, table, readers.iter()));
    let settings = &case.inventory().integrations[case.integration];
    let s3 = (settings.platform == Platform::S3).then(|| keys::of(case));
    about.insert("groups".to_owned(), json!(keys::groups(case)));
    about.insert("database".to_owned(), json!(settings.config.get("database")));
    about.insert("s3".to_owned(), json!(s3));
    about
}

/// Artefacts came, every platform told its name, and a second run of the same seed says the same.
fn check() {
    println!("\nrunning 1 test");
    let scratch = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| {
        let out = scratch.path().join(name);
        random(&Asked { worlds: 3, ..Asked::read(std::iter::empty()) }, &out);
        files(&out)
    });
    assert!(first == second, "the same seed wrote other bytes");
    for index in 0..3 {
        let of = |end: &str| {
            let start = format!("{index:05}/");
            first
                .iter()
                .filter(|(path, bytes)| path.starts_with(&start) && path.ends_with(end) && !bytes.is_empty())
                .count()
        };
        let integrations = of("/platform.txt");
        assert!(integrations > 0, "world {index} has no integration");
        assert_eq!(integrations, of("/about.json"), "world {index}");
        assert!(of("") > 2 * integrations, "world {index} has no artefacts");
    }
    println!("test artefacts_of_random_worlds ... ok\n");
    println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n");
}

fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(root)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}
