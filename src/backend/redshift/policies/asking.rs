//! How bodies ask who the user is: whether the current user has a row of the entitlement table.
//!
//! Invariant: no subquery reads a column of the row, for Redshift rejects correlated subqueries in policies ("RLS policy could not
//! be rewritten"): docs.aws.amazon.com/redshift/latest/dg/t_rls_usage.html, t_ddm-considerations.html (2026-11-25).
//! `value IN (SELECT …)` is the form of their examples; that a constant may stand before IN is INFERRED.

use crate::backend::body::{Asks, Entitlements, Names, identity};
use crate::backend::class::short_hash;
use crate::backend::contract::Lowering;
use crate::backend::gap::Gap;
use crate::backend::redshift::native::{DIALECT, Home, NAME_LIMIT, fold};
use crate::backend::sql::{Dialect, Operand, Unsupported};
use crate::backend::views::Site;
use crate::inventory::{AccountSet, ColumnType};

/// Longest names of rows that say no more than that they are there.
const FLAG_LIMIT: usize = 120;

/// Everything that bodies ask for.
pub(super) struct Asking<'a, 's> {
    pub(super) lowering: &'a Lowering<'a>,
    pub(super) home: &'s Home<'a>,
    /// Names of policies.
    pub(super) names: Names,
    pub(super) entitlements: Entitlements,
    pub(super) gaps: Vec<Gap>,
    flags: Names,
}

impl<'a, 's> Asking<'a, 's> {
    /// Nothing asked yet.
    pub(super) fn new(lowering: &'a Lowering<'a>, home: &'s Home<'a>) -> Asking<'a, 's> {
        let prefix = &lowering.settings().name_prefix;
        Asking {
            lowering,
            home,
            names: Names::new(prefix, fold, NAME_LIMIT),
            entitlements: Entitlements::default(),
            gaps: Vec::new(),
            flags: Names::new(prefix, str::to_ascii_uppercase, FLAG_LIMIT),
        }
    }

    /// A column of the entitlement table, to be compared. Neither accounts nor names end in blanks.
    fn own(column: &str) -> String {
        DIALECT.exactly(&format!("e.{}", DIALECT.identifier(column)))
    }

    /// `FROM … e WHERE` the rows are the current user's.
    fn own_rows(&self) -> String {
        format!(
            "FROM {} e WHERE {} = {}",
            self.home.entitlements(),
            Self::own("account"),
            self.home.current_user()
        )
    }
}

impl<'a> Asks<'a> for Asking<'a, '_> {
    fn lowering(&self) -> &'a Lowering<'a> {
        self.lowering
    }

    fn dialect(&self) -> Dialect {
        DIALECT
    }

    fn test(&mut self, stem: &str, parts: &[String], accounts: &AccountSet, policies: &[String]) -> String {
        if accounts.is_empty() {
            return DIALECT.never().to_owned();
        }
        // INVARIANT: the accounts are part of the identity, so no two sets ever share a flag, whatever the parts say.
        let hash = short_hash(parts.iter().cloned());
        let identity: Vec<String> = parts.iter().cloned().chain([identity(accounts)]).collect();
        let name = self.flags.give(stem, &hash, &identity);
        self.entitlements.flag(&name, accounts, policies);
        self.has(&name)
    }

    fn among(&mut self, name: &str, operand: &Operand, of: &ColumnType) -> Result<String, Unsupported> {
        let (left, right) = DIALECT.among(operand, of, &format!("e.{}", DIALECT.identifier("value")))?;
        let (rows, own, name) = (self.own_rows(), Self::own("name"), DIALECT.literal(name));
        Ok(format!("({left} IN (SELECT {right} {rows} AND {own} = {name}))"))
    }

    fn has(&mut self, name: &str) -> String {
        format!("({} IN (SELECT {} {}))", DIALECT.literal(name), Self::own("name"), self.own_rows())
    }

    fn entitlements(&mut self) -> &mut Entitlements {
        &mut self.entitlements
    }

    fn gaps(&mut self) -> &mut Vec<Gap> {
        &mut self.gaps
    }
}
