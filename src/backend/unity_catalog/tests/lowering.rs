//! What is asked for, what is refused and what is written, on the smallest policies that show it.

use super::super::limit::Limits;
use super::super::native::Attached;
use super::{UnityCatalog, World, judge, texts, world};
use crate::backend::contract::{Backend, Change, Op, Phase};
use crate::backend::fact::{FactKind, Symbols};
use crate::inventory::TableId;
use crate::inventory::catalog::TableKind;
use crate::inventory::integration::{Enforcement, Strategy};

const READ: &str = r#"subscription r { allow read on tables in RETAIL.PUBLIC to anyone }"#;

/// Gaps as `policy code object`, a line each.
fn gaps_of(world: &World) -> String {
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols, true);
    judge(world, &lowered, &symbols);
    let line = |gap: &crate::backend::gap::Gap| format!("{} {} {}", gap.policy, gap.code.name(), gap.object);
    let of_ours = lowered.gaps.iter().filter(|gap| gap.integration == "db");
    of_ours.map(line).collect::<Vec<_>>().join("\n")
}

fn gaps(policies: &str) -> String {
    gaps_of(&world("", &format!("{READ}\n{policies}")))
}

fn table(world: &World, name: &str) -> TableId {
    let catalog = &world.program.inventory.catalog;
    let here = |id: &TableId| {
        catalog.home(*id).1.integration == world.integration
            && catalog.path(*id) == ["retail", "public", name]
    };
    catalog.tables.ids().find(here).unwrap()
}

#[test]
fn what_fits_has_no_gap() {
    assert_eq!(gaps(super::EVERYTHING), "");
}

#[test]
fn a_masked_column_feeds_neither_filters_nor_other_masks() {
    let mask = r#"mask m { on columns named "region" using null except user is "dpo" }"#;
    let filter = r#"filter f { on tables tagged Domain.Sales rows where column region = "EMEA" except user is "dave" }"#;
    assert_eq!(gaps(&format!("{mask} {filter}")), "f masked-input retail.public.sales");
    let when = r#"mask n { on columns named "amount" using null when column region = "EMEA" }"#;
    assert_eq!(gaps(&format!("{mask} {when}")), "n masked-input retail.public.sales");
    // What a `when` reads may feed a filter too.
    assert_eq!(gaps(&format!("{when} {filter}")), "");
    let own = r#"mask o { on columns named "region" using null when column region = "EMEA" }"#;
    assert_eq!(gaps(own), "");
}

#[test]
fn what_databricks_lacks_is_narrowed_or_refused() {
    let hash = r#"mask m { on columns tagged PII.Phone using hash }"#;
    assert_eq!(gaps(hash), "m method-narrowed retail.public.customer.phone");
    let custom = r#"mask m { on columns tagged PII.Email using custom { trino "'x'" } }"#;
    assert_eq!(gaps(custom), "m method-narrowed retail.public.customer.email");
    let other = r#"filter f { on tables tagged Domain.Sales rows where sql for trino "id > 3" except user is "dpo" }"#;
    assert_eq!(gaps(other), "f rows-refused retail.public.sales");
}

#[test]
fn views_take_no_functions_and_no_writes() {
    let policies = r#"subscription s { allow read, write on tables tagged Domain.Customer to anyone } mask m { on columns tagged PII.Email using hash only for user is "bob" }"#;
    for (kind, word, writes) in [
        (TableKind::View, "VIEW", false),
        (TableKind::MaterializedView, "MATERIALIZED VIEW", false),
        (TableKind::External, "TABLE", true),
    ] {
        let mut world = world("", policies);
        let customer = table(&world, "customer");
        world.program.inventory.catalog.tables[customer].kind = kind;
        let expected = if writes {
            ""
        } else {
            "m rows-refused retail.public.customer\ns write-refused retail.public.customer"
        };
        assert_eq!(gaps_of(&world), expected, "{kind:?}");
        let script = &world.files(None)["30_grants.sql"];
        assert!(
            script.contains(&format!("GRANT SELECT ON {word} `retail`.`public`.`customer` TO `grantc_")),
            "{script}"
        );
        assert_eq!(script.contains("GRANT MODIFY"), writes, "{script}");
    }
}

#[test]
fn who_may_not_read_cannot_write() {
    let write = r#"subscription w { allow write on tables tagged Domain.Sales to user is one of ["alice", "dave"] } subscription a { allow read on tables tagged Domain.Sales to user is "alice" }"#;
    assert_eq!(gaps_of(&world("", write)), "w write-refused retail.public.sales");
}

#[test]
fn names_that_cannot_be_written_are_refused() {
    let odd = "table db retail.\"a${b}\".t: id BIGINT\ntable db retail.\"x.y\".t: id BIGINT\ntable db retail.public.odd: id BIGINT; \"${c}\" STRING [PII.Email]; plain STRING";
    let policies = r#"subscription r { allow read on tables in RETAIL to anyone } mask m { on columns tagged PII.Email using null except user is "bob" } filter f { on tables named "odd" rows where column "${c}" = "x" only for user is "carol" }"#;
    assert_eq!(
        gaps_of(&world(odd, policies)),
        " unrepresentable retail.\"a${b}\".t\n unrepresentable retail.\"x.y\".t\nf masked-input retail.public.odd\nm rows-refused retail.public.odd"
    );
    let policies = r#"subscription r { allow read on tables in RETAIL.PUBLIC to anyone } filter f { on tables named "odd" rows where column "${c}" = "x" only for user is "carol" }"#;
    assert_eq!(gaps_of(&world(odd, policies)), "f rows-refused retail.public.odd");
}

#[test]
fn what_the_settings_cannot_mean_is_an_error() {
    let said = |change: &dyn Fn(&mut crate::inventory::Integration)| {
        let mut world = world("", READ);
        change(&mut world.program.inventory.integrations[world.integration]);
        world.try_lower(&mut Symbols::default(), false, Limits::default()).map(|_| ()).unwrap_err()
    };
    assert!(said(&|each| each.strategy = Strategy::Roles).contains("grants to groups"));
    assert!(said(&|each| each.strategy = Strategy::Users).contains("not held"));
    assert!(said(&|each| each.enforcement = Enforcement::Native).contains("always stand on tables"));
    assert!(said(&|each| each.config = serde_json::json!({"catalog": "a b"})).contains("no catalog `a b`"));
}

#[test]
fn limits_are_errors_that_name_the_levers() {
    let policies = r#"subscription a { allow read on tables named "sales" to user is "bob" } subscription b { allow read on tables named "customer" to anyone }"#;
    let world = world("", policies);
    let said = |limits| world.try_lower(&mut Symbols::default(), false, limits).map(|_| ()).unwrap_err();
    assert_eq!(
        said(Limits { groups: 1, memberships: 9, ..Limits::default() }),
        "`db` needs 2 groups, and a Databricks account takes 1"
    );
    assert_eq!(
        said(Limits { groups: 2, memberships: 1, ..Limits::default() }),
        "`db` needs `bob` in 2 groups, and Databricks takes 1 direct memberships of one principal"
    );
}

#[test]
fn the_files_are_what_databricks_reads() {
    let policies = r#"
subscription r { allow read, write on tables tagged Domain.Sales to user is "bob" }
mask m { on columns named "amount" using null when column region = "EM{salt}EA" except user is "dpo" }
filter f { on tables tagged Domain.Sales rows where column region in user attribute region }"#;
    let files = world("", policies).files(Some("s'alt"));
    let of = |name: &str| files[name].clone();
    let functions = of("10_functions.sql");
    for part in [
        "CREATE CATALOG IF NOT EXISTS `grantc`;",
        "INSERT OVERWRITE `grantc`.`grantc`.`entitlements` VALUES\n('bob', 'user attribute region as string', 'APAC'),",
        "CREATE OR REPLACE FUNCTION `grantc`.`grantc`.`grantc_f_",
        "`(__a1 STRING) RETURNS BOOLEAN COMMENT 'grantc: f; {",
        "RETURN ((EXISTS (SELECT 1 FROM `grantc`.`grantc`.`entitlements` e WHERE e.account = session_user() AND e.name = 'user attribute region as string' AND e.value = __a1)));",
        "`(__value DECIMAL(12,2), __a1 STRING) RETURNS DECIMAL(12,2) COMMENT 'grantc: m; {",
        "RETURN CASE WHEN is_account_group_member('grantc_clear_",
    ] {
        assert!(functions.contains(part), "{part}\n{functions}");
    }
    let attach = of("20_attach.sql");
    assert!(attach.contains(
        "ALTER TABLE `retail`.`public`.`sales` ALTER COLUMN `amount` SET MASK `grantc`.`grantc`.`grantc_m_"
    ));
    assert!(attach.contains(" USING COLUMNS (`region`);"), "{attach}");
    assert!(
        attach.contains("ALTER TABLE `retail`.`public`.`sales` SET ROW FILTER `grantc`.`grantc`.`grantc_f_")
    );
    assert!(attach.contains(" ON (`region`);"), "{attach}");
    let grants = of("30_grants.sql");
    let place = |part: &str| grants.find(part).unwrap_or_else(|| panic!("{part}\n{grants}"));
    assert!(
        place("GRANT SELECT ON TABLE `retail`.`public`.`sales` TO `grantc_r_")
            < place("GRANT USE SCHEMA ON SCHEMA `retail`.`public` TO")
    );
    assert!(place("GRANT USE SCHEMA") < place("GRANT USE CATALOG ON CATALOG `retail` TO `grantc_r_"));
    let permissions: serde_json::Value = serde_json::from_str(&of("permissions.json")).unwrap();
    let first = &permissions[0];
    assert_eq!(
        (&first["securable_type"], &first["full_name"]),
        (&"table".into(), &"retail.public.sales".into())
    );
    let adds: Vec<&str> =
        first["changes"].as_array().unwrap().iter().map(|each| each["add"][0].as_str().unwrap()).collect();
    assert!(adds.contains(&"SELECT") && adds.contains(&"MODIFY"), "{first}");
    assert_eq!(permissions[1]["changes"][0]["add"][0], "USE_SCHEMA");
    let groups: serde_json::Value = serde_json::from_str(&of("groups.json")).unwrap();
    let group = groups["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .find(|each| each["members"][0]["value"] == "bob")
        .unwrap();
    assert_eq!(group["externalId"], format!("grantc:{}", group["displayName"].as_str().unwrap()));
    for (name, text) in &files {
        assert!(name == "10_functions.sql" || !text.contains("s'alt") && !text.contains("alt\\'"), "{name}");
    }
}

#[test]
fn functions_stand_before_they_are_attached_and_bodies_change_in_the_middle() {
    let world = world("", super::EVERYTHING);
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols, true);
    for fact in &lowered.facts {
        let phase = |op| UnityCatalog.phase(&Change { op, fact: *fact, before: Some(*fact) }, &symbols);
        let expected = match fact.key.kind {
            FactKind::Group => (Phase::Prepare, Phase::Dismantle),
            FactKind::Function => (Phase::Prepare, Phase::Dismantle),
            FactKind::MaskAttachment | FactKind::RowAttachment => (Phase::Protect, Phase::Unprotect),
            FactKind::Grant | FactKind::Membership => (Phase::Expose, Phase::Withdraw),
            FactKind::Entitlement if symbols.text(fact.key.privilege).starts_with("not ") => {
                (Phase::Prepare, Phase::Dismantle)
            }
            FactKind::Entitlement => (Phase::Reveal, Phase::Conceal),
            _ => panic!("{fact:?}"),
        };
        assert_eq!((phase(Op::Add), phase(Op::Remove)), expected);
        if fact.key.kind == FactKind::Function {
            assert_eq!(phase(Op::Replace), Phase::Protect);
        }
        if let FactKind::MaskAttachment | FactKind::RowAttachment = fact.key.kind {
            let function = Attached::parse(symbols.text(fact.body)).function;
            assert_eq!(UnityCatalog.needs(fact, &symbols), [function]);
        }
        let statement = |op| {
            let change = Change { op, fact: *fact, before: Some(*fact) };
            UnityCatalog.statement(&world.program.inventory, world.integration, &change, &symbols)
        };
        assert!(!statement(Op::Add).contains('\n') && !statement(Op::Remove).contains('\n'));
        assert!(!UnityCatalog.title(fact, &symbols).contains('"') || fact.key.kind == FactKind::Entitlement);
    }
}

#[test]
fn arguments_bound_to_other_columns_are_another_function() {
    let functions = |policies: &str| -> Vec<String> {
        let (world, mut symbols) = (world("", &format!("{READ}\n{policies}")), Symbols::default());
        let facts = world.lower(&mut symbols, false).facts;
        let function = |fact: &&crate::backend::Fact| fact.key.kind == FactKind::Function;
        facts.iter().filter(function).map(|fact| symbols.text(fact.key.object).to_owned()).collect()
    };
    for (before, after, same) in [
        (
            r#"mask m { on columns named "phone" using null when column email = "x" }"#,
            r#"mask m { on columns named "phone" using null when column country = "x" }"#,
            false,
        ),
        (
            r#"mask m { on columns named "phone" using null when column email = "x" }"#,
            r#"mask m { on columns named "phone" using keep last 2 when column email = "y" }"#,
            true,
        ),
        (
            r#"filter f { on tables named "customer" rows where column email = "x" }"#,
            r#"filter f { on tables named "customer" rows where column country = "x" }"#,
            false,
        ),
        (
            r#"filter f { on tables named "customer" rows where column email = "x" }"#,
            r#"filter f { on tables named "customer" rows where column email = "y" }"#,
            true,
        ),
    ] {
        let (before, after) = (functions(before), functions(after));
        assert_eq!((before.len(), after.len(), before == after), (1, 1, same), "{before:?} {after:?}");
    }
}

#[test]
fn columns_of_one_decision_share_a_function() {
    let more = "table db retail.public.people: email STRING [PII.Email]; second STRING [PII.Email]; third VARCHAR(80) [PII.Email]; n INT [PII.Email]";
    let world = world(
        more,
        r#"subscription r { allow read on tables named "people" to anyone } mask m { on columns tagged PII.Email using null except user is "bob" }"#,
    );
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols, true);
    let functions = lowered.facts.iter().filter(|fact| fact.key.kind == FactKind::Function).count();
    assert_eq!(functions, 2, "{:#?}", texts(&lowered.facts, &symbols));
}
