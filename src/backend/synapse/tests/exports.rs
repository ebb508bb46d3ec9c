//! What is read of exports that others wrote, and what it means.

use super::{World, lines, world};
use crate::backend::contract::{Backend, RowsSeen, Seen};
use crate::backend::fact::Symbols;
use crate::backend::synapse::Synapse;
use crate::inventory::directory::Access;
use crate::inventory::{Securable, TableId};

const PERMISSIONS: &str = "class_desc,sch,obj,col,grantee,type_desc,permission_name,state_desc\n";
const MEMBERS: &str = "role_name,member_name,member_type_desc\n";
const VIEWS: &str = "schema_name,view_name,definition\n";

/// Empty exports with some rows: permissions, members, views.
fn files([permissions, members, views]: [&str; 3]) -> Vec<(&'static str, String)> {
    [
        ("database_permissions.csv", PERMISSIONS, permissions),
        ("database_role_members.csv", MEMBERS, members),
        ("views.csv", VIEWS, views),
        ("entitlements.csv", "account,name,value\n", ""),
    ]
    .into_iter()
    // A text with headers of its own is the whole file.
    .map(|(name, head, rows)| match rows.strip_prefix('!') {
        Some(whole) => (name, whole.to_owned()),
        None => (name, format!("{head}{rows}")),
    })
    .collect()
}

fn borrowed<'f>(files: &'f [(&'static str, String)]) -> Vec<(&'static str, &'f str)> {
    files.iter().map(|(name, text)| (*name, text.as_str())).collect()
}

fn plain() -> World {
    world("subscription r { allow read on tables tagged Shop.Customer to user is \"alice\" }")
}

fn check(rows: [&str; 3], ours: &[&str], foreign: &[&str]) {
    let (world, mut symbols, files) = (plain(), Symbols::default(), files(rows));
    let observed = world.observe(&borrowed(&files), &mut symbols).unwrap();
    assert_eq!(lines(&observed.ours, &symbols), ours);
    assert_eq!(lines(&observed.foreign, &symbols), foreign);
}

#[test]
fn roles_are_ours_by_the_shape_of_their_names_and_views_by_their_mark() {
    check(
        [
            "OBJECT_OR_COLUMN,secure,a,,grantc_r_0123abcd,DATABASE_ROLE,SELECT,GRANT
OBJECT_OR_COLUMN,secure,a,,grantc_r_0123abcd,DATABASE_ROLE,SELECT,DENY
OBJECT_OR_COLUMN,dbo,Customer,Email,grantc_r_0123abcd,DATABASE_ROLE,SELECT,GRANT
OBJECT_OR_COLUMN,secure,b,NULL,bob,SQL_USER,SELECT,GRANT_WITH_GRANT_OPTION
SCHEMA,dbo,,,analysts,DATABASE_ROLE,SELECT,GRANT
DATABASE,,,,friends,EXTERNAL_GROUP,CONNECT,GRANT
TYPE,,,,bob,EXTERNAL_USER,REFERENCES,GRANT
",
            "grantc_r_0123abcd,alice,EXTERNAL_USER\nanalysts,alice,EXTERNAL_USER\nouter,analysts,DATABASE_ROLE\nlonely,,\n",
            "secure,a,\"\n-- comment\nCREATE VIEW [secure].[a] AS /* grantc: r; {\"\"filters\"\":[],\"\"shape\"\":\"\"12345678\"\"} */ SELECT 1;\"
secure,b,CREATE VIEW [secure].[b] AS SELECT 2
dbo,c,\"CREATE VIEW dbo.c AS /* grantc: r; {} */ SELECT 3\"
",
        ],
        &[
            "role ROLE \"grantc_r_0123abcd\"",
            "view VIEW \"secure\".\"a\"",
            "grant SELECT VIEW \"secure\".\"a\" ROLE \"grantc_r_0123abcd\"",
            "membership ROLE \"grantc_r_0123abcd\" USER \"alice\"",
        ],
        &[
            "role ROLE \"analysts\"",
            "role ROLE \"lonely\"",
            "role ROLE \"outer\"",
            "view VIEW \"dbo\".\"c\"",
            "view VIEW \"secure\".\"b\"",
            "grant CONNECT DATABASE \"shop\" GROUP \"friends\"",
            "grant SELECT SCHEMA \"dbo\" ROLE \"analysts\"",
            "grant SELECT TABLE \"dbo\".\"Customer\" COLUMN \"Email\" ROLE \"grantc_r_0123abcd\"",
            "grant REFERENCES TYPE USER \"bob\"",
            "grant DENY SELECT VIEW \"secure\".\"a\" ROLE \"grantc_r_0123abcd\"",
            "grant SELECT VIEW \"secure\".\"b\" USER \"bob\"",
            "membership ROLE \"analysts\" USER \"alice\"",
            "membership ROLE \"outer\" ROLE \"analysts\"",
        ],
    );
}

#[test]
fn the_names_of_the_catalog_views_are_read_too() {
    check(
        [
            "!CLASS,class_desc,schema_name,object_name,column_name,grantee_name,grantee_type_desc,type,permission_name,state\n1,OBJECT_OR_COLUMN,dbo,Customer,,r,DATABASE_ROLE,SL,SELECT,G\n1,OBJECT_OR_COLUMN,dbo,Customer,,bob,SQL_USER,SL,SELECT,D\n",
            "!DatabaseRoleName,database_role_name,database_user_name\nx,r,inner\nx,inner,bob\nx,db_owner,No members\n",
            "",
        ],
        &[],
        &[
            "role ROLE \"db_owner\"",
            "role ROLE \"inner\"",
            "role ROLE \"r\"",
            "grant SELECT TABLE \"dbo\".\"Customer\" ROLE \"r\"",
            "grant DENY SELECT TABLE \"dbo\".\"Customer\" USER \"bob\"",
            "membership ROLE \"inner\" USER \"bob\"",
            "membership ROLE \"r\" ROLE \"inner\"",
        ],
    );
}

#[test]
fn a_missing_file_or_column_is_an_error_and_a_missing_folder_is_not() {
    let (world, mut symbols) = (plain(), Symbols::default());
    let said = world.observe(&[("views.csv", VIEWS)], &mut symbols).unwrap_err();
    assert!(said.contains("`state/sy` lacks `database_permissions.csv`"), "{said}");
    let lacking = files(["!class_desc,sch,obj,grantee,type_desc,permission_name,state_desc\n", "", ""]);
    let said = world.observe(&borrowed(&lacking), &mut symbols).unwrap_err();
    assert!(said.contains("`state/sy/database_permissions.csv` has no column `col`"), "{said}");
}

#[test]
fn what_denies_or_comes_with_a_pool_is_never_revoked() {
    let (world, mut symbols) = (plain(), Symbols::default());
    let files = files([
        "OBJECT_OR_COLUMN,dbo,Customer,,bob,SQL_USER,SELECT,DENY
OBJECT_OR_COLUMN,dbo,Customer,Email,bob,SQL_USER,SELECT,GRANT
OBJECT_OR_COLUMN,dbo,Customer,,bob,SQL_USER,VIEW DEFINITION,GRANT
OBJECT_OR_COLUMN,dbo,Customer,,carol,SQL_USER,SELECT,GRANT
",
        "db_owner,bob,SQL_USER\nlargerc,bob,SQL_USER\n",
        "",
    ]);
    let observed = world.observe(&borrowed(&files), &mut symbols).unwrap();
    let removable: Vec<String> = observed
        .foreign
        .iter()
        .filter(|fact| Synapse.understood(fact, &symbols))
        .flat_map(|fact| lines(&[*fact], &symbols))
        .collect();
    assert_eq!(removable, ["grant SELECT TABLE \"dbo\".\"Customer\" USER \"carol\""]);
}

#[test]
fn of_writing_only_what_takes_all_of_it_takes_it() {
    let writers = |deny: &str| {
        let (world, mut symbols) = (plain(), Symbols::default());
        let permissions = format!("{ON},bob,SQL_USER,INSERT,GRANT\n{ON},bob,SQL_USER,{deny},DENY\n");
        let observed = world.observe(&borrowed(&files([&permissions, "", ""])), &mut symbols).unwrap();
        let inventory = &world.program.inventory;
        let permits =
            Synapse.permits(inventory, world.integration, &observed.foreign, &symbols, &world.accounts);
        let catalog = &inventory.catalog;
        let table = catalog.tables.ids().find(|id| catalog.path(*id) == ["Shop", "dbo", "Customer"]).unwrap();
        permits.may(Securable::Table(table), Access::Write).len()
    };
    assert_eq!(["CONTROL", "UPDATE", "SELECT"].map(writers), [0, 1, 1]);
}

/// Who reads the table, by the exports; `clear`: who may see its `Email`; `all`: who sees every row.
fn reads(rows: [&str; 3], readers: &[&str], clear: &[&str], all: &[&str]) {
    let (world, mut symbols, files) = (plain(), Symbols::default(), files(rows));
    let observed = world.observe(&borrowed(&files), &mut symbols).unwrap();
    let facts = [observed.ours, observed.foreign].concat();
    let inventory = &world.program.inventory;
    let permits = Synapse.permits(inventory, world.integration, &facts, &symbols, &world.accounts);
    let catalog = &inventory.catalog;
    let table: TableId =
        catalog.tables.ids().find(|id| catalog.path(*id) == ["Shop", "dbo", "Customer"]).unwrap();
    let may = permits.may(Securable::Table(table), Access::Read);
    let names = |set: &roaring::RoaringBitmap| -> Vec<String> {
        set.iter().map(|raw| permits.accounts()[raw as usize].clone()).collect()
    };
    assert_eq!(names(&may), readers, "{rows:?}");
    let email = catalog.tables[table].columns.iter().copied().find(|id| catalog.columns[*id].name == "Email");
    let mut sees = may.clone();
    for (seen, set) in permits.columns(email.unwrap()) {
        if seen == Seen::Masked {
            sees -= set;
        }
    }
    assert_eq!(names(&sees), clear, "{rows:?}");
    let mut every = may.clone();
    for (seen, set) in permits.rows(table) {
        assert_ne!(seen, RowsSeen::All);
        every -= set;
    }
    assert_eq!(names(&every), all, "{rows:?}");
    for account in readers {
        let through = permits.through(account, Securable::Table(table), Access::Read);
        assert!(!through.is_empty(), "{account}");
    }
}

/// Who reads the table itself.
fn table(permissions: &str, members: &str, readers: &[&str]) {
    reads([permissions, members, ""], readers, readers, readers);
}

const ON: &str = "OBJECT_OR_COLUMN,dbo,Customer,";

#[test]
fn grants_reach_through_roles_schemas_and_the_database() {
    table(&format!("{ON},bob,SQL_USER,SELECT,GRANT\n"), "", &["bob"]);
    table(&format!("{ON},bob,SQL_USER,SELECT,GRANT_WITH_GRANT_OPTION\n"), "", &["bob"]);
    table(&format!("{ON},bob,SQL_USER,INSERT,GRANT\n"), "", &[]);
    table("OBJECT_OR_COLUMN,DBO,CUSTOMER,,bob,SQL_USER,SELECT,GRANT\n", "", &["bob"]);
    let nested = "inner,outer,DATABASE_ROLE\nouter,bob,SQL_USER\n";
    table(&format!("{ON},inner,DATABASE_ROLE,SELECT,GRANT\n"), nested, &["bob"]);
    table("SCHEMA,dbo,,,inner,DATABASE_ROLE,SELECT,GRANT\n", nested, &["bob"]);
    table("SCHEMA,other,,,inner,DATABASE_ROLE,SELECT,GRANT\n", nested, &[]);
    table("DATABASE,,,,bob,SQL_USER,CONTROL,GRANT\n", "", &["bob"]);
    table(
        &format!("{ON},public,DATABASE_ROLE,SELECT,GRANT\n"),
        "",
        &["alice", "bob", "carol", "dave", "dpo"],
    );
    table(&format!("{ON},etl,EXTERNAL_GROUP,SELECT,GRANT\n"), "", &["GROUP \"etl\""]);
}

#[test]
fn who_holds_it_twice_holds_it() {
    let nested = "r,bob,SQL_USER\n";
    table(&format!("{ON},bob,SQL_USER,SELECT,GRANT\n{ON},r,DATABASE_ROLE,SELECT,GRANT\n"), nested, &["bob"]);
    table(&format!("{ON},bob,SQL_USER,SELECT,GRANT\nSCHEMA,dbo,,,bob,SQL_USER,SELECT,GRANT\n"), "", &["bob"]);
    let reader = "db_datareader,bob,SQL_USER\ndb_owner,bob,SQL_USER\n";
    table(&format!("{ON},bob,SQL_USER,SELECT,GRANT\n"), reader, &["bob"]);
    table(&format!("{ON},bob,SQL_USER,SELECT,GRANT\n"), "db_datareader,bob,SQL_USER\n", &["bob"]);
    table(&format!("{ON},bob,SQL_USER,SELECT,GRANT\n{ON}Email,bob,SQL_USER,SELECT,GRANT\n"), "", &["bob"]);
    table(&format!("{ON}Email,bob,SQL_USER,SELECT,GRANT\n"), "db_owner,bob,SQL_USER\n", &["bob"]);
    // What is denied twice is denied.
    let deny = "db_datareader,bob,SQL_USER\ndb_denydatareader,bob,SQL_USER\n";
    table(&format!("{ON},bob,SQL_USER,SELECT,DENY\nSCHEMA,dbo,,,bob,SQL_USER,SELECT,DENY\n"), deny, &[]);
    // Two views of somebody else's, and the table beside them.
    let views = "dbo,peek,CREATE VIEW dbo.peek AS SELECT Email FROM dbo.Customer\ndbo,look,CREATE VIEW dbo.look AS SELECT Email FROM dbo.Customer\n";
    let both = "OBJECT_OR_COLUMN,dbo,peek,,dave,SQL_USER,SELECT,GRANT\nOBJECT_OR_COLUMN,dbo,look,,dave,SQL_USER,SELECT,GRANT\n";
    reads([both, "", views], &["dave"], &["dave"], &["dave"]);
    let beside = format!("{both}{ON},dave,SQL_USER,SELECT,GRANT\n");
    reads([&beside, "", views], &["dave"], &["dave"], &["dave"]);
}

#[test]
fn somebody_elses_view_may_show_what_ours_masks() {
    let ours = "secure,v,\"CREATE VIEW secure.v AS /* grantc: r; {\"\"filters\"\":[\"\"f\"\"],\"\"shape\"\":\"\"1\"\"} */ SELECT t.[Id] AS [Id], CAST(NULL AS nvarchar(100)) AS [Email] FROM [dbo].[Customer] t WHERE /* f */ (1 = 0)\"\n";
    let theirs = "dbo,peek,CREATE VIEW dbo.peek AS SELECT Email FROM dbo.Customer\n";
    let on = |view: &str, user: &str| {
        let (schema, name) = view.split_once('.').unwrap();
        format!("OBJECT_OR_COLUMN,{schema},{name},,{user},SQL_USER,SELECT,GRANT\n")
    };
    let masked = format!("{}{}", on("secure.v", "bob"), on("secure.v", "carol"));
    reads([&masked, "", &format!("{ours}{theirs}")], &["bob", "carol"], &[], &[]);
    let both = format!("{masked}{}{}", on("dbo.peek", "carol"), on("dbo.peek", "dave"));
    reads(
        [&both, "", &format!("{ours}{theirs}")],
        &["bob", "carol", "dave"],
        &["carol", "dave"],
        &["carol", "dave"],
    );
    // Who reads the table itself sees it whatever views show.
    let table = format!("{both}{ON},bob,SQL_USER,SELECT,GRANT\n");
    reads(
        [&table, "", &format!("{ours}{theirs}")],
        &["bob", "carol", "dave"],
        &["bob", "carol", "dave"],
        &["bob", "carol", "dave"],
    );
}

#[test]
fn a_view_is_ours_by_its_place_and_its_shape_and_what_it_reads() {
    let header = |more: &str| format!("/* grantc: r; {{\"\"filters\"\":[\"\"f\"\"]{more}}} */");
    let shape = ",\"\"shape\"\":\"\"1\"\"";
    let body = "SELECT t.[Id] AS [Id], t.[Email] AS [Email] FROM [dbo].[Customer] t WHERE /* f */ (1 = 0)";
    for (schema, text, ours) in [
        ("secure", format!("{} {body}", header(shape)), true),
        ("dbo", format!("{} {body}", header(shape)), false),
        ("secure", format!("{} {body}", header("")), false),
        ("secure", format!("{} not even SQL (", header(shape)), false),
    ] {
        let view = format!("{schema},v,\"CREATE VIEW {schema}.v AS {text}\"\n");
        let grant = format!("OBJECT_OR_COLUMN,{schema},v,,bob,SQL_USER,SELECT,GRANT\n");
        let all: &[&str] = if ours { &[] } else { &["bob"] };
        reads([&grant, "", &view], &["bob"], &["bob"], all);
    }
}

#[test]
fn what_is_seen_in_several_ways_is_told_once() {
    let (world, mut symbols) = (plain(), Symbols::default());
    let on = |place: &str, user: &str| format!("OBJECT_OR_COLUMN,{place},,{user},SQL_USER,SELECT,GRANT\n");
    let permissions: String = [
        ("secure,v", "alice"),
        ("secure,v", "bob"),
        ("dbo,peek", "bob"),
        ("secure,v", "carol"),
        ("dbo,peek", "carol"),
        ("dbo,look", "carol"),
        ("dbo,Customer", "carol"),
        ("dbo,peek", "dave"),
        ("dbo,look", "dave"),
        ("dbo,peek", "dpo"),
        ("dbo,Customer", "dpo"),
    ]
    .map(|(place, user)| on(place, user))
    .concat();
    let views = "secure,v,\"CREATE VIEW secure.v AS /* grantc: r; {\"\"filters\"\":[\"\"f\"\"],\"\"shape\"\":\"\"1\"\"} */ SELECT t.[Id] AS [Id], CAST(NULL AS nvarchar(100)) AS [Email] FROM [dbo].[Customer] t WHERE /* f */ (1 = 0)\"\ndbo,peek,CREATE VIEW dbo.peek AS SELECT Email FROM dbo.Customer\ndbo,look,CREATE VIEW dbo.look AS SELECT Email FROM dbo.Customer\n";
    let observed = world.observe(&borrowed(&files([&permissions, "", views])), &mut symbols).unwrap();
    let facts = [observed.ours, observed.foreign].concat();
    let inventory = &world.program.inventory;
    let permits = Synapse.permits(inventory, world.integration, &facts, &symbols, &world.accounts);
    let catalog = &inventory.catalog;
    let table = catalog.tables.ids().find(|id| catalog.path(*id) == ["Shop", "dbo", "Customer"]).unwrap();
    let email = catalog.tables[table].columns.iter().find(|id| catalog.columns[**id].name == "Email");
    let names = |set: &roaring::RoaringBitmap| {
        set.iter().map(|raw| permits.accounts()[raw as usize].clone()).collect::<Vec<_>>().join(" ")
    };
    let seen = permits.columns(*email.unwrap());
    let seen: Vec<(Seen, String)> = seen.iter().map(|(seen, set)| (*seen, names(set))).collect();
    assert_eq!(seen, [(Seen::Masked, "alice".to_owned()), (Seen::Sometimes, "bob dave".to_owned())]);
    let rows = permits.rows(table);
    assert_eq!(rows.iter().map(|(_, set)| names(set)).collect::<Vec<_>>(), ["alice"]);
}

#[test]
fn another_database_is_not_the_pools() {
    let (world, mut symbols) = (plain(), Symbols::default());
    let rows = [&format!("{ON},bob,SQL_USER,SELECT,GRANT\n"), "", ""];
    let observed = world.observe(&borrowed(&files(rows)), &mut symbols).unwrap();
    let inventory = &world.program.inventory;
    let permits = Synapse.permits(inventory, world.integration, &observed.foreign, &symbols, &world.accounts);
    let catalog = &inventory.catalog;
    for table in catalog.tables.ids() {
        let may = permits.may(Securable::Table(table), Access::Read);
        assert_eq!(may.is_empty(), catalog.path(table) != ["Shop", "dbo", "Customer"]);
        assert_eq!(permits.through("bob", Securable::Table(table), Access::Read).is_empty(), may.is_empty());
    }
}

#[test]
fn ways_are_those_of_the_account() {
    let (world, mut symbols) = (plain(), Symbols::default());
    let rows = [
        &format!(
            "{ON},bob,SQL_USER,SELECT,GRANT\n{ON},r,DATABASE_ROLE,SELECT,GRANT\n{ON},carol,SQL_USER,SELECT,GRANT\n{ON},bob,SQL_USER,INSERT,GRANT\n"
        ),
        "r,bob,SQL_USER\n",
        "",
    ];
    let observed = world.observe(&borrowed(&files(rows)), &mut symbols).unwrap();
    let inventory = &world.program.inventory;
    let permits = Synapse.permits(inventory, world.integration, &observed.foreign, &symbols, &world.accounts);
    let catalog = &inventory.catalog;
    let here = catalog.tables.ids().find(|id| catalog.path(*id) == ["Shop", "dbo", "Customer"]).unwrap();
    assert_eq!(
        permits.through("bob", Securable::Table(here), Access::Read),
        [
            r#"GRANT SELECT ON TABLE "dbo"."Customer" TO ROLE "r""#,
            r#"GRANT ROLE "r" TO USER "bob""#,
            r#"GRANT SELECT ON TABLE "dbo"."Customer" TO USER "bob""#,
        ]
    );
}

#[test]
fn roles_that_come_with_every_database_count() {
    table(
        "",
        "db_datareader,bob,SQL_USER\ndb_owner,carol,SQL_USER\ndb_datawriter,dave,SQL_USER\n",
        &["bob", "carol"],
    );
    let deny = "db_datareader,bob,SQL_USER\ndb_denydatareader,bob,SQL_USER\n";
    table("", deny, &[]);
}

#[test]
fn what_is_denied_beats_what_is_granted() {
    let grant = format!("{ON},bob,SQL_USER,SELECT,GRANT\n");
    let nested = "r,bob,SQL_USER\n";
    for deny in [
        format!("{ON},r,DATABASE_ROLE,SELECT,DENY\n"),
        format!("{ON},public,DATABASE_ROLE,SELECT,D\n"),
        "SCHEMA,dbo,,,r,DATABASE_ROLE,SELECT,DENY\n".to_owned(),
        "DATABASE,,,,bob,SQL_USER,CONTROL,DENY\n".to_owned(),
    ] {
        table(&format!("{grant}{deny}"), nested, &[]);
    }
    // What denies only a column, or only writing, leaves the rest; a granted column beats what is denied on its table.
    table(&format!("{grant}{ON}Email,bob,SQL_USER,SELECT,DENY\n"), nested, &["bob"]);
    table(&format!("{grant}{ON},r,DATABASE_ROLE,INSERT,DENY\n"), nested, &["bob"]);
    table(
        &format!("{ON},r,DATABASE_ROLE,SELECT,DENY\n{ON}Email,bob,SQL_USER,SELECT,GRANT\n"),
        nested,
        &["bob"],
    );
    table(&format!("{ON},bob,SQL_USER,SELECT,DENY\n"), "db_owner,bob,SQL_USER\n", &["bob"]);
}

#[test]
fn a_denied_table_does_not_close_the_views_over_it() {
    let on_view = "OBJECT_OR_COLUMN,secure,v,,bob,SQL_USER,SELECT,GRANT\n";
    let view = "secure,v,\"CREATE VIEW secure.v AS /* grantc: r; {\"\"shape\"\":\"\"1\"\"} */ SELECT t.[Id] AS [Id] FROM [dbo].[Customer] t\"\n";
    let denied = format!("{on_view}{ON},bob,SQL_USER,SELECT,DENY\n");
    reads([&denied, "", view], &["bob"], &[], &["bob"]);
    let closed = format!("{on_view}SCHEMA,secure,,,bob,SQL_USER,SELECT,DENY\n");
    reads([&closed, "", view], &[], &[], &[]);
}

#[test]
fn a_foreign_view_over_the_table_may_show_anything() {
    let grant = "OBJECT_OR_COLUMN,dbo,peek,,dave,SQL_USER,SELECT,GRANT\n";
    for (definition, found) in [
        ("SELECT TOP 3 Email FROM dbo.Customer", true),
        ("SELECT c.Email FROM Shop.dbo.CUSTOMER c JOIN dbo.x ON 1 = 1", true),
        ("SELECT Email FROM Customer", true),
        ("SELECT t.[Email] AS [Mail] FROM dbo.Customer t WHERE t.Id > 0", true),
        ("/* grantc: r; {} */ SELECT t.[Email] AS [Mail] FROM dbo.Customer t", true),
        ("SELECT 1 AS one FROM dbo.Other", false),
        ("not even SQL (", true),
    ] {
        let view = format!("dbo,peek,CREATE VIEW dbo.peek AS {definition}\n");
        let expected: &[&str] = if found { &["dave"] } else { &[] };
        reads([grant, "", &view], expected, expected, expected);
    }
}

#[test]
fn a_view_over_a_view_reads_what_that_reads() {
    let views = "secure,v,\"CREATE VIEW secure.v AS /* grantc: r; {\"\"shape\"\":\"\"1\"\"} */ SELECT t.[Id] AS [Id] FROM [dbo].[Customer] t\"\ndbo,peek,CREATE VIEW dbo.peek AS SELECT v.[Id] AS [Id] FROM secure.v v\n";
    let grant = "OBJECT_OR_COLUMN,dbo,peek,,dave,SQL_USER,SELECT,GRANT\nOBJECT_OR_COLUMN,secure,v,,bob,SQL_USER,SELECT,GRANT\n";
    reads([grant, "", views], &["bob", "dave"], &["dave"], &["bob", "dave"]);
}
