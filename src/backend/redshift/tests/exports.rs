//! What is read of exports that others wrote, and what it means.

use super::{World, lines, world};
use crate::backend::contract::{Backend, Seen};
use crate::backend::fact::Symbols;
use crate::backend::redshift::Redshift;
use crate::inventory::Securable;
use crate::inventory::directory::Access;

const RELATIONS: &str =
    "namespace_name,relation_name,privilege_type,identity_id,identity_name,identity_type,admin_option\n";
const WITH_DATABASE: &str =
    "database_name,namespace_name,relation_name,privilege_type,identity_name,identity_type\n";
const SCHEMAS: &str =
    "database_name,namespace_name,privilege_type,identity_name,identity_type,privilege_scope\n";
const ROLE_GRANTS: &str = "role_id,role_name,granted_role_id,granted_role_name,admin_option\n";
const USER_GRANTS: &str = "user_id,user_name,role_id,role_name,admin_option\n";
const VIEWS: &str = "schemaname,viewname,viewowner,definition\n";

/// Empty exports with some rows.
fn files(rows: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    [
        ("svv_relation_privileges.csv", RELATIONS),
        ("svv_schema_privileges.csv", SCHEMAS),
        ("svv_role_grants.csv", ROLE_GRANTS),
        ("svv_user_grants.csv", USER_GRANTS),
        ("pg_views.csv", VIEWS),
        ("entitlements.csv", "account,name,value\n"),
    ]
    .into_iter()
    .map(|(name, head)| match rows.iter().find(|(of, _)| *of == name) {
        Some((_, text)) if text.starts_with("database_name,") => (name, (*text).to_owned()),
        Some((_, text)) => (name, format!("{head}{text}")),
        None => (name, head.to_owned()),
    })
    .collect()
}

fn borrowed<'f>(files: &'f [(&'static str, String)]) -> Vec<(&'static str, &'f str)> {
    files.iter().map(|(name, text)| (*name, text.as_str())).collect()
}

fn plain() -> World {
    world("subscription r { allow read on tables tagged Shop.Customer to user is \"alice\" }")
}

fn check(rows: &[(&'static str, &str)], ours: &[&str], foreign: &[&str]) {
    let (world, mut symbols, files) = (plain(), Symbols::default(), files(rows));
    let observed = world.observe(&borrowed(&files), &mut symbols).unwrap();
    assert_eq!(lines(&observed.ours, &symbols), ours);
    assert_eq!(lines(&observed.foreign, &symbols), foreign);
}

#[test]
fn roles_are_ours_by_the_shape_of_their_names_and_views_by_their_mark() {
    check(
        &[
            ("svv_user_grants.csv", "1,alice,2,grantc_r_0123abcd,f\n1,alice,3,analysts,f\n"),
            (
                "pg_views.csv",
                "secure,a,admin,\"/* grantc: r; {\"\"filters\"\":[],\"\"shape\"\":\"\"12345678\"\"} */ SELECT 1\"\nsecure,b,admin,SELECT 2\npublic,c,admin,\"/* grantc: r; {} */ SELECT 3\"\n",
            ),
        ],
        &[
            "role ROLE \"grantc_r_0123abcd\"",
            "view VIEW \"secure\".\"a\"",
            "membership ROLE \"grantc_r_0123abcd\" USER \"alice\"",
        ],
        &[
            "role ROLE \"analysts\"",
            "view VIEW \"public\".\"c\"",
            "view VIEW \"secure\".\"b\"",
            "membership ROLE \"analysts\" USER \"alice\"",
        ],
    );
}

#[test]
fn a_missing_file_is_an_error_and_a_missing_folder_is_not() {
    let (world, mut symbols) = (plain(), Symbols::default());
    let said = world.observe(&[("pg_views.csv", VIEWS)], &mut symbols).unwrap_err();
    assert!(said.contains("`state/rs` lacks `svv_relation_privileges.csv`"), "{said}");
}

/// Who reads shop.public.customer, by the exports; `clear`: who sees its `email`.
fn reads(rows: &[(&'static str, &str)], expected: &[&str], clear: &[&str]) {
    let (world, mut symbols, files) = (plain(), Symbols::default(), files(rows));
    let observed = world.observe(&borrowed(&files), &mut symbols).unwrap();
    let facts = [observed.ours, observed.foreign].concat();
    let inventory = &world.program.inventory;
    let permits = Redshift.permits(inventory, world.integration, &facts, &symbols, &world.accounts);
    let catalog = &inventory.catalog;
    let table = catalog.tables.ids().find(|id| catalog.path(*id) == ["shop", "public", "customer"]).unwrap();
    let readers = permits.may(Securable::Table(table), Access::Read);
    let names = |set: &roaring::RoaringBitmap| -> Vec<String> {
        set.iter().map(|raw| permits.accounts()[raw as usize].clone()).collect()
    };
    assert_eq!(names(&readers), expected);
    let email = catalog.tables[table].columns.iter().copied().find(|id| catalog.columns[*id].name == "email");
    let seen = permits.columns(email.unwrap());
    let masked = seen
        .iter()
        .filter(|(seen, _)| *seen == Seen::Masked)
        .fold(roaring::RoaringBitmap::new(), |all, (_, set)| all | set);
    assert_eq!(names(&(readers - masked)), clear);
}

#[test]
fn a_grant_on_the_table_itself_shows_everything() {
    let grants = format!("{WITH_DATABASE}shop,public,customer,SELECT,analysts,role\n");
    let rows =
        [("svv_relation_privileges.csv", grants.as_str()), ("svv_user_grants.csv", "1,bob,3,analysts,f\n")];
    reads(&rows, &["bob"], &["bob"]);
}

#[test]
fn who_holds_it_twice_holds_it() {
    let grants = format!(
        "{WITH_DATABASE}shop,public,customer,SELECT,analysts,role\nshop,public,customer,SELECT,bob,user\n"
    );
    let roles = ("svv_user_grants.csv", "1,bob,3,analysts,f\n");
    reads(&[("svv_relation_privileges.csv", grants.as_str()), roles], &["bob"], &["bob"]);
    // On the table, through its schema, and through a view.
    let scoped = ("svv_schema_privileges.csv", "shop,public,SELECT,bob,user,TABLES\n");
    reads(&[("svv_relation_privileges.csv", grants.as_str()), roles, scoped], &["bob"], &["bob"]);
    let direct = format!("{WITH_DATABASE}shop,public,customer,SELECT,bob,user\n");
    reads(&[("svv_relation_privileges.csv", direct.as_str()), scoped], &["bob"], &["bob"]);
    let views = ("pg_views.csv", "public,peek,admin,SELECT email FROM shop.public.customer LIMIT 3\n");
    let beside = format!("{direct}views,public,peek,SELECT,bob,user\n");
    reads(&[("svv_relation_privileges.csv", beside.as_str()), views], &["bob"], &["bob"]);
}

#[test]
fn a_view_that_the_catalog_lists_is_granted_as_the_relation_that_it_is() {
    let world = super::world_with("table rs views.public.peek: email character varying(100)\n", "");
    let mut symbols = Symbols::default();
    let grants = format!("{WITH_DATABASE}views,public,peek,SELECT,dave,user\n");
    let files = files(&[
        ("svv_relation_privileges.csv", grants.as_str()),
        ("pg_views.csv", "public,peek,admin,SELECT email FROM shop.public.customer LIMIT 3\n"),
    ]);
    let observed = world.observe(&borrowed(&files), &mut symbols).unwrap();
    let inventory = &world.program.inventory;
    let permits =
        Redshift.permits(inventory, world.integration, &observed.foreign, &symbols, &world.accounts);
    let catalog = &inventory.catalog;
    let table = catalog.tables.ids().find(|id| catalog.path(*id) == ["shop", "public", "customer"]).unwrap();
    let readers = permits.may(Securable::Table(table), Access::Read);
    assert_eq!(
        readers.iter().map(|raw| permits.accounts()[raw as usize].as_str()).collect::<Vec<_>>(),
        ["dave"]
    );
    assert_eq!(
        permits.through("dave", Securable::Table(table), Access::Read),
        ["GRANT SELECT ON TABLE \"views\".\"public\".\"peek\" TO USER \"dave\""]
    );
}

#[test]
fn ways_are_the_grants_of_the_account() {
    let (world, mut symbols) = (plain(), Symbols::default());
    let grants = format!(
        "{WITH_DATABASE}shop,public,customer,SELECT,analysts,role\nshop,public,customer,SELECT,carol,user\nshop,public,customer,INSERT,bob,user\nviews,public,peek,SELECT,bob,user\n"
    );
    let files = files(&[
        ("svv_relation_privileges.csv", grants.as_str()),
        ("svv_user_grants.csv", "1,bob,3,analysts,f\n"),
        ("pg_views.csv", "public,peek,admin,SELECT email FROM shop.public.customer LIMIT 3\n"),
    ]);
    let observed = world.observe(&borrowed(&files), &mut symbols).unwrap();
    let inventory = &world.program.inventory;
    let permits =
        Redshift.permits(inventory, world.integration, &observed.foreign, &symbols, &world.accounts);
    let catalog = &inventory.catalog;
    let table = catalog.tables.ids().find(|id| catalog.path(*id) == ["shop", "public", "customer"]).unwrap();
    assert_eq!(
        permits.through("bob", Securable::Table(table), Access::Read),
        [
            "GRANT SELECT ON VIEW \"public\".\"peek\" TO USER \"bob\"",
            "GRANT SELECT ON TABLE \"shop\".\"public\".\"customer\" TO ROLE \"analysts\"",
            "GRANT ROLE \"analysts\" TO USER \"bob\"",
        ]
    );
    assert_eq!(
        permits.through("bob", Securable::Table(table), Access::Write),
        ["GRANT INSERT ON TABLE \"shop\".\"public\".\"customer\" TO USER \"bob\""]
    );
}

#[test]
fn roles_in_roles_groups_and_everybody_count() {
    let grants = format!(
        "{WITH_DATABASE}shop,public,customer,SELECT,inner,role\nshop,public,customer,SELECT,etl,group\n"
    );
    let rows = [
        ("svv_relation_privileges.csv", grants.as_str()),
        ("svv_role_grants.csv", "1,outer,2,inner,f\n"),
        ("svv_user_grants.csv", "1,carol,3,outer,f\n"),
    ];
    reads(&rows, &["GROUP \"etl\"", "carol"], &["GROUP \"etl\"", "carol"]);
    let grants = format!("{WITH_DATABASE}shop,public,customer,SELECT,public,public\n");
    let all = ["alice", "bob", "carol", "dave", "dpo"];
    reads(&[("svv_relation_privileges.csv", grants.as_str())], &all, &all);
}

#[test]
fn scoped_permissions_reach_every_table_of_the_schema() {
    let rows = [("svv_schema_privileges.csv", "shop,public,SELECT,dave,user,TABLES\n")];
    reads(&rows, &["dave"], &["dave"]);
}

#[test]
fn a_foreign_view_over_the_table_may_show_anything() {
    let grants = format!("{WITH_DATABASE}views,public,peek,SELECT,dave,user\n");
    for (definition, found) in [
        ("SELECT email FROM shop.public.customer LIMIT 3", true),
        ("SELECT 1 FROM other.public.customer", false),
        // A name alone is found by the search path, whatever that is.
        ("SELECT email FROM customer LIMIT 3", true),
        ("SELECT 1 FROM clients LIMIT 3", false),
        ("not even SQL (", true),
    ] {
        let view = format!("public,peek,admin,{definition}\n");
        let rows = [("svv_relation_privileges.csv", grants.as_str()), ("pg_views.csv", view.as_str())];
        let expected: &[&str] = if found { &["dave"] } else { &[] };
        reads(&rows, expected, expected);
    }
}
