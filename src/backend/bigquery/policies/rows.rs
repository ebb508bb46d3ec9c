//! Filters as one predicate per table: `(<exempt> OR (<rows>)) AND …`, a conjunct per filter. Only TRUE shows a row.
//!
//! In: a table's filters. Out: their conjuncts; those that cannot be said are refused for whom they concern.

use super::inline::Inline;
use crate::backend::bigquery::native::DIALECT;
use crate::backend::body::{self, Asks, Columns};
use crate::backend::class::Refused;
use crate::backend::gap::GapCode;
use crate::backend::protection::TableProtection;
use crate::backend::sql::Unsupported;
use crate::inventory::{AccountSet, Catalog, ColumnId, ColumnType};

/// Characters of a predicate. BigQuery names no limit but the megabyte of a statement, in which the members stand too.
const PREDICATE: usize = 200_000;

/// A filter, printed.
#[derive(Clone, Debug)]
pub(super) struct Conjunct {
    pub(super) filter: String,
    pub(super) concerned: AccountSet,
    pub(super) text: String,
}

/// The filters of a table that concern one of its readers.
pub(super) fn of_table(
    asks: &mut Inline<'_>,
    protection: &TableProtection,
    readers: &AccountSet,
    refused: &mut Refused,
) -> Vec<Conjunct> {
    let program = asks.lowering().program;
    let mut own = Own { catalog: &program.inventory.catalog };
    let mut held = Vec::new();
    let mut size = 0;
    for filter in protection.filters.iter().filter(|filter| !filter.concerned.is_disjoint(readers)) {
        let printed = body::conjunct(asks, &mut own, protection.table, filter).and_then(|text| {
            let whole = size + text.chars().count();
            if whole > PREDICATE {
                return Err(Unsupported(too_long(whole)));
            }
            size = whole;
            Ok(text)
        });
        match printed {
            Ok(text) => held.push(Conjunct {
                filter: program.filters[filter.filter].head.name.clone(),
                concerned: filter.concerned.clone(),
                text,
            }),
            Err(Unsupported(why)) => {
                let why = (GapCode::RowsRefused, why.as_str());
                body::refuse_filter(asks, protection.table, filter.filter, &filter.concerned, why, refused);
            }
        }
    }
    held
}

fn too_long(size: usize) -> String {
    format!(
        "its row access policy would have {size} characters, for it names whom it concerns, and we write {PREDICATE} (`enforcement: auto` asks a table instead)"
    )
}

/// A table's own columns.
struct Own<'a> {
    catalog: &'a Catalog,
}

impl Columns for Own<'_> {
    fn column_type(&self, column: ColumnId) -> &ColumnType {
        &self.catalog.columns[column].column_type
    }

    fn column(&mut self, column: ColumnId) -> Result<String, Unsupported> {
        let column = &self.catalog.columns[column];
        // docs.cloud.google.com/bigquery/docs/row-level-security-intro#limitations (2026-11-25).
        if column.column_type.text.eq_ignore_ascii_case("JSON") {
            return Err(Unsupported(format!(
                "a row access policy cannot read `{}`, which is JSON",
                column.name
            )));
        }
        Ok(DIALECT.identifier(&column.name))
    }
}
