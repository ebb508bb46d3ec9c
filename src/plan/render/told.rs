//! Effects, bypasses and gaps in plain sentences, grouped: what all readable formats share.
//!
//! In: lists with one entry per (user, securable, …). Out: one sentence per group, the largest groups not first but the
//! order of names kept, so that the same plan reads the same. Texts are as they came: the formats escape them.
//! Cost: two passes and a sort per list.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::wire::{Bypass, Effect, Gap};

/// A group of effects as a sentence in pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sentence {
    /// `alice@acme.example`, `12 people (…)`.
    pub(super) who: String,
    /// `gains read on DB.S.T`.
    pub(super) what: String,
    /// `clear: C_FIRST_NAME`; may be empty.
    pub(super) detail: String,
    /// Where.
    pub(super) integration: String,
    /// How many (user, securable) it speaks of.
    pub(super) count: usize,
}

/// Who an entry is about.
pub(super) trait About {
    /// The user or account.
    fn user(&self) -> &str;
}

impl About for Effect {
    fn user(&self) -> &str {
        &self.user
    }
}

impl About for Bypass {
    fn user(&self) -> &str {
        &self.user
    }
}

/// How many different people.
pub(super) fn people<T: About>(list: &[T]) -> usize {
    list.iter().map(About::user).collect::<BTreeSet<_>>().len()
}

/// `1 integration`, `3 integrations`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The first few, and how many more.
pub(super) fn some(names: &[&str], shown: usize) -> String {
    let first = names.iter().take(shown).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(shown) {
        0 => first,
        left => format!("{first} … and {left} more"),
    }
}

/// Up to three by name, more by count.
fn several(names: &[&str], noun: &str) -> String {
    if names.len() <= 3 { names.join(", ") } else { format!("{} {noun} ({})", names.len(), some(names, 3)) }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Delta<'a> {
    access: Vec<&'a str>,
    columns: Vec<&'a str>,
    filters: Vec<&'a str>,
}

/// Gains or losses as sentences, most sweeping kind first: access, then what is seen.
pub(super) fn sentences(effects: &[Effect], gains: bool) -> Vec<Sentence> {
    let mut single: BTreeMap<(&str, &str, &str), Delta<'_>> = BTreeMap::new();
    for each in effects {
        let delta = single.entry((&each.integration, &each.object, &each.user)).or_default();
        if each.access_changes {
            delta.access.push(&each.access);
        }
        delta.columns.extend(each.columns_clear.iter().map(String::as_str));
        let filters = if gains { &each.filters_lifted } else { &each.filters_added };
        delta.filters.extend(filters.iter().flatten().map(String::as_str));
    }
    // Users who share all of it on one securable, then securables that share users and all of it.
    let mut users: BTreeMap<(&str, &str, Delta<'_>), Vec<&str>> = BTreeMap::new();
    for ((integration, object, user), delta) in single {
        users.entry((integration, object, delta)).or_default().push(user);
    }
    let mut objects: BTreeMap<(bool, &str, Vec<&str>, Delta<'_>), Vec<&str>> = BTreeMap::new();
    for ((integration, object, delta), users) in users {
        objects.entry((delta.access.is_empty(), integration, users, delta)).or_default().push(object);
    }
    objects
        .into_iter()
        .map(|((_, integration, users, delta), objects)| {
            let (what, detail) = words(&delta, &several(&objects, "securables"), gains, users.len() > 1);
            Sentence {
                who: several(&users, "people"),
                what,
                detail,
                integration: integration.to_owned(),
                count: users.len() * objects.len(),
            }
        })
        .collect()
}

fn words(delta: &Delta<'_>, object: &str, gains: bool, plural: bool) -> (String, String) {
    let verb = |one: &str| if plural { one.trim_end_matches('s').to_owned() } else { one.to_owned() };
    let columns = some(&delta.columns, 6);
    let sees = if plural { "see" } else { "sees" };
    if !delta.access.is_empty() {
        let access = delta.access.join(" and ");
        let what = if gains {
            format!("{} {access} on {object}", verb("gains"))
        } else {
            format!("{} {access} on {object}", if plural { "lose" } else { "loses" })
        };
        let detail = if gains && !columns.is_empty() { format!("clear: {columns}") } else { String::new() };
        return (what, detail);
    }
    let filters = some(&delta.filters, 6);
    let mut parts = Vec::new();
    if !delta.columns.is_empty() {
        parts.push(if gains {
            format!("{sees} clear text of {object}: {columns}")
        } else {
            format!("no longer {sees} clear text of {object}: {columns}")
        });
    }
    if !delta.filters.is_empty() {
        parts.push(if gains {
            format!("{sees} rows of {object} that {filters} hid")
        } else {
            format!("no longer {sees} the rows of {object} that {filters} hides")
        });
    }
    (parts.join("; "), String::new())
}

/// Bypasses of one kind: those of the same users through the same native facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// Who.
    pub(super) who: String,
    /// `read on DB.S.T`.
    pub(super) what: String,
    /// What it goes round.
    pub(super) policy: String,
    /// Through what.
    pub(super) native: String,
    /// Where.
    pub(super) integration: String,
    /// How many bypasses.
    pub(super) count: usize,
}

/// Bypasses, grouped.
pub(super) fn ways(bypasses: &[Bypass]) -> Vec<Way> {
    type Place<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);
    let mut users: BTreeMap<Place<'_>, Vec<&str>> = BTreeMap::new();
    for each in bypasses {
        let place: Place<'_> = (&each.integration, &each.object, &each.access, &each.policy, &each.native);
        users.entry(place).or_default().push(&each.user);
    }
    // One way opens many columns and tables at once: told once, with what it opens.
    type Opened<'a> = (Vec<&'a str>, &'a str, &'a str, &'a str);
    let mut opened: BTreeMap<Opened<'_>, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for ((integration, object, access, policy, native), users) in users {
        let (objects, policies) = opened.entry((users, integration, access, native)).or_default();
        objects.insert(object);
        policies.extend(policy.split(", "));
    }
    opened
        .into_iter()
        .map(|((users, integration, access, native), (objects, policies))| Way {
            who: several(&users, "people"),
            what: format!("{access} on {}", some(&objects.iter().copied().collect::<Vec<_>>(), 4)),
            policy: some(&policies.into_iter().collect::<Vec<_>>(), 4),
            native: native.to_owned(),
            integration: integration.to_owned(),
            count: users.len() * objects.len(),
        })
        .collect()
}

/// Gaps that say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GapGroup {
    /// The gap's kind.
    pub(super) code: String,
    /// Where.
    pub(super) integration: String,
    /// What cannot be enforced.
    pub(super) message: String,
    /// The policies whose wish it is.
    pub(super) policies: String,
    /// Securables or columns; may be empty.
    pub(super) objects: String,
    /// How many gaps.
    pub(super) count: usize,
}

/// Gaps, grouped by what they say.
pub(super) fn gap_groups(gaps: &[Gap]) -> Vec<GapGroup> {
    let mut groups: BTreeMap<(&str, &str, &str), Vec<&Gap>> = BTreeMap::new();
    for gap in gaps {
        groups.entry((&gap.integration, &gap.code, &gap.message)).or_default().push(gap);
    }
    let names = |gaps: &[&Gap], of: fn(&Gap) -> &str| {
        let names: BTreeSet<String> =
            gaps.iter().map(|gap| of(gap).to_owned()).filter(|name| !name.is_empty()).collect();
        some(&names.iter().map(String::as_str).collect::<Vec<_>>(), 3)
    };
    groups
        .into_iter()
        .map(|((integration, code, message), gaps)| GapGroup {
            code: code.to_owned(),
            integration: integration.to_owned(),
            message: message.to_owned(),
            policies: names(&gaps, |gap| &gap.policy),
            objects: names(&gaps, |gap| &gap.object),
            count: gaps.len(),
        })
        .collect()
}

/// `masking_policy` → `masking policies`.
pub(super) fn heading(kind: &str) -> String {
    let words = kind.replace('_', " ");
    match words.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{words}s"),
    }
}

/// The sign of an operation.
pub(super) fn sign(op: &str) -> char {
    match op {
        "add" => '+',
        "remove" => '-',
        _ => '~',
    }
}
