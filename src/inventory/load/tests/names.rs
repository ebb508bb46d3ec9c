//! Names that are described twice, not at all, or in a circle.

use super::*;

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
        group-cycle: groups are in each other: a → b → c → a [d.yaml:1:23 `b`, d.yaml:1:41 `c`, nesting.csv:2]
        group-cycle: groups are in each other: x → x [nesting.csv:3]
        ",
    );
    says(
        &[("directory/d.yaml", "users: {x: {}}\ngroups: {x: {}, g: {members: [x]}}\n")],
        "bad-value: `x` is both a user and a group [d.yaml:2:31 `x`]",
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
