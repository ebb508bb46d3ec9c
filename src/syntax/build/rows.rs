//! Conditions on the row, and masking methods.

use super::{Builder, child, children};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Spanned;
use crate::syntax::ast::{ColumnRef, CompareOp, Method, Platform, RoundUnit, RowSet, RowValue, Rows};
use crate::syntax::grammar::{Node, Rule};

/// Further from today than any calendar goes.
const MOST_DAYS: i64 = 1_000_000;

impl Builder<'_> {
    pub(super) fn rows(&mut self, node: Node<'_>) -> Option<Spanned<Rows>> {
        self.logic(node, Self::rows_unary, Rows::And, Rows::Or)
    }

    fn rows_unary(&mut self, node: Node<'_>) -> Option<Spanned<Rows>> {
        self.negations(node, Self::rows_atom, Rows::Not)
    }

    fn rows_atom(&mut self, node: Node<'_>) -> Option<Spanned<Rows>> {
        let span = self.span(&node);
        match node.as_rule() {
            Rule::rows_group => match child(&node, Rule::rows) {
                Some(inner) => self.rows(inner),
                None => self.lost(),
            },
            Rule::sql => {
                let platform =
                    node.clone().into_inner().find_map(|child| Some(self.spanned(&child, platform(&child)?)));
                let text = self.first_string(node)?;
                Some(Spanned::new(Rows::Sql { platform, text }, span))
            }
            Rule::row_comparison => Some(Spanned::new(self.comparison(node)?, span)),
            _ => {
                let atom = self.condition_atom(node)?;
                Some(Spanned::new(Rows::Condition(atom.node), atom.span))
            }
        }
    }

    fn comparison(&mut self, node: Node<'_>) -> Option<Rows> {
        let mut inner = node.into_inner();
        let (Some(left), Some(test)) = (inner.next(), inner.next()) else { return self.lost() };
        let value = self.row_value(left)?;
        let negated = child(&test, Rule::kw_not).is_some();
        match test.as_rule() {
            Rule::is_null => Some(Rows::IsNull { value, negated }),
            Rule::row_like => Some(Rows::Like { value, pattern: self.first_string(test)? }),
            Rule::row_in => {
                let Some(set) = test.into_inner().last() else { return self.lost() };
                Some(Rows::In { value, negated, set: self.row_set(set)? })
            }
            Rule::row_compare => self.compare(value, test),
            _ => self.lost(),
        }
    }

    fn compare(&mut self, left: Spanned<RowValue>, test: Node<'_>) -> Option<Rows> {
        let mut inner = test.into_inner();
        let (Some(op_node), Some(right)) = (inner.next(), inner.next()) else { return self.lost() };
        let op = match op_node.as_str() {
            "=" => CompareOp::Equal,
            "!=" => CompareOp::NotEqual,
            "<" => CompareOp::Less,
            "<=" => CompareOp::LessOrEqual,
            ">" => CompareOp::Greater,
            ">=" => CompareOp::GreaterOrEqual,
            _ => return self.lost(),
        };
        if right.as_rule() != Rule::user_value {
            return Some(Rows::Compare {
                left,
                op: self.spanned(&op_node, op),
                right: self.row_value(right)?,
            });
        }
        let negated = match op {
            CompareOp::Equal => false,
            CompareOp::NotEqual => true,
            CompareOp::Less | CompareOp::LessOrEqual | CompareOp::Greater | CompareOp::GreaterOrEqual => {
                let (op_span, user_span) = (self.span(&op_node), self.span(&right));
                return self.refuse(
                    Diagnostic::error(
                        Code::Syntax,
                        format!("`{}` does not compare with what the user has", op.symbol()),
                    )
                    .at(op_span, "cannot order these")
                    .at(user_span, "may be several values")
                    .help("write `=` or `in` (any of them), `!=` or `not in` (none of them)"),
                );
            }
        };
        Some(Rows::In { value: left, negated, set: self.row_set(right)? })
    }

    fn row_value(&mut self, node: Node<'_>) -> Option<Spanned<RowValue>> {
        let span = self.span(&node);
        let value = match node.as_rule() {
            Rule::column => RowValue::Column(self.column(&node)?),
            Rule::literal => RowValue::Literal(self.literal(node)?.node),
            Rule::today => RowValue::Today { days: self.days(&node)? },
            _ => return self.lost(),
        };
        Some(Spanned::new(value, span))
    }

    fn column(&mut self, node: &Node<'_>) -> Option<ColumnRef> {
        if let Some(tagged) = child(node, Rule::column_tagged) {
            return Some(ColumnRef::Tagged(self.tag_in(&tagged)?));
        }
        match child(node, Rule::label).and_then(|label| label.into_inner().next()) {
            Some(name) => Some(ColumnRef::Named(self.segment(&name)?)),
            None => self.lost(),
        }
    }

    fn days(&mut self, node: &Node<'_>) -> Option<i64> {
        let Some(number) = child(node, Rule::integer) else { return Some(0) };
        let days = self.integer::<i64>(&number)?;
        if days.node > MOST_DAYS {
            return self.refuse(
                Diagnostic::error(
                    Code::BadLiteral,
                    format!("`{}` days lead out of the calendar", number.as_str()),
                )
                .at(days.span, "too far"),
            );
        }
        Some(if child(node, Rule::minus).is_some() { -days.node } else { days.node })
    }

    fn row_set(&mut self, node: Node<'_>) -> Option<Spanned<RowSet>> {
        let span = self.span(&node);
        let set = match node.as_rule() {
            Rule::literal_list => {
                let items: Vec<_> =
                    children(node, |rule| rule == Rule::literal).map(|item| self.literal(item)).collect();
                RowSet::List(items.into_iter().collect::<Option<_>>()?)
            }
            Rule::user_value if child(&node, Rule::kw_name).is_some() => RowSet::UserName,
            Rule::user_value if child(&node, Rule::kw_groups).is_some() => RowSet::UserGroups,
            Rule::user_value => RowSet::UserAttribute(self.label_in(&node)?),
            _ => return self.lost(),
        };
        Some(Spanned::new(set, span))
    }

    pub(super) fn method(&mut self, node: Node<'_>) -> Option<Spanned<Method>> {
        let span = self.span(&node);
        let method = match node.as_rule() {
            Rule::null_method => Method::Null,
            Rule::hash_method => Method::Hash,
            Rule::constant_method => match child(&node, Rule::literal) {
                Some(literal) => Method::Constant(self.literal(literal)?),
                None => return self.lost(),
            },
            Rule::keep_method => {
                let Some(number) = child(&node, Rule::integer) else { return self.lost() };
                let count = self.integer::<u32>(&number)?;
                if child(&node, Rule::kw_first).is_some() {
                    Method::KeepFirst(count)
                } else {
                    Method::KeepLast(count)
                }
            }
            Rule::regex_method => {
                let mut strings = self.strings(node).into_iter();
                let (Some(pattern), Some(replace)) = (strings.next(), strings.next()) else {
                    return self.lost();
                };
                Method::Regex { pattern, replace }
            }
            Rule::round_method => self.round(node)?,
            Rule::custom_method => Method::Custom(self.custom(node)?),
            _ => return self.lost(),
        };
        Some(Spanned::new(method, span))
    }

    fn round(&mut self, node: Node<'_>) -> Option<Method> {
        let Some(to) = node.into_inner().last() else { return self.lost() };
        let unit = match to.as_rule() {
            Rule::kw_year => RoundUnit::Year,
            Rule::kw_month => RoundUnit::Month,
            Rule::kw_day => RoundUnit::Day,
            Rule::kw_hour => RoundUnit::Hour,
            _ => {
                let text = to.as_str();
                let span = self.span(&to);
                if text.starts_with('-') || !text.contains(|c: char| matches!(c, '1'..='9')) {
                    return self.refuse(
                        Diagnostic::error(
                            Code::BadLiteral,
                            format!("cannot round to a multiple of `{text}`"),
                        )
                        .at(span, "must be greater than zero"),
                    );
                }
                return Some(Method::RoundTo(Spanned::new(text.to_owned(), span)));
            }
        };
        Some(Method::RoundDown(self.spanned(&to, unit)))
    }

    fn custom(&mut self, node: Node<'_>) -> Option<Vec<(Spanned<Platform>, Spanned<String>)>> {
        let mut entries: Vec<(Spanned<Platform>, Spanned<String>)> = Vec::new();
        for entry in children(node, |rule| rule == Rule::custom_entry) {
            let Some(word) = entry.clone().into_inner().next() else { return self.lost() };
            let Some(name) = platform(&word) else { return self.lost() };
            let name = self.spanned(&word, name);
            if let Some((earlier, _)) = entries.iter().find(|(earlier, _)| earlier.node == name.node) {
                let earlier = earlier.span;
                return self.refuse(
                    Diagnostic::error(
                        Code::DuplicateClause,
                        format!("`{}` is written twice", name.node.word()),
                    )
                    .at(name.span, "again here")
                    .at(earlier, "first here")
                    .help("keep one of the two"),
                );
            }
            entries.push((name, self.first_string(entry)?));
        }
        Some(entries)
    }
}

fn platform(node: &Node<'_>) -> Option<Platform> {
    Platform::ALL.iter().copied().find(|platform| platform.word() == node.as_str())
}
