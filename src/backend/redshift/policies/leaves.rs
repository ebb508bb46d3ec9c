//! Whether a body that Redshift prints anew is the one that was written.
//!
//! In: what was written, and what an export shows (`"masked_table"."v"`, `CAST('x' AS TEXT)`, `+` for `||`). Out: whether the latter
//! can be the former: the same inputs, texts, branches and comparisons in the same order, and no number less. Casts, parentheses and
//! qualifiers may come and go. What differs in no other way than these is not told apart. Where Redshift should print in yet another
//! way, the answer is no, and a plan writes the body again: told too often, never too seldom.

use std::collections::BTreeSet;

use sqlparser::tokenizer::{Token, Tokenizer};

use super::body::PolicyBody;
use crate::backend::redshift::native::{DIALECT, fold};
use crate::backend::sql::fingerprint;

/// Whether an export can show what was written.
pub(in super::super) fn can_be(written: &PolicyBody, shown: &PolicyBody) -> bool {
    if !written.names().eq(shown.names()) {
        return false;
    }
    if fingerprint::fingerprint(&written.expression, DIALECT)
        == fingerprint::fingerprint(&shown.expression, DIALECT)
    {
        return true;
    }
    match (Leaves::of(written), Leaves::of(shown)) {
        (Some(written), Some(shown)) => {
            written.words == shown.words && written.numbers.is_subset(&shown.numbers)
        }
        _ => false,
    }
}

/// What every way of printing an expression keeps.
struct Leaves {
    /// Texts, inputs, and the words and signs that decide, in order.
    words: Vec<Word>,
    /// Casts may bring others: `CAST(0.5 AS NUMERIC(2,1))`.
    numbers: BTreeSet<String>,
}

#[derive(PartialEq, Eq)]
enum Word {
    Text(String),
    Input(String),
    Decides(String),
}

/// The words that decide what an expression means, casts and calls of functions aside.
const DECIDE: [&str; 15] = [
    "case", "when", "then", "else", "not", "and", "or", "in", "is", "null", "like", "between", "select",
    "true", "false",
];

impl Leaves {
    fn of(body: &PolicyBody) -> Option<Leaves> {
        let parser = DIALECT.parser();
        let text = body.expression.replace("{salt}", "'{salt}'");
        let tokens = Tokenizer::new(parser.as_ref(), &text).tokenize().ok()?;
        let names: BTreeSet<&str> = body.names().collect();
        let mut leaves = Leaves { words: Vec::new(), numbers: BTreeSet::new() };
        for token in tokens {
            match token {
                Token::SingleQuotedString(text) => leaves.words.push(Word::Text(text)),
                Token::Number(number, _) => {
                    leaves.numbers.insert(number);
                }
                Token::Word(word) => {
                    let name = fold(&word.value);
                    if word.quote_style.is_none() && DECIDE.contains(&name.as_str()) {
                        leaves.words.push(Word::Decides(name));
                    } else if names.contains(name.as_str()) {
                        leaves.words.push(Word::Input(name));
                    }
                }
                Token::Eq | Token::DoubleEq => leaves.words.push(Word::Decides("=".to_owned())),
                Token::Neq => leaves.words.push(Word::Decides("<>".to_owned())),
                sign @ (Token::Lt | Token::Gt | Token::LtEq | Token::GtEq) => {
                    leaves.words.push(Word::Decides(sign.to_string()));
                }
                _ => {}
            }
        }
        Some(leaves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(expression: &str) -> PolicyBody {
        let inputs = vec![("v".to_owned(), "character varying(256)".to_owned())];
        PolicyBody { inputs, expression: expression.to_owned(), ..PolicyBody::default() }
    }

    #[test]
    fn what_redshift_prints_anew_is_what_was_written() {
        for (written, shown, same) in [
            // As SVV_MASKING_POLICY shows it: docs.aws.amazon.com/redshift/latest/dg/r_SHOW_POLICIES.html (2026-11-25).
            (
                "SHA2((v || {salt}), 256)",
                "SHA2((\"masked_table\".\"v\" + CAST({salt} AS TEXT)), CAST(256 AS INT4))",
                true,
            ),
            ("'x'::VARCHAR(256)", "CAST(CAST('x' AS VARCHAR) AS VARCHAR(256))", true),
            (
                "CASE WHEN v IS NULL THEN v ELSE 'x' END",
                "CASE WHEN \"masked_table\".\"v\" IS NULL THEN \"masked_table\".\"v\" ELSE 'x' END",
                true,
            ),
            ("'x'", "'y'", false),
            ("CASE WHEN v = 'a' THEN 'b' ELSE 'c' END", "\"masked_table\".\"v\"", false),
            ("LEFT(v, 2)", "LEFT(\"masked_table\".\"v\", 20)", false),
            // The same leaves, and another meaning.
            ("CASE WHEN v = 'a' THEN v ELSE 'x' END", "CASE WHEN v = 'a' THEN 'x' ELSE v END", false),
            ("v = 'a' AND v LIKE 'b'", "v = 'a' OR v LIKE 'b'", false),
            ("'f' IN (SELECT e.n FROM e) OR v = 'a'", "NOT 'f' IN (SELECT e.n FROM e) OR v = 'a'", false),
            ("v = 'a'", "v <> 'a'", false),
            ("v < 'a'", "v > 'a'", false),
            (
                "CASE WHEN v = 'a' THEN 'a' END",
                "CASE WHEN TRUE THEN \"masked_table\".\"v\" WHEN v = 'a' THEN 'a' END",
                false,
            ),
        ] {
            assert_eq!(can_be(&body(written), &body(shown)), same, "{written}\n{shown}");
        }
    }
}
