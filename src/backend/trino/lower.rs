//! A program as rules and groups.
//!
//! Per table: the accounts that may write, may read, and see it clear decide who stands in which rule. Each account
//! matches exactly one rule of ours, or the closing one.

use std::collections::{BTreeMap, BTreeSet};

use super::expression::{Printer, mask_names};
use super::native::{
    CatalogRule, ColumnRule, MANAGED, TableRule, Turn, any_of, catalog_place, quote, table_place,
};
use crate::backend::body::by_mask;
use crate::backend::class::{Class, Classes, Refused};
use crate::backend::contract::{Lowered, Lowering};
use crate::backend::fact::{Fact, FactKey, FactKind, Symbol, Symbols, sort_by_text};
use crate::backend::names::Names;
use crate::backend::protection::{self, CellRule, ColumnProtection, TableProtection};
use crate::backend::{Gap, GapCode};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::ids::Id;
use crate::inventory::catalog::TableKind;
use crate::inventory::directory::Access;
use crate::inventory::integration::Strategy;
use crate::inventory::{AccountId, AccountSet, Securable, TableId};
use crate::ir::MaskId;

/// Lowers.
pub fn lower(
    lowering: &Lowering<'_>,
    symbols: &mut Symbols,
    diagnostics: &mut Diagnostics,
) -> Result<Lowered, Reported> {
    let settings = lowering.settings();
    if matches!(settings.strategy, Strategy::Users | Strategy::Roles) {
        return Err(diagnostics.error(
            Diagnostic::error(Code::BadValue, "Trino's rules take generated groups only".to_owned())
                .at(settings.place, "`strategy: users` or `roles` is written here")
                .note("a rule that names users carries no mark, so a later plan could not tell ours from somebody else's; roles come from connectors")
                .help("write `strategy: auto` or leave it out"),
        ));
    }
    let mut work = Work {
        lowering,
        names: Names::new(&settings.name_prefix, false, 128),
        gaps: Vec::new(),
        refused: Refused::default(),
        rules: BTreeMap::new(),
    };
    let protections: BTreeMap<TableId, TableProtection> = lowering
        .tables()
        .map(|table| (table, protection::of_table(lowering, table, &mut work.refused, &mut work.gaps)))
        .collect();
    let printed: BTreeMap<TableId, Printed> =
        protections.iter().map(|(table, protection)| (*table, work.print(protection))).collect();
    let classes = work.classes();
    work.tables(&classes, &protections, printed);
    work.catalogs();
    Ok(work.finish(symbols))
}

/// The masks and the filter of a table.
#[derive(Default)]
struct Printed {
    columns: Vec<ColumnRule>,
    filter: Option<String>,
    policies: BTreeSet<String>,
}

struct Work<'a, 'p> {
    lowering: &'a Lowering<'p>,
    names: Names,
    gaps: Vec<Gap>,
    refused: Refused,
    rules: BTreeMap<String, (String, BTreeSet<String>)>,
}

/// The groups of a table's accounts by what they may.
#[derive(Default)]
struct Allowed {
    read: Vec<(String, AccountSet, Vec<String>)>,
    write: Vec<(Class, AccountSet)>,
}

impl Work<'_, '_> {
    fn print(&mut self, protection: &TableProtection) -> Printed {
        let catalog = &self.lowering.program.inventory.catalog;
        let table = Securable::Table(protection.table);
        let mut printed = Printed::default();
        for column in &protection.columns {
            // A mask names its column, and in its text the salt's place is filled.
            if catalog.columns[column.column].name.contains("{salt}") {
                self.refuse_masked(protection.table, column);
                continue;
            }
            let mut column = column.clone();
            // A mask that cannot be held is taken out, and with it those whom it concerns; each round leaves one mask less.
            let mask = loop {
                let mut printer =
                    Printer { lowering: self.lowering, names: &mut self.names, gaps: &mut self.gaps };
                match printer.mask(&column) {
                    Ok(mask) => break mask,
                    Err((mask, why)) => self.hide(&mut column, mask, &why.0),
                }
            };
            printed.policies.extend(mask_names(self.lowering, &column.rules));
            // Looked up exactly against Trino's own lower-case name: anything else would silently not mask.
            let name = catalog.columns[column.column].name.to_lowercase();
            printed.columns.push(ColumnRule { name, allow: None, mask: Some(mask), mask_environment: None });
        }
        let mut conjuncts = Vec::new();
        for filter in &protection.filters {
            let name = self.lowering.program.filters[filter.filter].head.name.clone();
            let mut printer =
                Printer { lowering: self.lowering, names: &mut self.names, gaps: &mut self.gaps };
            match printer.filter(filter, protection.table) {
                Ok(text) => {
                    printed.policies.insert(name);
                    conjuncts.push(text);
                }
                Err(why) => {
                    let users = self.lowering.accounts.users(&filter.concerned);
                    self.refused.add(table, &users, &name);
                    self.gap(
                        &name,
                        GapCode::RowsRefused,
                        table,
                        format!(
                            "the rows cannot be held, so those whom it concerns do not get the table: {}",
                            why.0
                        ),
                    );
                }
            }
        }
        printed.filter = (!conjuncts.is_empty()).then(|| conjuncts.join(" AND "));
        printed
    }

    /// Refuses the table to all for whom a column is masked.
    fn refuse_masked(&mut self, table: TableId, column: &ColumnProtection) {
        let name = &self.lowering.program.inventory.catalog.columns[column.column].name;
        for (policy, accounts) in by_mask(self.lowering, column) {
            self.refused.add(Securable::Table(table), &self.lowering.accounts.users(&accounts), &policy);
            let message = format!(
                "the name `{name}` looks like the salt's place, so those whom the mask concerns do not get the table"
            );
            self.gap(&policy, GapCode::Unrepresentable, Securable::Table(table), message);
        }
    }

    /// Refuses the table to those who would meet a mask that cannot be held, and hides the column from them.
    fn hide(&mut self, column: &mut ColumnProtection, mask: MaskId, why: &str) {
        let program = self.lowering.program;
        let table = Securable::Table(program.inventory.catalog.columns[column.column].table);
        let name = program.masks[mask].head.name.clone();
        let meets = |rule: &CellRule| match rule {
            CellRule::Masked(choice) => choice.when.contains(&mask) || choice.mask == Some(mask),
            CellRule::Hidden => false,
        };
        let (hit, mut rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut column.rules).into_iter().partition(|(rule, _)| meets(rule));
        let mut hidden = hit.into_iter().fold(AccountSet::new(), |all, (_, accounts)| all | accounts);
        self.refused.add(table, &self.lowering.accounts.users(&hidden), &name);
        let message = format!("`when` cannot be held, so those whom it concerns do not get the table: {why}");
        self.gap(&name, GapCode::RowsRefused, table, message);
        rest.retain(|(rule, accounts)| match rule {
            CellRule::Hidden => {
                hidden |= accounts;
                false
            }
            CellRule::Masked(_) => true,
        });
        rest.push((CellRule::Hidden, hidden));
        column.rules = rest;
    }

    fn gap(&mut self, policy: &str, code: GapCode, object: Securable, message: String) {
        self.gaps.push(Gap {
            integration: self.lowering.settings().name.clone(),
            policy: policy.to_owned(),
            code,
            object: self.lowering.program.inventory.catalog.shown_name(object),
            message,
        });
    }

    /// Who may, by table; accounts that the group file cannot hold are left out and told of.
    fn classes(&mut self) -> BTreeMap<TableId, Allowed> {
        let lowering = self.lowering;
        let catalog = &lowering.program.inventory.catalog;
        let unwritable: AccountSet = lowering
            .accounts
            .accounts
            .iter()
            .filter(|(_, account)| !writable(&account.name))
            .map(|(id, _)| id.raw())
            .collect();
        let mut allowed: BTreeMap<TableId, Allowed> = BTreeMap::new();
        let read =
            Classes::of(lowering, Access::Read, lowering.tables().map(Securable::Table), &self.refused);
        let mut told = AccountSet::new();
        for class in read.classes {
            told |= &class.accounts & &unwritable;
            let accounts = &class.accounts - &unwritable;
            if accounts.is_empty() {
                continue;
            }
            let group =
                self.names.name(&class.subscription, &["read", &class.hash], "", &accounts, &class.policies);
            for securable in class.securables {
                if let Securable::Table(table) = securable {
                    let entry = (group.clone(), accounts.clone(), class.policies.clone());
                    allowed.entry(table).or_default().read.push(entry);
                }
            }
        }
        let write =
            Classes::of(lowering, Access::Write, lowering.tables().map(Securable::Table), &self.refused);
        for class in write.classes {
            told |= &class.accounts & &unwritable;
            for securable in &class.securables {
                let Securable::Table(table) = securable else { continue };
                if matches!(catalog.tables[*table].kind, TableKind::View | TableKind::MaterializedView) {
                    self.gap(
                        &class.subscription.clone(),
                        GapCode::WriteRefused,
                        *securable,
                        "views cannot be written to: write is not given".to_owned(),
                    );
                    continue;
                }
                let accounts = &class.accounts - &unwritable;
                if !accounts.is_empty() {
                    allowed.entry(*table).or_default().write.push((class.clone(), accounts));
                }
            }
        }
        for raw in told {
            let name = &lowering.accounts.accounts[AccountId::from_raw(raw)].name;
            self.gaps.push(Gap {
                integration: lowering.settings().name.clone(),
                policy: String::new(),
                code: GapCode::Unrepresentable,
                object: name.clone(),
                message: "the group file has no way to write this account (`:`, `,`, `#`, blanks or line breaks): nothing is given to it".to_owned(),
            });
        }
        allowed
    }

    fn tables(
        &mut self,
        classes: &BTreeMap<TableId, Allowed>,
        protections: &BTreeMap<TableId, TableProtection>,
        mut printed: BTreeMap<TableId, Printed>,
    ) {
        let catalog = &self.lowering.program.inventory.catalog;
        let nothing = Allowed::default();
        for (table, protection) in protections {
            let path = catalog.path(*table);
            let printed = printed.remove(table).unwrap_or_default();
            let allowed = classes.get(table).unwrap_or(&nothing);
            let readers = allowed.read.iter().fold(AccountSet::new(), |all, (_, accounts, _)| all | accounts);
            let protected = protected_accounts(protection);
            let mut both: Vec<(String, Vec<String>)> = Vec::new();
            let mut write_only: Vec<(String, Vec<String>)> = Vec::new();
            for (class, accounts) in &allowed.write {
                let hidden = &(accounts & &readers) & &protected;
                if !hidden.is_empty() {
                    let count = hidden.len();
                    self.gap(
                        &class.subscription,
                        GapCode::MaskedWriter,
                        Securable::Table(*table),
                        format!("{count} who write see a mask or a filter here, and Trino refuses that: write is not given to them, read is"),
                    );
                }
                let (clear, blind) = (&(accounts & &readers) - &protected, accounts - &readers);
                let place = catalog.shown_name(Securable::Table(*table));
                for (set, purpose, out) in
                    [(clear, "writers", &mut both), (blind, "write-only", &mut write_only)]
                {
                    if !set.is_empty() {
                        let name = self.names.name(
                            &class.subscription,
                            &[purpose, &class.hash],
                            &place,
                            &set,
                            &class.policies,
                        );
                        out.push((name, class.policies.clone()));
                    }
                }
            }
            let base = |group: Option<String>, privileges: &[&str]| TableRule {
                group,
                catalog: Some(quote(path[0])),
                schema: Some(quote(path[1])),
                table: Some(quote(path[2])),
                privileges: privileges.iter().map(|each| (*each).to_owned()).collect(),
                ..TableRule::default()
            };
            let all = |groups: &[(String, Vec<String>)]| any_of(groups.iter().map(|(name, _)| name.as_str()));
            let of = |groups: &[(String, Vec<String>)]| {
                groups.iter().flat_map(|(_, names)| names.clone()).collect()
            };
            if !both.is_empty() {
                self.rule(path, base(Some(all(&both)), &["SELECT", "INSERT", "UPDATE", "DELETE"]), of(&both));
            }
            if !write_only.is_empty() {
                self.rule(
                    path,
                    base(Some(all(&write_only)), &["INSERT", "UPDATE", "DELETE"]),
                    of(&write_only),
                );
            }
            if !allowed.read.is_empty() {
                let groups: Vec<_> =
                    allowed.read.iter().map(|(name, _, policies)| (name.clone(), policies.clone())).collect();
                let mut rule = base(Some(all(&groups)), &["SELECT"]);
                rule.columns = printed.columns;
                rule.filter = printed.filter;
                let mut policies: BTreeSet<String> = of(&groups);
                policies.extend(printed.policies);
                self.rule(path, rule, policies);
            }
            // The first rule that matches decides, so nobody whom ours leave out may fall through to a rule below.
            self.rule(path, base(None, &[]), BTreeSet::new());
        }
    }

    fn rule(&mut self, path: [&str; 3], rule: TableRule, policies: BTreeSet<String>) {
        let place = table_place(path, Turn::of(&rule)).text();
        let body = rule.text();
        self.rules.insert(place, (body, policies));
    }

    /// A catalog must be opened before its tables can be: `all` for writers, `read-only` for readers.
    fn catalogs(&mut self) {
        let mut groups: BTreeMap<(String, bool), (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
        for (body, policies) in self.rules.values() {
            let Ok(rule) = serde_json::from_str::<TableRule>(body) else { continue };
            let Some(group) = &rule.group else { continue };
            let writes = rule.privileges.iter().any(|each| each == "INSERT");
            let catalog = rule.catalog.as_deref().and_then(super::native::unquote).unwrap_or_default();
            let entry = groups.entry((catalog, writes)).or_default();
            entry.0.extend(super::native::alternatives(group).into_iter().flatten());
            entry.1.extend(policies.iter().cloned());
        }
        for ((catalog, writes), (groups, policies)) in groups {
            let rule = CatalogRule {
                user: None,
                role: None,
                group: Some(any_of(groups.iter().map(String::as_str))),
                catalog: Some(quote(&catalog)),
                allow: if writes { "all" } else { "read-only" }.into(),
            };
            let body = serde_json::to_string(&rule).unwrap_or_default();
            self.rules.insert(catalog_place(&catalog, writes).text(), (body, policies));
        }
    }

    fn finish(self, symbols: &mut Symbols) -> Lowered {
        let mut facts = Vec::new();
        let mut add =
            |kind, object: &str, grantee: &str, body: &str, policies: &str, symbols: &mut Symbols| {
                facts.push(Fact {
                    key: FactKey {
                        kind,
                        privilege: Symbol::default(),
                        object: symbols.intern(object),
                        grantee: symbols.intern(grantee),
                    },
                    body: symbols.intern(body),
                    policies: symbols.intern(policies),
                });
            };
        for section in MANAGED {
            add(
                FactKind::Rule,
                &super::native::Place::Section(section.to_owned()).text(),
                "",
                "",
                "",
                symbols,
            );
        }
        let mut used = BTreeSet::new();
        for (place, (body, policies)) in &self.rules {
            let policies = policies.iter().cloned().collect::<Vec<_>>().join(", ");
            add(FactKind::Rule, place, "", body, &policies, symbols);
            used.insert(body.as_str());
        }
        let mentioned = used.into_iter().collect::<Vec<_>>().join("\n");
        for (name, generated) in self.names.iter().filter(|(name, _)| mentioned.contains(name.as_str())) {
            for raw in &generated.accounts {
                let account = &self.lowering.accounts.accounts[AccountId::from_raw(raw)].name;
                if writable(account) {
                    add(FactKind::Membership, name, account, "", &generated.policies.join(", "), symbols);
                }
            }
        }
        sort_by_text(&mut facts, symbols);
        let mut gaps = self.gaps;
        gaps.sort();
        gaps.dedup();
        Lowered { facts, gaps }
    }
}

/// The accounts that see a mask or a filter on a table.
fn protected_accounts(protection: &TableProtection) -> AccountSet {
    let masked =
        protection.columns.iter().flat_map(|column| column.rules.iter().map(|(_, accounts)| accounts));
    let filtered = protection.filters.iter().map(|filter| &filter.concerned);
    masked.chain(filtered).fold(AccountSet::new(), |all, accounts| all | accounts)
}

/// Whether the group file can hold the name: `group:user,user`, no escapes (trino.io/docs/current/security/group-file.html, 2026-11-23).
pub fn writable(account: &str) -> bool {
    !account.is_empty()
        && account.trim() == account
        && !account.starts_with('#')
        && !account.contains([':', ',', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
}
