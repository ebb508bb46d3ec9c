//! Filters as conjuncts: `(<exempt> OR (<rows>))`. Only TRUE shows a row, so NULL and a missing test hide.

use super::decision::applies_word;
use super::target::Target;
use super::{Asks, Columns};
use crate::backend::protection::FilterProtection;
use crate::backend::sql::Unsupported;
use crate::inventory::Securable;
use crate::inventory::TableId;
use crate::inventory::directory::Access;
use crate::ir::Subject;

/// One filter of a table.
pub fn conjunct<'a>(
    asks: &mut dyn Asks<'a>,
    columns: &mut dyn Columns,
    table: TableId,
    filter: &FilterProtection,
) -> Result<String, Unsupported> {
    let lowering = asks.lowering();
    let policy = &lowering.program.filters[filter.filter];
    let subject = Subject { securable: Securable::Table(table), column: None, access: Access::Read };
    let policies = vec![policy.head.name.clone()];
    let mut target = Target { asks, columns, subject, policies: policies.clone() };
    let rows: Result<Vec<String>, Unsupported> =
        filter.rows.iter().map(|rows| Ok(format!("({})", target.print(rows, false)?))).collect();
    let rows = rows?.join(" AND ");
    let exempt = lowering.accounts.all() - &filter.concerned;
    if exempt.is_empty() {
        return Ok(format!("({rows})"));
    }
    let who = applies_word(lowering, policy.applies, subject);
    let test = asks.test("UNFILTERED", &["unfiltered".to_owned(), who], &exempt, &policies);
    Ok(format!("({test} OR ({rows}))"))
}
