//! `enforcement: native`: the tables themselves are granted, under row access policies and data policies on their columns.
//!
//! **Rows.** A table with filters gets a *fence* and one policy. The fence is a policy for nobody, under which nobody sees a row: it
//! comes first and goes last, so that the other is never the last one, which BigQuery would not drop, and which Google advises never
//! to replace (docs.cloud.google.com/bigquery/docs/best-practices-row-level-security, 2026-11-25). The policy lists whoever may read
//! the table, and its filter asks `SESSION_USER()` who that is, with the addresses written into it. Why not a look-up table: a policy
//! with a subquery needs everybody who reads through it to read that table too (the same page), and does not go with masked columns
//! (docs.cloud.google.com/bigquery/docs/row-level-security-intro#limitations). Why not a policy for each class of users: a user sees
//! the rows of all policies that list him, so whoever moves from one to another would for a moment see both; one policy is replaced
//! in one statement. A filter without a subquery reads the clear values, masked or not (using-row-level-security-with-features).
//!
//! **Columns.** A masked column gets data policies of its own (docs.cloud.google.com/bigquery/docs/column-data-masking
//! #data-policies-on-column): one for those who see it clear, one for each thing that others see. Who holds none of them is refused
//! the column. Why not policy tags: their names are numbers that Google gives when they are made, so that no file could name them
//! before, and they cannot stand beside data policies on a column. Of Google's masking rules only "nullify" and, on DATE and DATETIME,
//! "date year" show what the policy says: the hash is unsalted and in base64, "last four" writes `XXXXX`. The others are masking
//! routines of ours, as far as the few functions that these may call reach.
//!
//! **Grants.** `roles/bigquery.dataViewer` on the tables. IAM keeps no mark, so that a binding is ours if the table
//! `<config.dataset>.bindings` lists it.

mod emit;
mod export;
mod facts;
mod inline;
mod judge;
mod lower;
mod masks;
mod native;
mod observe;
mod routine;
mod rows;
mod statement;
mod table;

pub(super) use emit::emit;
pub(super) use export::state;
pub(super) use judge::Judge;
pub(super) use lower::lower;
pub(super) use native::{READ, RowPolicy, relation_word};
pub(super) use observe::{Bindings, FILES, read};
pub(super) use statement::{add, bindings, remove, title};

use super::native::DIALECT;
use crate::backend::contract::{Change, Op, Phase};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::sql::fingerprint;

/// When a change of one of our kinds may be made; `None`: it is no kind of this folder.
///
/// The fence hides, so it comes at once and goes last. A policy comes, or changes, after masks have been made stricter and before
/// anybody is let in; it goes together with the fence. Data policies are nobody's until they stand on a column.
pub(super) fn phase(change: &Change, symbols: &Symbols) -> Option<Phase> {
    let reads_a_policy = symbols.text(change.fact.key.privilege) == native::READ;
    match (change.fact.key.kind, change.op) {
        (FactKind::RowAttachment, Op::Add) => Some(Phase::Prepare),
        (FactKind::RowAccessPolicy, Op::Add | Op::Replace) => Some(Phase::Reveal),
        (FactKind::RowAttachment | FactKind::RowAccessPolicy | FactKind::MaskAttachment, Op::Remove) => {
            Some(Phase::Unprotect)
        }
        (FactKind::MaskAttachment, Op::Add)
        | (
            FactKind::RowAttachment | FactKind::MaskAttachment | FactKind::MaskingPolicy | FactKind::Function,
            Op::Replace,
        ) => Some(Phase::Protect),
        (FactKind::MaskingPolicy | FactKind::Function, Op::Add) => Some(Phase::Prepare),
        (FactKind::MaskingPolicy | FactKind::Function, Op::Remove) => Some(Phase::Dismantle),
        (FactKind::Grant, Op::Add | Op::Replace) if reads_a_policy => Some(Phase::Reveal),
        (FactKind::Grant, Op::Remove) if reads_a_policy => Some(Phase::Conceal),
        (
            FactKind::Grant
            | FactKind::Role
            | FactKind::Group
            | FactKind::Location
            | FactKind::Entitlement
            | FactKind::View
            | FactKind::AuthorizedView
            | FactKind::Rule
            | FactKind::Membership,
            _,
        ) => None,
    }
}

/// What must be there before a fact of one of our kinds: a policy's fence, the routine of a data policy, the data policies of a column.
pub(super) fn needs(fact: &Fact, symbols: &Symbols) -> Vec<String> {
    let body = symbols.text(fact.body);
    match fact.key.kind {
        FactKind::RowAccessPolicy => native::table_of(symbols.text(fact.key.object)).into_iter().collect(),
        FactKind::MaskingPolicy => native::DataPolicy::parse(body).routine.into_iter().collect(),
        FactKind::MaskAttachment => native::attached(body),
        FactKind::Role
        | FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::Entitlement
        | FactKind::RowAttachment
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule
        | FactKind::Grant
        | FactKind::Membership => Vec::new(),
    }
}

/// The table that a fact of one of our kinds stands on; `None`: it is no such kind.
pub(super) fn concerns(fact: &Fact, symbols: &Symbols) -> Option<String> {
    let object = symbols.text(fact.key.object);
    match fact.key.kind {
        FactKind::RowAccessPolicy => native::table_of(object),
        FactKind::MaskAttachment => Some(Object { column: None, ..Object::parse(object) }.text()),
        FactKind::Role
        | FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::MaskingPolicy
        | FactKind::Entitlement
        | FactKind::RowAttachment
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule
        | FactKind::Grant
        | FactKind::Membership => None,
    }
}

/// Whether an observed fact is what is desired, however its text is printed.
pub(super) fn same(desired: &Fact, observed: &Fact, symbols: &Symbols) -> bool {
    let (wanted, found) = (symbols.text(desired.body), symbols.text(observed.body));
    let alike = |wanted: &str, found: &str| {
        fingerprint::fingerprint(wanted, DIALECT) == fingerprint::fingerprint(found, DIALECT)
    };
    match desired.key.kind {
        // What somebody else has granted already is not ours to grant.
        FactKind::Grant => wanted == native::BINDING && found.is_empty(),
        FactKind::RowAccessPolicy => {
            let (wanted, found) = (RowPolicy::parse(wanted), RowPolicy::parse(found));
            wanted.filters == found.filters
                && wanted.grantees == found.grantees
                && alike(&wanted.predicate, &found.predicate)
        }
        FactKind::Function => {
            let (of, body) = wanted.split_once('\n').unwrap_or_default();
            found.split_once('\n').is_some_and(|(other, text)| other == of && alike(body, text))
        }
        FactKind::Role
        | FactKind::Group
        | FactKind::Location
        | FactKind::MaskingPolicy
        | FactKind::Entitlement
        | FactKind::MaskAttachment
        | FactKind::RowAttachment
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule
        | FactKind::Membership => false,
    }
}
