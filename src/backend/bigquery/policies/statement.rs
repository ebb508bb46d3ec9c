//! One change as GoogleSQL without its last `;`, or, for a data policy, the request that makes it: the SQL statement for it does not
//! say how it names a routine (docs.cloud.google.com/bigquery/docs/column-data-masking, 2026-11-25).

use serde_json::{Value, json};

use super::native::{
    BINDING, BINDINGS, DataPolicy, READ, RowPolicy, VALUE, attached, data_policy_resource, fence_name,
    principal, table_of,
};
use crate::backend::bigquery::member;
use crate::backend::bigquery::native::{DIALECT, Home};
use crate::backend::bigquery::statement::grant;
use crate::backend::contract::Op;
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::inventory::Integration;

/// What a fact of one of our kinds is about; `None`: it is no such kind.
pub(in crate::backend::bigquery) fn title(fact: &Fact, symbols: &Symbols) -> Option<String> {
    let object = symbols.text(fact.key.object);
    match fact.key.kind {
        FactKind::RowAttachment => Some(format!("fence on {object}")),
        FactKind::MaskAttachment => {
            let policies = attached(symbols.text(fact.body));
            let names: Vec<String> =
                policies.iter().map(|each| Object::parse(each).name().to_owned()).collect();
            Some(format!("{} on {object}", names.join(", ")))
        }
        FactKind::Role
        | FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::Entitlement
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule
        | FactKind::Grant
        | FactKind::Membership => None,
    }
}

/// Makes a fact of one of our kinds, or gives it another content; `None`: it is no such kind.
pub(in crate::backend::bigquery) fn add(
    home: &Home<'_>,
    settings: &Integration,
    op: Op,
    fact: &Fact,
    symbols: &Symbols,
) -> Option<String> {
    let text = |symbol| symbols.text(symbol);
    let (object, body) = (text(fact.key.object), text(fact.body));
    match fact.key.kind {
        FactKind::RowAttachment => Some(fence(settings, object, op)),
        FactKind::RowAccessPolicy => {
            Some(create_policy(object, &RowPolicy::parse(body), text(fact.policies)))
        }
        FactKind::Function => Some(create_routine(object, body, None)),
        FactKind::MaskingPolicy => Some(request(object, &DataPolicy::parse(body), op).to_string()),
        FactKind::MaskAttachment => Some(attach(object, &attached(body))),
        FactKind::Grant if text(fact.key.privilege) == READ => {
            Some(read("GRANT", "TO", object, &[text(fact.key.grantee)]))
        }
        FactKind::Grant if body == BINDING => {
            let grantees = [text(fact.key.grantee)];
            let listed = list(home, text(fact.key.privilege), object, &grantees);
            Some(format!("{listed};\n{}", grant(text(fact.key.privilege), object, &grantees)))
        }
        FactKind::Role
        | FactKind::Group
        | FactKind::Location
        | FactKind::Entitlement
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule
        | FactKind::Grant
        | FactKind::Membership => None,
    }
}

/// Takes a fact of one of our kinds away; `None`: it is no such kind.
pub(in crate::backend::bigquery) fn remove(
    home: &Home<'_>,
    settings: &Integration,
    fact: &Fact,
    symbols: &Symbols,
) -> Option<String> {
    let text = |symbol| symbols.text(symbol);
    let object = text(fact.key.object);
    match fact.key.kind {
        FactKind::RowAttachment => {
            let path = Object::parse(object).path;
            let parts: Vec<&str> = path.iter().map(String::as_str).collect();
            Some(drop_policy(&path, &fence_name(settings, &parts)))
        }
        FactKind::RowAccessPolicy => {
            let path = Object::parse(object).path;
            let (name, table) = path.split_last()?;
            Some(drop_policy(table, name))
        }
        FactKind::Function => Some(format!("DROP FUNCTION IF EXISTS {}", quoted(object))),
        FactKind::MaskingPolicy => {
            Some(json!({"dataPolicies.delete": {"name": data_policy_resource(object)}}).to_string())
        }
        FactKind::MaskAttachment => Some(attach(object, &[])),
        FactKind::Grant if text(fact.key.privilege) == READ => {
            Some(read("REVOKE", "FROM", object, &[text(fact.key.grantee)]))
        }
        FactKind::Grant if text(fact.body) == BINDING => {
            let (role, grantee) = (text(fact.key.privilege), text(fact.key.grantee));
            let revoke = grant(role, object, &[grantee]).replacen("GRANT ", "REVOKE ", 1);
            let (before, member) = revoke.rsplit_once(" TO ")?;
            let [table, role, member_text] = row(object, role, grantee);
            Some(format!(
                "{before} FROM {member};\nDELETE FROM {} WHERE `object` = {table} AND `role` = {role} AND `member` = {member_text}",
                bindings(home)
            ))
        }
        FactKind::Role
        | FactKind::Group
        | FactKind::Location
        | FactKind::Entitlement
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule
        | FactKind::Grant
        | FactKind::Membership => None,
    }
}

/// The quoted path of an object.
pub(super) fn quoted(object: &str) -> String {
    DIALECT.path(Object::parse(object).path.iter().map(String::as_str))
}

/// The fence of a table: a policy for nobody. What has been tampered with is replaced.
pub(super) fn fence(settings: &Integration, table: &str, op: Op) -> String {
    let path = Object::parse(table).path;
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let name = DIALECT.identifier(&fence_name(settings, &parts));
    let create = match op {
        Op::Replace => format!("CREATE OR REPLACE ROW ACCESS POLICY {name}"),
        Op::Add | Op::Remove => format!("CREATE ROW ACCESS POLICY IF NOT EXISTS {name}"),
    };
    format!("{create} ON {} FILTER USING (FALSE)", quoted(table))
}

/// `CREATE OR REPLACE ROW ACCESS POLICY … GRANT TO (…) FILTER USING (…)`; a list of nobody is no list, and is left out
/// (docs.cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language, 2026-11-25).
pub(super) fn create_policy(object: &str, policy: &RowPolicy, policies: &str) -> String {
    let name = Object::parse(object).name().to_owned();
    let members: Vec<String> =
        policy.grantees.iter().map(|grantee| DIALECT.plain_literal(&member::name(grantee))).collect();
    let grantees =
        if members.is_empty() { String::new() } else { format!("GRANT TO ({}) ", members.join(", ")) };
    format!(
        "CREATE OR REPLACE ROW ACCESS POLICY {} ON {} {grantees}FILTER USING ({})",
        DIALECT.identifier(&name),
        quoted(&table_of(object).unwrap_or_default()),
        policy.marked(policies)
    )
}

/// The last policy of a table goes only with all of them, and then the table is open: so it goes alone if there are others, whoever
/// made them (docs.cloud.google.com/bigquery/docs/managing-row-level-security#delete-policy, 2026-11-25).
fn drop_policy(table: &[String], name: &str) -> String {
    let [project, dataset, last] = table else { return String::new() };
    let path = DIALECT.path(table.iter().map(String::as_str));
    let schema = DIALECT.path([project.as_str(), dataset]);
    let (other, quoted) = (DIALECT.literal(name), DIALECT.identifier(name));
    format!(
        "BEGIN IF EXISTS (SELECT 1 FROM {schema}.INFORMATION_SCHEMA.ROW_ACCESS_POLICIES WHERE table_name = {} AND row_access_policy_name != {other}) THEN DROP ROW ACCESS POLICY IF EXISTS {quoted} ON {path}; ELSE DROP ALL ROW ACCESS POLICIES ON {path}; END IF; END",
        DIALECT.literal(last)
    )
}

/// A masking routine.
pub(super) fn create_routine(object: &str, body: &str, salt: Option<&str>) -> String {
    let (of, expression) = body.split_once('\n').unwrap_or_default();
    let expression = match salt {
        Some(salt) => expression.replace("{salt}", &DIALECT.literal(salt)),
        None => expression.to_owned(),
    };
    format!(
        "CREATE OR REPLACE FUNCTION {}({VALUE} {of}) RETURNS {of} OPTIONS (data_governance_type = 'DATA_MASKING') AS ({expression})",
        quoted(object)
    )
}

/// What dataPolicies.create or .patch is sent: docs.cloud.google.com/bigquery/docs/reference/bigquerydatapolicy/rest/v2 (2026-11-25).
pub(super) fn request(object: &str, policy: &DataPolicy, op: Op) -> Value {
    let resource = data_policy_resource(object);
    let (parent, name) = resource.split_once("/dataPolicies/").unwrap_or_default();
    let body = match masking(policy) {
        Some(masking) => json!({"dataPolicyType": policy.kind, "dataMaskingPolicy": masking}),
        None => json!({"dataPolicyType": policy.kind}),
    };
    match op {
        Op::Replace => {
            json!({"dataPolicies.patch": {"name": resource, "dataPolicy": body, "updateMask": "dataMaskingPolicy"}})
        }
        Op::Add | Op::Remove => {
            json!({"dataPolicies.create": {"parent": parent, "dataPolicyId": name, "dataPolicy": body}})
        }
    }
}

/// What a data policy shows, as the API says it.
pub(super) fn masking(policy: &DataPolicy) -> Option<Value> {
    let routine = policy.routine.as_deref().map(|routine| match Object::parse(routine).path.as_slice() {
        [project, dataset, name] => format!("projects/{project}/datasets/{dataset}/routines/{name}"),
        _ => routine.to_owned(),
    });
    match (&policy.predefined, routine) {
        (_, Some(routine)) => Some(json!({"routine": routine})),
        (Some(rule), None) => Some(json!({"predefinedExpression": rule})),
        (None, None) => None,
    }
}

/// `project.region-eu.name`, by which SQL names a data policy.
fn sql_name(policy: &str) -> String {
    match Object::parse(policy).path.as_slice() {
        [project, location, name] => format!("{project}.region-{location}.{name}"),
        _ => policy.to_owned(),
    }
}

/// Puts data policies on a column in the place of those that stand there.
pub(super) fn attach(column: &str, policies: &[String]) -> String {
    let object = Object::parse(column);
    let names: Vec<String> = policies
        .iter()
        .map(|policy| DIALECT.plain_literal(&format!("{{'name':'{}'}}", sql_name(policy))))
        .collect();
    format!(
        "ALTER TABLE {} ALTER COLUMN {} SET OPTIONS (data_policies = [{}])",
        quoted(column),
        DIALECT.identifier(object.column.as_deref().unwrap_or("")),
        names.join(", ")
    )
}

/// `GRANT FINE_GRAINED_READ ON DATA_POLICY … TO …`.
pub(super) fn read(verb: &str, to: &str, policy: &str, grantees: &[&str]) -> String {
    let members: Vec<String> =
        grantees.iter().map(|grantee| DIALECT.plain_literal(&principal(grantee))).collect();
    let name = DIALECT.identifier(&sql_name(policy));
    format!("{verb} {READ} ON DATA_POLICY {name} {to} {}", members.join(", "))
}

/// The table of bindings.
pub(in crate::backend::bigquery) fn bindings(home: &Home<'_>) -> String {
    DIALECT.path([home.project.as_str(), &home.dataset, BINDINGS].into_iter().filter(|part| !part.is_empty()))
}

fn row(object: &str, role: &str, grantee: &str) -> [String; 3] {
    let path = Object::parse(object).path.join(".");
    [path, role.to_owned(), member::name(grantee)].map(|part| DIALECT.literal(&part))
}

/// Lists bindings as ours, once each.
pub(super) fn list(home: &Home<'_>, role: &str, object: &str, grantees: &[&str]) -> String {
    let rows: Vec<String> = grantees
        .iter()
        .map(|grantee| {
            let [object, role, member] = row(object, role, grantee);
            format!("STRUCT({object} AS `object`, {role} AS `role`, {member} AS `member`)")
        })
        .collect();
    let table = bindings(home);
    format!(
        "INSERT INTO {table} (`object`, `role`, `member`) SELECT n.`object`, n.`role`, n.`member` FROM UNNEST([{}]) n WHERE NOT EXISTS (SELECT 1 FROM {table} b WHERE b.`object` = n.`object` AND b.`role` = n.`role` AND b.`member` = n.`member`)",
        rows.join(", ")
    )
}
