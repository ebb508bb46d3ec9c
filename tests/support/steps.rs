//! Law 4: after every step of a plan, everybody has what he had before or what he has after, and no more.

use std::collections::BTreeSet;

use grantc::backend::{Lowered, Lowering, Observed, Permits, RowsSeen};
use grantc::diagnostic::Diagnostics;
use grantc::inventory::directory::Access;
use grantc::inventory::{ColumnId, Securable, TableId};
use grantc::ir::Meaning;
use grantc::pipeline::World;
use grantc::plan::{self, Order, Side, exposure};

use super::case::{Case, each, names, unnamed_texts};

/// Every step between two worlds with one catalog, in both orders.
pub fn hold(before: &World, after: &World) {
    let meaning = Meaning::new(&before.program);
    each(after, &mut |case| {
        let mut case = super::round_trip::own(case);
        let was = lower(before, &meaning, &mut case);
        let observed = Observed { ours: was.facts.clone(), present: true, ..Observed::default() };
        let lowered = Lowered { facts: case.facts.clone(), gaps: Vec::new() };
        let side = Side {
            integration: case.integration,
            backend: case.backend,
            accounts: &case.accounts,
            symbols: &case.symbols,
            lowered: &lowered,
            observed: &observed,
        };
        let diff = plan::diff::diff(&side, false);
        assert!(diff.blocked.is_empty() && diff.withheld.is_empty(), "nothing foreign is here");
        for order in [Order::NeverWider, Order::NeverNarrower] {
            let mut said = Diagnostics::new();
            let steps = plan::order::order(case.inventory(), &side, &diff.changes, order, &mut said).unwrap();
            let (first, last) = (Exposed::of(&case, &was.facts), Exposed::of(&case, &case.facts));
            let mut facts = was.facts.clone();
            for (at, step) in steps.iter().enumerate() {
                facts = plan::order::apply(&facts, step, &case.symbols);
                let story = || {
                    let told = |change| {
                        case.backend.statement(case.inventory(), case.integration, change, &case.symbols)
                    };
                    let lines = steps.iter().take(at + 1).flatten().map(told);
                    format!("{} {order:?}, after:\n{}", case.name(), lines.collect::<Vec<_>>().join("\n"))
                };
                Exposed::of(&case, &facts).is_within(&first, &last, &story);
            }
            // What the platform may keep though nothing asks for it is as good as what is desired.
            let settled = facts.iter().map(|fact| {
                let wanted = case.facts.iter().find(|wanted| wanted.key == fact.key);
                *wanted.filter(|wanted| case.backend.same(wanted, fact, &case.symbols)).unwrap_or(fact)
            });
            assert_eq!(
                unnamed_texts(&settled.collect::<Vec<_>>(), &case.symbols),
                unnamed_texts(&case.facts, &case.symbols),
                "{}: the plan leads elsewhere",
                case.name()
            );
        }
    });
}

fn lower(before: &World, meaning: &Meaning<'_>, case: &mut Case<'_>) -> Lowered {
    let accounts = grantc::inventory::Accounts::of(&before.program.inventory, case.integration);
    let lowering = Lowering {
        program: &before.program,
        meaning,
        integration: case.integration,
        accounts: &accounts,
        salted: before.project.salt.is_some(),
    };
    let mut said = Diagnostics::new();
    case.backend.lower(&lowering, &mut case.symbols, &mut said).unwrap()
}

/// Everything that a state exposes, by names.
struct Exposed {
    may: BTreeSet<(Securable, Access, String)>,
    clear: BTreeSet<(ColumnId, String)>,
    always: BTreeSet<(ColumnId, String)>,
    /// Table, account, and the filters that stand before it.
    filters: Vec<(TableId, String, BTreeSet<String>)>,
}

impl Exposed {
    fn of(case: &Case<'_>, facts: &[grantc::backend::Fact]) -> Exposed {
        let permits = case.permits(facts);
        let permits: &dyn Permits = permits.as_ref();
        let mut exposed = Exposed {
            may: BTreeSet::new(),
            clear: BTreeSet::new(),
            always: BTreeSet::new(),
            filters: Vec::new(),
        };
        for securable in case.securables() {
            for access in Access::ALL {
                let may = names(permits, &permits.may(securable, access));
                exposed.may.extend(may.into_iter().map(|name| (securable, access, name)));
            }
            let Securable::Table(table) = securable else { continue };
            for column in &case.inventory().catalog.tables[table].columns {
                let readers = permits.may(securable, Access::Read);
                let seen = exposure::clear(permits, &readers, *column);
                let sometimes = names(permits, &seen.sometimes);
                exposed.clear.extend(sometimes.into_iter().map(|name| (*column, name)));
                let always = names(permits, &seen.always);
                exposed.always.extend(always.into_iter().map(|name| (*column, name)));
            }
            let rows = permits.rows(table);
            for raw in permits.may(securable, Access::Read) {
                let stand =
                    rows.iter().filter(|(_, set)| set.contains(raw)).flat_map(|(seen, _)| match seen {
                        RowsSeen::All => Vec::new(),
                        RowsSeen::Filtered(names) => names.clone(),
                    });
                let name = permits.accounts()[raw as usize].clone();
                exposed.filters.push((table, name, stand.collect()));
            }
        }
        exposed
    }

    fn is_within(&self, before: &Exposed, after: &Exposed, story: &dyn Fn() -> String) {
        for each in &self.may {
            assert!(before.may.contains(each) || after.may.contains(each), "access {each:?}: {}", story());
        }
        for each in &self.clear {
            assert!(before.clear.contains(each) || after.clear.contains(each), "clear {each:?}: {}", story());
        }
        for each in &self.always {
            let was = before.always.contains(each) || after.always.contains(each);
            assert!(was, "always clear {each:?}: {}", story());
        }
        for (table, account, stand) in &self.filters {
            let same = |ends: &Exposed| {
                ends.filters
                    .iter()
                    .any(|(on, of, filters)| on == table && of == account && filters.is_subset(stand))
            };
            assert!(same(before) || same(after), "rows {table:?} {account} {stand:?}: {}", story());
        }
    }
}
