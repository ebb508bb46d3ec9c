//! Exports as their tools write them, read as facts.

use super::super::UnityCatalog;
use super::{World, texts, world};
use crate::backend::contract::{Backend, Observed};
use crate::backend::fact::Symbols;
use crate::backend::state::StateFolder;

const EMPTY: [(&str, &str); 8] = [
    ("catalog_privileges.csv", "grantor,grantee,catalog_name,privilege_type,is_grantable,inherited_from\n"),
    (
        "schema_privileges.csv",
        "grantor,grantee,catalog_name,schema_name,privilege_type,is_grantable,inherited_from\n",
    ),
    (
        "table_privileges.csv",
        "grantor,grantee,table_catalog,table_schema,table_name,privilege_type,is_grantable,inherited_from\n",
    ),
    (
        "column_masks.csv",
        "catalog_name,schema_name,table_name,column_name,mask_catalog,mask_schema,mask_name,mask_col_usage\n",
    ),
    (
        "row_filters.csv",
        "catalog_name,schema_name,table_name,filter_catalog,filter_schema,filter_name,filter_col_usage\n",
    ),
    (
        "routines.csv",
        "routine_catalog,routine_schema,routine_name,data_type,full_data_type,routine_definition,comment\n",
    ),
    ("groups.json", "{\"Resources\":[]}"),
    ("entitlements.csv", "account,name,value\n"),
];

/// A folder that is empty but for some files; those that begin with a line break have the usual headers.
pub(super) fn folder(files: &[(&str, &str)]) -> StateFolder {
    let mut all: std::collections::BTreeMap<String, Vec<u8>> =
        EMPTY.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    for (name, text) in files {
        let headers = EMPTY.iter().find(|(of, _)| of == name).map_or("", |(_, text)| text.trim_end());
        let text = if text.starts_with('\n') { format!("{headers}{text}") } else { (*text).to_owned() };
        all.insert((*name).to_owned(), text.into_bytes());
    }
    StateFolder { name: "state/db".to_owned(), files: Some(all) }
}

pub(super) fn plain() -> World {
    world("", "subscription r { allow read on tables in RETAIL.PUBLIC to anyone }")
}

pub(super) fn observed(files: &[(&str, &str)]) -> (World, Symbols, Observed) {
    let (world, mut symbols) = (plain(), Symbols::default());
    let observed = world.observe(&folder(files), &mut symbols, None).unwrap();
    (world, symbols, observed)
}

#[track_caller]
fn check(files: &[(&str, &str)], ours: &[&str], foreign: &[&str]) {
    let (_, symbols, observed) = observed(files);
    assert_eq!(texts(&observed.ours, &symbols), ours);
    assert_eq!(texts(&observed.foreign, &symbols), foreign);
}

const GROUPS: &str = r#"{"totalResults": 3, "Resources": [
 {"id": "1", "displayName": "grantc_r_00000000", "externalId": "grantc:grantc_r_00000000",
  "members": [{"display": "Alice", "value": "77", "$ref": "Users/77"}, {"display": "staff", "value": "2", "$ref": "Groups/2"}]},
 {"id": "2", "displayName": "staff", "externalId": "okta-1", "members": [{"display": "robot", "value": "99", "type": "ServicePrincipal"}]},
 {"id": "3", "displayName": "grantc_old_0badcafe"}]}"#;
const USERS: &str = r#"[{"Resources": [{"id": "77", "userName": "alice@acme.example"}]}]"#;
const ROBOTS: &str = r#"{"Resources": [{"id": "99", "applicationId": "0a1b-app", "displayName": "robot"}]}"#;

#[test]
fn groups_are_ours_by_mark_and_members_have_names() {
    check(
        &[("groups.json", GROUPS), ("users.json", USERS), ("service_principals.json", ROBOTS)],
        &[
            r#"group  | GROUP "grantc_old_0badcafe" |  | "#,
            r#"group  | GROUP "grantc_r_00000000" |  | "#,
            r#"membership  | GROUP "grantc_r_00000000" | GROUP "staff" | "#,
            r#"membership  | GROUP "grantc_r_00000000" | USER "alice@acme.example" | "#,
        ],
        &[r#"group  | GROUP "staff" |  | "#, r#"membership  | GROUP "staff" | USER "0a1b-app" | "#],
    );
    let (world, mut symbols) = (plain(), Symbols::default());
    let message = world.observe(&folder(&[("groups.json", GROUPS)]), &mut symbols, None).unwrap_err();
    assert_eq!(
        message,
        "`state/db/groups.json` lists `77` in `grantc_r_00000000` by id alone: nothing tells whose account that is"
    );
}

#[test]
fn grants_are_read_from_both_kinds_of_export() {
    let ours = [
        r#"grant SELECT | TABLE "retail"."public"."sales" | GROUP "grantc_r_00000000" | "#,
        r#"grant USE CATALOG | CATALOG "retail" | GROUP "grantc_r_00000000" | "#,
    ];
    let foreign = [
        r#"grant SELECT | CATALOG "retail" | GROUP "account users" | "#,
        r#"grant APPLY TAG | TABLE "retail"."public"."sales" | GROUP "grantc_r_00000000" | "#,
        r#"grant SELECT | TABLE "retail"."public"."sales" | USER "bob@acme.example" | "#,
    ];
    let groups = r#"{"Resources": [{"displayName": "grantc_r_00000000"}]}"#;
    let only_grants = |files: &[(&str, &str)]| {
        let (_, symbols, observed) = observed(files);
        let grants = |facts: &[_]| -> Vec<String> {
            let mut all = texts(facts, &symbols);
            all.retain(|text| text.starts_with("grant "));
            all.sort();
            all
        };
        let sorted = |list: &[&str]| {
            let mut list: Vec<String> = list.iter().map(|each| (*each).to_owned()).collect();
            list.sort();
            list
        };
        assert_eq!(grants(&observed.ours), sorted(&ours));
        assert_eq!(grants(&observed.foreign), sorted(&foreign));
    };
    only_grants(&[
        ("groups.json", groups),
        (
            "catalog_privileges.csv",
            "\no,account users,retail,SELECT,NO,NONE\no,grantc_r_00000000,retail,USE_CATALOG,NO,NONE\n",
        ),
        (
            "table_privileges.csv",
            "\no,account users,retail,public,sales,SELECT,NO,CATALOG\no,grantc_r_00000000,retail,public,sales,SELECT,NO,NONE\no,grantc_r_00000000,Retail,public,sales,APPLY_TAG,NO,\no,bob@acme.example,retail,public,sales,SELECT,NO,NONE\n",
        ),
    ]);
    let mut by_securable = folder(&[
        ("groups.json", groups),
        (
            "permissions/table/retail.public.sales.json",
            r#"{"privilege_assignments":[{"principal":"grantc_r_00000000","privileges":["SELECT","APPLY_TAG"]},{"principal":"bob@acme.example","privileges":["SELECT"]},{"principal":"account users","privileges":[{"privilege":"SELECT","inherited_from_type":"CATALOG","inherited_from_name":"retail"}]}]}"#,
        ),
        (
            "permissions/all.json",
            r#"[{"securable_type":"catalog","full_name":"retail","privilege_assignments":[{"principal":"grantc_r_00000000","privileges":["USE_CATALOG"]}]}]"#,
        ),
    ]);
    let files = by_securable.files.as_mut().unwrap();
    for name in ["catalog_privileges.csv", "schema_privileges.csv", "table_privileges.csv"] {
        files.remove(name);
    }
    let files: Vec<(String, String)> =
        files.iter().map(|(name, bytes)| (name.clone(), String::from_utf8(bytes.clone()).unwrap())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    only_grants(&files);
}

#[test]
fn what_we_do_not_know_is_kept_and_never_revoked() {
    let (_, symbols, observed) = observed(&[
        (
            "schema_privileges.csv",
            "\no,x@y.z,retail,public,CREATE TABLE,NO,NONE\no,x@y.z,retail,public,SELECT,NO,NONE\no,x@y.z,retail,public,ALL_PRIVILEGES,NO,NONE\n",
        ),
        ("groups.json", r#"{"Resources": [{"displayName": "staff", "members": [{"value": "bob"}]}]}"#),
    ]);
    let known: Vec<(&str, bool)> = observed
        .foreign
        .iter()
        .map(|fact| (symbols.text(fact.key.privilege), UnityCatalog.understood(fact, &symbols)))
        .collect();
    assert_eq!(
        known,
        [("", false), ("ALL PRIVILEGES", false), ("CREATE TABLE", false), ("SELECT", true), ("", false)]
    );
}

#[test]
fn functions_of_ours_keep_their_shape_and_others_are_facts_where_they_stand() {
    let routines = concat!(
        "\ngrantc,grantc,m,STRING,,\"CASE\n WHEN is_account_group_member('a')  THEN __value END\",",
        r#""grantc: m; {""arguments"":[[""__value"",""STRING""],[""__a1"",""DATE""]],""columns"":[""born, or so""],""returns"":""STRING""}""#,
        "\ngov,fns,hide,STRING,STRING,'x',somebody's\ngov,fns,unused,STRING,STRING,'x',\n"
    );
    let shape = r#"{"arguments":[["__value","STRING"],["__a1","DATE"]],"columns":["born, or so"],"returns":"STRING"}"#;
    let ours = [
        format!("function  | FUNCTION \"grantc\".\"grantc\".\"m\" |  | {shape}\nCASE\n WHEN is_account_group_member('a')  THEN __value END"),
        r#"mask_attachment  | TABLE "retail"."public"."customer" COLUMN "email" |  | FUNCTION "grantc"."grantc"."m" ON ("born, or so")"#.to_owned(),
    ];
    let foreign = [
        "function  | FUNCTION \"gov\".\"fns\".\"hide\" |  | {\"arguments\":[],\"columns\":[],\"returns\":\"STRING\"}\n'x'".to_owned(),
        r#"mask_attachment  | TABLE "retail"."public"."customer" COLUMN "phone" |  | FUNCTION "gov"."fns"."hide""#.to_owned(),
        r#"row_attachment  | TABLE "retail"."public"."sales" |  | FUNCTION "gov"."fns"."gone" ON ("id", "region")"#.to_owned(),
    ];
    let documented = (
        "\nretail,public,customer,Email,grantc,grantc,m,\"born, or so\"\nretail,public,customer,phone,gov,fns,hide,\n",
        "\nretail,public,sales,gov,fns,gone,\"id, region\"\n",
    );
    let seen = (
        "table_catalog,table_schema,table_name,column_name,mask_name,using_columns\nretail,public,customer,email,grantc.grantc.m,\"[\"\"born, or so\"\"]\"\nretail,public,customer,phone,gov.fns.hide,NULL\n",
        "table_catalog,table_schema,table_name,filter_name,target_columns\nretail,public,sales,gov.fns.gone,\"[id,region]\"\n",
    );
    for (masks, filters) in [documented, seen] {
        let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
        let foreign: Vec<&str> = foreign.iter().map(String::as_str).collect();
        check(
            &[("routines.csv", routines), ("column_masks.csv", masks), ("row_filters.csv", filters)],
            &ours,
            &foreign,
        );
    }
}

#[test]
fn exported_arguments_count_more_than_told_ones() {
    let routines = concat!(
        "\ngrantc,grantc,m,,\"DECIMAL(12,2)\",__value,",
        r#""grantc: m; {""arguments"":[[""__value"",""DECIMAL(12,2)""],[""__a1"",""DATE""]],""columns"":[],""returns"":""DECIMAL(12,2)""}""#,
        "\n"
    );
    let headers = "specific_catalog,specific_schema,specific_name,ordinal_position,parameter_name,data_type";
    let told = |parameters: &str| {
        let text = format!("{headers}\n{parameters}");
        let (_, symbols, observed) = observed(&[("routines.csv", routines), ("parameters.csv", &text)]);
        let texts = texts(&observed.ours, &symbols).concat();
        let (_, rest) = texts.split_once("\"arguments\":").unwrap();
        rest.split_once(",\"columns\"").unwrap().0.to_owned()
    };
    let both = "grantc,grantc,m,1,__a1,DATE\ngrantc,grantc,m,0,__value,DECIMAL\n";
    assert_eq!(told(both), r#"[["__value","DECIMAL(12,2)"],["__a1","DATE"]]"#);
    assert_eq!(told("grantc,grantc,m,0,val,DECIMAL\n"), r#"[["val","DECIMAL(12,2)"]]"#);
    assert_eq!(told("grantc,grantc,m,0,__value,STRING\n"), r#"[["__value","STRING"]]"#);
    assert_eq!(told(""), "[]");
}

#[test]
fn a_body_printed_anew_is_no_change_and_another_is() {
    let world = world("", super::EVERYTHING);
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols, false);
    let mut folder = world.state(&lowered.facts, &symbols, None);
    let routines = folder.files.as_mut().unwrap().get_mut("routines.csv").unwrap();
    let text = String::from_utf8(routines.clone()).unwrap();
    let changes = |text: String, symbols: &mut Symbols| {
        let mut folder = folder.clone();
        folder.files.as_mut().unwrap().insert("routines.csv".to_owned(), text.into_bytes());
        let observed = world.observe(&folder, symbols, None).unwrap();
        assert!(observed.foreign.is_empty());
        let pairs = lowered.facts.iter().zip(&observed.ours);
        pairs
            .filter(|(wanted, found)| wanted.key != found.key || !UnityCatalog.same(wanted, found, symbols))
            .count()
    };
    assert_eq!(changes(text.clone(), &mut symbols), 0);
    assert_eq!(changes(text.replace(" THEN __value", "\n  then  __value"), &mut symbols), 0);
    assert_eq!(changes(text.replace("INTERVAL", "interval").replacen("'*'", "'#'", 1), &mut symbols), 1);
    assert_eq!(changes(text.replacen("\"\"DATE\"\"", "\"\"STRING\"\"", 1), &mut symbols), 1);
}

#[test]
fn a_partly_filled_folder_is_an_error_and_none_is_nothing() {
    let (world, mut symbols) = (plain(), Symbols::default());
    let mut partial = folder(&[]);
    partial.files.as_mut().unwrap().remove("schema_privileges.csv");
    partial.files.as_mut().unwrap().remove("groups.json");
    let message = world.observe(&partial, &mut symbols, None).unwrap_err();
    assert_eq!(message, "`state/db` lacks `schema_privileges.csv`, `groups.json`");
    let none = StateFolder { name: "state/db".to_owned(), files: None };
    assert!(!world.observe(&none, &mut symbols, None).unwrap().present);
    for (name, text, why) in [
        ("routines.csv", "nome\n", "has no column `ROUTINE_CATALOG`"),
        ("table_privileges.csv", "grantee\nb,c\n", "cannot be read"),
        ("groups.json", "{", "cannot be read"),
        ("permissions/x.json", "{}", "does not say"),
        ("permissions/table/a.b.json", "{}", "does not say"),
        (
            "permissions/catalog/a.json",
            r#"{"error_code": "PERMISSION_DENIED"}"#,
            "no answer of the permissions API",
        ),
        (
            "permissions/catalog/a.json",
            r#"{"privilege_assignments": [], "next_page_token": "x"}"#,
            "the last page tells of a next one",
        ),
        ("groups.json", r#"{"error_code": "PERMISSION_DENIED"}"#, "neither a page with `Resources`"),
        (
            "policies.json",
            r#"[{"policies": [], "next_page_token": "x"}]"#,
            "the last page tells of a next one",
        ),
    ] {
        let message = world.observe(&folder(&[(name, text)]), &mut symbols, None).unwrap_err();
        assert!(message.contains(why), "{message}");
    }
}
