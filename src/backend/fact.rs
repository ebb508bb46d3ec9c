//! Native facts: what exists, or should exist, on a platform, as fixed-width keys of interned texts.
//!
//! Every platform's state is a set of facts: roles, grants, memberships, policies and where they are attached, rules,
//! entitlement rows. Diff, order and digest see keys only; the texts are the platform's own and come out at the end.
//! Invariant: two facts of one state never have equal keys. A key is 16 bytes.

use std::sync::Arc;

use indexmap::IndexSet;

/// An interned native text. Symbols of different tables must not be mixed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(u32);

/// The texts of one integration, shared by what is desired and what is observed. Symbol 0 is the empty text.
#[derive(Clone, Debug)]
pub struct Symbols {
    texts: IndexSet<Arc<str>>,
}

impl Default for Symbols {
    fn default() -> Self {
        Symbols { texts: IndexSet::from([Arc::from("")]) }
    }
}

impl Symbols {
    /// Interns a text.
    pub fn intern(&mut self, text: &str) -> Symbol {
        match self.texts.get_index_of(text) {
            Some(index) => Symbol(index as u32),
            None => Symbol(self.texts.insert_full(Arc::from(text)).0 as u32),
        }
    }

    /// The symbol of a text that may not be there.
    pub fn find(&self, text: &str) -> Option<Symbol> {
        self.texts.get_index_of(text).map(|index| Symbol(index as u32))
    }

    /// The text of a symbol.
    pub fn text(&self, symbol: Symbol) -> &str {
        self.texts.get_index(symbol.0 as usize).map_or("", |text| text)
    }
}

/// What kind of thing a fact is: the `kind` of a plan's change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum FactKind {
    /// A role exists.
    Role,
    /// A group exists.
    Group,
    /// A storage location is registered.
    Location,
    /// A function exists.
    Function,
    /// A masking policy exists.
    MaskingPolicy,
    /// A row access policy exists.
    RowAccessPolicy,
    /// A row of an entitlement table.
    Entitlement,
    /// A mask stands on a column.
    MaskAttachment,
    /// A row policy or filter stands on a table.
    RowAttachment,
    /// A view exists.
    View,
    /// A view may read what stands behind it, whoever asks.
    AuthorizedView,
    /// A rule of a first-match list.
    Rule,
    /// A privilege is granted.
    Grant,
    /// A principal is a member of a role or group.
    Membership,
}

impl FactKind {
    /// The word of a plan.
    pub fn word(self) -> &'static str {
        match self {
            FactKind::Role => "role",
            FactKind::Group => "group",
            FactKind::Location => "location",
            FactKind::Function => "function",
            FactKind::MaskingPolicy => "masking_policy",
            FactKind::RowAccessPolicy => "row_access_policy",
            FactKind::Entitlement => "entitlement",
            FactKind::MaskAttachment => "mask_attachment",
            FactKind::RowAttachment => "row_attachment",
            FactKind::View => "view",
            FactKind::AuthorizedView => "authorized_view",
            FactKind::Rule => "rule",
            FactKind::Grant => "grant",
            FactKind::Membership => "membership",
        }
    }
}

/// What makes a fact the same fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactKey {
    /// Its kind.
    pub kind: FactKind,
    /// The privilege of a grant, the name of an entitlement; else empty.
    pub privilege: Symbol,
    /// What it is about: a securable, role, policy, column … as the platform names it.
    pub object: Symbol,
    /// Who holds it: a role, group or user as the platform names it; empty where nobody does.
    pub grantee: Symbol,
}

/// A fact: a key, what it holds, and whose policy it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// Identity.
    pub key: FactKey,
    /// The content, in the backend's canonical text (a policy's body, an attachment's policy and columns, a rule's
    /// JSON); empty where the key says all. The project's salt stands in it as `{salt}`.
    pub body: Symbol,
    /// The names of the policies that it comes from, joined by `, `; empty for foreign facts. Never compared.
    pub policies: Symbol,
}

impl PartialEq for Fact {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.body == other.body
    }
}
impl Eq for Fact {}

/// Puts facts in the order of their texts, so that nothing shown depends on the order of interning.
pub fn sort_by_text(facts: &mut [Fact], symbols: &Symbols) {
    facts.sort_by(|left, right| order_key(left, symbols).cmp(&order_key(right, symbols)));
}

/// The order in which facts are shown: kind, object, grantee, privilege.
pub fn order_key<'s>(fact: &Fact, symbols: &'s Symbols) -> (FactKind, &'s str, &'s str, &'s str) {
    let text = |symbol| symbols.text(symbol);
    (fact.key.kind, text(fact.key.object), text(fact.key.grantee), text(fact.key.privilege))
}

const _: () = assert!(size_of::<FactKey>() == 16, "a key is four words");
