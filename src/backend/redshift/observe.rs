//! Redshift's exports as facts.
//!
//! In: `state/<integration>/`. Out: what is ours, by mark, and what is not. Ours are roles by the shape of their names (roles have
//! no comments), what is granted to them and who is in them; views of our schema whose query begins with our mark; our table's rows.
//! Invariant: one fact, however many views list it.

use std::collections::BTreeMap;

use super::native::{DIALECT, Home, PUBLIC};
use crate::backend::body::generated;
use crate::backend::contract::Observed;
use crate::backend::export::{self, Export};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::{Object, role, user};
use crate::backend::state::Reading;
use crate::backend::views::{Sightings, ViewBody};
use crate::diagnostic::Reported;
use crate::inventory::{IntegrationId, Inventory};

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
    export::complete(
        &mut reading,
        &[
            "svv_relation_privileges.csv",
            "svv_schema_privileges.csv",
            "svv_role_grants.csv",
            "svv_user_grants.csv",
            "pg_views.csv",
            "entitlements.csv",
        ],
    )?;
    let mut state = State {
        home: Home::of(inventory, integration),
        prefix: &inventory.integrations[integration].name_prefix,
        shapes: BTreeMap::new(),
        seen: Sightings::default(),
    };
    let mut table = |name, needs: &[&str]| export::export(&mut reading, name, needs);
    if let Some(export) = table("svv_roles.csv", &["ROLE_NAME"])? {
        state.roles(&export);
    }
    if let Some(export) = table("pg_views.csv", &["SCHEMANAME", "VIEWNAME", "DEFINITION"])? {
        state.views(&export, salt);
    }
    const GRANT: [&str; 4] = ["NAMESPACE_NAME", "PRIVILEGE_TYPE", "IDENTITY_NAME", "IDENTITY_TYPE"];
    for (name, needs) in [
        ("svv_relation_privileges.csv", [GRANT.as_slice(), &["RELATION_NAME"]].concat()),
        ("svv_schema_privileges.csv", GRANT.to_vec()),
    ] {
        if let Some(export) = table(name, &needs)? {
            state.grants(&export);
        }
    }
    if let Some(export) = table("svv_role_grants.csv", &["ROLE_NAME", "GRANTED_ROLE_NAME"])? {
        state.members(&export, |field| (field("GRANTED_ROLE_NAME"), role(field("ROLE_NAME"))));
    }
    if let Some(export) = table("svv_user_grants.csv", &["USER_NAME", "ROLE_NAME"])? {
        state.members(&export, |field| (field("ROLE_NAME"), user(field("USER_NAME"))));
    }
    if let Some(export) = table("entitlements.csv", &["ACCOUNT", "NAME", "VALUE"])? {
        state.entitlements(&export);
    }
    Ok(state.seen.observed(symbols))
}

struct State<'a> {
    home: Home<'a>,
    prefix: &'a str,
    /// Views by their object: the shapes that grants on them carry.
    shapes: BTreeMap<String, String>,
    seen: Sightings,
}

impl State<'_> {
    /// Whose a role is, if it is ours: Redshift keeps no comment on roles, so the shape of its name tells.
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

    fn roles(&mut self, export: &Export) {
        for row in &export.rows {
            self.role(&role(export.field(row, "ROLE_NAME")));
        }
    }

    fn views(&mut self, export: &Export, salt: Option<&str>) {
        for row in &export.rows {
            let field = |header: &str| export.field(row, header);
            let (ours, body) = ViewBody::observed(field("DEFINITION"), DIALECT, salt);
            let schema = field("SCHEMANAME");
            let ours = ours.filter(|_| schema == self.home.schema);
            let object = self.home.view_object(&[schema.to_owned(), field("VIEWNAME").to_owned()]);
            self.shapes
                .insert(object.clone(), if ours.is_some() { body.shape.clone() } else { String::new() });
            self.seen.put((FactKind::View, &object, "", ""), body.text(), ours);
        }
    }

    fn grants(&mut self, export: &Export) {
        for row in &export.rows {
            let field = |header: &str| export.field(row, header);
            let database = match field("DATABASE_NAME") {
                "" => self.home.database.clone(),
                name => name.to_owned(),
            };
            let object = self.object(&database, field("NAMESPACE_NAME"), field("RELATION_NAME"));
            let scope = field("PRIVILEGE_SCOPE").to_ascii_uppercase();
            // A scoped permission reaches the tables of the schema, now and later.
            let privilege = match scope.as_str() {
                "" | "SCHEMA" => field("PRIVILEGE_TYPE").to_ascii_uppercase(),
                scope => format!("{} FOR {scope}", field("PRIVILEGE_TYPE").to_ascii_uppercase()),
            };
            let name = field("IDENTITY_NAME");
            let grantee = match field("IDENTITY_TYPE").to_ascii_lowercase().as_str() {
                "role" => role(name),
                "user" => user(name),
                "public" => PUBLIC.to_owned(),
                other => Object::new(&other.to_ascii_uppercase(), [name]).text(),
            };
            self.role(&grantee);
            let ours = self.ours(&grantee).filter(|_| known(&privilege));
            let body = match &ours {
                Some(_) => self.shapes.get(&object).cloned().unwrap_or_default(),
                None => String::new(),
            };
            self.seen.put((FactKind::Grant, &object, &grantee, &privilege), body, ours);
        }
    }

    fn object(&self, database: &str, schema: &str, relation: &str) -> String {
        if relation.is_empty() {
            return Object::new("SCHEMA", [database, schema]).text();
        }
        let view = self.home.view_object(&[schema.to_owned(), relation.to_owned()]);
        if database == self.home.database && self.shapes.contains_key(&view) {
            return view;
        }
        Object::new("TABLE", [database, schema, relation]).text()
    }

    fn members<'f>(
        &mut self,
        export: &'f Export,
        read: impl Fn(&dyn Fn(&str) -> &'f str) -> (&'f str, String),
    ) {
        for row in &export.rows {
            let (granted, member) = read(&|header| export.field(row, header));
            let granted = role(granted);
            self.role(&granted);
            self.role(&member);
            let ours = self.ours(&granted);
            self.seen.put((FactKind::Membership, &granted, &member, ""), String::new(), ours);
        }
    }

    fn entitlements(&mut self, export: &Export) {
        for row in &export.rows {
            let field = |header: &str| export.field(row, header);
            let (object, account) = (format!("VALUE {}", field("VALUE")), user(field("ACCOUNT")));
            self.seen.put(
                (FactKind::Entitlement, &object, &account, field("NAME")),
                String::new(),
                Some(String::new()),
            );
        }
    }
}

/// Whether a privilege is one that we would grant.
fn known(privilege: &str) -> bool {
    matches!(privilege, "SELECT" | "USAGE")
}

/// Whether we know what a fact does, so that it may be revoked.
pub(super) fn understood(fact: &Fact, symbols: &Symbols) -> bool {
    match fact.key.kind {
        FactKind::Grant => {
            matches!(symbols.text(fact.key.privilege), "SELECT" | "USAGE" | "INSERT" | "UPDATE" | "DELETE")
        }
        FactKind::Role | FactKind::Membership | FactKind::View | FactKind::Entitlement => true,
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
