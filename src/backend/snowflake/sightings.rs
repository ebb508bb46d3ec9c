//! Rows of exports as facts, ours and others'.
//!
//! In: one export after another, roles first, policies before where they stand. Out: each fact once, with whose it is.
//! Invariant: a thing is ours by its comment; by its name's shape only where no comment can be read.

use std::collections::{BTreeMap, BTreeSet};

use super::native::{self, Attached, Home, MARK, Object, PolicyBody, SCHEMA};
use super::observe::known;
use super::paths::{principal, shown_path, stored_path, typed};
use super::types::canonical;
use crate::backend::body::generated;
use crate::backend::contract::Observed;
use crate::backend::export::Export;
use crate::backend::fact::{Fact, FactKey, FactKind, Symbols, sort_by_text};

pub(super) struct State {
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
    /// Nothing seen yet. `salt` is the literal that stands for `{salt}` in exported bodies.
    pub(super) fn new(
        kinds: BTreeMap<[String; 3], &'static str>,
        home: Home,
        prefix: String,
        salt: Option<String>,
    ) -> State {
        State {
            kinds,
            home,
            prefix,
            salt,
            marked: BTreeMap::new(),
            unmarked: BTreeSet::new(),
            policies: BTreeMap::new(),
            facts: BTreeMap::new(),
        }
    }

    fn put(&mut self, key: (FactKind, String, String, &str), body: String, ours: Option<String>) {
        let (kind, object, grantee, privilege) = key;
        let is_ours = ours.is_some();
        self.facts.entry((kind, object, grantee, privilege.to_owned())).or_insert((
            body,
            ours.unwrap_or_default(),
            is_ours,
        ));
    }

    pub(super) fn roles(&mut self, export: &Export) {
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
            object.word == "ROLE" && !self.unmarked.contains(role) && generated(object.name(), &self.prefix);
        by_name.then(String::new)
    }

    pub(super) fn grants(&mut self, export: &Export) {
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

    pub(super) fn policies(&mut self, export: &Export, kind: FactKind) {
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

    pub(super) fn references(&mut self, export: &Export) {
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

    pub(super) fn entitlements(&mut self, export: &Export) {
        for row in export.rows.iter().filter(|row| !export.deleted(row)) {
            let object = format!("VALUE {}", export.field(row, "VALUE"));
            let account = native::user(export.field(row, "ACCOUNT"));
            let name = export.field(row, "NAME");
            self.put((FactKind::Entitlement, object, account, name), String::new(), Some(String::new()));
        }
    }

    pub(super) fn observed(self, symbols: &mut Symbols) -> Observed {
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
