//! OBJECT and USER, as tests and the command line name them.
//!
//! In: an `ast::ObjectPath` or an id. Out: what it stands for in the inventory, or a diagnostic that lists near names.
//! Invariant: a path matches whole names, segment for segment; an S3 address is a registered prefix exactly, or a key or
//! prefix whose owner is the longest registered prefix that covers it.
//! Cost: one pass over the names that the path's first segments leave; a pass over all only for a message.

use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::ids::Id;
use crate::inventory::catalog::quoted;
use crate::inventory::{ColumnId, DataSourceId, IntegrationId, Inventory, Securable, TableId, UserId};
use crate::prefix::{Prefix, PrefixMap, split_uri};
use crate::source::{Span, Spanned};
use crate::syntax::ast::{ObjectPath, ObjectTarget, Path};

use super::path;
use super::path::Matcher;

/// What an OBJECT stands for. Several of a kind: it is ambiguous (integrations, folding or globs).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Tables whose path it is.
    pub tables: Vec<TableId>,
    /// Columns whose path it is.
    pub columns: Vec<ColumnId>,
    /// Data sources that it is, or that own it.
    pub data_sources: Vec<DataSourceId>,
    /// The S3 address, where it is not itself a registered prefix: the data sources are its owners.
    pub key: Option<String>,
}

impl Found {
    /// Whether nothing matched.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.columns.is_empty() && self.data_sources.is_empty()
    }

    /// The securables that access is asked of: tables, tables of columns, data sources.
    pub fn securables(&self, inventory: &Inventory) -> Vec<Securable> {
        let columns = self.columns.iter().map(|column| inventory.catalog.columns[*column].table);
        let mut all: Vec<Securable> =
            self.tables.iter().copied().chain(columns).map(Securable::Table).collect();
        all.extend(self.data_sources.iter().copied().map(Securable::DataSource));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The names of all matches as output shows them, with the integration where that is needed to tell them apart.
    pub fn shown(&self, inventory: &Inventory) -> Vec<String> {
        let catalog = &inventory.catalog;
        let prefixed = |securable: Securable, name: String| {
            let integration = &inventory.integrations[catalog.integration(securable)].name;
            format!("{}:{name}", quoted(integration))
        };
        let tables = self.tables.iter().map(|table| {
            let table = Securable::Table(*table);
            prefixed(table, catalog.shown_name(table))
        });
        let columns = self.columns.iter().map(|column| {
            prefixed(Securable::Table(catalog.columns[*column].table), catalog.shown_column(*column))
        });
        let data_sources = self.data_sources.iter().map(|id| {
            let id = Securable::DataSource(*id);
            prefixed(id, catalog.shown_name(id))
        });
        tables.chain(columns).chain(data_sources).collect()
    }
}

/// Finds what an OBJECT stands for; `place` is where it is written, if in a file.
///
/// # Errors
/// `unknown-integration` or `unknown-object`, with near names.
pub fn find_object(
    inventory: &Inventory,
    object: &ObjectPath,
    place: Option<Span>,
) -> Result<Found, Box<Diagnostic>> {
    let at = |diagnostic: Diagnostic, text: &str| match place {
        Some(span) => diagnostic.at(span, text),
        None => diagnostic,
    };
    let integration = match &object.integration {
        None => None,
        Some(name) => match integration_named(inventory, name) {
            Some(id) => Some(id),
            None => {
                let known: Vec<&str> =
                    inventory.integrations.values().map(|each| each.name.as_str()).collect();
                let diagnostic = Diagnostic::error(
                    Code::UnknownIntegration,
                    format!("unknown integration `{}`", name.node),
                );
                return Err(Box::new(
                    at(diagnostic, "no integration has the name before the `:`")
                        .did_you_mean(&name.node, known.iter().copied())
                        .help(format!("the integrations are: {}", known.join(", "))),
                ));
            }
        },
    };
    let found = match &object.target.node {
        ObjectTarget::Path(path) => find_path(inventory, path, integration),
        ObjectTarget::S3(text) => find_s3(inventory, text, integration),
    };
    if !found.is_empty() {
        return Ok(found);
    }
    let (shown, candidates) = match &object.target.node {
        ObjectTarget::Path(path) => (path::shown(&path.segments), path_names(inventory, path)),
        ObjectTarget::S3(text) => (
            text.clone(),
            inventory.catalog.data_sources.values().map(|each| each.prefix.to_string()).collect(),
        ),
    };
    let message = match &object.target.node {
        ObjectTarget::Path(_) => format!("no table or column is `{shown}`"),
        ObjectTarget::S3(_) => format!("no registered prefix covers `{shown}`"),
    };
    let mut diagnostic = at(Diagnostic::error(Code::UnknownObject, message), "not in the catalog");
    let names = near(&shown, &candidates, &object.target.node);
    if !names.is_empty() {
        diagnostic = diagnostic.help(format!("did you mean {}?", names.join(" or ")));
    }
    Err(Box::new(diagnostic))
}

/// Finds a user.
///
/// # Errors
/// `unknown-user`, saying whether the user has left, with a near id.
pub fn find_user(inventory: &Inventory, id: &str, place: Option<Span>) -> Result<UserId, Box<Diagnostic>> {
    let directory = &inventory.directory;
    if let Some(user) = directory.user(id) {
        return Ok(user);
    }
    let left = directory.leavers.contains(id);
    let (message, label) = if left {
        (format!("user `{id}` has left"), "inactive in the directory")
    } else {
        (format!("unknown user `{id}`"), "not in the directory")
    };
    let mut diagnostic = Diagnostic::error(Code::UnknownUser, message);
    if let Some(span) = place {
        diagnostic = diagnostic.at(span, label);
    }
    if !left {
        diagnostic = mean_user(diagnostic, inventory, id);
    }
    Err(Box::new(diagnostic))
}

/// Names the user who was probably meant: the only one whose id begins with it before the `@`, else the nearest.
pub(super) fn mean_user(diagnostic: Diagnostic, inventory: &Inventory, id: &str) -> Diagnostic {
    let users = inventory.directory.users.values().map(|user| user.id.as_str());
    let wanted = id.to_lowercase();
    let mut local = users.clone().filter(|user| {
        user.to_lowercase()
            .strip_prefix(&wanted)
            .is_some_and(|rest| !wanted.is_empty() && rest.starts_with('@'))
    });
    match (local.next(), local.next()) {
        (Some(user), None) => diagnostic.help(format!("did you mean `{user}`?")),
        _ => diagnostic.did_you_mean(id, users),
    }
}

fn integration_named(inventory: &Inventory, name: &Spanned<String>) -> Option<IntegrationId> {
    inventory.integrations.iter().find(|(_, each)| each.name == name.node).map(|(id, _)| id)
}

fn find_path(inventory: &Inventory, path: &Path, integration: Option<IntegrationId>) -> Found {
    let catalog = &inventory.catalog;
    let mut found = Found::default();
    let Some((table_path, column)) = (match path.segments.as_slice() {
        [_, _, _] => Some((path.segments.as_slice(), None)),
        [table @ .., column] if table.len() == 3 => Some((table, Some(column))),
        _ => None,
    }) else {
        return found;
    };
    let matchers: Vec<Option<Vec<Matcher<'_>>>> = inventory
        .integrations
        .iter()
        .map(|(id, each)| {
            let folding = each.platform.folding();
            let asked = integration.is_none_or(|asked| asked == id);
            asked.then(|| table_path.iter().map(|segment| Matcher::new(segment, folding)).collect())
        })
        .collect();
    let matcher = |integration: IntegrationId, at: usize| {
        matchers.get(integration.raw() as usize).and_then(Option::as_ref).and_then(|list| list.get(at))
    };
    let databases: Vec<bool> = catalog
        .databases
        .values()
        .map(|each| matcher(each.integration, 0).is_some_and(|matcher| matcher.matches(&each.name)))
        .collect();
    let schemas: Vec<bool> = catalog
        .schemas
        .values()
        .map(|each| {
            let integration = catalog.databases[each.database].integration;
            databases.get(each.database.raw() as usize) == Some(&true)
                && matcher(integration, 1).is_some_and(|matcher| matcher.matches(&each.name))
        })
        .collect();
    for (id, table) in catalog.tables.iter() {
        let integration = catalog.home(id).1.integration;
        if schemas.get(table.schema.raw() as usize) == Some(&true)
            && matcher(integration, 2).is_some_and(|matcher| matcher.matches(&table.name))
        {
            match column {
                None => found.tables.push(id),
                Some(column) => found.columns.extend(path::columns(inventory, id, column)),
            }
        }
    }
    found
}

fn find_s3(inventory: &Inventory, text: &str, integration: Option<IntegrationId>) -> Found {
    let mut found = Found::default();
    let prefix = Prefix::parse_policy(text).ok();
    for asked in inventory.integrations.ids().filter(|id| integration.is_none_or(|asked| asked == *id)) {
        let own = inventory.catalog.data_sources.iter().filter(|(_, each)| each.integration == asked);
        let registered =
            PrefixMap::unique(own.map(|(id, each)| (each.prefix.clone(), id))).unwrap_or_default();
        // An object's key may hold anything, also what no prefix may.
        let owner = match &prefix {
            Some(prefix) => registered.most_specific(prefix),
            None => split_uri(text).and_then(|(bucket, key)| registered.owner(bucket, key)),
        };
        found.data_sources.extend(owner.map(|(_, id)| *id));
    }
    let is_registered = |id: &DataSourceId| {
        prefix.as_ref().is_some_and(|prefix| inventory.catalog.data_sources[*id].prefix == *prefix)
    };
    // A question about a registered prefix is about itself, whoever else covers it elsewhere.
    if found.data_sources.iter().any(is_registered) {
        found.data_sources.retain(is_registered);
    } else {
        found.key = (!found.is_empty()).then(|| text.to_owned());
    }
    found
}

/// The names that a path could have meant, as paths.
fn path_names(inventory: &Inventory, path: &Path) -> Vec<String> {
    let catalog = &inventory.catalog;
    let tables = catalog.tables.ids();
    let shown = tables.clone().map(|table| catalog.shown_name(Securable::Table(table)));
    if path.segments.len() < 4 {
        return shown.collect();
    }
    // Columns of the table that the path names; failing that, all tables with the column's name behind.
    let table = Path { segments: path.segments.iter().take(3).cloned().collect() };
    let found = find_path(inventory, &table, None).tables;
    if found.is_empty() {
        let last = path.segments.last().map(|column| column.text.clone()).unwrap_or_default();
        return shown.map(|table| format!("{table}.{last}")).collect();
    }
    let columns = found.iter().flat_map(|table| &catalog.tables[*table].columns);
    columns.map(|column| catalog.shown_column(*column)).collect()
}

/// At most three names: those that end in what was written, else the nearest one.
fn near(written: &str, candidates: &[String], target: &ObjectTarget) -> Vec<String> {
    let tail = match target {
        ObjectTarget::Path(_) => format!(".{}", written.to_lowercase()),
        ObjectTarget::S3(_) => written.to_owned(),
    };
    let ending: Vec<String> = candidates
        .iter()
        .filter(|name| match target {
            ObjectTarget::Path(_) => name.to_lowercase().ends_with(&tail),
            ObjectTarget::S3(_) => false,
        })
        .take(3)
        .map(|name| format!("`{name}`"))
        .collect();
    if !ending.is_empty() {
        return ending;
    }
    nearest(written, candidates.iter().map(String::as_str))
        .map(|name| format!("`{name}`"))
        .into_iter()
        .collect()
}
