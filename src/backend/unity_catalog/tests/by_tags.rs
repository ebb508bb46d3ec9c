//! `enforcement: tags`: the same functions where policies that follow tags put them.

use super::super::limit::Limits;
use super::super::{UnityCatalog, abac};
use super::{EVERYTHING, World, judge, texts, world};
use crate::backend::contract::{Backend, Change, Observed, Op, Phase, RowsSeen, Seen};
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::object::Object;
use crate::inventory::directory::Access;
use crate::inventory::integration::Enforcement;
use crate::inventory::{ColumnId, Securable, TableId};

const READ: &str = r#"subscription r { allow read on tables in RETAIL.PUBLIC to anyone }"#;

fn tagged(more: &str, policies: &str) -> World {
    let mut world = world(more, policies);
    world.program.inventory.integrations[world.integration].enforcement = Enforcement::Tags;
    world
}

fn gaps(world: &World) -> Vec<String> {
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols, true);
    judge(world, &lowered, &symbols);
    let of_ours = lowered.gaps.iter().filter(|gap| gap.integration == "db");
    of_ours.map(|gap| format!("{} {} {}: {}", gap.policy, gap.code.name(), gap.object, gap.message)).collect()
}

fn column(world: &World, name: &str) -> ColumnId {
    let catalog = &world.program.inventory.catalog;
    let named = |id: &ColumnId| {
        let home = catalog.home(catalog.columns[*id].table).1.integration;
        home == world.integration && catalog.shown_column(*id) == name
    };
    catalog.columns.ids().find(named).unwrap()
}

fn table(world: &World, name: &str) -> TableId {
    world.program.inventory.catalog.columns[column(world, &format!("{name}.id"))].table
}

/// What a state shows of a column, a line each.
fn seen(world: &World, facts: &[Fact], symbols: &Symbols, name: &str) -> Vec<String> {
    let inventory = &world.program.inventory;
    let permits = UnityCatalog.permits(inventory, world.integration, facts, symbols, &world.accounts);
    let mut lines = Vec::new();
    for (what, accounts) in permits.columns(column(world, name)) {
        let names: Vec<&str> = accounts.iter().map(|raw| permits.accounts()[raw as usize].as_str()).collect();
        lines.push(format!("{what:?} {}", names.join(" ")));
    }
    lines.sort();
    lines
}

const MASK: &str = r#"mask m { on columns tagged PII.Email using hash except user is "dpo" }"#;

#[test]
fn everything_is_held_as_the_reference_has_it_and_read_back() {
    let world = tagged("", EVERYTHING);
    assert_eq!(gaps(&world), Vec::<String>::new());
    for salt in [None, Some("it's \\ a {salt} ${x}")] {
        let mut symbols = Symbols::default();
        let lowered = world.lower(&mut symbols, salt.is_some());
        let of = |kind| lowered.facts.iter().filter(move |fact| fact.key.kind == kind).count();
        assert_eq!((of(FactKind::RowAttachment), of(FactKind::RowAccessPolicy)), (0, 1));
        assert!(lowered.facts.iter().all(|fact| {
            fact.key.kind != FactKind::MaskAttachment || abac::tags::key_of(fact, &symbols).is_some()
        }));
        let folder = world.state(&lowered.facts, &symbols, salt);
        let observed = world.observe(&folder, &mut symbols, salt).unwrap();
        assert_eq!(texts(&observed.ours, &symbols), texts(&lowered.facts, &symbols));
        assert_eq!(texts(&observed.foreign, &symbols), Vec::<String>::new());
    }
}

#[test]
fn the_files_come_in_an_order_that_never_opens() {
    let policies = r#"
subscription r { allow read on tables tagged Domain.Sales to user is "bob" }
mask m { on columns named "amount" using null when column region = "EMEA" except user is "dpo" }
filter f { on tables tagged Domain.Sales rows where column region in user attribute region }"#;
    let files = tagged("", policies).files(Some("s'alt"));
    let attach = &files["20_attach.sql"];
    let place = |part: &str| attach.find(part).unwrap_or_else(|| panic!("{part}\n{attach}"));
    let input = place("`sales` ALTER COLUMN `region` SET TAGS ('grantc_input' = 'column-region');");
    let masks = place("CREATE OR REPLACE POLICY `grantc_m_");
    let rows = place(
        "CREATE OR REPLACE POLICY `grantc_rows` ON TABLE `retail`.`public`.`sales` COMMENT 'grantc: f' ROW FILTER `grantc`.`grantc`.`grantc_f_",
    );
    let masked = place("`sales` ALTER COLUMN `amount` SET TAGS ('grantc_mask' = 'grantc_m_");
    let wait = place("-- WAIT before `30_grants.sql`:");
    assert!(input < masks && input < rows && masks < masked && rows < masked && masked < wait, "{attach}");
    for part in [
        "ON CATALOG `retail` COMMENT 'grantc: m' COLUMN MASK `grantc`.`grantc`.`grantc_m_",
        "TO `account users` FOR TABLES MATCH COLUMNS has_tag_value('grantc_mask', 'grantc_m_",
        "has_tag_value('grantc_input', 'column-region') AS `a1` ON COLUMN `masked` USING COLUMNS (`a1`);",
    ] {
        place(part);
    }
    assert!(!attach.contains("SET MASK") && !attach.contains("SET ROW FILTER"), "{attach}");
    assert!(files["30_grants.sql"].contains("count: tags and policies count only after some minutes"));
    let governed: serde_json::Value = serde_json::from_str(&files["governed_tags.json"]).unwrap();
    let keys: Vec<&str> =
        governed.as_array().unwrap().iter().map(|each| each["tag_key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["grantc_input", "grantc_mask"]);
    assert_eq!(governed[0]["values"][0]["name"], "column-region");
    assert!(!world("", policies).files(None).contains_key("governed_tags.json"));
}

#[test]
fn a_thousand_columns_of_one_mask_cost_one_policy() {
    let columns: Vec<String> = (0..1000).map(|at| format!("c{at} STRING [PII.Email]")).collect();
    let more = format!("table db retail.eu.wide: id INT; {}", columns.join("; "));
    let world =
        tagged(&more, &format!("subscription r {{ allow read on tables in RETAIL to anyone }} {MASK}"));
    let mut symbols = Symbols::default();
    let facts = world.lower(&mut symbols, true).facts;
    let of = |kind| facts.iter().filter(move |fact| fact.key.kind == kind).count();
    assert_eq!((of(FactKind::MaskAttachment), of(FactKind::MaskingPolicy)), (1001, 1));
}

#[test]
fn what_a_policy_cannot_match_is_refused_and_the_way_out_named() {
    let auto = |policies: &str| gaps(&world("", &format!("{READ}\n{policies}")));
    let tags = |policies: &str| gaps(&tagged("", &format!("{READ}\n{policies}")));
    let far = r#"mask m { on columns tagged PII.Email using null when column phone = "1" and column country = "US" and column active = true except user is "dpo" }"#;
    assert_eq!(auto(far), Vec::<String>::new());
    assert_eq!(
        tags(far),
        [
            "m rows-refused retail.public.customer: with `enforcement: tags` the masks of a column read 2 others at most, and its `when` reads more (`enforcement: auto` holds it): 4 accounts do not get `retail.public.customer`"
        ]
    );
    let near = far.replace(" and column active = true", "");
    assert_eq!(tags(&near), Vec::<String>::new());
    let wide = r#"filter f { on tables tagged Domain.Customer rows where column phone = "1" and column country = "US" and column active = true and column id > 1 except user is "dpo" }"#;
    assert_eq!(auto(wide), Vec::<String>::new());
    assert_eq!(
        tags(wide),
        [
            "f rows-refused retail.public.customer: with `enforcement: tags` the filters of a table read 3 columns at most, and this one reads more (`enforcement: auto` holds it): 4 accounts do not get `retail.public.customer`"
        ]
    );
    // Neither way holds a masked column in a condition, so no way out is named.
    let input = r#"mask m { on columns named "region" using null except user is "dpo" } filter f { on tables tagged Domain.Sales rows where column region = "EMEA" }"#;
    assert_eq!(auto(input), tags(input));
    assert!(tags(input)[0].starts_with("f masked-input retail.public.sales"), "{:?}", tags(input));
}

#[test]
fn a_tag_that_is_off_or_misspelt_masks_nothing_and_is_told() {
    let world = tagged("", &format!("{READ}\n{MASK}"));
    let mut symbols = Symbols::default();
    let facts = world.lower(&mut symbols, true).facts;
    let name = "retail.public.customer.email";
    let hidden = ["Clear dpo", "Masked alice bob carol dave"];
    assert_eq!(seen(&world, &facts, &symbols, name), hidden);
    let folder = world.state(&facts, &symbols, None);
    let csv = String::from_utf8(folder.files.as_ref().unwrap()["column_tags.csv"].clone()).unwrap();
    for (changed, op) in [
        (csv.replace("grantc_mask", "grantc_mosk"), "add"),
        (csv.replace(",grantc_m_", ",grantc_n_"), "replace"),
    ] {
        let mut folder = folder.clone();
        folder.files.as_mut().unwrap().insert("column_tags.csv".to_owned(), changed.into_bytes());
        let observed = world.observe(&folder, &mut symbols, None).unwrap();
        assert_eq!(seen(&world, &observed.ours, &symbols, name), Vec::<String>::new());
        assert!(observed.foreign.is_empty());
        let tag = facts.iter().find(|fact| abac::tags::key_of(fact, &symbols).is_some()).unwrap();
        let there = observed.ours.iter().find(|fact| fact.key == tag.key);
        assert_eq!(there.map_or("add", |there| if there == tag { "none" } else { "replace" }), op);
    }
}

#[test]
fn a_policy_that_was_changed_under_its_name_is_noticed() {
    let world = tagged("", &format!("{READ}\n{MASK}"));
    let mut symbols = Symbols::default();
    let facts = world.lower(&mut symbols, true).facts;
    let folder = world.state(&facts, &symbols, None);
    let text = String::from_utf8(folder.files.as_ref().unwrap()["policies.json"].clone()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let (mut json, mut folder) = (json.clone(), folder.clone());
        change(&mut json["policies"][0]);
        folder.files.as_mut().unwrap().insert("policies.json".to_owned(), json.to_string().into_bytes());
        folder
    };
    let name = "retail.public.customer.email";
    let hidden = vec!["Clear dpo", "Masked alice bob carol dave"];
    for (change, same, expected) in [
        (
            with(&|it| {
                it["match_columns"][0]["condition"] = it["match_columns"][0]["condition"]
                    .as_str()
                    .unwrap()
                    .replace("has_tag_value", "hasTagValue")
                    .into()
            }),
            true,
            hidden.clone(),
        ),
        (with(&|it| it["when_condition"] = "TRUE".into()), true, hidden.clone()),
        (with(&|it| it["to_principals"] = serde_json::json!(["bob"])), false, vec!["Masked bob"]),
        (
            with(&|it| it["except_principals"] = serde_json::json!(["bob"])),
            false,
            vec!["Clear dpo", "Masked alice carol dave"],
        ),
        (with(&|it| it["when_condition"] = "has_tag('x')".into()), false, vec![]),
        (with(&|it| it["match_columns"][0]["condition"] = "has_tag('x')".into()), false, vec![]),
        (with(&|it| it["match_columns"][0]["condition"] = "odd(".into()), false, vec![]),
        (
            with(&|it| it["column_mask"]["function_name"] = "a.b.c".into()),
            false,
            vec!["Sometimes alice bob carol dave dpo"],
        ),
        (
            with(&|it| it["column_mask"]["using"] = serde_json::json!([{"alias": "nothing"}])),
            false,
            vec!["Masked alice bob carol dave dpo"],
        ),
    ] {
        let observed = world.observe(&change, &mut symbols, None).unwrap();
        assert_eq!(texts(&observed.ours, &symbols) == texts(&facts, &symbols), same, "{expected:?}");
        assert_eq!(seen(&world, &observed.ours, &symbols, name), expected);
        assert!(observed.foreign.is_empty());
    }
    let foreign = with(&|it| it["comment"] = "mine".into());
    let observed = world.observe(&foreign, &mut symbols, None).unwrap();
    let kinds: Vec<FactKind> = observed.foreign.iter().map(|fact| fact.key.kind).collect();
    // It stands on the column as somebody else's, in our policy's place.
    assert_eq!(kinds, [FactKind::MaskingPolicy, FactKind::MaskAttachment]);
    let ours = facts.iter().find(|fact| fact.key.kind == FactKind::MaskingPolicy).unwrap();
    assert!(observed.foreign.iter().any(|fact| fact.key == ours.key));
    let tag = facts.iter().find(|fact| abac::tags::key_of(fact, &symbols).is_some()).unwrap();
    assert!(observed.foreign.iter().any(|fact| Some(fact.key) == UnityCatalog.rival(tag, &symbols)));
    assert!(observed.foreign.iter().all(|fact| !UnityCatalog.understood(fact, &symbols)));
}

/// What policies of others stand on, as the places that they block.
fn others(policies: &str, tags: &str) -> Vec<String> {
    let world = tagged("", READ);
    let mut symbols = Symbols::default();
    let mut folder = world.state(&[], &symbols, None);
    let files = folder.files.as_mut().unwrap();
    files.insert("policies.json".to_owned(), policies.as_bytes().to_vec());
    let tags = format!("catalog_name,schema_name,table_name,column_name,tag_name,tag_value\n{tags}");
    files.insert("column_tags.csv".to_owned(), tags.into_bytes());
    let Observed { ours, foreign, .. } = world.observe(&folder, &mut symbols, None).unwrap();
    assert!(ours.is_empty(), "{:?}", texts(&ours, &symbols));
    let attached = |fact: &&Fact| matches!(fact.key.kind, FactKind::MaskAttachment | FactKind::RowAttachment);
    foreign.iter().filter(attached).map(|fact| symbols.text(fact.key.object).replace('"', "")).collect()
}

#[test]
fn policies_of_others_stand_where_their_tags_are() {
    let mask = |on: &str, condition: &str| {
        format!(
            r#"[{{"policies": [{{"name": "p", "on_securable_type": "SCHEMA", "on_securable_fullname": "{on}", "to_principals": ["x"], "match_columns": [{{"alias": "c", "condition": "{condition}"}}], "column_mask": {{"function_name": "gov.f.m", "on_column": "c"}}}}]}}, {{}}]"#
        )
    };
    let tags = "retail,public,customer,Email,pii,yes\nretail,public,customer,phone,pii,no\nretail,eu,sales,region,pii,yes\n";
    let on = |scope: &str, condition: &str| others(&mask(scope, condition), tags).join(", ");
    assert_eq!(
        on("retail.public", "has_tag('pii')"),
        "TABLE retail.public.customer COLUMN email, TABLE retail.public.customer COLUMN phone"
    );
    assert_eq!(
        on("retail", "has_tag_value('pii', 'yes')"),
        "TABLE retail.eu.sales COLUMN region, TABLE retail.public.customer COLUMN email"
    );
    assert_eq!(on("retail.public.sales", "has_tag('pii')"), "");
    assert_eq!(on("other", "has_tag('pii')"), "");
    assert_eq!(on("retail", "what(is) this"), "");
    let rows = r#"{"policies": [{"name": "p", "on_securable_fullname": "Retail.eu", "row_filter": {"function_name": "gov.f.r"}}, {"name": "g", "on_securable_fullname": "retail"}]}"#;
    assert_eq!(others(rows, "").join(", "), "TABLE retail.eu.sales");
}

#[test]
fn two_masks_on_a_column_show_nothing() {
    let world = tagged(
        "",
        &format!(
            "{READ}\n{MASK}\nfilter f {{ on tables tagged Domain.Customer rows where column country = \"US\" except user is \"dpo\" }}"
        ),
    );
    let mut symbols = Symbols::default();
    let mut facts = world.lower(&mut symbols, true).facts;
    let (name, customer) = ("retail.public.customer.email", table(&world, "retail.public.customer"));
    let tag = facts.iter().find(|fact| {
        abac::tags::key_of(fact, &symbols).is_some() && symbols.text(fact.body).starts_with("FUNCTION ")
    });
    let mut direct = *tag.unwrap();
    direct.key.privilege = Default::default();
    facts.push(direct);
    assert_eq!(seen(&world, &facts, &symbols, name), ["Clear dpo", "Masked alice bob carol dave"]);
    let other = Object::new("FUNCTION", ["a", "b", "c"]).text();
    facts.last_mut().unwrap().body = symbols.intern(&other);
    assert_eq!(seen(&world, &facts, &symbols, name), ["Masked alice bob carol dave dpo"]);
    let filter = Fact {
        key: crate::backend::fact::FactKey {
            kind: FactKind::RowAttachment,
            object: symbols.intern(r#"TABLE "retail"."public"."customer""#),
            ..direct.key
        },
        ..*facts.last().unwrap()
    };
    facts.push(filter);
    let inventory = &world.program.inventory;
    let permits = UnityCatalog.permits(inventory, world.integration, &facts, &symbols, &world.accounts);
    let rows = permits.rows(customer);
    let both = RowsSeen::Filtered(vec!["FUNCTION `a`.`b`.`c`".to_owned(), "f".to_owned()]);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((&rows[0].0, rows[0].1.len()), (&both, 5));
}

#[test]
fn tags_of_inputs_come_first_and_masks_are_lifted_last() {
    let world = tagged("", EVERYTHING);
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols, true);
    for fact in &lowered.facts {
        let change = |op| Change { op, fact: *fact, before: Some(*fact) };
        let phase = |op| UnityCatalog.phase(&change(op), &symbols);
        let settles = |op| UnityCatalog.settles(&change(op), &symbols).is_some();
        let statement =
            |op| UnityCatalog.statement(&world.program.inventory, world.integration, &change(op), &symbols);
        let input = symbols.text(fact.body).starts_with("INPUT ");
        let expected = match fact.key.kind {
            FactKind::MaskAttachment if input => (Phase::Prepare, Phase::Dismantle),
            FactKind::MaskAttachment | FactKind::RowAccessPolicy => (Phase::Protect, Phase::Unprotect),
            FactKind::MaskingPolicy => (Phase::Protect, Phase::Dismantle),
            FactKind::Rule => (Phase::Prepare, Phase::Dismantle),
            _ => continue,
        };
        assert_eq!((phase(Op::Add), phase(Op::Remove)), expected);
        assert_eq!(phase(Op::Replace), expected.0);
        assert!(settles(Op::Add) && settles(Op::Replace) && !settles(Op::Remove));
        assert!(!statement(Op::Add).contains('\n') && !statement(Op::Remove).contains('\n'));
        assert!(!UnityCatalog.title(fact, &symbols).contains('"'));
        let needs = UnityCatalog.needs(fact, &symbols);
        let there =
            |need: &&String| lowered.facts.iter().any(|fact| symbols.text(fact.key.object) == need.as_str());
        let met = needs.iter().filter(there).count();
        // A masked column: the governed tag, its function and its policy, which is on one of three scopes.
        let count = if fact.key.kind == FactKind::MaskAttachment && !input {
            3
        } else {
            usize::from(fact.key.kind != FactKind::Rule)
        };
        assert_eq!(met, count, "{needs:?}");
    }
}

#[test]
fn more_policies_or_values_than_there_can_be_is_an_error() {
    let policies =
        format!("{READ}\n{MASK}\nmask p {{ on columns tagged PII.Phone using null except user is \"bob\" }}");
    let world = tagged("", &policies);
    let said = |limits| {
        let limits = Limits { abac: limits, ..Limits::default() };
        world.try_lower(&mut Symbols::default(), false, limits).map(|_| ()).unwrap_err()
    };
    let most = abac::Limits::default();
    assert_eq!(
        said(abac::Limits { container: 0, table: 1, ..most }),
        "`db` needs more policies on `retail.public.customer` than the 1 that Databricks takes on a table"
    );
    assert_eq!(said(abac::Limits { all: 1, ..most }), "`db` needs 2 policies, and a metastore takes 1");
    assert_eq!(
        said(abac::Limits { values: 1, ..most }),
        "`db` needs 2 values of the governed tag `grantc_mask`, which takes 1"
    );
}

/// Columns keep their case in the catalog and compare without it.
#[test]
fn columns_of_mixed_case_are_no_other_columns() {
    let more = "table db retail.public.mixed: id INT; EMail STRING [PII.Email]; ReGion STRING [Geo.Region]; Größe INT";
    let policies = r#"
subscription r { allow read on tables named "mixed" to anyone }
mask m { on columns tagged PII.Email of tables named "mixed" using null when column tagged Geo.Region = "EMEA" except user is "dpo" }
mask g { on columns named "Größe" using null except user is "dpo" }
filter f { on tables named "mixed" rows where column tagged Geo.Region in user attribute region except user is "dave" }"#;
    for world in [world(more, policies), tagged(more, policies)] {
        let mut symbols = Symbols::default();
        let lowered = world.lower(&mut symbols, false);
        judge(&world, &lowered, &symbols);
        let folder = world.state(&lowered.facts, &symbols, None);
        for spelling in [&|text: &str| text.to_owned() as String, &|text: &str| {
            text.replace("email", "EMail").replace(",region", ",ReGion").replace("größe", "Größe")
        }] as [&dyn Fn(&str) -> String; 2]
        {
            let mut folder = folder.clone();
            for name in ["column_masks.csv", "row_filters.csv", "column_tags.csv"] {
                if let Some(bytes) = folder.files.as_mut().unwrap().get_mut(name) {
                    *bytes = spelling(std::str::from_utf8(bytes).unwrap()).into_bytes();
                }
            }
            let observed = world.observe(&folder, &mut symbols, None).unwrap();
            assert_eq!(texts(&observed.ours, &symbols), texts(&lowered.facts, &symbols));
            assert!(observed.foreign.is_empty());
            let inventory = &world.program.inventory;
            let permits =
                UnityCatalog.permits(inventory, world.integration, &observed.ours, &symbols, &world.accounts);
            let email = permits.columns(column(&world, "retail.public.mixed.EMail"));
            assert!(email.iter().any(|(seen, set)| *seen == Seen::Sometimes && set.len() == 4), "{email:?}");
            let size = permits.columns(column(&world, "retail.public.mixed.\"Größe\""));
            assert!(size.iter().any(|(seen, set)| *seen == Seen::Masked && set.len() == 4), "{size:?}");
        }
    }
}

#[test]
fn a_policy_that_grants_counts_as_a_grant_and_one_that_denies_does_not() {
    let world = world("", "");
    for (kind, expected) in [("POLICY_TYPE_GRANT", true), ("", true), ("POLICY_TYPE_DENY", false)] {
        let mut symbols = Symbols::default();
        let mut folder = world.state(&[], &symbols, None);
        let policy = format!(
            r#"{{"policies": [{{"name": "p", "policy_type": "{kind}", "on_securable_fullname": "retail", "to_principals": ["dave"]}}]}}"#
        );
        folder.files.as_mut().unwrap().insert("policies.json".to_owned(), policy.into_bytes());
        let Observed { ours, foreign, .. } = world.observe(&folder, &mut symbols, None).unwrap();
        assert!(ours.is_empty());
        let permits = UnityCatalog.permits(
            &world.program.inventory,
            world.integration,
            &foreign,
            &symbols,
            &world.accounts,
        );
        let catalog = &world.program.inventory.catalog;
        let table =
            catalog.tables.ids().find(|id| catalog.path(*id) == ["retail", "public", "customer"]).unwrap();
        let readers = permits.may(Securable::Table(table), Access::Read);
        let names: Vec<&String> = readers.iter().map(|raw| &permits.accounts()[raw as usize]).collect();
        assert_eq!(names, if expected { vec!["dave"] } else { Vec::<&str>::new() }, "{kind}");
        let known = foreign
            .iter()
            .any(|fact| UnityCatalog.understood(fact, &symbols) && fact.key.kind == FactKind::Grant);
        assert!(!known, "no REVOKE takes away what a policy gives");
    }
}
