//! Selectors, S3 prefixes and the objects of tests.

use super::{Builder, child};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Spanned;
use crate::syntax::ast::{ColumnType, ObjectPath, ObjectTarget, Selector, SelectorExpr, SelectorKind};
use crate::syntax::grammar::{Node, Rule};
use crate::syntax::shape;

impl Builder<'_> {
    pub(super) fn selector(&mut self, node: Node<'_>) -> Option<Spanned<Selector>> {
        let span = self.span(&node);
        let kind = match node.as_rule() {
            Rule::tables_selector => SelectorKind::Tables,
            Rule::prefixes_selector => SelectorKind::Prefixes,
            Rule::everything_selector => SelectorKind::Everything,
            Rule::columns_selector => SelectorKind::Columns,
            _ => return self.lost(),
        };
        let Some(keyword) = node.clone().into_inner().next() else { return self.lost() };
        let kind = self.spanned(&keyword, kind);
        let mut selector = Selector { kind, expr: None, of_tables: None };
        if let Some(expr) = child(&node, Rule::selection) {
            selector.expr = Some(self.selection(expr)?);
        }
        if let Some(tables) = child(&node, Rule::of_tables).and_then(|of| child(&of, Rule::selection)) {
            selector.of_tables = Some(self.selection(tables)?);
        }
        Some(Spanned::new(selector, span))
    }

    fn selection(&mut self, node: Node<'_>) -> Option<Spanned<SelectorExpr>> {
        self.logic(node, Self::selection_unary, SelectorExpr::And, SelectorExpr::Or)
    }

    fn selection_unary(&mut self, node: Node<'_>) -> Option<Spanned<SelectorExpr>> {
        self.negations(node, Self::selection_atom, SelectorExpr::Not)
    }

    fn selection_atom(&mut self, node: Node<'_>) -> Option<Spanned<SelectorExpr>> {
        let span = self.span(&node);
        let expr = match node.as_rule() {
            Rule::selection_group => {
                return match child(&node, Rule::selection) {
                    Some(inner) => self.selection(inner),
                    None => self.lost(),
                };
            }
            Rule::tagged => SelectorExpr::Tagged(self.tag_in(&node)?),
            Rule::with_column_tagged => SelectorExpr::WithColumnTagged(self.tag_in(&node)?),
            Rule::in_path => self.in_path(&node)?,
            Rule::named => SelectorExpr::Named(self.first_string(node)?),
            Rule::of_type => {
                let Some(word) = node.into_inner().last() else { return self.lost() };
                let column_type = match word.as_rule() {
                    Rule::kw_string => ColumnType::String,
                    Rule::kw_number => ColumnType::Number,
                    Rule::kw_boolean => ColumnType::Boolean,
                    Rule::kw_date => ColumnType::Date,
                    Rule::kw_timestamp => ColumnType::Timestamp,
                    Rule::kw_binary => ColumnType::Binary,
                    _ => return self.lost(),
                };
                SelectorExpr::OfType(self.spanned(&word, column_type))
            }
            Rule::of_integration => SelectorExpr::OfIntegration(self.label_in(&node)?),
            _ => return self.lost(),
        };
        Some(Spanned::new(expr, span))
    }

    /// `in PATH` or, when the only name is a string that starts like an S3 URI, `in "s3://…"`.
    fn in_path(&mut self, node: &Node<'_>) -> Option<SelectorExpr> {
        let Some(path) = child(node, Rule::path) else { return self.lost() };
        let path = self.path(path, 3)?;
        match path.node.segments.as_slice() {
            [only] if only.quoted && shape::looks_like_s3(&only.text) => {
                match shape::prefix_problem(&only.text) {
                    None => Some(SelectorExpr::InPrefix(Spanned::new(only.text.clone(), path.span))),
                    Some((message, label, help)) => {
                        let diagnostic = Diagnostic::error(Code::BadPrefix, message).at(path.span, label);
                        self.refuse(help.into_iter().fold(diagnostic, Diagnostic::help))
                    }
                }
            }
            _ => Some(SelectorExpr::In(path)),
        }
    }

    /// `[INTEGRATION:]path`, `[INTEGRATION:]s3://…`, `[INTEGRATION:]"s3://…"`.
    pub(super) fn object(&mut self, node: Node<'_>) -> Option<Spanned<ObjectPath>> {
        let span = self.span(&node);
        let mut integration = None;
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::integration => integration = Some(self.label(part)?),
                Rule::s3_word => {
                    let target = self.spanned(&part, ObjectTarget::S3(part.as_str().to_owned()));
                    return Some(Spanned::new(ObjectPath { integration, target }, span));
                }
                _ => {
                    let path = self.path(part, 4)?;
                    let target = match path.node.segments.as_slice() {
                        [only] if only.quoted && only.text.starts_with("s3://") => {
                            ObjectTarget::S3(only.text.clone())
                        }
                        _ => ObjectTarget::Path(path.node),
                    };
                    return Some(Spanned::new(
                        ObjectPath { integration, target: Spanned::new(target, path.span) },
                        span,
                    ));
                }
            }
        }
        self.lost()
    }
}
