//! What a program becomes.

use super::{lines, world, world_of};
use crate::backend::fact::Symbols;
use crate::inventory::integration::{Enforcement, Strategy};

/// The facts of a program, without their hashes.
fn check(policies: &str, expected: &[&str]) {
    let (world, mut symbols) = (world(policies), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let lines: Vec<String> = lines(&lowered.facts, &symbols).iter().map(|line| unhashed(line)).collect();
    assert_eq!(lines, expected, "{:?}", lowered.gaps);
}

/// `_1a2b3c4d` becomes `_#`.
fn unhashed(text: &str) -> String {
    let mut out = String::new();
    for part in text.split_inclusive('"') {
        let name = part.trim_end_matches('"');
        match name.rsplit_once('_') {
            Some((stem, hash)) if hash.len() == 8 && hash.chars().all(|each| each.is_ascii_hexdigit()) => {
                out.push_str(&part.replace(name, &format!("{stem}_#")));
            }
            _ => out.push_str(part),
        }
    }
    out
}

#[test]
fn a_class_is_a_role_that_reads_views_and_nothing_else() {
    check(
        "subscription r { allow read on tables tagged Shop.Customer to user in group \"analysts\" or user is \"dave\" }",
        &[
            "role ROLE \"grantc_r_#\"",
            "view VIEW \"secure\".\"dbo_Customer\"",
            "grant SELECT VIEW \"secure\".\"dbo_Customer\" ROLE \"grantc_r_#\"",
            "membership ROLE \"grantc_r_#\" USER \"alice\"",
            "membership ROLE \"grantc_r_#\" USER \"dave\"",
        ],
    );
}

#[test]
fn names_that_could_be_anothers_end_with_a_hash() {
    check(
        "subscription r { allow read on tables of integration sy to user is \"dave\" }",
        &[
            "role ROLE \"grantc_r_#\"",
            "view VIEW \"secure\".\"dbo_Customer\"",
            "view VIEW \"secure\".\"dbo_eu_Customer_#\"",
            "view VIEW \"secure\".\"dbo_odd]name 'x'\"",
            "grant SELECT VIEW \"secure\".\"dbo_Customer\" ROLE \"grantc_r_#\"",
            "grant SELECT VIEW \"secure\".\"dbo_eu_Customer_#\" ROLE \"grantc_r_#\"",
            "grant SELECT VIEW \"secure\".\"dbo_odd]name 'x'\" ROLE \"grantc_r_#\"",
            "membership ROLE \"grantc_r_#\" USER \"dave\"",
        ],
    );
}

/// What is told of the only table.
fn unnameable(table: &str, why: &str) {
    let catalog = format!("integration sy Azure Synapse Analytics\n{table}\n");
    let world =
        world_of(&catalog, "subscription r { allow read on tables of integration sy to user is \"dave\" }");
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols);
    assert!(lowered.facts.is_empty(), "{:?}", lines(&lowered.facts, &symbols));
    let told: Vec<&str> = lowered.gaps.iter().map(|gap| gap.message.as_str()).collect();
    assert!(matches!(told.as_slice(), [told] if told.contains(why)), "{told:?}");
}

#[test]
fn what_a_pool_cannot_show_is_nobodys() {
    unnameable(
        "table sy Archive.dbo.t: Id bigint",
        "views of `shop` cannot read another database (`Archive`)",
    );
    unnameable("table sy Shop.dbo.\"a$(b)\": Id bigint", "which clients take for a variable");
    let columns: Vec<String> = (0..1_025).map(|at| format!("c{at} int")).collect();
    unnameable(&format!("table sy Shop.dbo.t: {}", columns.join("; ")), "1024 columns at most");
}

#[test]
fn more_texts_than_an_expression_has_are_refused() {
    let texts: Vec<String> = (0..20_001).map(|at| format!("\"{at}\"")).collect();
    let world = world(&format!(
        "subscription r {{ allow read on tables tagged Shop.Customer to user is \"dave\" }}
         filter f {{ on tables tagged Shop.Customer rows where column tagged Geo.Area in [{}] }}",
        texts.join(", ")
    ));
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols);
    assert!(lowered.facts.is_empty(), "{:?}", lines(&lowered.facts, &symbols).len());
    assert!(lowered.gaps.iter().any(|gap| gap.message.contains("40003 texts")), "{:?}", lowered.gaps);
}

#[test]
fn long_names_are_cut_and_hashed_by_their_units() {
    let long = "é😀".repeat(60);
    let catalog =
        format!("integration sy Azure Synapse Analytics\ntable sy Shop.dbo.\"{long}\": Id bigint\n");
    let world =
        world_of(&catalog, "subscription r { allow read on tables of integration sy to user is \"dave\" }");
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols);
    let lines = lines(&lowered.facts, &symbols);
    let name = lines.iter().find_map(|line| line.strip_prefix("view VIEW \"secure\".\"")).unwrap();
    assert!(name.starts_with("dbo_é😀"), "{name}");
    assert!((126..=128).contains(&(name.encode_utf16().count() - 1)), "{name}");
}

#[test]
fn writing_is_refused_with_a_gap_and_brings_no_fact() {
    let world = world("subscription w { allow write on tables tagged Shop.Customer to user is \"dave\" }");
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols);
    assert!(lowered.facts.is_empty(), "{:?}", lines(&lowered.facts, &symbols));
    let told: Vec<(&str, &str)> =
        lowered.gaps.iter().map(|gap| (gap.code.name(), gap.object.as_str())).collect();
    assert_eq!(told, [("write-refused", "Shop.dbo.Customer")]);
}

#[test]
fn what_synapse_does_not_have_is_refused_before_anything() {
    let mut world = world("subscription r { allow read on tables to anyone }");
    for (strategy, enforcement, expected) in [
        (Strategy::Users, Enforcement::Auto, "`strategy: users` has no meaning on Synapse"),
        (Strategy::Groups, Enforcement::Auto, "`strategy: groups` has no meaning on Synapse"),
        (Strategy::Auto, Enforcement::Native, "there is no `enforcement: native` on Synapse"),
    ] {
        let settings = &mut world.program.inventory.integrations[world.integration];
        (settings.strategy, settings.enforcement) = (strategy, enforcement);
        let said = world.try_lower(&mut Symbols::default()).unwrap_err();
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn accounts_that_may_be_one_user_are_an_error() {
    let mut world = world("subscription r { allow read on tables to anyone }");
    for (first, second, expected) in [
        ("Dave", "dave", Some("`Dave` and `dave` may be one user of the database")),
        ("dave ", "dave", Some("`dave` and `dave ` may be one user of the database")),
        ("dave", "davé", None),
    ] {
        let mut names = [first, second].into_iter();
        for id in world.accounts.accounts.ids().collect::<Vec<_>>() {
            let account = &mut world.accounts.accounts[id];
            account.name = names.next().map_or_else(|| format!("other {}", account.name), str::to_owned);
        }
        let said = world.try_lower(&mut Symbols::default()).err();
        assert_eq!(said.is_some(), expected.is_some(), "{said:?}");
        assert!(
            said.unwrap_or_default().contains("may be one user") == expected.is_some(),
            "{first} {second}"
        );
    }
}

#[test]
fn what_the_entitlement_table_cannot_hold_is_an_error() {
    let mut world = world(
        "subscription r { allow read on tables tagged Shop.Customer to anyone }
         filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area not in user name }",
    );
    let user = world.program.inventory.directory.users.ids().next().unwrap();
    world.program.inventory.directory.users[user].id = "x".repeat(4_000);
    let said = world.try_lower(&mut Symbols::default()).unwrap_err();
    assert!(said.contains("has more than 3999 characters"), "{said}");
}

/// The filter speaks to another platform only: whom it concerns cannot be shown his rows.
#[test]
fn who_is_refused_by_a_filter_gets_no_grant_on_the_view_that_others_read() {
    check(
        "subscription r { allow read on tables tagged Shop.Customer to user is \"alice\" or user is \"dave\" }
         filter lost { on tables tagged Shop.Customer rows where sql for trino \"id = 1\" except user is \"dave\" }",
        &[
            "role ROLE \"grantc_r_#\"",
            "view VIEW \"secure\".\"dbo_Customer\"",
            "grant SELECT VIEW \"secure\".\"dbo_Customer\" ROLE \"grantc_r_#\"",
            "membership ROLE \"grantc_r_#\" USER \"dave\"",
        ],
    );
}
