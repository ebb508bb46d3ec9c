//! Random policies, as the text that somebody would write.
//!
//! Every construct of the language has its place here: each condition, each row construct, each method, each clause.
//! Names are those of [`super::worlds`].

use proptest::prelude::*;
use proptest::sample::select;

type Text = BoxedStrategy<String>;

fn one_of(texts: &'static [&'static str]) -> Text {
    select(texts).prop_map(str::to_owned).boxed()
}

/// Trees of `and`, `or` and `not` with parentheses wherever they could be missed.
fn tree(atom: Text) -> Text {
    atom.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|a| format!("not {a}")),
        ]
    })
    .boxed()
}

const CONDITIONS: &[&str] = &[
    "anyone",
    "user is \"alice@acme.example\"",
    "user is one of [\"alice@acme.example\", \"o'brien \\\"ob\\\"\"]",
    "user in group \"staff\"",
    "user in group \"Fin.Ops\"",
    "user in any of groups [\"staff\", \"odd \\\"group\\\" ' \\\\\"]",
    "user in all of groups [\"staff\", \"Domain.Sales\"]",
    "user has attribute region",
    "user attribute region = \"EMEA\"",
    "user attribute region != \"EMEA\"",
    "user attribute region in [\"AMER\", \"A'P\\\\AC\"]",
    "user attribute clearance not in [\"secret\"]",
    "user attribute tag_access covers tags under Domain",
    "user groups cover tags under Domain",
    "user attribute scope covers name",
    "approved",
    "approved by group \"staff\"",
    "insiders",
];

pub fn condition() -> Text {
    tree(one_of(CONDITIONS))
}

const TABLES: &[&str] = &[
    "tables",
    "tables tagged Domain",
    "tables tagged Domain.Sales",
    "tables not tagged Restricted",
    "tables with column tagged PII",
    "tables in RETAIL",
    "tables in *.PUBLIC",
    "tables named \"S*\" or named \"s*\"",
    "tables tagged Regional and not tagged Domain.Sales",
    "tables of integration snow",
    "tables of integration trino",
];

fn on() -> Text {
    prop_oneof![
        4 => one_of(TABLES),
        1 => one_of(&[
            "everything",
            "everything tagged Restricted or with column tagged PII",
            "everything tagged Domain",
        ]),
        2 => one_of(&[
            "prefixes",
            "prefixes tagged Restricted",
            "prefixes not tagged Restricted",
            "prefixes in \"s3://lake/a*\"",
            "prefixes in \"s3://lake/*\"",
            "prefixes named \"deep\"",
        ]),
    ]
    .boxed()
}

fn window() -> Text {
    prop_oneof![
        8 => Just(String::new()),
        1 => Just(" from 2026-06-01".to_owned()),
        1 => Just(" from 2026-06-02".to_owned()),
        1 => Just(" until 2026-06-02".to_owned()),
        1 => Just(" until 2026-06-01".to_owned()),
    ]
    .boxed()
}

fn access() -> Text {
    prop_oneof![4 => Just("read".to_owned()), 2 => Just("read, write".to_owned()), 1 => Just("write".to_owned())].boxed()
}

fn applies() -> Text {
    prop_oneof![
        1 => Just(String::new()),
        3 => condition().prop_map(|condition| format!(" except {condition}")),
        2 => condition().prop_map(|condition| format!(" only for {condition}")),
    ]
    .boxed()
}

const ROWS: &[&str] = &[
    "column tagged Geo.Region in user attribute region",
    "column tagged Geo.Region not in user attribute region",
    "column tagged Geo.Region = user attribute region",
    "column tagged Geo.Region != user attribute region",
    "column region = \"EMEA\"",
    "column region != \"A'P\\\\AC\"",
    "column region in [\"EMEA\", \"AMER\"]",
    "column region not in [\"EMEA\", \"a \"]",
    "column region = user name",
    "column region in user groups",
    "column region not in user groups",
    "column region is null",
    "column email is not null",
    "column email like \"%@acme.example\"",
    "column region like \"_M\\\\%%\"",
    "column region < \"F\"",
    "column phone = \"EMEA\"",
    "column phone in user attribute region",
    "column amount > 100",
    "column amount <= -0.5",
    "column amount in [1, 2.50]",
    "column amount = user attribute level",
    "column amount not in user attribute level",
    "column id != 7",
    "column id in user attribute level",
    "column born < today - 9000 days",
    "column born >= 2000-01-01",
    "column born = user attribute since",
    "column sold < 2026-01-01",
    "column sold >= today",
    "column active = true",
    "column active != user attribute flag",
    "2026-01-01 < column born",
    "today > column born",
    "column region = column email",
    "column \"odd \\\"col\\\" ' \\\\\" = \"EMEA\"",
    "sql \"region = 'EMEA' OR amount > 5\"",
    "sql \"NOT (region IN ('EMEA', 'AMER') AND amount IS NOT NULL)\"",
    "sql for snowflake \"REGION = 'EMEA'\"",
    "sql for trino \"region = 'EMEA'\"",
];

pub fn rows() -> Text {
    tree(prop_oneof![5 => one_of(ROWS), 2 => one_of(CONDITIONS)].boxed())
}

/// What a mask selects, and methods that fit there.
fn masked() -> Text {
    let texts = (
        one_of(&[
            "columns tagged PII.Email",
            "columns tagged PII and of type string",
            "columns of type string",
            "columns tagged Geo and of type string",
            "columns tagged PII.\"Odd Tag\"",
            "columns named \"REGION\" or named \"region\"",
            "columns tagged PII.Phone of tables tagged Domain",
        ]),
        one_of(&[
            "null",
            "constant \"it's \\\\ a \\\"secret\\\"\"",
            "constant \"x\"",
            "hash",
            "keep first 2",
            "keep last 4",
            "keep last 0",
            "regex \"[0-9]+\" replace \"#\"",
            "regex \"[a-z]\" replace \"$1\\\\\"",
            "custom { snowflake \"UPPER({column})\" trino \"upper({column})\" }",
            "custom { snowflake \"UPPER({column})\" }",
        ]),
    );
    let numbers = (
        one_of(&["columns tagged Finance", "columns of type number", "columns tagged Key"]),
        one_of(&["null", "constant 0", "round to 10", "round to 0.5"]),
    );
    let dates = (
        one_of(&["columns of type date"]),
        one_of(&["null", "round to year", "round to month", "constant 1970-01-01"]),
    );
    let times = (
        one_of(&["columns of type timestamp"]),
        one_of(&["null", "round to hour", "round to day", "round to year"]),
    );
    let flags = (one_of(&["columns of type boolean"]), one_of(&["null", "constant false"]));
    let any = (
        one_of(&[
            "columns",
            "columns tagged PII",
            "columns in RETAIL",
            "columns of tables tagged Restricted",
        ]),
        one_of(&["null"]),
    );
    prop_oneof![5 => texts, 2 => numbers, 1 => dates, 1 => times, 1 => flags, 2 => any]
        .prop_map(|(on, method)| format!("on {on} using {method}"))
        .boxed()
}

fn subscription() -> Text {
    (access(), on(), condition(), prop_oneof![3 => Just(""), 1 => Just(" combine all")], window())
        .prop_map(|(access, on, to, combine, window)| {
            format!("subscription NAME {{ allow {access} on {on} to {to}{combine}{window} }}")
        })
        .boxed()
}

fn guardrail() -> Text {
    (access(), on(), condition(), window())
        .prop_map(|(access, on, to, window)| {
            format!("guardrail NAME {{ require {access} on {on} to {to}{window} }}")
        })
        .boxed()
}

fn mask() -> Text {
    let when = proptest::option::weighted(0.3, rows());
    (masked(), when, applies(), prop_oneof![1 => Just(false), 4 => Just(true)], window())
        .prop_map(|(on, when, applies, priority, window)| {
            let when = when.map(|rows| format!(" when {rows}")).unwrap_or_default();
            let priority = if priority { " priority INDEX" } else { "" };
            format!("mask NAME {{ {on}{when}{applies}{priority}{window} }}")
        })
        .boxed()
}

fn filter() -> Text {
    (one_of(TABLES), rows(), applies(), window())
        .prop_map(|(on, rows, applies, window)| {
            format!("filter NAME {{ on {on} rows where {rows}{applies}{window} }}")
        })
        .boxed()
}

/// Filters that bear on one table together, for everybody: each has to, wherever the platform knows of only one.
fn filters_of_one_table() -> BoxedStrategy<Vec<String>> {
    let filter = one_of(ROWS).prop_map(|rows| format!("filter NAME {{ on tables rows where {rows} }}"));
    prop_oneof![3 => Just(Vec::new()), 1 => proptest::collection::vec(filter, 2..=3)].boxed()
}

/// Some policies, eight at most or little more, and one condition that others name.
pub fn policies() -> BoxedStrategy<Vec<String>> {
    let wide = select(&["anyone", "user in group \"staff\"", "not user is \"bob\""][..]);
    let first = (access(), one_of(&["everything", "tables", "everything not tagged Restricted"]), wide)
        .prop_map(|(access, on, to)| format!("subscription NAME {{ allow {access} on {on} to {to} }}"));
    let other = prop_oneof![3 => subscription(), 1 => guardrail(), 4 => mask(), 3 => filter()];
    let insiders =
        select(&["user in group \"staff\"", "user has attribute clearance or user is \"bob\""][..]);
    (first, proptest::collection::vec(other, 0..=7), filters_of_one_table(), insiders)
        .prop_map(|(first, others, filters, insiders)| {
            let named = |(at, text): (usize, String)| {
                let name = format!("p{at}");
                text.replacen("NAME", &name, 1).replace("INDEX", &at.to_string())
            };
            let policies = std::iter::once(first).chain(others).chain(filters).enumerate().map(named);
            std::iter::once(format!("condition insiders = {insiders}")).chain(policies).collect()
        })
        .boxed()
}
