//! What must stand on a table before anybody reads it: masks per column, filters per table, by account.
//!
//! In: the meaning's masks and filters. Out: [`TableProtection`], for accounts instead of users.
//! Invariant: an account shared by users who do not see the same sees only what all of them see; where that cannot
//! be said, it sees nothing (`CellRule::Hidden`, or the table is refused to it).

use std::collections::BTreeMap;

use super::class::Refused;
use super::contract::Lowering;
use super::gap::{Gap, GapCode};
use crate::ids::Id;
use crate::inventory::directory::{Access, UserSet};
use crate::inventory::{AccountId, AccountSet, ColumnId, Securable, TableId};
use crate::ir::rows::UserValues;
use crate::ir::{BoundRows, FilterId, MaskChoice, MaskId, Rows, Subject};

/// What accounts see of a cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CellRule {
    /// Masks in the order tried.
    Masked(MaskChoice),
    /// Nothing: an account shared by users who do not see the same.
    Hidden,
}

/// The masks of a column. Accounts in no entry see it clear.
#[derive(Clone, Debug)]
pub struct ColumnProtection {
    /// The column.
    pub column: ColumnId,
    /// Disjoint sets of accounts, by what they see.
    pub rules: Vec<(CellRule, AccountSet)>,
    /// The accounts that see it clear.
    pub clear: AccountSet,
}

/// One filter on a table.
#[derive(Clone, Debug)]
pub struct FilterProtection {
    /// The filter.
    pub filter: FilterId,
    /// Whom it concerns.
    pub concerned: AccountSet,
    /// Every choice of columns: all must be true.
    pub rows: Vec<BoundRows>,
}

/// Everything that stands on a table.
#[derive(Clone, Debug)]
pub struct TableProtection {
    /// The table.
    pub table: TableId,
    /// Columns with masks that concern some account, in column order.
    pub columns: Vec<ColumnProtection>,
    /// Filters that concern some account, by name.
    pub filters: Vec<FilterProtection>,
}

/// The protection of a table; shared accounts whose users differ in a filter are refused the table.
pub fn of_table(
    lowering: &Lowering<'_>,
    table: TableId,
    refused: &mut Refused,
    gaps: &mut Vec<Gap>,
) -> TableProtection {
    let catalog = &lowering.program.inventory.catalog;
    let columns = catalog.tables[table]
        .columns
        .iter()
        .filter_map(|column| of_column(lowering, *column, gaps))
        .collect();
    let filters = lowering
        .meaning
        .filters_on(table)
        .into_iter()
        .filter_map(|(filter, users)| of_filter(lowering, table, filter, &users, refused, gaps))
        .collect();
    TableProtection { table, columns, filters }
}

fn of_column(lowering: &Lowering<'_>, column: ColumnId, gaps: &mut Vec<Gap>) -> Option<ColumnProtection> {
    let choices = lowering.meaning.mask_choices(column);
    if choices.is_empty() {
        return None;
    }
    let mut rules: BTreeMap<CellRule, AccountSet> = BTreeMap::new();
    let (mut masked, mut alike) = (UserSet::new(), AccountSet::new());
    for (choice, users) in &choices {
        let accounts = lowering.accounts.within(users) - torn_by_rows(lowering, column, choice);
        alike |= &accounts;
        masked |= users;
        if !accounts.is_empty() {
            rules.insert(CellRule::Masked(choice.clone()), accounts);
        }
    }
    let clear = lowering.accounts.within(&(lowering.meaning.everyone() - masked));
    let torn = lowering.accounts.all() - alike - &clear;
    for raw in &torn {
        gaps.push(Gap {
            integration: lowering.settings().name.clone(),
            policy: choices
                .iter()
                .find_map(|(choice, _)| choice.mask.or(choice.when.first().copied()))
                .map(|mask| lowering.program.masks[mask].head.name.clone())
                .unwrap_or_default(),
            code: GapCode::SharedAccount,
            object: catalog_name(lowering, column),
            message: format!(
                "account `{}` is shared by users who do not see the same of the column: it sees null",
                lowering.accounts.accounts[AccountId::from_raw(raw)].name
            ),
        });
    }
    if !torn.is_empty() {
        rules.insert(CellRule::Hidden, torn);
    }
    (!rules.is_empty()).then(|| ColumnProtection { column, rules: rules.into_iter().collect(), clear })
}

/// The shared accounts whose users bring different conditions or values to a mask that looks at rows.
fn torn_by_rows(lowering: &Lowering<'_>, column: ColumnId, choice: &MaskChoice) -> AccountSet {
    let inventory = &lowering.program.inventory;
    let table = inventory.catalog.columns[column].table;
    let subject = Subject { securable: Securable::Table(table), column: Some(column), access: Access::Read };
    let looks = |mask: &MaskId| lowering.program.masks[*mask].when.as_ref();
    // A column that is missing lets nobody through: alike for all.
    let bound: Vec<BoundRows> = choice
        .when
        .iter()
        .filter_map(looks)
        .filter_map(|rows| rows.bind(inventory, table).ok())
        .flatten()
        .collect();
    let alike = |users: &UserSet| bound.iter().all(|rows| sees_alike(lowering, subject, rows, users));
    lowering.accounts.shared().filter(|(_, account)| !alike(&account.users)).map(|(id, _)| id.raw()).collect()
}

fn catalog_name(lowering: &Lowering<'_>, column: ColumnId) -> String {
    lowering.program.inventory.catalog.shown_column(column)
}

fn of_filter(
    lowering: &Lowering<'_>,
    table: TableId,
    filter: FilterId,
    users: &UserSet,
    refused: &mut Refused,
    gaps: &mut Vec<Gap>,
) -> Option<FilterProtection> {
    let policy = &lowering.program.filters[filter];
    let concerned = lowering.accounts.touching(users);
    if concerned.is_empty() {
        return None;
    }
    // `check` has told of tables that lack the column; nobody is let through here without the filter.
    let Ok(rows) = policy.rows.bind(&lowering.program.inventory, table) else {
        refused.add(Securable::Table(table), users, &policy.head.name);
        return None;
    };
    let subject = Subject { securable: Securable::Table(table), column: None, access: Access::Read };
    for (_, account) in lowering.accounts.shared().filter(|(id, _)| concerned.contains(id.raw())) {
        let alike = account.users.is_subset(users)
            && rows.iter().all(|rows| sees_alike(lowering, subject, rows, &account.users));
        if !alike {
            refused.add(Securable::Table(table), &account.users, &policy.head.name);
            gaps.push(Gap {
                integration: lowering.settings().name.clone(),
                policy: policy.head.name.clone(),
                code: GapCode::SharedAccount,
                object: lowering.program.inventory.catalog.shown_name(Securable::Table(table)),
                message: format!(
                    "account `{}` is shared by users who do not see the same rows: it does not get the table",
                    account.name
                ),
            });
        }
    }
    Some(FilterProtection { filter, concerned, rows })
}

/// Whether all users of an account bring the same conditions and values to a row expression.
fn sees_alike(lowering: &Lowering<'_>, subject: Subject, rows: &BoundRows, users: &UserSet) -> bool {
    let directory = &lowering.program.inventory.directory;
    let mut alike = true;
    rows.visit(&mut |node| match node {
        Rows::User(condition) => {
            let holders = lowering.meaning.holders(*condition, subject);
            alike &= users.is_subset(&holders) || users.is_disjoint(&holders);
        }
        Rows::InUser { values: UserValues::Name, .. } => alike = false,
        Rows::InUser { values: UserValues::Groups, .. } => {
            alike &= directory
                .groups
                .values()
                .all(|group| users.is_subset(&group.members) || users.is_disjoint(&group.members));
        }
        Rows::InUser { values: UserValues::Attribute(name), .. } => {
            alike &= directory
                .attributes
                .get(name)
                .into_iter()
                .flat_map(|values| values.values())
                .all(|holders| users.is_subset(holders) || users.is_disjoint(holders));
        }
        Rows::Compare { .. }
        | Rows::InList { .. }
        | Rows::IsNull { .. }
        | Rows::Like { .. }
        | Rows::Only { .. }
        | Rows::And(_)
        | Rows::Or(_)
        | Rows::Not(_) => {}
    });
    alike
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Accounts;
    use crate::inventory::integration::{AccountTemplate, TemplatePart};
    use crate::ir::Meaning;
    use crate::resolve::testing::{NOW, RETAIL, program};

    /// The columns that an account shared by everybody sees as NULL.
    fn hidden(policies: &str) -> Vec<String> {
        let mut program = program(RETAIL, policies, NOW);
        let found = program.inventory.integrations.iter().find(|(_, each)| each.name == "sf");
        let integration = found.map(|(id, _)| id).unwrap();
        program.inventory.integrations[integration].user_template =
            Some(AccountTemplate { parts: vec![TemplatePart::Text("SHARED".to_owned())] });
        let accounts = Accounts::of(&program.inventory, integration);
        let meaning = Meaning::new(&program);
        let lowering =
            Lowering { program: &program, meaning: &meaning, integration, accounts: &accounts, salted: true };
        let mut gaps = Vec::new();
        for column in program.inventory.catalog.columns.ids() {
            of_column(&lowering, column, &mut gaps);
        }
        gaps.into_iter().filter(|gap| gap.code == GapCode::SharedAccount).map(|gap| gap.object).collect()
    }

    #[test]
    fn users_of_one_account_who_bring_different_values_to_a_mask_see_null() {
        let phone =
            |when: &str| format!("mask m {{ on columns tagged PII.Phone using keep last 2 when {when} }}");
        let shared = vec!["RETAIL.PUBLIC.CUSTOMER.PHONE".to_owned()];
        assert_eq!(hidden(&phone("user in group \"analysts\"")), shared);
        assert_eq!(hidden(&phone("not column COUNTRY = user attribute region")), shared);
        assert_eq!(hidden(&phone("column ACTIVE = true or column EMAIL = user name")), shared);
        assert_eq!(hidden(&phone("column COUNTRY = \"CH\"")), Vec::<String>::new());
    }
}
