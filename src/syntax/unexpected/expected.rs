//! What could have stood at a place, in the user's words.

use crate::syntax::ast::Kind;
use crate::syntax::clauses::{clauses_of, listed};
use crate::syntax::grammar::Rule;

/// What could have stood there.
pub(super) struct Expected {
    rules: Vec<Rule>,
    /// As a reader is told.
    phrases: Vec<String>,
    /// The words among it, for "did you mean".
    words: Vec<String>,
}

impl Expected {
    pub(super) fn new(rules: &[Rule], kind: Option<Kind>) -> Self {
        let mut expected = Self { rules: rules.to_vec(), phrases: Vec::new(), words: Vec::new() };
        // Where a clause may start, every clause of every kind may: say "a clause", and suggest this kind's alone.
        let clause_may_start = rules.contains(&Rule::kw_allow) && rules.contains(&Rule::kw_unfiltered);
        for rule in rules {
            if clause_may_start && is_clause_start(*rule) {
                continue;
            }
            expected.add(*rule);
        }
        if clause_may_start {
            let clauses = kind.map_or(&[][..], clauses_of);
            let starts = clauses.iter().filter_map(|clause| clause.split(' ').next());
            expected.words.extend(starts.map(str::to_owned));
            let place =
                expected.phrases.iter().position(|phrase| phrase == "`}`").unwrap_or(expected.phrases.len());
            let what = kind.map_or("a clause".to_owned(), |kind| format!("a clause of a {}", kind.keyword()));
            expected.phrases.insert(place, what);
        }
        expected
    }

    fn add(&mut self, rule: Rule) {
        let name = format!("{rule:?}");
        let (phrase, words) = match name.strip_prefix("kw_") {
            Some(keyword) => (format!("`{keyword}`"), vec![keyword]),
            None => {
                let (phrase, words) = describe(rule);
                (if phrase.is_empty() { name.replace('_', " ") } else { phrase.to_owned() }, words.to_vec())
            }
        };
        if !self.phrases.contains(&phrase) {
            self.phrases.push(phrase);
        }
        self.words.extend(words.into_iter().map(str::to_owned));
    }

    /// Whether a rule could have stood there.
    pub(super) fn has(&self, rule: Rule) -> bool {
        self.rules.contains(&rule)
    }

    /// Whether a condition on the user or on the row could have stood there.
    pub(super) fn has_condition(&self) -> bool {
        [
            Rule::condition,
            Rule::condition_unary,
            Rule::condition_group,
            Rule::rows,
            Rule::rows_unary,
            Rule::rows_group,
        ]
        .iter()
        .any(|rule| self.has(*rule))
    }

    /// Whether a word could have stood there.
    pub(super) fn has_word(&self, word: &str) -> bool {
        self.words.iter().any(|each| each == word)
    }

    /// `expected a, b or c`.
    pub(super) fn label(&self) -> String {
        if self.phrases.is_empty() {
            "not expected here".to_owned()
        } else {
            format!("expected {}", listed(&self.phrases, "or"))
        }
    }

    /// The nearest word that could have stood there.
    pub(super) fn nearest(&self, written: &str) -> Option<&str> {
        near(written, self.words.iter().map(String::as_str).filter(|word| *word != written))
    }
}

/// The candidate nearest to a misspelt word. One slip in three letters of the longer word: `tagd` means `tagged`.
pub(super) fn near<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = written.to_lowercase();
    if folded.chars().count() < 2 {
        return None;
    }
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let longer = folded.chars().count().max(candidate.chars().count());
            let distance = strsim::damerau_levenshtein(&folded, candidate);
            (distance <= (longer / 3).max(1)).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

fn is_clause_start(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::kw_allow
            | Rule::kw_require
            | Rule::kw_on
            | Rule::kw_to
            | Rule::kw_combine
            | Rule::kw_using
            | Rule::kw_when
            | Rule::kw_rows
            | Rule::kw_except
            | Rule::kw_only
            | Rule::kw_priority
            | Rule::kw_from
            | Rule::kw_until
            | Rule::kw_as
            | Rule::kw_at
            | Rule::kw_can
            | Rule::kw_cannot
            | Rule::kw_sees
            | Rule::kw_filtered
            | Rule::kw_unfiltered
    )
}

const CONDITION_WORDS: &[&str] = &["anyone", "user", "approved", "not"];
const ROWS_WORDS: &[&str] = &["column", "today", "user", "approved", "anyone", "not", "sql", "true", "false"];
const SELECTION_WORDS: &[&str] = &["tagged", "with", "in", "named", "of", "not"];

/// How a rule that is not a keyword is told, and the words that it starts with. The empty phrase stands for the rule's own name.
fn describe(rule: Rule) -> (&'static str, &'static [&'static str]) {
    match rule {
        Rule::EOI => {
            ("the next declaration", &["condition", "subscription", "guardrail", "mask", "filter", "test"])
        }
        Rule::condition | Rule::condition_unary | Rule::condition_group => {
            ("a condition on the user", CONDITION_WORDS)
        }
        Rule::rows | Rule::rows_unary | Rule::rows_group | Rule::row_comparison => {
            ("a condition on the row", ROWS_WORDS)
        }
        Rule::selection | Rule::selection_unary | Rule::selection_group => {
            ("a selection such as `tagged PII`", SELECTION_WORDS)
        }
        Rule::of_tables => ("`of tables`", &["of"]),
        Rule::access => ("`read` or `write`", &["read", "write"]),
        Rule::literal => ("a text in double quotes, a number, a date, `true` or `false`", &["true", "false"]),
        Rule::literal_list | Rule::string_list => ("a list such as `[\"a\", \"b\"]`", &[]),
        Rule::today => ("`today`", &["today"]),
        Rule::column => ("`column`", &["column"]),
        Rule::user_value => ("`user name`, `user groups` or `user attribute …`", &["user"]),
        Rule::name | Rule::named_condition => ("a name in snake_case", &[]),
        Rule::word | Rule::label => ("a name", &[]),
        Rule::tag => ("a tag such as `PII.Email`", &[]),
        Rule::path | Rule::glob_word | Rule::quoted_name => ("a path such as `DATABASE.SCHEMA.TABLE`", &[]),
        Rule::object | Rule::integration | Rule::s3_word => {
            ("an object such as `DATABASE.SCHEMA.TABLE` or `s3://bucket/key`", &[])
        }
        Rule::string => ("a text in double quotes", &[]),
        Rule::date => ("a date such as `2026-12-31`", &[]),
        Rule::number => ("a number", &[]),
        Rule::integer | Rule::signed_integer => ("a whole number", &[]),
        Rule::compare_op | Rule::row_compare => ("a comparison such as `=` or `<`", &[]),
        Rule::is_null => ("`is null`", &["is"]),
        Rule::row_in | Rule::attribute_in => ("`in`", &["in"]),
        Rule::column_tagged => ("`tagged`", &["tagged"]),
        Rule::custom_entry => (
            "a platform and its SQL",
            &["snowflake", "databricks", "trino", "redshift", "synapse", "bigquery"],
        ),
        Rule::masked => ("`masked`", &["masked"]),
        Rule::open_brace => ("`{`", &[]),
        Rule::close_brace => ("`}`", &[]),
        Rule::open_paren => ("`(`", &[]),
        Rule::close_paren => ("`)`", &[]),
        Rule::open_bracket => ("`[`", &[]),
        Rule::close_bracket => ("`]`", &[]),
        Rule::comma => ("`,`", &[]),
        Rule::equals => ("`=`", &[]),
        Rule::differs => ("`!=`", &[]),
        Rule::minus => ("`-`", &[]),
        Rule::plus => ("`+`", &[]),
        _ => ("", &[]),
    }
}
