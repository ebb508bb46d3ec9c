//! Tests as flags of the current user, which a view reads once from a one-row table `g`.

use std::collections::BTreeMap;

use super::Site;
use crate::backend::body::{Asks, Entitlements, Names, identity};
use crate::backend::class::short_hash;
use crate::backend::contract::Lowering;
use crate::backend::gap::Gap;
use crate::backend::sql::{Dialect, Operand, Unsupported};
use crate::inventory::{AccountSet, ColumnType};

/// Longest names of flags: what every platform's entitlement table holds.
const FLAG_LIMIT: usize = 120;

/// Everything that views ask for, and the flags of the view at hand.
pub(super) struct Asking<'a, 's> {
    pub(super) lowering: &'a Lowering<'a>,
    pub(super) site: &'s dyn Site,
    pub(super) names: Names,
    pub(super) entitlements: Entitlements,
    pub(super) gaps: Vec<Gap>,
    /// Name of the entitlement → column of `g`, in the order of asking.
    flags: BTreeMap<String, usize>,
    order: Vec<String>,
}

impl<'a, 's> Asking<'a, 's> {
    /// Nothing asked yet.
    pub(super) fn new(lowering: &'a Lowering<'a>, site: &'s dyn Site) -> Asking<'a, 's> {
        Asking {
            lowering,
            site,
            names: Names::new(&lowering.settings().name_prefix, str::to_ascii_uppercase, FLAG_LIMIT),
            entitlements: Entitlements::default(),
            gaps: Vec::new(),
            flags: BTreeMap::new(),
            order: Vec::new(),
        }
    }

    /// Begins another view.
    pub(super) fn start(&mut self) {
        self.flags.clear();
        self.order.clear();
    }

    fn flag(&mut self, name: &str) -> String {
        let next = self.order.len() + 1;
        let at = *self.flags.entry(name.to_owned()).or_insert(next);
        if at == next {
            self.order.push(name.to_owned());
        }
        format!("g.{} = 1", self.site.dialect().identifier(&format!("f{at}")))
    }

    /// The one-row table of the flags asked for; nothing where none was. MAX of no rows is NULL, which is no 1.
    pub(super) fn joined(&self) -> String {
        if self.order.is_empty() {
            return String::new();
        }
        let dialect = self.site.dialect();
        let columns: Vec<String> = self
            .order
            .iter()
            .enumerate()
            .map(|(at, name)| {
                format!(
                    "MAX(CASE WHEN {} = {} THEN 1 ELSE 0 END) AS {}",
                    self.own("name"),
                    dialect.literal(name),
                    dialect.identifier(&format!("f{}", at + 1))
                )
            })
            .collect();
        format!(" CROSS JOIN (SELECT {} {}) g", columns.join(", "), self.own_rows())
    }

    /// A column of the entitlement table, to be compared. Neither accounts nor names end in blanks.
    fn own(&self, column: &str) -> String {
        let dialect = self.site.dialect();
        dialect.exactly(&format!("e.{}", dialect.identifier(column)))
    }

    /// `FROM … e WHERE` the rows are the current user's.
    fn own_rows(&self) -> String {
        format!(
            "FROM {} e WHERE {} = {}",
            self.site.entitlements(),
            self.own("account"),
            self.site.current_user()
        )
    }
}

impl<'a> Asks<'a> for Asking<'a, '_> {
    fn lowering(&self) -> &'a Lowering<'a> {
        self.lowering
    }

    fn dialect(&self) -> Dialect {
        self.site.dialect()
    }

    fn test(&mut self, stem: &str, parts: &[String], accounts: &AccountSet, policies: &[String]) -> String {
        if accounts.is_empty() {
            return self.site.dialect().never().to_owned();
        }
        // INVARIANT: the accounts are part of the identity, so no two sets ever share a flag, whatever the parts say.
        let hash = short_hash(parts.iter().cloned());
        let identity: Vec<String> = parts.iter().cloned().chain([identity(accounts)]).collect();
        let name = self.names.give(stem, &hash, &identity);
        self.entitlements.flag(&name, accounts, policies);
        self.flag(&name)
    }

    fn among(&mut self, name: &str, operand: &Operand, of: &ColumnType) -> Result<String, Unsupported> {
        let dialect = self.site.dialect();
        let value = format!("e.{}", dialect.identifier("value"));
        let (left, right) = dialect.among(operand, of, &value)?;
        Ok(format!(
            "({left} IN (SELECT {right} {} AND {} = {}))",
            self.own_rows(),
            self.own("name"),
            dialect.literal(name)
        ))
    }

    fn has(&mut self, name: &str) -> String {
        self.flag(name)
    }

    fn entitlements(&mut self) -> &mut Entitlements {
        &mut self.entitlements
    }

    fn gaps(&mut self) -> &mut Vec<Gap> {
        &mut self.gaps
    }
}
