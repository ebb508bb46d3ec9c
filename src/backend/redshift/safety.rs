//! When a change may be made, what it needs, and whether what comes back is what was written.
//!
//! Policies come before what they stand on is granted, and go after: views follow [`views::phase`].

use super::native::DIALECT;
use super::policies::body::{MASKING, PolicyBody, RLS, policy_object};
use super::policies::leaves;
use super::policies::standing::{MaskStanding, RowStanding};
use crate::backend::contract::{Change, Op, Phase};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::backend::views;

/// A policy that comes stands nowhere yet; one that was altered by hand, or takes another's place, does so after what reveals less
/// and before what reveals more.
pub(super) fn phase(change: &Change, symbols: &Symbols) -> Phase {
    match (change.fact.key.kind, change.op) {
        (FactKind::MaskAttachment | FactKind::RowAttachment, Op::Add | Op::Replace) => Phase::Protect,
        (FactKind::MaskAttachment | FactKind::RowAttachment, Op::Remove) => Phase::Unprotect,
        (FactKind::MaskingPolicy | FactKind::RowAccessPolicy, Op::Replace) => Phase::Protect,
        _ => views::phase(change, symbols),
    }
}

/// What stands somewhere needs its policy.
pub(super) fn needs(fact: &Fact, symbols: &Symbols) -> Vec<String> {
    let body = symbols.text(fact.body);
    match fact.key.kind {
        FactKind::MaskAttachment => vec![policy_object(MASKING, &MaskStanding::parse(body).policy)],
        FactKind::RowAttachment => vec![policy_object(RLS, &RowStanding::parse(body).policy)],
        _ => Vec::new(),
    }
}

/// What a fact is about, as grants name it.
pub(super) fn concerns(fact: &Fact, symbols: &Symbols) -> String {
    let text = symbols.text(fact.key.object);
    match fact.key.kind {
        // A mask stands on a column of the table that a grant is about.
        FactKind::MaskAttachment => Object { column: None, ..Object::parse(text) }.text(),
        _ => text.to_owned(),
    }
}

/// Whether an observed fact says what is desired, however the platform prints it.
pub(super) fn same(desired: &Fact, observed: &Fact, symbols: &Symbols) -> bool {
    let (wanted, found) = (symbols.text(desired.body), symbols.text(observed.body));
    match desired.key.kind {
        FactKind::MaskingPolicy | FactKind::RowAccessPolicy => {
            leaves::can_be(&PolicyBody::parse(wanted), &PolicyBody::parse(found))
        }
        FactKind::RowAttachment => RowStanding::parse(wanted).same(&RowStanding::parse(found)),
        _ => views::same(desired, observed, symbols, DIALECT),
    }
}
