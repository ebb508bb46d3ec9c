//! The columns that ROWS reads: there on every table, not too many of them, of types that compare.
//!
//! In: resolved ROWS, the places of its atoms and the tables. Out: errors that name tables and columns.
//! Invariant: where nothing is said, `Rows::bind` succeeds on every table and no choice of columns compares two types.
//! Cost: tables × atoms × the table's columns, comparing names.

use roaring::RoaringBitmap;

use super::Resolver;
use super::fit::{class_of, comparable, some_of};
use super::path::Matcher;
use super::rows::Atoms;
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::inventory::catalog::quoted;
use crate::inventory::{ColumnId, Securable, TableId, TypeClass};
use crate::ir::rows::MAX_CHOICES;
use crate::ir::{ColumnRef, Operator, Rows, Term};
use crate::source::Span;
use crate::syntax::ast;

impl Resolver<'_> {
    /// Whether every table has the columns, not too many of them, of types that compare; says where not.
    pub(super) fn check_columns(
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
            let reads = |atom: &Rows| {
                let mut found = false;
                atom.visit_columns(&mut |column| found |= column == reference);
                found
            };
            let place = atoms.0.iter().find(|(atom, _)| reads(atom)).map_or(span, |(_, place)| *place);
            self.report_missing(reference, tables, place, policy);
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
