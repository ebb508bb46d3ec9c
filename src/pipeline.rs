//! The stages in a row: what every command runs before it does its own work.
//!
//! In: a project's folder and an instant. Out: a [`World`] (texts, findings, program), then its [`Compiled`] sides.
//! Invariant: a stage runs only if those before it said no error; what was said is in `World::diagnostics`.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::backend::state::Reading;
use crate::backend::{self, Backend, Lowered, Lowering, Observed, StateFolder, Symbols};
use crate::check;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::inventory::project::SecretRef;
use crate::inventory::{self, Accounts, Instant, IntegrationId, Inventory, Project};
use crate::ir::{Meaning, Program};
use crate::plan::{self, Order, Plan, Side};
use crate::resolve;
use crate::source::Sources;
use crate::syntax;

/// A project, read, resolved and checked.
pub struct World {
    /// `grantc.yaml`.
    pub project: Project,
    /// The policies with ids.
    pub program: Program,
}

/// Reads, resolves and checks a project. Texts and everything said go to the two collectors, also when it fails.
pub fn load(
    root: &Path,
    at: Instant,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Result<World, Reported> {
    let project = inventory::project::open(root, sources, diagnostics)?;
    let documents = parse(&project, sources, diagnostics);
    let inventory = inventory::load(&project, sources, diagnostics);
    let (documents, inventory) = (documents?, inventory?);
    let program = resolve::resolve(documents, inventory, at, sources, diagnostics)?;
    check::run(&program, check::Options { salted: project.salt.is_some() }, diagnostics);
    diagnostics.result()?;
    Ok(World { project, program })
}

type Documents = Vec<(crate::source::SourceId, syntax::ast::Document)>;

/// Parses every policy file, in parallel; what they say comes in the order of files.
pub fn parse(
    project: &Project,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Result<Documents, Reported> {
    let files = inventory::policy_files(project, sources, diagnostics);
    let parsed: Vec<_> = files
        .into_par_iter()
        .map(|source| {
            let mut said = Diagnostics::new();
            let document = syntax::parse(source, &sources.get(source).text, &mut said);
            (source, document, said)
        })
        .collect();
    let mut documents = Vec::with_capacity(parsed.len());
    for (source, document, said) in parsed {
        diagnostics.extend(said);
        if let Ok(document) = document {
            documents.push((source, document));
        }
    }
    diagnostics.result()?;
    Ok(documents)
}

/// One integration, lowered.
pub struct Compiled {
    /// Which.
    pub integration: IntegrationId,
    /// Its platform.
    pub backend: &'static dyn Backend,
    /// Who has which account there.
    pub accounts: Accounts,
    /// The texts of its facts.
    pub symbols: Symbols,
    /// What should exist.
    pub lowered: Lowered,
}

/// Lowers a program for every integration (or those named), in parallel, in the order of names.
pub fn compile(
    world: &World,
    meaning: &Meaning<'_>,
    only: &[String],
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Compiled>, Reported> {
    let inventory = &world.program.inventory;
    if let Some(name) = only.iter().find(|name| integration_named(inventory, name).is_none()) {
        let names = inventory.integrations.values().map(|each| each.name.as_str());
        return Err(diagnostics.error(
            Diagnostic::error(Code::UnknownIntegration, format!("unknown integration `{name}`"))
                .did_you_mean(name, names.clone())
                .note(format!("the project has {}", names.collect::<Vec<_>>().join(", "))),
        ));
    }
    let chosen: Vec<IntegrationId> = inventory
        .integrations
        .iter()
        .filter(|(_, each)| only.is_empty() || only.contains(&each.name))
        .map(|(id, _)| id)
        .collect();
    let results: Vec<(Option<Compiled>, Diagnostics)> =
        chosen.par_iter().map(|integration| compile_one(world, meaning, *integration)).collect();
    let mut compiled = Vec::with_capacity(results.len());
    for (each, said) in results {
        diagnostics.extend(said);
        compiled.extend(each);
    }
    diagnostics.result()?;
    Ok(compiled)
}

fn compile_one(
    world: &World,
    meaning: &Meaning<'_>,
    integration: IntegrationId,
) -> (Option<Compiled>, Diagnostics) {
    let mut said = Diagnostics::new();
    let settings = &world.program.inventory.integrations[integration];
    let Some(backend) = backend::of(settings.platform) else {
        said.error(
            Diagnostic::error(
                Code::UnsupportedPlatform,
                format!("this version cannot compile for {}", settings.platform.api_type()),
            )
            .at(settings.place, "")
            .help(
                "use `--integration NAME` for the others, or move this file out of the project until it can",
            ),
        );
        return (None, said);
    };
    let accounts = Accounts::of(&world.program.inventory, integration);
    let mut symbols = Symbols::default();
    let lowering = Lowering {
        program: &world.program,
        meaning,
        integration,
        accounts: &accounts,
        salted: world.project.salt.is_some(),
    };
    match backend.lower(&lowering, &mut symbols, &mut said) {
        Ok(lowered) => (Some(Compiled { integration, backend, accounts, symbols, lowered }), said),
        Err(_) => (None, said),
    }
}

/// Reads the exports of a compiled integration from `state/<integration>/`.
pub fn observe(
    world: &World,
    compiled: &mut Compiled,
    salt: Option<&str>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Result<Observed, Reported> {
    let name = &world.program.inventory.integrations[compiled.integration].name;
    let folder = state_folder(&world.project, name, diagnostics)?;
    compiled.backend.observe(
        &world.program.inventory,
        compiled.integration,
        Reading { folder: &folder, sources, diagnostics },
        salt,
        &mut compiled.symbols,
    )
}

/// Every file below `state/<integration>/`; `files: None` if there is no such folder.
#[expect(clippy::disallowed_methods, reason = "the edge: exports are read here and nowhere else")]
fn state_folder(
    project: &Project,
    integration: &str,
    diagnostics: &mut Diagnostics,
) -> Result<StateFolder, Reported> {
    let root = project.root.join(&project.state).join(integration);
    let name = format!("{}/{integration}", project.state.display());
    if !root.is_dir() {
        return Ok(StateFolder { name, files: None });
    }
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name() {
        let read = entry.map_err(|error| error.to_string()).and_then(|entry| {
            if !entry.file_type().is_file() {
                return Ok(None);
            }
            let path = entry.path().strip_prefix(&root).unwrap_or(entry.path());
            let path = path
                .components()
                .map(|part| part.as_os_str().to_string_lossy())
                .collect::<Vec<_>>()
                .join("/");
            let bytes = std::fs::read(entry.path()).map_err(|error| format!("{path}: {error}"))?;
            Ok(Some((path, bytes)))
        });
        match read {
            Ok(Some((path, bytes))) => {
                files.insert(path, bytes);
            }
            Ok(None) => {}
            Err(error) => {
                return Err(diagnostics.error(Diagnostic::error(
                    Code::BadState,
                    format!("the export in `{name}` cannot be read: {error}"),
                )));
            }
        }
    }
    Ok(StateFolder { name, files: Some(files) })
}

/// The value of the project's salt. Only commands that write it call this.
#[expect(clippy::disallowed_methods, reason = "the edge: the one place where the secret is read")]
pub fn salt(project: &Project, diagnostics: &mut Diagnostics) -> Result<Option<String>, Reported> {
    let (from, value) = match &project.salt {
        None => return Ok(None),
        Some(SecretRef::Env(name)) => {
            (format!("env:{name}"), std::env::var(name).map_err(|error| error.to_string()))
        }
        Some(SecretRef::File(path)) => {
            let read = std::fs::read_to_string(project.root.join(path)).map_err(|error| error.to_string());
            (
                format!("file:{}", path.display()),
                read.map(|text| text.trim_end_matches(['\n', '\r']).to_owned()),
            )
        }
    };
    match value {
        Ok(value) if !value.is_empty() => Ok(Some(value)),
        Ok(_) => Err(diagnostics.error(missing(project, &from, "it is empty"))),
        Err(why) => Err(diagnostics.error(missing(project, &from, &why))),
    }
}

fn missing(project: &Project, from: &str, why: &str) -> Diagnostic {
    Diagnostic::error(Code::BadValue, format!("the salt `{from}` cannot be read: {why}"))
        .at(project.source.whole(), "")
        .help("set it, or take `salt` out of `grantc.yaml`: hashes are then the same for everyone who knows the text")
}

/// The inventory's integrations by name, for those who ask for one.
pub fn integration_named(inventory: &Inventory, name: &str) -> Option<IntegrationId> {
    inventory.integrations.iter().find(|(_, each)| each.name == name).map(|(id, _)| id)
}

/// Whether what should exist holds the salt, so that its value is needed.
pub fn needs_salt(compiled: &[Compiled]) -> bool {
    compiled
        .iter()
        .any(|each| each.lowered.facts.iter().any(|fact| each.symbols.text(fact.body).contains("{salt}")))
}

/// Compiles, reads every export, and compares.
pub fn plan(
    world: &World,
    only: &[String],
    order: Order,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Result<Plan, Reported> {
    let meaning = Meaning::new(&world.program);
    let mut compiled = compile(world, &meaning, only, diagnostics)?;
    let salt = if needs_salt(&compiled) { salt(&world.project, diagnostics)? } else { None };
    let mut observed = Vec::with_capacity(compiled.len());
    for each in &mut compiled {
        observed.push(observe(world, each, salt.as_deref(), sources, diagnostics));
    }
    let observed = observed.into_iter().collect::<Result<Vec<Observed>, Reported>>()?;
    let sides: Vec<Side<'_>> = compiled
        .iter()
        .zip(&observed)
        .map(|(each, observed)| Side {
            integration: each.integration,
            backend: each.backend,
            accounts: &each.accounts,
            symbols: &each.symbols,
            lowered: &each.lowered,
            observed,
        })
        .collect();
    plan::build(&world.program, &meaning, &sides, order, diagnostics)
}
