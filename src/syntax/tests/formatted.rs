//! The canonical form.

use super::check;

#[test]
fn clauses_come_in_order_and_aligned() {
    check(
        "mask   m \"x\" { from 2026-01-01 except  approved using hash priority 3 on columns of tables  in A.B }",
        "mask m \"x\" {\n  on       columns of tables in A.B\n  using    hash\n  except   approved\n  priority 3\n  \
         from     2026-01-01\n}\n",
    );
    check(
        "filter f { only for anyone rows where column x in [1 ,2] on tables}",
        "filter f {\n  on     tables\n  rows   where column x in [1, 2]\n  only   for anyone\n}\n",
    );
    check(
        "subscription s { to anyone combine all on tables allow write,read }",
        "subscription s {\n  allow   read, write\n  on      tables\n  to      anyone\n  combine all\n}\n",
    );
}

#[test]
fn expectations_keep_their_order_and_their_gaps() {
    check(
        "test \"t\" { can write, read s:A.\"B c\".*\n\n\n# why\nsees A.B.C.D masked by m\nat 2026-01-01 as \"x\"\n\
         cannot read s3://b/k*\n filtered A by e,b\nunfiltered A }",
        "test \"t\" {\n  as         \"x\"\n  at         2026-01-01\n  can        read, write s:A.\"B c\".*\n\n  \
         # why\n  sees       A.B.C.D masked by m\n  cannot     read s3://b/k*\n  filtered   A by e, b\n  \
         unfiltered A\n}\n",
    );
}

#[test]
fn every_comment_stays_with_what_it_speaks_of() {
    check(
        "# top\n\n\n# about a\nmask a { # open\nusing hash # why\n # on these\n on columns\n # tail\n} # end\n# apart\n\n\
         condition b = # first\n anyone # second\n # third\n and approved\n# last",
        "# top\n\n# about a\nmask a { # open\n  # on these\n  on     columns\n  using  hash # why\n  # tail\n} # end\n\n\
         # apart\n\ncondition b = # first\n  anyone # second\n  # third\n  and approved\n\n# last\n",
    );
    check(
        "mask # in the head\nm { on columns using hash }",
        "# in the head\nmask m {\n  on     columns\n  using  hash\n}\n",
    );
    check("# alone", "# alone\n");
    check("", "");
}

#[test]
fn long_conditions_break_at_and_and_or() {
    let group = |name: &str| format!("user in group \"{}\"", name.repeat(30));
    let (a, b, c, d) = (group("a"), group("b"), group("c"), group("d"));
    check(
        &format!("condition x = {a} and ({b} or {c}   or {d}) and approved"),
        &format!("condition x =\n  {a}\n  and ({b}\n       or {c}\n       or {d})\n  and approved\n"),
    );
    check(
        &format!("subscription s {{ allow read on tables to {a} and {b} and {c} }}"),
        &format!(
            "subscription s {{\n  allow read\n  on    tables\n  to    {a}\n        and {b}\n        and {c}\n}}\n"
        ),
    );
}

#[test]
fn long_lists_and_custom_sql_break_at_their_items() {
    let item = format!("\"{}\"", "a".repeat(40));
    check(
        &format!("condition x = user is one of [{item}, {item}, {item}]"),
        &format!("condition x =\n  user is one of [{item}, {item},\n                  {item}]\n"),
    );
    check(
        &format!("mask m {{ on columns using custom {{ snowflake {item} trino {item} }} }}"),
        &format!(
            "mask m {{\n  on     columns\n  using  custom {{\n           snowflake {item}\n           trino {item}\n         }}\n}}\n"
        ),
    );
    check(
        "mask m { on columns using custom{snowflake \"{column}\"} }",
        "mask m {\n  on     columns\n  using  custom { snowflake \"{column}\" }\n}\n",
    );
}

#[test]
fn parentheses_stay_as_they_were_written() {
    check("condition x = ((a) and (b or (c)))", "condition x = ((a) and (b or (c)))\n");
    check("condition x = a and b or c", "condition x = a and b or c\n");
}

#[test]
fn regions_that_are_off_stay_as_they_are() {
    check(
        "# fmt: off\nmask   a { on  columns using hash }\n# fmt: on\nmask   b { on  columns using  hash }\n",
        "# fmt: off\nmask   a { on  columns using hash }\n# fmt: on\nmask b {\n  on     columns\n  using  hash\n}\n",
    );
    check(
        "mask   b { using  hash\n  # fmt: off\n  except   user in group \"x\"\n       or  approved\n  # fmt: on\n on  columns }",
        "mask b {\n  using  hash\n  # fmt: off\n  except   user in group \"x\"\n       or  approved\n  # fmt: on\n  on     columns\n}\n",
    );
    let ends_later = "mask   c { on  columns\n  # fmt: off\n  using   hash }\nmask   d { on  columns using  hash }\n# fmt: on\n";
    check(ends_later, ends_later);
    let inside_a_clause =
        "mask   c { on  columns\n  # fmt: off\n  using   hash except a\n  # fmt: on\n or b }\n";
    check(inside_a_clause, inside_a_clause);
    let to_the_end = "# fmt: off\nmask   c { on  columns using hash }  # end\n\n\n# last\n";
    check(to_the_end, to_the_end);
}
