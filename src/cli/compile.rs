//! `compile`: what builds the desired state from nothing, with each platform's own tools.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::accepted::parse_code;
use super::output::{OutputFile, SECRET, write_tree};
use super::stage::{self, Loaded};
use super::{ExitCode, Global, OutputFormat, explain};
use crate::backend::{Artefact, Fact, Symbols};
use crate::diagnostic::{Code, Diagnostics};
use crate::ir::Meaning;
use crate::pipeline::{self, Compiled, World};
use crate::plan::{gaps, wire};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[OutputFormat::Human, OutputFormat::Json];

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder to write; it is replaced as a whole, and never if grantc did not write it [default: build in the project]
    #[arg(long, short, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Also write what `state/` would hold after the artefacts ran
    #[arg(long, value_name = "DIR")]
    pub as_state: Option<PathBuf>,
    /// A finding that opens but shall not stop this run; may be given several times
    #[arg(long, value_name = "CODE", value_parser = parse_code)]
    pub accept: Vec<Code>,
}

/// What a compile came to: `report.json`, the only file with the instant.
#[derive(Debug, Serialize)]
struct Report {
    schema_version: u32,
    at: String,
    next_change: Option<String>,
    integrations: Vec<ReportIntegration>,
    gaps: Vec<wire::Gap>,
}

#[derive(Debug, Serialize)]
struct ReportIntegration {
    name: String,
    #[serde(rename = "type")]
    platform: String,
    facts: usize,
    gaps: usize,
    files: Vec<String>,
}

/// One native fact, in the platform's names.
#[derive(Debug, Serialize)]
struct FactLine<'a> {
    kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    privilege: &'a str,
    object: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    grantee: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    body: &'a str,
    policy: Vec<&'a str>,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> ExitCode {
    let mut loaded = match stage::load(global) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    if let Err(code) = loaded.gate(global, &args.accept) {
        return code;
    }
    match build(&loaded) {
        Ok(built) => write(args, global, &loaded, &built),
        Err(said) => loaded.fail(global, said),
    }
}

/// Everything that is written, in memory: an error leaves nothing behind.
struct Built {
    files: Vec<OutputFile>,
    state: Vec<OutputFile>,
    report: Report,
}

fn build(loaded: &Loaded) -> Result<Built, Diagnostics> {
    let mut said = Diagnostics::new();
    let world = &loaded.world;
    let meaning = Meaning::new(&world.program);
    let Ok(compiled) = pipeline::compile(world, &meaning, &[], &mut said) else { return Err(said) };
    let salt =
        if pipeline::needs_salt(&compiled) { pipeline::salt(&world.project, &mut said) } else { Ok(None) };
    let Ok(salt) = salt else { return Err(said) };
    let (mut files, mut state, mut integrations) = (Vec::new(), Vec::new(), Vec::new());
    for each in &compiled {
        let settings = &world.program.inventory.integrations[each.integration];
        let artefacts = artefacts(world, each, salt.as_deref());
        integrations.push(ReportIntegration {
            name: settings.name.clone(),
            platform: settings.platform.api_type().to_owned(),
            facts: each.lowered.facts.len(),
            gaps: each.lowered.gaps.len(),
            files: artefacts.iter().map(|artefact| artefact.path.clone()).collect(),
        });
        files.extend(artefacts.into_iter().map(|artefact| output(&settings.name, artefact)));
        let facts = &each.lowered.facts;
        let exported = each.backend.state(
            &world.program.inventory,
            each.integration,
            facts,
            &each.symbols,
            salt.as_deref(),
        );
        state.extend(exported.into_iter().map(|artefact| output(&settings.name, artefact)));
    }
    let report = Report {
        schema_version: 1,
        at: world.program.at.rfc3339(),
        next_change: crate::ir::clock::next_change(&world.program).map(crate::inventory::Instant::rfc3339),
        integrations,
        gaps: gaps(compiled.iter().map(|each| &each.lowered)).iter().map(wire::Gap::from).collect(),
    };
    files.push((PathBuf::from("report.json"), explain::json(&report).into_bytes(), None));
    Ok(Built { files, state, report })
}

/// The platform's own files, then what is the same for every platform.
fn artefacts(world: &World, each: &Compiled, salt: Option<&str>) -> Vec<Artefact> {
    let facts = &each.lowered.facts;
    let mut artefacts =
        each.backend.emit(&world.program.inventory, each.integration, facts, &each.symbols, salt);
    let mut add =
        |path: &str, bytes: Vec<u8>| artefacts.push(Artefact { path: path.to_owned(), bytes, secret: false });
    add("grants.ndjson", fact_lines(facts, &each.symbols));
    let gaps: Vec<wire::Gap> = each.lowered.gaps.iter().map(wire::Gap::from).collect();
    add("gaps.json", explain::json(&gaps).into_bytes());
    artefacts.sort_by(|left, right| left.path.cmp(&right.path));
    artefacts
}

fn write(args: &Args, global: &Global, loaded: &Loaded, built: &Built) -> ExitCode {
    let out = args.out.clone().unwrap_or_else(|| loaded.root.join("build"));
    let written =
        write_tree(&out, &built.files).map_err(|error| (&out, error)).and_then(|()| match &args.as_state {
            Some(dir) => write_tree(dir, &built.state).map_err(|error| (dir, error)),
            None => Ok(()),
        });
    if let Err((dir, error)) = written {
        return global.fail(&format!("`{}` cannot be written: {error}", dir.display()), "");
    }
    let facts: usize = built.report.integrations.iter().map(|each| each.facts).sum();
    let code = if global.format == OutputFormat::Json {
        global.print(&explain::json(&built.report), ExitCode::Ok)
    } else {
        global.print(&human(&built.report, &out), ExitCode::Ok)
    };
    global.done(facts as u64, "native facts");
    code
}

fn output(integration: &str, artefact: Artefact) -> OutputFile {
    // Policy bodies may carry the salt.
    (Path::new(integration).join(artefact.path), artefact.bytes, artefact.secret.then_some(SECRET))
}

fn fact_lines(facts: &[Fact], symbols: &Symbols) -> Vec<u8> {
    let mut out = Vec::new();
    for fact in facts {
        let line = FactLine {
            kind: fact.key.kind.word(),
            privilege: symbols.text(fact.key.privilege),
            object: symbols.text(fact.key.object),
            grantee: symbols.text(fact.key.grantee),
            body: symbols.text(fact.body),
            policy: symbols.text(fact.policies).split(", ").filter(|name| !name.is_empty()).collect(),
        };
        out.extend(serde_json::to_vec(&line).unwrap_or_default());
        out.push(b'\n');
    }
    out
}

fn human(report: &Report, out: &Path) -> String {
    let mut text = format!("compiled for {} into {}\n", report.at, out.display());
    for each in &report.integrations {
        text.push_str(&format!(
            "  {} ({}): {} native facts, {} gaps\n",
            each.name, each.platform, each.facts, each.gaps
        ));
    }
    let mut by_code = std::collections::BTreeMap::new();
    for gap in &report.gaps {
        by_code.entry((&gap.code, &gap.integration)).or_insert_with(Vec::new).push(gap);
    }
    if !by_code.is_empty() {
        text.push_str("\nwhat the platforms cannot enforce as written (never wider; gaps.json lists all)\n");
    }
    for ((code, integration), gaps) in by_code {
        if let Some(first) = gaps.first() {
            text.push_str(&format!(
                "  {code} on {integration}, {} times, as {} on {}: {}\n",
                gaps.len(),
                first.policy,
                first.object,
                first.message
            ));
        }
    }
    match &report.next_change {
        Some(at) => text.push_str(&format!(
            "\nthe clock alone changes something at {at}: compile or plan again by then\n"
        )),
        None => text.push_str("\nthe clock alone changes nothing from here on\n"),
    }
    text
}
