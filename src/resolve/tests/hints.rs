//! What is said beside the message: why, and what to write instead.

use super::resolved;
use crate::resolve::testing::NOW;

/// For each thing said: what stands under the place, and the ways out.
fn told_in(world: &str, policy: &str) -> Vec<String> {
    let (_, mut diagnostics, sources) = resolved(world, &[("a.policy", policy)], NOW);
    diagnostics.sort(&sources);
    let one = |each: &crate::diagnostic::Diagnostic| {
        let labels = each.labels.iter().map(|label| label.text.clone());
        labels
            .chain(each.notes.clone())
            .chain(each.help.clone())
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" | ")
    };
    diagnostics.iter().map(one).collect()
}

fn told(policy: &str) -> String {
    told_in("", policy).join("\n")
}

#[test]
fn sql_says_what_it_is_that_cannot_stand_there() {
    let sql = |sql: &str| told(&format!("filter f {{ on tables in RETAIL.PUBLIC.SALES rows where {sql} }}"));
    let subquery = "a subquery | conditions see one row of one table: use an attribute of the user";
    for (text, expected) in [
        ("id = 1; drop table x", "a statement ends here | write one expression, without `;`"),
        ("id = 1, id = 2", "a second expression begins here | join conditions with AND or OR"),
        ("id in (select 1)", subquery),
        ("exists (select 1)", subquery),
        ("id = (select 1)", subquery),
        ("region ilike 'x'", "text compares by code point | write `LIKE`"),
        ("sales.id = 1", "a name of more than one part | write the column's name alone"),
        ("id = null", "a comparison with NULL is never true | write `IS NULL`"),
        ("id = - -1", "not a number | columns,"),
        ("id = 1e5", "not digits with a point between them | write at most 38 digits"),
        ("sold > DATE '20260101'", "not a date | write `DATE '2026-12-31'`"),
        ("region like 'a' escape '!!'", "not one character | write `ESCAPE"),
        ("upper(region) = 'X'", "a function | columns,"),
        ("upper(region)", "a function | columns,"),
        ("sold > now()", "a function | columns,"),
        ("sold > current_date(1)", "a function | columns,"),
        ("sold > \\\"current_date\\\"()", "a function | columns,"),
        ("id in (amount)", "a column | only literals can stand here"),
        ("id + 1 = 2", "arithmetic | only days can be added, and only to CURRENT_DATE"),
        (
            "position(position(position(position(position(position(position(position(position(1)))))))))",
            "nested too deeply to be read | columns,",
        ),
    ] {
        let said = sql(&format!("sql \"{text}\""));
        assert!(said.starts_with(expected), "{text}: {said}");
    }
}

#[test]
fn a_backslash_escapes_where_the_platform_says_so() {
    let sql = |platform: &str, pattern: &str| {
        let pattern = pattern.replace('\\', "\\\\");
        let policy = format!(
            "filter f {{ on tables in RETAIL.PUBLIC.SALES rows where sql for {platform} \"region like '{pattern}'\" }}"
        );
        told(&policy)
    };
    // Where texts have escapes of their own, the pattern's backslash is written twice.
    for (platform, pattern) in [("bigquery", r"a\\b"), ("databricks", r"a\\b"), ("redshift", r"a\\b")] {
        let said = sql(platform, pattern);
        assert!(said.starts_with("escapes what needs no escape"), "{platform}: {said}");
    }
    for (platform, pattern) in [("snowflake", r"a\\b"), ("trino", r"a\b"), ("synapse", r"a\b")] {
        assert_eq!(sql(platform, pattern), "", "{platform}");
    }
}

#[test]
fn a_prefix_that_selects_nothing_has_one_near_or_one_around_it() {
    let prefix =
        |text: &str| told(&format!("subscription s {{ allow read on prefixes in \"{text}\" to anyone }}"));
    assert!(
        prefix("s3://acme/curatd/*").ends_with("did you mean `\"s3://acme/curated/*\"`?"),
        "{}",
        prefix("s3://acme/curatd/*")
    );
    let inside = prefix("s3://acme/curated/fin/*");
    assert!(
        inside.ends_with(
            "`s3://acme/curated/*` holds it: write that, or register `s3://acme/curated/fin/*` in the catalog"
        ),
        "{inside}"
    );
    assert_eq!(prefix("s3://acme/curated/*"), "");
    let far = prefix("s3://completely/other/place/*");
    assert!(!far.contains("did you mean"), "{far}");
}

#[test]
fn what_each_part_finds_by_itself_is_not_explained() {
    let said = told("subscription s { allow read on tables in RETAIL.PUBLIC and tagged Web to anyone }");
    assert!(!said.is_empty() && !said.contains("did you mean"), "{said}");
    let said =
        told("subscription s { allow read on tables named \"CUSTOMER\" and named \"SALES\" to anyone }");
    assert!(!said.is_empty() && !said.contains("did you mean") && !said.contains("whole names"), "{said}");
    let said = told("subscription s { allow read on tables tagged Web and tagged Domain.Sales to anyone }");
    assert!(!said.is_empty() && !said.contains("nothing here carries"), "{said}");
    let said = told(
        "subscription s { allow read on prefixes in \"s3://acme/raw*\" and in \"s3://acme/curated/*\" to anyone }",
    );
    assert!(!said.is_empty() && !said.contains("did you mean") && !said.contains("holds it"), "{said}");
    // Tags of columns help tables alone.
    let said = told("subscription s { allow read on tables tagged PII.Email to anyone }");
    assert!(
        said.contains("columns carry it: write `with column tagged PII.Email` for their tables"),
        "{said}"
    );
    let said = told("subscription s { allow read on prefixes tagged PII.Email to anyone }");
    assert!(!said.contains("columns carry it"), "{said}");
    let said = told("subscription s { allow read on tables in RETIAL to anyone }");
    assert!(said.contains("did you mean `RETAIL`?"), "{said}");
    let said = told("mask m { on columns named \"emial\" using null }");
    assert!(said.contains("did you mean `named \"EMAIL\"`?"), "{said}");
}

#[test]
fn conditions_nest_to_a_limit() {
    // `c0` is one deep; each takes the one before it one deeper.
    let conditions = |count: usize| {
        let mut text = "condition c0 = user is \"dave\"\n".to_owned();
        for at in 1..count {
            let word = if at % 2 == 0 { "and" } else { "or" };
            text.push_str(&format!("condition c{at} = c{} {word} user has attribute level\n", at - 1));
        }
        text.push_str(&format!("subscription s {{ allow read on tables to c{} }}", count - 1));
        told(&text)
    };
    assert_eq!(conditions(200), "");
    assert!(conditions(201).contains("from here down"), "{}", conditions(201));
}

#[test]
fn the_most_choices_of_columns_are_taken() {
    let world = |columns: usize| {
        let columns: Vec<String> =
            (0..columns).map(|n| format!("C{n} VARCHAR [X.A]; D{n} VARCHAR [X.B]")).collect();
        format!("table sf A.B.T: {}", columns.join("; "))
    };
    let policies = "subscription s { allow read on tables in A to anyone } filter f { on tables in A rows where column tagged X.A = column tagged X.B }";
    assert_eq!(told_in(&world(16), policies), [""; 0]);
    assert_eq!(told_in(&world(17), policies).len(), 1);
    let program = crate::resolve::testing::program(&world(16), policies, NOW);
    let table =
        program.inventory.catalog.tables.ids().find(|id| program.inventory.catalog.path(*id)[0] == "A");
    let rows = &program.filters.values().next().unwrap().rows;
    assert_eq!(rows.bind(&program.inventory, table.unwrap()).map(|all| all.len()), Ok(256));
}

#[test]
fn as_many_words_of_sql_as_there_may_be() {
    let sql = |start: &str, count: usize| {
        let text = format!("{start}id = 1{}", " or id = 1".repeat(count));
        told(&format!("filter f {{ on tables in RETAIL.PUBLIC.SALES rows where sql \"{text}\" }}"))
    };
    // 4,000 words and signs, and one more.
    assert_eq!(sql("not ", 999), "");
    assert!(sql("not not ", 999).contains("more than 4000 words and signs"), "{}", sql("not not ", 999));
}

#[test]
fn an_unknown_user_is_the_one_of_that_name_before_the_at_sign() {
    let world = "user erin@acme.example\n user frank@acme.example\n user frank@other.example";
    let user = |name: &str| {
        told_in(world, &format!("subscription s {{ allow read on tables to user is \"{name}\" or anyone }}"))
            .join("")
    };
    assert!(user("Erin").contains("did you mean `erin@acme.example`?"), "{}", user("Erin"));
    assert!(!user("eri").contains("erin@"), "{}", user("eri"));
    assert!(!user("frank").contains("frank@"), "{}", user("frank"));
}

#[test]
fn a_repetition_repeats_a_thousand_times() {
    let regex = |count: usize| {
        told(&format!("mask m {{ on columns tagged PII.Email using regex \"a{{{count}}}\" replace \"x\" }}"))
    };
    assert_eq!(regex(1000), "");
    assert!(regex(1001).contains("repeat less"), "{}", regex(1001));
}

#[test]
fn what_cannot_stand_in_a_selector_is_called_by_its_words() {
    let said = |policy: &str| {
        let (_, diagnostics, _) = resolved("", &[("a.policy", policy)], NOW);
        diagnostics.iter().map(|each| each.message.clone()).collect::<Vec<_>>().join("; ")
    };
    for (policy, word) in [
        ("subscription s { allow read on tables in \"s3://acme/raw*\" to anyone }", "in \"s3://…\""),
        ("subscription s { allow read on prefixes in RETAIL to anyone }", "in PATH"),
        ("subscription s { allow read on tables of type date to anyone }", "of type"),
        ("mask m { on columns with column tagged PII using null }", "with column tagged"),
    ] {
        assert!(
            said(policy).contains(&format!("`{word}` cannot be used here")),
            "{policy}: {}",
            said(policy)
        );
    }
}
