//! Which clauses each kind of declaration has, in the order of the language's table.

use super::ast::Kind;

/// The clauses of a kind, in canonical order.
pub(super) fn clauses_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Condition => &[],
        Kind::Subscription => &["allow", "on", "to", "combine", "from", "until"],
        Kind::Guardrail => &["require", "on", "to", "from", "until"],
        Kind::Mask => &["on", "using", "when", "except", "only for", "priority", "from", "until"],
        Kind::Filter => &["on", "rows where", "except", "only for", "from", "until"],
        Kind::Test => &["as", "at", "can", "cannot", "sees", "filtered", "unfiltered"],
    }
}

/// The clauses that a kind cannot do without, each with an example.
pub(super) fn required(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        Kind::Condition => &[],
        Kind::Subscription => &[("allow", "allow read"), ("on", "on tables"), ("to", "to anyone")],
        Kind::Guardrail => {
            &[("require", "require read"), ("on", "on tables"), ("to", "to user in group \"trained\"")]
        }
        Kind::Mask => &[("on", "on columns tagged PII"), ("using", "using null")],
        Kind::Filter => {
            &[("on", "on tables tagged Regional"), ("rows where", "rows where column region = \"EMEA\"")]
        }
        Kind::Test => &[("as", "as \"alice@acme.example\"")],
    }
}

/// The kinds that have a clause.
pub(super) fn kinds_with(clause: &str) -> Vec<Kind> {
    Kind::ALL.iter().copied().filter(|kind| clauses_of(*kind).contains(&clause)).collect()
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}
