//! What a project's files mean, and every error that they may hold.
//!
//! Not shown here: files on disk (one test), speed (a bench).

use super::*;
use crate::diagnostic::Severity;
use crate::inventory::Securable;

const SNOW: &str = "type: Snowflake\nautoBootstrap: false\nconfig: {host: h}\n";
const LAKE: &str = "type: Native S3\nautoBootstrap: false\nconfig: {name: lake}\n";

/// Reads files whose names begin with the folder that they are in.
fn read(files: &[(&str, &str)]) -> (Option<Inventory>, Vec<String>) {
    let mut project = ProjectFiles::default();
    for (name, text) in files {
        let (folder, _) = name.split_once('/').unwrap();
        let part = match folder {
            "integrations" => &mut project.integrations,
            "catalog" => &mut project.catalog,
            "directory" => &mut project.directory,
            other => panic!("{other}"),
        };
        *part = std::mem::take(part).with(*name, *text);
    }
    let (mut sources, mut out) = (Sources::default(), Diagnostics::new());
    let inventory = load_files(&project, Scope::Managed, &mut sources, &mut out);
    out.sort(&sources);
    let said = out.iter().map(|each| {
        let places: Vec<String> = each
            .labels
            .iter()
            .map(|label| {
                let at = match label.place {
                    Place::Span(span) => {
                        let (line, column) = sources.line_column(span.source, span.start);
                        format!("{line}:{column} `{}`", sources.text(span))
                    }
                    Place::Line(_, line) => line.to_string(),
                    Place::File(_) => "file".to_owned(),
                };
                format!("{}:{at}", base_name(sources.name(label.place)))
            })
            .collect();
        let mark = if each.severity == Severity::Finding { "finding " } else { "" };
        let help: String = each.help.iter().map(|help| format!(" ({help})")).collect();
        format!("{mark}{}: {} [{}]{help}", each.code.name(), each.message, places.join(", "))
    });
    (inventory.ok(), said.collect())
}

/// Snowflake `snow`, S3 `lake`, and the files given.
fn with_base<'t>(files: &[(&'t str, &'t str)]) -> Vec<(&'t str, &'t str)> {
    let mut all = vec![("integrations/snow.yaml", SNOW), ("integrations/lake.yaml", LAKE)];
    all.retain(|(name, _)| !files.iter().any(|(other, _)| other == name));
    all.extend_from_slice(files);
    all
}

/// All that an inventory says, without places.
fn shown(inventory: &Inventory) -> String {
    let mut lines = Vec::new();
    let catalog = &inventory.catalog;
    let tags = |list: &[crate::inventory::TagId]| -> String {
        list.iter().map(|tag| format!(" #{}", inventory.tags.text(*tag))).collect()
    };
    for (_, integration) in inventory.integrations.iter() {
        lines.push(format!("integration {} {}", integration.name, integration.platform.word()));
    }
    for database in catalog.databases.values().filter(|database| !database.tags.is_empty()) {
        lines.push(format!("database {}{}", database.name, tags(&database.tags)));
    }
    for schema in catalog.schemas.values().filter(|schema| !schema.tags.is_empty()) {
        lines.push(format!("schema {}{}", schema.name, tags(&schema.tags)));
    }
    for (id, table) in catalog.tables.iter() {
        let name = catalog.dotted_name(Securable::Table(id));
        let columns: String = table
            .columns
            .iter()
            .map(|column| &catalog.columns[*column])
            .map(|column| format!(" {}:{}{}", column.name, column.column_type.text, tags(&column.tags)))
            .collect();
        let location = table.location.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
        lines.push(format!("{:?} {name}{}{location} ({columns} )", table.kind, tags(&table.tags)));
    }
    for (id, source) in catalog.data_sources.iter() {
        let covering: String = catalog.covering[id]
            .iter()
            .map(|outer| format!(" < {}", catalog.data_sources[*outer].prefix))
            .collect();
        lines.push(format!("prefix {} {:?}{}{covering}", source.prefix, source.name, tags(&source.tags)));
    }
    let directory = &inventory.directory;
    for (id, user) in directory.users.iter() {
        let attributes: String = directory
            .attributes
            .keys()
            .map(|name| (name, directory.values(id, name)))
            .filter(|(_, values)| !values.is_empty())
            .map(|(name, values)| format!(" {name}={}", values.join("|")))
            .collect();
        lines.push(format!("user {} in {}{attributes}", user.id, directory.groups_of(id).join("|")));
    }
    for leaver in &directory.leavers {
        lines.push(format!("leaver {leaver}"));
    }
    for group in directory.groups.values() {
        lines.push(format!("group {}", group.id));
    }
    for ((user, integration), account) in &directory.user_accounts {
        let (user, integration) = (&directory.users[*user].id, &inventory.integrations[*integration].name);
        lines.push(format!("account {user} on {integration}: {account}"));
    }
    for ((group, integration), account) in &directory.group_accounts {
        let (group, integration) = (&directory.groups[*group].id, &inventory.integrations[*integration].name);
        lines.push(format!("account group {group} on {integration}: {account}"));
    }
    for approval in &inventory.approvals {
        lines.push(format!(
            "approval {} {} {} by {:?} until {:?}",
            directory.users[approval.user].id,
            approval.access.word(),
            catalog.dotted_name(approval.securable),
            approval.by,
            approval.until.map(crate::inventory::Instant::rfc3339),
        ));
    }
    let known: Vec<String> = inventory
        .tags
        .iter()
        .map(|(id, tag)| format!("{}{}", tag.text(), if inventory.tags.is_known(id) { "" } else { "?" }))
        .collect();
    lines.push(format!("tags {}", known.join(" ")));
    lines.join("\n")
}

/// The files are read without a word, and mean this; the two integrations are left out.
#[track_caller]
fn means(files: &[(&str, &str)], expected: &str) {
    let (inventory, said) = read(&with_base(files));
    assert_eq!(said, Vec::<String>::new());
    let shown = shown(&inventory.unwrap());
    let rest: Vec<&str> =
        shown.lines().map(str::trim).filter(|line| !line.starts_with("integration ")).collect();
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(rest.join("\n"), expected.join("\n"));
}

/// The files are refused, or found fault with, in these words; each line is the beginning of one.
#[track_caller]
fn says(files: &[(&str, &str)], expected: &str) {
    let (inventory, said) = read(&with_base(files));
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let same =
        said.len() == expected.len() && said.iter().zip(&expected).all(|(said, line)| said.starts_with(line));
    assert!(same, "said:\n{}\nexpected:\n{}", said.join("\n"), expected.join("\n"));
    let errors = said.iter().any(|line| !line.starts_with("finding "));
    assert_eq!(inventory.is_none(), errors, "an inventory comes without errors only");
}

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

const CUSTOMER: &str = "integration: snow
databases: {RETAIL: {schemas: {PUBLIC: {tables: {CUSTOMER: {tags: [Own], columns: {EMAIL: {type: VARCHAR, tags: [Own]}}}}}}}}
";

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
fn every_key_is_known_or_refused() {
    says(
        &[
            ("catalog/c.yaml", "integration: snow\ndatabase: {}\n"),
            ("catalog/d.yaml", "integration: snow\ndatabases: {D: {schema: {}, schemas: {S: {table: {}, tables: {T: {column: {}, columns: {C: {type: INT, tag: []}}}}}}}}\n"),
            ("directory/d.yaml", "user: {}\nusers: {a: {group: []}}\ngroups: {g: {member: []}}\napprovals: [{user: a, object: o, access: read, from: x}]\n"),
            ("integrations/snow.yaml", "type: Snowflake\nautobootstrap: true\nautoBootstrap: true\nconfig: {}\ngrantc: {principals: {user: x}, quota: {}}\n"),
        ],
        "
        unknown-key: an integration has no key `autobootstrap` [snow.yaml:2:1 `autobootstrap`] (did you mean `autoBootstrap`?) (the keys are: type, autoBootstrap, config, grantc)
        unknown-key: `principals` has no key `user` [snow.yaml:5:23 `user`] (did you mean `users`?)
        unknown-key: `grantc` has no key `quota` [snow.yaml:5:33 `quota`] (did you mean `quotas`?)
        ",
    );
    says(
        &[
            ("catalog/c.yaml", "integration: snow\ndatabase: {}\n"),
            (
                "catalog/d.yaml",
                "integration: snow\ndatabases: {D: {schema: {}, schemas: {S: {table: {}, tables: {T: {column: {}, columns: {C: {type: INT, tag: []}}}}}}}}\n",
            ),
            (
                "directory/d.yaml",
                "user: {}\nusers: {a: {group: []}}\ngroups: {g: {member: []}}\napprovals: [{user: a, object: o, access: read, from: x}]\n",
            ),
            ("directory/users.csv", "users\nx\n"),
        ],
        "
        unknown-key: a catalog file has no key `database` [c.yaml:2:1 `database`] (did you mean `databases`?)
        unknown-key: a database has no key `schema` [d.yaml:2:17 `schema`] (did you mean `schemas`?)
        unknown-key: a schema has no key `table` [d.yaml:2:43 `table`] (did you mean `tables`?)
        unknown-key: a table has no key `column` [d.yaml:2:67 `column`] (did you mean `columns`?)
        unknown-key: a column has no key `tag` [d.yaml:2:104 `tag`] (did you mean `tags`?)
        unknown-key: a directory file has no key `user` [d.yaml:1:1 `user`] (did you mean `users`?)
        unknown-key: a user has no key `group` [d.yaml:2:13 `group`] (did you mean `groups`?)
        unknown-key: a group has no key `member` [d.yaml:3:14 `member`] (did you mean `members`?)
        finding unknown-approval: an approval of unknown object `o` [d.yaml:4:31 `o`]
        unknown-key: an approval has no key `from` [d.yaml:4:48 `from`]
        unknown-key: this table has no column `users` [users.csv:1] (did you mean `user`?)
        bad-value: this table needs a column `user` [users.csv:1]
        ",
    );
}

#[test]
fn texts_are_texts() {
    says(
        &[
            (
                "directory/d.yaml",
                "users:
  a: {attributes: {region: [NO], n: [123], d: [2026-01-01], b: [true], z: [null], f: [1.5], o: [1:30], s: text, e: ['']}}
  b: {groups: [1]}
",
            ),
            ("directory/e.json", r#"{"users": {"c": {"attributes": {"n": [1], "b": [true], "t": ["1"]}}}}"#),
            ("catalog/c.yaml", "integration: snow\ntags: [2026]\n"),
        ],
        "
        bad-value: an item of `tags` must be a text [c.yaml:2:8 `2026`] (quote it: \"2026\")
        bad-value: the value of an attribute must be a text [d.yaml:2:29 `NO`] (quote it: \"NO\")
        bad-value: the value of an attribute must be a text [d.yaml:2:38 `123`] (quote it: \"123\")
        bad-value: the value of an attribute must be a text [d.yaml:2:48 `2026-01-01`] (quote it: \"2026-01-01\")
        bad-value: the value of an attribute must be a text [d.yaml:2:65 `true`] (quote it: \"true\")
        bad-value: the value of an attribute must be a text [d.yaml:2:76 `null`]
        bad-value: the value of an attribute must be a text [d.yaml:2:87 `1.5`] (quote it: \"1.5\")
        bad-value: the value of an attribute must be a text [d.yaml:2:97 `1:30`] (quote it: \"1:30\")
        bad-value: `s` must be a list [d.yaml:2:107 `text`] (write [\"text\"])
        bad-value: an item of `groups` must be a text [d.yaml:3:16 `1`] (quote it: \"1\")
        bad-value: the value of an attribute must be a text [e.json:1:39 `1`] (quote it: \"1\")
        bad-value: the value of an attribute must be a text [e.json:1:49 `true`] (quote it: \"true\")
        ",
    );
}

#[test]
fn what_yaml_and_json_can_do_and_we_do_not_read() {
    for (text, expected) in [
        ("a: &x [1]\nb: *x\n", "bad-file: aliases are not read [d.yaml:2:4 `*x`]"),
        ("users: {}\n---\nusers: {}\n", "bad-file: a second document begins in this file [d.yaml:2:1 `---`]"),
        (
            "users:\n\ta: {}\n",
            "bad-file: this is not YAML [d.yaml:2:2 ``] (indent with blanks, not with tabs)",
        ),
        ("users: !x {}\n", "bad-file: YAML tags are not read"),
        ("users: !!int 1\n", "bad-file: YAML tags are not read"),
        ("users:\n  <<: {a: {}}\n", "bad-file: merge keys are not read [d.yaml:2:3 `<<`]"),
        ("users:\n  ? [a]\n  : {}\n", "bad-file: a key must be a text"),
        ("users: {~: {}}\n", "bad-file: a key must be a text"),
        ("users: {\n", "bad-file: this is not YAML"),
        ("users: {'': {}}\n", "bad-value: the id of a user must not be empty [d.yaml:1:9 `''`]"),
        ("users: {a: {groups: ['']}}\n", "bad-value: an item of `groups` must not be empty"),
    ] {
        says(&[("directory/d.yaml", text)], expected);
    }
    says(
        &[("directory/d.yaml", "# é\nusers:\n  é: {}\n  'b': {} # ü\n  é: {}\n  b:\nusers:\n")],
        "
        duplicate-key: `é` is written twice [d.yaml:5:3 `é`, d.yaml:3:3 `é`]
        duplicate-key: `b` is written twice [d.yaml:6:3 `b`, d.yaml:4:3 `'b'`]
        duplicate-key: `users` is written twice [d.yaml:7:1 `users`, d.yaml:2:1 `users`]
        ",
    );
    for (text, expected) in [
        ("{\"users\": {},}", "bad-file: this is not JSON"),
        ("{\"users\": {} // x\n}", "bad-file: this is not JSON"),
        ("{'users': {}}", "bad-file: this is not JSON"),
        ("{users: {}}", "bad-file: this is not JSON"),
        ("", "bad-file: this file is empty"),
        ("{} {}", "bad-file: this is not JSON"),
        (
            "{\"users\": {\"a\": {}, \"a\": {}}}",
            "duplicate-key: `a` is written twice [d.json:1:21 `\"a\"`, d.json:1:12 `\"a\"`]",
        ),
    ] {
        says(&[("directory/d.json", text)], expected);
    }
    let deep = format!("users: {}{}", "[".repeat(150), "]".repeat(150));
    says(&[("directory/d.yaml", &deep)], "too-deep: nesting deeper than 100");
    let deep = format!("{}{}", "[".repeat(150), "]".repeat(150));
    says(&[("directory/d.json", &deep)], "too-deep: nesting deeper than 100");
    let deeper = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    says(&[("directory/d.json", &deeper)], "bad-file: this is not JSON");
    means(&[("directory/d.yaml", "# nothing\n"), ("directory/e.yaml", "")], "tags");
    means(
        &[("directory/d.yaml", "\u{feff}users:\r\n  a: {groups: [\"g\"]}\r\n")],
        "user a in g\ngroup g\ntags",
    );
    means(&[("directory/d.yaml", "users:\n  !!str 1: {groups: [!!str 2]}\n")], "user 1 in 2\ngroup 2\ntags");
}

#[test]
fn what_is_described_twice() {
    let columns = "integration,database,schema,table,column,type\nsnow,RETAIL,PUBLIC,CUSTOMER,EMAIL,X\nsnow,A,B,C,D,X\nsnow,A,B,C,D,Y\n";
    says(
        &[
            ("catalog/a.yaml", CUSTOMER),
            ("catalog/b.yaml", CUSTOMER),
            ("catalog/columns.csv", columns),
            ("catalog/p.yaml", "integration: lake\nprefixes: {s3://bkt/*: {}}\n"),
            ("catalog/prefixes.csv", "integration,prefix\nlake,s3://bkt/*\n"),
            ("directory/d.yaml", "users: {u: {accounts: {snow: A}}}\ngroups: {g: {}}\n"),
            ("directory/e.yaml", "users: {u: {}}\ngroups: {g: {}}\n"),
            ("directory/users.csv", "user\nu\n"),
            ("directory/accounts.csv", "principal,integration,account\nu,snow,B\n"),
        ],
        "
        duplicate-object: table `RETAIL.PUBLIC.CUSTOMER` is described twice [b.yaml:2:50 `CUSTOMER`, a.yaml:2:50 `CUSTOMER`]
        duplicate-object: table `RETAIL.PUBLIC.CUSTOMER` is described twice [columns.csv:2, a.yaml:2:50 `CUSTOMER`]
        duplicate-object: column `A.B.C.D` is described twice [columns.csv:4, columns.csv:3]
        duplicate-object: prefix `s3://bkt/*` is described twice [prefixes.csv:2, p.yaml:2:12 `s3://bkt/*`]
        duplicate-object: two accounts on one integration: `B` and `A` [d.yaml:1:30 `A`, accounts.csv:2]
        duplicate-object: user `u` is described twice [e.yaml:1:9 `u`, d.yaml:1:9 `u`]
        duplicate-object: group `g` is described twice [e.yaml:2:10 `g`, d.yaml:2:10 `g`]
        duplicate-object: user `u` is described twice [users.csv:2, d.yaml:1:9 `u`]
        ",
    );
    says(
        &[("integrations/a.yaml", &format!("{LAKE}grantc: {{name: snow}}\n"))],
        "duplicate-object: two integrations have the name `snow` [snow.yaml:file, a.yaml:file]",
    );
}

#[test]
fn unknown_names_are_errors_or_findings() {
    says(
        &[
            ("catalog/c.yaml", "integration: snwo\ndatabases: {}\n"),
            ("catalog/d.yaml", "databases: {}\n"),
            ("catalog/tags.csv", "integration,object,tag\nsnow,NO.SUCH,T\nlake,s3://none/*,T\nsnow,\"A.\",T\nsnow,A,T T\n"),
            (
                "directory/d.yaml",
                "users: {alice: {accounts: {snwo: A}}}
groups: {g: {members: [alcie]}}
approvals:
  - {user: nobody, object: X, access: read}
  - {user: alice, object: X, access: red}
  - {user: alice, object: X, access: read, until: soon}
  - {user: alice, object: X}
",
            ),
            ("directory/memberships.csv", "user,group\nbob,g\nbob,h\n"),
            ("directory/attributes.csv", "user,attribute,value\nbob,k,v\n"),
        ],
        "
        unknown-integration: unknown integration `snwo` [c.yaml:1:14 `snwo`] (did you mean `snow`?) (the integrations are: lake, snow)
        bad-value: a catalog file needs `integration` [d.yaml:1:12 `{`]
        unknown-object: nothing is called `NO.SUCH` [tags.csv:2]
        unknown-object: nothing is called `s3://none/*` [tags.csv:3]
        bad-value: `A.` is not a name [tags.csv:4]
        bad-value: `T T` is not a tag [tags.csv:5]
        finding unknown-user: an attribute or account of unknown user `bob` [attributes.csv:2]
        unknown-integration: unknown integration `snwo` [d.yaml:1:28 `snwo`] (did you mean `snow`?)
        finding unknown-membership: a membership of unknown user `alcie` [d.yaml:2:24 `alcie`] (did you mean `alice`?)
        finding unknown-approval: an approval of unknown object `X` [d.yaml:4:28 `X`]
        finding unknown-approval: an approval of unknown user `nobody` [d.yaml:4:28 `X`]
        bad-value: `access` cannot be `red` [d.yaml:5:38 `red`] (did you mean `read`?) (write one of: read, write)
        bad-value: `soon` is not a date [d.yaml:6:51 `soon`]
        bad-value: an approval needs `access` [d.yaml:7:5 `{user`]
        finding unknown-membership: 2 memberships of unknown user `bob` [memberships.csv:2]
        ",
    );
}

#[test]
fn an_approval_names_one_securable() {
    let two = CUSTOMER.replace("snow", "other");
    let files = [
        ("catalog/a.yaml", CUSTOMER),
        ("catalog/b.yaml", two.as_str()),
        ("integrations/other.yaml", SNOW),
        ("directory/u.yaml", "users: {u: {}}\n"),
    ];
    let mut both = files.to_vec();
    both.push(("directory/a.csv", ""));
    both.pop();
    both.push(("directory/approvals.csv", "user,object,access\nu,RETAIL.PUBLIC.CUSTOMER,read\n"));
    says(
        &both,
        "ambiguous-object: `RETAIL.PUBLIC.CUSTOMER` fits several securables [approvals.csv:2] (add `integration: NAME`)",
    );
    let mut one = files.to_vec();
    one.push((
        "directory/approvals.csv",
        "user,object,access,integration\nu,RETAIL.PUBLIC.CUSTOMER,read,other\n",
    ));
    let (inventory, said) = read(&with_base(&one));
    assert_eq!(said, Vec::<String>::new());
    let inventory = inventory.unwrap();
    let approval = inventory.approvals.first().unwrap();
    assert_eq!(inventory.integrations[inventory.catalog.integration(approval.securable)].name, "other");
}

#[test]
fn a_group_cycle_is_shown() {
    says(
        &[
            ("directory/d.yaml", "groups: {a: {groups: [b]}, b: {groups: [c]}, above: {members: [a]}}\n"),
            ("directory/nesting.csv", "group,parent\nc,a\nx,x\n"),
        ],
        "
        group-cycle: groups contain each other: a → c → b → a [nesting.csv:2, d.yaml:1:41 `c`, d.yaml:1:23 `b`]
        group-cycle: groups contain each other: x → x [nesting.csv:3]
        ",
    );
    says(
        &[("directory/d.yaml", "users: {x: {}}\ngroups: {x: {}, g: {members: [x]}}\n")],
        "bad-value: `x` is both a user and a group [d.yaml:2:31 `x`]",
    );
}

#[test]
fn integrations_say_what_they_are() {
    let check = |text: &str, expected: &str| says(&[("integrations/snow.yaml", text)], expected);
    check(
        "type: Snowflek\nautoBootstrap: true\nconfig: {}\n",
        "bad-value: no integration has the type `Snowflek` [snow.yaml:1:7 `Snowflek`] (did you mean `Snowflake`?) (the types are: Snowflake, Databricks, Trino, Redshift, Azure Synapse Analytics, Google BigQuery, Native S3)",
    );
    check(
        "type: Snowflake\n",
        "bad-value: an integration needs `autoBootstrap`\nbad-value: an integration needs `config`",
    );
    check(
        "type: Snowflake\nautoBootstrap: yes\nconfig: []\n",
        "bad-value: `autoBootstrap` must be true or false [snow.yaml:2:16 `yes`]\nbad-value: `config` must be a map",
    );
    let block = |text: &str| format!("{SNOW}grantc: {{{text}}}\n");
    check(
        &block("principals: {users: '{{ id | lokalpart }}'}"),
        "bad-value: unknown filter `lokalpart` [snow.yaml:4:30 `'{{ id | lokalpart }}'`] (did you mean `localpart`?)",
    );
    check(&block("principals: {users: '{{ name }}'}"), "bad-value: a template knows `id`, not `name`");
    check(&block("principals: {users: '{{ id'}"), "bad-value: a `{{` without `}}`");
    check(&block("principals: {users: 'id }}'}"), "bad-value: a `}}` without `{{`");
    check(
        &block("principals: {users: everybody}"),
        "bad-value: a template without `{{ id }}` would give everybody the same account",
    );
    check(&block("prefix: 1A"), "bad-value: `1A` cannot begin generated names");
    check(&block("prefix: 'A;DROP'"), "bad-value: `A;DROP` cannot begin generated names");
    check(
        &block("strategy: rolls"),
        "bad-value: `strategy` cannot be `rolls` [snow.yaml:4:20 `rolls`] (did you mean `roles`?)",
    );
    check(&block("groups: maybe"), "bad-value: `groups` cannot be `maybe`");
    check(&block("name: ../x"), "bad-value: `../x` cannot name an integration");
    check(&block("mode: minimal"), "bad-value: `mode` is for Native S3 only");
    check(
        &block("quotas: {grants: -1}"),
        "bad-value: `quotas` is for Native S3 only\nbad-value: `grants` must be a whole number above 0",
    );
    check(
        "type: Snowflake\nautoBootstrap: true\nconfig: {awsAccountId: 012}\n",
        "bad-value: the value must be a text or a plain number [snow.yaml:3:24 `012`] (quote it: \"012\")",
    );
}

#[test]
fn an_integration_has_its_settings() {
    let (inventory, said) = read(&[
        (
            "integrations/a.json",
            r#"{"type": "Trino", "grantc": {"name": "t", "scope": "authoritative", "strategy": "groups", "prefix": "G_1", "groups": "trusted", "principals": {"users": "{{ id | localpart | upper }}", "groups": "x_{{id}}"}}}"#,
        ),
        (
            "integrations/b.yaml",
            "type: Native S3\nautoBootstrap: false\nconfig: {name: lake, port: 1, on_demand: true, list: [a, ~]}\ngrantc: {mode: minimal, quotas: {grants: 250000}}\n",
        ),
        (
            "directory/d.yaml",
            "users: {ann@acme.example: {}, ann@other.example: {}, '@x': {}, bob: {accounts: {t: B}}}\ngroups: {g: {}}\n",
        ),
    ]);
    assert_eq!(said, Vec::<String>::new());
    let inventory = inventory.unwrap();
    let list: Vec<&Integration> = inventory.integrations.values().collect();
    let (lake, trino) = (list[0], list[1]);
    assert_eq!(
        (lake.name.as_str(), lake.mode, lake.grants_quota, lake.scope),
        ("b", crate::inventory::integration::GrantMode::Minimal, Some(250_000), Scope::Managed)
    );
    assert_eq!(lake.config.to_string(), r#"{"list":["a",null],"name":"lake","on_demand":true,"port":1}"#);
    assert_eq!(
        (trino.name.as_str(), trino.scope, trino.groups_trusted, trino.name_prefix.as_str()),
        ("t", Scope::Authoritative, true, "G_1")
    );

    let accounts = crate::inventory::Accounts::of(&inventory, inventory.integrations.ids().nth(1).unwrap());
    let names: Vec<String> = accounts
        .accounts
        .values()
        .map(|account| format!("{} {:?}", account.name, account.users.iter().collect::<Vec<_>>()))
        .collect();
    assert_eq!(names, ["ANN [1, 2]", "B [3]"]);
    assert_eq!(accounts.missing.iter().collect::<Vec<_>>(), [0], "an empty account is none");
    assert_eq!(accounts.shared().count(), 1);
    assert_eq!(accounts.of_group(inventory.directory.group("g").unwrap()), Some("x_g"));
    let user = inventory.directory.user("bob").unwrap();
    assert_eq!(accounts.of_user(user).map(|id| accounts.accounts[id].name.clone()).as_deref(), Some("B"));
}

#[test]
fn tables_are_read_whole_or_refused() {
    for (text, expected) in [
        (
            "user,group\na\n",
            "bad-file: `directory/memberships.csv` cannot be read as CSV [memberships.csv:2]",
        ),
        ("user,group\na,\n", "bad-value: `group` must not be empty [memberships.csv:2]"),
        ("user,user,group\na,a,b\n", "duplicate-key: the column `user` stands twice [memberships.csv:1]"),
        ("user\na\n", "bad-value: this table needs a column `group` [memberships.csv:1]"),
        ("", "bad-value: this table needs a column `user`\nbad-value: this table needs a column `group`"),
        ("user,group\na,\"b\nc,d\n", "bad-file: `directory/memberships.csv` cannot be read as CSV"),
    ] {
        let (inventory, said) = read(&with_base(&[
            ("directory/memberships.csv", text),
            ("directory/u.yaml", "users: {a: {}, c: {}}\n"),
        ]));
        assert!(inventory.is_none(), "{text:?}");
        for line in expected.lines() {
            assert!(said.iter().any(|said| said.starts_with(line)), "{text:?} says {said:?}, not {line}");
        }
    }
    let wrong = format!("user,object,access\n{}", "u,o,x\n".repeat(1000));
    let (_, said) = read(&with_base(&[("directory/approvals.csv", &wrong)]));
    assert_eq!(said.len(), 101, "the rest would say the same");
    says(
        &[
            ("catalog/columns.parquet", ""),
            ("catalog/README.md", "hello"),
            ("catalog/.hidden", "x"),
            ("directory/membership.csv", "x"),
            ("directory/users.tsv", "x"),
            ("directory/sub/deep/users.csv", "user\na\n"),
        ],
        "
        bad-file: `catalog/columns.parquet` is not read [columns.parquet:file] (export the same columns as columns.csv)
        bad-file: `directory/membership.csv` is not read [membership.csv:file] (did you mean `memberships.csv`?)
        bad-file: `directory/users.tsv` is not read
        ",
    );
}

#[test]
fn tables_belong_to_engines_and_prefixes_to_s3() {
    says(
        &[
            ("catalog/a.yaml", "integration: lake\ndatabases: {D: {}}\n"),
            ("catalog/b.yaml", "integration: snow\nprefixes: {s3://bkt/*: {}}\n"),
            ("catalog/c.yaml", "integration: lake\nprefixes: {'b/*': {}}\n"),
        ],
        "
        bad-value: `lake` is of type `Native S3`, which has no tables
        bad-value: `snow` is of type `Snowflake`, which has no prefixes
        bad-prefix: `b/*` is not a prefix [c.yaml:2:12 `'b/*'`]
        ",
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
