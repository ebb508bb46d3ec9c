//! How texts compare on platforms where blanks at the end do not count, and where a collation decides about case.
//!
//! Redshift and T-SQL compare by the collation of a column or a database, which a body does not show: there texts that are the same
//! up to blanks are equal, plain ones that differ in more than case are not, and nothing else is known. Under a binary
//! collation, named in the body, they compare by code unit. Elsewhere a text compares by code point.

use std::cmp::Ordering;

use super::Partial;
use super::function::Function;
use super::node::Node;
use super::truth::Truth;
use super::types::Target;
use crate::backend::sql::Dialect;
use crate::ir::Operator;
use crate::ir::value::Value;

/// Rules by which texts compare and are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Collation {
    pub(super) rule: Rule,
    pub(super) page: Page,
}

/// What decides a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Code units.
    Binary,
    /// Some language's rules; characters are code points.
    Characters,
    /// Some language's rules.
    Other,
}

/// What `varchar` can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Utf8,
    /// The characters of Latin-1, and others.
    Latin,
    /// ASCII, and others.
    Other,
}

impl Collation {
    /// Bytes.
    pub(super) const BYTES: Collation = Collation { rule: Rule::Binary, page: Page::Utf8 };

    /// A collation by its name; `None`: it is none of the dialect's.
    pub(super) fn named(name: &str, dialect: Dialect) -> Option<Collation> {
        let name = name.to_ascii_lowercase();
        let one =
            |binary| Collation { rule: if binary { Rule::Binary } else { Rule::Other }, page: Page::Utf8 };
        match dialect {
            // learn.microsoft.com/sql/t-sql/statements/windows-collation-name-transact-sql (2026-11-25).
            Dialect::Synapse => {
                let (name, page) = match name.strip_suffix("_utf8") {
                    Some(name) => (name, Page::Utf8),
                    None if name.starts_with("latin1_general") => (name.as_str(), Page::Latin),
                    None => (name.as_str(), Page::Other),
                };
                let rule = if name.ends_with("_bin2") {
                    Rule::Binary
                } else if name.ends_with("_sc") {
                    Rule::Characters
                } else {
                    Rule::Other
                };
                Some(Collation { rule, page })
            }
            // docs.aws.amazon.com/redshift/latest/dg/r_COLLATE.html (2026-11-25).
            Dialect::Redshift => match name.as_str() {
                "case_sensitive" | "cs" => Some(one(true)),
                "case_insensitive" | "ci" => Some(one(false)),
                _ => None,
            },
            // What a column has by default: docs.databricks.com/sql/language-manual/sql-ref-collation (2026-11-25).
            Dialect::Databricks => Some(one(name == "utf8_binary")),
            // docs.cloud.google.com/bigquery/docs/reference/standard-sql/collation-concepts (2026-11-25).
            Dialect::BigQuery => Some(one(name.is_empty() || name == "binary")),
            Dialect::Snowflake | Dialect::Trino => None,
        }
    }
}

/// What a text's collation is by its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Label {
    /// The column's or the database's.
    Implicit,
    Explicit(Collation),
    /// Two that contradict each other: an error.
    Conflict,
}

impl Label {
    fn with(self, other: Label) -> Label {
        match (self, other) {
            (Label::Implicit, label) | (label, Label::Implicit) => label,
            (left, right) if left == right => left,
            _ => Label::Conflict,
        }
    }

    /// learn.microsoft.com/sql/t-sql/statements/collation-precedence-transact-sql (2026-11-25): an explicit collation stays with what
    /// is made of the text. Redshift's manual does not say so.
    fn of(node: &Node, dialect: Dialect) -> Label {
        Label::within(node, dialect, &mut 1_000)
    }

    /// At most so many nodes are looked at: past them, nothing is known.
    fn within(node: &Node, dialect: Dialect, left: &mut usize) -> Label {
        let Some(fewer) = left.checked_sub(1) else { return Label::Conflict };
        *left = fewer;
        let mut one = |node: &Node| Label::within(node, dialect, left);
        match node {
            Node::Collate(_, collation) => Label::Explicit(*collation),
            _ if dialect == Dialect::Redshift => Label::Implicit,
            Node::Cast { from, .. } => one(from),
            Node::Call(Function::Concat | Function::Plus, list) | Node::Coalesce(list) => {
                list.iter().map(one).fold(Label::Implicit, Label::with)
            }
            Node::Call(_, args) => args.first().map_or(Label::Implicit, one),
            Node::Case { arms, otherwise, .. } => {
                let last = one(otherwise);
                arms.iter().map(|(_, result)| one(result)).fold(last, Label::with)
            }
            Node::NullIf(value, _) => one(value),
            _ => Label::Implicit,
        }
    }

    /// Of a comparison. The other side may be a literal; what a column has by itself may contradict.
    fn between(left: &Node, right: &Node, dialect: Dialect) -> Label {
        let labels = (Label::of(left, dialect), Label::of(right, dialect));
        let other = match labels {
            (Label::Explicit(_), Label::Implicit) => Some(right),
            (Label::Implicit, Label::Explicit(_)) => Some(left),
            _ => None,
        };
        // Neither a literal nor the user's name brings a collation of its own.
        let plain = other.is_none_or(|other| other.constant_text().is_some() || *other == Node::User);
        if dialect == Dialect::Synapse || plain { labels.0.with(labels.1) } else { Label::Implicit }
    }
}

/// The collation that a text's form names, on Synapse.
pub(super) fn explicit(node: &Node) -> Option<Collation> {
    match Label::of(node, Dialect::Synapse) {
        Label::Explicit(collation) => Some(collation),
        Label::Implicit | Label::Conflict => None,
    }
}

/// Bytes compared with bytes: texts compared by code unit. Anything but bytes on either side stays as it is.
pub(super) fn of_bytes(nodes: Vec<Node>) -> Vec<Node> {
    let bytes = |node: &Node| matches!(node, Node::Cast { to: Target::Bytes, .. });
    if !nodes.iter().all(bytes) {
        return nodes;
    }
    let text = |node| match node {
        Node::Cast { from, .. } => Node::Collate(from, Collation::BYTES),
        other => other,
    };
    nodes.into_iter().map(text).collect()
}

/// A comparison of known values.
pub(super) fn compare(
    operator: Operator,
    (left, left_value): (&Node, &Partial),
    (right, right_value): (&Node, &Partial),
    dialect: Dialect,
) -> Truth {
    let (Partial::Value(Value::Text(one)), Partial::Value(Value::Text(other))) = (left_value, right_value)
    else {
        return Truth::compare(operator, left_value, right_value);
    };
    let label = Label::between(left, right, dialect);
    match dialect {
        Dialect::Redshift | Dialect::Synapse => loosely(operator, one, other, label, dialect),
        Dialect::Databricks | Dialect::BigQuery if !matches!(label, Label::Implicit) => match label {
            Label::Explicit(collation) if collation.rule == Rule::Binary => {
                Truth::compare(operator, left_value, right_value)
            }
            _ => Truth::ANY,
        },
        Dialect::Snowflake | Dialect::Databricks | Dialect::Trino | Dialect::BigQuery => {
            Truth::compare(operator, left_value, right_value)
        }
    }
}

fn loosely(operator: Operator, left: &str, right: &str, label: Label, dialect: Dialect) -> Truth {
    let (left, right) = (left.trim_end_matches(' '), right.trim_end_matches(' '));
    let differ = |ordering: Option<Ordering>| match (operator, ordering) {
        (Operator::Equal, _) => Truth::FALSE,
        (Operator::NotEqual, _) => Truth::TRUE,
        (_, Some(ordering)) => Truth::known(operator.holds(ordering)),
        (_, None) => Truth::EITHER,
    };
    let plain = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    match label {
        Label::Conflict => Truth::ANY,
        _ if left == right => Truth::known(operator.holds(Ordering::Equal)),
        Label::Explicit(collation) if collation.rule == Rule::Binary => differ(order(left, right, dialect)),
        // Collations weigh accents, width and control characters each in its own way.
        Label::Implicit | Label::Explicit(_)
            if plain(left) && plain(right) && !left.eq_ignore_ascii_case(right) =>
        {
            differ(None)
        }
        Label::Implicit | Label::Explicit(_) => Truth::EITHER,
    }
}

/// The order of texts without blanks at the end, by code point; `None` where code units, or the blanks, would decide.
fn order(left: &str, right: &str, dialect: Dialect) -> Option<Ordering> {
    let surrogates = |text: &str| text.chars().any(|each| each > '\u{ffff}');
    if dialect == Dialect::Synapse && (surrogates(left) || surrogates(right)) {
        return None;
    }
    let beyond = left.strip_prefix(right).or_else(|| right.strip_prefix(left)).unwrap_or_default();
    // The shorter one is compared as if blanks followed.
    if beyond.starts_with(|next| next <= ' ') { None } else { Some(left.cmp(right)) }
}

/// Whether LIKE compares characters one by one: T-SQL's and Redshift's go by the collation, T-SQL's of `varchar` also forgives
/// blanks at the end.
pub(super) fn matches_exactly(text: &Node, pattern: &Node, dialect: Dialect) -> bool {
    match (dialect, Label::between(text, pattern, dialect)) {
        (Dialect::Snowflake | Dialect::Trino, _) => true,
        (Dialect::Databricks | Dialect::BigQuery, Label::Implicit) => true,
        (_, Label::Explicit(collation)) => collation.rule == Rule::Binary,
        (_, Label::Implicit | Label::Conflict) => false,
    }
}

/// Whether regular expressions do; Databricks' and Redshift's may go by the collation.
pub(super) fn replaces_exactly(text: &Node, dialect: Dialect) -> bool {
    match (dialect, Label::of(text, dialect)) {
        (Dialect::Redshift, Label::Explicit(collation)) => collation.rule == Rule::Binary,
        (Dialect::Redshift, _) => false,
        (_, Label::Explicit(collation)) => collation.rule == Rule::Binary,
        (_, label) => label == Label::Implicit,
    }
}
