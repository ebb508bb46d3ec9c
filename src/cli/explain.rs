//! `explain`: whether and why a user may, by which policy lines, and what he sees.

use std::collections::BTreeMap;

use serde::Serialize;

use super::stage::{self, Loaded};
use super::{ExitCode, Global, OutputFormat};
use crate::backend::Lowered;
use crate::diagnostic::render::visible;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ids::Id;
use crate::inventory::{ColumnId, Securable, UserId, directory};
use crate::ir::meaning::ReasonPolicy;
use crate::ir::{MaskId, Meaning, PolicyHead, PolicyKind};
use crate::pipeline::{self, World};
use crate::plan::wire;
use crate::resolve;
use crate::source::Sources;
use crate::syntax;

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[OutputFormat::Human, OutputFormat::Json];

/// What a user does with an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Access {
    /// Read it
    #[default]
    Read,
    /// Write it
    Write,
}

impl Access {
    /// The word of the policy language.
    pub fn word(self) -> &'static str {
        directory::Access::from(self).word()
    }
}

impl From<Access> for directory::Access {
    fn from(access: Access) -> Self {
        match access {
            Access::Read => directory::Access::Read,
            Access::Write => directory::Access::Write,
        }
    }
}

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The user, by the directory's id
    #[arg(value_name = "USER")]
    pub user: String,
    /// `[INTEGRATION:]DB.SCHEMA.TABLE[.COLUMN]`, or an S3 prefix or key
    #[arg(value_name = "OBJECT")]
    pub object: String,
    /// Reading or writing
    #[arg(long, value_enum, default_value = "read")]
    pub access: Access,
}

/// What an OBJECT of the command line is.
pub struct Target {
    /// The securable that is asked about.
    pub securable: Securable,
    /// One of its columns, if the path names one.
    pub column: Option<ColumnId>,
    /// As output shows it.
    pub shown: String,
    /// The data source that owns it, where it is a key.
    pub data_source: Option<String>,
}

#[derive(Debug, Serialize)]
struct Because {
    policy: String,
    kind: String,
    file: String,
    line: u32,
    holds: bool,
}

#[derive(Debug, Serialize)]
struct WhenMask {
    mask: String,
    method: String,
    rows: String,
}

#[derive(Debug, Serialize)]
struct ColumnAnswer {
    mask: Option<String>,
    method: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    when: Vec<WhenMask>,
}

/// The JSON that scripts rely on.
#[derive(Debug, Serialize)]
struct Answer {
    schema_version: u32,
    user: String,
    object: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_source: Option<String>,
    access: String,
    at: String,
    allowed: bool,
    because: Vec<Because>,
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<BTreeMap<String, ColumnAnswer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filters: Option<Vec<String>>,
    grants: Vec<String>,
    gaps: Vec<wire::Gap>,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> ExitCode {
    let mut loaded = match stage::load(global) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    let target = match one_object(&mut loaded, global, &args.object) {
        Ok(target) => target,
        Err(code) => return code,
    };
    let user = match resolve::find_user(&loaded.world.program.inventory, &args.user, None) {
        Ok(user) => user,
        Err(diagnostic) => {
            let mut said = Diagnostics::new();
            said.push(*diagnostic);
            return loaded.fail(global, said);
        }
    };
    let meaning = Meaning::new(&loaded.world.program);
    let answer = answer(&loaded.world, &loaded.sources, &meaning, user, &target, args.access.into());
    if global.format == OutputFormat::Json {
        return global.print(&json(&answer), ExitCode::Ok);
    }
    global.print(&human(&answer), ExitCode::Ok)
}

/// The one securable that an OBJECT names; several are listed, and the command fails.
///
/// # Errors
/// The exit code, after it was said.
pub fn one_object(loaded: &mut Loaded, global: &Global, text: &str) -> Result<Target, ExitCode> {
    let inventory = &loaded.world.program.inventory;
    let path = syntax::parse_object(text).map_err(|why| {
        global.fail(
            &format!("`{text}` is not an object: {why}"),
            "write `DB.SCHEMA.TABLE`, `DB.SCHEMA.TABLE.COLUMN` or `s3://bucket/key`",
        )
    })?;
    let found = match resolve::find_object(inventory, &path, None) {
        Ok(found) => found,
        Err(diagnostic) => {
            let mut said = Diagnostics::new();
            said.push(*diagnostic);
            return Err(loaded.fail(global, said));
        }
    };
    let securables = found.securables(inventory);
    let (&[securable], true) = (securables.as_slice(), found.columns.len() <= 1) else {
        let mut several = Diagnostic::error(Code::AmbiguousObject, format!("`{text}` fits several objects"));
        for each in found.shown(inventory) {
            several = several.note(each);
        }
        let mut said = Diagnostics::new();
        said.push(several.help("name one of them, as it is written here"));
        return Err(loaded.fail(global, said));
    };
    let column = found.columns.first().copied();
    let catalog = &inventory.catalog;
    let shown = match (&found.key, column) {
        (Some(key), _) => key.clone(),
        (None, Some(column)) => catalog.shown_column(column),
        (None, None) => catalog.shown_name(securable),
    };
    let data_source = found.key.as_ref().map(|_| catalog.shown_name(securable));
    Ok(Target { securable, column, shown, data_source })
}

/// Pretty JSON that ends with a line break.
pub fn json(answer: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(answer).unwrap_or_default();
    text.push('\n');
    text
}

fn answer(
    world: &World,
    sources: &Sources,
    meaning: &Meaning<'_>,
    user: UserId,
    target: &Target,
    access: directory::Access,
) -> Answer {
    let program = &world.program;
    let reads_table = match (target.securable, access) {
        (Securable::Table(table), directory::Access::Read) => Some(table),
        (Securable::Table(_) | Securable::DataSource(_), _) => None,
    };
    let columns = reads_table.map(|table| {
        let all = &program.inventory.catalog.tables[table].columns;
        all.iter()
            .filter(|column| target.column.is_none_or(|only| only == **column))
            .map(|column| {
                (program.inventory.catalog.columns[*column].name.clone(), seen(world, meaning, user, *column))
            })
            .collect()
    });
    let filters = reads_table.map(|table| {
        meaning
            .filters_on(table)
            .into_iter()
            .filter(|(_, users)| users.contains(user.raw()))
            .map(|(filter, _)| program.filters[filter].head.name.clone())
            .collect()
    });
    Answer {
        schema_version: 1,
        user: program.inventory.directory.users[user].id.clone(),
        object: target.shown.clone(),
        data_source: target.data_source.clone(),
        access: access.word().to_owned(),
        at: program.at.rfc3339(),
        allowed: meaning.may(target.securable, access).contains(user.raw()),
        because: because(world, sources, meaning, user, target.securable, access),
        columns,
        filters,
        grants: grants(world, meaning, user, target.securable, access),
        gaps: gaps(world, meaning, target.securable),
    }
}

fn because(
    world: &World,
    sources: &Sources,
    meaning: &Meaning<'_>,
    user: UserId,
    securable: Securable,
    access: directory::Access,
) -> Vec<Because> {
    let program = &world.program;
    let of = |kind: PolicyKind, head: &PolicyHead, holds| Because {
        policy: head.name.clone(),
        kind: kind.word().to_owned(),
        file: sources.name(head.name_span.into()).to_owned(),
        line: sources.line(head.name_span.into()),
        holds,
    };
    meaning
        .reasons(securable, access)
        .into_iter()
        .map(|reason| {
            let holds = reason.holders.contains(user.raw());
            match reason.policy {
                ReasonPolicy::Subscription(id, _) => of(reason.kind, &program.subscriptions[id].head, holds),
                ReasonPolicy::Guardrail(id) => of(reason.kind, &program.guardrails[id].head, holds),
            }
        })
        .collect()
}

fn seen(world: &World, meaning: &Meaning<'_>, user: UserId, column: ColumnId) -> ColumnAnswer {
    let choice = meaning.mask_of(user, column);
    let mask = |id: MaskId| &world.program.masks[id];
    ColumnAnswer {
        mask: choice.mask.map(|id| mask(id).head.name.clone()),
        method: choice.mask.map(|id| mask(id).method.words()),
        when: choice
            .when
            .iter()
            .map(|id| WhenMask {
                mask: mask(*id).head.name.clone(),
                method: mask(*id).method.words(),
                rows: mask(*id).when_words.clone().unwrap_or_default(),
            })
            .collect(),
    }
}

fn lowered(world: &World, meaning: &Meaning<'_>, securable: Securable) -> Option<pipeline::Compiled> {
    let integration = world.program.inventory.catalog.integration(securable);
    let name = world.program.inventory.integrations[integration].name.clone();
    // An answer about the reference does not fail because a platform cannot hold it.
    pipeline::compile(world, meaning, &[name], &mut Diagnostics::new()).ok()?.pop()
}

/// The native facts through which the user may, once the plan is applied.
fn grants(
    world: &World,
    meaning: &Meaning<'_>,
    user: UserId,
    securable: Securable,
    access: directory::Access,
) -> Vec<String> {
    let Some(compiled) = lowered(world, meaning, securable) else { return Vec::new() };
    let Some(account) = compiled.accounts.of_user(user) else { return Vec::new() };
    let permits = compiled.backend.permits(
        &world.program.inventory,
        compiled.integration,
        &compiled.lowered.facts,
        &compiled.symbols,
        &compiled.accounts,
    );
    let account = &compiled.accounts.accounts[account].name;
    // Without the access itself, what is left are steps on the way (USAGE on a schema), which would read as an answer.
    let may = permits.may(securable, access);
    let holds =
        permits.accounts().iter().zip(0u32..).any(|(each, index)| each == account && may.contains(index));
    if holds { permits.through(account, securable, access) } else { Vec::new() }
}

/// The gaps that bear on a securable.
pub fn gaps(world: &World, meaning: &Meaning<'_>, securable: Securable) -> Vec<wire::Gap> {
    let Some(compiled) = lowered(world, meaning, securable) else { return Vec::new() };
    let Lowered { gaps, .. } = &compiled.lowered;
    let name = world.program.inventory.catalog.shown_name(securable);
    let about =
        |object: &str| object == name || object.strip_prefix(&name).is_some_and(|rest| rest.starts_with('.'));
    gaps.iter().filter(|gap| about(&gap.object)).map(wire::Gap::from).collect()
}

fn human(answer: &Answer) -> String {
    let verdict = if answer.allowed { "may" } else { "may not" };
    let mut text = format!(
        "{} {verdict} {} {} (at {})\n",
        visible(&answer.user),
        answer.access,
        visible(&answer.object),
        answer.at
    );
    if let Some(owner) = &answer.data_source {
        text.push_str(&format!("the key belongs to the data source {owner}\n"));
    }
    text.push_str("\nbecause\n");
    if answer.because.is_empty() {
        text.push_str("  no subscription allows it to anybody\n");
    }
    for each in &answer.because {
        let holds = if each.holds { "holds" } else { "does not hold" };
        text.push_str(&format!("  {} {} {holds}  ({}:{})\n", each.kind, each.policy, each.file, each.line));
    }
    if let Some(columns) = &answer.columns {
        let masked: Vec<_> =
            columns.iter().filter(|(_, column)| column.mask.is_some() || !column.when.is_empty()).collect();
        let clear = columns.len() - masked.len();
        text.push_str(&format!("\ncolumns: {clear} clear, {} masked\n", masked.len()));
        for (name, column) in masked {
            for when in &column.when {
                text.push_str(&format!(
                    "  {}  {} by {} when {}\n",
                    visible(name),
                    when.method,
                    when.mask,
                    when.rows
                ));
            }
            match (&column.mask, &column.method) {
                (Some(mask), Some(method)) => {
                    text.push_str(&format!("  {}  {method} by {mask}\n", visible(name)))
                }
                _ => text.push_str(&format!("  {}  clear otherwise\n", visible(name))),
            }
        }
    }
    if let Some(filters) = &answer.filters {
        let list = if filters.is_empty() { "none: all rows".to_owned() } else { filters.join(", ") };
        text.push_str(&format!("filters: {list}\n"));
    }
    if !answer.grants.is_empty() {
        text.push_str("\nnatively, once applied, through\n");
        answer.grants.iter().for_each(|grant| text.push_str(&format!("  {}\n", visible(grant))));
    }
    if !answer.gaps.is_empty() {
        text.push_str("\nwhat the platform cannot enforce as written\n");
        for gap in &answer.gaps {
            text.push_str(&format!(
                "  {} on {} ({}): {}\n",
                gap.policy,
                visible(&gap.object),
                gap.code,
                visible(&gap.message)
            ));
        }
    }
    text
}
