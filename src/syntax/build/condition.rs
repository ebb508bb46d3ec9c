//! Conditions on the user.

use super::{Builder, child};
use crate::source::Spanned;
use crate::syntax::ast::{AttributeTest, Condition};
use crate::syntax::grammar::{Node, Rule};

impl Builder<'_> {
    pub(super) fn condition(&mut self, node: Node<'_>) -> Option<Spanned<Condition>> {
        self.logic(node, Self::condition_unary, Condition::And, Condition::Or)
    }

    fn condition_unary(&mut self, node: Node<'_>) -> Option<Spanned<Condition>> {
        self.negations(node, Self::condition_atom, Condition::Not)
    }

    /// An atom, or a condition in parentheses.
    pub(super) fn condition_atom(&mut self, node: Node<'_>) -> Option<Spanned<Condition>> {
        let span = self.span(&node);
        let condition = match node.as_rule() {
            Rule::condition_group => {
                let inner = child(&node, Rule::condition);
                return match inner {
                    Some(inner) => self.condition(inner),
                    None => self.lost(),
                };
            }
            Rule::anyone => Condition::Anyone,
            Rule::user_is => Condition::UserIs(vec![self.first_string(node)?]),
            Rule::user_is_one_of => Condition::UserIs(self.string_list(&node)?),
            Rule::user_in_group => Condition::InGroup(self.first_string(node)?),
            Rule::user_in_groups if child(&node, Rule::kw_any).is_some() => {
                Condition::InAnyOf(self.string_list(&node)?)
            }
            Rule::user_in_groups => Condition::InAllOf(self.string_list(&node)?),
            Rule::user_has => Condition::HasAttribute(self.label_in(&node)?),
            Rule::user_attribute => self.attribute(node)?,
            Rule::user_groups_cover => Condition::GroupsCoverTags { under: self.tag_in(&node)? },
            Rule::approved => Condition::Approved { by_group: self.strings(node).into_iter().next() },
            Rule::named_condition => match child(&node, Rule::name) {
                Some(name) => Condition::Named(self.spanned(&name, name.as_str().to_owned())),
                None => return self.lost(),
            },
            _ => return self.lost(),
        };
        Some(Spanned::new(condition, span))
    }

    fn attribute(&mut self, node: Node<'_>) -> Option<Condition> {
        let name = self.label_in(&node)?;
        let Some(test) = node.into_inner().last() else { return self.lost() };
        let test = match test.as_rule() {
            Rule::attribute_equals => AttributeTest::Equals(self.first_string(test)?),
            Rule::attribute_differs => AttributeTest::NotEquals(self.first_string(test)?),
            Rule::attribute_in if child(&test, Rule::kw_not).is_some() => {
                AttributeTest::NotIn(self.string_list(&test)?)
            }
            Rule::attribute_in => AttributeTest::In(self.string_list(&test)?),
            Rule::covers_tags => {
                return Some(Condition::AttributeCoversTags { attribute: name, under: self.tag_in(&test)? });
            }
            Rule::covers_name => return Some(Condition::AttributeCoversName { attribute: name }),
            _ => return self.lost(),
        };
        Some(Condition::Attribute { name, test })
    }

    fn string_list(&mut self, node: &Node<'_>) -> Option<Vec<Spanned<String>>> {
        match child(node, Rule::string_list) {
            Some(list) => Some(self.strings(list)),
            None => self.lost(),
        }
    }

    pub(super) fn label_in(&mut self, node: &Node<'_>) -> Option<Spanned<String>> {
        match child(node, Rule::label) {
            Some(label) => self.label(label),
            None => self.lost(),
        }
    }

    pub(super) fn tag_in(&mut self, node: &Node<'_>) -> Option<Spanned<crate::syntax::ast::Tag>> {
        match child(node, Rule::tag) {
            Some(tag) => self.tag(tag),
            None => self.lost(),
        }
    }
}
