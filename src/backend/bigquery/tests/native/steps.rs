//! Law 4 between views and tables, and from one set of policies to another: after any prefix of a plan nobody has more than at one of
//! its ends.

use super::{USUAL, and};
use crate::backend::bigquery::BigQuery;
use crate::backend::bigquery::tests::{World, lines, with};
use crate::backend::contract::{Backend, Observed};
use crate::backend::fact::Symbols;
use crate::diagnostic::Diagnostics;
#[cfg(test)]
use crate::plan::{Side, diff::diff, exposure, order};

/// Walks the plan from one world to another, and gives its statements.
fn walk(old: &World, new: &World) -> Vec<String> {
    let mut symbols = Symbols::default();
    let (before, lowered) = (old.lower(&mut symbols), new.lower(&mut symbols));
    let observed = Observed { ours: before.facts.clone(), present: true, ..Observed::default() };
    let side = Side {
        integration: new.integration,
        backend: &BigQuery,
        accounts: &new.accounts,
        symbols: &symbols,
        lowered: &lowered,
        observed: &observed,
    };
    let inventory = &new.program.inventory;
    let changes = diff(&side, false).changes;
    let steps =
        order::order(inventory, &side, &changes, order::Order::NeverWider, &mut Diagnostics::new()).unwrap();
    let (mut facts, mut statements) = (before.facts.clone(), Vec::new());
    for step in &steps {
        facts = order::apply(&facts, step, &symbols);
        statements.extend(
            step.iter().map(|change| BigQuery.statement(inventory, new.integration, change, &symbols)),
        );
        let within = exposure::is_within(inventory, &side, &facts, [&before.facts, &lowered.facts]);
        assert!(within, "too wide after:\n{}", statements.join("\n"));
    }
    assert_eq!(lines(&facts, &symbols), lines(&lowered.facts, &symbols));
    statements
}

fn place(statements: &[String], part: &str) -> usize {
    let at = statements.iter().position(|each| each.contains(part));
    at.unwrap_or_else(|| panic!("{part}: {statements:#?}"))
}

const PLAIN: &str = r#"subscription readers { allow read on tables tagged Shop.Customer to user in group "staff" or user is "dave" }"#;

#[test]
fn policies_come_before_bindings_and_go_after_them() {
    let nothing = and("", "", &|_| {});
    let usual = and(USUAL, "", &|_| {});
    let building = walk(&nothing, &usual);
    let order =
        ["FILTER USING (FALSE)", "ALTER TABLE", "GRANT TO (", "FINE_GRAINED_READ", "dataViewer` ON TABLE"];
    let places = order.map(|part| place(&building, part));
    assert!(places.is_sorted(), "{building:#?}");
    let ending = walk(&usual, &nothing);
    let order =
        ["REVOKE `roles/", "REVOKE FINE", "data_policies = []", "dataPolicies.delete", "DROP FUNCTION"];
    let places = order.map(|part| place(&ending, part));
    assert!(places.is_sorted(), "{ending:#?}");
    let fence = ending.iter().rposition(|each| each.contains("DROP ALL ROW ACCESS POLICIES")).unwrap();
    assert!(place(&ending, "grantc_rows_") < fence && ending[fence].contains("grantc_fence_"), "{ending:#?}");
}

#[test]
fn filters_and_masks_come_and_go_over_live_tables() {
    let (plain, usual) = (and(PLAIN, "", &|_| {}), and(USUAL, "", &|_| {}));
    walk(&plain, &usual);
    walk(&usual, &plain);
}

#[test]
fn another_filter_takes_its_place_in_one_statement() {
    let other =
        USUAL.replace("in user attribute region", "= \"EMEA\"").replace("\"support\"", "\"analysts\"");
    let statements = walk(&and(USUAL, "", &|_| {}), &and(&other, "", &|_| {}));
    let policies = statements.iter().filter(|each| each.contains("ROW ACCESS POLIC")).count();
    assert_eq!(policies, 1, "{statements:#?}");
}

#[test]
fn views_give_way_to_policies_and_back() {
    let (views, tables) = (with(USUAL, "", &|_| {}), and(USUAL, "", &|_| {}));
    let there = walk(&views, &tables);
    assert!(place(&there, "DROP VIEW") > place(&there, "dataViewer` ON TABLE"), "{there:#?}");
    let back = walk(&tables, &views);
    assert!(
        place(&back, "REVOKE `roles/bigquery.dataViewer` ON TABLE") < place(&back, "DROP ALL"),
        "{back:#?}"
    );
}

#[test]
fn many_changes_of_policies_are_safe_at_every_step() {
    let masks = [
        "",
        "mask m { on columns tagged PII.Mail using null except user in group \"support\" }",
        "mask m { on columns tagged PII.Mail using keep last 4 only for user in group \"staff\" }",
    ];
    let filters = [
        "",
        "filter f { on tables tagged Shop.Customer rows where column region = \"EMEA\" except user in group \"analysts\" }",
        "filter f { on tables tagged Shop.Customer rows where column tagged Geo.Area in user attribute region }",
    ];
    let readers = ["anyone", "user in group \"staff\""];
    let mut worlds = Vec::new();
    for mask in masks {
        for filter in filters {
            for reader in readers {
                let text = format!(
                    "subscription r {{ allow read on tables tagged Shop.Customer to {reader} }} {mask} {filter}"
                );
                worlds.push(and(&text, "", &|_| {}));
            }
        }
    }
    for (at, old) in worlds.iter().enumerate() {
        for step in [1, 5, 7] {
            walk(old, &worlds[(at + step) % worlds.len()]);
        }
    }
}
