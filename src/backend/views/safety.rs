//! When a change may be made, and whether a view that comes back printed anew is what was written.

use super::ViewBody;
use crate::backend::body::entitlements::hides;
use crate::backend::contract::{Change, Op, Phase};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::sql::{Dialect, fingerprint};

/// A view that comes is nobody's yet; one that changes does so after what reveals less and before what reveals more; one that goes
/// is nobody's any more.
pub fn phase(change: &Change, symbols: &Symbols) -> Phase {
    let hides = hides(symbols.text(change.fact.key.privilege));
    match (change.fact.key.kind, change.op) {
        (FactKind::Grant | FactKind::Membership, Op::Add | Op::Replace) => Phase::Expose,
        (FactKind::Grant | FactKind::Membership, Op::Remove) => Phase::Withdraw,
        (FactKind::Entitlement, Op::Add | Op::Replace) if hides => Phase::Prepare,
        (FactKind::Entitlement, Op::Remove) if hides => Phase::Dismantle,
        (FactKind::Entitlement, Op::Add | Op::Replace) => Phase::Reveal,
        (FactKind::Entitlement, Op::Remove) => Phase::Conceal,
        (FactKind::View, Op::Replace) => Phase::Protect,
        (
            FactKind::Role
            | FactKind::Group
            | FactKind::Location
            | FactKind::Function
            | FactKind::MaskingPolicy
            | FactKind::RowAccessPolicy
            | FactKind::MaskAttachment
            | FactKind::RowAttachment
            | FactKind::View
            | FactKind::AuthorizedView
            | FactKind::Rule,
            Op::Add | Op::Replace,
        ) => Phase::Prepare,
        (
            FactKind::Role
            | FactKind::Group
            | FactKind::Location
            | FactKind::Function
            | FactKind::MaskingPolicy
            | FactKind::RowAccessPolicy
            | FactKind::MaskAttachment
            | FactKind::RowAttachment
            | FactKind::View
            | FactKind::AuthorizedView
            | FactKind::Rule,
            Op::Remove,
        ) => Phase::Dismantle,
    }
}

/// Whether a view says what is desired, however the platform prints it.
pub fn same(desired: &Fact, observed: &Fact, symbols: &Symbols, dialect: Dialect) -> bool {
    if desired.body == observed.body {
        return true;
    }
    if desired.key.kind != FactKind::View {
        return false;
    }
    let read = |fact: &Fact| ViewBody::parse(symbols.text(fact.body));
    let (wanted, found) = (read(desired), read(observed));
    wanted.filters == found.filters
        && wanted.shape == found.shape
        && fingerprint::fingerprint(&wanted.query, dialect) == fingerprint::fingerprint(&found.query, dialect)
}
