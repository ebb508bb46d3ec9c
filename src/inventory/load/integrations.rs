//! `integrations/*.yaml|*.json`: the payloads of the integrations API, one a file, plus our own `grantc:` block.
//!
//! A name is also the name of a folder (`state/<integration>/`, the output), so it may not leave that folder.

use std::collections::BTreeMap;

use super::{base_name, readable, template};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ids::IdVec;
use crate::inventory::document::{self, Fields, Node, Value};
use crate::inventory::files::Files;
use crate::inventory::integration::{AccountTemplate, Enforcement, GrantMode, Platform, Scope, Strategy};
use crate::inventory::project::SCOPES;
use crate::inventory::{Integration, IntegrationId};
use crate::source::{SourceId, Sources, Span, Spanned};

/// The longest prefix of generated names that leaves room for the rest on every platform.
const LONGEST_PREFIX: usize = 32;

const STRATEGIES: [(&str, Strategy); 4] = [
    ("auto", Strategy::Auto),
    ("roles", Strategy::Roles),
    ("groups", Strategy::Groups),
    ("users", Strategy::Users),
];

const ENFORCEMENTS: [(&str, Enforcement); 3] =
    [("auto", Enforcement::Auto), ("native", Enforcement::Native), ("tags", Enforcement::Tags)];

/// Reads every integration, in byte order of their names.
pub(super) fn load(
    files: &Files,
    scope: Scope,
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> IdVec<IntegrationId, Integration> {
    let mut by_name: BTreeMap<String, Integration> = BTreeMap::new();
    for (name, _) in readable(files, "integrations/", &[], sources, out) {
        let Some(source) = files.text(name, sources, out) else { continue };
        let Some(node) = document::read(source, sources, out) else { continue };
        let base = base_name(name);
        let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
        let Some(integration) = read(source, stem, &node, scope, out) else { continue };
        if let Some(first) = by_name.get(&integration.name) {
            out.error(
                Diagnostic::error(
                    Code::DuplicateObject,
                    format!("two integrations have the name `{}`", integration.name),
                )
                .at(integration.place, "")
                .at(first.place, "first here")
                .help("rename a file, or set `name` in its `grantc:` block"),
            );
        } else {
            by_name.insert(integration.name.clone(), integration);
        }
    }
    by_name.into_values().collect()
}

fn read(
    source: SourceId,
    stem: &str,
    node: &Node,
    scope: Scope,
    out: &mut Diagnostics,
) -> Option<Integration> {
    let mut fields = Fields::of(node, "an integration", out)?;
    let platform = fields.required_name("type", out).and_then(|written| platform(&written, out));
    let trino = platform == Some(Platform::Trino);
    let bootstrap = if trino { fields.get("autoBootstrap") } else { fields.require("autoBootstrap", out) };
    if let Some(bootstrap) = bootstrap {
        bootstrap.boolean("`autoBootstrap`", out);
    }
    let config = if trino { fields.get("config") } else { fields.require("config", out) };
    let config = match config {
        Some(node) => {
            if !matches!(node.value, Value::Map(_)) {
                node.entries("`config`", "a key", out);
            }
            homes(node, out);
            node.to_json(out)
        }
        None => serde_json::Value::Object(serde_json::Map::new()),
    };
    let block = match fields.get("grantc") {
        Some(node) => own_block(node, platform, out)?,
        None => Block::default(),
    };
    fields.finish(out);
    let (name, name_span) = match block.name {
        Some(name) => (name.node, Some(name.span)),
        None => (stem.to_owned(), None),
    };
    if name.starts_with('.') || name.contains(|each: char| matches!(each, '/' | '\\') || each.is_control()) {
        let place = name_span.map_or(source.whole(), Into::into);
        out.error(
            Diagnostic::error(Code::BadValue, format!("`{name}` cannot name an integration"))
                .at(place, "")
                .note("its state and its artefacts are kept in a folder of this name")
                .help("use a name without `/`, `\\` and control characters that does not begin with a dot"),
        );
    }
    Some(Integration {
        name,
        platform: platform?,
        config,
        scope: block.scope.unwrap_or(scope),
        user_template: block.users,
        group_template: block.groups,
        strategy: block.strategy,
        enforcement: block.enforcement,
        name_prefix: block.prefix.unwrap_or_else(|| "GRANTC".to_owned()),
        groups_trusted: block.trusted,
        mode: block.mode,
        grants_quota: block.quota,
        place: source.whole(),
    })
}

/// The keys of `config` that name where what we make stands.
const HOMES: &[&str] = &["catalog", "database", "dataset", "datasetSuffix", "project", "schema"];

/// What we make stands there, and bodies name it, in which the salt's place is filled.
fn homes(config: &Node, out: &mut Diagnostics) {
    let Value::Map(entries) = &config.value else { return };
    for (key, node) in entries.iter().filter(|(key, _)| HOMES.contains(&key.node.as_str())) {
        if let Value::Scalar(written) = &node.value
            && written.text.contains("{salt}")
        {
            let message = format!("`config.{}` cannot be `{}`", key.node, written.text.escape_debug());
            out.error(
                Diagnostic::error(Code::BadValue, message)
                    .at(node.span, "")
                    .note("`{salt}` is the place of the salt in what is written to the platform")
                    .help("use a name without `{salt}`"),
            );
        }
    }
}

fn platform(written: &Spanned<&str>, out: &mut Diagnostics) -> Option<Platform> {
    let found = Platform::ALL.into_iter().find(|platform| platform.api_type() == written.node);
    if found.is_none() {
        let types = Platform::ALL.map(Platform::api_type);
        out.error(
            Diagnostic::error(Code::BadValue, format!("no integration has the type `{}`", written.node))
                .at(written.span, "")
                .did_you_mean(written.node, types)
                .help(format!("the types are: {}", types.join(", "))),
        );
    }
    found
}

/// Our own settings of an integration.
#[derive(Default)]
struct Block {
    name: Option<Spanned<String>>,
    scope: Option<Scope>,
    users: Option<AccountTemplate>,
    groups: Option<AccountTemplate>,
    strategy: Strategy,
    enforcement: Enforcement,
    prefix: Option<String>,
    trusted: bool,
    mode: GrantMode,
    quota: Option<u64>,
}

fn own_block(node: &Node, platform: Option<Platform>, out: &mut Diagnostics) -> Option<Block> {
    let mut block = Block::default();
    let mut fields = Fields::of(node, "`grantc`", out)?;
    block.name = fields.name("name", out).map(|name| Spanned::new(name.node.to_owned(), name.span));
    block.scope = fields.choice("scope", &SCOPES, out);
    if let Some(node) = fields.get("principals") {
        let mut principals = Fields::of(node, "`principals`", out)?;
        block.users = principals.name("users", out).and_then(|text| template::read(&text, out));
        block.groups = principals.name("groups", out).and_then(|text| template::read(&text, out));
        principals.finish(out);
    }
    block.strategy = fields.choice("strategy", &STRATEGIES, out).unwrap_or_default();
    let enforcement = fields.get("enforcement").map(|node| node.span);
    block.enforcement = fields.choice("enforcement", &ENFORCEMENTS, out).unwrap_or_default();
    if let (Some(span), Some(platform)) = (enforcement, platform) {
        enforceable(block.enforcement, platform, span, out);
    }
    block.prefix = fields.name("prefix", out).and_then(|written| name_prefix(&written, out));
    block.trusted = fields.choice("groups", &[("trusted", true)], out).unwrap_or(false);
    let mode = fields.get("mode").map(|node| node.span);
    block.mode = fields
        .choice("mode", &[("exact", GrantMode::Exact), ("minimal", GrantMode::Minimal)], out)
        .unwrap_or_default();
    let quotas = fields.get("quotas");
    if let Some(node) = quotas {
        let mut fields = Fields::of(node, "`quotas`", out)?;
        block.quota = fields.get("grants").and_then(|node| quota(node, out));
        fields.finish(out);
    }
    fields.finish(out);
    if platform.is_some_and(|platform| platform != Platform::S3) {
        for (key, span) in [("mode", mode), ("quotas", quotas.map(|node| node.span))] {
            if let Some(span) = span {
                out.error(only_for_s3(key, span));
            }
        }
    }
    Some(block)
}

/// Every platform has its own way; two have another.
fn enforceable(enforcement: Enforcement, platform: Platform, span: Span, out: &mut Diagnostics) {
    let (word, has, whose) = match enforcement {
        Enforcement::Auto => return,
        Enforcement::Native => (
            "native",
            matches!(platform, Platform::Redshift | Platform::BigQuery),
            "Redshift and Google BigQuery",
        ),
        Enforcement::Tags => ("tags", platform == Platform::Databricks, "Databricks"),
    };
    if !has {
        out.error(
            Diagnostic::error(Code::BadValue, format!("`enforcement: {word}` is for {whose} only"))
                .at(span, "")
                .help("remove `enforcement`"),
        );
    }
}

fn only_for_s3(key: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::BadValue, format!("`{key}` is for Native S3 only"))
        .at(span, "")
        .help(format!("remove `{key}`"))
}

fn name_prefix(written: &Spanned<&str>, out: &mut Diagnostics) -> Option<String> {
    let mut bytes = written.node.bytes();
    let fits = bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && written.node.len() <= LONGEST_PREFIX;
    if !fits {
        out.error(
            Diagnostic::error(Code::BadValue, format!("`{}` cannot begin generated names", written.node))
                .at(written.span, "")
                .help(format!("use a letter, then letters, digits and `_`, {LONGEST_PREFIX} at most")),
        );
    }
    fits.then(|| written.node.to_owned())
}

fn quota(node: &Node, out: &mut Diagnostics) -> Option<u64> {
    let number = node.to_json(&mut Diagnostics::new()).as_u64().filter(|number| *number > 0);
    if number.is_none() {
        out.error(
            Diagnostic::error(Code::BadValue, "`grants` must be a whole number above 0").at(node.span, ""),
        );
    }
    number
}
