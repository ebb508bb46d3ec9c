//! A platform that fits on one page, so that laws about plans are judged by something other than the backends.
//!
//! Facts are lines: `role R` · `read T R` · `write T R` · `member R P` · `policy P R` (a mask that R sees through) ·
//! `mask T.C P` · `filter T F` · `tag T.C V` (counts late, and no mask may stand beside it). `foreign ` before a line: not ours. Tables are named by their last part.

use std::collections::BTreeSet;

use roaring::RoaringBitmap;

use crate::backend::fact::{FactKey, sort_by_text};
use crate::backend::state::Reading;
use crate::backend::{
    Artefact, Backend, Capabilities, Change, Fact, FactKind, Lowered, Lowering, Observed, Op, Permits, Phase,
    RowsSeen, Seen, Symbols,
};
use crate::diagnostic::{Diagnostics, Reported};
use crate::inventory::directory::Access;
use crate::inventory::{Accounts, ColumnId, IntegrationId, Inventory, Securable, TableId};

/// The platform.
pub(super) struct Fake;

/// A fact of a line.
pub(super) fn fact(line: &str, symbols: &mut Symbols) -> Fact {
    let words: Vec<&str> = line.split(' ').collect();
    let (kind, privilege, object, grantee, body) = match words.as_slice() {
        ["role", role] => (FactKind::Role, "", *role, "", ""),
        ["role", role, body] => (FactKind::Role, "", *role, "", *body),
        [access @ ("read" | "write" | "odd"), table, role] => (FactKind::Grant, *access, *table, *role, ""),
        ["member", role, principal] => (FactKind::Membership, "", *role, *principal, ""),
        ["policy", policy, role] => (FactKind::MaskingPolicy, "", *policy, "", *role),
        ["mask", column, policy] => (FactKind::MaskAttachment, "", *column, "", *policy),
        ["filter", table, filter] => (FactKind::RowAttachment, "", *table, "", *filter),
        ["tag", column, value] => (FactKind::Rule, "", *column, "", *value),
        _ => panic!("no such fact: {line}"),
    };
    let policies = symbols.intern("readers, own_region");
    let (privilege, object) = (symbols.intern(privilege), symbols.intern(object));
    let (grantee, body) = (symbols.intern(grantee), symbols.intern(body));
    Fact { key: FactKey { kind, privilege, object, grantee }, body, policies }
}

/// The line of a fact.
pub(super) fn line(fact: &Fact, symbols: &Symbols) -> String {
    let text = |symbol| symbols.text(symbol);
    let (object, grantee, body) = (text(fact.key.object), text(fact.key.grantee), text(fact.body));
    match fact.key.kind {
        FactKind::Role => format!("role {object} {body}").trim_end().to_owned(),
        FactKind::Grant => format!("{} {object} {grantee}", text(fact.key.privilege)),
        FactKind::Membership => format!("member {object} {grantee}"),
        FactKind::MaskingPolicy => format!("policy {object} {body}"),
        FactKind::MaskAttachment => format!("mask {object} {body}"),
        FactKind::RowAttachment => format!("filter {object} {body}"),
        FactKind::Rule => format!("tag {object} {body}"),
        other => panic!("no such fact: {other:?}"),
    }
}

/// Both sets of facts of some lines.
pub(super) fn state(desired: &str, observed: &str, symbols: &mut Symbols) -> (Lowered, Observed) {
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    let facts = lines(desired).iter().map(|line| fact(line, symbols)).collect();
    let mut lowered = Lowered { facts, ..Lowered::default() };
    let mut seen = Observed { present: true, ..Observed::default() };
    for line in lines(observed) {
        match line.strip_prefix("foreign ") {
            Some(foreign) => seen.foreign.push(fact(foreign, symbols)),
            None => seen.ours.push(fact(&line, symbols)),
        }
    }
    for facts in [&mut lowered.facts, &mut seen.ours, &mut seen.foreign] {
        sort_by_text(facts, symbols);
    }
    (lowered, seen)
}

/// What facts mean, as lines: `alice read T`, `alice clear T.C`, `alice rows T past F` for each filter of all that does
/// not stand before alice. This is the judge of the laws, and knows nothing of bitmaps.
pub(super) fn seen(facts: &[Fact], symbols: &Symbols, users: &[&str], columns: &[&str]) -> BTreeSet<String> {
    let lines: BTreeSet<String> = facts.iter().map(|fact| line(fact, symbols)).collect();
    let of = |kind: &str, first: &str| -> Option<String> {
        lines.iter().find_map(|line| line.strip_prefix(&format!("{kind} {first} ")).map(str::to_owned))
    };
    let mut seen = BTreeSet::new();
    for user in users {
        let roles = roles(&lines, user);
        let may = |access: &str, table: &str| {
            roles.iter().any(|role| lines.contains(&format!("{access} {table} {role}")))
        };
        let mut tables: Vec<&str> = columns.iter().map(|column| column.split_once('.').unwrap().0).collect();
        tables.dedup();
        for table in tables {
            for access in ["read", "write"].into_iter().filter(|access| may(access, table)) {
                seen.insert(format!("{user} {access} {table}"));
            }
            let filter = of("filter", table);
            for other in ["F1", "F2"].into_iter().filter(|other| filter.as_deref() != Some(*other)) {
                if may("read", table) {
                    seen.insert(format!("{user} rows {table} past {other}"));
                }
            }
        }
        for column in columns.iter().filter(|column| may("read", column.split_once('.').unwrap().0)) {
            let masked = of("mask", column)
                .is_some_and(|policy| of("policy", &policy).is_none_or(|role| !roles.contains(&role)));
            if !masked {
                seen.insert(format!("{user} clear {column}"));
            }
        }
    }
    seen
}

/// The roles of a principal, through roles.
fn roles(lines: &BTreeSet<String>, principal: &str) -> BTreeSet<String> {
    let (mut roles, mut open) = (BTreeSet::new(), vec![principal.to_owned()]);
    while let Some(member) = open.pop() {
        for line in lines {
            if let ["member", role, of] = line.split(' ').collect::<Vec<_>>().as_slice()
                && *of == member
                && roles.insert((*role).to_owned())
            {
                open.push((*role).to_owned());
            }
        }
    }
    roles
}

struct Meaning<'a> {
    inventory: &'a Inventory,
    accounts: Vec<String>,
    lines: BTreeSet<String>,
}

impl Meaning<'_> {
    fn those(&self, holds: impl Fn(&BTreeSet<String>) -> bool) -> RoaringBitmap {
        (0_u32..)
            .zip(&self.accounts)
            .filter(|(_, account)| holds(&roles(&self.lines, account)))
            .map(|(raw, _)| raw)
            .collect()
    }

    fn table(&self, securable: Securable) -> String {
        match securable {
            Securable::Table(table) => self.inventory.catalog.tables[table].name.clone(),
            Securable::DataSource(_) => String::new(),
        }
    }

    fn of(&self, kind: &str, first: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| line.strip_prefix(&format!("{kind} {first} ")))
    }
}

impl Permits for Meaning<'_> {
    fn accounts(&self) -> &[String] {
        &self.accounts
    }
    fn may(&self, securable: Securable, access: Access) -> RoaringBitmap {
        let (table, word) = (self.table(securable), access.word());
        self.those(|roles| roles.iter().any(|role| self.lines.contains(&format!("{word} {table} {role}"))))
    }
    fn columns(&self, column: ColumnId) -> Vec<(Seen, RoaringBitmap)> {
        let column = &self.inventory.catalog.columns[column];
        let name = format!("{}.{}", self.table(Securable::Table(column.table)), column.name);
        let Some(policy) = self.of("mask", &name) else { return Vec::new() };
        let through = self.of("policy", policy);
        vec![(Seen::Masked, self.those(|roles| through.is_none_or(|role| !roles.contains(role))))]
    }
    fn rows(&self, table: TableId) -> Vec<(RowsSeen, RoaringBitmap)> {
        let filter = self.of("filter", &self.table(Securable::Table(table)));
        let seen = filter.map(|filter| RowsSeen::Filtered(vec![filter.to_owned()]));
        seen.map(|seen| (seen, self.those(|_| true))).into_iter().collect()
    }
    fn through(&self, account: &str, securable: Securable, access: Access) -> Vec<String> {
        let table = self.table(securable);
        let grants = roles(&self.lines, account).into_iter();
        grants
            .map(|role| format!("{} {table} {role}", access.word()))
            .filter(|line| self.lines.contains(line))
            .collect()
    }
}

impl Backend for Fake {
    fn capabilities(&self) -> &'static Capabilities {
        crate::backend::of(crate::inventory::Platform::Trino).unwrap().capabilities()
    }
    fn lower(&self, _: &Lowering<'_>, _: &mut Symbols, _: &mut Diagnostics) -> Result<Lowered, Reported> {
        Ok(Lowered::default())
    }
    fn observe(
        &self,
        _: &Inventory,
        _: IntegrationId,
        _: Reading<'_>,
        _: Option<&str>,
        _: &mut Symbols,
    ) -> Result<Observed, Reported> {
        Ok(Observed::default())
    }
    fn emit(
        &self,
        _: &Inventory,
        _: IntegrationId,
        _: &[Fact],
        _: &Symbols,
        _: Option<&str>,
    ) -> Vec<Artefact> {
        Vec::new()
    }
    fn state(
        &self,
        _: &Inventory,
        _: IntegrationId,
        _: &[Fact],
        _: &Symbols,
        _: Option<&str>,
    ) -> Vec<Artefact> {
        Vec::new()
    }
    fn permits<'a>(
        &self,
        inventory: &'a Inventory,
        _: IntegrationId,
        facts: &[Fact],
        symbols: &'a Symbols,
        accounts: &Accounts,
    ) -> Box<dyn Permits + 'a> {
        let lines: BTreeSet<String> = facts.iter().map(|fact| line(fact, symbols)).collect();
        let mut names: BTreeSet<String> = accounts.accounts.values().map(|each| each.name.clone()).collect();
        let is_role = |name: &str| name.starts_with('R');
        names.extend(
            facts
                .iter()
                .filter(|fact| fact.key.kind == FactKind::Membership)
                .map(|fact| symbols.text(fact.key.grantee).to_owned())
                .filter(|name| !is_role(name)),
        );
        Box::new(Meaning { inventory, accounts: names.into_iter().collect(), lines })
    }
    fn statement(&self, _: &Inventory, _: IntegrationId, change: &Change, symbols: &Symbols) -> String {
        let verb = if change.op == Op::Remove { "REVOKE" } else { "GRANT" };
        format!("{verb} {}", line(&change.fact, symbols))
    }
    fn title(&self, fact: &Fact, symbols: &Symbols) -> String {
        line(fact, symbols)
    }
    fn phase(&self, change: &Change, _: &Symbols) -> Phase {
        match (change.fact.key.kind, change.op) {
            (FactKind::Grant | FactKind::Membership, Op::Remove) => Phase::Withdraw,
            (FactKind::Grant | FactKind::Membership, _) => Phase::Expose,
            (FactKind::MaskAttachment | FactKind::RowAttachment, Op::Remove) => Phase::Unprotect,
            (FactKind::MaskAttachment | FactKind::RowAttachment | FactKind::Rule, _) => Phase::Protect,
            (FactKind::MaskingPolicy, Op::Replace) => Phase::Protect,
            (_, Op::Remove) => Phase::Dismantle,
            (_, _) => Phase::Prepare,
        }
    }
    fn needs(&self, fact: &Fact, symbols: &Symbols) -> Vec<String> {
        if fact.key.kind == FactKind::MaskAttachment {
            return vec![symbols.text(fact.body).to_owned()];
        }
        Vec::new()
    }
    fn atomic(&self, _: &Fact) -> bool {
        false
    }
    fn understood(&self, fact: &Fact, symbols: &Symbols) -> bool {
        symbols.text(fact.key.privilege) != "odd"
    }
    fn concerns(&self, fact: &Fact, symbols: &Symbols) -> Option<String> {
        let object = symbols.text(fact.key.object);
        match fact.key.kind {
            FactKind::MaskAttachment | FactKind::Rule => Some(object.split_once('.').unwrap().0.to_owned()),
            FactKind::MaskingPolicy => Some(format!("policy {object}")),
            _ => Some(object.to_owned()),
        }
    }
    fn rival(&self, desired: &Fact, _: &Symbols) -> Option<FactKey> {
        let tag = desired.key.kind == FactKind::Rule;
        tag.then_some(FactKey { kind: FactKind::MaskAttachment, ..desired.key })
    }
    fn settles(&self, change: &Change, _: &Symbols) -> Option<&'static str> {
        (change.fact.key.kind == FactKind::Rule).then_some("a while")
    }
}
