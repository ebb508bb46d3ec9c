//! What README.md and docs/ say is so: examples compile, pasted output is what the command prints, tables are those of the
//! code, links lead somewhere.
//!
//! `UPDATE=1 cargo test --test readme` rewrites what is pasted and what is generated; read that diff as a reader would.
//! Markers, each above the fenced block that it speaks of:
//! - ` ```policy `: compiles without an error or finding against Acme Retail's catalog and directory (`fixtures/retail`;
//!   in README.md those of `fixtures/hello`); ` ```policy CODE `: that error or finding, and no error besides.
//! - `<!-- run: grantc … -->`: the block is what the command prints on stdout; `<!-- run exit=2 head=40: … -->`: it exits 2,
//!   and the block is the first 40 lines, then `…`; `of=stderr`: what it prints there. The command runs at the root of
//!   the repository.
//! - `<!-- generated: NAME -->` … `<!-- end -->`: printed from the code.
//!
//! What these cannot show: that the prose between the blocks is true.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests read documents and rewrite what is pasted")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use assert_cmd::Command;
use grantc::backend::{self, Capabilities, Support};
use grantc::diagnostic::{Diagnostics, Severity};
use grantc::inventory::{self, Instant, Inventory, Platform};
use grantc::source::Sources;
use grantc::{check, resolve, syntax};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README.md and every page of docs/, with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root().join("docs"))
        .expect("docs/")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    paths.push(root().join("README.md"));
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(&path).expect("UTF-8"))).collect()
}

/// Two tests rewrite pages: one after the other, or one's rewriting would undo the other's.
static REWRITING: Mutex<()> = Mutex::new(());

/// Compares a page with what it should be, or rewrites it.
fn expect(path: &Path, text: &str, should: &str) -> Option<String> {
    if text == should {
        return None;
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, should).expect("page written");
        return None;
    }
    let (line, (is, wanted)) = text
        .lines()
        .chain(std::iter::once("(end)"))
        .zip(should.lines().chain(std::iter::once("(end)")))
        .enumerate()
        .find(|(_, (left, right))| left != right)
        .unwrap_or((0, ("", "")));
    Some(format!("{}:{}\n  is      {is}\n  should  {wanted}\n", path.display(), line + 1))
}

fn all_fit(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "\n{}\n`UPDATE=1 cargo test --test readme` rewrites what is pasted",
        wrong.join("\n")
    );
}

/// Fenced blocks: line of the fence, what stands behind it, text.
fn blocks(page: &str) -> Vec<(usize, String, String)> {
    let (mut found, mut open): (Vec<_>, Option<(usize, String, String)>) = (Vec::new(), None);
    for (at, line) in page.lines().enumerate() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => open = Some((at + 1, info.trim().to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some((_, _, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence stays open at line {:?}", open.map(|(line, ..)| line));
    found
}

fn fixture(name: &str) -> Inventory {
    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    let project = inventory::project::open(&root().join("fixtures").join(name), &mut sources, &mut said);
    project
        .and_then(|project| inventory::load(&project, &mut sources, &mut said))
        .unwrap_or_else(|_| panic!("{name}: {said:?}"))
}

/// The codes that an example gives: errors, then findings.
fn compile(inventory: &Inventory, text: &str) -> (Vec<String>, Vec<String>) {
    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    let source = sources.add("example.policy", text);
    let at = Instant::parse("2026-06-15").expect("a date");
    if let Ok(document) = syntax::parse(source, text, &mut said)
        && let Ok(program) =
            resolve::resolve(vec![(source, document)], inventory.clone(), at, &sources, &mut said)
    {
        check::run(&program, check::Options { salted: true }, &mut said);
    }
    let of = |severity: Severity| {
        // What speaks of no place in the example is about the directory or catalog alone.
        let here = said.iter().filter(move |each| each.severity == severity && !each.labels.is_empty());
        let here = here.filter(|each| each.labels.iter().any(|label| label.place.source() == source));
        here.map(|each| each.code.name().to_owned()).collect()
    };
    (of(Severity::Error), of(Severity::Finding))
}

#[test]
fn every_policy_example_compiles_or_is_refused_as_said() {
    let (hello, retail) = (fixture("hello"), fixture("retail"));
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (path, page) in pages() {
        for (line, info, text) in blocks(&page) {
            let Some(code) = info.strip_prefix("policy") else { continue };
            count += 1;
            let (errors, findings) =
                compile(if path.ends_with("README.md") { &hello } else { &retail }, &text);
            let said = [errors.as_slice(), findings.as_slice()].concat();
            let fits = match code.trim() {
                "" => said.is_empty(),
                code => said.iter().any(|each| each == code) && errors.iter().all(|each| each == code),
            };
            if !fits {
                wrong.push(format!("{}:{line}: `{info}` gives {said:?}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(count > 30, "only {count} examples were found");
}

#[test]
fn canonical_examples_are_canonical() {
    let mut wrong = Vec::new();
    for (path, page) in pages() {
        for (line, info, text) in blocks(&page) {
            // One-line examples show a decision, not a style.
            if info != "policy" || text.lines().any(|line| line.contains('{') && line.contains('}')) {
                continue;
            }
            let mut sources = Sources::default();
            let source = sources.add("example.policy", text.as_str());
            if syntax::format(source, &text, &mut Diagnostics::new()).ok().as_ref() != Some(&text) {
                wrong.push(format!("{}:{line}: `grantc fmt` writes it otherwise", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// `<!-- run exit=2 head=40: grantc … -->`.
struct Run {
    exit: i32,
    stderr: bool,
    head: Option<usize>,
    arguments: Vec<String>,
}

impl Run {
    fn parse(line: &str) -> Option<Run> {
        let inside = line.trim().strip_prefix("<!-- run")?.strip_suffix("-->")?;
        let (options, command) = inside.split_once(": grantc ")?;
        let mut run = Run {
            exit: 0,
            stderr: false,
            head: None,
            arguments: command.split_whitespace().map(str::to_owned).collect(),
        };
        for option in options.split_whitespace() {
            match option.split_once('=') {
                Some(("exit", code)) => run.exit = code.parse().expect("a number"),
                Some(("of", "stderr")) => run.stderr = true,
                Some(("head", lines)) => run.head = Some(lines.parse().expect("a number")),
                _ => panic!("`{option}` in `{line}`"),
            }
        }
        Some(run)
    }

    fn output(&self) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_grantc"))
            .args(&self.arguments)
            .current_dir(root())
            .env_remove("CLICOLOR_FORCE")
            .output()
            .expect("grantc runs");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(self.exit), "{:?}\n{out}\n{err}", self.arguments);
        let out = if self.stderr { err } else { out };
        match self.head {
            Some(head) if out.lines().count() > head => {
                let shown: Vec<&str> = out.lines().take(head).collect();
                format!("{}\n…\n", shown.join("\n"))
            }
            _ => out.into_owned(),
        }
    }
}

#[test]
fn pasted_output_is_what_the_commands_print() {
    let _alone = REWRITING.lock();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (path, page) in pages() {
        let mut should = String::new();
        let mut lines = page.lines();
        while let Some(line) = lines.next() {
            should.push_str(line);
            should.push('\n');
            let Some(run) = Run::parse(line) else { continue };
            count += 1;
            let fence = lines.next().unwrap_or_default();
            assert!(fence.starts_with("```"), "{}: no block after `{line}`", path.display());
            lines.by_ref().find(|line| line.starts_with("```"));
            should.push_str(&format!("{fence}\n{}```\n", run.output()));
        }
        wrong.extend(expect(&path, &page, &should));
    }
    assert!(count > 0, "nothing is pasted");
    all_fit(&wrong);
}

const PLATFORMS: [Platform; 7] = [
    Platform::Snowflake,
    Platform::Databricks,
    Platform::Trino,
    Platform::Redshift,
    Platform::Synapse,
    Platform::BigQuery,
    Platform::S3,
];

/// What is asked of a platform, and how to read its answer.
type Question = (&'static str, fn(&Capabilities) -> Support);

const QUESTIONS: &[Question] = &[
    ("`allow read` on tables", |it| it.read_tables),
    ("`allow write` on tables", |it| it.write_tables),
    ("`allow write` on views", |it| it.write_views),
    ("`allow` on prefixes", |it| it.prefixes),
    ("`using null`", |it| it.null),
    ("`using constant`", |it| it.constant),
    ("`using hash`", |it| it.hash),
    ("`using keep first`, `keep last`", |it| it.keep),
    ("`using regex`", |it| it.regex),
    ("`using round to N`", |it| it.round_number),
    ("`using round to year`, `month`, `day`, `hour`", |it| it.round_date),
    ("`using custom`", |it| it.custom),
    ("`when`", |it| it.when),
    ("`rows where`: comparisons, lists, `like`, `is null`, `today`", |it| it.rows),
    ("`user attribute`, `user groups`, `user name` in rows", |it| it.user_values),
    ("conditions on the user in rows", |it| it.user_atoms),
    ("a filter or `when` that reads a masked column", |it| it.masked_input),
    ("writers who see the table masked or filtered", |it| it.masked_writers),
];

/// The matrix: a row for each question, a column for each platform.
fn matrix() -> String {
    let mut text = format!(
        "| | {} |\n|---|{}\n",
        PLATFORMS.map(|platform| platform.api_type()).join(" | "),
        "---|".repeat(PLATFORMS.len())
    );
    for (question, answer) in QUESTIONS {
        let cells =
            PLATFORMS.map(|platform| match backend::of(platform).map(|it| answer(it.capabilities())) {
                None => "not built",
                Some(Support::Exact) => "exact",
                Some(Support::Narrowed(_)) => "narrowed",
                Some(Support::Refused(_)) => "refused",
            });
        text.push_str(&format!("| {question} | {} |\n", cells.join(" | ")));
    }
    text
}

/// One platform's answers in full.
fn answers(platform: Platform) -> String {
    let Some(it) = backend::of(platform).map(backend::Backend::capabilities) else {
        return format!(
            "Not built: `compile` and `plan` stop at an integration of type `{}` with `unsupported-platform`.\n",
            platform.api_type()
        );
    };
    let mut text = format!("Versions: {}.\n\nLimits: {}.\n\n", it.versions, it.limits);
    for (question, answer) in QUESTIONS {
        match answer(it) {
            Support::Exact => {}
            Support::Narrowed(how) => text.push_str(&format!("- {question}, narrowed: {how}\n")),
            Support::Refused(why) => text.push_str(&format!("- {question}, refused: {why}\n")),
        }
    }
    text.push_str("\nTo know:\n\n");
    for remark in it.remarks {
        text.push_str(&format!("- {remark}\n"));
    }
    text
}

/// The keywords, as many to a line as fit.
fn keywords() -> String {
    let mut text = String::from("```text\n");
    let mut width = 0;
    for word in syntax::KEYWORDS {
        if width + word.len() + 1 > 100 {
            text.push('\n');
            width = 0;
        }
        if width > 0 {
            text.push(' ');
        }
        text.push_str(word);
        width += word.len() + 1;
    }
    text.push_str("\n```\n");
    text
}

fn exit_codes() -> String {
    let mut text = String::from("| code | meaning |\n|---|---|\n");
    for line in grantc::cli::exit::TABLE.lines().skip(1) {
        let (code, meaning) = line.trim().split_once(' ').expect("a code and a meaning");
        text.push_str(&format!("| `{code}` | {} |\n", meaning.trim()));
    }
    text
}

fn generated(name: &str) -> String {
    match name {
        "platforms" => matrix(),
        "keywords" => keywords(),
        "exit codes" => exit_codes(),
        name => match PLATFORMS.iter().find(|platform| platform.api_type() == name) {
            Some(platform) => answers(*platform),
            None => panic!("nothing is generated under `{name}`"),
        },
    }
}

#[test]
fn generated_parts_are_those_of_the_code() {
    let _alone = REWRITING.lock();
    let (mut wrong, mut names) = (Vec::new(), Vec::new());
    for (path, page) in pages() {
        let mut should = String::new();
        let mut lines = page.lines();
        while let Some(line) = lines.next() {
            should.push_str(line);
            should.push('\n');
            let Some(name) = line.strip_prefix("<!-- generated: ").and_then(|rest| rest.strip_suffix(" -->"))
            else {
                continue;
            };
            names.push(name.to_owned());
            let end = lines.by_ref().find(|line| *line == "<!-- end -->");
            assert!(end.is_some(), "{}: `{line}` has no end", path.display());
            should.push_str(&format!("\n{}\n<!-- end -->\n", generated(name)));
        }
        wrong.extend(expect(&path, &page, &should));
    }
    for needed in PLATFORMS.map(Platform::api_type).into_iter().chain(["platforms", "keywords", "exit codes"])
    {
        assert!(names.iter().any(|name| name == needed), "no page has `<!-- generated: {needed} -->`");
    }
    all_fit(&wrong);
}

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    for (path, page) in pages() {
        for link in page.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or("");
            let folder = path.parent().expect("a folder");
            if !file.is_empty() && !file.contains("://") && !folder.join(file).exists() {
                wrong.push(format!("{}: `{link}` leads nowhere", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
