//! What is written for the pool.

use super::{lines, world};
use crate::backend::contract::{Backend, Change, Op};
use crate::backend::fact::{Fact, FactKey, FactKind, Symbols};
use crate::backend::synapse::Synapse;

#[test]
fn masks_and_filters_stand_in_the_view() {
    let files = world(
        "subscription r { allow read on tables tagged Shop.Customer to user in group \"staff\" }
         mask mails { on columns tagged PII.Mail using hash except user in group \"support\" }
         filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area in user attribute region }",
    )
    .files();
    let views = &files["30_views.sql"];
    for part in [
        "IF OBJECT_ID(N'[secure].[dbo_Customer]', 'V') IS NULL EXEC(N'CREATE VIEW [secure].[dbo_Customer] AS /* grantc: ; {\"filters\":[],\"shape\":\"\"} */ SELECT 1 AS [x] WHERE 1 = 0');\nGO\n",
        "\nALTER VIEW [secure].[dbo_Customer] AS /* grantc: mails, own, r; {\"filters\":[\"own\"],",
        "CASE WHEN g.[f1] = 1 THEN t.[Email] WHEN t.[Email] IS NULL THEN CAST(NULL AS nvarchar(100)) ELSE CAST(LOWER(CONVERT(varchar(64), HASHBYTES('SHA2_256', CONVERT(varchar(max), (CONVERT(nvarchar(max), t.[Email]) + N's''alt') COLLATE Latin1_General_100_BIN2_UTF8)), 2)) AS nvarchar(100)) END AS [Email]",
        "FROM [dbo].[Customer] t CROSS JOIN (SELECT MAX(CASE WHEN e.[name] ",
        " = USER_NAME()) g WHERE ",
    ] {
        assert!(views.contains(part), "{part}\n{views}");
    }
    for (name, text) in &files {
        assert_eq!(text.contains("s''alt"), name == "30_views.sql", "{name}");
        let batches = text.split("\nGO\n").filter(|batch| !batch.trim().is_empty());
        // CREATE and ALTER VIEW stand alone.
        assert!(
            batches
                .clone()
                .all(|batch| batch.matches(";\n").count() <= usize::from(batch.contains("@rows")) * 5)
        );
        assert!(batches.count() > 1, "{text}");
    }
}

#[test]
fn entitlements_change_all_together_and_hiding_rows_come_first_and_go_last() {
    let files = world(
        "subscription r { allow read on tables tagged Shop.Customer to user in group \"staff\" }
         filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area not in user attribute region }",
    )
    .files();
    let text = &files["20_entitlements.sql"];
    assert!(text.contains("SELECT N'alice', N'complete user attribute region as string', N'yes'"), "{text}");
    assert!(
        text.contains(" UNION ALL\nSELECT N'alice', N'not user attribute region as string', N'EMEA'"),
        "{text}"
    );
    assert!(!text.contains("VALUES"), "{text}");
    let places: Vec<usize> = [
        "CREATE TABLE [secure].[staging]",
        "INSERT INTO [secure].[staging]",
        "THROW 50000",
        "[secure].[staging] s WHERE s.[name] LIKE N'not %'",
        "DELETE FROM [secure].[entitlements] WHERE [name] NOT LIKE N'not %'",
        "[secure].[staging] s WHERE s.[name] NOT LIKE N'not %'",
        "DELETE FROM [secure].[entitlements] WHERE [name] LIKE N'not %'",
    ]
    .iter()
    .map(|part| text.find(part).unwrap_or_else(|| panic!("{part}\n{text}")))
    .collect();
    assert!(places.is_sorted(), "{places:?}");
    // A client that goes on after an error must not take half of the rows for all of them.
    assert!(text.get(places[2]..places[6]).is_some_and(|part| !part.contains("\nGO\n")), "{text}");
    let rows = text.matches("SELECT N'").count();
    assert!(text.contains(&format!("IF @rows <> {rows} THROW")), "{text}");
}

/// The statement of one fact.
fn check(
    op: Op,
    (kind, object, grantee, privilege): (FactKind, &str, &str, &str),
    bodies: [&str; 2],
    expected: &str,
) {
    let (world, mut symbols) = (world(""), Symbols::default());
    let key = FactKey {
        kind,
        privilege: symbols.intern(privilege),
        object: symbols.intern(object),
        grantee: symbols.intern(grantee),
    };
    let [before, body] =
        bodies.map(|body| Fact { key, body: symbols.intern(body), policies: symbols.intern("p") });
    let change = match op {
        Op::Add => Change { op, fact: body, before: None },
        Op::Remove => Change { op, fact: before, before: Some(before) },
        Op::Replace => Change { op, fact: body, before: Some(before) },
    };
    let text = Synapse.statement(&world.program.inventory, world.integration, &change, &symbols);
    assert_eq!(text, expected, "{:?}", lines(&[body], &symbols));
}

#[test]
fn statements_are_those_of_a_dedicated_pool() {
    const R: &str = "ROLE \"grantc_r_0123abcd\"";
    let grant = |object, grantee, privilege| (FactKind::Grant, object, grantee, privilege);
    let view = "VIEW \"secure\".\"a]b\"";
    let none = ["", ""];
    check(Op::Add, (FactKind::Role, R, "", ""), none, "CREATE ROLE [grantc_r_0123abcd]");
    check(Op::Remove, (FactKind::Role, R, "", ""), none, "DROP ROLE [grantc_r_0123abcd]");
    check(
        Op::Add,
        grant(view, R, "SELECT"),
        none,
        "GRANT SELECT ON OBJECT::[secure].[a]]b] TO [grantc_r_0123abcd]",
    );
    check(
        Op::Remove,
        grant("SCHEMA \"dbo\"", "USER \"u\"", "SELECT"),
        none,
        "REVOKE SELECT ON SCHEMA::[dbo] FROM [u]",
    );
    check(
        Op::Replace,
        grant(view, R, "SELECT"),
        ["WITH GRANT OPTION", ""],
        "REVOKE SELECT ON OBJECT::[secure].[a]]b] FROM [grantc_r_0123abcd] CASCADE; GRANT SELECT ON OBJECT::[secure].[a]]b] TO [grantc_r_0123abcd]",
    );
    check(
        Op::Add,
        grant("TABLE \"dbo\".\"t\" COLUMN \"c\"", R, "DENY SELECT"),
        none,
        "DENY SELECT ON OBJECT::[dbo].[t] ([c]) TO [grantc_r_0123abcd]",
    );
    let member = |user| (FactKind::Membership, R, user, "");
    check(Op::Add, member("USER \"o'b\""), none, "EXEC sp_addrolemember N'grantc_r_0123abcd', N'o''b'");
    check(
        Op::Remove,
        member("USER \"a\nGO\nb\""),
        none,
        "DECLARE @member nvarchar(128) = (N'a' + NCHAR(10) + N'GO' + NCHAR(10) + N'b'); EXEC sp_droprolemember N'grantc_r_0123abcd', @member",
    );
    let bodies = ["{}\nSELECT 1", "{\"filters\":[],\"shape\":\"s\"}\nSELECT 2"];
    let a = (FactKind::View, view, "", "");
    let text = "VIEW [secure].[a]]b] AS /* grantc: p; {\"filters\":[],\"shape\":\"s\"} */ SELECT 2";
    check(Op::Add, a, bodies, &format!("CREATE {text}"));
    check(Op::Replace, a, bodies, &format!("ALTER {text}"));
    check(Op::Remove, a, bodies, "DROP VIEW [secure].[a]]b]");
    let row = (FactKind::Entitlement, "VALUE it's ", "USER \"u\"", "n");
    check(
        Op::Add,
        row,
        none,
        "INSERT INTO [secure].[entitlements] ([account], [name], [value]) SELECT N'u', N'n', N'it''s '",
    );
    check(
        Op::Remove,
        row,
        none,
        "DELETE FROM [secure].[entitlements] WHERE [account] = N'u' AND [name] = N'n' AND [value] + N'.' = N'it''s ' + N'.'",
    );
}
