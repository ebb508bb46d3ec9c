//! `enforcement: native`: what a program becomes, what is read back of it, and what it means.

// A test may look ahead of its stage: what `plan` makes of these facts is a part of what they mean.
#[cfg(test)]
use std::collections::BTreeMap;

use super::{World, lines, world};
use crate::backend::contract::{Backend, Change, Lowered, Observed, Op, Phase, RowsSeen, Seen};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::redshift::Redshift;
use crate::diagnostic::Diagnostics;
use crate::inventory::catalog::TableKind;
use crate::inventory::directory::Access;
use crate::inventory::integration::Enforcement;
use crate::inventory::{Securable, TableId};
use crate::ir::Meaning;
use crate::plan::diff::diff;
use crate::plan::order::{Order, order};
use crate::plan::render::{Format, render};
use crate::plan::{self, Side, exposure};

/// Staff read customers; e-mail is hashed outside support, and rows are those of one's regions.
const POLICIES: &str = "
    subscription r { allow read on tables tagged Shop.Customer to user in group \"staff\" }
    mask mails { on columns tagged PII.Mail using hash except user in group \"support\" }
    filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area in user attribute region }";

fn native(policies: &str) -> World {
    let mut world = world(policies);
    let settings = &mut world.program.inventory.integrations[world.integration];
    settings.enforcement = Enforcement::Native;
    settings.config = serde_json::json!({"database": "shop", "schema": "secure"});
    world
}

fn table(world: &World, path: [&str; 3]) -> TableId {
    let catalog = &world.program.inventory.catalog;
    catalog.tables.ids().find(|id| catalog.path(*id) == path).unwrap()
}

const CUSTOMER: [&str; 3] = ["shop", "public", "customer"];

/// `_1a2b3c4d` becomes `_#`.
fn unhashed(text: &str) -> String {
    let hash = |from: &str| from.len() == 8 && from.chars().all(|each| each.is_ascii_hexdigit());
    let part = |part: &str| match part.rsplit_once('_') {
        Some((stem, end)) if hash(end) => format!("{stem}_#"),
        _ => part.to_owned(),
    };
    text.split('"').map(part).collect::<Vec<_>>().join("\"")
}

fn check(policies: &str, expected: &[&str]) {
    let (world, mut symbols) = (native(policies), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let shown: Vec<String> = lines(&lowered.facts, &symbols).iter().map(|line| unhashed(line)).collect();
    assert_eq!(shown, expected, "{:?}", lowered.gaps);
}

#[test]
fn roles_read_tables_behind_policies_for_everybody() {
    check(
        "subscription r { allow read on tables tagged Shop.Customer to user is \"dave\" }
         mask mails { on columns tagged PII.Mail using null }
         filter own { on tables tagged Shop.Customer rows where column region = \"EMEA\" }",
        &[
            "role ROLE \"grantc_r_#\"",
            "masking_policy MASKING POLICY \"grantc_mails_#\"",
            "row_access_policy RLS POLICY \"grantc_own_#\"",
            "mask_attachment TABLE \"shop\".\"public\".\"customer\" COLUMN \"email\"",
            "row_attachment TABLE \"shop\".\"public\".\"customer\"",
            "grant USAGE SCHEMA \"shop\".\"public\" ROLE \"grantc_r_#\"",
            "grant SELECT TABLE \"shop\".\"public\".\"customer\" ROLE \"grantc_r_#\"",
            "membership ROLE \"grantc_r_#\" USER \"dave\"",
        ],
    );
}

#[test]
fn what_nobody_reads_gets_no_policy() {
    check("mask mails { on columns tagged PII.Mail using null }", &[]);
}

/// The gaps of a program, as code, object, policy and message.
fn gaps(world: &World) -> (Lowered, Vec<String>) {
    let lowered = world.lower(&mut Symbols::default());
    let shown = lowered
        .gaps
        .iter()
        .map(|gap| format!("{} {} {}: {}", gap.code.name(), gap.object, gap.policy, gap.message));
    let shown = shown.collect();
    (lowered, shown)
}

#[test]
fn views_and_what_lies_elsewhere_are_refused_with_what_to_do() {
    let policies = "subscription r { allow read on tables in shop.public.customer to user in group \"staff\" }
        filter own { on tables tagged Shop.Customer rows where column region = \"EMEA\" except user is \"alice\" }";
    for (kind, expected) in [
        (
            TableKind::View,
            "rows-refused shop.public.customer own: `enforcement: native` holds no masks and filters on views; `enforcement: auto` holds it in a view: ",
        ),
        (
            TableKind::MaterializedView,
            "rows-refused shop.public.customer own: `enforcement: native` holds no masks and filters on materialized views; ",
        ),
        (
            TableKind::External,
            "unrepresentable shop.public.customer r: an external table is granted with its whole schema only; ",
        ),
    ] {
        let mut world = native(policies);
        let customer = table(&world, CUSTOMER);
        world.program.inventory.catalog.tables[customer].kind = kind;
        let (lowered, told) = gaps(&world);
        assert!(told.iter().any(|line| line.starts_with(expected)), "{told:#?}");
        // Whom no filter concerns reads a view as it is.
        let policies = lowered.facts.iter().filter(|fact| fact.key.kind == FactKind::RowAccessPolicy).count();
        assert_eq!((policies, lowered.facts.is_empty()), (0, kind == TableKind::External));
    }
    let mut world = native(policies);
    world.program.inventory.integrations[world.integration].config =
        serde_json::json!({"database": "views", "schema": "secure"});
    let (lowered, told) = gaps(&world);
    assert!(lowered.facts.is_empty());
    let expected = "unrepresentable shop.public.customer r: `enforcement: native` reaches the tables of `config.database` (`views`) alone; `enforcement: auto` reads others through views: nobody gets `shop.public.customer`";
    assert_eq!(told, [expected]);
}

#[test]
fn names_that_redshift_folds_into_one_are_refused() {
    let mut world =
        native("subscription r { allow read on tables in shop.public.customer to user is \"dave\" }");
    let customer = table(&world, CUSTOMER);
    let columns = world.program.inventory.catalog.tables[customer].columns.clone();
    world.program.inventory.catalog.columns[columns[0]].name = "EMAIL".to_owned();
    let (lowered, told) = gaps(&world);
    assert!(lowered.facts.is_empty());
    assert!(told[0].contains("two of its columns differ by case only"), "{told:?}");
}

#[test]
fn a_when_that_reads_a_masked_column_is_refused() {
    let world = native(
        "subscription r { allow read on tables tagged Shop.Customer to user in group \"staff\" }
         mask mails { on columns tagged PII.Mail using null }
         mask areas { on columns tagged Geo.Area of tables tagged Shop.Customer using null when column email is null except user in group \"support\" }",
    );
    let (_, told) = gaps(&world);
    assert!(
        told.iter().any(|line| line.starts_with(
            "masked-input shop.public.customer areas: its `when` reads `email`, which is masked itself: "
        ) && line.ends_with("; `enforcement: auto` holds it in a view")),
        "{told:#?}"
    );
}

#[test]
fn bodies_ask_by_subqueries_that_read_nothing_of_the_row() {
    let world = native(
        "subscription r { allow read on tables tagged Shop.Customer to user in group \"staff\" }
         mask mails { on columns tagged PII.Mail using hash when column region = \"EMEA\" except user in group \"support\" }
         filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area not in user attribute region }",
    );
    let files = world.sql();
    assert_eq!(
        files.keys().map(String::as_str).collect::<Vec<_>>(),
        ["10_schema.sql", "20_entitlements.sql", "30_policies.sql", "40_grants.sql"]
    );
    let policies = unhashed(&files["30_policies.sql"]);
    for part in [
        "WITH (\"v\" character varying(100), \"a1\" character varying(20)) USING (CAST(CASE WHEN (''GRANTC_CLEAR_",
        " IN (SELECT COLLATE(e.\"name\", ''case_sensitive'') FROM \"secure\".\"entitlements\" e WHERE COLLATE(e.\"account\", ''case_sensitive'') = current_user)) THEN v ",
        "GRANT SELECT ON TABLE \"secure\".\"entitlements\" TO MASKING POLICY \"grantc_mails_#\";",
        "'ATTACH MASKING POLICY \"grantc_mails_#\" ON \"public\".\"customer\" (\"email\") USING (\"email\", \"region\") TO PUBLIC');",
        "'CREATE RLS POLICY \"grantc_own_#\" WITH (\"region\" character varying(20)) USING ((",
        "ALTER TABLE \"public\".\"customer\" ROW LEVEL SECURITY ON CONJUNCTION TYPE AND;",
        "'ATTACH RLS POLICY \"grantc_own_#\" ON \"public\".\"customer\" TO PUBLIC');",
    ] {
        assert!(policies.contains(part), "{part}\n{policies}");
    }
    let switched = policies.find("ROW LEVEL SECURITY ON").unwrap();
    assert!(switched < policies.find("'ATTACH RLS POLICY").unwrap(), "{policies}");
    assert!(files["40_grants.sql"].contains("GRANT SELECT ON TABLE \"public\".\"customer\" TO ROLE "));
    // The salt by value stands in this file alone, and never in the table of what was written.
    for (name, text) in &files {
        assert_eq!(text.contains("s''''alt"), name == "30_policies.sql", "{name}");
    }
    for line in policies.lines().filter(|line| line.starts_with("INSERT INTO \"secure\".\"policies\"")) {
        assert!(!line.contains("alt'"), "{line}");
    }
}

/// The exports of a world's own state, by file.
fn state(world: &World, facts: &[Fact], symbols: &Symbols) -> BTreeMap<String, String> {
    let files = Redshift.state(&world.program.inventory, world.integration, facts, symbols, Some("s'alt"));
    files.into_iter().map(|file| (file.path, String::from_utf8(file.bytes).unwrap())).collect()
}

fn observed(
    world: &World,
    files: &BTreeMap<String, String>,
    symbols: &mut Symbols,
) -> Result<Observed, String> {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    world.observe(&files, symbols)
}

/// What a plan would change, and what is in its way, after exports were altered.
fn plan(
    policies: &str,
    alter: &dyn Fn(&mut BTreeMap<String, String>),
) -> (Vec<String>, Vec<String>, Vec<String>) {
    let (world, mut symbols) = (native(policies), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let mut files = state(&world, &lowered.facts, &symbols);
    alter(&mut files);
    let observed = observed(&world, &files, &mut symbols).unwrap();
    let side = Side {
        integration: world.integration,
        backend: &Redshift,
        accounts: &world.accounts,
        symbols: &symbols,
        lowered: &lowered,
        observed: &observed,
    };
    let found = diff(&side, false);
    let inventory = &world.program.inventory;
    let shown = |changes: &[Change]| -> Vec<String> {
        let statement =
            |change| unhashed(&Redshift.statement(inventory, world.integration, change, &symbols));
        changes.iter().map(statement).collect()
    };
    let blocked = found.blocked.iter().map(|each| unhashed(&Redshift.title(&each.desired, &symbols)));
    (shown(&found.changes), blocked.collect(), shown(&found.withheld))
}

/// Appends a row to an export.
fn row(files: &mut BTreeMap<String, String>, name: &str, row: &str) {
    let file = files.get_mut(name).unwrap();
    file.push_str(row);
    file.push('\n');
}

#[test]
fn a_second_plan_is_empty_also_where_redshift_printed_bodies_anew() {
    assert_eq!(plan(POLICIES, &|_| {}), (Vec::new(), Vec::new(), Vec::new()));
    let anew = |files: &mut BTreeMap<String, String>| {
        let masks = files.get_mut("svv_masking_policy.csv").unwrap();
        *masks = masks
            .replace(" THEN v ", " THEN \\\"\"masked_table\\\"\".\\\"\"v\\\"\" ")
            .replace("(v || 's''alt')", "(\\\"\"masked_table\\\"\".\\\"\"v\\\"\" + CAST('s''alt' AS TEXT))");
        assert!(masks.contains("masked_table") && masks.contains("AS TEXT"), "{masks}");
        let rows = files.get_mut("svv_rls_policy.csv").unwrap();
        *rows = rows.replace(
            "COLLATE(\"\"region\"\" || '.'",
            "COLLATE(\"\"rls_table\"\".\"\"region\"\" + CAST('.' AS TEXT)",
        );
        assert!(rows.contains("rls_table\"\"."), "{rows}");
        let switched = files.get_mut("svv_rls_relation.csv").unwrap();
        *switched = switched.replace(",t,t,and,", ",True,True,and ,");
    };
    assert_eq!(plan(POLICIES, &anew), (Vec::new(), Vec::new(), Vec::new()));
}

#[test]
fn a_body_that_somebody_altered_under_our_name_is_altered_back() {
    for (file, from, to) in [
        ("svv_masking_policy.csv", "THEN v", "THEN v WHEN TRUE THEN v"),
        ("svv_masking_policy.csv", "'s''alt'", "'another salt'"),
        ("svv_rls_policy.csv", "user attribute region as string", "user attribute team as string"),
    ] {
        let altered = |files: &mut BTreeMap<String, String>| {
            let text = files.get_mut(file).unwrap();
            assert!(text.contains(from), "{text}");
            *text = text.replace(from, to);
        };
        let (changes, blocked, _) = plan(POLICIES, &altered);
        assert_eq!((changes.len(), blocked.len()), (1, 0), "{changes:?}");
        assert!(changes[0].starts_with("BEGIN;\nALTER ") && changes[0].contains(" USING ("), "{changes:?}");
    }
}

#[test]
fn row_level_security_that_was_turned_off_or_loosened_is_turned_on() {
    for (from, to) in [(",t,t,and,and", ",f,t,and,and"), (",t,t,and,and", ",t,t,or ,and")] {
        let loosened = |files: &mut BTreeMap<String, String>| {
            let text = files.get_mut("svv_rls_relation.csv").unwrap();
            assert!(text.contains(from), "{text}");
            *text = text.replace(from, to);
        };
        let (changes, ..) = plan(POLICIES, &loosened);
        assert_eq!(
            changes,
            ["ALTER TABLE \"public\".\"customer\" ROW LEVEL SECURITY ON CONJUNCTION TYPE AND"]
        );
    }
}

#[test]
fn somebody_elses_policy_in_our_place_withholds_the_grants_behind_it() {
    let foreign_mask = |files: &mut BTreeMap<String, String>| {
        let text = files.get_mut("svv_attached_masking_policy.csv").unwrap();
        text.truncate(text.find('\n').unwrap() + 1);
        row(
            files,
            "svv_attached_masking_policy.csv",
            "theirs,public,customer,table,admin,analysts,role,20,\"[\"\"email\"\"]\",\"[\"\"email\"\"]\",t",
        );
        let grants = files.get_mut("svv_relation_privileges.csv").unwrap();
        grants.truncate(grants.find('\n').unwrap() + 1);
    };
    let (changes, blocked, withheld) = plan(POLICIES, &foreign_mask);
    assert_eq!(changes, Vec::<String>::new());
    assert_eq!(
        blocked,
        [
            "MASKING POLICY \"grantc_mails_#\" on TABLE \"shop\".\"public\".\"customer\" COLUMN \"email\" to PUBLIC"
        ]
    );
    assert_eq!(withheld, ["GRANT SELECT ON TABLE \"public\".\"customer\" TO ROLE \"grantc_r_#\""]);
    let foreign_rows = |files: &mut BTreeMap<String, String>| {
        let text = files.get_mut("svv_rls_attached_policy.csv").unwrap();
        text.truncate(text.find('\n').unwrap() + 1);
        row(files, "svv_rls_attached_policy.csv", "public,customer,table,theirs,admin,bob,user,t,t,and");
    };
    let (changes, blocked, _) = plan(POLICIES, &foreign_rows);
    assert_eq!((changes.len(), blocked.len()), (0, 1), "{changes:?} {blocked:?}");
}

#[test]
fn a_policy_beside_ours_is_left_and_keeps_the_switch_on() {
    let beside = |files: &mut BTreeMap<String, String>| {
        row(files, "svv_rls_attached_policy.csv", "public,customer,table,theirs,admin,bob,user,t,t,and");
    };
    assert_eq!(plan(POLICIES, &beside), (Vec::new(), Vec::new(), Vec::new()));
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let mut files = state(&world, &lowered.facts, &symbols);
    beside(&mut files);
    let observed = observed(&world, &files, &mut symbols).unwrap();
    let ours = observed.ours.iter().find(|fact| fact.key.kind == FactKind::RowAttachment).unwrap();
    let change = Change { op: Op::Remove, fact: *ours, before: Some(*ours) };
    let statement = Redshift.statement(&world.program.inventory, world.integration, &change, &symbols);
    assert_eq!(
        unhashed(&statement),
        "DETACH RLS POLICY \"grantc_own_#\" ON \"public\".\"customer\" FROM PUBLIC"
    );
}

#[test]
fn a_switch_without_policies_is_nobodys_to_turn_off() {
    let mut symbols = Symbols::default();
    let world = native("subscription r { allow read on tables tagged Shop.Customer to user is \"dave\" }");
    let lowered = world.lower(&mut symbols);
    let mut files = state(&world, &lowered.facts, &symbols);
    row(&mut files, "svv_rls_relation.csv", "shop,public,customer,table,t,t,and,and");
    let observed = observed(&world, &files, &mut symbols).unwrap();
    let bare = observed.foreign.iter().find(|fact| fact.key.kind == FactKind::RowAttachment).unwrap();
    assert!(!Redshift.understood(bare, &symbols));
    let facts = [observed.ours.clone(), observed.foreign.clone()].concat();
    let permits =
        Redshift.permits(&world.program.inventory, world.integration, &facts, &symbols, &world.accounts);
    let rows = permits.rows(table(&world, CUSTOMER));
    assert_eq!(rows[0].0, RowsSeen::Filtered(vec!["ROW LEVEL SECURITY".to_owned()]));
}

#[test]
fn exports_of_a_weak_user_and_half_a_folder_are_errors() {
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let files = state(&world, &lowered.facts, &symbols);
    let mut blind = files.clone();
    for name in ["svv_masking_policy.csv", "svv_rls_policy.csv"] {
        let text = blind.get_mut(name).unwrap();
        text.truncate(text.find('\n').unwrap() + 1);
    }
    let said = observed(&world, &blind, &mut symbols).unwrap_err();
    assert!(said.contains("show no policy, and `policies.csv` tells of some"), "{said}");
    let mut half = files;
    half.remove("svv_rls_relation.csv");
    let said = observed(&world, &half, &mut symbols).unwrap_err();
    assert!(said.contains("lacks `svv_rls_relation.csv`"), "{said}");
}

/// What accounts see of the e-mail, and which filters bear, by altered exports: `alice clear own`.
fn sees(alter: &dyn Fn(&mut BTreeMap<String, String>)) -> Vec<String> {
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let mut files = state(&world, &lowered.facts, &symbols);
    alter(&mut files);
    let observed = observed(&world, &files, &mut symbols).unwrap();
    let facts = exposure::all(&observed, &symbols);
    let inventory = &world.program.inventory;
    let permits = Redshift.permits(inventory, world.integration, &facts, &symbols, &world.accounts);
    let customer = table(&world, CUSTOMER);
    let email = inventory.catalog.tables[customer].columns[1];
    let (columns, rows) = (permits.columns(email), permits.rows(customer));
    let readers = permits.may(Securable::Table(customer), Access::Read);
    let line = |account: u32| {
        let seen =
            columns.iter().find(|(_, set)| set.contains(account)).map_or(Seen::Clear, |(seen, _)| *seen);
        let filters = exposure::filters(&rows, account).into_iter().collect::<Vec<_>>().join(", ");
        format!("{} {seen:?} {filters}", permits.accounts()[account as usize]).trim().to_owned()
    };
    readers.iter().map(line).collect()
}

#[test]
fn what_stands_is_judged_by_what_it_says() {
    // Bob is in support; carol brings no region, and so no row.
    assert_eq!(sees(&|_| {}), ["alice Masked own", "bob Clear own"]);
    let masked = |line: &'static str| {
        move |files: &mut BTreeMap<String, String>| {
            row(
                files,
                "svv_masking_policy.csv",
                "shop,theirs,\"[{\"\"colname\"\":\"\"x\"\",\"\"type\"\":\"\"character varying(100)\"\"}]\",\"[{\"\"expr\"\":\"\"\\\"\"masked_table\\\"\".\\\"\"x\\\"\"\"\",\"\"type\"\":\"\"character varying(100)\"\"}]\",admin,",
            );
            row(files, "svv_attached_masking_policy.csv", line);
        }
    };
    // The highest priority counts, and for whom it is.
    let higher = "theirs,public,customer,table,admin,alice,user,5,\"[\"\"email\"\"]\",\"[\"\"email\"\"]\",t";
    assert_eq!(sees(&masked(higher)), ["alice Clear own", "bob Clear own"]);
    let lower = "theirs,public,customer,table,admin,alice,user,-5,\"[\"\"email\"\"]\",\"[\"\"email\"\"]\",t";
    assert_eq!(sees(&masked(lower)), ["alice Masked own", "bob Clear own"]);
    let beside = |conjunction: &'static str| {
        move |files: &mut BTreeMap<String, String>| {
            row(
                files,
                "svv_rls_policy.csv",
                "shop,theirs,t,\"[{\"\"colname\"\":\"\"id\"\",\"\"type\"\":\"\"bigint\"\"}]\",\"\"\"t\"\".\"\"id\"\" = 7\",t,admin,",
            );
            row(
                files,
                "svv_rls_attached_policy.csv",
                &format!("public,customer,table,theirs,admin,bob,user,t,t,{conjunction}"),
            );
        }
    };
    assert_eq!(sees(&beside("and")), ["alice Masked own", "bob Clear \"theirs\", own"]);
    assert_eq!(sees(&beside("or ")), ["alice Masked own", "bob Clear own or \"theirs\""]);
    let secadmin = |files: &mut BTreeMap<String, String>| {
        row(files, "svv_user_grants.csv", "1,alice,2,sys:secadmin,f");
    };
    assert_eq!(sees(&secadmin), ["alice Masked", "bob Clear own"]);
    let ignoring = |files: &mut BTreeMap<String, String>| {
        let text = "system_privilege,identity_id,identity_name,identity_type\nIGNORE_RLS,1,ops,role\n";
        files.insert("svv_system_privileges.csv".to_owned(), text.to_owned());
        row(files, "svv_user_grants.csv", "1,bob,2,ops,f");
    };
    assert_eq!(sees(&ignoring), ["alice Masked own", "bob Clear"]);
    let off = |files: &mut BTreeMap<String, String>| {
        let text = files.get_mut("svv_rls_relation.csv").unwrap();
        *text = text.replace(",t,t,and", ",f,t,and");
    };
    assert_eq!(sees(&off), ["alice Masked", "bob Clear"]);
}

#[test]
fn protection_comes_before_grants_and_goes_after_them() {
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let phases = |op: Op| -> Vec<(Phase, FactKind)> {
        let change = |fact: &Fact| Change { op, fact: *fact, before: Some(*fact) };
        let phase = |fact: &Fact| (Redshift.phase(&change(fact), &symbols), fact.key.kind);
        let kinds = [FactKind::MaskAttachment, FactKind::RowAttachment, FactKind::Grant];
        let mut found: Vec<_> =
            lowered.facts.iter().filter(|fact| kinds.contains(&fact.key.kind)).map(phase).collect();
        found.sort();
        found.dedup();
        found
    };
    let kinds = |op| -> Vec<FactKind> { phases(op).into_iter().map(|(_, kind)| kind).collect() };
    assert_eq!(kinds(Op::Add), [FactKind::MaskAttachment, FactKind::RowAttachment, FactKind::Grant]);
    assert_eq!(kinds(Op::Remove), [FactKind::Grant, FactKind::MaskAttachment, FactKind::RowAttachment]);
}

#[test]
fn switching_from_views_to_policies_takes_the_views_away_after_the_tables_stand_protected() {
    let (mut before, after, mut symbols) = (world(POLICIES), native(POLICIES), Symbols::default());
    before.program.inventory.integrations[before.integration].config =
        serde_json::json!({"database": "shop", "schema": "secure"});
    let (was, lowered) = (before.lower(&mut symbols), after.lower(&mut symbols));
    let observed = Observed { ours: was.facts, present: true, ..Observed::default() };
    let side = Side {
        integration: after.integration,
        backend: &Redshift,
        accounts: &after.accounts,
        symbols: &symbols,
        lowered: &lowered,
        observed: &observed,
    };
    let changes = diff(&side, false).changes;
    let inventory = &after.program.inventory;
    let steps = order(inventory, &side, &changes, Order::NeverWider, &mut Diagnostics::new()).unwrap();
    let told: Vec<String> = steps
        .iter()
        .flatten()
        .map(|change| {
            let statement = Redshift.statement(inventory, after.integration, change, &symbols);
            let line = statement.trim_start_matches("BEGIN;\n").lines().next().unwrap_or("").to_owned();
            unhashed(line.split(" WITH (").next().unwrap_or(""))
        })
        .filter(|line| !line.contains("entitlements"))
        .collect();
    assert_eq!(
        told,
        [
            "CREATE MASKING POLICY \"grantc_mails_#\"",
            "CREATE RLS POLICY \"grantc_own_#\"",
            "REVOKE USAGE ON SCHEMA \"secure\" FROM ROLE \"grantc_r_#\"",
            "REVOKE SELECT ON TABLE \"secure\".\"shop_public_customer\" FROM ROLE \"grantc_r_#\"",
            "ATTACH MASKING POLICY \"grantc_mails_#\" ON \"public\".\"customer\" (\"email\") TO PUBLIC",
            "ALTER TABLE \"public\".\"customer\" ROW LEVEL SECURITY ON CONJUNCTION TYPE AND;",
            "GRANT USAGE ON SCHEMA \"public\" TO ROLE \"grantc_r_#\"",
            "GRANT SELECT ON TABLE \"public\".\"customer\" TO ROLE \"grantc_r_#\"",
            "DROP VIEW \"secure\".\"shop_public_customer\"",
        ]
    );
}

#[test]
fn a_plan_as_sql_holds_every_statement() {
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let nothing = Observed { present: true, ..Observed::default() };
    let everything = Observed { ours: lowered.facts.clone(), present: true, ..Observed::default() };
    for (lowered, observed) in [(&lowered, &nothing), (&Lowered::default(), &everything)] {
        let side = Side {
            integration: world.integration,
            backend: &Redshift,
            accounts: &world.accounts,
            symbols: &symbols,
            lowered,
            observed,
        };
        let meaning = Meaning::new(&world.program);
        let said = &mut Diagnostics::new();
        let plan = plan::build(&world.program, &meaning, &[side], Order::NeverWider, said).unwrap();
        let sql = render(&plan, Format::Sql, false);
        // What is no statement would stand in comments below the one that names it.
        assert!(!sql.contains("\n--   "), "{sql}");
        let attached =
            if observed.ours.is_empty() { "\nATTACH MASKING POLICY" } else { "\nDETACH MASKING POLICY" };
        assert!(sql.contains(attached), "{sql}");
    }
}

#[test]
fn a_table_is_switched_off_after_its_policy_is_detached() {
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let standing = lowered.facts.iter().find(|fact| fact.key.kind == FactKind::RowAttachment).unwrap();
    let change = Change { op: Op::Remove, fact: *standing, before: Some(*standing) };
    let statement = Redshift.statement(&world.program.inventory, world.integration, &change, &symbols);
    assert_eq!(
        unhashed(&statement),
        "BEGIN;\nDETACH RLS POLICY \"grantc_own_#\" ON \"public\".\"customer\" FROM PUBLIC;\nALTER TABLE \"public\".\"customer\" ROW LEVEL SECURITY OFF;\nCOMMIT"
    );
}

#[test]
fn another_policy_takes_the_place_of_the_old_in_one_transaction() {
    let (world, mut symbols) = (native(POLICIES), Symbols::default());
    let lowered = world.lower(&mut symbols);
    let old = native(&POLICIES.replace("using hash", "using null").replace("region }", "team }"));
    let was = old.lower(&mut symbols);
    for (kind, expected) in [
        (
            FactKind::MaskAttachment,
            "BEGIN;\nDETACH MASKING POLICY \"grantc_mails_#\" ON \"public\".\"customer\" (\"email\") FROM PUBLIC;\nATTACH MASKING POLICY \"grantc_mails_#\" ON \"public\".\"customer\" (\"email\") TO PUBLIC;\nCOMMIT",
        ),
        (
            FactKind::RowAttachment,
            "BEGIN;\nALTER TABLE \"public\".\"customer\" ROW LEVEL SECURITY ON CONJUNCTION TYPE AND;\nATTACH RLS POLICY \"grantc_own_#\" ON \"public\".\"customer\" TO PUBLIC;\nDETACH RLS POLICY \"grantc_own_#\" ON \"public\".\"customer\" FROM PUBLIC;\nCOMMIT",
        ),
    ] {
        let of = |facts: &[Fact]| *facts.iter().find(|fact| fact.key.kind == kind).unwrap();
        let change = Change { op: Op::Replace, fact: of(&lowered.facts), before: Some(of(&was.facts)) };
        assert_ne!(change.fact.body, of(&was.facts).body);
        let statement = Redshift.statement(&world.program.inventory, world.integration, &change, &symbols);
        assert_eq!(unhashed(&statement), expected);
    }
}

#[test]
fn every_filter_of_a_table_bears_in_its_one_policy() {
    let world = native(
        "subscription r { allow read on tables tagged Shop.Customer to user in group \"staff\" }
         filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area in user attribute region }
         filter young { on tables tagged Shop.Customer rows where column id > 7 except user is \"bob\" }",
    );
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols);
    let policies = lowered.facts.iter().filter(|fact| fact.key.kind == FactKind::RowAccessPolicy).count();
    let (inventory, facts) = (&world.program.inventory, &lowered.facts);
    let permits = Redshift.permits(inventory, world.integration, facts, &symbols, &world.accounts);
    let rows = permits.rows(table(&world, CUSTOMER));
    let bears = |account: &str| {
        let at = permits.accounts().iter().position(|each| each == account).unwrap() as u32;
        exposure::filters(&rows, at).into_iter().collect::<Vec<_>>().join(", ")
    };
    assert_eq!((policies, bears("alice"), bears("bob")), (1, "own, young".to_owned(), "own".to_owned()));
}
