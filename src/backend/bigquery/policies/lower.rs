//! A program as facts on the tables themselves.
//!
//! In: a program seen from one integration. Out: grants, fences and policies, data policies with their readers, routines, and gaps.
//! Invariant: who is granted a table is listed by its policy, if it has one, and by one data policy of every masked column.
//! Cost: tables × their members, and classes × decisions × members.

use std::collections::BTreeMap;

use super::facts::Facts;
use super::inline::Inline;
use super::masks::{Audience, Masked};
use super::native::{
    BINDING, DataPolicy, MASKING, NAME_LIMIT, RAW, READ, RowPolicy, attachment, data_policy_object,
    policy_name, policy_object, prefix, relation_word,
};
use super::routine::Shown;
use super::table::{Protected, protect};
use crate::backend::bigquery::holders::Holders;
use crate::backend::bigquery::limit;
use crate::backend::bigquery::native::{Home, VIEWER};
use crate::backend::body::{Names, identity};
use crate::backend::class::{Class, Classes, Refused, short_hash};
use crate::backend::contract::{Lowered, Lowering};
use crate::backend::fact::{FactKind, Symbols};
use crate::backend::gap::Gap;
use crate::backend::object::Object;
use crate::diagnostic::{Diagnostic, Diagnostics, Reported};
use crate::inventory::directory::Access;
use crate::inventory::{Securable, TableId};

/// The facts and gaps of a program.
pub(in crate::backend::bigquery) fn lower(
    lowering: &Lowering<'_>,
    home: &Home<'_>,
    symbols: &mut Symbols,
    diagnostics: &mut Diagnostics,
) -> Result<(Lowered, Holders), Reported> {
    let mut asks = Inline::new(lowering);
    let mut refused = Refused::default();
    let mut tables: BTreeMap<TableId, Protected> = BTreeMap::new();
    for table in lowering.tables() {
        if let Some(protected) = protect(&mut asks, home, table, &mut refused) {
            tables.insert(table, protected);
        }
    }
    let gaps: Vec<Gap> = asks.gaps;
    let holders = Holders::of(lowering);
    let names = Names::new(&prefix(lowering.settings()), str::to_ascii_lowercase, NAME_LIMIT);
    let mut granting = Granting { lowering, home, holders: &holders, names, facts: Facts::default() };
    let securables = tables.keys().map(|table| Securable::Table(*table));
    let classes = Classes::of(lowering, Access::Read, securables, &refused);
    let mut made = Ok(());
    for class in &classes.classes {
        let granted = class.securables.iter().try_for_each(|securable| match securable {
            Securable::Table(table) => granting.table(class, *table, tables.get(table)),
            Securable::DataSource(_) => Ok(()),
        });
        if let Err(error) = granted {
            made = Err(diagnostics.error(*error));
        }
    }
    made?;
    let facts = granting.facts.interned(symbols);
    Ok((Lowered { facts, gaps }, holders))
}

/// The facts in the making.
struct Granting<'l, 'a> {
    lowering: &'a Lowering<'a>,
    home: &'l Home<'a>,
    holders: &'l Holders,
    names: Names,
    facts: Facts,
}

/// A limit that is exceeded.
type Made = Result<(), Box<Diagnostic>>;

impl Granting<'_, '_> {
    /// A table of a class: who reads it, and through what.
    fn table(&mut self, class: &Class, table: TableId, protected: Option<&Protected>) -> Made {
        let Some(protected) = protected else { return Ok(()) };
        let catalog = &self.lowering.inventory().catalog;
        let shown = format!("`{}`", catalog.shown_name(Securable::Table(table)));
        let grantees = self.hold(&shown, class, &class.policies)?;
        let relation = Object::new(relation_word(catalog.tables[table].kind), catalog.path(table));
        for grantee in &grantees {
            let key = (FactKind::Grant, relation.text(), grantee.clone(), VIEWER);
            self.facts.add(key, BINDING.to_owned(), &class.policies);
        }
        self.rows(class, &relation, protected, &grantees);
        protected.columns.iter().try_for_each(|masked| self.column(class, &relation, masked))
    }

    /// Whom to name for a class, within what a policy takes.
    fn hold(&self, shown: &str, class: &Class, policies: &[String]) -> Result<Vec<String>, Box<Diagnostic>> {
        let grantees = self.holders.hold(&class.users, &class.accounts);
        match limit::refused(self.lowering.settings(), shown, &policies.join(", "), &grantees) {
            Some(error) => Err(Box::new(error)),
            None => Ok(grantees.into_iter().map(str::to_owned).collect()),
        }
    }

    /// The fence and the policy, if a filter concerns somebody in the class.
    fn rows(&mut self, class: &Class, relation: &Object, protected: &Protected, grantees: &[String]) {
        let held = protected.filters.iter().filter(|each| !each.concerned.is_disjoint(&class.accounts));
        let (filters, conjuncts): (Vec<String>, Vec<&str>) =
            held.map(|each| (each.filter.clone(), each.text.as_str())).unzip();
        if filters.is_empty() {
            return;
        }
        let path: Vec<&str> = relation.path.iter().map(String::as_str).collect();
        self.facts.add(
            (FactKind::RowAttachment, relation.text(), String::new(), ""),
            String::new(),
            &filters,
        );
        let mut grantees = grantees.to_vec();
        grantees.sort();
        let body = RowPolicy { filters: filters.clone(), grantees, predicate: conjuncts.join(" AND ") };
        let policy = policy_object(&path, &policy_name(self.lowering.settings(), &path));
        self.facts.add((FactKind::RowAccessPolicy, policy, String::new(), ""), body.text(), &filters);
    }

    /// The data policies of a column, if a mask concerns somebody in the class.
    fn column(&mut self, class: &Class, relation: &Object, masked: &Masked) -> Made {
        if masked.shows.values().all(|audience| audience.accounts.is_disjoint(&class.accounts)) {
            return Ok(());
        }
        let project = relation.path.first().cloned().unwrap_or_default();
        let mut policies = Vec::new();
        let raw = DataPolicy { kind: RAW.to_owned(), ..DataPolicy::default() };
        policies.extend(self.data_policy(class, &project, "clear", &raw, &masked.clear, masked)?);
        for (shown, audience) in &masked.shows {
            let stem = masked.policies.first().map_or("", String::as_str);
            if audience.accounts.is_disjoint(&class.accounts) {
                continue;
            }
            let routine = match shown {
                Shown::Routine { of, expression } => Some(self.routine(of, expression, &masked.policies)),
                Shown::Nothing | Shown::Year => None,
            };
            let predefined = shown.predefined().map(str::to_owned);
            let body = DataPolicy { kind: MASKING.to_owned(), predefined, routine };
            policies.extend(self.data_policy(class, &project, stem, &body, audience, masked)?);
        }
        let column = &self.lowering.inventory().catalog.columns[masked.column];
        let object = Object { column: Some(column.name.clone()), ..relation.clone() };
        let key = (FactKind::MaskAttachment, object.text(), String::new(), "");
        self.facts.add(key, attachment(policies), &masked.policies);
        Ok(())
    }

    /// A data policy and its readers. Columns of a project for which the same masks decide alike share it.
    fn data_policy(
        &mut self,
        class: &Class,
        project: &str,
        stem: &str,
        body: &DataPolicy,
        audience: &Audience,
        masked: &Masked,
    ) -> Result<Option<String>, Box<Diagnostic>> {
        let class = Class {
            users: &audience.users & &class.users,
            accounts: &audience.accounts & &class.accounts,
            ..class.clone()
        };
        if class.accounts.is_empty() {
            return Ok(None);
        }
        let parts: Vec<String> = [project.to_owned(), class.hash.clone(), body.text()]
            .into_iter()
            .chain(audience.because.clone())
            .collect();
        // INVARIANT: the accounts are part of the identity, so no two sets ever share a policy, whatever the parts say.
        let whole: Vec<String> = parts.iter().cloned().chain([identity(&class.accounts)]).collect();
        let name = self.names.give(stem, &short_hash(parts), &whole);
        let object = data_policy_object(project, &self.home.region(), &name);
        let key = (FactKind::MaskingPolicy, object.clone(), String::new(), "");
        self.facts.add(key, body.text(), &masked.policies);
        for grantee in self.hold(&format!("the data policy `{name}`"), &class, &masked.policies)? {
            let key = (FactKind::Grant, object.clone(), grantee, READ);
            self.facts.add(key, String::new(), &masked.policies);
        }
        Ok(Some(object))
    }

    /// A masking routine, by what it says.
    fn routine(&mut self, of: &str, expression: &str, policies: &[String]) -> String {
        let body = format!("{of}\n{expression}");
        let name = self.names.give("mask", &short_hash([body.clone()]), std::slice::from_ref(&body));
        let object = Object::new("ROUTINE", [self.home.project.as_str(), &self.home.dataset, &name]).text();
        self.facts.add((FactKind::Function, object.clone(), String::new(), ""), body, policies);
        object
    }
}
