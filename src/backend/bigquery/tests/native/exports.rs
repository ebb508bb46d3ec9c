//! What exports of tables are read as, and what they mean.

use std::collections::BTreeMap;

use super::{USUAL, native};
use crate::backend::bigquery::BigQuery;
use crate::backend::bigquery::tests::{World, lines};
use crate::backend::contract::{Backend, Lowered, Observed, Op, RowsSeen};
use crate::backend::fact::{FactKind, Symbols};
use crate::inventory::directory::Access;
use crate::inventory::{Securable, TableId};
#[cfg(test)]
use crate::plan::Side;
#[cfg(test)]
use crate::plan::diff::{Diff, diff};

/// What `state/` would hold after an apply.
fn state(world: &World) -> BTreeMap<String, String> {
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols);
    BigQuery
        .state(&world.program.inventory, world.integration, &lowered.facts, &symbols, Some("s'alt"))
        .into_iter()
        .map(|file| (file.path, String::from_utf8(file.bytes).unwrap()))
        .collect()
}

fn observe(world: &World, files: &BTreeMap<String, String>, symbols: &mut Symbols) -> Observed {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    world.observe(&files, symbols).unwrap()
}

/// The plan's changes after something happened to a state of the usual policies.
fn after(happens: &dyn Fn(&mut BTreeMap<String, String>)) -> (Diff, Vec<String>) {
    let world = native(USUAL);
    let mut files = state(&world);
    happens(&mut files);
    let mut symbols = Symbols::default();
    let observed = observe(&world, &files, &mut symbols);
    let lowered: Lowered = world.lower(&mut symbols);
    let side = Side {
        integration: world.integration,
        backend: &BigQuery,
        accounts: &world.accounts,
        symbols: &symbols,
        lowered: &lowered,
        observed: &observed,
    };
    let found = diff(&side, false);
    let told = |(op, facts): (Op, Vec<_>)| {
        lines(&facts, &symbols)
            .into_iter()
            .map(move |line| format!("{} {}", op.word(), line.split(" \"").next().unwrap()))
    };
    let by_op = [Op::Add, Op::Remove, Op::Replace].map(|op| {
        (op, found.changes.iter().filter(|change| change.op == op).map(|change| change.fact).collect())
    });
    let changes = by_op.into_iter().flat_map(told).collect();
    (found, changes)
}

/// Puts another row access policy on the customers.
fn policy(files: &mut BTreeMap<String, String>, member: &str) {
    let more = format!(
        r#"[{{"rowAccessPolicyReference": {{"projectId": "shop-1", "datasetId": "sales", "tableId": "customer", "policyId": "by_hand"}},
             "filterPredicate": "TRUE", "iamPolicy": {{"bindings": [{{"role": "roles/bigquery.filteredDataViewer", "members": ["{member}"]}}]}}}},"#
    );
    let file = files.get_mut("row_access_policies.json").unwrap();
    *file = file.replacen('[', &more, 1);
}

#[test]
fn what_is_written_is_read_back_and_nothing_is_left_to_do() {
    let (found, changes) = after(&|_| {});
    assert_eq!((changes, found.unmanaged, found.blocked.len()), (Vec::new(), 0, 0));
}

#[test]
fn a_text_printed_otherwise_is_the_same() {
    let (_, changes) = after(&|files| {
        let file = files.get_mut("row_access_policies.json").unwrap();
        *file = file.replace("LOWER(SESSION_USER())", "LOWER( SESSION_USER( ) )").replace(" AND ", "  and ");
    });
    assert_eq!(changes, Vec::<String>::new());
}

#[test]
fn what_somebody_changed_under_our_name_is_put_right() {
    type Happens = (&'static str, fn(&mut BTreeMap<String, String>), &'static [&'static str]);
    let cases: [Happens; 6] = [
        (
            "a wider predicate",
            |files| replace(files, "row_access_policies.json", "'EMEA'", "'EMEA', 'AMER'"),
            &["replace row_access_policy ROW ACCESS POLICY"],
        ),
        (
            "another member",
            |files| replace(files, "row_access_policies.json", "user:dave@", "user:eve@"),
            &["replace row_access_policy ROW ACCESS POLICY"],
        ),
        (
            "an open fence",
            |files| replace(files, "row_access_policies.json", "\"FALSE\"", "\"TRUE\""),
            &["replace row_attachment TABLE"],
        ),
        (
            "another rule",
            |files| replace(files, "routines.csv", "TO_HEX", "UPPER"),
            &["replace function ROUTINE"],
        ),
        (
            "clear text for one more",
            |files| replace(files, "data_policies.json", "subject/bob@", "subject/eve@"),
            &["add grant FINE_GRAINED_READ DATA POLICY", "remove grant FINE_GRAINED_READ DATA POLICY"],
        ),
        (
            "a column without its policies",
            |files| {
                files.insert("tables.json".to_owned(), "[]".to_owned());
            },
            &["add mask_attachment TABLE"],
        ),
    ];
    for (what, happens, expected) in cases {
        assert_eq!(after(&happens).1, expected, "{what}");
    }
}

fn replace(files: &mut BTreeMap<String, String>, name: &str, from: &str, to: &str) {
    let file = files.get_mut(name).unwrap();
    assert!(file.contains(from), "{from}: {file}");
    *file = file.replace(from, to);
}

#[test]
fn a_binding_that_is_not_listed_is_somebody_elses() {
    // His own, and one that we would have made.
    let (found, changes) = after(&|files| {
        replace(
            files,
            "bindings.csv",
            "shop-1.sales.customer,roles/bigquery.dataViewer,user:dave@acme.example\n",
            "",
        );
        let file = files.get_mut("object_privileges.csv").unwrap();
        file.push_str("shop-1,sales,customer,TABLE,roles/bigquery.dataViewer,user:eve@acme.example\n");
    });
    assert_eq!((changes, found.unmanaged, found.blocked.len()), (Vec::new(), 1, 0));
}

#[test]
fn a_policy_of_others_that_lets_one_of_ours_in_withholds_what_is_new() {
    let unbound = |files: &mut BTreeMap<String, String>| {
        for name in ["bindings.csv", "object_privileges.csv"] {
            let file = files.get_mut(name).unwrap();
            *file =
                file.lines().filter(|line| !line.contains("dave")).map(|line| format!("{line}\n")).collect();
        }
    };
    for (member, held) in [
        ("user:alice@acme.example", true),
        ("group:somebody@acme.example", true),
        ("allAuthenticatedUsers", true),
        ("serviceAccount:etl@shop-1.iam.gserviceaccount.com", false),
    ] {
        let (found, changes) = after(&|files| {
            policy(files, member);
            unbound(files);
        });
        assert_eq!(found.blocked.len(), usize::from(held), "{member}");
        let expected: &[&str] = if held { &[] } else { &["add grant roles/bigquery.dataViewer TABLE"] };
        assert_eq!(changes, expected, "{member}");
        assert_eq!(found.withheld.len(), usize::from(held), "{member}");
    }
}

#[test]
fn a_policy_tag_on_a_masked_column_holds_its_place() {
    let (found, _) = after(&|files| {
        let tagged = r#"[{"tableReference": {"projectId": "shop-1", "datasetId": "sales", "tableId": "customer"},
            "schema": {"fields": [{"name": "EMAIL", "policyTags": {"names": ["projects/1/locations/eu/taxonomies/2/policyTags/3"]}}]}}]"#;
        files.insert("tables.json".to_owned(), tagged.to_owned());
    });
    let blocked: Vec<FactKind> = found.blocked.iter().map(|each| each.desired.key.kind).collect();
    assert_eq!(blocked, [FactKind::MaskAttachment]);
}

/// The filters that bear on each reader of the customers.
fn rows(world: &World, files: &BTreeMap<String, String>) -> Vec<(String, Vec<String>)> {
    let mut symbols = Symbols::default();
    let observed = observe(world, files, &mut symbols);
    let facts: Vec<_> = observed.ours.iter().chain(&observed.foreign).copied().collect();
    let inventory = &world.program.inventory;
    let permits = BigQuery.permits(inventory, world.integration, &facts, &symbols, &world.accounts);
    let customers =
        inventory.catalog.tables.ids().find(|id| inventory.catalog.tables[*id].name == "customer").unwrap();
    let names = |table: TableId, account: u32| -> Vec<String> {
        permits
            .rows(table)
            .into_iter()
            .filter(|(_, set)| set.contains(account))
            .flat_map(|(seen, _)| match seen {
                RowsSeen::All => Vec::new(),
                RowsSeen::Filtered(names) => names,
            })
            .collect()
    };
    let readers = permits.may(Securable::Table(customers), Access::Read);
    readers.iter().map(|raw| (permits.accounts()[raw as usize].clone(), names(customers, raw))).collect()
}

#[test]
fn the_rows_of_all_policies_that_list_somebody_are_his() {
    let world = native(USUAL);
    let own = |name: &str, filters: &[&str]| {
        (
            format!("user:{name}@acme.example"),
            filters.iter().map(|each| (*each).to_owned()).collect::<Vec<_>>(),
        )
    };
    let mut files = state(&world);
    assert_eq!(rows(&world, &files), [own("alice", &["own"]), own("bob", &[]), own("dave", &["own"])]);
    policy(&mut files, "user:dave@acme.example");
    assert_eq!(rows(&world, &files), [own("alice", &["own"]), own("bob", &[]), own("dave", &[])]);
    // Who is in none sees no row.
    replace(&mut files, "row_access_policies.json", "user:bob@", "user:eve@");
    assert_eq!(rows(&world, &files)[1].1.len(), 2, "every filter there is keeps him out");
    // A role that Google keeps for policies lists its holder in all of them, if somebody grants it.
    let viewer = "shop-1,NULL,sales,SCHEMA,roles/bigquery.filteredDataViewer,user:bob@acme.example\n";
    files.get_mut("object_privileges.csv").unwrap().push_str(viewer);
    assert_eq!(rows(&world, &files)[1], own("bob", &[]));
    // Without any policy the table is open.
    files.insert("row_access_policies.json".to_owned(), "[]".to_owned());
    assert_eq!(rows(&world, &files)[0], own("alice", &[]));
}

#[test]
fn a_folder_without_these_exports_is_an_error() {
    let world = native(USUAL);
    let mut files = state(&world);
    files.remove("bindings.csv");
    files.remove("tables.json");
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let said = world.observe(&files, &mut Symbols::default()).unwrap_err();
    assert!(said.contains("lacks `bindings.csv`, `tables.json`"), "{said}");
}

#[test]
fn exports_that_tell_less_than_what_there_is_are_errors() {
    for (name, from, to, why) in [
        ("row_access_policies.json", "\"iamPolicy\"", "\"iam\"", "does not tell whom"),
        ("data_policies.json", "\"dataPolicies\"", "\"policies\"", "neither a page with `dataPolicies`"),
        ("tables.json", "\"schema\"", "\"view\"", "missing field `schema`"),
    ] {
        let world = native(USUAL);
        let mut files = state(&world);
        replace(&mut files, name, from, to);
        let files: Vec<(&str, &str)> =
            files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let said = world.observe(&files, &mut Symbols::default()).unwrap_err();
        assert!(said.contains(why), "{said}");
    }
}
