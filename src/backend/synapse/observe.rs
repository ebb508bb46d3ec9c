//! Synapse's exports as facts.
//!
//! In: `state/<integration>/`. Out: what is ours, by mark, and what is not. Ours are roles by the shape of their names (roles have
//! no comments), SELECT that is granted to them on objects, and who is in them; views of our schema whose query begins with our
//! mark; our table's rows. What denies is never ours, and neither is what speaks of a column.
//! Invariant: one fact, however often it is listed.

use std::collections::BTreeSet;

use super::native::{DIALECT, Home, alike};
use super::statement::{DENY, GRANT_OPTION};
use crate::backend::body::generated;
use crate::backend::contract::Observed;
use crate::backend::export::{self, Export};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::{Object, role, user};
use crate::backend::state::Reading;
use crate::backend::views::{Sightings, ViewBody};
use crate::diagnostic::{Code, Diagnostic, Reported};
use crate::inventory::{IntegrationId, Inventory};

/// A column of an export under the names that it has in the query of `docs/platforms.md` and in the catalog views themselves.
type Header = &'static [&'static str];

const CLASS: Header = &["CLASS_DESC"];
const SCHEMA: Header = &["SCH", "SCHEMA_NAME", "SCHEMA"];
const OBJECT: Header = &["OBJ", "OBJECT_NAME"];
const COLUMN: Header = &["COL", "COLUMN_NAME"];
const GRANTEE: Header = &["GRANTEE", "GRANTEE_NAME", "PRINCIPAL_NAME", "NAME"];
const GRANTEE_KIND: Header = &["TYPE_DESC", "GRANTEE_TYPE_DESC", "PRINCIPAL_TYPE_DESC"];
const PERMISSION: Header = &["PERMISSION_NAME"];
const STATE: Header = &["STATE_DESC", "STATE"];
const ROLE: Header = &["ROLE_NAME", "DATABASE_ROLE_NAME", "ROLE"];
const MEMBER: Header = &["MEMBER_NAME", "DATABASE_USER_NAME", "MEMBER"];
const MEMBER_KIND: Header = &["MEMBER_TYPE_DESC", "TYPE_DESC"];
const VIEW: Header = &["VIEW_NAME", "OBJ", "OBJECT_NAME", "NAME"];
const DEFINITION: Header = &["DEFINITION"];

/// The facts of an export.
pub(super) fn observe(
    inventory: &Inventory,
    integration: IntegrationId,
    mut reading: Reading<'_>,
    salt: Option<&str>,
    symbols: &mut Symbols,
) -> Result<Observed, Reported> {
    if reading.folder.files.is_none() {
        return Ok(Observed::default());
    }
    const FILES: [(&str, &[Header]); 4] = [
        ("views.csv", &[SCHEMA, VIEW, DEFINITION]),
        (
            "database_permissions.csv",
            &[CLASS, SCHEMA, OBJECT, COLUMN, GRANTEE, GRANTEE_KIND, PERMISSION, STATE],
        ),
        ("database_role_members.csv", &[ROLE, MEMBER]),
        ("entitlements.csv", &[&["ACCOUNT"], &["NAME"], &["VALUE"]]),
    ];
    export::complete(&mut reading, &FILES.map(|(name, _)| name))?;
    let [views, permissions, members, entitlements] =
        FILES.map(|(name, needs)| read(&mut reading, name, needs));
    let (views, permissions, members, entitlements) = (views?, permissions?, members?, entitlements?);
    let mut state = State {
        home: Home::of(inventory, integration),
        prefix: &inventory.integrations[integration].name_prefix,
        roles: BTreeSet::new(),
        views: BTreeSet::new(),
        seen: Sightings::default(),
    };
    state.views(&views, salt);
    state.known_roles(&permissions, &members);
    state.grants(&permissions);
    state.members(&members);
    state.entitlements(&entitlements);
    Ok(state.seen.observed(symbols))
}

/// An export with all the columns that it needs.
fn read(reading: &mut Reading<'_>, name: &str, needs: &[Header]) -> Result<Export, Reported> {
    let Some(export) = export::export(reading, name, &[])? else {
        // INVARIANT: `complete` has told of missing files.
        return export::complete(reading, &[name]).and_then(|()| read(reading, name, needs));
    };
    let lacking = needs.iter().find(|names| !names.iter().any(|each| export.has(each)));
    match lacking.and_then(|names| names.first()) {
        None => Ok(export),
        Some(header) => {
            let path = format!("{}/{name}", reading.folder.name);
            let message = format!("`{path}` has no column `{}`", header.to_ascii_lowercase());
            Err(export::tell(reading, &path, 1, Diagnostic::error(Code::BadState, message)))
        }
    }
}

/// A field under the first of its names that the export has. SQL's NULL comes out as nothing, or as `NULL` where a column
/// takes no such word.
fn field<'r>(export: &'r Export, row: &'r csv::StringRecord, header: Header) -> &'r str {
    header.iter().find(|name| export.has(name)).map_or("", |name| export.field(row, name))
}

struct State<'a> {
    home: Home<'a>,
    prefix: &'a str,
    /// The names of roles, from wherever they are told as such.
    roles: BTreeSet<String>,
    /// Views by schema and name.
    views: BTreeSet<[String; 2]>,
    seen: Sightings,
}

impl State<'_> {
    /// Whose a role is, if it is ours: roles have no comment, so the shape of its name tells.
    fn ours(&self, role: &str) -> Option<String> {
        let object = Object::parse(role);
        (object.word == "ROLE" && generated(object.name(), self.prefix)).then(String::new)
    }

    fn role(&mut self, role: &str) {
        if role.starts_with("ROLE ") {
            let ours = self.ours(role);
            self.seen.role(role, ours);
        }
    }

    fn views(&mut self, export: &Export, salt: Option<&str>) {
        for row in &export.rows {
            let path = [SCHEMA, VIEW].map(|header| field(export, row, header).to_owned());
            let (ours, body) = ViewBody::observed(field(export, row, DEFINITION), DIALECT, salt);
            let ours = ours.filter(|_| path.first() == Some(&self.home.schema));
            let object = self.home.view_object(&path);
            self.views.insert(path);
            self.seen.put((FactKind::View, &object, "", ""), body.text(), ours);
        }
    }

    fn known_roles(&mut self, permissions: &Export, members: &Export) {
        let granted = permissions
            .rows
            .iter()
            .filter(|row| is_role(field(permissions, row, GRANTEE_KIND)))
            .map(|row| field(permissions, row, GRANTEE));
        let held = members.rows.iter().map(|row| field(members, row, ROLE));
        self.roles.extend(granted.chain(held).map(str::to_owned));
    }

    fn grants(&mut self, export: &Export) {
        for row in &export.rows {
            let of = |header| field(export, row, header);
            let object = self.object(of(CLASS), [SCHEMA, OBJECT, COLUMN].map(of));
            let permission = of(PERMISSION).trim().to_ascii_uppercase();
            let (privilege, body) = match of(STATE).trim().to_ascii_uppercase().as_str() {
                "" | "G" | "GRANT" => (permission, ""),
                "W" | "GRANT_WITH_GRANT_OPTION" => (permission, GRANT_OPTION),
                "D" | "DENY" => (format!("{DENY}{permission}"), ""),
                "R" | "REVOKE" => (format!("REVOKE {permission}"), ""),
                other => (format!("{other} {permission}"), ""),
            };
            let grantee = self.principal(of(GRANTEE), of(GRANTEE_KIND));
            self.role(&grantee);
            let ours = self.ours(&grantee).filter(|_| privilege == "SELECT" && is_whole(&object));
            self.seen.put((FactKind::Grant, &object, &grantee, &privilege), body.to_owned(), ours);
        }
    }

    fn object(&self, class: &str, [schema, name, column]: [&str; 3]) -> String {
        let class = class.trim().to_ascii_uppercase();
        let [schema, name, column] =
            [schema, name, column].map(|each| if each == "NULL" { "" } else { each });
        match class.as_str() {
            "OBJECT_OR_COLUMN" => {
                let view = self.views.contains(&[schema.to_owned(), name.to_owned()]);
                let mut object = Object::new(if view { "VIEW" } else { "TABLE" }, [schema, name]);
                object.column = (!column.is_empty()).then(|| column.to_owned());
                object.text()
            }
            "SCHEMA" => Object::new("SCHEMA", [schema]).text(),
            "DATABASE" => Object::new("DATABASE", [self.home.database.as_str()]).text(),
            other => {
                let path = [schema, name].into_iter().filter(|part| !part.is_empty());
                let object = Object::new(other, path);
                if object.path.is_empty() { object.word } else { object.text() }
            }
        }
    }

    /// `ROLE "r"`, `USER "u"`, `GROUP "g"`: whom we cannot look into. Without a kind, what is known as a role is one.
    fn principal(&self, name: &str, kind: &str) -> String {
        let kind = kind.trim().to_ascii_uppercase();
        match kind.as_str() {
            "R" | "DATABASE_ROLE" => role(name),
            "" | "NULL" if self.roles.contains(name) || alike(name) == "public" => role(name),
            "" | "NULL" | "S" | "E" | "U" => user(name),
            kind if kind.ends_with("_USER") => user(name),
            _ => Object::new("GROUP", [name]).text(),
        }
    }

    fn members(&mut self, export: &Export) {
        for row in &export.rows {
            let granted = role(field(export, row, ROLE));
            self.role(&granted);
            let member = field(export, row, MEMBER);
            if matches!(member, "" | "NULL" | "No members") {
                continue;
            }
            let member = self.principal(member, field(export, row, MEMBER_KIND));
            self.role(&member);
            let ours = self.ours(&granted);
            self.seen.put((FactKind::Membership, &granted, &member, ""), String::new(), ours);
        }
    }

    fn entitlements(&mut self, export: &Export) {
        for row in &export.rows {
            let field = |header: &str| export.field(row, header);
            let (object, account) = (format!("VALUE {}", field("VALUE")), user(field("ACCOUNT")));
            let key = (FactKind::Entitlement, object.as_str(), account.as_str(), field("NAME"));
            self.seen.put(key, String::new(), Some(String::new()));
        }
    }
}

fn is_role(kind: &str) -> bool {
    matches!(kind.trim().to_ascii_uppercase().as_str(), "R" | "DATABASE_ROLE")
}

/// Whether an object is a view or table, and not a column of one.
fn is_whole(object: &str) -> bool {
    let object = Object::parse(object);
    matches!(object.word.as_str(), "VIEW" | "TABLE") && object.column.is_none()
}

/// Whether we know what a fact does, so that it may be revoked. To take away what denies would give; roles that come with a pool
/// hold its administrators or its resource classes.
pub(super) fn understood(fact: &Fact, symbols: &Symbols) -> bool {
    let object = symbols.text(fact.key.object);
    match fact.key.kind {
        FactKind::Grant => {
            let known = matches!(symbols.text(fact.key.privilege), "SELECT" | "INSERT" | "UPDATE" | "DELETE");
            known && (is_whole(object) || object.starts_with("SCHEMA "))
        }
        FactKind::Role | FactKind::Membership => !comes_with_a_pool(Object::parse(object).name()),
        FactKind::View | FactKind::Entitlement => true,
        FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::MaskAttachment
        | FactKind::RowAttachment
        | FactKind::AuthorizedView
        | FactKind::Rule => false,
    }
}

/// Fixed roles, and resource classes (`largerc`, `staticrc10`), which are roles too:
/// learn.microsoft.com/azure/synapse-analytics/sql-data-warehouse/resource-classes-for-workload-management (2026-11-25).
fn comes_with_a_pool(role: &str) -> bool {
    let role = alike(role);
    role == "public"
        || role.starts_with("db_")
        || role.starts_with("staticrc")
        || matches!(role.as_str(), "smallrc" | "mediumrc" | "largerc" | "xlargerc")
}
