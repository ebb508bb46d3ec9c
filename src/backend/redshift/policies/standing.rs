//! Where policies stand: the bodies of attachments.
//!
//! An attachment of ours is about its column or table alone: Redshift takes several policies in one place, but what somebody else
//! attached there keeps ours out, as on platforms that take one.
//! Invariant: what is read back is what was written; a missing field is what Redshift's own default would be.

use serde::{Deserialize, Serialize};

/// Stands for every user.
const PUBLIC: &str = "PUBLIC";

/// A mask on a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct MaskStanding {
    /// The policy's name.
    pub(in super::super) policy: String,
    /// Whom it concerns: `PUBLIC`, `ROLE "r"`, `USER "u"`.
    pub(in super::super) grantee: String,
    /// The columns behind the policy's inputs.
    pub(in super::super) inputs: Vec<String>,
    /// The highest that concerns a user decides what he sees.
    pub(in super::super) priority: i64,
}

impl MaskStanding {
    /// One of ours: for everybody, at the default priority, which nobody else's can then have.
    pub(in super::super) fn ours(policy: String, inputs: Vec<String>) -> MaskStanding {
        MaskStanding { policy, grantee: PUBLIC.to_owned(), inputs, priority: 0 }
    }

    /// The canonical text.
    pub(in super::super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads [`MaskStanding::text`].
    pub(in super::super) fn parse(text: &str) -> MaskStanding {
        serde_json::from_str(text).unwrap_or_else(|_| MaskStanding::ours(String::new(), Vec::new()))
    }
}

/// A row policy on a table, and the table's switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct RowStanding {
    /// The policy's name; empty for a table whose switch is on without any policy, which shows no row.
    pub(in super::super) policy: String,
    /// Whom it concerns.
    pub(in super::super) grantee: String,
    /// Whether row-level security is on.
    pub(in super::super) on: bool,
    /// Whether all policies of a user must hold, and not one of them.
    pub(in super::super) all: bool,
    /// Whether other policies stand on the table too, so that its switch is not ours to turn off.
    pub(in super::super) shared: bool,
}

impl RowStanding {
    /// One of ours: for everybody, switched on.
    pub(in super::super) fn ours(policy: String) -> RowStanding {
        RowStanding { policy, grantee: PUBLIC.to_owned(), on: true, all: true, shared: false }
    }

    /// The canonical text.
    pub(in super::super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads [`RowStanding::text`].
    pub(in super::super) fn parse(text: &str) -> RowStanding {
        serde_json::from_str(text).unwrap_or_else(|_| RowStanding::ours(String::new()))
    }

    /// Whether the table is as another standing says: who else stands there is not ours to say.
    pub(in super::super) fn same(&self, other: &RowStanding) -> bool {
        RowStanding { shared: other.shared, ..self.clone() } == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standings_are_read_back() {
        let mask = MaskStanding {
            priority: 20,
            grantee: "ROLE \"r\"".to_owned(),
            ..MaskStanding::ours("p \"q\"".to_owned(), vec!["a".to_owned(), "b\n".to_owned()])
        };
        assert_eq!(MaskStanding::parse(&mask.text()), mask);
        let row = RowStanding { on: false, shared: true, ..RowStanding::ours("p".to_owned()) };
        assert_eq!(RowStanding::parse(&row.text()), row);
        assert!(!row.same(&RowStanding::ours("p".to_owned())));
        assert!(RowStanding { on: true, ..row }.same(&RowStanding::ours("p".to_owned())));
    }
}
