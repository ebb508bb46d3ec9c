//! The exports that a state gives: what `state/<integration>/` would hold after the artefacts ran.
//!
//! In: facts. Out: CSV files, rows of `sys.database_permissions`, `sys.database_role_members` and `sys.sql_modules` with names in
//! place of ids: learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-database-permissions-transact-sql
//! (2026-11-25). A row of `database_role_members.csv` without a member says that there is the role.
//! Invariant: `observe` reads back what is written here.

use super::native::DIALECT;
use super::statement::{DENY, GRANT_OPTION};
use crate::backend::contract::Artefact;
use crate::backend::export::Table;
use crate::backend::fact::{Fact, FactKind, Symbols, sort_by_text};
use crate::backend::object::Object;
use crate::backend::views::{self, ViewBody};

const PERMISSIONS: [&str; 8] =
    ["class_desc", "sch", "obj", "col", "grantee", "type_desc", "permission_name", "state_desc"];
const MEMBERS: [&str; 3] = ["role_name", "member_name", "member_type_desc"];
const VIEWS: [&str; 3] = ["schema_name", "view_name", "definition"];

/// The exports.
pub(super) fn state(facts: &[Fact], symbols: &Symbols, salt: Option<&str>) -> Vec<Artefact> {
    let mut facts = facts.to_vec();
    sort_by_text(&mut facts, symbols);
    let mut permissions = Table::new("database_permissions.csv", &PERMISSIONS);
    let mut members = Table::new("database_role_members.csv", &MEMBERS);
    let mut modules = Table::secret("views.csv", &VIEWS);
    let mut entitlements = Table::new("entitlements.csv", &["account", "name", "value"]);
    for fact in &facts {
        let text = |symbol| symbols.text(symbol);
        let object = Object::parse(text(fact.key.object));
        let grantee = Object::parse(text(fact.key.grantee));
        match fact.key.kind {
            FactKind::Role => members.row(&[("role_name", object.name())]),
            FactKind::Membership => members.row(&[
                ("role_name", object.name()),
                ("member_name", grantee.name()),
                ("member_type_desc", kind(&grantee.word)),
            ]),
            FactKind::Grant => {
                let privilege = text(fact.key.privilege);
                let (privilege, state) = match privilege.strip_prefix(DENY) {
                    Some(privilege) => (privilege, "DENY"),
                    None if text(fact.body) == GRANT_OPTION => (privilege, "GRANT_WITH_GRANT_OPTION"),
                    None => (privilege, "GRANT"),
                };
                let to = [
                    ("grantee", grantee.name()),
                    ("type_desc", kind(&grantee.word)),
                    ("permission_name", privilege),
                    ("state_desc", state),
                ];
                let place = match (object.word.as_str(), object.path.as_slice()) {
                    ("TABLE" | "VIEW", [schema, name]) => vec![
                        ("class_desc", "OBJECT_OR_COLUMN"),
                        ("sch", schema.as_str()),
                        ("obj", name),
                        ("col", object.column.as_deref().unwrap_or("")),
                    ],
                    ("SCHEMA", [schema]) => vec![("class_desc", "SCHEMA"), ("sch", schema.as_str())],
                    (word, _) => vec![("class_desc", word)],
                };
                permissions.row(&[place.as_slice(), to.as_slice()].concat());
            }
            FactKind::View => {
                let [schema, name] = object.path.as_slice() else { continue };
                let query = ViewBody::parse(text(fact.body)).marked(text(fact.policies), DIALECT, salt);
                let path = DIALECT.path([schema.as_str(), name]);
                let definition = format!("CREATE VIEW {path} AS {query}");
                modules.row(&[("schema_name", schema), ("view_name", name), ("definition", &definition)]);
            }
            FactKind::Entitlement => {
                let [account, name, value] = views::entitlement(fact, symbols);
                entitlements.row(&[("account", &account), ("name", &name), ("value", &value)]);
            }
            FactKind::Group
            | FactKind::Location
            | FactKind::Function
            | FactKind::MaskingPolicy
            | FactKind::RowAccessPolicy
            | FactKind::MaskAttachment
            | FactKind::RowAttachment
            | FactKind::AuthorizedView
            | FactKind::Rule => {}
        }
    }
    [permissions, members, modules, entitlements].into_iter().map(Table::artefact).collect()
}

/// The `type_desc` of a principal.
fn kind(word: &str) -> &'static str {
    match word {
        "ROLE" => "DATABASE_ROLE",
        "GROUP" => "EXTERNAL_GROUP",
        _ => "SQL_USER",
    }
}
