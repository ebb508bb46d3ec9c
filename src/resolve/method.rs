//! Masking methods: what is written becomes what every platform can be asked for.
//!
//! In: `ast::Method`s. Out: [`Method`]s.
//! Invariant: numbers are numbers that fit, patterns are in the shared subset, custom SQL is one expression's worth of
//! tokens: nothing in it can end the statement that it will stand in.

use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};

use crate::diagnostic::{Code, Diagnostic};
use crate::inventory::{Instant, Platform};
use crate::ir::value::Decimal;
use crate::ir::{Literal, Method, RoundTo};
use crate::source::{Span, Spanned};
use crate::syntax::ast;

use super::within::place_in;
use super::{Resolver, pattern, sql};

impl Resolver<'_> {
    /// The method; `None` after an error was said.
    pub(super) fn method(&mut self, written: &Spanned<ast::Method>, policy: &str) -> Option<Method> {
        Some(match &written.node {
            ast::Method::Null => Method::Null,
            ast::Method::Constant(literal) => Method::Constant(self.literal(literal)?),
            ast::Method::Hash => Method::Hash,
            ast::Method::KeepFirst(n) => Method::KeepFirst(n.node),
            ast::Method::KeepLast(n) => Method::KeepLast(n.node),
            ast::Method::Regex { pattern: text, replace } => match pattern::portable(&text.node) {
                Ok(pattern) => Method::Regex { pattern, replace: replace.node.clone() },
                Err(fault) => {
                    let place = place_in(self.sources, text, fault.start, fault.end);
                    let mut diagnostic = Diagnostic::error(
                        Code::BadPattern,
                        "this pattern does not mean the same on every platform",
                    )
                    .at(place, fault.label)
                    .policy(policy);
                    if let Some(help) = fault.help {
                        diagnostic = diagnostic.help(help);
                    }
                    self.diagnostics.error(diagnostic);
                    return None;
                }
            },
            ast::Method::RoundTo(unit) => {
                let positive =
                    Decimal::parse(&unit.node).is_some_and(|unit| Decimal::parse("0") < Some(unit));
                if !positive {
                    self.diagnostics.error(
                        Diagnostic::error(Code::BadLiteral, format!("cannot round to `{}`", unit.node))
                            .at(unit.span, "not a number above 0 of at most 38 digits")
                            .help("write `round to 10` or `round to 0.01`")
                            .policy(policy),
                    );
                    return None;
                }
                Method::RoundNumber(unit.node.clone())
            }
            ast::Method::RoundDown(unit) => Method::RoundDate(match unit.node {
                ast::RoundUnit::Year => RoundTo::Year,
                ast::RoundUnit::Month => RoundTo::Month,
                ast::RoundUnit::Day => RoundTo::Day,
                ast::RoundUnit::Hour => RoundTo::Hour,
            }),
            ast::Method::Custom(entries) => {
                let checked: Vec<_> = entries
                    .iter()
                    .map(|(word, text)| {
                        let platform = platform(word.node);
                        self.check_custom(platform, text, policy).then(|| (platform, text.node.clone()))
                    })
                    .collect();
                Method::Custom(checked.into_iter().collect::<Option<_>>()?)
            }
        })
    }

    /// A literal; numbers that no platform holds exactly are refused.
    pub(super) fn literal(&mut self, written: &Spanned<ast::Literal>) -> Option<Literal> {
        self.literal_at(&written.node, written.span)
    }

    /// As [`Resolver::literal`].
    pub(super) fn literal_at(&mut self, written: &ast::Literal, span: Span) -> Option<Literal> {
        match written {
            ast::Literal::String(text) => Some(Literal::Text(text.clone())),
            ast::Literal::Boolean(value) => Some(Literal::Boolean(*value)),
            ast::Literal::Date(date) => Some(Literal::Date(days(*date))),
            ast::Literal::Number(text) => {
                if Decimal::parse(text).is_none() {
                    self.diagnostics.error(
                        Diagnostic::error(Code::BadLiteral, format!("`{text}` is too long a number"))
                            .at(span, "more than 38 digits"),
                    );
                    return None;
                }
                Some(Literal::Number(text.clone()))
            }
        }
    }

    fn check_custom(&mut self, platform: Platform, text: &Spanned<String>, policy: &str) -> bool {
        let Some((label, at)) = custom_fault(platform, &text.node) else { return true };
        let place = match at {
            Some((line, column)) => sql::place_of(self.sources, text, line, column),
            None => text.span,
        };
        self.diagnostics.error(
            Diagnostic::error(
                Code::BadSql,
                format!("`custom` for {} is not one expression", platform.word()),
            )
            .at(place, label)
            .help("write one expression with `{column}`, as `upper({column})`, without comments")
            .policy(policy),
        );
        false
    }
}

/// What would let the text out of the place where it will stand. A dialect's parser would know more and refuse what it
/// does not know; its tokens are enough to keep the text inside its parentheses.
fn custom_fault(platform: Platform, text: &str) -> Option<(String, Option<(u64, u64)>)> {
    if odd_backslash(text) {
        return Some(("a backslash before a quote: some platforms end the text there".to_owned(), None));
    }
    let dialect = sql::dialect(Some(platform));
    let tokens = match Tokenizer::new(dialect.as_ref(), text).tokenize_with_location() {
        Ok(tokens) => tokens,
        Err(error) => {
            return Some((error.message.to_lowercase(), Some((error.location.line, error.location.column))));
        }
    };
    let mut depth = 0i64;
    let mut any = false;
    for (at, token) in tokens.iter().enumerate() {
        let after = tokens.get(at + 1);
        let start = Some((token.span.start.line, token.span.start.column));
        match &token.token {
            Token::SemiColon => return Some(("`;` would end the statement".to_owned(), start)),
            Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)) => {
                return Some(("a comment could hide what follows".to_owned(), start));
            }
            // The lexer knows `$x$…$x$` everywhere, the platforms do not: what it takes for a text may be code there.
            Token::DollarQuotedString(_) => {
                return Some(("a text between dollars: write it between quotes".to_owned(), start));
            }
            // `?::` casts on Databricks (docs.databricks.com/sql/language-manual/functions/questiondoublecolonsign, 2026-11-26).
            sign if sign.to_string() == "?" && after.map(|next| &next.token) != Some(&Token::DoubleColon) => {
                return Some(("`?` stands for a value that nobody gives here".to_owned(), start));
            }
            Token::Whitespace(_) | Token::EOF => continue,
            Token::LParen => depth += 1,
            Token::RParen => {
                depth -= 1;
                if depth < 0 {
                    return Some(("closes what it did not open".to_owned(), start));
                }
            }
            Token::Comma if depth == 0 => return Some(("a second expression".to_owned(), start)),
            _ => {}
        }
        any = true;
    }
    if depth > 0 {
        return Some(("a parenthesis stays open".to_owned(), None));
    }
    (!any).then(|| ("nothing is written here".to_owned(), None))
}

/// Whether an odd number of backslashes stands before a quote: the lexer does not escape where all platforms do, nor the other
/// way round, and would see the text's end in another place.
fn odd_backslash(text: &str) -> bool {
    let mut odd = false;
    for letter in text.chars() {
        if odd && matches!(letter, '\'' | '"' | '`') {
            return true;
        }
        odd = letter == '\\' && !odd;
    }
    false
}

/// Days since 1970-01-01.
pub(super) fn days(date: jiff::civil::Date) -> i32 {
    // INVARIANT: civil dates reach from year -9999 to 9999, far within i32 days.
    i32::try_from(Instant::of_date(date).0 / 86_400).unwrap_or(0)
}

/// The platform that a word of the language means.
pub(super) fn platform(word: ast::Platform) -> Platform {
    match word {
        ast::Platform::Snowflake => Platform::Snowflake,
        ast::Platform::Databricks => Platform::Databricks,
        ast::Platform::Trino => Platform::Trino,
        ast::Platform::Redshift => Platform::Redshift,
        ast::Platform::Synapse => Platform::Synapse,
        ast::Platform::BigQuery => Platform::BigQuery,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_sql_stays_inside_its_parentheses() {
        for (text, fault) in [
            ("upper({column})", None),
            ("concat(left({column}, 1), '; -- )')", None),
            ("CASE WHEN {column} > 0 THEN 1 END", None),
            ("", Some("nothing is written here")),
            ("  ", Some("nothing is written here")),
            ("1; drop table t", Some("`;` would end the statement")),
            ("{column}) or (1 = 1", Some("closes what it did not open")),
            ("({column}", Some("a parenthesis stays open")),
            ("{column} -- x", Some("a comment could hide what follows")),
            ("{column} /* x */", Some("a comment could hide what follows")),
            ("{column}, 1", Some("a second expression")),
            ("{column} + ?", Some("`?` stands for a value that nobody gives here")),
            ("concat({column}, '?')", None),
            ("{column}?::integer", None),
            (
                "'\\' || '); drop table t'",
                Some("a backslash before a quote: some platforms end the text there"),
            ),
            ("concat({column}, '\\\\')", None),
            ("'", Some("unterminated string literal")),
        ] {
            for platform in [Platform::Snowflake, Platform::Trino, Platform::Synapse, Platform::BigQuery] {
                let found = custom_fault(platform, text).map(|(label, _)| label);
                assert_eq!(found.as_deref(), fault, "{text} on {}", platform.word());
            }
        }
        for platform in Platform::ALL {
            for text in ["$$; drop table t; $$", "$x$; drop table t; $x$"] {
                assert!(custom_fault(platform, text).is_some(), "{text} on {}", platform.word());
            }
        }
    }
}
