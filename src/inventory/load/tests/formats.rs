//! What the formats mean: the same world from YAML, tables, SCIM and dbt.

use super::*;

#[test]
fn a_catalog_and_a_directory_in_yaml() {
    means(
        &[
            (
                "catalog/retail.yaml",
                "integration: snow
tags: [Vocabulary.Only]
databases:
  RETAIL:
    tags: [Domain.Retail]
    schemas:
      PUBLIC:
        tags: ['PII.\"Social Security Number\"']
        tables:
          CUSTOMER:
            tags: [Domain.Customer]
            kind: view
            columns:
              EMAIL: {type: VARCHAR(50), tags: [PII.Email]}
              BORN: {type: DATE}
          ORDERS:
            location: s3://acme/orders/*
",
            ),
            (
                "catalog/lake.json",
                r#"{"integration": "lake", "prefixes": {"s3://acme/*": {"tags": ["Lake"]}, "s3://acme/a/*": {"name": "a"}, "s3://acme/a/b": {}}}"#,
            ),
            (
                "directory/people.yaml",
                "users:
  alice@acme.example:
    groups: [analysts]
    attributes: {region: ['NO', EMEA]}
    accounts: {snow: ALICE}
  bob@acme.example:
groups:
  analysts: {groups: [staff], accounts: {snow: ANALYSTS}}
  staff: {members: [bob@acme.example]}
approvals:
  - {user: bob@acme.example, object: RETAIL.PUBLIC.ORDERS, access: read, by: boss, until: 2027-01-01}
  - {user: alice@acme.example, object: 's3://acme/a/*', access: write}
",
            ),
        ],
        r#"
        database RETAIL #Domain.Retail
        schema PUBLIC #PII.Social Security Number
        View RETAIL.PUBLIC.CUSTOMER #Domain.Customer ( BORN:DATE EMAIL:VARCHAR(50) #PII.Email )
        Table RETAIL.PUBLIC.ORDERS at s3://acme/orders/* ( )
        prefix s3://acme/* None #Lake
        prefix s3://acme/a/* Some("a") < s3://acme/*
        prefix s3://acme/a/b None < s3://acme/a/* < s3://acme/*
        user alice@acme.example in analysts|staff region=EMEA|NO
        user bob@acme.example in staff
        group analysts
        group staff
        account alice@acme.example on snow: ALICE
        account group analysts on snow: ANALYSTS
        approval alice@acme.example write s3://acme/a/* by None until None
        approval bob@acme.example read RETAIL.PUBLIC.ORDERS by Some("boss") until Some("2027-01-01T00:00:00Z")
        tags Domain? Domain.Customer Domain.Retail Lake PII? PII.Email PII.Social Security Number Vocabulary? Vocabulary.Only
        "#,
    );
}

#[test]
fn the_same_in_tables() {
    means(
        &[
            (
                "catalog/columns.csv",
                "\u{feff}type,integration,database,schema,table,column\r\n\
                 VARCHAR(50),snow,RETAIL,PUBLIC,CUSTOMER,EMAIL\r\n\
                 DATE,snow,RETAIL,PUBLIC,CUSTOMER,BORN\r\n\
                 NUMBER,snow,\"A.B\",\"x \"\"y\"\"\",T,N\r\n",
            ),
            ("catalog/prefixes.csv", "integration,prefix,name\nlake,s3://acme/*,\nlake,s3://acme/a/*,a\n"),
            (
                "catalog/tags.csv",
                "integration,object,tag\n\
                 snow,RETAIL,Domain.Retail\n\
                 snow,RETAIL.PUBLIC.CUSTOMER,Domain.Customer\n\
                 snow,RETAIL.PUBLIC.CUSTOMER.EMAIL,\"PII.\"\"Social Security Number\"\"\"\n\
                 snow,\"\"\"A.B\"\".\"\"x \"\"\"\"y\"\"\"\"\"\"\",Odd\n\
                 lake,s3://acme/*,Lake\n",
            ),
            ("directory/users.csv", "user\nalice@acme.example\n\"bob, jr\"\n"),
            ("directory/memberships.csv", "group,user\nanalysts,alice@acme.example\nstaff,\"bob, jr\"\n"),
            ("directory/nesting.csv", "group,parent\nanalysts,staff\n"),
            (
                "directory/attributes.csv",
                "user,attribute,value\nalice@acme.example,region,NO\nalice@acme.example,region, EMEA \nalice@acme.example,note,\n",
            ),
            (
                "directory/accounts.csv",
                "principal,integration,account\nalice@acme.example,snow,ALICE\nstaff,snow,S\n",
            ),
            (
                "directory/approvals.csv",
                "user,object,access,until\nalice@acme.example,RETAIL.PUBLIC.CUSTOMER,read,2027-01-01T01:00:00+01:00\n",
            ),
        ],
        r#"
        database RETAIL #Domain.Retail
        schema x "y" #Odd
        Table A.B.x "y".T ( N:NUMBER )
        Table RETAIL.PUBLIC.CUSTOMER #Domain.Customer ( BORN:DATE EMAIL:VARCHAR(50) #PII.Social Security Number )
        prefix s3://acme/* None #Lake
        prefix s3://acme/a/* Some("a") < s3://acme/*
        user alice@acme.example in analysts|staff note= region= EMEA |NO
        user bob, jr in staff
        group analysts
        group staff
        account alice@acme.example on snow: ALICE
        account group staff on snow: S
        approval alice@acme.example read RETAIL.PUBLIC.CUSTOMER by None until Some("2027-01-01T00:00:00Z")
        tags Domain? Domain.Customer Domain.Retail Lake Odd PII? PII.Social Security Number
        "#,
    );
}

#[test]
fn the_same_from_scim() {
    means(
        &[
            (
                "directory/users.json",
                r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 3, "Resources": [
  {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "1", "userName": "alice", "active": true,
   "name": {"givenName": "Alice"}, "title": "analyst", "password": "x", "nickName": null, "level": 3, "remote": true,
   "emails": [{"value": "alice@acme.example", "type": "work", "primary": true}],
   "groups": [{"value": "10", "display": "analysts"}],
   "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
     {"department": "sales", "manager": {"value": "2", "displayName": "Bob"}}},
  {"id": "2", "userName": "bob", "title": "boss"},
  {"id": "3", "userName": "carol", "active": false, "title": "left"}]}"#,
            ),
            (
                "directory/groups.json",
                r#"[{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "10", "displayName": "analysts",
                    "members": [{"value": "1"}, {"value": "3"}]},
                   {"id": "11", "displayName": "staff", "members": [{"value": "10", "type": "Group"}, {"value": "2"}]}]"#,
            ),
            ("directory/attributes.csv", "user,attribute,value\ncarol,title,still here\n"),
        ],
        "
        user alice in analysts|staff department=sales emails=alice@acme.example givenName=Alice level=3 manager=2 remote=true title=analyst
        user bob in staff title=boss
        leaver carol
        group analysts
        group staff
        tags
        ",
    );
}

const MANIFEST: &str = r#"{"metadata": {"adapter_type": "snowflake"},
 "nodes": {
  "model.a": {"resource_type": "model", "name": "customer", "database": "retail", "schema": "public", "alias": "customer",
    "relation_name": "retail.PUBLIC.customer", "tags": ["nightly run"], "config": {"tags": "daily", "materialized": "table"},
    "columns": {"email": {"name": "email", "tags": ["PII.Email"], "meta": {"owner": "x", "tags": ["Contact"]}, "data_type": "varchar"},
                "untagged": {"name": "untagged"}}},
  "model.b": {"resource_type": "model", "name": "view", "database": "retail", "schema": "public", "alias": "v",
    "relation_name": "RETAIL.PUBLIC.\"v\"", "config": {"materialized": "view"}, "meta": {"tags": ["Domain.Customer"]},
    "columns": {"x": {"name": "x", "quote": true}, "y": {"name": "y", "data_type": "date"}}},
  "model.c": {"resource_type": "model", "name": "e", "database": "retail", "schema": "public", "config": {"materialized": "ephemeral"}},
  "test.d": {"resource_type": "test", "name": "t"}},
 "sources": {"source.s": {"resource_type": "source", "name": "s", "database": "raw", "schema": "in", "identifier": "src", "tags": ["Raw"]}}}"#;

#[test]
fn dbt_adds_tags_to_what_is_described_and_describes_the_rest() {
    means(
        &[("catalog/target/manifest.json", MANIFEST), ("catalog/retail.yaml", CUSTOMER)],
        "
        Table RAW.IN.SRC #Raw ( )
        Table RETAIL.PUBLIC.CUSTOMER #Own #daily #nightly run ( EMAIL:VARCHAR #Contact #Own #PII.Email )
        View RETAIL.PUBLIC.v #Domain.Customer ( Y:date x: )
        tags Contact Domain? Domain.Customer Own PII? PII.Email Raw daily nightly run
        ",
    );
}

#[test]
fn a_tag_of_dbt_never_goes_astray() {
    let manifest = MANIFEST.replace("\"email\"", "\"e_mail\"");
    says(
        &[("catalog/manifest.json", &manifest), ("catalog/retail.yaml", CUSTOMER)],
        "unknown-object: dbt tags the column `E_MAIL` of `RETAIL.PUBLIC.CUSTOMER`, which has none of that name [manifest.json:file, retail.yaml:2:50 `CUSTOMER`] (did you mean `EMAIL`?)",
    );
    says(
        &[("catalog/manifest.json", MANIFEST), ("integrations/two.yaml", SNOW)],
        "unknown-integration: several integrations have the type `Snowflake` of this manifest",
    );
    let other = MANIFEST.replace("\"snowflake\"", "\"trino\"");
    says(
        &[("catalog/manifest.json", &other)],
        "unknown-integration: no integration has the type `Trino` of this manifest",
    );
    let other = MANIFEST.replace("\"snowflake\"", "\"sqlite\"");
    says(
        &[("catalog/manifest.json", &other)],
        "bad-value: `metadata.adapter_type` is `sqlite`, of no platform here",
    );
    says(
        &[("catalog/manifest.json", "{\n]")],
        "bad-file: `catalog/manifest.json` is not a manifest of dbt [manifest.json:2]",
    );
}

#[test]
fn scim_pages_are_complete_and_sound() {
    let list = |total: u32, resources: &str| {
        format!(
            r#"{{"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": {total}, "Resources": [{resources}]}}"#
        )
    };
    let (one, two) = (list(2, r#"{"id": "1", "userName": "a"}"#), list(2, r#"{"id": "2", "userName": "b"}"#));
    says(&[("directory/1.json", &one)], "bad-file: a page is missing: 1 of 2 resources are here");
    means(&[("directory/1.json", &one), ("directory/2.json", &two)], "user a in\nuser b in\ntags");
    says(&[("directory/1.json", &list(1, ""))], "bad-file: a page is missing: 0 of 1 resources are here");
    says(
        &[(
            "directory/1.json",
            r#"[{"id": "1", "userName": "a", "groups": [{"value": "9"}]}, {"id": "1", "userName": "b"}, {"id": "3"},
            {"userName": "c", "active": "yes"}, {"id": "8", "displayName": "g", "members": [{"value": "77"}, {}]}]"#,
        )],
        "
        unknown-group: no group has the SCIM id `9`
        duplicate-object: the resource `1` is described twice
        bad-value: this is neither a SCIM user nor a SCIM group
        bad-value: `active` must be true or false
        finding unknown-membership: `g` has a member with the unknown id `77`
        bad-value: a reference needs `value`: the id of a resource
        ",
    );
}

#[test]
fn no_order_shows() {
    let rows = |order: &[usize], header: &str, rows: &[&str]| -> String {
        let rows: Vec<&str> = order.iter().map(|at| rows[*at]).collect();
        format!("{header}\n{}\n", rows.join("\n"))
    };
    let world = |order: &[usize], names: [&str; 3]| {
        let members = rows(order, "user,group", &["a,g", "b,g", "c,h"]);
        let nesting = rows(order, "group,parent", &["g,h", "h,i", "x,y"]);
        let attributes = rows(order, "user,attribute,value", &["a,k,1", "b,k,2", "a,j,1"]);
        let columns = rows(
            order,
            "integration,database,schema,table,column,type",
            &["snow,A,B,C,D,INT", "snow,A,B,C,A,INT", "snow,A,A,C,A,INT"],
        );
        let tags = rows(order, "integration,object,tag", &["snow,A.B.C,T.U", "snow,A.B.C,A", "snow,A,T"]);
        let prefixes =
            rows(order, "integration,prefix", &["lake,s3://bkt/*", "lake,s3://bkt/a!", "lake,s3://bkt/a*"]);
        let file = |letter: &str, name: &str| format!("directory/{name}-{letter}.yaml");
        let files: Vec<(String, String)> = vec![
            ("directory/memberships.csv".into(), members),
            ("directory/nesting.csv".into(), nesting),
            ("directory/attributes.csv".into(), attributes),
            ("catalog/columns.csv".into(), columns),
            ("catalog/tags.csv".into(), tags),
            ("catalog/prefixes.csv".into(), prefixes),
            (file("u", names[0]), "users: {a: {groups: [z]}}\n".into()),
            (file("u", names[1]), "users: {c: {groups: [z]}}\n".into()),
            (file("u", names[2]), "users: {b: {}}\n".into()),
        ];
        let borrowed: Vec<(&str, &str)> =
            files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let (inventory, said) = read(&with_base(&borrowed));
        assert_eq!(said, Vec::<String>::new());
        shown(&inventory.unwrap())
    };
    let first = world(&[0, 1, 2], ["1", "2", "3"]);
    assert!(first.contains("prefix s3://bkt/a! None < s3://bkt/a* < s3://bkt/*"), "{first}");
    for (order, names) in
        [([2, 1, 0], ["1", "2", "3"]), ([1, 2, 0], ["3", "1", "2"]), ([0, 2, 1], ["2", "3", "1"])]
    {
        assert_eq!(world(&order, names), first);
    }
}
