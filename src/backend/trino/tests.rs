//! What rules mean that we would never write: the order of rules, absent sections, users and roles by name, patterns of Java.
//!
//! What these cannot show: that Trino reads rules as we do; `tests/conformance` asks it.

use super::Trino;
use crate::backend::contract::{Backend, Permits, RowsSeen};
use crate::backend::fact::Symbols;
use crate::backend::testing::World;
use crate::inventory::directory::Access;
use crate::inventory::integration::{AccountTemplate, TemplatePart};
use crate::inventory::{ColumnId, Securable, TableId};

fn with_visits<T>(
    rules: &str,
    groups: &str,
    test: impl FnOnce(&dyn Permits, TableId, &[ColumnId]) -> T,
) -> T {
    let world = World::new(&Trino, ("", "tr"), "", &|settings| {
        settings.user_template = Some(AccountTemplate { parts: vec![TemplatePart::Id(Vec::new())] });
    });
    let mut symbols = Symbols::default();
    let observed = world.observe(&[("rules.json", rules), ("groups.txt", groups)], &mut symbols).unwrap();
    let inventory = &world.program.inventory;
    let permits = Trino.permits(inventory, world.integration, &observed.foreign, &symbols, &world.accounts);
    let catalog = &inventory.catalog;
    let visits = catalog.tables.ids().find(|id| catalog.path(*id) == ["hive", "web", "visits"]).unwrap();
    test(permits.as_ref(), visits, &catalog.tables[visits].columns)
}

/// Who may read / write `hive.web.visits`.
fn who(rules: &str, groups: &str) -> String {
    with_visits(rules, groups, |permits, visits, _| {
        let of = |access| {
            let may = permits.may(Securable::Table(visits), access);
            let names = may.iter().map(|raw| permits.accounts()[raw as usize].clone());
            let names: Vec<String> = names.collect();
            for name in permits.accounts() {
                let ways = permits.through(name, Securable::Table(visits), access);
                assert_eq!(ways.is_empty(), !names.contains(name), "{name}: {ways:?}");
            }
            names.join(" ")
        };
        format!("{} / {}", of(Access::Read), of(Access::Write))
    })
}

/// Table rules behind a catalog rule that opens everything.
fn tables(rules: &str) -> String {
    format!(r#"{{"catalogs": [{{"allow": "all"}}], "schemas": [], "tables": [{rules}]}}"#)
}

const GROUPS: &str = "analysts:alice,bob\nops:carol\n";
const ALL: &str = "alice bob carol dave dpo";

#[test]
fn the_first_rule_that_matches_decides() {
    let readers = r#"{"group": "analysts", "privileges": ["SELECT"]}"#;
    let none = r#"{"user": "bob", "privileges": []}"#;
    assert_eq!(who(&tables(readers), GROUPS), "alice bob / ");
    assert_eq!(who(&tables(&format!("{none}, {readers}")), GROUPS), "alice / ");
    assert_eq!(who(&tables(&format!("{readers}, {none}")), GROUPS), "alice bob / ");
    // By its path, whole or not at all.
    let about =
        |key: &str, name: &str| tables(&format!(r#"{{"{key}": "{name}", "privileges": ["SELECT"]}}"#));
    for (key, name) in [("catalog", "hive"), ("schema", "web"), ("table", "visits")] {
        assert_eq!(who(&about(key, name), GROUPS), format!("{ALL} / "));
        assert_eq!(who(&about(key, "other"), GROUPS), " / ");
    }
    // A rule about exactly this table stands in its place among those about many.
    let exact = r#"{"catalog": "\\Qhive\\E", "schema": "\\Qweb\\E", "table": "\\Qvisits\\E", "privileges": ["SELECT"]}"#;
    let elsewhere = r#"{"catalog": "\\Qhive\\E", "schema": "\\Qweb\\E", "table": "\\Qclicks\\E", "privileges": ["SELECT"]}"#;
    assert_eq!(who(&tables(exact), GROUPS), format!("{ALL} / "));
    assert_eq!(who(&tables(elsewhere), GROUPS), " / ");
    assert_eq!(who(&tables(&format!("{none}, {exact}")), GROUPS), "alice carol dave dpo / ");
    assert_eq!(who(&tables(&format!("{exact}, {none}")), GROUPS), format!("{ALL} / "));
}

#[test]
fn what_may_match_counts_for_what_it_gives() {
    // A role is the session's, and a look-ahead only Java reads: others may match behind.
    let role = r#"{"role": "admin", "privileges": ["INSERT"]}"#;
    let java = r#"{"user": "(?=a).*", "privileges": ["INSERT"]}"#;
    let readers = r#"{"group": "analysts", "privileges": ["SELECT"]}"#;
    assert_eq!(who(&tables(role), GROUPS), format!(" / {ALL}"));
    assert_eq!(who(&tables(&format!("{java}, {readers}")), GROUPS), format!("alice bob / {ALL}"));
    // No pattern of groups matches who has none.
    assert_eq!(who(&tables(r#"{"group": ".*", "privileges": ["SELECT"]}"#), GROUPS), "alice bob carol / ");
    // Who is named is asked about though nobody knows him.
    let mallory = r#"{"user": "mallory", "privileges": ["SELECT"]}"#;
    assert_eq!(who(&tables(mallory), GROUPS), "mallory / ");
}

#[test]
fn a_catalog_opens_before_its_tables() {
    let with = |allow: &str, privileges: &str| {
        format!(
            r#"{{"catalogs": [{{"user": "alice", "catalog": "hive", "allow": {allow}}}, {{"user": "bob", "catalog": "other", "allow": "all"}}], "schemas": [], "tables": [{{"privileges": [{privileges}]}}]}}"#
        )
    };
    for (allow, read, write) in [
        (r#""all""#, "alice", "alice"),
        (r#""read-only""#, "alice", ""),
        (r#""none""#, "", ""),
        ("true", "alice", "alice"),
        ("false", "", ""),
    ] {
        let all = r#""SELECT", "DELETE""#;
        assert_eq!(who(&with(allow, all), GROUPS), format!("{read} / {write}"), "{allow}");
    }
    for (privilege, wanted) in [
        ("SELECT", "alice / "),
        ("GRANT_SELECT", "alice / "),
        ("INSERT", " / alice"),
        ("UPDATE", " / alice"),
        ("DELETE", " / alice"),
        ("OWNERSHIP", " / alice"),
        ("UNKNOWN", " / "),
    ] {
        assert_eq!(who(&with(r#""all""#, &format!("\"{privilege}\"")), GROUPS), wanted);
    }
    // Trino refuses to write through masks.
    let masked = r#"{"privileges": ["SELECT", "INSERT"], "columns": [{"name": "ip", "mask": "NULL"}]}"#;
    assert_eq!(who(&tables(masked), GROUPS), format!("{ALL} / "));
    let named = r#"{"privileges": ["SELECT", "INSERT"], "columns": [{"name": "ip"}]}"#;
    assert_eq!(who(&tables(named), GROUPS), format!("{ALL} / {ALL}"));
}

#[test]
fn an_absent_section_opens() {
    assert_eq!(who("{}", ""), format!("{ALL} / {ALL}"));
    assert_eq!(
        who(r#"{"catalogs": [{"user": "alice", "allow": "all"}], "schemas": []}"#, ""),
        "alice / alice"
    );
    assert_eq!(
        who(r#"{"schemas": [], "tables": [{"user": "alice", "privileges": ["SELECT"]}]}"#, ""),
        "alice / "
    );
    assert_eq!(who(r#"{"catalogs": [], "schemas": [], "tables": []}"#, ""), " / ");
}

#[test]
fn ways_name_the_rule_by_whom_it_names() {
    let ways = |rules: &str, account: &str| {
        with_visits(rules, GROUPS, |permits, visits, _| {
            permits.through(account, Securable::Table(visits), Access::Read)
        })
    };
    let rules = tables(
        r#"{"user": "bob", "privileges": ["SELECT"]}, {"group": "\\Qops\\E|\\Qanalysts\\E", "privileges": ["SELECT", "INSERT"]}, {"privileges": ["SELECT"]}"#,
    );
    let catalogs = "catalogs rule for everyone: \"all\"";
    assert_eq!(ways(&rules, "alice"), [catalogs, "tables rule for group analysts: SELECT, INSERT"]);
    assert_eq!(ways(&rules, "carol"), [catalogs, "tables rule for group ops: SELECT, INSERT"]);
    assert_eq!(ways(&rules, "bob"), [catalogs, "tables rule for user bob: SELECT"]);
    assert_eq!(ways(&rules, "dave"), [catalogs, "tables rule for everyone: SELECT"]);
    assert_eq!(ways(&rules, "nobody"), [""; 0]);
    assert_eq!(ways(&tables(r#"{"user": "bob", "privileges": ["SELECT"]}"#), "alice"), [""; 0]);
    let open = "rules.json lacks a section, which lets everyone do everything";
    assert_eq!(ways("{}", "alice"), [open]);
    assert_eq!(ways(r#"{"catalogs": [{"allow": "all"}]}"#, "alice"), [open, catalogs]);
    assert_eq!(
        ways(r#"{"tables": [{"privileges": ["SELECT"]}]}"#, "alice"),
        [open, "tables rule for everyone: SELECT"]
    );
}

#[test]
fn masks_and_filters_are_those_of_the_rules_that_may_decide() {
    let seen = |rules: &str| {
        with_visits(&tables(rules), GROUPS, |permits, visits, columns| {
            let names = |of: &roaring::RoaringBitmap| {
                of.iter().map(|raw| permits.accounts()[raw as usize].clone()).collect::<Vec<_>>().join(" ")
            };
            let seen: Vec<String> = columns
                .iter()
                .flat_map(|column| permits.columns(*column))
                .map(|(seen, of)| format!("{seen:?}: {}", names(&of)))
                .collect();
            let rows = permits.rows(visits).into_iter().map(|(seen, of)| match seen {
                RowsSeen::Filtered(_) => format!("filtered: {}", names(&of)),
                RowsSeen::All => format!("all: {}", names(&of)),
            });
            seen.into_iter().chain(rows).collect::<Vec<_>>()
        })
    };
    let hidden =
        r#"{"user": "alice", "privileges": ["SELECT"], "columns": [{"name": "ip", "allow": false}]}"#;
    assert_eq!(seen(hidden), ["Masked: alice"]);
    let shown = r#"{"user": "alice", "privileges": ["SELECT"], "columns": [{"name": "ip", "allow": true}]}"#;
    assert_eq!(seen(shown), [""; 0]);
    let masked = r#"{"user": "alice", "privileges": ["SELECT"], "columns": [{"name": "ip", "mask": "NULL"}], "filter": "false"}"#;
    assert_eq!(seen(masked), ["Masked: alice", "filtered: alice"]);
    // Who does not read sees nothing of it.
    let unread = r#"{"user": "alice", "privileges": [], "columns": [{"name": "ip", "mask": "NULL"}], "filter": "false"}"#;
    assert_eq!(seen(unread), [""; 0]);
    // A rule that may match shows the column, the one behind it masks it.
    let role = r#"{"role": "admin", "privileges": ["SELECT"]}"#;
    assert_eq!(seen(&format!("{role}, {masked}")), ["Sometimes: alice"]);
    // A mask under a name in capitals stands on no column.
    assert_eq!(seen(&masked.replace("\"ip\"", "\"IP\"")), ["filtered: alice"]);
}
