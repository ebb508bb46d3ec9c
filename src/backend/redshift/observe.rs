//! Redshift's exports as facts.
//!
//! In: `state/<integration>/`. Out: what is ours, by mark, and what is not. Ours are roles by the shape of their names (roles have
//! no comments), what is granted to them and who is in them; views of our schema whose query begins with our mark; our table's rows;
//! policies by the shape of their names, and where they stand ([`super::policies::observe`]).
//! Invariant: one fact, however many views list it.

use std::collections::{BTreeMap, BTreeSet};

use super::native::{DIALECT, Home, PUBLIC, fold};
use super::policies;
use super::policies::standing::RowStanding;
use crate::backend::body::generated;
use crate::backend::contract::Observed;
use crate::backend::export::{self, Export};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::{Object, role, user};
use crate::backend::state::Reading;
use crate::backend::views::{Sightings, ViewBody};
use crate::diagnostic::Reported;
use crate::inventory::integration::Enforcement;
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
    let settings = &inventory.integrations[integration];
    let mut needed = vec![
        "svv_relation_privileges.csv",
        "svv_schema_privileges.csv",
        "svv_role_grants.csv",
        "svv_user_grants.csv",
        "pg_views.csv",
        "entitlements.csv",
    ];
    if settings.enforcement == Enforcement::Native {
        needed.extend(policies::observe::FILES);
    }
    export::complete(&mut reading, &needed)?;
    let mut state = State {
        home: Home::of(inventory, integration),
        tables: tables(inventory, integration),
        prefix: &settings.name_prefix,
        shapes: BTreeMap::new(),
        seen: Sightings::default(),
    };
    let State { home, prefix, seen, .. } = &mut state;
    policies::observe::observe(&mut reading, home, prefix, salt, seen)?;
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

/// The tables and views of the catalog, as facts name them.
fn tables(inventory: &Inventory, integration: IntegrationId) -> BTreeSet<String> {
    let catalog = &inventory.catalog;
    let here = catalog.tables.ids().filter(|table| catalog.home(*table).1.integration == integration);
    here.map(|table| {
        let path = catalog.path(table).map(fold);
        Object::new("TABLE", path.iter().map(String::as_str)).text()
    })
    .collect()
}

struct State<'a> {
    home: Home<'a>,
    prefix: &'a str,
    tables: BTreeSet<String>,
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
        let table = Object::new("TABLE", [database, schema, relation]).text();
        // A view that the catalog lists is granted as it is, and named as the catalog's other tables are.
        let listed = self.tables.contains(&table);
        if database == self.home.database
            && self.shapes.get(&view).is_some_and(|ours| !listed || !ours.is_empty())
        {
            return view;
        }
        table
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
        // A switch without a policy may be somebody's way to close a table: turning it off could open it.
        FactKind::RowAttachment => !RowStanding::parse(symbols.text(fact.body)).policy.is_empty(),
        FactKind::Role
        | FactKind::Membership
        | FactKind::View
        | FactKind::Entitlement
        | FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::MaskAttachment => true,
        FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::AuthorizedView
        | FactKind::Rule => false,
    }
}
