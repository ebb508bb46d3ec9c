//! Exports of policies and where they stand, as facts.
//!
//! In: `svv_rls_policy`, `svv_rls_attached_policy`, `svv_rls_relation`, `svv_masking_policy`, `svv_attached_masking_policy`, and our own
//! table `policies`, of the one database that policies reach. Out: facts; ours are policies whose name has the shape of a generated one,
//! and where they stand for everybody.
//! A body of ours is what our table says as long as the export can show that ([`super::leaves`]); else it is what the export shows.
//! Invariant: the place of an attachment of ours is held by what stands there for others only where ours does not stand.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::body::{MASKING, PolicyBody, RLS, policy_object};
use super::judge::IGNORE_RLS;
use super::leaves;
use super::standing::{MaskStanding, RowStanding};
use crate::backend::body::generated;
use crate::backend::export::{self, Export};
use crate::backend::fact::FactKind;
use crate::backend::object::{Object, role, user};
use crate::backend::redshift::native::{DIALECT, Home, PUBLIC};
use crate::backend::state::Reading;
use crate::backend::views::Sightings;
use crate::diagnostic::{Code, Diagnostic, Reported};

const RLS_POLICIES: &str = "svv_rls_policy.csv";
const RLS_ATTACHED: &str = "svv_rls_attached_policy.csv";
const RLS_RELATIONS: &str = "svv_rls_relation.csv";
const MASKING_POLICIES: &str = "svv_masking_policy.csv";
const MASKING_ATTACHED: &str = "svv_attached_masking_policy.csv";
/// Our own table.
const WRITTEN: &str = "policies.csv";
/// Who may bypass row policies, if it is there.
const SYSTEM: &str = "svv_system_privileges.csv";

/// All of them are there, or none.
pub(in super::super) const FILES: [&str; 6] =
    [RLS_POLICIES, RLS_ATTACHED, RLS_RELATIONS, MASKING_POLICIES, MASKING_ATTACHED, WRITTEN];

/// Reads the exports, if they are there.
pub(in super::super) fn observe(
    reading: &mut Reading<'_>,
    home: &Home<'_>,
    prefix: &str,
    salt: Option<&str>,
    seen: &mut Sightings,
) -> Result<(), Reported> {
    if FILES.iter().all(|name| reading.folder.file(name).is_none()) {
        return Ok(());
    }
    export::complete(reading, &FILES)?;
    let mut state = State { home, prefix, salt, written: BTreeMap::new(), named: BTreeSet::new(), seen };
    let table = |reading: &mut Reading<'_>, name, needs: &[&str]| export::export(reading, name, needs);
    if let Some(export) = table(reading, WRITTEN, &["NAME", "BODY"])? {
        state.written(&export);
    }
    if let Some(export) =
        table(reading, MASKING_POLICIES, &["POLICY_NAME", "INPUT_COLUMNS", "POLICY_EXPRESSION"])?
    {
        state.masking_policies(reading, &export)?;
    }
    if let Some(export) = table(reading, RLS_POLICIES, &["POLNAME", "POLATTS", "POLQUAL"])? {
        state.row_policies(reading, &export)?;
    }
    const PLACE: [&str; 4] = ["POLICY_NAME", "SCHEMA_NAME", "TABLE_NAME", "GRANTEE"];
    let needs = [PLACE.as_slice(), &["GRANTEE_TYPE", "PRIORITY", "INPUT_COLUMNS", "OUTPUT_COLUMNS"]].concat();
    if let Some(export) = table(reading, MASKING_ATTACHED, &needs)? {
        state.masks(reading, &export)?;
    }
    let relations = table(reading, RLS_RELATIONS, &["RELSCHEMA", "RELNAME", "IS_RLS_ON"])?;
    let needs = ["RELSCHEMA", "RELNAME", "POLNAME", "GRANTEE", "GRANTEEKIND", "IS_RLS_ON"];
    if let (Some(relations), Some(attached)) = (relations, table(reading, RLS_ATTACHED, &needs)?) {
        state.rows(&relations, &attached);
    }
    if let Some(export) = table(reading, SYSTEM, &["SYSTEM_PRIVILEGE", "IDENTITY_NAME", "IDENTITY_TYPE"])? {
        state.bypasses(&export);
    }
    // These views show nothing to whoever is neither superuser nor sys:secadmin, and our table tells what they should show.
    let blind = !state.written.is_empty() && state.named.is_empty();
    if blind {
        let path = format!("{}/{MASKING_POLICIES}", reading.folder.name);
        let message = format!("`{path}` and `{RLS_POLICIES}` show no policy, and `{WRITTEN}` tells of some");
        let told = Diagnostic::error(Code::BadState, message)
            .note("these views are empty for users who are neither superuser nor `sys:secadmin`");
        return Err(export::tell(reading, &path, 1, told));
    }
    Ok(())
}

struct State<'a> {
    home: &'a Home<'a>,
    prefix: &'a str,
    salt: Option<&'a str>,
    /// By name: the bodies that we wrote.
    written: BTreeMap<String, PolicyBody>,
    /// The policies that exports list.
    named: BTreeSet<String>,
    seen: &'a mut Sightings,
}

impl State<'_> {
    fn ours(&self, policy: &str) -> bool {
        generated(policy, self.prefix)
    }

    fn written(&mut self, export: &Export) {
        for row in &export.rows {
            let body = PolicyBody::parse(export.field(row, "BODY"));
            self.written.insert(export.field(row, "NAME").to_owned(), body);
        }
    }

    fn masking_policies(&mut self, reading: &mut Reading<'_>, export: &Export) -> Result<(), Reported> {
        let home = self.home;
        for row in export.rows.iter().filter(|row| here(home, export.field(row, "POLICY_DATABASE"))) {
            let field = |header: &str| export.field(row, header);
            let shown = PolicyBody {
                inputs: columns(reading, MASKING_POLICIES, export, row, "INPUT_COLUMNS")?,
                expression: self.unsalted(&expression(field("POLICY_EXPRESSION"))),
                ..PolicyBody::default()
            };
            self.policy(FactKind::MaskingPolicy, MASKING, field("POLICY_NAME"), shown);
        }
        Ok(())
    }

    fn row_policies(&mut self, reading: &mut Reading<'_>, export: &Export) -> Result<(), Reported> {
        let home = self.home;
        for row in export.rows.iter().filter(|row| here(home, export.field(row, "POLDB"))) {
            let field = |header: &str| export.field(row, header);
            let alias = match field("POLALIAS") {
                // What it is called where nobody named it.
                "rls_table" => "",
                alias => alias,
            };
            let shown = PolicyBody {
                inputs: columns(reading, RLS_POLICIES, export, row, "POLATTS")?,
                alias: alias.to_owned(),
                expression: self.unsalted(field("POLQUAL")),
                ..PolicyBody::default()
            };
            self.policy(FactKind::RowAccessPolicy, RLS, field("POLNAME"), shown);
        }
        Ok(())
    }

    fn unsalted(&self, text: &str) -> String {
        match self.salt {
            Some(salt) => text.replace(&DIALECT.literal(salt), "{salt}"),
            None => text.to_owned(),
        }
    }

    fn bypasses(&mut self, export: &Export) {
        for row in &export.rows {
            let field = |header: &str| export.field(row, header);
            let privilege = field("SYSTEM_PRIVILEGE").trim().to_ascii_uppercase().replace('_', " ");
            if privilege == IGNORE_RLS {
                let to = grantee(field("IDENTITY_NAME"), field("IDENTITY_TYPE"));
                self.seen.put((FactKind::Grant, "SYSTEM", &to, IGNORE_RLS), String::new(), None);
            }
        }
    }

    fn policy(&mut self, kind: FactKind, word: &str, name: &str, shown: PolicyBody) {
        self.named.insert(name.to_owned());
        let ours = self.ours(name);
        let body = match self.written.get(name) {
            Some(written) if ours && leaves::can_be(written, &shown) => written.clone(),
            _ => shown,
        };
        let key = (kind, policy_object(word, name));
        self.seen.put((key.0, &key.1, "", ""), body.text(), ours.then(String::new));
    }

    fn masks(&mut self, reading: &mut Reading<'_>, export: &Export) -> Result<(), Reported> {
        let mut places: BTreeMap<String, Vec<MaskStanding>> = BTreeMap::new();
        for row in &export.rows {
            let field = |header: &str| export.field(row, header);
            let table = self.table(field("SCHEMA_NAME"), field("TABLE_NAME"));
            let standing = MaskStanding {
                policy: field("POLICY_NAME").to_owned(),
                grantee: grantee(field("GRANTEE"), field("GRANTEE_TYPE")),
                inputs: list(reading, MASKING_ATTACHED, export, row, "INPUT_COLUMNS")?,
                // One that cannot be read may be the one that decides.
                priority: field("PRIORITY").trim().parse().unwrap_or(i64::MAX),
            };
            for column in list::<String>(reading, MASKING_ATTACHED, export, row, "OUTPUT_COLUMNS")? {
                let object = Object { column: Some(column), ..Object::parse(&table) };
                places.entry(object.text()).or_default().push(standing.clone());
            }
        }
        for (object, mut standing) in places {
            standing.sort_by_key(MaskStanding::text);
            let stands = standing.iter().position(|each| self.is_ours(&each.policy, &each.grantee));
            let main = stands.or_else(|| standing.iter().position(|each| !self.ours(&each.policy)));
            for (at, each) in standing.iter().enumerate() {
                let ours = self.is_ours(&each.policy, &each.grantee);
                self.stand(FactKind::MaskAttachment, &object, main == Some(at), (each.text(), ours));
            }
        }
        Ok(())
    }

    fn rows(&mut self, relations: &Export, attached: &Export) {
        let mut places: BTreeMap<String, Vec<RowStanding>> = BTreeMap::new();
        for row in &attached.rows {
            let field = |header: &str| attached.field(row, header);
            let table = self.table(field("RELSCHEMA"), field("RELNAME"));
            let policy = field("POLNAME").to_owned();
            places.entry(table).or_default().push(RowStanding {
                policy,
                grantee: grantee(field("GRANTEE"), field("GRANTEEKIND")),
                on: truth(field("IS_RLS_ON"))
                    && !matches!(field("IS_POL_ON").trim(), each if !each.is_empty() && !truth(each)),
                all: conjunctive(field("RLS_CONJUNCTION_TYPE")),
                shared: false,
            });
        }
        let home = self.home;
        for row in relations.rows.iter().filter(|row| here(home, relations.field(row, "DATNAME"))) {
            let field = |header: &str| relations.field(row, header);
            let (table, on) = (self.table(field("RELSCHEMA"), field("RELNAME")), truth(field("IS_RLS_ON")));
            match places.get_mut(&table) {
                Some(standing) => {
                    for each in standing {
                        each.on &= on;
                        each.all &= conjunctive(field("RLS_CONJUNCTION_TYPE"));
                    }
                }
                None if on => {
                    // Nothing may be read there, whoever switched it on: it keeps nothing of ours out.
                    let bare = RowStanding { all: true, shared: true, ..RowStanding::ours(String::new()) };
                    self.stand(FactKind::RowAttachment, &table, false, (bare.text(), false));
                }
                None => {}
            }
        }
        for (table, mut standing) in places {
            standing.sort_by_key(RowStanding::text);
            let shared = standing.len() > 1;
            let stands = standing.iter().position(|each| self.is_ours(&each.policy, &each.grantee));
            let main = stands.or_else(|| standing.iter().position(|each| !self.ours(&each.policy)));
            for (at, each) in standing.iter_mut().enumerate() {
                each.shared = shared;
                let ours = self.is_ours(&each.policy, &each.grantee);
                self.stand(FactKind::RowAttachment, &table, main == Some(at), (each.text(), ours));
            }
        }
    }

    /// One of our policies, where it stands for everybody: other places are somebody else's work.
    fn is_ours(&self, policy: &str, grantee: &str) -> bool {
        self.ours(policy) && grantee == PUBLIC
    }

    /// An attachment. `main`: it holds the place that one of ours has; others are told from it by their whole text.
    fn stand(&mut self, kind: FactKind, object: &str, main: bool, (body, ours): (String, bool)) {
        let privilege = if main { String::new() } else { body.clone() };
        self.seen.put((kind, object, "", &privilege), body, ours.then(String::new));
    }

    fn table(&self, schema: &str, name: &str) -> String {
        Object::new("TABLE", [self.home.database.as_str(), schema, name]).text()
    }
}

/// Whether a row is of our database; views that speak of one say nothing.
fn here(home: &Home<'_>, database: &str) -> bool {
    database.is_empty() || database == home.database
}

fn grantee(name: &str, kind: &str) -> String {
    match kind.trim().to_ascii_lowercase().as_str() {
        "public" => PUBLIC.to_owned(),
        "role" => role(name),
        "user" => user(name),
        other => Object::new(&other.to_ascii_uppercase(), [name]).text(),
    }
}

/// Booleans come as `t`, `True` or `true`.
fn truth(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "t" | "true" | "1")
}

/// `and`, padded; older clusters know nothing else and say nothing. What is not known may be the weaker.
fn conjunctive(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "" | "and")
}

/// A field that holds a list in JSON; nothing: an empty one.
fn list<T: DeserializeOwned>(
    reading: &mut Reading<'_>,
    name: &str,
    export: &Export,
    row: &csv::StringRecord,
    header: &str,
) -> Result<Vec<T>, Reported> {
    let json = export.field(row, header);
    if json.trim().is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_str(json).map_err(|why| {
        let path = format!("{}/{name}", reading.folder.name);
        let line = row.position().map_or(1, |position| position.line() as u32);
        let message = format!("`{path}` has a `{header}` that cannot be read, `{json}`: {why}");
        export::tell(reading, &path, line, Diagnostic::error(Code::BadState, message))
    })
}

/// `[{"colname":"v","type":"character varying(256)"}]`.
#[derive(Deserialize)]
struct Input {
    colname: String,
    #[serde(rename = "type")]
    kind: String,
}

fn columns(
    reading: &mut Reading<'_>,
    name: &str,
    export: &Export,
    row: &csv::StringRecord,
    header: &str,
) -> Result<Vec<(String, String)>, Reported> {
    let inputs: Vec<Input> = list(reading, name, export, row, header)?;
    Ok(inputs.into_iter().map(|each| (each.colname, each.kind)).collect())
}

/// The expression in `[{"expr":"…","type":"…"}]`; several are no single one, and judged as unreadable.
fn expression(json: &str) -> String {
    let list: Vec<BTreeMap<String, String>> = serde_json::from_str(json).unwrap_or_default();
    match list.as_slice() {
        [one] => one.get("expr").cloned().unwrap_or_default(),
        _ => json.to_owned(),
    }
}
