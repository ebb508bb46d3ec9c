//! Conditions on the user.

use super::Tag;
use crate::source::Spanned;

/// A condition on the user (and, for `covers` and `approved`, on the securable).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `anyone`: every directory user.
    Anyone,
    /// `user is "id"`, `user is one of [ids]`.
    UserIs(Vec<Spanned<String>>),
    /// `user in group "g"`.
    InGroup(Spanned<String>),
    /// `user in any of groups [..]`.
    InAnyOf(Vec<Spanned<String>>),
    /// `user in all of groups [..]`.
    InAllOf(Vec<Spanned<String>>),
    /// `user has attribute k`.
    HasAttribute(Spanned<String>),
    /// `user attribute k = "v"` and its kin.
    Attribute {
        /// k.
        name: Spanned<String>,
        /// What is asked of its values.
        test: AttributeTest,
    },
    /// `user attribute k covers tags under T`.
    AttributeCoversTags {
        /// k.
        attribute: Spanned<String>,
        /// T.
        under: Spanned<Tag>,
    },
    /// `user groups cover tags under T`.
    GroupsCoverTags {
        /// T.
        under: Spanned<Tag>,
    },
    /// `user attribute k covers name`.
    AttributeCoversName {
        /// k.
        attribute: Spanned<String>,
    },
    /// `approved`, `approved by group "g"`.
    Approved {
        /// The group that the giver must be in.
        by_group: Option<Spanned<String>>,
    },
    /// A condition's name.
    Named(Spanned<String>),
    /// `a and b and …`: two or more.
    And(Vec<Spanned<Condition>>),
    /// `a or b or …`: two or more.
    Or(Vec<Spanned<Condition>>),
    /// `not a`.
    Not(Box<Spanned<Condition>>),
}

/// What is asked of an attribute's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeTest {
    /// `= "v"`: any value equals v.
    Equals(Spanned<String>),
    /// `!= "v"`: the negation of `=`.
    NotEquals(Spanned<String>),
    /// `in ["v", …]`: any value is one of them.
    In(Vec<Spanned<String>>),
    /// `not in ["v", …]`: the negation of `in`.
    NotIn(Vec<Spanned<String>>),
}
