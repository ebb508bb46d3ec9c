//! ROWS: what a filter needs true and a `when` looks at, with columns that must be there and types that must fit.
//!
//! In: `ast::Rows` and the tables that it will be asked about. Out: [`Rows`] with columns still by name or tag.
//! Invariant: after this, `Rows::bind` succeeds on every one of the tables, and every comparison of every choice of
//! columns is between types that compare.
//! Cost: tables × atoms × the table's columns, comparing names.

use roaring::RoaringBitmap;

use super::Resolver;
use super::conditions::tag;
use super::fit::{class_of, comparable, some_of};
use super::names::Declarations;
use super::path::Matcher;
use super::unknown::{Decides, Sense, Use};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::inventory::catalog::quoted;
use crate::inventory::{ColumnId, Inventory, Securable, TableId, TypeClass};
use crate::ir::rows::{MAX_CHOICES, UserValues};
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

    /// Whether every table has the columns, not too many of them, of types that compare; says where not.
    fn check_columns(
        &mut self,
        rows: &Rows,
        atoms: &Atoms,
        tables: &RoaringBitmap,
        span: Span,
        policy: &str,
    ) -> bool {
        let mut references: Vec<ColumnRef> = Vec::new();
        rows.visit_columns(&mut |column| {
            if !references.contains(column) {
                references.push(column.clone());
            }
        });
        let mut missing: Vec<Vec<TableId>> = references.iter().map(|_| Vec::new()).collect();
        let mut too_many: Vec<(TableId, usize)> = Vec::new();
        let mut misfits: Vec<Vec<ColumnId>> = atoms.0.iter().map(|_| Vec::new()).collect();
        for table in tables.iter().map(TableId::from_raw) {
            let found: Vec<Vec<ColumnId>> =
                references.iter().map(|reference| self.columns_named(reference, table)).collect();
            let mut complete = true;
            for (columns, missing) in found.iter().zip(&mut missing) {
                if columns.is_empty() {
                    missing.push(table);
                    complete = false;
                }
            }
            let choices = found.iter().fold(1usize, |all, columns| all.saturating_mul(columns.len()));
            if choices > MAX_CHOICES {
                too_many.push((table, choices));
            }
            if complete {
                let of = |reference: &ColumnRef| -> &[ColumnId] {
                    let at = references.iter().position(|each| each == reference);
                    at.and_then(|at| found.get(at)).map_or(&[], Vec::as_slice)
                };
                for ((atom, _), misfits) in atoms.0.iter().zip(&mut misfits) {
                    misfits.extend(self.misfits(atom, &of));
                }
            }
        }
        let before = self.diagnostics.len();
        for (atom, place) in &atoms.0 {
            self.check_literals(atom, *place, policy);
        }
        for (reference, tables) in references.iter().zip(&missing) {
            self.report_missing(reference, tables, span, policy);
        }
        self.report_too_many(&too_many, span, policy);
        for ((atom, place), columns) in atoms.0.iter().zip(&misfits) {
            self.report_misfits(atom, columns, *place, policy);
        }
        self.diagnostics.len() == before
    }

    /// As `ColumnRef::matches`, without folding the written name once per column.
    fn columns_named(&self, reference: &ColumnRef, table: TableId) -> Vec<ColumnId> {
        let (text, quoted) = match reference {
            ColumnRef::Tagged(_) => return reference.matches(self.inventory, table),
            ColumnRef::Named(name) => (name, false),
            ColumnRef::Exact(name) => (name, true),
        };
        let catalog = &self.inventory.catalog;
        let folding = self.inventory.integrations[catalog.home(table).1.integration].platform.folding();
        let segment = ast::Segment { text: text.clone(), quoted };
        let matcher = Matcher::exact(&segment, folding);
        let columns = catalog.tables[table].columns.iter().copied();
        columns.filter(|column| matcher.matches(&catalog.columns[*column].name)).collect()
    }

    /// The columns of one table whose type an atom cannot compare.
    fn misfits<'c>(&self, atom: &Rows, of: &dyn Fn(&ColumnRef) -> &'c [ColumnId]) -> Vec<ColumnId> {
        let class = |column: &ColumnId| self.inventory.catalog.columns[*column].column_type.class;
        let columns = |term: &Term<ColumnRef>| match term {
            Term::Column(reference) => of(reference),
            Term::Literal(_) | Term::Today(_) => &[],
        };
        let against = |term: &Term<ColumnRef>, fits: &dyn Fn(TypeClass) -> bool| -> Vec<ColumnId> {
            columns(term).iter().filter(|column| !fits(class(column))).copied().collect()
        };
        match atom {
            Rows::Compare { left, operator, right } => {
                let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
                let fits = |one: TypeClass, other: TypeClass| {
                    comparable(one, other) && !(ordered && one == TypeClass::Boolean)
                };
                match (fixed(left), fixed(right)) {
                    (Some(_), Some(_)) => Vec::new(),
                    (None, Some(right)) => against(left, &|each| fits(each, right)),
                    (Some(left), None) => against(right, &|each| fits(each, left)),
                    (None, None) => {
                        let mut found = Vec::new();
                        for one in columns(left) {
                            for other in columns(right) {
                                if !fits(class(one), class(other)) {
                                    found.extend([*one, *other]);
                                }
                            }
                        }
                        found.sort_unstable();
                        found.dedup();
                        found
                    }
                }
            }
            Rows::InList { term, values, .. } => {
                against(term, &|each| values.iter().all(|value| comparable(each, class_of(value))))
            }
            Rows::InUser { term, .. } => {
                against(term, &|each| !matches!(each, TypeClass::Binary | TypeClass::Other))
            }
            Rows::Like { term, .. } => against(term, &|each| each == TypeClass::String),
            Rows::IsNull { .. }
            | Rows::User(_)
            | Rows::Only { .. }
            | Rows::And(_)
            | Rows::Or(_)
            | Rows::Not(_) => Vec::new(),
        }
    }

    /// Literals of two types never compare, whatever the row.
    fn check_literals(&mut self, atom: &Rows, span: Span, policy: &str) {
        let fits = match atom {
            Rows::Compare { left, right, .. } => match (fixed(left), fixed(right)) {
                (Some(left), Some(right)) => comparable(left, right),
                (None, _) | (_, None) => true,
            },
            Rows::InList { term, values, .. } => {
                fixed(term).is_none_or(|left| values.iter().all(|value| comparable(left, class_of(value))))
            }
            // Users bring texts; only a column says what to cast them to.
            Rows::InUser { term, .. } => fixed(term).is_none_or(|left| left == TypeClass::String),
            Rows::Like { term, .. } => fixed(term).is_none_or(|left| left == TypeClass::String),
            Rows::IsNull { .. }
            | Rows::User(_)
            | Rows::Only { .. }
            | Rows::And(_)
            | Rows::Or(_)
            | Rows::Not(_) => true,
        };
        if !fits {
            self.diagnostics.error(
                Diagnostic::error(Code::TypeMismatch, "these values are of two types and never compare")
                    .at(span, "not of one type")
                    .help("write both alike, as `\"1\"` and `\"2\"` or `1` and `2`")
                    .policy(policy),
            );
        }
    }

    fn report_missing(&mut self, reference: &ColumnRef, tables: &[TableId], span: Span, policy: &str) {
        let Some(first) = tables.first() else { return };
        let catalog = &self.inventory.catalog;
        let name = |table: &TableId| format!("`{}`", catalog.shown_name(Securable::Table(*table)));
        let named = some_of(tables.iter().map(name), tables.len());
        let (what, written) = match reference {
            ColumnRef::Named(name) => (format!("column `{name}`"), Some(name)),
            ColumnRef::Exact(name) => (format!("column `{}`", quoted(name)), Some(name)),
            ColumnRef::Tagged(tag) => (format!("column tagged `{}`", self.inventory.tags.text(*tag)), None),
        };
        let mut diagnostic = Diagnostic::error(Code::MissingColumn, format!("no {what} in {named}"))
            .at(span, format!("`{policy}` reads it in every row"))
            .policy(policy);
        if let Some(written) = written {
            let columns = catalog.tables[*first].columns.iter().map(|id| catalog.columns[*id].name.as_str());
            diagnostic = diagnostic.did_you_mean(written, columns);
        }
        self.diagnostics.error(diagnostic.help("narrow `on` to the tables that have the column"));
    }

    fn report_too_many(&mut self, tables: &[(TableId, usize)], span: Span, policy: &str) {
        let Some((_, choices)) = tables.first() else { return };
        let catalog = &self.inventory.catalog;
        let name =
            |(table, _): &(TableId, usize)| format!("`{}`", catalog.shown_name(Securable::Table(*table)));
        let named = some_of(tables.iter().map(name), tables.len());
        self.diagnostics.error(
            Diagnostic::error(Code::TooManyChoices, format!("{choices} choices of columns in {named}"))
                .at(span, format!("at most {MAX_CHOICES} choices of tagged columns are taken"))
                .help("name a column, or split the tag")
                .policy(policy),
        );
    }

    fn report_misfits(&mut self, atom: &Rows, columns: &[ColumnId], span: Span, policy: &str) {
        if columns.is_empty() {
            return;
        }
        let named = self.columns_with_types(columns);
        let label = match atom {
            Rows::Like { .. } => "`like` reads text only",
            Rows::InUser { .. } => "no value of a user can be of this type",
            Rows::Compare { .. }
            | Rows::InList { .. }
            | Rows::IsNull { .. }
            | Rows::User(_)
            | Rows::Only { .. }
            | Rows::And(_)
            | Rows::Or(_)
            | Rows::Not(_) => "not of one type",
        };
        self.diagnostics.error(
            Diagnostic::error(Code::TypeMismatch, format!("this cannot be compared with {named}"))
                .at(span, label)
                .help("write a literal of the column's type, or narrow `on`")
                .policy(policy),
        );
    }
}

/// The class of a term that is no column.
fn fixed(term: &Term<ColumnRef>) -> Option<TypeClass> {
    match term {
        Term::Literal(literal) => Some(class_of(literal)),
        Term::Today(_) => Some(TypeClass::Date),
        Term::Column(_) => None,
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
