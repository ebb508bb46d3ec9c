//! Tests of the current user with the addresses written into the text: `(LOWER(SESSION_USER()) IN ('alice@acme.example'))`.
//!
//! In: what a filter asks. Out: expressions without subqueries. Only accounts that may read the table are written: nobody else is
//! listed by its policy. Invariant: what is printed is TRUE or FALSE for everybody, so that it may follow `NOT`.
//! Cost: the readers of a table per test; the values of a name are gathered once.

use std::collections::BTreeMap;

use crate::backend::bigquery::member;
use crate::backend::bigquery::native::DIALECT;
use crate::backend::body::{Asks, Entitlements};
use crate::backend::contract::Lowering;
use crate::backend::gap::Gap;
use crate::backend::sql::{Dialect, Operand, Unsupported};
use crate::ids::Id;
use crate::inventory::{AccountId, AccountSet, ColumnType};

/// Everything that filters ask for, and the readers of the table at hand.
pub(super) struct Inline<'a> {
    lowering: &'a Lowering<'a>,
    readers: AccountSet,
    entitlements: Entitlements,
    /// Name of an entitlement → value → the accounts that have it.
    gathered: BTreeMap<String, BTreeMap<String, AccountSet>>,
    pub(super) gaps: Vec<Gap>,
}

impl<'a> Inline<'a> {
    /// Nothing asked yet.
    pub(super) fn new(lowering: &'a Lowering<'a>) -> Inline<'a> {
        Inline {
            lowering,
            readers: AccountSet::new(),
            entitlements: Entitlements::default(),
            gathered: BTreeMap::new(),
            gaps: Vec::new(),
        }
    }

    /// Begins another table. Accounts that cannot be granted to never ask.
    pub(super) fn start(&mut self, readers: &AccountSet) {
        self.readers = readers.iter().filter(|raw| self.address(*raw).is_some()).collect();
    }

    fn address(&self, account: u32) -> Option<&'a str> {
        member::address(&self.lowering.accounts.accounts[AccountId::from_raw(account)].name)
    }

    /// TRUE for the accounts, as far as they can ask.
    fn is_one_of(&self, accounts: &AccountSet) -> String {
        let known = accounts & &self.readers;
        let mut addresses: Vec<String> =
            known.iter().filter_map(|raw| self.address(raw)).map(|each| DIALECT.literal(each)).collect();
        addresses.sort();
        addresses.dedup();
        if addresses.is_empty() {
            return DIALECT.never().to_owned();
        }
        // In lower case, as accounts are.
        format!("(LOWER(SESSION_USER()) IN ({}))", addresses.join(", "))
    }

    /// The values under a name.
    fn values(&mut self, name: &str) -> &BTreeMap<String, AccountSet> {
        if !self.gathered.contains_key(name) {
            let mut values: BTreeMap<String, AccountSet> = BTreeMap::new();
            for (account, _, value, _) in self.entitlements.rows().filter(|(_, of, ..)| *of == name) {
                values.entry(value.to_owned()).or_default().insert(account.raw());
            }
            self.gathered.insert(name.to_owned(), values);
        }
        self.gathered.entry(name.to_owned()).or_default()
    }
}

impl<'a> Asks<'a> for Inline<'a> {
    fn lowering(&self) -> &'a Lowering<'a> {
        self.lowering
    }

    fn dialect(&self) -> Dialect {
        DIALECT
    }

    fn test(
        &mut self,
        _stem: &str,
        _parts: &[String],
        accounts: &AccountSet,
        _policies: &[String],
    ) -> String {
        self.is_one_of(accounts)
    }

    fn among(&mut self, name: &str, operand: &Operand, of: &ColumnType) -> Result<String, Unsupported> {
        let readers = self.readers.clone();
        // Accounts that have the same values share a comparison.
        let mut by_account: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for (value, accounts) in self.values(name) {
            for account in accounts & &readers {
                by_account.entry(account).or_default().push(value.clone());
            }
        }
        let mut alike: BTreeMap<Vec<String>, AccountSet> = BTreeMap::new();
        for (account, values) in by_account {
            alike.entry(values).or_default().insert(account);
        }
        let mut arms = Vec::new();
        for (values, accounts) in alike {
            let mut among = String::new();
            let mut listed = Vec::new();
            for value in values {
                let (left, right) = DIALECT.among(operand, of, &DIALECT.literal(&value))?;
                listed.push(right);
                among = left;
            }
            arms.push(format!("{} AND {among} IN ({})", self.is_one_of(&accounts), listed.join(", ")));
        }
        Ok(if arms.is_empty() { DIALECT.never().to_owned() } else { format!("({})", arms.join(" OR ")) })
    }

    fn has(&mut self, name: &str) -> String {
        let accounts = self.values(name).values().fold(AccountSet::new(), |all, each| all | each);
        self.is_one_of(&accounts)
    }

    fn entitlements(&mut self) -> &mut Entitlements {
        &mut self.entitlements
    }

    fn gaps(&mut self) -> &mut Vec<Gap> {
        &mut self.gaps
    }
}
