//! What is read of exports that others wrote, and what it means.

use super::{World, lines, with, world};
use crate::backend::bigquery::BigQuery;
use crate::backend::contract::{Backend, Seen};
use crate::backend::fact::Symbols;
use crate::inventory::Securable;
use crate::inventory::directory::Access;

const PRIVILEGES: &str = "object_catalog,object_schema,object_name,object_type,privilege_type,grantee\n";
const VIEWS: &str = "table_catalog,table_schema,table_name,view_definition\n";
const OURS: &str = "\"/* grantc: r; {\"\"filters\"\":[],\"\"shape\"\":\"\"1\"\"} */ SELECT t.`email` AS `email` FROM `shop-1`.`sales`.`customer` t\"";

/// Exports with some rows of each.
struct Rows<'t> {
    privileges: &'t str,
    views: &'t str,
    datasets: &'t str,
}

impl Rows<'_> {
    fn files(&self) -> [(&'static str, String); 4] {
        let datasets = if self.datasets.is_empty() { "[]" } else { self.datasets };
        [
            ("object_privileges.csv", format!("{PRIVILEGES}{}", self.privileges)),
            ("views.csv", format!("{VIEWS}{}", self.views)),
            ("datasets.json", datasets.to_owned()),
            ("entitlements.csv", "account,name,value\n".to_owned()),
        ]
    }
}

fn plain() -> World {
    world("subscription r { allow read on tables tagged Shop.Customer to user is \"alice\" }")
}

/// `datasets.json` with access lists of datasets.
fn lists(lists: &[(&str, &str)]) -> String {
    let one = |(dataset, access): &(&str, &str)| {
        format!(
            r#"{{"kind": "bigquery#dataset", "datasetReference": {{"projectId": "shop-1", "datasetId": "{dataset}"}}, "access": [{access}]}}"#
        )
    };
    format!("[{}]", lists.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn list(dataset: &str, access: &str) -> String {
    lists(&[(dataset, access)])
}

const VIEW_ENTRY: &str =
    r#"{"view": {"projectId": "shop-1", "datasetId": "sales_secure", "tableId": "customer"}}"#;

fn check(rows: &Rows<'_>, ours: &[&str], foreign: &[&str]) {
    let (world, mut symbols, files) = (plain(), Symbols::default(), rows.files());
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let observed = world.observe(&files, &mut symbols).unwrap();
    assert_eq!(lines(&observed.ours, &symbols), ours);
    assert_eq!(lines(&observed.foreign, &symbols), foreign);
}

#[test]
fn views_are_ours_by_their_mark_and_what_hangs_on_them_with_them() {
    let access = format!(
        r#"{VIEW_ENTRY}, {{"view": {{"projectId": "shop-1", "datasetId": "sales_secure", "tableId": "by_hand"}}}},
           {{"view": {{"projectId": "shop-1", "datasetId": "sales_secure", "tableId": "gone"}}}},
           {{"view": {{"projectId": "shop-1", "datasetId": "bi", "tableId": "gone"}}}},
           {{"role": "READER", "userByEmail": "Bob@Acme.example"}},
           {{"role": "WRITER", "userByEmail": "etl@shop-1.iam.gserviceaccount.com"}},
           {{"role": "roles/custom", "groupByEmail": "staff@acme.example", "condition": {{"expression": "true"}}}},
           {{"role": "OWNER", "specialGroup": "projectOwners"}}, {{"new": "form"}},
           {{"routine": {{"projectId": "shop-1", "datasetId": "bi", "routineId": "f"}}}}"#
    );
    let rows = Rows {
        privileges: "shop-1,sales_secure,customer,VIEW,roles/bigquery.dataViewer,user:Alice@acme.example\nshop-1,sales_secure,customer,VIEW,roles/bigquery.dataOwner,user:dave@acme.example\nshop-1,sales_secure,by_hand,VIEW,roles/bigquery.dataViewer,user:dave@acme.example\nshop-1,NULL,sales,SCHEMA,roles/bigquery.dataViewer,user:bob@acme.example\n",
        views: &format!(
            "shop-1,sales_secure,customer,{OURS}\nshop-1,sales_secure,by_hand,SELECT 1\nshop-1,bi,peek,{OURS}\n"
        ),
        datasets: &list("sales", &access),
    };
    check(
        &rows,
        &[
            "view VIEW \"shop-1\".\"sales_secure\".\"customer\"",
            "authorized_view SCHEMA \"shop-1\".\"sales\" VIEW \"shop-1\".\"sales_secure\".\"customer\"",
            "authorized_view SCHEMA \"shop-1\".\"sales\" VIEW \"shop-1\".\"sales_secure\".\"gone\"",
            "grant roles/bigquery.dataViewer VIEW \"shop-1\".\"sales_secure\".\"customer\" USER \"user:alice@acme.example\"",
        ],
        &[
            "view VIEW \"shop-1\".\"bi\".\"peek\"",
            "view VIEW \"shop-1\".\"sales_secure\".\"by_hand\"",
            "authorized_view SCHEMA \"shop-1\".\"sales\" VIEW \"shop-1\".\"bi\".\"gone\"",
            "authorized_view SCHEMA \"shop-1\".\"sales\" VIEW \"shop-1\".\"sales_secure\".\"by_hand\"",
            "grant roles/custom WITH CONDITION SCHEMA \"shop-1\".\"sales\" GROUP \"group:staff@acme.example\"",
            "grant roles/bigquery.dataOwner SCHEMA \"shop-1\".\"sales\" MEMBER \"specialGroup:projectOwners\"",
            "grant SCHEMA \"shop-1\".\"sales\" MEMBER \"{\"\"new\"\":\"\"form\"\"}\"",
            "grant authorized routine SCHEMA \"shop-1\".\"sales\" ROUTINE \"shop-1\".\"bi\".\"f\"",
            "grant roles/bigquery.dataEditor SCHEMA \"shop-1\".\"sales\" USER \"serviceAccount:etl@shop-1.iam.gserviceaccount.com\"",
            "grant roles/bigquery.dataViewer SCHEMA \"shop-1\".\"sales\" USER \"user:bob@acme.example\"",
            "grant roles/bigquery.dataViewer VIEW \"shop-1\".\"sales_secure\".\"by_hand\" USER \"user:dave@acme.example\"",
            "grant roles/bigquery.dataOwner VIEW \"shop-1\".\"sales_secure\".\"customer\" USER \"user:dave@acme.example\"",
        ],
    );
}

#[test]
fn a_missing_file_and_one_that_is_no_list_are_errors() {
    let (world, mut symbols) = (plain(), Symbols::default());
    let said = world.observe(&[("views.csv", VIEWS)], &mut symbols).unwrap_err();
    assert!(said.contains("`state/bq` lacks `object_privileges.csv`, `datasets.json`"), "{said}");
    for (datasets, why) in [
        ("{\"access\": 1}", "neither a page with `datasets`"),
        // As datasets.list tells of it: without its access.
        (
            r#"[{"datasetReference": {"projectId": "shop-1", "datasetId": "sales"}}]"#,
            "missing field `access`",
        ),
    ] {
        let rows = Rows { privileges: "", views: "", datasets };
        let files = rows.files();
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let said = world.observe(&files, &mut symbols).unwrap_err();
        assert!(said.contains("`state/bq/datasets.json` cannot be read") && said.contains(why), "{said}");
    }
}

/// Who reads and writes shop-1.sales.customer, and who sees its `email`.
fn reads(world: &World, rows: &Rows<'_>, expected: [&[&str]; 3]) {
    let (mut symbols, files) = (Symbols::default(), rows.files());
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let observed = world.observe(&files, &mut symbols).unwrap();
    let facts = [observed.ours, observed.foreign].concat();
    let inventory = &world.program.inventory;
    let permits = BigQuery.permits(inventory, world.integration, &facts, &symbols, &world.accounts);
    let catalog = &inventory.catalog;
    let table = catalog.tables.ids().find(|id| catalog.path(*id) == ["shop-1", "sales", "customer"]).unwrap();
    let readers = permits.may(Securable::Table(table), Access::Read);
    let names = |set: &roaring::RoaringBitmap| -> Vec<String> {
        set.iter().map(|raw| permits.accounts()[raw as usize].clone()).collect()
    };
    let email = catalog.tables[table].columns.iter().copied().find(|id| catalog.columns[*id].name == "email");
    let seen = permits.columns(email.unwrap());
    let masked = seen
        .iter()
        .filter(|(seen, _)| *seen == Seen::Masked)
        .fold(roaring::RoaringBitmap::new(), |all, (_, set)| all | set);
    let writers = permits.may(Securable::Table(table), Access::Write);
    for account in names(&readers) {
        assert!(!permits.through(&account, Securable::Table(table), Access::Read).is_empty(), "{account}");
    }
    assert_eq!(
        [names(&readers), names(&writers), names(&(readers - masked))],
        expected.map(|list| list.to_vec())
    );
}

const NOBODY: Rows<'static> = Rows { privileges: "", views: "", datasets: "" };
const ALICE: &str = "user:alice@acme.example";
const DAVE: &str = "user:dave@acme.example";

#[test]
fn a_role_on_the_dataset_reaches_its_tables() {
    let access = r#"{"role": "READER", "userByEmail": "dave@acme.example"}, {"role": "WRITER", "iamMember": "user:alice@acme.example"},
                    {"role": "roles/bigquery.metadataViewer", "userByEmail": "bob@acme.example"}"#;
    reads(
        &plain(),
        &Rows { datasets: &list("sales", access), ..NOBODY },
        [&[ALICE, DAVE], &[ALICE], &[ALICE, DAVE]],
    );
    reads(&plain(), &Rows { datasets: &list("web", access), ..NOBODY }, [&[], &[], &[]]);
}

#[test]
fn everybody_domains_and_groups_count() {
    let all = ["alice", "bob", "carol", "dave", "dpo"].map(|user| format!("user:{user}@acme.example"));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let everybody = list("sales", r#"{"role": "READER", "specialGroup": "allAuthenticatedUsers"}"#);
    reads(&plain(), &Rows { datasets: &everybody, ..NOBODY }, [&all, &[], &all]);
    let domain = list("sales", r#"{"role": "READER", "domain": "acme.example"}"#);
    let with_domain = [&["DOMAIN \"domain:acme.example\""], all.as_slice()].concat();
    reads(&plain(), &Rows { datasets: &domain, ..NOBODY }, [&with_domain, &[], &with_domain]);
    let group = list("sales", r#"{"role": "READER", "groupByEmail": "Analysts@acme.example"}"#);
    let unseen = ["GROUP \"group:analysts@acme.example\""];
    reads(&plain(), &Rows { datasets: &group, ..NOBODY }, [&unseen, &[], &unseen]);
    let trusted = with(
        "subscription r { allow read on tables tagged Shop.Customer to user is \"alice\" }",
        "",
        &|it| {
            it.groups_trusted = true;
        },
    );
    reads(&trusted, &Rows { datasets: &group, ..NOBODY }, [&[ALICE], &[], &[ALICE]]);
}

#[test]
fn a_view_shows_its_table_once_it_is_authorized() {
    let views = format!("shop-1,sales_secure,customer,{OURS}\n");
    let privileges = "shop-1,sales_secure,customer,VIEW,roles/bigquery.dataViewer,user:dave@acme.example\n";
    let check = |datasets: &str, expected: &[&str]| {
        reads(&plain(), &Rows { privileges, views: &views, datasets }, [expected, &[], expected]);
    };
    check("", &[]);
    for entry in [
        VIEW_ENTRY,
        r#"{"dataset": {"dataset": {"projectId": "shop-1", "datasetId": "sales_secure"}, "targetTypes": ["VIEWS"]}}"#,
    ] {
        check(&list("sales", entry), &[DAVE]);
        check(&list("web", entry), &[]);
    }
}

#[test]
fn views_of_others_may_show_anything_also_through_each_other() {
    let peek = r#"{"view": {"projectId": "shop-1", "datasetId": "bi", "tableId": "peek"}}"#;
    let privileges = "shop-1,bi,peek,VIEW,roles/bigquery.dataViewer,user:dave@acme.example\n";
    for (definition, authorized, found) in [
        ("SELECT x.email FROM `shop-1.sales.customer` x LIMIT 3", true, true),
        ("SELECT x.email FROM `shop-1`.sales.customer x LIMIT 3", true, true),
        ("SELECT x.email FROM sales.customer x LIMIT 3", true, true),
        ("SELECT * FROM `shop-1.sales.cust*`", true, true),
        ("SELECT x.email FROM `shop-1.sales.customer` x LIMIT 3", false, false),
        ("SELECT 1 FROM other.sales.customer", true, false),
        ("not even SQL (", true, true),
        ("not even SQL (", false, false),
    ] {
        let views = format!("shop-1,bi,peek,{definition}\n");
        let datasets = if authorized { list("sales", peek) } else { String::new() };
        let expected: &[&str] = if found { &[DAVE] } else { &[] };
        reads(&plain(), &Rows { privileges, views: &views, datasets: &datasets }, [expected, &[], expected]);
    }
    // Over a view of ours: its dataset lets the outer one in.
    let views = format!(
        "shop-1,sales_secure,customer,{OURS}\nshop-1,bi,peek,SELECT email FROM `shop-1`.sales_secure.customer LIMIT 1\n"
    );
    let both = lists(&[("sales", VIEW_ENTRY), ("sales_secure", peek)]);
    reads(&plain(), &Rows { privileges, views: &views, datasets: &both }, [&[DAVE], &[], &[DAVE]]);
    reads(
        &plain(),
        &Rows { privileges, views: &views, datasets: &list("sales", VIEW_ENTRY) },
        [&[], &[], &[]],
    );
}

#[test]
fn who_holds_it_twice_holds_it() {
    let reader = r#"{"role": "READER", "userByEmail": "dave@acme.example"}"#;
    let on_table = "shop-1,sales,customer,TABLE,roles/bigquery.dataViewer,user:dave@acme.example\n";
    let twice = Rows { privileges: on_table, views: "", datasets: &list("sales", reader) };
    reads(&plain(), &twice, [&[DAVE], &[], &[DAVE]]);
    // A view beside the table.
    let views = "shop-1,bi,peek,SELECT x.email FROM `shop-1.sales.customer` x LIMIT 3\n";
    let privileges =
        format!("{on_table}shop-1,bi,peek,VIEW,roles/bigquery.dataViewer,user:dave@acme.example\n");
    let peek = r#"{"view": {"projectId": "shop-1", "datasetId": "bi", "tableId": "peek"}}"#;
    let beside = Rows { privileges: &privileges, views, datasets: &list("sales", peek) };
    reads(&plain(), &beside, [&[DAVE], &[], &[DAVE]]);
}

#[test]
fn ways_are_the_bindings_of_the_account() {
    let (world, mut symbols) = (plain(), Symbols::default());
    let privileges = "shop-1,sales,customer,TABLE,roles/bigquery.dataViewer,user:dave@acme.example\nshop-1,sales,customer,TABLE,roles/bigquery.dataViewer,user:bob@acme.example\nshop-1,bi,peek,VIEW,roles/bigquery.dataViewer,user:dave@acme.example\nshop-1,bi,shut,VIEW,roles/bigquery.dataViewer,user:dave@acme.example\nshop-1,bi,shut,VIEW,roles/bigquery.dataViewer,user:bob@acme.example\n";
    let views = "shop-1,bi,peek,SELECT x.email FROM `shop-1.sales.customer` x LIMIT 3\nshop-1,bi,shut,\"SELECT x.email FROM `shop-1.sales.customer` x, `shop-1.hr.staff` y\"\n";
    let peek = r#"{"view": {"projectId": "shop-1", "datasetId": "bi", "tableId": "peek"}}, {"role": "roles/bigquery.metadataViewer", "userByEmail": "dave@acme.example"}"#;
    let datasets = list("sales", peek);
    let files = Rows { privileges, views, datasets: &datasets }.files();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let observed = world.observe(&files, &mut symbols).unwrap();
    let inventory = &world.program.inventory;
    let permits =
        BigQuery.permits(inventory, world.integration, &observed.foreign, &symbols, &world.accounts);
    let catalog = &inventory.catalog;
    let table = catalog.tables.ids().find(|id| catalog.path(*id) == ["shop-1", "sales", "customer"]).unwrap();
    assert_eq!(
        permits.through(DAVE, Securable::Table(table), Access::Read),
        [
            "GRANT roles/bigquery.dataViewer ON TABLE \"shop-1\".\"sales\".\"customer\" TO USER \"user:dave@acme.example\"",
            "GRANT roles/bigquery.dataViewer ON VIEW \"shop-1\".\"bi\".\"peek\" TO USER \"user:dave@acme.example\"",
        ]
    );
    assert_eq!(
        permits.through("user:bob@acme.example", Securable::Table(table), Access::Read),
        [
            "GRANT roles/bigquery.dataViewer ON TABLE \"shop-1\".\"sales\".\"customer\" TO USER \"user:bob@acme.example\""
        ]
    );
}
