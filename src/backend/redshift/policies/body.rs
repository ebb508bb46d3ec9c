//! A policy's body: what it reads, and its expression.
//!
//! Invariant: [`PolicyBody::parse`] reads back what [`PolicyBody::text`] writes.

use serde::{Deserialize, Serialize};

use crate::backend::object::Object;

/// The word of a masking policy's object.
pub(in super::super) const MASKING: &str = "MASKING POLICY";
/// The word of a row-level security policy's object.
pub(in super::super) const RLS: &str = "RLS POLICY";

/// `MASKING POLICY "p"`, `RLS POLICY "p"`.
pub(in super::super) fn policy_object(word: &str, name: &str) -> String {
    Object::new(word, [name]).text()
}

/// The body of a policy's fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct PolicyBody {
    /// Names and types of what it reads. A mask of ours has the masked value first; rows are read by the table's own names.
    pub(in super::super) inputs: Vec<(String, String)>,
    /// The filters in it, in the order of its conjuncts; empty for masks.
    pub(in super::super) filters: Vec<String>,
    /// What it calls its table, where that is not Redshift's own word.
    pub(in super::super) alias: String,
    /// The expression, with `{salt}` for the salt.
    pub(in super::super) expression: String,
}

/// What stands in the first line of a fact's body.
#[derive(Serialize, Deserialize, Default)]
struct Header {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    alias: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    filters: Vec<String>,
    #[serde(default)]
    inputs: Vec<(String, String)>,
}

impl PolicyBody {
    /// The canonical text: a line of JSON, then the expression.
    pub(in super::super) fn text(&self) -> String {
        let PolicyBody { inputs, filters, alias, expression } = self.clone();
        let header = serde_json::to_string(&Header { alias, filters, inputs }).unwrap_or_default();
        format!("{header}\n{expression}")
    }

    /// Reads [`PolicyBody::text`].
    pub(in super::super) fn parse(text: &str) -> PolicyBody {
        let (header, expression) = text.split_once('\n').unwrap_or(("", text));
        let Header { alias, filters, inputs } = serde_json::from_str(header).unwrap_or_default();
        PolicyBody { inputs, filters, alias, expression: expression.to_owned() }
    }

    /// The names of what it reads.
    pub(in super::super) fn names(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_read_back() {
        for filters in [Vec::new(), vec!["own_region".to_owned()]] {
            let body = PolicyBody {
                inputs: vec![("odd \"col\"\n".to_owned(), "numeric(12,2)".to_owned())],
                filters,
                alias: "t".to_owned(),
                expression: "CASE\nWHEN 1".to_owned(),
            };
            assert_eq!(PolicyBody::parse(&body.text()), body);
        }
    }
}
