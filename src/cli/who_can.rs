//! `who-can`: the users who may, grouped by the reason.

use std::collections::BTreeMap;

use serde::Serialize;

use super::explain::{self, Access};
use super::{ExitCode, Global, OutputFormat, stage};
use crate::ids::Id;
use crate::inventory::UserId;
use crate::ir::Meaning;
use crate::ir::meaning::ReasonPolicy;

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[OutputFormat::Human, OutputFormat::Json];

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Reading or writing
    #[arg(value_enum, value_name = "ACCESS")]
    pub access: Access,
    /// `[INTEGRATION:]DB.SCHEMA.TABLE`, or an S3 prefix or key
    #[arg(value_name = "OBJECT")]
    pub object: String,
}

/// The JSON that scripts rely on.
#[derive(Debug, Serialize)]
pub struct Answer {
    schema_version: u32,
    object: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_source: Option<String>,
    access: String,
    at: String,
    users: Vec<String>,
    because: BTreeMap<String, Vec<String>>,
    gaps: Vec<crate::plan::wire::Gap>,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> ExitCode {
    let mut loaded = match stage::load(global) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    let target = match explain::one_object(&mut loaded, global, &args.object) {
        Ok(target) => target,
        Err(code) => return code,
    };
    let program = &loaded.world.program;
    let meaning = Meaning::new(program);
    let access = args.access.into();
    let users = meaning.may(target.securable, access);
    let id = |raw: u32| program.inventory.directory.users[UserId::from_raw(raw)].id.clone();
    let mut because: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for raw in &users {
        let held: Vec<&str> = meaning
            .reasons(target.securable, access)
            .iter()
            .filter(|reason| reason.holders.contains(raw))
            .filter_map(|reason| match reason.policy {
                ReasonPolicy::Subscription(policy, _) => {
                    Some(program.subscriptions[policy].head.name.as_str())
                }
                ReasonPolicy::Guardrail(_) => None,
            })
            .collect();
        because.entry(held.join(", ")).or_default().push(id(raw));
    }
    let answer = Answer {
        schema_version: 1,
        object: target.shown.clone(),
        data_source: target.data_source.clone(),
        access: args.access.word().to_owned(),
        at: program.at.rfc3339(),
        users: users.iter().map(id).collect(),
        because,
        gaps: explain::gaps(&loaded.world, &meaning, target.securable),
    };
    if global.format == OutputFormat::Json {
        return global.print(&explain::json(&answer), ExitCode::Ok);
    }
    let mut text = format!(
        "{} of {} users may {} {}\n",
        answer.users.len(),
        program.inventory.directory.users.len(),
        answer.access,
        target.shown
    );
    if let Some(owner) = &answer.data_source {
        text.push_str(&format!("the key belongs to the data source {owner}\n"));
    }
    for (policies, users) in &answer.because {
        text.push_str(&format!("\nby {policies}\n"));
        for user in users {
            text.push_str(&format!("  {}\n", crate::diagnostic::render::visible(user)));
        }
    }
    if !answer.gaps.is_empty() {
        text.push_str("\nwhat the platform cannot enforce as written\n");
        for gap in &answer.gaps {
            text.push_str(&format!("  {} ({}): {}\n", gap.policy, gap.code, gap.message));
        }
    }
    global.print(&text, ExitCode::Ok)
}
