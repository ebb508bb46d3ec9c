//! One change as one SQL statement, without its `;`.
//!
//! In: a change, texts as `native` writes them. Out: what a role with the set-up's privileges runs. A policy is never replaced or
//! dropped while it is attached, for Snowflake refuses that; its body is altered. A row access policy is swapped in one
//! statement, a mask with FORCE, so that no moment is unprotected:
//! docs.snowflake.com/en/user-guide/security-column-intro and security-row-intro (2026-11-23).

use super::native::{Attached, ENTITLEMENTS, Home, MARK, Object, PolicyBody, column_list};
use crate::backend::contract::{Change, Op};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::sql::Dialect;
use crate::inventory::{IntegrationId, Inventory};

const DIALECT: Dialect = Dialect::Snowflake;

/// The statement of a change.
pub(super) fn statement(
    inventory: &Inventory,
    integration: IntegrationId,
    change: &Change,
    symbols: &Symbols,
) -> String {
    let home = Home::of(&inventory.integrations[integration]);
    let before = change.before.map(|fact| symbols.text(fact.body));
    match change.op {
        Op::Add => add(&home, &change.fact, symbols),
        Op::Remove => remove(&home, &change.fact, symbols),
        Op::Replace => replace(&home, &change.fact, before.unwrap_or(""), symbols),
    }
}

/// What a fact is about, as plans show it.
pub(super) fn title(fact: &Fact, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    let (object, grantee, privilege) =
        (text(fact.key.object), text(fact.key.grantee), text(fact.key.privilege));
    match fact.key.kind {
        FactKind::Grant => format!("{privilege} on {object} to {grantee}"),
        FactKind::Membership => format!("{object} to {grantee}"),
        FactKind::Entitlement => {
            let value = object.strip_prefix("VALUE ").unwrap_or(object);
            format!("{privilege} = {} of {grantee}", DIALECT.literal(value))
        }
        FactKind::MaskAttachment | FactKind::RowAttachment => {
            format!("{} on {object}", Attached::parse(text(fact.body)).policy)
        }
        FactKind::Role
        | FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule => object.to_owned(),
    }
}

/// `COMMENT = '…'`: the mark and whose it is.
pub(super) fn role_comment(policies: &str) -> String {
    format!("{MARK} {policies}")
}

/// `ALTER TABLE …` or `ALTER VIEW …`.
pub(super) fn alter(object: &Object) -> String {
    let word = if object.word.ends_with("VIEW") { "VIEW" } else { "TABLE" };
    format!("ALTER {word} {}", object.quoted())
}

/// `CREATE … POLICY`, with or without `IF NOT EXISTS`.
pub(super) fn create_policy(
    object: &str,
    body: &PolicyBody,
    expression: &str,
    policies: &str,
    again: bool,
) -> String {
    let Object { word, path, .. } = Object::parse(object);
    let exists = if again { "IF NOT EXISTS " } else { "" };
    format!(
        "CREATE {word} {exists}{} AS {} RETURNS {} -> {expression} COMMENT = {}",
        DIALECT.path(path.iter().map(String::as_str)),
        body.signature(),
        body.returns,
        DIALECT.plain_literal(&body.comment(policies)),
    )
}

/// `SET MASKING POLICY …`, which with FORCE takes the place of another.
pub(super) fn set_mask(object: &str, body: &str, force: bool) -> String {
    let (object, attached) = (Object::parse(object), Attached::parse(body));
    let column = DIALECT.identifier(object.column.as_deref().unwrap_or(""));
    let using = if attached.columns.is_empty() {
        String::new()
    } else {
        format!(" USING ({column}, {})", column_list(&attached.columns))
    };
    let force = if force { " FORCE" } else { "" };
    format!("{} MODIFY COLUMN {column} SET {}{using}{force}", alter(&object), attached.policy)
}

/// `ADD ROW ACCESS POLICY …`, after dropping another in the same statement.
pub(super) fn add_rows(object: &str, body: &str, instead_of: Option<&str>) -> String {
    let (object, attached) = (Object::parse(object), Attached::parse(body));
    let drop =
        instead_of.map_or_else(String::new, |before| format!(" DROP {},", Attached::parse(before).policy));
    format!("{}{drop} ADD {} ON ({})", alter(&object), attached.policy, column_list(&attached.columns))
}

fn add(home: &Home, fact: &Fact, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    let (object, grantee, body) = (text(fact.key.object), text(fact.key.grantee), text(fact.body));
    let (privilege, policies) = (text(fact.key.privilege), text(fact.policies));
    match fact.key.kind {
        FactKind::Role => {
            let comment = DIALECT.plain_literal(&role_comment(policies));
            format!("CREATE {} COMMENT = {comment}", object.replacen("ROLE ", "ROLE IF NOT EXISTS ", 1))
        }
        FactKind::Grant => format!("GRANT {privilege} ON {object} TO {grantee}"),
        FactKind::Membership => format!("GRANT {object} TO {grantee}"),
        FactKind::MaskingPolicy | FactKind::RowAccessPolicy => {
            let body = PolicyBody::parse(body);
            create_policy(object, &body, &body.expression, policies, false)
        }
        FactKind::MaskAttachment => set_mask(object, body, false),
        FactKind::RowAttachment => add_rows(object, body, None),
        FactKind::Entitlement => format!(
            "INSERT INTO {} (\"ACCOUNT\", \"NAME\", \"VALUE\") VALUES {}",
            home.path(ENTITLEMENTS),
            entitlement_row(fact, symbols)
        ),
        FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule => foreign_kind(object),
    }
}

fn remove(home: &Home, fact: &Fact, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    let (object, grantee, body) = (text(fact.key.object), text(fact.key.grantee), text(fact.body));
    match fact.key.kind {
        FactKind::Role | FactKind::MaskingPolicy | FactKind::RowAccessPolicy => {
            let Object { word, .. } = Object::parse(object);
            format!("DROP {}", object.replacen(&word, &format!("{word} IF EXISTS"), 1))
        }
        FactKind::Grant => format!("REVOKE {} ON {object} FROM {grantee}", text(fact.key.privilege)),
        FactKind::Membership => format!("REVOKE {object} FROM {grantee}"),
        FactKind::MaskAttachment => {
            let object = Object::parse(object);
            let column = DIALECT.identifier(object.column.as_deref().unwrap_or(""));
            format!("{} MODIFY COLUMN {column} UNSET MASKING POLICY", alter(&object))
        }
        FactKind::RowAttachment => {
            format!("{} DROP {}", alter(&Object::parse(object)), Attached::parse(body).policy)
        }
        FactKind::Entitlement => {
            let [account, name, value] = entitlement(fact, symbols).map(|part| DIALECT.literal(&part));
            let table = home.path(ENTITLEMENTS);
            format!(
                "DELETE FROM {table} WHERE \"ACCOUNT\" = {account} AND \"NAME\" = {name} AND \"VALUE\" = {value}"
            )
        }
        FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule => foreign_kind(object),
    }
}

fn replace(home: &Home, fact: &Fact, before: &str, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    let (object, body, policies) = (text(fact.key.object), text(fact.body), text(fact.policies));
    match fact.key.kind {
        FactKind::MaskingPolicy | FactKind::RowAccessPolicy => {
            let (new, old) = (PolicyBody::parse(body), PolicyBody::parse(before));
            let set_body = format!("ALTER {object} SET BODY -> {}", new.expression);
            if new.columns == old.columns && new.arguments == old.arguments {
                return set_body;
            }
            // Somebody changed the comment, in which the columns stand.
            let comment = DIALECT.plain_literal(&new.comment(policies));
            let set_comment = format!("ALTER {object} SET COMMENT = {comment}");
            if new.expression == old.expression { set_comment } else { format!("{set_body};\n{set_comment}") }
        }
        FactKind::MaskAttachment => set_mask(object, body, true),
        FactKind::RowAttachment => add_rows(object, body, Some(before)),
        FactKind::Role
        | FactKind::Grant
        | FactKind::Membership
        | FactKind::Entitlement
        | FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule => add(home, fact, symbols),
    }
}

/// Account, name and value of an entitlement.
pub(super) fn entitlement(fact: &Fact, symbols: &Symbols) -> [String; 3] {
    let object = symbols.text(fact.key.object);
    [
        Object::parse(symbols.text(fact.key.grantee)).name().to_owned(),
        symbols.text(fact.key.privilege).to_owned(),
        object.strip_prefix("VALUE ").unwrap_or(object).to_owned(),
    ]
}

/// `('ALICE', 'user attribute region as string', 'EMEA')`.
pub(super) fn entitlement_row(fact: &Fact, symbols: &Symbols) -> String {
    let [account, name, value] = entitlement(fact, symbols).map(|part| DIALECT.literal(&part));
    format!("({account}, {name}, {value})")
}

/// Kinds that Snowflake's facts never have.
fn foreign_kind(object: &str) -> String {
    format!("SELECT {}", DIALECT.literal(&format!("no statement for {object}")))
}
