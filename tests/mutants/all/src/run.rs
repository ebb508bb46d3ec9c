//! Which tests reach a mutant, and whether one of them fails under it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::copy::Tests;
use crate::instrument::Number;

/// A test, with how long it takes and what it reaches.
#[derive(Clone, Debug)]
pub struct Test {
    program: usize,
    pub name: String,
    took: Duration,
    reaches: BTreeSet<Number>,
}

/// What became of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The test that went red.
    Killed(String),
    /// The tests that reach it did not end in five times their time.
    Endless,
    /// As many tests reach it, and pass.
    Survived(usize),
}

#[derive(Clone, Copy)]
enum Phase {
    Quick,
    Unit,
    Rest,
}

/// The program of the library's own tests.
const UNIT: &str = "lib";

/// Programs of tests, to be run in the copy.
pub struct Runner<'c> {
    pub source: &'c Path,
    pub programs: &'c [Tests],
    pub workers: usize,
}

/// Enough for every test, and less than a mutant that never ends would take.
const MEMORY_KIB: u32 = 6_000_000;
/// Worlds that the laws of `tests/laws.rs` are asked for: an eighth of what `cargo test` asks.
const CASES: &str = "8";
/// The tests that are asked first: most mutants die of those.
const FIRST: Duration = Duration::from_millis(1500);

impl Runner<'_> {
    fn command(&self, program: usize) -> Command {
        let mut command = Command::new("bash");
        if self.programs[program].name == "laws" {
            command.env("PROPTEST_CASES", CASES);
        }
        command
            .current_dir(self.source)
            .args(["-c", &format!("ulimit -v {MEMORY_KIB}; exec \"$@\""), "-"])
            .arg(&self.programs[program].program)
            .env("CARGO_MANIFEST_DIR", self.source)
            .env("INSTA_UPDATE", "no")
            .env("INSTA_FORCE_PASS", "0")
            .env("PROPTEST_MAX_SHRINK_ITERS", "0")
            .env("RUST_BACKTRACE", "0")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Each test by itself, without a mutant. A test that fails so is an error.
    pub fn tests(&self, scratch: &Path) -> Result<Vec<Test>> {
        let mut names = Vec::new();
        for program in 0..self.programs.len() {
            let out = self.command(program).args(["--list", "--format", "terse"]).output()?;
            for line in String::from_utf8(out.stdout)?.lines() {
                names.extend(line.strip_suffix(": test").map(|name| (program, name.to_owned())));
            }
        }
        eprintln!("{} tests", names.len());
        let found: Vec<Result<Test>> = self.each(&names, |at, (program, name)| {
            let path = scratch.join(format!("reached-{at}"));
            let start = Instant::now();
            let mut command = self.command(*program);
            let out = command.args(["--exact", name]).env("GRANTC_MUTANTS_REACHED", &path).output()?;
            if !out.status.success() {
                bail!("{} fails without a mutant: {name}", self.programs[*program].name);
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            let reaches = text.lines().map(str::parse).collect::<Result<_, _>>()?;
            Ok(Test { program: *program, name: name.clone(), took: start.elapsed(), reaches })
        });
        found.into_iter().collect()
    }

    /// What becomes of each mutant: first the quick tests for all of them, then the library's others for those that still live, then
    /// the other programs'. `tell` hears who lives on.
    pub fn fates(
        &self,
        mutants: &[Number],
        tests: &[Test],
        tell: &dyn Fn(&str, &[Number]),
    ) -> Result<BTreeMap<Number, Fate>> {
        let mut fates = BTreeMap::new();
        let mut living = mutants.to_vec();
        for (phase, what) in
            [(Phase::Quick, "quick tests"), (Phase::Unit, "unit tests"), (Phase::Rest, "the rest")]
        {
            tell(what, &living);
            let (start, done) = (Instant::now(), AtomicUsize::new(0));
            let found: Vec<Result<(Number, Fate)>> = self.each(&living, |_, number| {
                let fate = self.fate(*number, tests, phase)?;
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                if done.is_multiple_of(50) {
                    eprintln!("{done} of {}, {} s", living.len(), start.elapsed().as_secs());
                }
                Ok((*number, fate))
            });
            for found in found {
                let (number, fate) = found?;
                fates.insert(number, fate);
            }
            living
                .retain(|number| matches!(fates.get(number), Some(Fate::Survived(reached)) if *reached > 0));
        }
        Ok(fates)
    }

    fn fate(&self, number: Number, tests: &[Test], phase: Phase) -> Result<Fate> {
        let mut mine: Vec<&Test> = tests.iter().filter(|test| test.reaches.contains(&number)).collect();
        mine.sort_by_key(|test| test.took);
        let mut spent = Duration::ZERO;
        let quick = mine.iter().take_while(|test| {
            spent += test.took;
            spent <= FIRST
        });
        let (quick, others) = mine.split_at(quick.count().max(1).min(mine.len()));
        for (program, tests) in self.programs.iter().enumerate() {
            let batch = match phase {
                Phase::Quick => quick,
                Phase::Unit if tests.name == UNIT => others,
                Phase::Rest if tests.name != UNIT => others,
                Phase::Unit | Phase::Rest => continue,
            };
            let here: Vec<&Test> = batch.iter().filter(|test| test.program == program).copied().collect();
            if here.is_empty() {
                continue;
            }
            match self.red(number, program, &here)? {
                Fate::Survived(_) => {}
                fate => return Ok(fate),
            }
        }
        Ok(Fate::Survived(mine.len()))
    }

    /// The first of some tests of one program that fails.
    fn red(&self, number: Number, program: usize, tests: &[&Test]) -> Result<Fate> {
        let limit = tests.iter().map(|test| test.took).sum::<Duration>() * 5 + Duration::from_secs(10);
        let mut command = self.command(program);
        command.args(["--exact", "--test-threads=1"]).args(tests.iter().map(|test| &test.name));
        let mut child = command.env("GRANTC_MUTANT", number.to_string()).stdout(Stdio::piped()).spawn()?;
        let out = BufReader::new(child.stdout.take().context("no output")?);
        let (send, lines) = channel();
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        let start = Instant::now();
        let mut current = String::new();
        let fate = loop {
            match lines.recv_timeout(limit.saturating_sub(start.elapsed())) {
                Ok(line) => {
                    if let Some((test, rest)) =
                        line.strip_prefix("test ").and_then(|line| line.split_once(" ... "))
                    {
                        current = test.trim_end_matches(" - should panic").to_owned();
                        if rest.ends_with("FAILED") {
                            break Some(Fate::Killed(current.clone()));
                        }
                    } else if line.ends_with("FAILED") && !line.starts_with("test result") {
                        break Some(Fate::Killed(current.clone()));
                    }
                }
                Err(RecvTimeoutError::Timeout) => break Some(Fate::Endless),
                Err(RecvTimeoutError::Disconnected) => break None,
            }
        };
        if let Some(fate) = fate {
            child.kill()?;
            child.wait()?;
            return Ok(fate);
        }
        let status = child.wait()?;
        Ok(if status.success() { Fate::Survived(0) } else { Fate::Killed(format!("{current} ({status})")) })
    }

    /// Does a job for each, by so many workers.
    fn each<T: Sync, R: Send>(&self, all: &[T], job: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
        let next = AtomicUsize::new(0);
        let found = Mutex::new(BTreeMap::new());
        std::thread::scope(|scope| {
            for _ in 0..self.workers {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(one) = all.get(at) else { break };
                        let made = job(at, one);
                        found.lock().expect("no job panics").insert(at, made);
                    }
                });
            }
        });
        found.into_inner().expect("no job panics").into_values().collect()
    }
}
