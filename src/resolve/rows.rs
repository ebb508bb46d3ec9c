//! ROWS: what a filter needs true and a `when` looks at, with columns that must be there and types that must fit.
//!
//! In: `ast::Rows` and the tables that it will be asked about. Out: [`Rows`] with columns still by name or tag.
//! Invariant: after this, `Rows::bind` succeeds on every one of the tables, and every comparison of every choice of
//! columns is between types that compare.
//! Cost: tables × atoms × the table's columns, comparing names.

use roaring::RoaringBitmap;

use super::Resolver;
use super::conditions::tag;
use super::names::Declarations;
use super::unknown::{Decides, Sense, Use};
use crate::diagnostic::{Code, Diagnostic};
use crate::inventory::Inventory;
use crate::ir::rows::UserValues;
use crate::ir::{ColumnRef, Operator, Rows, Term};
use crate::source::{Span, Spanned};
use crate::syntax::ast;

/// An expression with the places of its atoms.
#[derive(Default)]
pub(super) struct Atoms(pub(super) Vec<(Rows, Span)>);

impl Atoms {
    /// Notes the place of an atom.
    pub(super) fn keep(&mut self, rows: Rows, span: Span) -> Rows {
        self.0.push((rows.clone(), span));
        rows
    }
}

/// Tags that only ROWS mention get ids too; that nothing carries them is told elsewhere.
pub(super) fn intern_column_tags(declarations: &Declarations<'_>, inventory: &mut Inventory) {
    let whens = declarations.masks.values().filter_map(|(_, mask)| mask.when.as_ref());
    let filters = declarations.filters.values().map(|(_, filter)| &filter.rows);
    for rows in whens.chain(filters) {
        visit_column_tags(rows, &mut |written| {
            let written = tag(&written.node);
            if inventory.tags.find(&written).is_none() {
                inventory.tags.intern(&written, false);
            }
        });
    }
}

fn visit_column_tags(rows: &Spanned<ast::Rows>, see: &mut impl FnMut(&Spanned<ast::Tag>)) {
    let mut value = |value: &Spanned<ast::RowValue>| {
        if let ast::RowValue::Column(ast::ColumnRef::Tagged(tag)) = &value.node {
            see(tag);
        }
    };
    match &rows.node {
        ast::Rows::Compare { left, right, .. } => {
            value(left);
            value(right);
        }
        ast::Rows::In { value: of, .. }
        | ast::Rows::IsNull { value: of, .. }
        | ast::Rows::Like { value: of, .. } => value(of),
        ast::Rows::And(list) | ast::Rows::Or(list) => {
            list.iter().for_each(|each| visit_column_tags(each, see));
        }
        ast::Rows::Not(inner) => visit_column_tags(inner, see),
        ast::Rows::Condition(_) | ast::Rows::Sql { .. } => {}
    }
}

impl<'a> Resolver<'a> {
    /// Resolves ROWS and checks it on every table; `None` after an error was said.
    pub(super) fn rows(
        &mut self,
        written: &'a Spanned<ast::Rows>,
        tables: &RoaringBitmap,
        used: Use<'a>,
    ) -> Option<Rows> {
        let mut atoms = Atoms::default();
        let rows = self.row_node(written, Sense::default(), used, &mut atoms)?;
        let fits = self.check_columns(&rows, &atoms, tables, written.span, used.policy);
        fits.then_some(rows)
    }

    fn row_node(
        &mut self,
        written: &'a Spanned<ast::Rows>,
        sense: Sense,
        used: Use<'a>,
        atoms: &mut Atoms,
    ) -> Option<Rows> {
        let span = written.span;
        let made = match &written.node {
            ast::Rows::Condition(condition) => return self.row_condition(condition, span, sense, used),
            ast::Rows::Compare { left, op, right } => Rows::Compare {
                left: self.term(left, used)?,
                operator: operator(op.node),
                right: self.term(right, used)?,
            },
            ast::Rows::In { value, negated, set } => {
                let term = self.term(value, used);
                match &set.node {
                    ast::RowSet::List(literals) => {
                        let values: Vec<_> = literals.iter().map(|each| self.literal(each)).collect();
                        Rows::InList {
                            term: term?,
                            negated: *negated,
                            values: values.into_iter().collect::<Option<_>>()?,
                        }
                    }
                    user => Rows::InUser {
                        term: term?,
                        negated: *negated,
                        values: match user {
                            ast::RowSet::UserAttribute(name) => {
                                // Lacked by all, every comparison is unknown: rows hide, cells are masked.
                                let used = Use { decides: Decides::WhoGets, ..used };
                                self.check_attribute(name, Sense::default(), used, used.policy);
                                UserValues::Attribute(name.node.clone())
                            }
                            ast::RowSet::UserGroups => UserValues::Groups,
                            ast::RowSet::UserName | ast::RowSet::List(_) => UserValues::Name,
                        },
                    },
                }
            }
            ast::Rows::IsNull { value, negated } => {
                Rows::IsNull { term: self.term(value, used)?, negated: *negated }
            }
            ast::Rows::Like { value, pattern } => {
                if !escapes_wildcards(&pattern.node) {
                    self.diagnostics.error(
                        Diagnostic::error(Code::BadLiteral, "`\\` escapes `%`, `_` or itself")
                            .at(pattern.span, "platforms refuse an escape of anything else")
                            .help("in a policy, `like` sees one backslash for two: write `\\\\%` for a per cent sign")
                            .policy(used.policy),
                    );
                    return None;
                }
                Rows::Like { term: self.term(value, used)?, pattern: pattern.node.clone() }
            }
            ast::Rows::Sql { platform, text } => {
                let platform = platform.as_ref().map(|word| super::method::platform(word.node));
                let rows = self.sql(platform, text, used.policy, atoms)?;
                return Some(match platform {
                    Some(platform) => Rows::Only { platform, rows: Box::new(rows) },
                    None => rows,
                });
            }
            ast::Rows::And(list) => return self.row_list(list, sense, used, atoms).map(Rows::And),
            ast::Rows::Or(list) => return self.row_list(list, sense, used, atoms).map(Rows::Or),
            ast::Rows::Not(inner) => {
                let inner = self.row_node(inner, sense.negated(), used, atoms)?;
                return Some(Rows::Not(Box::new(inner)));
            }
        };
        Some(atoms.keep(made, span))
    }

    fn row_list(
        &mut self,
        list: &'a [Spanned<ast::Rows>],
        sense: Sense,
        used: Use<'a>,
        atoms: &mut Atoms,
    ) -> Option<Vec<Rows>> {
        let made: Vec<_> = list.iter().map(|each| self.row_node(each, sense, used, atoms)).collect();
        made.into_iter().collect()
    }

    fn row_condition(
        &mut self,
        condition: &'a ast::Condition,
        span: Span,
        sense: Sense,
        used: Use<'a>,
    ) -> Option<Rows> {
        self.check_use_at(condition, span, sense, used);
        self.condition_at(condition, span).map(Rows::User)
    }

    fn term(&mut self, value: &Spanned<ast::RowValue>, used: Use<'_>) -> Option<Term<ColumnRef>> {
        match &value.node {
            ast::RowValue::Literal(literal) => self.literal_at(literal, value.span).map(Term::Literal),
            ast::RowValue::Today { days } => Some(Term::Today(*days)),
            ast::RowValue::Column(ast::ColumnRef::Named(segment)) => {
                let text = segment.node.text.clone();
                Some(Term::Column(if segment.node.quoted {
                    ColumnRef::Exact(text)
                } else {
                    ColumnRef::Named(text)
                }))
            }
            ast::RowValue::Column(ast::ColumnRef::Tagged(written)) => {
                self.check_tag(written, true, used.policy);
                // INVARIANT: `intern_column_tags` has given every tag of ROWS an id.
                self.inventory.tags.find(&tag(&written.node)).map(|id| Term::Column(ColumnRef::Tagged(id)))
            }
        }
    }
}

/// Whether every `\` stands before a wildcard or another `\`.
fn escapes_wildcards(pattern: &str) -> bool {
    let mut rest = pattern.chars();
    while let Some(each) = rest.next() {
        if each == '\\' && !matches!(rest.next(), Some('%' | '_' | '\\')) {
            return false;
        }
    }
    true
}

fn operator(op: ast::CompareOp) -> Operator {
    match op {
        ast::CompareOp::Equal => Operator::Equal,
        ast::CompareOp::NotEqual => Operator::NotEqual,
        ast::CompareOp::Less => Operator::Less,
        ast::CompareOp::LessOrEqual => Operator::LessOrEqual,
        ast::CompareOp::Greater => Operator::Greater,
        ast::CompareOp::GreaterOrEqual => Operator::GreaterOrEqual,
    }
}
