//! Snowflake's exports as facts.
//!
//! In: `state/<integration>/`. Out: what is ours, by mark, and what is not. Ours are roles whose comment begins with `grantc:`, what
//! is granted to them and who is in them; policies in our schema with that comment and where they stand; our table's rows.
//! Invariant: one fact, however many views list it. Rows that say `DELETED_ON` are history.

use std::collections::{BTreeMap, BTreeSet};

use super::native::{
    self, Attached, Home, MARK, Object, PolicyBody, SCHEMA, WRITE, arguments, quoted_path, relation_word,
};
use super::read::{self, Export};
use super::types::{base, canonical};
use crate::backend::contract::Observed;
use crate::backend::fact::{Fact, FactKey, FactKind, Symbols, sort_by_text};
use crate::backend::sql::Dialect;
use crate::backend::state::Reading;
use crate::diagnostic::{Code, Diagnostic, Reported};
use crate::inventory::{IntegrationId, Inventory, TableId};

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
    complete(&mut reading)?;
    let settings = &inventory.integrations[integration];
    let mut state = State {
        kinds: kinds(inventory, integration),
        home: Home::of(settings),
        prefix: format!("{}_", settings.name_prefix.to_ascii_uppercase()),
        salt: salt.map(|salt| Dialect::Snowflake.literal(salt)),
        marked: BTreeMap::new(),
        unmarked: BTreeSet::new(),
        policies: BTreeMap::new(),
        facts: BTreeMap::new(),
    };
    if let Some(export) = read::export(&mut reading, "roles.csv", &["NAME"])? {
        state.roles(&export);
    }
    let names: Vec<String> = reading
        .folder
        .files
        .iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .filter(|name| grants_file(name))
        .collect();
    for name in names {
        if let Some(export) = read::export(&mut reading, &name, &["GRANTEE_NAME"])? {
            state.grants(&export);
        }
    }
    const POLICY: [&str; 6] = [
        "POLICY_NAME",
        "POLICY_SCHEMA",
        "POLICY_CATALOG",
        "POLICY_SIGNATURE",
        "POLICY_RETURN_TYPE",
        "POLICY_BODY",
    ];
    for (name, kind) in [
        ("masking_policies.csv", FactKind::MaskingPolicy),
        ("row_access_policies.csv", FactKind::RowAccessPolicy),
    ] {
        if let Some(export) = read::export(&mut reading, name, &POLICY)? {
            state.policies(&export, kind);
        }
    }
    const REFERENCE: [&str; 8] = [
        "POLICY_DB",
        "POLICY_SCHEMA",
        "POLICY_NAME",
        "POLICY_KIND",
        "REF_DATABASE_NAME",
        "REF_SCHEMA_NAME",
        "REF_ENTITY_NAME",
        "REF_COLUMN_NAME",
    ];
    if let Some(export) = read::export(&mut reading, "policy_references.csv", &REFERENCE)? {
        state.references(&export);
    }
    if let Some(export) = read::export(&mut reading, "entitlements.csv", &["ACCOUNT", "NAME", "VALUE"])? {
        state.entitlements(&export);
    }
    Ok(state.observed(symbols))
}

fn grants_file(name: &str) -> bool {
    matches!(name, "grants_to_roles.csv" | "grants_to_users.csv")
        || (name.starts_with("show_grants") || name.starts_with("show_future_grants"))
            && (name.ends_with(".csv") || name.ends_with(".json"))
}

/// A folder that lacks a file would look like a platform that lacks its facts.
fn complete(reading: &mut Reading<'_>) -> Result<(), Reported> {
    let folder = reading.folder;
    let shown = folder.files_like("show_grants", "").next().is_some();
    let grants: &[&str] = if shown { &[] } else { &["grants_to_roles.csv", "grants_to_users.csv"] };
    let others = [
        "roles.csv",
        "policy_references.csv",
        "masking_policies.csv",
        "row_access_policies.csv",
        "entitlements.csv",
    ];
    let missing: Vec<String> = grants
        .iter()
        .chain(&others)
        .filter(|name| folder.file(name).is_none())
        .map(|name| format!("`{name}`"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("`{}` lacks {}", folder.name, missing.join(", "));
    let name = folder.name.clone();
    Err(read::tell(reading, &name, 1, Diagnostic::error(Code::BadState, message)))
}

/// The relations of the catalog by path, with their word: exports name views of one kind by several words.
fn kinds(inventory: &Inventory, integration: IntegrationId) -> BTreeMap<[String; 3], &'static str> {
    let catalog = &inventory.catalog;
    let ours = |table: &TableId| catalog.home(*table).1.integration == integration;
    catalog
        .tables
        .ids()
        .filter(ours)
        .map(|table| (catalog.path(table).map(str::to_owned), relation_word(catalog.tables[table].kind)))
        .collect()
}

struct State {
    kinds: BTreeMap<[String; 3], &'static str>,
    home: Home,
    prefix: String,
    salt: Option<String>,
    /// Roles with our mark, and whose they are.
    marked: BTreeMap<String, String>,
    /// Roles whose comment is known, and not ours.
    unmarked: BTreeSet<String>,
    /// Our policies: whose they are and their columns.
    policies: BTreeMap<String, (String, Vec<String>)>,
    /// By kind, object, grantee, privilege: body, policies, ours.
    facts: BTreeMap<Key, (String, String, bool)>,
}

type Key = (FactKind, String, String, String);

/// Whose a comment says that a thing is, and what else it holds.
fn mark(comment: &str) -> Option<(String, serde_json::Value)> {
    // POLICY_COMMENT is a VARIANT, which some tools export as JSON.
    let comment = match comment.strip_prefix('"') {
        Some(_) => serde_json::from_str::<String>(comment).unwrap_or_else(|_| comment.to_owned()),
        None => comment.to_owned(),
    };
    let rest = comment.strip_prefix(MARK)?.trim_start();
    Some(match rest.split_once("; {") {
        Some((names, json)) => {
            (names.to_owned(), serde_json::from_str(&format!("{{{json}")).unwrap_or_default())
        }
        None => (rest.to_owned(), serde_json::Value::Null),
    })
}

impl State {
    fn put(&mut self, key: (FactKind, String, String, &str), body: String, ours: Option<String>) {
        let (kind, object, grantee, privilege) = key;
        let is_ours = ours.is_some();
        self.facts.entry((kind, object, grantee, privilege.to_owned())).or_insert((
            body,
            ours.unwrap_or_default(),
            is_ours,
        ));
    }

    fn roles(&mut self, export: &Export) {
        for row in export.rows.iter().filter(|row| !export.deleted(row)) {
            let role = native::role(export.field(row, "NAME"));
            let ours = mark(export.field(row, "COMMENT")).map(|(policies, _)| policies);
            match &ours {
                Some(policies) => {
                    self.marked.insert(role.clone(), policies.clone());
                }
                None if export.has("COMMENT") => {
                    self.unmarked.insert(role.clone());
                }
                None => {}
            }
            let ours = ours.or_else(|| self.role_is_ours(&role));
            self.put((FactKind::Role, role, String::new(), ""), String::new(), ours);
        }
    }

    /// Whose a role is, if it is ours: by its comment, else by its name.
    fn role_is_ours(&self, role: &str) -> Option<String> {
        if let Some(policies) = self.marked.get(role) {
            return Some(policies.clone());
        }
        let object = Object::parse(role);
        let by_name =
            object.word == "ROLE" && !self.unmarked.contains(role) && object.name().starts_with(&self.prefix);
        by_name.then(String::new)
    }

    fn grants(&mut self, export: &Export) {
        // SHOW prints names as SQL would read them, ACCOUNT_USAGE as they are stored.
        let shown = !export.has("TABLE_CATALOG") && !export.has("DELETED_ON");
        let future = export.has("GRANT_ON");
        let word = |header: &str| header.replace('_', " ").trim().to_ascii_uppercase();
        for row in export.rows.iter().filter(|row| !export.deleted(row)) {
            let field = |header: &str| export.field(row, header);
            let granted_to = word(if future { field("GRANT_TO") } else { field("GRANTED_TO") });
            let granted_to = match granted_to.as_str() {
                "ACCOUNT ROLE" | "" => "ROLE".to_owned(),
                _ => granted_to,
            };
            let grantee = principal(&granted_to, field("GRANTEE_NAME"), shown);
            if !field("ROLE").is_empty() && field("PRIVILEGE").is_empty() {
                let role = principal("ROLE", field("ROLE"), shown);
                self.membership(role, grantee);
                continue;
            }
            let on = word(if future { field("GRANT_ON") } else { field("GRANTED_ON") });
            let privilege = field("PRIVILEGE").trim().to_ascii_uppercase();
            let path = if shown { shown_path(field("NAME")) } else { stored_path(export, row, &on) };
            let on = self.relation(&on, &path);
            let role_granted = matches!(on.as_str(), "ROLE" | "DATABASE ROLE") && privilege == "USAGE";
            let object = Object { word: on, path, column: None };
            if role_granted {
                self.membership(object.text(), grantee);
                continue;
            }
            let word = if future { format!("FUTURE {}", object.word) } else { object.word.clone() };
            let object = Object { word, ..object }.text();
            let ours = self.role_is_ours(&grantee).filter(|_| known(&object, &privilege));
            self.put((FactKind::Grant, object, grantee, &privilege), String::new(), ours);
        }
    }

    fn membership(&mut self, role: String, grantee: String) {
        let ours = self.role_is_ours(&role);
        self.put((FactKind::Membership, role, grantee, ""), String::new(), ours);
    }

    /// The catalog's word for a relation that it knows, else the export's.
    fn relation(&self, on: &str, path: &[String]) -> String {
        let relation = on.ends_with("TABLE") || on.ends_with("VIEW");
        match <&[String; 3]>::try_from(path) {
            Ok(path) if relation => {
                self.kinds.get(path).map_or_else(|| on.to_owned(), |word| (*word).to_owned())
            }
            _ => on.to_owned(),
        }
    }

    fn policies(&mut self, export: &Export, kind: FactKind) {
        let word = if kind == FactKind::MaskingPolicy { "MASKING POLICY" } else { "ROW ACCESS POLICY" };
        for row in export.rows.iter().filter(|row| !export.deleted(row)) {
            let field = |header: &str| export.field(row, header);
            let (database, schema) = (field("POLICY_CATALOG"), field("POLICY_SCHEMA"));
            let policy = Object::new(word, [database, schema, field("POLICY_NAME")]).text();
            let marked = mark(field("POLICY_COMMENT"));
            let at_home = database == self.home.database && schema == SCHEMA;
            let comment = marked.as_ref().map(|(_, json)| json.clone()).unwrap_or_default();
            let list = |key: &str| -> Vec<String> {
                comment.get(key).cloned().and_then(|it| serde_json::from_value(it).ok()).unwrap_or_default()
            };
            let returns = canonical(field("POLICY_RETURN_TYPE"));
            let body = PolicyBody {
                arguments: typed(field("POLICY_SIGNATURE"), &list("types"), &returns, kind),
                returns,
                columns: list("columns"),
                expression: self.unsalted(field("POLICY_BODY").trim()),
            };
            let ours = marked.filter(|_| at_home).map(|(policies, _)| policies);
            if let Some(policies) = &ours {
                self.policies.insert(policy.clone(), (policies.clone(), body.columns.clone()));
            }
            self.put((kind, policy, String::new(), ""), body.text(), ours);
        }
    }

    fn unsalted(&self, body: &str) -> String {
        match &self.salt {
            Some(salt) => body.replace(salt.as_str(), "{salt}"),
            None => body.to_owned(),
        }
    }

    fn references(&mut self, export: &Export) {
        for row in export.rows.iter().filter(|row| !export.deleted(row)) {
            let field = |header: &str| export.field(row, header);
            let (kind, word) = match field("POLICY_KIND") {
                "MASKING_POLICY" => (FactKind::MaskAttachment, "MASKING POLICY"),
                "ROW_ACCESS_POLICY" => (FactKind::RowAttachment, "ROW ACCESS POLICY"),
                // Aggregation, projection, session … policies only take away, and are not ours to speak of.
                _ => continue,
            };
            let path = [field("REF_DATABASE_NAME"), field("REF_SCHEMA_NAME"), field("REF_ENTITY_NAME")];
            let owned: Vec<String> = path.map(str::to_owned).to_vec();
            let domain = field("REF_ENTITY_DOMAIN").replace('_', " ").to_ascii_uppercase();
            let mut on = self.relation(if domain.is_empty() { "TABLE" } else { &domain }, &owned);
            if !matches!(field("TAG_NAME"), "" | "NULL") {
                // A mask through a tag gives way to one on the column, so it does not stand in its place.
                on = format!("TAGGED {on}");
            }
            let mut object = Object::new(&on, path);
            if kind == FactKind::MaskAttachment {
                object.column = Some(field("REF_COLUMN_NAME").to_owned());
            }
            let policy =
                Object::new(word, [field("POLICY_DB"), field("POLICY_SCHEMA"), field("POLICY_NAME")]).text();
            let ours = self.policies.get(&policy).cloned();
            let mut columns: Vec<String> =
                serde_json::from_str(field("REF_ARG_COLUMN_NAMES")).unwrap_or_default();
            if kind == FactKind::MaskAttachment {
                // Where masks' arguments are told at all, the masked column may stand first.
                if columns.first() == object.column.as_ref() {
                    columns = columns.into_iter().skip(1).collect();
                }
                if let (true, Some((_, told))) = (columns.is_empty(), &ours) {
                    columns.clone_from(told);
                }
            }
            let attached = Attached { policy, columns };
            let ours = ours.map(|(policies, _)| policies);
            self.put((kind, object.text(), String::new(), ""), attached.text(), ours);
        }
    }

    fn entitlements(&mut self, export: &Export) {
        for row in export.rows.iter().filter(|row| !export.deleted(row)) {
            let object = format!("VALUE {}", export.field(row, "VALUE"));
            let account = native::user(export.field(row, "ACCOUNT"));
            let name = export.field(row, "NAME");
            self.put((FactKind::Entitlement, object, account, name), String::new(), Some(String::new()));
        }
    }

    fn observed(self, symbols: &mut Symbols) -> Observed {
        let mut observed = Observed { present: true, ..Observed::default() };
        for ((kind, object, grantee, privilege), (body, policies, ours)) in self.facts {
            let fact = Fact {
                key: FactKey {
                    kind,
                    privilege: symbols.intern(&privilege),
                    object: symbols.intern(&object),
                    grantee: symbols.intern(&grantee),
                },
                body: symbols.intern(&body),
                policies: symbols.intern(&policies),
            };
            if ours { observed.ours.push(fact) } else { observed.foreign.push(fact) }
        }
        sort_by_text(&mut observed.ours, symbols);
        sort_by_text(&mut observed.foreign, symbols);
        observed
    }
}

/// A role or user as a canonical text.
fn principal(word: &str, name: &str, shown: bool) -> String {
    let path = if shown || word == "DATABASE ROLE" { shown_path(name) } else { vec![name.to_owned()] };
    Object { word: word.to_owned(), path, column: None }.text()
}

/// A name as SQL would read it: `DB.PUBLIC."my table"`; what is no such name (a function's signature) is one part.
fn shown_path(text: &str) -> Vec<String> {
    let (mut parts, mut rest) = (Vec::new(), text);
    loop {
        let (part, after) = match quoted_path(rest) {
            // `quoted_path` reads quoted parts as far as they go.
            Some((mut quoted, after)) => {
                parts.append(&mut quoted);
                (None, after)
            }
            None => match rest.split_once('.') {
                Some((part, _)) => (Some(part), rest.get(part.len()..).unwrap_or("")),
                None => (Some(rest), ""),
            },
        };
        if let Some(part) = part {
            if part.is_empty() || part.contains(['"', '(', ' ', ':']) {
                return vec![text.to_owned()];
            }
            parts.push(part.to_owned());
        }
        match after.strip_prefix('.') {
            Some(more) => rest = more,
            None if after.is_empty() => return parts,
            None => return vec![text.to_owned()],
        }
    }
}

fn stored_path(export: &Export, row: &csv::StringRecord, on: &str) -> Vec<String> {
    let field = |header: &str| export.field(row, header);
    let (database, schema, name) = (field("TABLE_CATALOG"), field("TABLE_SCHEMA"), field("NAME"));
    let parts: &[&str] = match on {
        "DATABASE" | "ROLE" | "ACCOUNT" | "WAREHOUSE" => &[name],
        "SCHEMA" | "DATABASE ROLE" => &[database, name],
        _ => &[database, schema, name],
    };
    parts.iter().filter(|part| !part.is_empty()).map(|part| (*part).to_owned()).collect()
}

/// The arguments of a signature. It shows types without length; a comment of ours tells them whole, and the first argument of a
/// mask is of the type that it returns.
fn typed(signature: &str, told: &[String], returns: &str, kind: FactKind) -> Vec<(String, String)> {
    arguments(signature)
        .into_iter()
        .enumerate()
        .map(|(at, (name, of))| {
            let full = match told.get(at) {
                Some(full) => Some(full.as_str()),
                None if at == 0 && kind == FactKind::MaskingPolicy => Some(returns),
                None => None,
            };
            match full {
                Some(full) if base(full) == base(&of) => (name, full.to_owned()),
                _ => (name, canonical(&of)),
            }
        })
        .collect()
}

fn known(object: &str, privilege: &str) -> bool {
    let word = Object::parse(object).word;
    let relation = word.ends_with("TABLE") || word.ends_with("VIEW");
    let container = matches!(word.as_str(), "DATABASE" | "SCHEMA");
    !word.starts_with("FUTURE ")
        && (relation && (privilege == "SELECT" || WRITE.contains(&privilege))
            || container && privilege == "USAGE")
}

/// Whether we know what a fact does, so that it may be revoked.
pub(super) fn understood(fact: &Fact, symbols: &Symbols) -> bool {
    let object = symbols.text(fact.key.object);
    match fact.key.kind {
        FactKind::Grant => known(object, symbols.text(fact.key.privilege)),
        FactKind::Membership => {
            let grantee = Object::parse(symbols.text(fact.key.grantee)).word;
            matches!(grantee.as_str(), "USER" | "ROLE")
        }
        FactKind::MaskAttachment => !object.starts_with("TAGGED "),
        FactKind::Role
        | FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::RowAttachment
        | FactKind::Entitlement => true,
        FactKind::Group | FactKind::Location | FactKind::Function | FactKind::View | FactKind::Rule => false,
    }
}
