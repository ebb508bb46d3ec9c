//! When a change may be made, what it needs, and what it stands in the way of.
//!
//! In: a change or a fact. Out: its phase, the objects that come before it, what to wait for. Law 4 rests on this page.
//! Where masks and filters follow tags: what functions read is tagged first, and a tag on a masked column comes behind the policies
//! that answer to it; whatever takes a mask away comes behind all grants.

use super::abac::{WAIT, policy, tags};
use super::native::Attached;
use crate::backend::body;
use crate::backend::contract::{Change, Op, Phase};
use crate::backend::fact::{Fact, FactKey, FactKind, Symbol, Symbols};
use crate::backend::object::Object;

/// Whether a fact is a tag on a column that functions read.
fn is_input(fact: &Fact, symbols: &Symbols) -> bool {
    tags::key_of(fact, symbols).is_some() && symbols.text(fact.body).starts_with("INPUT ")
}

/// The phase of a change.
pub(super) fn phase(change: &Change, symbols: &Symbols) -> Phase {
    let hides = body::entitlements::hides(symbols.text(change.fact.key.privilege));
    if is_input(&change.fact, symbols) {
        return if change.op == Op::Remove { Phase::Dismantle } else { Phase::Prepare };
    }
    match (change.fact.key.kind, change.op) {
        (FactKind::Grant | FactKind::Membership, Op::Add | Op::Replace) => Phase::Expose,
        (FactKind::Grant | FactKind::Membership, Op::Remove) => Phase::Withdraw,
        (
            FactKind::MaskAttachment
            | FactKind::RowAttachment
            | FactKind::MaskingPolicy
            | FactKind::RowAccessPolicy,
            Op::Add | Op::Replace,
        ) => Phase::Protect,
        (FactKind::MaskAttachment | FactKind::RowAttachment | FactKind::RowAccessPolicy, Op::Remove) => {
            Phase::Unprotect
        }
        // A body that changes does so wherever it stands, at once: after what it reveals to has gone, before what comes.
        (FactKind::Function, Op::Replace) => Phase::Protect,
        (FactKind::Entitlement, Op::Add | Op::Replace) if hides => Phase::Prepare,
        (FactKind::Entitlement, Op::Remove) if hides => Phase::Dismantle,
        (FactKind::Entitlement, Op::Add | Op::Replace) => Phase::Reveal,
        (FactKind::Entitlement, Op::Remove) => Phase::Conceal,
        (
            FactKind::Group
            | FactKind::Function
            | FactKind::Role
            | FactKind::Location
            | FactKind::View
            | FactKind::AuthorizedView
            | FactKind::Rule,
            Op::Add | Op::Replace,
        ) => Phase::Prepare,
        (
            FactKind::Group
            | FactKind::Function
            | FactKind::Role
            | FactKind::MaskingPolicy
            | FactKind::Location
            | FactKind::View
            | FactKind::AuthorizedView
            | FactKind::Rule,
            Op::Remove,
        ) => Phase::Dismantle,
    }
}

/// The objects that must be there before a fact can. Groups come a phase before what is granted to them; bodies, policies, tags
/// and attachments that change share one.
pub(super) fn needs(fact: &Fact, symbols: &Symbols) -> Vec<String> {
    let (object, text) = (Object::parse(symbols.text(fact.key.object)), symbols.text(fact.body));
    if let Some(key) = tags::key_of(fact, symbols) {
        let mut needs = vec![tags::governed(key)];
        if !is_input(fact, symbols) {
            let function = Attached::parse(text).function;
            let name = Object::parse(&function).name().to_owned();
            let scopes = (1..=object.path.len()).filter_map(|depth| object.path.get(..depth));
            needs.extend(scopes.map(|path| policy::object(&policy::scope_of(path), &name).text()));
            needs.push(function);
        }
        return needs;
    }
    match fact.key.kind {
        FactKind::MaskAttachment | FactKind::RowAttachment => vec![Attached::parse(text).function],
        FactKind::MaskingPolicy | FactKind::RowAccessPolicy => vec![policy::Policy::parse(text).function],
        FactKind::Group
        | FactKind::Grant
        | FactKind::Membership
        | FactKind::Function
        | FactKind::Entitlement
        | FactKind::Role
        | FactKind::Location
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule => Vec::new(),
    }
}

/// The relation that a grant or an attachment is about.
pub(super) fn concerns(fact: &Fact, symbols: &Symbols) -> Option<String> {
    let text = symbols.text(fact.key.object);
    match fact.key.kind {
        // A mask stands on a column of the relation that a grant is about.
        FactKind::MaskAttachment => Some(Object { column: None, ..Object::parse(text) }.text()),
        // The tags that lean on a policy of a catalog or schema tell where.
        FactKind::MaskingPolicy | FactKind::RowAccessPolicy => {
            Some(policy::scope(&Object::parse(text)).0.text())
        }
        // Without its values no column can be tagged: who knows which.
        FactKind::Rule => None,
        FactKind::Group
        | FactKind::Grant
        | FactKind::Membership
        | FactKind::Function
        | FactKind::RowAttachment
        | FactKind::Entitlement
        | FactKind::Role
        | FactKind::Location
        | FactKind::View
        | FactKind::AuthorizedView => Some(text.to_owned()),
    }
}

/// The table-level mask or filter that would make queries fail beside a tag or policy.
pub(super) fn rival(desired: &Fact, symbols: &Symbols) -> Option<FactKey> {
    let (nobody, key) = (Symbol::default(), desired.key);
    if tags::key_of(desired, symbols).is_some() && !is_input(desired, symbols) {
        return Some(FactKey { privilege: nobody, ..key });
    }
    if key.kind != FactKind::RowAccessPolicy {
        return None;
    }
    let (table, _) = policy::scope(&Object::parse(symbols.text(key.object)));
    let object = symbols.find(&table.text())?;
    Some(FactKey { kind: FactKind::RowAttachment, privilege: nobody, object, grantee: nobody })
}

/// Tags count late, and so may a policy that names a new value.
pub(super) fn settles(change: &Change, symbols: &Symbols) -> Option<&'static str> {
    let late = tags::key_of(&change.fact, symbols).is_some()
        || matches!(
            change.fact.key.kind,
            FactKind::MaskingPolicy | FactKind::RowAccessPolicy | FactKind::Rule
        );
    (late && change.op != Op::Remove).then_some(WAIT)
}
