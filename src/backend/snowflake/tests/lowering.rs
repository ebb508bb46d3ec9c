//! What is asked for and what is refused, on the smallest policies that show it.

use super::super::Snowflake;
use super::{judge, texts, world};
use crate::backend::contract::{Backend, Change, Lowering, Op, Phase};
use crate::backend::fact::{FactKind, Symbols};
use crate::diagnostic::Diagnostics;
use crate::ids::Id;
use crate::inventory::catalog::TableKind;
use crate::inventory::integration::Strategy;
use crate::inventory::{Securable, TableId};
use crate::ir::Meaning;

const READ: &str = r#"subscription r { allow read on tables in RETAIL.PUBLIC to anyone }"#;

/// Gaps as `policy code object`, a line each.
fn gaps(policies: &str) -> String {
    let world = world("", &format!("{READ}\n{policies}"));
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols, true);
    judge(&world, &lowered, &symbols);
    let line = |gap: &crate::backend::gap::Gap| format!("{} {} {}", gap.policy, gap.code.name(), gap.object);
    lowered.gaps.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_fits_has_no_gap() {
    assert_eq!(gaps(super::EVERYTHING), "");
}

#[test]
fn a_masked_column_feeds_neither_filters_nor_other_masks() {
    let mask = r#"mask m { on columns named "REGION" using null except user is "dpo" }"#;
    let filter = r#"filter f { on tables tagged Domain.Sales rows where column region = "EMEA" except user is "dave" }"#;
    assert_eq!(gaps(&format!("{mask} {filter}")), "f masked-input RETAIL.PUBLIC.SALES");
    let when = r#"mask n { on columns named "AMOUNT" using null when column region = "EMEA" }"#;
    assert_eq!(gaps(&format!("{mask} {when}")), "n masked-input RETAIL.PUBLIC.SALES");
    // The column that a `when` reads stands in the mask's signature, so a filter may not read it either.
    assert_eq!(gaps(&format!("{when} {filter}")), "f masked-input RETAIL.PUBLIC.SALES");
    // A mask may look at its own column.
    let own = r#"mask o { on columns named "REGION" using null when column region = "EMEA" }"#;
    assert_eq!(gaps(own), "");
}

#[test]
fn filters_that_are_conjunctions_keep_their_names() {
    let one = r#"filter f { on tables tagged Domain.Sales rows where column id > 1 and column amount > 2 }"#;
    let two =
        r#"filter g { on tables tagged Domain.Sales rows where column id < 9 and column region = "EMEA" }"#;
    assert_eq!(gaps(one), "");
    assert_eq!(gaps(&format!("{one} {two}")), "");
}

#[test]
fn what_snowflake_lacks_is_narrowed_or_refused() {
    assert_eq!(
        gaps(r#"mask m { on columns tagged PII.Phone using hash }"#),
        "m method-narrowed RETAIL.PUBLIC.CUSTOMER.PHONE"
    );
    assert_eq!(
        gaps(r#"mask m { on columns tagged PII.Email using custom { trino "'x'" } }"#),
        "m method-narrowed RETAIL.PUBLIC.CUSTOMER.EMAIL"
    );
    assert_eq!(gaps(r#"mask m { on columns tagged PII.Email using custom { snowflake "'hidden'" } }"#), "");
    assert_eq!(
        gaps(
            r#"filter f { on tables tagged Domain.Sales rows where sql for trino "id > 3" except user is "dpo" }"#
        ),
        "f rows-refused RETAIL.PUBLIC.SALES"
    );
}

#[test]
fn views_are_read_but_not_written() {
    let mut world = world(
        "",
        r#"subscription s { allow read, write on tables tagged Domain to anyone } mask m { on columns tagged PII.Email using hash }"#,
    );
    let customer = TableId::from_raw(
        world.program.inventory.catalog.tables.iter().position(|(_, each)| each.name == "CUSTOMER").unwrap()
            as u32,
    );
    for (kind, grant, gaps) in [
        (TableKind::View, "SELECT | VIEW", "s write-refused"),
        (TableKind::MaterializedView, "SELECT | MATERIALIZED VIEW", "m rows-refused, s write-refused"),
        (TableKind::External, "SELECT | EXTERNAL TABLE", "m rows-refused, s write-refused"),
    ] {
        world.program.inventory.catalog.tables[customer].kind = kind;
        let mut symbols = Symbols::default();
        let lowered = world.lower(&mut symbols, true);
        let found: Vec<String> =
            lowered.gaps.iter().map(|gap| format!("{} {}", gap.policy, gap.code.name())).collect();
        assert_eq!(found.join(", "), gaps);
        let all = texts(&lowered.facts, &symbols).join("\n");
        assert_eq!(all.contains(grant), kind == TableKind::View, "{kind:?}\n{all}");
        assert!(!all.contains("INSERT | VIEW") && !all.contains("INSERT | EXTERNAL"));
        let permits = Snowflake.permits(
            &world.program.inventory,
            world.integration,
            &lowered.facts,
            &symbols,
            &world.accounts,
        );
        let may = permits.may(Securable::Table(customer), crate::inventory::directory::Access::Write);
        assert!(may.is_empty(), "{kind:?}");
        if kind == TableKind::View {
            let sql = world.sql(None);
            assert!(sql["30_attach.sql"].contains("ALTER VIEW \"RETAIL\".\"PUBLIC\".\"CUSTOMER\" MODIFY"));
        }
    }
}

#[test]
fn other_strategies_than_roles_are_errors() {
    let mut world = world("", READ);
    for strategy in [Strategy::Users, Strategy::Groups] {
        world.program.inventory.integrations[world.integration].strategy = strategy;
        let (mut symbols, mut diagnostics) = (Symbols::default(), Diagnostics::new());
        let meaning = Meaning::new(&world.program);
        let lowering = Lowering {
            program: &world.program,
            meaning: &meaning,
            integration: world.integration,
            accounts: &world.accounts,
            salted: false,
        };
        assert!(Snowflake.lower(&lowering, &mut symbols, &mut diagnostics).is_err());
        assert_eq!(diagnostics.len(), 1);
    }
}

#[test]
fn names_do_not_depend_on_who_meets_a_condition() {
    let names = |more: &str| {
        let world = world(more, super::EVERYTHING);
        let mut symbols = Symbols::default();
        let lowered = world.lower(&mut symbols, true);
        let kinds = [FactKind::Role, FactKind::MaskingPolicy, FactKind::RowAccessPolicy];
        let named = |fact: &&crate::backend::Fact| kinds.contains(&fact.key.kind);
        lowered
            .facts
            .iter()
            .filter(named)
            .map(|fact| symbols.text(fact.key.object).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(""), names("user erin in support region=APAC\nuser aaron in analysts"));
}

#[test]
fn hostile_names_stay_inside_their_quotes() {
    let mut world = world(
        "table sf RETAIL.PUBLIC.Q [Domain.Sales]: REGION VARCHAR [Geo.Region]; SOLD DATE; ID NUMBER; \"c'd\" VARCHAR [PII.Email]",
        super::EVERYTHING,
    );
    let catalog = &mut world.program.inventory.catalog;
    let table = catalog.tables.ids().find(|id| catalog.tables[*id].name == "Q").unwrap();
    catalog.tables[table].name = "q\"; DROP TABLE x; --$$".to_owned();
    let columns = catalog.tables[table].columns.clone();
    for column in columns {
        catalog.columns[column].name.push_str("\"\\'");
    }
    let directory = &mut world.program.inventory.directory;
    directory.users[crate::inventory::UserId::from_raw(0)].id = "a'\\\"\n{salt}".to_owned();
    let values = directory.attributes.get_mut("region").unwrap();
    let holders = values.remove("EMEA").unwrap();
    values.insert("'; DROP TABLE x; --\\{salt}".to_owned(), holders);
    world.accounts = crate::inventory::Accounts::of(&world.program.inventory, world.integration);
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols, true);
    let folder = world.state(&lowered.facts, &symbols, Some("s'\\"));
    let observed = world.observe(&folder, &mut symbols, Some("s'\\")).unwrap();
    assert_eq!(texts(&observed.ours, &symbols), texts(&lowered.facts, &symbols));
    // Judged by another reader of the dialect: every statement that it knows is one statement, of the kind that we meant.
    let dialect = sqlparser::dialect::SnowflakeDialect {};
    for fact in &lowered.facts {
        let change = Change { op: Op::Add, fact: *fact, before: None };
        let text = Snowflake.statement(&world.program.inventory, world.integration, &change, &symbols);
        let tokens = sqlparser::tokenizer::Tokenizer::new(&dialect, &text).tokenize().unwrap();
        assert!(!tokens.contains(&sqlparser::tokenizer::Token::SemiColon), "{text}");
        if matches!(fact.key.kind, FactKind::Grant | FactKind::Entitlement) {
            let parsed = sqlparser::parser::Parser::parse_sql(&dialect, &text);
            assert_eq!(parsed.map(|list| list.len()), Ok(1), "{text}");
        }
    }
}

#[test]
fn what_hides_comes_first_and_goes_last() {
    let world = world("", super::EVERYTHING);
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols, true);
    let phase = |kind: FactKind, name: &str, op: Op| {
        let fact = lowered
            .facts
            .iter()
            .find(|fact| fact.key.kind == kind && symbols.text(fact.key.privilege).starts_with(name))
            .unwrap();
        Snowflake.phase(&Change { op, fact: *fact, before: None }, &symbols)
    };
    for (kind, name, op, expected) in [
        (FactKind::Entitlement, "not ", Op::Add, Phase::Prepare),
        (FactKind::Entitlement, "not ", Op::Remove, Phase::Dismantle),
        (FactKind::Entitlement, "complete ", Op::Add, Phase::Reveal),
        (FactKind::Entitlement, "user ", Op::Remove, Phase::Conceal),
        (FactKind::Grant, "", Op::Add, Phase::Expose),
        (FactKind::Membership, "", Op::Remove, Phase::Withdraw),
        (FactKind::MaskAttachment, "", Op::Remove, Phase::Unprotect),
        (FactKind::RowAccessPolicy, "", Op::Replace, Phase::Protect),
        (FactKind::Role, "", Op::Remove, Phase::Dismantle),
    ] {
        assert_eq!(phase(kind, name, op), expected, "{kind:?} {name} {op:?}");
    }
}

#[test]
fn a_comment_is_one_literal_though_a_name_has_the_salts_place_in_it() {
    let world = super::world(
        "table sf RETAIL.PUBLIC.ODD [Odd]: {salt} VARCHAR",
        r#"
            subscription r { allow read on tables tagged Odd to anyone }
            filter f { on tables tagged Odd rows where column "{salt}" = "x" }
        "#,
    );
    let script = &world.sql(Some("pepper"))["20_policies.sql"];
    assert!(script.contains(r#""columns":["{salt}"]"#) && !script.contains("COMMENT = ("), "{script}");
}
