//! The reference semantics: who may what, which mask a cell wears, which filters a table has.
//!
//! In: a [`Program`] and an instant. Out: sets of users, computed set-wise and remembered per condition.
//! This is `language.md`, "What a policy means", as code; every backend is judged by it.
//! Cost: one bitmap operation per node of a condition; conditions that read the securable are computed per subject.

use std::sync::OnceLock;

use super::Program;
use super::condition::{Condition, ConditionId, Subject, TagHolder};
use super::policy::{
    Applies, Combine, FilterId, GuardrailId, MaskId, PolicyHead, PolicyKind, SubscriptionId,
};
use crate::ids::Id;
use crate::inventory::directory::{Access, UserSet};
use crate::inventory::{ColumnId, Instant, Securable, TableId, UserId};

/// The meaning of a program at one instant.
pub struct Meaning<'p> {
    program: &'p Program,
    at: Instant,
    everyone: UserSet,
    known: Vec<OnceLock<UserSet>>,
    subscriptions: Vec<SubscriptionId>,
    guardrails: Vec<GuardrailId>,
    masks: Vec<MaskId>,
    filters: Vec<FilterId>,
}

/// A policy that bears on an access, and for whom it holds.
#[derive(Clone, Debug)]
pub struct Reason {
    /// Subscription or guardrail.
    pub kind: PolicyKind,
    /// Its place among its kind.
    pub policy: ReasonPolicy,
    /// Those for whom it holds.
    pub holders: UserSet,
}

/// Which policy a [`Reason`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReasonPolicy {
    /// A subscription, and how it combines.
    Subscription(SubscriptionId, Combine),
    /// A guardrail.
    Guardrail(GuardrailId),
}

/// A mask that may be seen on a column.
#[derive(Clone, Debug)]
pub struct MaskOn {
    /// The mask.
    pub mask: MaskId,
    /// Whom it concerns.
    pub users: UserSet,
    /// Priority and depth: equal ranks tie.
    pub rank: (i64, u32),
}

/// What one user sees of a column: the masks with `when` are tried first, in order, then the one without.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MaskChoice {
    /// Masks with `when`, first wins.
    pub when: Vec<MaskId>,
    /// The mask of every other row; none: clear.
    pub mask: Option<MaskId>,
}

impl MaskChoice {
    /// Whether no mask applies, not even one with `when`.
    pub fn is_clear(&self) -> bool {
        self.when.is_empty() && self.mask.is_none()
    }
}

impl<'p> Meaning<'p> {
    /// The meaning at the program's own instant.
    pub fn new(program: &'p Program) -> Self {
        Self::at(program, program.at)
    }

    /// The meaning at another instant.
    pub fn at(program: &'p Program, at: Instant) -> Self {
        Meaning {
            program,
            at,
            everyone: program.inventory.directory.everyone(),
            known: (0..program.conditions.len()).map(|_| OnceLock::new()).collect(),
            subscriptions: active(program.subscriptions.iter().map(|(id, each)| (id, &each.head)), at),
            guardrails: active(program.guardrails.iter().map(|(id, each)| (id, &each.head)), at),
            masks: active(program.masks.iter().map(|(id, each)| (id, &each.head)), at),
            filters: active(program.filters.iter().map(|(id, each)| (id, &each.head)), at),
        }
    }

    /// The program.
    pub fn program(&self) -> &'p Program {
        self.program
    }

    /// The instant.
    pub fn instant(&self) -> Instant {
        self.at
    }

    /// Every user of the directory.
    pub fn everyone(&self) -> &UserSet {
        &self.everyone
    }

    /// The active subscriptions, by name.
    pub fn active_subscriptions(&self) -> &[SubscriptionId] {
        &self.subscriptions
    }

    /// The active guardrails, by name.
    pub fn active_guardrails(&self) -> &[GuardrailId] {
        &self.guardrails
    }

    /// The active masks, by name.
    pub fn active_masks(&self) -> &[MaskId] {
        &self.masks
    }

    /// The active filters, by name.
    pub fn active_filters(&self) -> &[FilterId] {
        &self.filters
    }

    /// The users for whom a condition holds, here.
    pub fn holders(&self, condition: ConditionId, subject: Subject) -> UserSet {
        if self.program.conditions.reads_subject(condition) {
            return self.evaluate(condition, subject);
        }
        match self.known.get(condition.raw() as usize) {
            Some(known) => known.get_or_init(|| self.evaluate(condition, subject)).clone(),
            None => self.evaluate(condition, subject),
        }
    }

    fn evaluate(&self, condition: ConditionId, subject: Subject) -> UserSet {
        let directory = &self.program.inventory.directory;
        match self.program.conditions.get(condition) {
            Condition::Anyone => self.everyone.clone(),
            Condition::Users(users) => users.iter().map(|user| user.raw()).collect(),
            Condition::InAnyGroup(groups) => {
                groups.iter().fold(UserSet::new(), |any, group| any | &directory.groups[*group].members)
            }
            Condition::InAllGroups(groups) => groups
                .iter()
                .fold(self.everyone.clone(), |all, group| all & &directory.groups[*group].members),
            Condition::HasAttribute(attribute) => directory.having(attribute),
            Condition::AttributeIn(attribute, values) => match directory.attributes.get(attribute) {
                Some(holders) => values
                    .iter()
                    .filter_map(|value| holders.get(value))
                    .fold(UserSet::new(), |any, users| any | users),
                None => UserSet::new(),
            },
            Condition::CoversTags { holder, under } => self.covering_tags(holder, under, subject),
            Condition::CoversName(attribute) => self.covering_name(attribute, subject),
            Condition::Approved(by) => self.approved(*by, subject),
            Condition::And(list) => {
                list.iter().fold(self.everyone.clone(), |all, each| all & self.holders(*each, subject))
            }
            Condition::Or(list) => {
                list.iter().fold(UserSet::new(), |any, each| any | self.holders(*each, subject))
            }
            Condition::Not(inner) => &self.everyone - self.holders(*inner, subject),
        }
    }

    /// The texts of the tags strictly below `under` that the subject carries, and of all their ancestors.
    pub fn tag_texts(&self, under: &crate::inventory::Tag, subject: Subject) -> Vec<String> {
        let inventory = &self.program.inventory;
        let Some(under) = inventory.tags.find(under) else { return Vec::new() };
        let carried: Vec<_> = match subject.column {
            Some(column) => inventory.catalog.column_tags(column).collect(),
            None => inventory.catalog.securable_tags(subject.securable),
        };
        let mut texts: Vec<String> = carried
            .into_iter()
            .filter(|tag| *tag != under && inventory.tags.is_at_or_below(*tag, under))
            .flat_map(|tag| inventory.tags.upwards(tag).map(|each| inventory.tags.text(each)))
            .collect();
        texts.sort();
        texts.dedup();
        texts
    }

    fn covering_tags(&self, holder: &TagHolder, under: &crate::inventory::Tag, subject: Subject) -> UserSet {
        let directory = &self.program.inventory.directory;
        let texts = self.tag_texts(under, subject);
        match holder {
            TagHolder::Attribute(attribute) => match directory.attributes.get(attribute) {
                Some(holders) => texts
                    .iter()
                    .filter_map(|text| holders.get(text))
                    .fold(UserSet::new(), |any, users| any | users),
                None => UserSet::new(),
            },
            TagHolder::Groups => texts
                .iter()
                .filter_map(|text| directory.group(text))
                .fold(UserSet::new(), |any, group| any | &directory.groups[group].members),
        }
    }

    fn covering_name(&self, attribute: &str, subject: Subject) -> UserSet {
        let Securable::Table(table) = subject.securable else { return UserSet::new() };
        let inventory = &self.program.inventory;
        let Some(holders) = inventory.directory.attributes.get(attribute) else { return UserSet::new() };
        let [database, schema, name] = inventory.catalog.path(table);
        let values = [
            format!("{database}.*"),
            format!("{database}.{schema}.*"),
            format!("{database}.{schema}.{name}"),
        ];
        values.iter().filter_map(|value| holders.get(value)).fold(UserSet::new(), |any, users| any | users)
    }

    fn approved(&self, by: Option<crate::inventory::GroupId>, subject: Subject) -> UserSet {
        let inventory = &self.program.inventory;
        let giver_counts = |giver: Option<&str>, user: UserId| {
            if giver == Some(inventory.directory.users[user].id.as_str()) {
                return false;
            }
            match by {
                None => true,
                Some(group) => giver
                    .and_then(|giver| inventory.directory.user(giver))
                    .is_some_and(|giver| inventory.directory.groups[group].members.contains(giver.raw())),
            }
        };
        inventory
            .approvals
            .iter()
            .filter(|each| each.securable == subject.securable && each.access == subject.access)
            .filter(|each| each.until.is_none_or(|until| self.at < until))
            .filter(|each| giver_counts(each.by.as_deref(), each.user))
            .map(|each| each.user.raw())
            .collect()
    }

    /// The active policies on an access, subscriptions first, by name, with those for whom each holds.
    pub fn reasons(&self, securable: Securable, access: Access) -> Vec<Reason> {
        let subject = Subject { securable, column: None, access };
        let program = self.program;
        let subscriptions = self
            .subscriptions
            .iter()
            .map(|id| (*id, &program.subscriptions[*id]))
            .filter(|(_, each)| each.allow.contains(access) && each.on.contains(securable))
            .map(|(id, each)| Reason {
                kind: PolicyKind::Subscription,
                policy: ReasonPolicy::Subscription(id, each.combine),
                holders: self.holders(each.to, subject),
            });
        let guardrails = self
            .guardrails
            .iter()
            .map(|id| (*id, &program.guardrails[*id]))
            .filter(|(_, each)| each.require.contains(access) && each.on.contains(securable))
            .map(|(id, each)| Reason {
                kind: PolicyKind::Guardrail,
                policy: ReasonPolicy::Guardrail(id),
                holders: self.holders(each.to, subject),
            });
        subscriptions.chain(guardrails).collect()
    }

    /// The users who may.
    pub fn may(&self, securable: Securable, access: Access) -> UserSet {
        combine(&self.everyone, &self.reasons(securable, access))
    }

    /// The masks on a column that concern somebody, the winner first: priority, then depth, then name.
    pub fn masks_on(&self, column: ColumnId) -> Vec<MaskOn> {
        let table = self.program.inventory.catalog.columns[column].table;
        let subject =
            Subject { securable: Securable::Table(table), column: Some(column), access: Access::Read };
        let mut masks: Vec<MaskOn> = self
            .masks
            .iter()
            .map(|id| (*id, &self.program.masks[*id]))
            .filter(|(_, mask)| mask.columns.contains(column.raw()))
            .map(|(id, mask)| MaskOn {
                mask: id,
                users: self.concerned(mask.applies, subject),
                rank: (mask.priority, mask.depth(column)),
            })
            .filter(|each| !each.users.is_empty())
            .collect();
        // A stable sort: masks of one rank stay in the order of their names.
        masks.sort_by_key(|each| std::cmp::Reverse(each.rank));
        masks
    }

    /// What one user sees of a column.
    pub fn mask_of(&self, user: UserId, column: ColumnId) -> MaskChoice {
        choose(self.program, &self.masks_on(column), user)
    }

    /// The users of the directory by what they see of a column; users without any mask are left out.
    pub fn mask_choices(&self, column: ColumnId) -> Vec<(MaskChoice, UserSet)> {
        let masks = self.masks_on(column);
        let mut groups: Vec<(MaskChoice, UserSet)> = Vec::new();
        let mut open: Vec<(MaskChoice, UserSet)> = vec![(MaskChoice::default(), self.everyone.clone())];
        for each in &masks {
            let unconditional = self.program.masks[each.mask].when.is_none();
            let mut next = Vec::with_capacity(open.len() + 1);
            for (choice, users) in open {
                let hit = &users & &each.users;
                let rest = users - &each.users;
                if !hit.is_empty() {
                    let mut choice = choice.clone();
                    if unconditional {
                        choice.mask = Some(each.mask);
                        groups.push((choice, hit));
                    } else {
                        choice.when.push(each.mask);
                        next.push((choice, hit));
                    }
                }
                if !rest.is_empty() {
                    next.push((choice, rest));
                }
            }
            open = next;
        }
        groups.extend(open.into_iter().filter(|(choice, _)| !choice.is_clear()));
        groups.sort_by(|left, right| left.0.cmp(&right.0));
        groups
    }

    /// The filters on a table that concern somebody, by name.
    pub fn filters_on(&self, table: TableId) -> Vec<(FilterId, UserSet)> {
        let subject = Subject { securable: Securable::Table(table), column: None, access: Access::Read };
        self.filters
            .iter()
            .map(|id| (*id, &self.program.filters[*id]))
            .filter(|(_, filter)| filter.tables.contains(table.raw()))
            .map(|(id, filter)| (id, self.concerned(filter.applies, subject)))
            .filter(|(_, users)| !users.is_empty())
            .collect()
    }

    /// Whom a mask or filter concerns.
    pub fn concerned(&self, applies: Applies, subject: Subject) -> UserSet {
        match applies {
            Applies::Everyone => self.everyone.clone(),
            Applies::Except(condition) => &self.everyone - self.holders(condition, subject),
            Applies::OnlyFor(condition) => self.holders(condition, subject),
        }
    }
}

fn active<'a, I: Copy>(policies: impl Iterator<Item = (I, &'a PolicyHead)>, at: Instant) -> Vec<I> {
    policies.filter(|(_, head)| head.window.holds(at)).map(|(id, _)| id).collect()
}

/// u may a o ⇔ S ∪ A is not empty, and (S is empty or some s in S holds for u), and every member of A holds,
/// and every member of G holds.
pub fn combine(everyone: &UserSet, reasons: &[Reason]) -> UserSet {
    let mut any: Option<UserSet> = None;
    let mut all: Option<UserSet> = None;
    let mut guards = everyone.clone();
    for reason in reasons {
        match reason.policy {
            ReasonPolicy::Subscription(_, Combine::Any) => {
                any = Some(any.unwrap_or_default() | &reason.holders);
            }
            ReasonPolicy::Subscription(_, Combine::All) => {
                all = Some(all.unwrap_or_else(|| everyone.clone()) & &reason.holders);
            }
            ReasonPolicy::Guardrail(_) => guards &= &reason.holders,
        }
    }
    match (any, all) {
        (None, None) => UserSet::new(),
        (Some(any), None) => any & guards,
        (None, Some(all)) => all & guards,
        (Some(any), Some(all)) => any & all & guards,
    }
}

/// The first mask without `when` that concerns the user ends the list; those with `when` before it are tried first.
fn choose(program: &Program, masks: &[MaskOn], user: UserId) -> MaskChoice {
    let mut choice = MaskChoice::default();
    for each in masks.iter().filter(|each| each.users.contains(user.raw())) {
        if program.masks[each.mask].when.is_none() {
            choice.mask = Some(each.mask);
            break;
        }
        choice.when.push(each.mask);
    }
    choice
}
