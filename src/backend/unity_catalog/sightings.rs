//! Rows of exports as facts, ours and others'.
//!
//! In: one export after another, groups first, functions before where they stand. Out: each fact once, with whose it is.

use std::collections::BTreeMap;

use super::native::{self, Attached, DIALECT, FunctionBody, Home, SCHEMA, marked, relation_word};
use super::observe::{OWNERSHIP, known};
use super::scim::{Directory, Principal};
use super::types::{canonical, head};
use crate::backend::contract::Observed;
use crate::backend::export::Export;
use crate::backend::fact::{FactKind, Symbols};
use crate::backend::object::{Object, user};
use crate::backend::views::Sightings;
use crate::inventory::catalog::TableKind;
use crate::inventory::{IntegrationId, Inventory, TableId};

/// A function, and whose it is if it is ours.
type Routine = (FunctionBody, Option<String>);

/// What has been seen so far.
pub(super) struct State<'a> {
    /// The relations of the catalog by path, with their word: exports call them all tables.
    words: BTreeMap<[String; 3], &'static str>,
    /// The columns of tables that can be masked.
    columns: BTreeMap<[String; 3], Vec<String>>,
    home: Home,
    /// The literal that stands for `{salt}` in exported bodies.
    salt: Option<String>,
    groups: &'a Directory,
    routines: BTreeMap<String, Routine>,
    /// Functions that stand somewhere, or live in our schema.
    needed: Vec<String>,
    seen: Sightings,
}

impl<'a> State<'a> {
    /// Nothing yet.
    pub(super) fn new(
        inventory: &Inventory,
        integration: IntegrationId,
        home: Home,
        salt: Option<&str>,
        groups: &'a Directory,
    ) -> State<'a> {
        let catalog = &inventory.catalog;
        let ours = |table: &TableId| catalog.home(*table).1.integration == integration;
        let word =
            |table| (catalog.path(table).map(str::to_owned), relation_word(catalog.tables[table].kind));
        let columns = |table: TableId| {
            let described = &catalog.tables[table];
            let masked = matches!(described.kind, TableKind::Table | TableKind::External);
            let names = described.columns.iter().map(|column| catalog.columns[*column].name.to_lowercase());
            masked.then(|| (catalog.path(table).map(str::to_owned), names.collect()))
        };
        State {
            columns: catalog.tables.ids().filter(ours).filter_map(columns).collect(),
            words: catalog.tables.ids().filter(ours).map(word).collect(),
            home,
            salt: salt.map(|salt| DIALECT.literal(salt)),
            groups,
            routines: BTreeMap::new(),
            needed: Vec::new(),
            seen: Sightings::default(),
        }
    }

    /// Groups and who is in them.
    pub(super) fn groups(&mut self) {
        for group in self.groups.groups() {
            let object = native::group(&group.name);
            let ours = group.ours.then(String::new);
            self.seen.put((FactKind::Group, &object, "", ""), String::new(), ours.clone());
            for member in &group.members {
                let member = match member {
                    Principal::Group(name) => native::group(name),
                    Principal::User(name) => user(name),
                };
                self.seen.put((FactKind::Membership, &object, &member, ""), String::new(), ours.clone());
            }
        }
    }

    /// An object by its path.
    pub(super) fn object(&self, path: &[String]) -> Object {
        let word = match path {
            [_] => "CATALOG",
            [_, _] => "SCHEMA",
            path => <&[String; 3]>::try_from(path)
                .ok()
                .and_then(|path| self.words.get(path))
                .copied()
                .unwrap_or("TABLE"),
        };
        Object::new(word, path.iter().map(String::as_str))
    }

    /// A privilege, spelt with blanks or underscores.
    pub(super) fn grant(&mut self, object: &Object, principal: &str, privilege: &str) {
        let privilege = privilege.trim().to_ascii_uppercase().replace('_', " ");
        if principal.is_empty() || privilege.is_empty() || object.path.iter().any(String::is_empty) {
            return;
        }
        let (object, known_group) = (object.text(), self.groups.find(principal));
        let grantee = match known_group {
            Some(_) => native::group(principal),
            None if principal == native::EVERYBODY => native::group(principal),
            None => user(principal),
        };
        let ours = known_group.is_some_and(|group| group.ours) && known(&object, &privilege);
        debug_assert!(privilege != OWNERSHIP || !ours, "no owner is ours");
        self.seen.put(
            (FactKind::Grant, &object, &grantee, &privilege),
            String::new(),
            ours.then(String::new),
        );
    }

    /// Functions; `parameters`: their arguments, where somebody exported them.
    pub(super) fn routines(&mut self, export: &Export, parameters: Option<&Export>) {
        let parameters = parameters.map(parameters_of);
        for row in &export.rows {
            let field = |header: &str| export.field(row, header);
            let path = [field("ROUTINE_CATALOG"), field("ROUTINE_SCHEMA"), field("ROUTINE_NAME")]
                .map(str::to_lowercase);
            let at_home =
                path.first() == Some(&self.home.catalog) && path.get(1).is_some_and(|it| it == SCHEMA);
            let function = Object::new("FUNCTION", path.iter().map(String::as_str)).text();
            let (ours, told) = match marked(field("COMMENT")).filter(|_| at_home) {
                Some((policies, told)) => (Some(policies), told),
                None => (None, FunctionBody::default()),
            };
            let [catalog, schema, name] = path;
            let name = match field("SPECIFIC_NAME") {
                "" => name,
                specific => specific.to_lowercase(),
            };
            let exported = parameters.as_ref().map(|all| all.get(&[catalog, schema, name]));
            let body = FunctionBody {
                arguments: match exported {
                    Some(parameters) => {
                        arguments(parameters.map(Vec::as_slice).unwrap_or_default(), &told.arguments)
                    }
                    None => told.arguments,
                },
                returns: returned(field("FULL_DATA_TYPE"), field("DATA_TYPE"), &told.returns),
                columns: told.columns,
                expression: self.unsalted(field("ROUTINE_DEFINITION").trim()),
            };
            if at_home {
                self.needed.push(function.clone());
            }
            self.routines.insert(function, (body, ours));
        }
    }

    /// A fact.
    pub(super) fn put(&mut self, key: (FactKind, &str, &str, &str), body: String, ours: Option<String>) {
        self.seen.put(key, body, ours);
    }

    /// A function that is a fact wherever it comes from.
    pub(super) fn need(&mut self, function: &str) {
        self.needed.push(function.to_owned());
    }

    /// A function of our schema.
    pub(super) fn home_function(&self, name: &str) -> String {
        self.home.function(name)
    }

    /// The columns that a function was written for, and whose it is.
    pub(super) fn told(&self, function: &str) -> Option<(Vec<String>, String)> {
        let (body, policies) = self.routines.get(function)?;
        Some((body.columns.clone(), policies.clone().unwrap_or_default()))
    }

    /// The tables of the catalog below a path, views aside, with the names of their columns as they compare.
    pub(super) fn tables(&self, scope: &[String]) -> Vec<(Vec<String>, Vec<String>)> {
        let inside = |path: &[String; 3]| path.iter().zip(scope).all(|(part, of)| part == of);
        let tables = self.columns.iter().filter(|(path, _)| inside(path));
        tables.map(|(path, columns)| (path.to_vec(), columns.clone())).collect()
    }

    fn unsalted(&self, body: &str) -> String {
        match &self.salt {
            Some(salt) => body.replace(salt.as_str(), "{salt}"),
            None => body.to_owned(),
        }
    }

    /// Where masks or filters stand. The headers are those of the manual, or those that workspaces have been seen to print.
    pub(super) fn attachments(&mut self, export: &Export, kind: FactKind) {
        let (word, columns) = match kind {
            FactKind::MaskAttachment => ("MASK", "USING_COLUMNS"),
            _ => ("FILTER", "TARGET_COLUMNS"),
        };
        for row in &export.rows {
            let either = |first: &str, second: &str| match export.field(row, first) {
                "" => export.field(row, second).to_owned(),
                text => text.to_owned(),
            };
            let path = [
                either("CATALOG_NAME", "TABLE_CATALOG"),
                either("SCHEMA_NAME", "TABLE_SCHEMA"),
                export.field(row, "TABLE_NAME").to_owned(),
            ]
            .map(|part| part.to_lowercase());
            let mut object = self.object(&path);
            if kind == FactKind::MaskAttachment {
                object.column = Some(export.field(row, "COLUMN_NAME").to_lowercase());
            }
            let function = function_path(
                [&format!("{word}_CATALOG"), &format!("{word}_SCHEMA"), &format!("{word}_NAME")]
                    .map(|header| export.field(row, header).to_lowercase()),
            );
            let function = Object::new("FUNCTION", function.iter().map(String::as_str)).text();
            let known = self.routines.get(&function);
            let ours = known.and_then(|(_, ours)| ours.clone());
            let told = known.map(|(body, _)| body.columns.as_slice()).unwrap_or_default();
            let columns = columns_of(&either(&format!("{word}_COL_USAGE"), columns), told);
            let attached = Attached { function: function.clone(), columns };
            self.needed.push(function);
            self.seen.put((kind, &object.text(), "", ""), attached.text(), ours);
        }
    }

    /// Our table's rows.
    pub(super) fn entitlements(&mut self, export: &Export) {
        for row in &export.rows {
            let field = |header: &str| export.field(row, header);
            let (object, account) = (format!("VALUE {}", field("VALUE")), user(field("ACCOUNT")));
            let key = (FactKind::Entitlement, object.as_str(), account.as_str(), field("NAME"));
            self.seen.put(key, String::new(), Some(String::new()));
        }
    }

    /// The facts.
    pub(super) fn observed(mut self, symbols: &mut Symbols) -> Observed {
        for function in std::mem::take(&mut self.needed) {
            if let Some((body, ours)) = self.routines.get(&function) {
                self.seen.put((FactKind::Function, &function, "", ""), body.text(), ours.clone());
            }
        }
        self.seen.observed(symbols)
    }
}

/// Catalog, schema and specific name of a function.
type Specific = [String; 3];

/// An argument: its name, its type whole (perhaps empty), its type's name.
type Parameter = [String; 3];

/// Arguments by function, in order.
fn parameters_of(export: &Export) -> BTreeMap<Specific, Vec<Parameter>> {
    let mut found: BTreeMap<Specific, BTreeMap<u32, Parameter>> = BTreeMap::new();
    for row in &export.rows {
        let field = |header: &str| export.field(row, header);
        let specific = ["SPECIFIC_CATALOG", "SPECIFIC_SCHEMA", "SPECIFIC_NAME"];
        let at = field("ORDINAL_POSITION").parse().unwrap_or(u32::MAX);
        let parameter =
            ["PARAMETER_NAME", "FULL_DATA_TYPE", "DATA_TYPE"].map(|header| field(header).to_owned());
        found.entry(specific.map(|header| field(header).to_lowercase())).or_default().insert(at, parameter);
    }
    found.into_iter().map(|(function, list)| (function, list.into_values().collect())).collect()
}

/// Arguments as the export has them; what it leaves out of their types is what the comment tells.
fn arguments(parameters: &[Parameter], told: &[(String, String)]) -> Vec<(String, String)> {
    let told = told.iter().map(|(_, of)| of.as_str()).chain(std::iter::repeat(""));
    parameters
        .iter()
        .zip(told)
        .map(|([name, full, of], told)| (name.clone(), returned(full, of, told)))
        .collect()
}

/// A type as exports tell it: whole, or its name alone, which then stands for the type that the comment tells.
fn returned(full: &str, name: &str, told: &str) -> String {
    let name = canonical(if matches!(full, "" | "NULL") { name } else { full });
    if matches!(full, "" | "NULL") && head(&name) == head(told) { told.to_owned() } else { name }
}

/// The path of a function: in three fields, or dotted in the last.
fn function_path([catalog, schema, name]: [String; 3]) -> Vec<String> {
    if !catalog.is_empty() {
        return vec![catalog, schema, name];
    }
    name.split('.').map(|part| part.trim_matches('`').to_owned()).collect()
}

/// The columns of an attachment: a list parted by commas, or JSON. Names may hold commas, so the columns that the function was
/// written for decide where they print the same.
fn columns_of(text: &str, told: &[String]) -> Vec<String> {
    let bare = |text: &str| -> String {
        text.to_lowercase()
            .chars()
            .filter(|each| !each.is_whitespace() && !"[]\"'`\\".contains(*each))
            .collect()
    };
    if bare(text) == bare(&told.join(",")) {
        return told.to_vec();
    }
    if matches!(text.trim(), "" | "NULL" | "null" | "[]") {
        return Vec::new();
    }
    serde_json::from_str(text).unwrap_or_else(|_| {
        let list = text.trim().trim_start_matches('[').trim_end_matches(']');
        list.split(',').map(|name| name.trim().trim_matches('`').to_lowercase()).collect()
    })
}
