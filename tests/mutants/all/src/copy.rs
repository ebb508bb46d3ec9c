//! A copy of the checkout with every mutant in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::instrument::{Instrumented, Number, instrument};
use crate::list::Mutant;

/// What says at run time which mutant is on, and notes which are reached.
const RUNTIME: &str = r#"//! Which mutant is on.

use std::io::Write;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

static ACTIVE: LazyLock<usize> =
    LazyLock::new(|| std::env::var("GRANTC_MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(usize::MAX));
static REACHED: LazyLock<Option<(String, Vec<AtomicBool>)>> = LazyLock::new(|| {
    let path = std::env::var("GRANTC_MUTANTS_REACHED").ok()?;
    Some((path, (0..COUNT).map(|_| AtomicBool::new(false)).collect()))
});

/// Whether a mutant is on.
#[inline]
pub fn on(number: usize) -> bool {
    if let Some((path, reached)) = &*REACHED
        && !reached[number].swap(true, Ordering::Relaxed)
    {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.write_all(format!("{number}\n").as_bytes()).unwrap();
    }
    *ACTIVE == number
}
"#;

/// A copy of the checkout.
pub struct Copy {
    pub source: PathBuf,
    target: PathBuf,
    originals: BTreeMap<String, String>,
}

/// Why a mutant is not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Out {
    /// No expression can hold it: a constant, a `let` chain, an `impl` type.
    NoForm,
    /// It is no Rust.
    Unviable,
    /// What does not compile is near it, and it cannot be told which mutant it is.
    Unclear,
}

/// A program of tests.
#[derive(Clone, Debug)]
pub struct Tests {
    pub name: String,
    pub program: PathBuf,
}

impl Copy {
    /// Copies what git knows, or would know, of a checkout.
    pub fn of(root: &Path, to: &Path, target: PathBuf) -> Result<Copy> {
        let args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let out = Command::new("git").current_dir(root).args(args).output()?;
        let source = to.join("source");
        let _ = fs::remove_file(source.join("src/mutant.rs"));
        for name in String::from_utf8(out.stdout)?.split('\0').filter(|name| root.join(name).is_file()) {
            let to = source.join(name);
            fs::create_dir_all(to.parent().context("a file without a folder")?)?;
            write(&to, &fs::read(root.join(name))?)?;
        }
        Ok(Copy { source, target, originals: BTreeMap::new() })
    }

    /// Puts the mutants in and takes those out that do not compile; the rest is compiled, with tests.
    pub fn build(
        &mut self,
        mutants: &[Mutant],
        targets: &[String],
    ) -> Result<(Vec<Tests>, BTreeMap<Number, Out>)> {
        for file in mutants.iter().map(|mutant| &mutant.file).collect::<BTreeSet<_>>() {
            self.originals.insert(file.clone(), fs::read_to_string(self.source.join(file))?);
        }
        let lib = self.source.join("src/lib.rs");
        let text = fs::read_to_string(&lib)?;
        fs::write(&lib, format!("{text}\n#[doc(hidden)]\npub mod mutant;\n"))?;
        let runtime = RUNTIME.replace("COUNT", &mutants.len().to_string());
        fs::write(self.source.join("src/mutant.rs"), runtime)?;
        let mut out = BTreeMap::new();
        for round in 1.. {
            let files = self.write(mutants, &mut out)?;
            let messages = self.cargo(&["check", "--lib"])?;
            let wrong = blamed(&messages, &files);
            if wrong.is_empty() && errors(&messages).next().is_some() {
                bail!(
                    "what does not compile is nowhere near a mutant:\n{}",
                    errors(&messages).map(rendered).collect::<String>()
                );
            }
            if wrong.is_empty() {
                break;
            }
            eprintln!("round {round}: {} mutants do not compile", wrong.len());
            out.extend(wrong);
        }
        let mut arguments = vec!["test", "--no-run"];
        for target in targets {
            match target.as_str() {
                "lib" => arguments.push("--lib"),
                name => arguments.extend(["--test", name]),
            }
        }
        let messages = self.cargo(&arguments)?;
        let programs: Vec<Tests> = messages.iter().filter_map(program).collect();
        if programs.len() != targets.len() {
            bail!("the tests do not compile:\n{}", errors(&messages).map(rendered).collect::<String>());
        }
        Ok((programs, out))
    }

    fn write(
        &self,
        mutants: &[Mutant],
        out: &mut BTreeMap<Number, Out>,
    ) -> Result<BTreeMap<String, Instrumented>> {
        let mut files = BTreeMap::new();
        for (file, text) in &self.originals {
            let here: Vec<(Number, &Mutant)> = mutants
                .iter()
                .enumerate()
                .filter(|(number, mutant)| mutant.file == *file && !out.contains_key(number))
                .collect();
            let made = instrument(text, &here).with_context(|| file.clone())?;
            for (number, _) in here.iter().filter(|(number, _)| !made.formed.contains(number)) {
                out.insert(*number, Out::NoForm);
            }
            fs::write(self.source.join(file), &made.text)?;
            files.insert(file.clone(), made);
        }
        Ok(files)
    }

    fn cargo(&self, arguments: &[&str]) -> Result<Vec<Value>> {
        let out = Command::new("cargo")
            .current_dir(&self.source)
            .args(arguments)
            .args(["--locked", "--message-format=json", "--color=never"])
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "1")
            .env("CARGO_PROFILE_DEV_DEBUG", "none")
            .env("CARGO_PROFILE_TEST_DEBUG", "none")
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()?;
        let text = String::from_utf8(out.stdout)?;
        let messages: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        if !out.status.success() && errors(&messages).next().is_none() {
            bail!("cargo {arguments:?} ends with {}", out.status);
        }
        Ok(messages)
    }
}

/// Writes what is not there yet: cargo goes by the time of a change.
fn write(to: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(to).is_ok_and(|there| there == bytes) { Ok(()) } else { Ok(fs::write(to, bytes)?) }
}

fn errors(messages: &[Value]) -> impl Iterator<Item = &Value> {
    let of = |each: &&Value| each["reason"] == "compiler-message" && each["message"]["level"] == "error";
    messages.iter().filter(of).map(|each| &each["message"])
}

fn rendered(message: &Value) -> &str {
    message["rendered"].as_str().unwrap_or_default()
}

fn program(message: &Value) -> Option<Tests> {
    let program = message["executable"].as_str()?.into();
    let test = message["profile"]["test"] == true;
    let kind = message["target"]["kind"][0].as_str()?;
    let name = if kind == "lib" { "lib" } else { message["target"]["name"].as_str()? };
    test.then(|| Tests { name: name.to_owned(), program })
}

/// The mutants that errors speak of. Where an error speaks of none, all of the function that it stands in.
fn blamed(messages: &[Value], files: &BTreeMap<String, Instrumented>) -> BTreeMap<Number, Out> {
    let mut found = BTreeMap::new();
    let mut unclear = Vec::new();
    for error in errors(messages) {
        let mut spans = Vec::new();
        gather(error, &mut spans);
        let places: Vec<(&str, usize, usize)> = spans.iter().filter_map(|span| place(span)).collect();
        let hit: Vec<Number> = places
            .iter()
            .filter_map(|(file, start, end)| Some((files.get(*file)?, *start, *end)))
            .flat_map(|(file, start, end)| {
                let inside = move |range: &std::ops::Range<usize>| range.start <= start && end <= range.end;
                file.pieces.iter().filter(move |(range, _)| inside(range)).map(|(_, number)| *number)
            })
            .collect();
        match hit.first() {
            Some(number) => {
                found.insert(*number, Out::Unviable);
            }
            None => unclear.push((error, places)),
        }
    }
    if !found.is_empty() {
        return found;
    }
    for (error, places) in unclear {
        eprint!("{}", rendered(error));
        for (file, start, _) in places {
            let functions = files.get(file).into_iter().flat_map(|file| &file.functions);
            for (_, inside) in functions.filter(|(range, _)| range.contains(&start)) {
                found.extend(inside.iter().map(|number| (*number, Out::Unclear)));
            }
        }
    }
    found
}

/// The places of a message and of the notes below it, the primary ones first.
fn gather<'m>(message: &'m Value, spans: &mut Vec<&'m Value>) {
    let all = || message["spans"].as_array().into_iter().flatten();
    spans.extend(all().filter(|span| span["is_primary"] == true));
    spans.extend(all().filter(|span| span["is_primary"] != true));
    for child in message["children"].as_array().into_iter().flatten() {
        gather(child, spans);
    }
}

fn place(span: &Value) -> Option<(&str, usize, usize)> {
    let at = |key: &str| span[key].as_u64().map(|at| at as usize);
    Some((span["file_name"].as_str()?, at("byte_start")?, at("byte_end")?))
}
