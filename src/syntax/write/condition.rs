//! Conditions on the user as text.

use std::fmt::{Display, Formatter, Result};

use super::{joined, label, quoted, strings, wrapped};
use crate::syntax::ast::{AttributeTest, Condition};

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let wraps = |condition: &Condition| matches!(condition, Condition::And(_) | Condition::Or(_));
        match self {
            Condition::Anyone => f.write_str("anyone"),
            Condition::UserIs(ids) => match ids.as_slice() {
                [only] => write!(f, "user is {}", quoted(&only.node)),
                ids => write!(f, "user is one of {}", strings(ids)),
            },
            Condition::InGroup(group) => write!(f, "user in group {}", quoted(&group.node)),
            Condition::InAnyOf(groups) => write!(f, "user in any of groups {}", strings(groups)),
            Condition::InAllOf(groups) => write!(f, "user in all of groups {}", strings(groups)),
            Condition::HasAttribute(name) => write!(f, "user has attribute {}", label(&name.node)),
            Condition::Attribute { name, test } => write!(f, "user attribute {} {test}", label(&name.node)),
            Condition::AttributeCoversTags { attribute, under } => {
                write!(f, "user attribute {} covers tags under {}", label(&attribute.node), under.node)
            }
            Condition::GroupsCoverTags { under } => write!(f, "user groups cover tags under {}", under.node),
            Condition::AttributeCoversName { attribute } => {
                write!(f, "user attribute {} covers name", label(&attribute.node))
            }
            Condition::Approved { by_group: None } => f.write_str("approved"),
            Condition::Approved { by_group: Some(group) } => {
                write!(f, "approved by group {}", quoted(&group.node))
            }
            Condition::Named(name) => f.write_str(&name.node),
            Condition::And(items) => joined(f, items, "and", wraps),
            Condition::Or(items) => joined(f, items, "or", wraps),
            Condition::Not(inner) => {
                f.write_str("not ")?;
                wrapped(f, &inner.node, wraps)
            }
        }
    }
}

impl Display for AttributeTest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            AttributeTest::Equals(value) => write!(f, "= {}", quoted(&value.node)),
            AttributeTest::NotEquals(value) => write!(f, "!= {}", quoted(&value.node)),
            AttributeTest::In(values) => write!(f, "in {}", strings(values)),
            AttributeTest::NotIn(values) => write!(f, "not in {}", strings(values)),
        }
    }
}
