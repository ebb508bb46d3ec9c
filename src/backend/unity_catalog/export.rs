//! The exports that a state gives: what `state/<integration>/` would hold after the artefacts ran.
//!
//! In: facts. Out: CSV files under the headers of information_schema (docs.databricks.com/sql/language-manual/information-schema,
//! 2026-11-25) and the account's groups. Invariant: `observe` reads back what is written here.

use super::abac;
use super::emit::{groups, salted};
use super::native::{Attached, FunctionBody};
use super::types::head;
use crate::backend::contract::Artefact;
use crate::backend::export::Table;
use crate::backend::fact::{Fact, FactKind, Symbols, sort_by_text};
use crate::backend::object::Object;
use crate::backend::views::entitlement;

const TABLE_PRIVILEGES: [&str; 8] = [
    "GRANTOR",
    "GRANTEE",
    "TABLE_CATALOG",
    "TABLE_SCHEMA",
    "TABLE_NAME",
    "PRIVILEGE_TYPE",
    "IS_GRANTABLE",
    "INHERITED_FROM",
];
const SCHEMA_PRIVILEGES: [&str; 7] =
    ["GRANTOR", "GRANTEE", "CATALOG_NAME", "SCHEMA_NAME", "PRIVILEGE_TYPE", "IS_GRANTABLE", "INHERITED_FROM"];
const CATALOG_PRIVILEGES: [&str; 6] =
    ["GRANTOR", "GRANTEE", "CATALOG_NAME", "PRIVILEGE_TYPE", "IS_GRANTABLE", "INHERITED_FROM"];
const COLUMN_MASKS: [&str; 8] = [
    "CATALOG_NAME",
    "SCHEMA_NAME",
    "TABLE_NAME",
    "COLUMN_NAME",
    "MASK_CATALOG",
    "MASK_SCHEMA",
    "MASK_NAME",
    "MASK_COL_USAGE",
];
const ROW_FILTERS: [&str; 7] = [
    "CATALOG_NAME",
    "SCHEMA_NAME",
    "TABLE_NAME",
    "FILTER_CATALOG",
    "FILTER_SCHEMA",
    "FILTER_NAME",
    "FILTER_COL_USAGE",
];
const ROUTINES: [&str; 10] = [
    "SPECIFIC_NAME",
    "ROUTINE_CATALOG",
    "ROUTINE_SCHEMA",
    "ROUTINE_NAME",
    "ROUTINE_TYPE",
    "DATA_TYPE",
    "FULL_DATA_TYPE",
    "ROUTINE_BODY",
    "ROUTINE_DEFINITION",
    "COMMENT",
];

/// The exports.
pub(super) fn state(facts: &[Fact], symbols: &Symbols, salt: Option<&str>, by_tags: bool) -> Vec<Artefact> {
    let mut facts = facts.to_vec();
    sort_by_text(&mut facts, symbols);
    let mut tables = Table::new("table_privileges.csv", &TABLE_PRIVILEGES);
    let mut schemas = Table::new("schema_privileges.csv", &SCHEMA_PRIVILEGES);
    let mut catalogs = Table::new("catalog_privileges.csv", &CATALOG_PRIVILEGES);
    let mut masks = Table::new("column_masks.csv", &COLUMN_MASKS);
    let mut filters = Table::new("row_filters.csv", &ROW_FILTERS);
    let mut routines = Table::secret("routines.csv", &ROUTINES);
    let mut entitlements = Table::new("entitlements.csv", &["account", "name", "value"]);
    for fact in &facts {
        let text = |symbol| symbols.text(symbol);
        let object = Object::parse(text(fact.key.object));
        let grantee = Object::parse(text(fact.key.grantee));
        if abac::tags::key_of(fact, symbols).is_some() {
            continue;
        }
        match (fact.key.kind, object.path.as_slice()) {
            (FactKind::Grant, path) => {
                let granted = [
                    ("GRANTEE", grantee.name()),
                    ("PRIVILEGE_TYPE", text(fact.key.privilege)),
                    ("IS_GRANTABLE", "NO"),
                    ("INHERITED_FROM", "NONE"),
                ];
                match path {
                    [catalog, schema, name] => tables.row(
                        &[
                            &granted[..],
                            &[("TABLE_CATALOG", catalog), ("TABLE_SCHEMA", schema), ("TABLE_NAME", name)],
                        ]
                        .concat(),
                    ),
                    [catalog, schema] => schemas
                        .row(&[&granted[..], &[("CATALOG_NAME", catalog), ("SCHEMA_NAME", schema)]].concat()),
                    [catalog] => catalogs.row(&[&granted[..], &[("CATALOG_NAME", catalog)]].concat()),
                    _ => {}
                }
            }
            (FactKind::Function, [catalog, schema, name]) => {
                let body = FunctionBody::parse(text(fact.body));
                let comment = match text(fact.policies) {
                    "" => String::new(),
                    policies => body.comment(policies),
                };
                routines.row(&[
                    ("SPECIFIC_NAME", name),
                    ("ROUTINE_CATALOG", catalog),
                    ("ROUTINE_SCHEMA", schema),
                    ("ROUTINE_NAME", name),
                    ("ROUTINE_TYPE", "FUNCTION"),
                    ("DATA_TYPE", head(&body.returns)),
                    ("FULL_DATA_TYPE", &body.returns),
                    ("ROUTINE_BODY", "SQL"),
                    ("ROUTINE_DEFINITION", &salted(&body.expression, salt)),
                    ("COMMENT", &comment),
                ]);
            }
            (FactKind::MaskAttachment | FactKind::RowAttachment, [catalog, schema, name]) => {
                let attached = Attached::parse(text(fact.body));
                let function = Object::parse(&attached.function);
                let [home, within, called] = function.path.as_slice() else { continue };
                let columns = attached.columns.join(",");
                let on = [("CATALOG_NAME", catalog.as_str()), ("SCHEMA_NAME", schema), ("TABLE_NAME", name)];
                match &object.column {
                    Some(column) => masks.row(
                        &[
                            &on[..],
                            &[("COLUMN_NAME", column), ("MASK_CATALOG", home), ("MASK_SCHEMA", within)],
                            &[("MASK_NAME", called), ("MASK_COL_USAGE", &columns)],
                        ]
                        .concat(),
                    ),
                    None => filters.row(
                        &[
                            &on[..],
                            &[("FILTER_CATALOG", home), ("FILTER_SCHEMA", within)],
                            &[("FILTER_NAME", called), ("FILTER_COL_USAGE", &columns)],
                        ]
                        .concat(),
                    ),
                }
            }
            (FactKind::Entitlement, _) => {
                let [account, name, value] = entitlement(fact, symbols);
                entitlements.row(&[("account", &account), ("name", &name), ("value", &value)]);
            }
            // Groups and their members go into `groups.json`, policies and governed tags into files of their own.
            (
                FactKind::Group
                | FactKind::Membership
                | FactKind::Function
                | FactKind::MaskAttachment
                | FactKind::RowAttachment
                | FactKind::Role
                | FactKind::MaskingPolicy
                | FactKind::RowAccessPolicy
                | FactKind::Location
                | FactKind::View
                | FactKind::AuthorizedView
                | FactKind::Rule,
                _,
            ) => {}
        }
    }
    let of = |kind: FactKind| facts.iter().filter(move |fact| fact.key.kind == kind);
    let groups = groups(of(FactKind::Group), of(FactKind::Membership), symbols);
    let groups = Artefact {
        path: "groups.json".to_owned(),
        bytes: format!("{groups:#}\n").into_bytes(),
        secret: false,
    };
    [tables, schemas, catalogs, masks, filters, routines, entitlements]
        .into_iter()
        .map(Table::artefact)
        .chain([groups])
        .chain(abac::state(&facts, symbols, by_tags))
        .collect()
}
