//! What is asked of every reader of foreign text, whatever the text: no panic, an error that points into the text and that
//! every renderer can show, and the same answer the second time.
//!
//! In: bytes, as libFuzzer makes them or as `tests/fuzz_corpus.rs` reads them. Out: nothing; a broken promise panics.
//! An input of `inventory` and `observe` is a folder: a line `=== NAME` begins a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use grantc::backend::fact::order_key;
use grantc::backend::sql::{Dialect, eval, fingerprint, view};
use grantc::backend::state::Reading;
use grantc::backend::{self, StateFolder, Symbols};
use grantc::diagnostic::render::{Format, Options, render};
use grantc::diagnostic::{Diagnostics, Severity};
use grantc::inventory::files::Files;
use grantc::inventory::integration::{Enforcement, Scope};
use grantc::inventory::{Instant, IntegrationId, Inventory, ProjectFiles, load_files, project};
use grantc::ir::Meaning;
use grantc::pipeline::{self, World};
use grantc::source::{Place, Sources};
use grantc::{resolve, syntax};

fn at() -> Instant {
    Instant::of_date(jiff::civil::date(2026, 6, 15))
}

/// Every renderer prints what was said, JSON as JSON.
fn shown(sources: &Sources, said: &Diagnostics) {
    for format in Format::ALL {
        let text = render(said, sources, format, &Options::default());
        let json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        match format {
            Format::Json | Format::Sarif => assert!(json(&text), "{format:?} is not JSON: {text}"),
            Format::Ndjson => assert!(text.lines().all(json), "a line is not JSON: {text}"),
            Format::Human | Format::Junit | Format::Github | Format::Markdown => {}
        }
    }
}

/// An error has a place, every place lies within its text, and all of it can be shown.
fn told(sources: &Sources, said: &Diagnostics, failed: bool) {
    let errors = said.iter().filter(|each| each.severity == Severity::Error).count();
    assert_eq!(errors > 0, failed, "failed without a word, or the other way round: {said:?}");
    for each in said.iter() {
        assert!(!each.labels.is_empty() || each.severity != Severity::Error, "no place: {each:?}");
        for label in &each.labels {
            if let Place::Span(span) = label.place {
                let text = &sources.get(span.source).text;
                let inside = text.get(span.start as usize..span.end as usize);
                assert!(inside.is_some(), "a place outside the text: {each:?}");
            }
        }
    }
    shown(sources, said);
}

/// Policy text: what is printed parses to the same tree, and prints the same again.
pub fn policy(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    let source = sources.add("a.policy", text);
    let parsed = syntax::parse(source, text, &mut said);
    told(&sources, &said, parsed.is_err());
    let Ok(tree) = parsed else { return };
    let printed = syntax::format(source, text, &mut said).expect("what parses is printed");
    let again = sources.add("b.policy", printed.as_str());
    let second = syntax::parse(again, &printed, &mut said).expect("what is printed parses");
    assert_eq!(syntax::to_text(&second), syntax::to_text(&tree), "another tree");
    let twice = syntax::format(again, &printed, &mut said).expect("what is printed is printed again");
    assert_eq!(twice, printed, "printed twice, and not the same");
}

/// The files of an input.
fn folder(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut current = None;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(b"=== ") {
            Some(name) => {
                let name = String::from_utf8_lossy(name).trim_end().to_owned();
                files.entry(name.clone()).or_default();
                current = Some(name);
            }
            None => {
                if let Some(file) = current.as_ref().and_then(|name| files.get_mut(name)) {
                    file.extend_from_slice(line);
                }
            }
        }
    }
    files
}

/// The top of the repository, from `tests/fuzz` too.
fn top() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if root.ends_with("tests/fuzz") { root.join("../..") } else { root.to_path_buf() }
}

/// The integrations of a fixture, because a file that speaks of an unknown one is refused before most of it is understood.
fn integrations(project: &str) -> &'static Files {
    static INTEGRATIONS: OnceLock<BTreeMap<&str, Files>> = OnceLock::new();
    let all = INTEGRATIONS.get_or_init(|| {
        let of = |project| {
            let folder = top().join("fixtures").join(project).join("integrations");
            let entries = std::fs::read_dir(folder).expect("a fixture");
            let files = entries.fold(Files::default(), |all, entry| {
                let path = entry.expect("an integration").path();
                let name = path.file_name().expect("a name").to_string_lossy();
                all.with(format!("integrations/{name}"), std::fs::read(&path).expect("an integration"))
            });
            (project, files)
        };
        ["hello", "hospital", "retail"].map(of).into()
    });
    all.get(project).unwrap_or(&all["hello"])
}

/// Catalog and directory, in every form: YAML, JSON, CSV, SCIM, dbt. `=== project/NAME` says whose integrations there are.
pub fn inventory(bytes: &[u8]) {
    let _ = loads(bytes);
}

/// Whether the files load; or what was said.
pub fn loads(bytes: &[u8]) -> Result<(), String> {
    let read = || {
        let sections = folder(bytes);
        let project = sections.keys().find_map(|name| name.strip_prefix("project/")).unwrap_or("hello");
        let mut files =
            ProjectFiles { integrations: integrations(project).clone(), ..ProjectFiles::default() };
        for (name, bytes) in sections {
            let part = match name.split_once('/') {
                Some(("catalog", _)) => &mut files.catalog,
                Some(("directory", _)) => &mut files.directory,
                Some(("integrations", _)) => &mut files.integrations,
                _ => continue,
            };
            *part = std::mem::take(part).with(name, bytes);
        }
        let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
        let inventory = load_files(&files, Scope::Managed, &mut sources, &mut said);
        told(&sources, &said, inventory.is_err());
        (format!("{said:?}"), inventory.map(|each| format!("{:?}", each.directory)).ok())
    };
    let (said, directory) = read();
    assert_eq!(read(), (said.clone(), directory.clone()), "read twice, and not the same");
    directory.map(drop).ok_or(said)
}

/// A project with all seven platforms; and again with the other way of holding policies, where a platform has one.
fn inventories() -> &'static [Inventory; 2] {
    static INVENTORIES: OnceLock<[Inventory; 2]> = OnceLock::new();
    INVENTORIES.get_or_init(|| {
        let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
        let world = pipeline::load(&top().join("fixtures/retail"), at(), &mut sources, &mut said);
        let auto = world.unwrap_or_else(|_| panic!("{said:?}")).program.inventory;
        let mut other = auto.clone();
        for (name, enforcement) in [
            ("bigquery_web", Enforcement::Native),
            ("redshift_mart", Enforcement::Native),
            ("databricks_lakehouse", Enforcement::Tags),
        ] {
            let id = pipeline::integration_named(&other, name).expect("an integration of retail");
            other.integrations[id].enforcement = enforcement;
            if let Some(database) = other.integrations[id].config.get_mut("database") {
                *database = "mart".into();
            }
        }
        [auto, other]
    })
}

/// Exports of every platform: the folder of a file says of which.
pub fn observe(bytes: &[u8]) {
    observed(bytes);
}

/// How many facts were read of each integration, the one way of holding policies and the other; or why none were.
pub fn observed(bytes: &[u8]) -> Vec<(String, Result<usize, String>)> {
    let mut folders: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
    for (name, bytes) in folder(bytes) {
        if let Some((integration, file)) = name.split_once('/') {
            folders.entry(integration.to_owned()).or_default().insert(file.to_owned(), bytes);
        }
    }
    let mut counts = Vec::new();
    for (name, files) in folders {
        let folder = StateFolder { name: format!("state/{name}"), files: Some(files) };
        for inventory in inventories() {
            let Some(integration) = pipeline::integration_named(inventory, &name) else { continue };
            let facts = read_exports(inventory, integration, &folder);
            assert_eq!(facts, read_exports(inventory, integration, &folder), "read twice, and not the same");
            let (said, facts) = facts;
            counts.push((name.clone(), facts.map(|facts| facts.len()).ok_or(said)));
        }
    }
    counts
}

/// The salt of retail: bodies that hold it are known again.
const SALT: &str = "pepper-of-the-retail-fixture";

/// What was said, and the facts.
fn read_exports(
    inventory: &Inventory,
    integration: IntegrationId,
    folder: &StateFolder,
) -> (String, Option<Vec<String>>) {
    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    let mut symbols = Symbols::default();
    let reading = Reading { folder, sources: &mut sources, diagnostics: &mut said };
    let backend = backend::of(inventory.integrations[integration].platform).expect("a backend of retail");
    let observed = backend.observe(inventory, integration, reading, Some(SALT), &mut symbols);
    if observed.is_err() {
        assert!(said.iter().any(|each| each.severity == Severity::Error), "failed without a word");
    }
    shown(&sources, &said);
    let facts = observed.ok().map(|each| {
        each.ours.iter().chain(&each.foreign).map(|fact| format!("{:?}", order_key(fact, &symbols))).collect()
    });
    (format!("{said:?}"), facts)
}

/// A text as `sql "…"`, through to the rules of Trino.
pub fn condition(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let quoted = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    let settings = Files::default().with(project::FILE, "name: fuzz\n");
    let project =
        project::read(Path::new("/project"), &settings, &mut sources, &mut said).expect("a sound project");
    let files = ProjectFiles {
        integrations: Files::default()
            .with("integrations/t.yaml", "type: Trino\ngrantc:\n  principals: {users: \"{{ id }}\"}\n"),
        catalog: Files::default().with("catalog/t.yaml", CATALOG),
        directory: Files::default().with("directory/t.yaml", "users: {a: {}}\n"),
    };
    let inventory = load_files(&files, Scope::Managed, &mut sources, &mut said).expect("a sound inventory");
    let written = format!(
        "subscription s {{ allow read on tables to anyone }} filter f {{ on tables rows where sql \"{quoted}\" }}"
    );
    let source = sources.add("a.policy", written.as_str());
    let parsed = syntax::parse(source, &written, &mut said);
    told(&sources, &said, parsed.is_err());
    let Ok(document) = parsed else { return };
    let program = resolve::resolve(vec![(source, document)], inventory, at(), &sources, &mut said);
    told(&sources, &said, program.is_err());
    let Ok(program) = program else { return };
    let world = World { project, program };
    let meaning = Meaning::new(&world.program);
    let compiled = pipeline::compile(&world, &meaning, &[], &mut said);
    for each in compiled.unwrap_or_else(|_| panic!("{said:?}")) {
        let inventory = &world.program.inventory;
        let first = each.backend.emit(inventory, each.integration, &each.lowered.facts, &each.symbols, None);
        assert_eq!(
            first,
            each.backend.emit(inventory, each.integration, &each.lowered.facts, &each.symbols, None)
        );
    }
}

const CATALOG: &str = "integration: t\ndatabases: {d: {schemas: {s: {tables: {t: {columns: {a: {type: varchar}, b: {type: bigint}, \
c: {type: date}, d: {type: boolean}, e: {type: timestamp(6)}}}}}}}}\n";

/// The bodies of native policies and views, in every dialect.
pub fn bodies(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for dialect in [
        Dialect::Snowflake,
        Dialect::Databricks,
        Dialect::Trino,
        Dialect::Redshift,
        Dialect::Synapse,
        Dialect::BigQuery,
    ] {
        assert_eq!(fingerprint::fingerprint(text, dialect), fingerprint::fingerprint(text, dialect));
        let _ = eval::parse(text, dialect);
        let _ = view::read(text, dialect);
    }
}
