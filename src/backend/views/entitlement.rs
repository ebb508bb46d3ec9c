//! Rows of the entitlement table as facts: `VALUE EMEA`, `USER "alice"`, `user attribute region as string`.

use super::Site;
use crate::backend::body::Entitlements;
use crate::backend::contract::Lowering;
use crate::backend::fact::{Fact, FactKey, FactKind, Symbols};
use crate::backend::object::{Object, user};

/// The facts of the rows asked for. Accounts that never ask as themselves need none.
pub fn entitlement_facts(
    lowering: &Lowering<'_>,
    site: &dyn Site,
    entitlements: &Entitlements,
    symbols: &mut Symbols,
) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (account, name, value, policies) in entitlements.rows() {
        let Some(account) = site.session_name(&lowering.accounts.accounts[account].name) else { continue };
        let policies: Vec<&str> = policies.iter().map(String::as_str).collect();
        facts.push(Fact {
            key: FactKey {
                kind: FactKind::Entitlement,
                privilege: symbols.intern(name),
                object: symbols.intern(&format!("VALUE {value}")),
                grantee: symbols.intern(&user(account)),
            },
            body: symbols.intern(""),
            policies: symbols.intern(&policies.join(", ")),
        });
    }
    facts
}

/// Account, name and value of a row.
pub fn entitlement(fact: &Fact, symbols: &Symbols) -> [String; 3] {
    let object = symbols.text(fact.key.object);
    [
        Object::parse(symbols.text(fact.key.grantee)).name().to_owned(),
        symbols.text(fact.key.privilege).to_owned(),
        object.strip_prefix("VALUE ").unwrap_or(object).to_owned(),
    ]
}
