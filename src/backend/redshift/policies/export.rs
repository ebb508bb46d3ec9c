//! The exports of policies and where they stand, under the vendor's own headers:
//! docs.aws.amazon.com/redshift/latest/dg/r_SVV_RLS_POLICY.html, r_SVV_RLS_ATTACHED_POLICY.html, r_SVV_RLS_RELATION.html,
//! r_SVV_MASKING_POLICY.html, r_SVV_ATTACHED_MASKING_POLICY.html (2026-11-25).
//!
//! Bodies stand there as they are written, not as Redshift prints them anew. Invariant: `observe` reads back what is written here.

use std::collections::BTreeSet;

use super::body::PolicyBody;
use super::standing::{MaskStanding, RowStanding};
use crate::backend::contract::Artefact;
use crate::backend::export::Table;
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::redshift::native::{DIALECT, Home};

const RLS_POLICIES: [&str; 8] =
    ["poldb", "polname", "polalias", "polatts", "polqual", "polenabled", "polmodifiedby", "polmodifiedtime"];
const RLS_ATTACHED: [&str; 10] = [
    "relschema",
    "relname",
    "relkind",
    "polname",
    "grantor",
    "grantee",
    "granteekind",
    "is_pol_on",
    "is_rls_on",
    "rls_conjunction_type",
];
const RLS_RELATIONS: [&str; 8] = [
    "datname",
    "relschema",
    "relname",
    "relkind",
    "is_rls_on",
    "is_rls_datashare_on",
    "rls_conjunction_type",
    "rls_datashare_conjunction_type",
];
const MASKING_POLICIES: [&str; 6] = [
    "policy_database",
    "policy_name",
    "input_columns",
    "policy_expression",
    "policy_modified_by",
    "policy_modified_time",
];
const MASKING_ATTACHED: [&str; 11] = [
    "policy_name",
    "schema_name",
    "table_name",
    "table_type",
    "grantor",
    "grantee",
    "grantee_type",
    "priority",
    "input_columns",
    "output_columns",
    "is_masking_datashare_on",
];

/// The files. `facts`: in the order of texts.
pub(in super::super) fn state(
    home: &Home<'_>,
    facts: &[Fact],
    symbols: &Symbols,
    salt: Option<&str>,
) -> Vec<Artefact> {
    let salted = |text: &str| match salt {
        Some(salt) => text.replace("{salt}", &DIALECT.literal(salt)),
        None => text.to_owned(),
    };
    let mut row_policies = Table::new("svv_rls_policy.csv", &RLS_POLICIES);
    let mut row_places = Table::new("svv_rls_attached_policy.csv", &RLS_ATTACHED);
    let mut relations = Table::new("svv_rls_relation.csv", &RLS_RELATIONS);
    let mut masking_policies = Table::secret("svv_masking_policy.csv", &MASKING_POLICIES);
    let mut mask_places = Table::new("svv_attached_masking_policy.csv", &MASKING_ATTACHED);
    let mut written = Table::new("policies.csv", &["name", "body"]);
    let mut switched = BTreeSet::new();
    for fact in facts {
        let object = Object::parse(symbols.text(fact.key.object));
        let text = symbols.text(fact.body);
        let part = |at: usize| object.path.get(at).map_or("", String::as_str);
        match fact.key.kind {
            FactKind::MaskingPolicy => {
                let body = PolicyBody::parse(text);
                let of = body.inputs.first().map_or("", |(_, of)| of.as_str());
                let expression = serde_json::json!([{"expr": salted(&body.expression), "type": of}]);
                masking_policies.row(&[
                    ("policy_database", &home.database),
                    ("policy_name", object.name()),
                    ("input_columns", &inputs(&body)),
                    ("policy_expression", &expression.to_string()),
                ]);
                written.row(&[("name", object.name()), ("body", text)]);
            }
            FactKind::RowAccessPolicy => {
                let body = PolicyBody::parse(text);
                let alias = if body.alias.is_empty() { "rls_table" } else { &body.alias };
                row_policies.row(&[
                    ("poldb", &home.database),
                    ("polname", object.name()),
                    ("polalias", alias),
                    ("polatts", &inputs(&body)),
                    ("polqual", &salted(&body.expression)),
                    ("polenabled", "t"),
                ]);
                written.row(&[("name", object.name()), ("body", text)]);
            }
            FactKind::MaskAttachment => {
                let standing = MaskStanding::parse(text);
                let (grantee, kind) = grantee(&standing.grantee);
                let outputs = [object.column.as_deref().unwrap_or("")];
                mask_places.row(&[
                    ("policy_name", &standing.policy),
                    ("schema_name", part(1)),
                    ("table_name", part(2)),
                    ("table_type", "table"),
                    ("grantee", &grantee),
                    ("grantee_type", &kind),
                    ("priority", &standing.priority.to_string()),
                    ("input_columns", &serde_json::json!(standing.inputs).to_string()),
                    ("output_columns", &serde_json::json!(outputs).to_string()),
                    ("is_masking_datashare_on", "t"),
                ]);
            }
            FactKind::RowAttachment => {
                let standing = RowStanding::parse(text);
                let (grantee, kind) = grantee(&standing.grantee);
                let on = if standing.on { "t" } else { "f" };
                let conjunction = if standing.all { "and" } else { "or" };
                if !standing.policy.is_empty() {
                    row_places.row(&[
                        ("relschema", part(1)),
                        ("relname", part(2)),
                        ("relkind", "table"),
                        ("polname", &standing.policy),
                        ("grantee", &grantee),
                        ("granteekind", &kind),
                        ("is_pol_on", "t"),
                        ("is_rls_on", on),
                        ("rls_conjunction_type", conjunction),
                    ]);
                }
                if switched.insert(object.text()) {
                    relations.row(&[
                        ("datname", &home.database),
                        ("relschema", part(1)),
                        ("relname", part(2)),
                        ("relkind", "table"),
                        ("is_rls_on", on),
                        ("is_rls_datashare_on", "t"),
                        ("rls_conjunction_type", conjunction),
                        ("rls_datashare_conjunction_type", "and"),
                    ]);
                }
            }
            FactKind::Role
            | FactKind::Group
            | FactKind::Location
            | FactKind::Function
            | FactKind::Entitlement
            | FactKind::View
            | FactKind::AuthorizedView
            | FactKind::Rule
            | FactKind::Grant
            | FactKind::Membership => {}
        }
    }
    [row_policies, row_places, relations, masking_policies, mask_places, written]
        .into_iter()
        .map(Table::artefact)
        .collect()
}

/// `[{"colname":"v","type":"character varying(256)"}]`.
fn inputs(body: &PolicyBody) -> String {
    let list: Vec<serde_json::Value> =
        body.inputs.iter().map(|(name, of)| serde_json::json!({"colname": name, "type": of})).collect();
    serde_json::Value::Array(list).to_string()
}

/// Name and kind.
fn grantee(text: &str) -> (String, String) {
    let object = Object::parse(text);
    let kind = object.word.to_ascii_lowercase();
    // For everybody, the name is the kind.
    let name = if object.path.is_empty() { kind.clone() } else { object.name().to_owned() };
    (name, kind)
}
