//! Whether a body that Redshift prints anew is the one that was written.
//!
//! In: what was written, and what an export shows (`"masked_table"."v"`, `CAST('x' AS TEXT)`, `+` for `||`). Out: whether the latter
//! can be the former: the same inputs, texts and branches, and no number less. What differs in other ways is not told apart: the
//! content's hash ends the policy's name, so only a body that somebody altered by hand could.

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
            written.texts == shown.texts
                && written.inputs == shown.inputs
                && written.branches == shown.branches
                && written.numbers.is_subset(&shown.numbers)
        }
        _ => false,
    }
}

/// What every way of printing an expression keeps.
struct Leaves {
    texts: BTreeSet<String>,
    /// Casts may bring others: `CAST(0.5 AS NUMERIC(2,1))`.
    numbers: BTreeSet<String>,
    /// Those of the inputs that stand in it.
    inputs: BTreeSet<String>,
    /// How many `WHEN`.
    branches: usize,
}

impl Leaves {
    fn of(body: &PolicyBody) -> Option<Leaves> {
        let parser = DIALECT.parser();
        let text = body.expression.replace("{salt}", "'{salt}'");
        let tokens = Tokenizer::new(parser.as_ref(), &text).tokenize().ok()?;
        let names: BTreeSet<&str> = body.names().collect();
        let mut leaves =
            Leaves { texts: BTreeSet::new(), numbers: BTreeSet::new(), inputs: BTreeSet::new(), branches: 0 };
        for token in tokens {
            match token {
                Token::SingleQuotedString(text) => {
                    leaves.texts.insert(text);
                }
                Token::Number(number, _) => {
                    leaves.numbers.insert(number);
                }
                Token::Word(word) => {
                    let name = fold(&word.value);
                    if word.quote_style.is_none() && name == "when" {
                        leaves.branches += 1;
                    }
                    if names.contains(name.as_str()) {
                        leaves.inputs.insert(name);
                    }
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
