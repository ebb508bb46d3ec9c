//! `sql "…"`: one ANSI expression over the table's columns, read into the same tree as ROWS.
//!
//! In: SQL text. Out: [`Rows`], or where and why the text is not one such expression.
//! Invariant: nothing is carried as text: what comes out is re-emitted by our own printers, so a word that this file
//! does not know cannot reach a platform. Allowed: columns, literals, comparisons, `AND`, `OR`, `NOT`, parentheses,
//! `IN (…)`, `BETWEEN`, `LIKE`, `IS NULL`, `CURRENT_DATE` and days added to it.
//! Cost: one pass over the tokens; the parser bounds nesting, chains of `AND` and `OR` are read in a loop.

use sqlparser::ast::{
    BinaryOperator, DataType, DateTimeField, Expr, Function, FunctionArguments, Ident, Interval, ObjectName,
    ObjectNamePart, Spanned as _, TypedString, UnaryOperator, Value,
};
use sqlparser::dialect::{
    AnsiDialect, BigQueryDialect, DatabricksDialect, Dialect, GenericDialect, MsSqlDialect,
    RedshiftSqlDialect, SnowflakeDialect,
};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Tokenizer};

use super::Resolver;
use super::rows::Atoms;
use super::within::{offset_of, place_in};
use crate::diagnostic::{Code, Diagnostic};
use crate::inventory::Platform;
use crate::ir::value::Decimal;
use crate::ir::{ColumnRef, Literal, Operator, Rows, Term};
use crate::source::{Sources, Span, Spanned};

/// Longer text is a program, not a condition; it also bounds the depth of the parser's trees.
const MAX_TOKENS: usize = 4_000;

const ALLOWED: &str = "columns, literals, comparisons, AND, OR, NOT, IN (…), BETWEEN, LIKE, IS NULL and CURRENT_DATE can stand here";

/// Why a text is refused, and where in it.
struct Fault {
    code: Code,
    span: sqlparser::tokenizer::Span,
    label: String,
    help: String,
}

type Read<T> = Result<T, Fault>;

impl Resolver<'_> {
    /// Reads one expression; `None` after an error was said.
    pub(super) fn sql(
        &mut self,
        platform: Option<Platform>,
        text: &Spanned<String>,
        policy: &str,
        atoms: &mut Atoms,
    ) -> Option<Rows> {
        let reader = Reader { platform, sources: self.sources, text };
        match parse(platform, &text.node).and_then(|expr| reader.condition(&expr, atoms)) {
            Ok(rows) => Some(rows),
            Err(fault) => {
                self.diagnostics.error(
                    Diagnostic::error(fault.code, "this is not a condition that every platform can check")
                        .at(reader.place(fault.span), fault.label)
                        .help(fault.help)
                        .policy(policy),
                );
                None
            }
        }
    }
}

/// The place of a line and column of a string.
pub(super) fn place_of(sources: &Sources, text: &Spanned<String>, line: u64, column: u64) -> Span {
    let at = offset_of(&text.node, line, column);
    place_in(sources, text, at, at)
}

/// The dialect of a platform; without one, ANSI. Trino is closest to the generic one.
pub(super) fn dialect(platform: Option<Platform>) -> Box<dyn Dialect> {
    match platform {
        None => Box::new(AnsiDialect {}),
        Some(Platform::Snowflake) => Box::new(SnowflakeDialect {}),
        Some(Platform::Databricks) => Box::new(DatabricksDialect {}),
        Some(Platform::Redshift) => Box::new(RedshiftSqlDialect {}),
        Some(Platform::Synapse) => Box::new(MsSqlDialect {}),
        Some(Platform::BigQuery) => Box::new(BigQueryDialect {}),
        Some(Platform::Trino | Platform::S3) => Box::new(GenericDialect {}),
    }
}

fn parse(platform: Option<Platform>, text: &str) -> Read<Expr> {
    let dialect = dialect(platform);
    let nowhere = sqlparser::tokenizer::Span::empty();
    let fault =
        |span, label: String, help: &str| Fault { code: Code::BadSql, span, label, help: help.to_owned() };
    let tokens = Tokenizer::new(dialect.as_ref(), text).tokenize_with_location().map_err(|error| {
        let span = sqlparser::tokenizer::Span::new(error.location, error.location);
        fault(span, error.message.to_lowercase(), ALLOWED)
    })?;
    if tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).count() > MAX_TOKENS {
        let label = format!("more than {MAX_TOKENS} words and signs");
        return Err(fault(nowhere, label, "write conditions of the language, or keep the list in a table"));
    }
    let plain: Vec<Token> = tokens.iter().map(|token| token.token.clone()).collect();
    if !super::sql_bounds::parsable(&plain) {
        let deep = fault(nowhere, "nested too deeply to be read".to_owned(), ALLOWED);
        return Err(Fault { code: Code::TooDeep, ..deep });
    }
    let mut parser = Parser::new(dialect.as_ref()).with_tokens_with_locations(tokens);
    let expr = parser.parse_expr().map_err(|error| match error {
        ParserError::RecursionLimitExceeded => Fault {
            code: Code::TooDeep,
            span: nowhere,
            label: "nests too deep".to_owned(),
            help: "split it".to_owned(),
        },
        ParserError::ParserError(said) | ParserError::TokenizerError(said) => {
            let (label, span) = located(&said);
            fault(span, label, ALLOWED)
        }
    })?;
    let rest = parser.peek_token();
    match rest.token {
        Token::EOF => Ok(expr),
        Token::SemiColon => {
            Err(fault(rest.span, "a statement ends here".to_owned(), "write one expression, without `;`"))
        }
        Token::Comma => Err(fault(
            rest.span,
            "a second expression begins here".to_owned(),
            "join conditions with AND or OR",
        )),
        _ => Err(fault(rest.span, "the expression ends before this".to_owned(), ALLOWED)),
    }
}

/// `Expected: …, found: x at Line: 1, Column: 5` in two.
fn located(said: &str) -> (String, sqlparser::tokenizer::Span) {
    let nowhere = sqlparser::tokenizer::Span::empty();
    let Some((message, place)) = said.rsplit_once(" at Line: ") else {
        return (said.to_lowercase(), nowhere);
    };
    let numbers = place.split_once(", Column: ").and_then(|(line, column)| {
        Some(sqlparser::tokenizer::Location::new(line.parse().ok()?, column.parse().ok()?))
    });
    let span = numbers.map_or(nowhere, |at| sqlparser::tokenizer::Span::new(at, at));
    (message.to_lowercase().replace("expected: ", "expected "), span)
}

struct Reader<'a> {
    platform: Option<Platform>,
    sources: &'a Sources,
    text: &'a Spanned<String>,
}

impl Reader<'_> {
    fn place(&self, span: sqlparser::tokenizer::Span) -> Span {
        if span.start.line == 0 {
            return self.text.span;
        }
        let start = offset_of(&self.text.node, span.start.line, span.start.column);
        let end = offset_of(&self.text.node, span.end.line, span.end.column);
        place_in(self.sources, self.text, start, end)
    }

    fn condition(&self, expr: &Expr, atoms: &mut Atoms) -> Read<Rows> {
        let made = match expr {
            Expr::Nested(inner) => return self.condition(inner, atoms),
            Expr::BinaryOp { op: BinaryOperator::And, .. } => {
                return self.chain(expr, &BinaryOperator::And, atoms).map(Rows::And);
            }
            Expr::BinaryOp { op: BinaryOperator::Or, .. } => {
                return self.chain(expr, &BinaryOperator::Or, atoms).map(Rows::Or);
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr: inner } => {
                return Ok(Rows::Not(Box::new(self.condition(inner, atoms)?)));
            }
            Expr::BinaryOp { left, op, right } => match operator(op) {
                Some(operator) => {
                    Rows::Compare { left: self.term(left)?, operator, right: self.term(right)? }
                }
                None => return Err(refused(expr, "this operator cannot be checked everywhere", ALLOWED)),
            },
            Expr::InList { expr: value, list, negated } => Rows::InList {
                term: self.term(value)?,
                negated: *negated,
                values: list.iter().map(|each| self.literal(each)).collect::<Read<_>>()?,
            },
            Expr::Between { expr: value, negated, low, high } => {
                let term = self.term(value)?;
                let span = self.place(expr.span());
                let low = Rows::Compare {
                    left: term.clone(),
                    operator: Operator::GreaterOrEqual,
                    right: self.term(low)?,
                };
                let high =
                    Rows::Compare { left: term, operator: Operator::LessOrEqual, right: self.term(high)? };
                let both = Rows::And(vec![atoms.keep(low, span), atoms.keep(high, span)]);
                return Ok(if *negated { Rows::Not(Box::new(both)) } else { both });
            }
            Expr::IsNull(value) => Rows::IsNull { term: self.term(value)?, negated: false },
            Expr::IsNotNull(value) => Rows::IsNull { term: self.term(value)?, negated: true },
            Expr::Like { negated, any: false, expr: value, pattern, escape_char } => {
                let like = Rows::Like {
                    term: self.term(value)?,
                    pattern: self.pattern(pattern, escape_char.as_deref())?,
                };
                let like = atoms.keep(like, self.place(expr.span()));
                return Ok(if *negated { Rows::Not(Box::new(like)) } else { like });
            }
            // A column or literal that is itself true or false.
            Expr::Identifier(_) | Expr::Value(_) => Rows::Compare {
                left: self.term(expr)?,
                operator: Operator::Equal,
                right: Term::Literal(Literal::Boolean(true)),
            },
            Expr::InSubquery { .. } | Expr::Subquery(_) | Expr::Exists { .. } => {
                return Err(refused(
                    expr,
                    "a subquery",
                    "conditions see one row of one table: use an attribute of the user",
                ));
            }
            Expr::Function(_) => return Err(refused(expr, "a function", ALLOWED)),
            Expr::ILike { .. } => return Err(refused(expr, "text compares by code point", "write `LIKE`")),
            // What every other kind of expression means differs between platforms, or cannot be checked here.
            _ => return Err(refused(expr, "this cannot be checked everywhere", ALLOWED)),
        };
        Ok(atoms.keep(made, self.place(expr.span())))
    }

    /// The members of `a AND b AND …`, which the parser nests to the left.
    fn chain(&self, expr: &Expr, joined_by: &BinaryOperator, atoms: &mut Atoms) -> Read<Vec<Rows>> {
        let mut members = Vec::new();
        let mut at = expr;
        while let Expr::BinaryOp { left, op, right } = at
            && op == joined_by
        {
            members.push(right.as_ref());
            at = left;
        }
        members.push(at);
        members.into_iter().rev().map(|each| self.condition(each, atoms)).collect()
    }

    fn term(&self, expr: &Expr) -> Read<Term<ColumnRef>> {
        match expr {
            Expr::Nested(inner) => self.term(inner),
            Expr::Identifier(name) => self.column(name).map(Term::Column),
            Expr::CompoundIdentifier(_) => {
                Err(refused(expr, "a name of more than one part", "write the column's name alone"))
            }
            Expr::Function(function) if is_current_date(function) => Ok(Term::Today(0)),
            Expr::BinaryOp { left, op: op @ (BinaryOperator::Plus | BinaryOperator::Minus), right } => {
                let Term::Today(days) = self.term(left)? else {
                    return Err(refused(
                        expr,
                        "arithmetic",
                        "only days can be added, and only to CURRENT_DATE",
                    ));
                };
                let change = days_in(right)
                    .ok_or_else(|| refused(right, "not a number of days", "write `INTERVAL '90' DAY`"))?;
                let change = if *op == BinaryOperator::Plus { change } else { -change };
                Ok(Term::Today(days.saturating_add(change)))
            }
            Expr::Function(_) => Err(refused(expr, "a function", ALLOWED)),
            Expr::Subquery(_) => Err(refused(
                expr,
                "a subquery",
                "conditions see one row of one table: use an attribute of the user",
            )),
            _ => self.literal(expr).map(Term::Literal),
        }
    }

    fn column(&self, name: &Ident) -> Read<ColumnRef> {
        match (name.quote_style, self.platform) {
            (None, _) => Ok(ColumnRef::Named(name.value.clone())),
            (Some('"'), _) | (Some(_), Some(_)) => Ok(ColumnRef::Exact(name.value.clone())),
            (Some(_), None) => Err(Fault {
                code: Code::BadSql,
                span: name.span,
                label: "not ANSI's quotes".to_owned(),
                help: "write `\\\"name\\\"`, or `sql for PLATFORM \"…\"`".to_owned(),
            }),
        }
    }

    fn literal(&self, expr: &Expr) -> Read<Literal> {
        match expr {
            Expr::Nested(inner) => self.literal(inner),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner } => match self.literal(inner)? {
                Literal::Number(text) if !text.starts_with('-') => Ok(Literal::Number(format!("-{text}"))),
                _ => Err(refused(expr, "not a number", ALLOWED)),
            },
            Expr::TypedString(TypedString { data_type: DataType::Date, value, uses_odbc_syntax: false }) => {
                let date = match &value.value {
                    Value::SingleQuotedString(text) if text.len() == 10 => text.parse().ok(),
                    _ => None,
                };
                date.map(|date| Literal::Date(super::method::days(date)))
                    .ok_or_else(|| refused(expr, "not a date", "write `DATE '2026-12-31'`"))
            }
            Expr::Value(value) => match &value.value {
                Value::Number(text, false) if Decimal::parse(text).is_some() => {
                    Ok(Literal::Number(text.clone()))
                }
                Value::Number(..) => Err(refused(
                    expr,
                    "not digits with a point between them",
                    "write at most 38 digits, as `0.5`",
                )),
                Value::SingleQuotedString(text) => Ok(Literal::Text(text.clone())),
                // BigQuery and Databricks read double quotes as a text, others as a name: each dialect's own parser tells.
                Value::DoubleQuotedString(text) if self.platform.is_some() => Ok(Literal::Text(text.clone())),
                Value::Boolean(value) => Ok(Literal::Boolean(*value)),
                Value::Null => Err(refused(expr, "a comparison with NULL is never true", "write `IS NULL`")),
                _ => Err(refused(
                    expr,
                    "a literal that not every platform has",
                    "write `'text'`, a number, TRUE, FALSE or DATE '…'",
                )),
            },
            Expr::Identifier(_) => Err(refused(expr, "a column", "only literals can stand here")),
            _ => Err(refused(expr, "neither a column nor a literal", ALLOWED)),
        }
    }

    /// A `LIKE` pattern with the language's own escape, `\`.
    fn pattern(&self, pattern: &Expr, escape: Option<&Expr>) -> Read<String> {
        let Literal::Text(text) = self.literal(pattern)? else {
            return Err(refused(pattern, "not a text", "write `LIKE 'pattern'`"));
        };
        let escape = match escape {
            Some(written) => match self.literal(written)? {
                Literal::Text(text) if text.chars().count() == 1 => text.chars().next(),
                _ => return Err(refused(written, "not one character", "write `ESCAPE '\\\\'`")),
            },
            None => self.platform.and_then(default_escape),
        };
        if self.platform == Some(Platform::Synapse) && text.contains('[') {
            return Err(refused(
                pattern,
                "a class of characters",
                "Transact-SQL alone reads `[…]` so: write `_`",
            ));
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text.chars();
        while let Some(each) = rest.next() {
            if Some(each) == escape {
                match rest.next() {
                    Some(escaped) if matches!(escaped, '%' | '_') || Some(escaped) == escape => {
                        if matches!(escaped, '%' | '_' | '\\') {
                            out.push('\\');
                        }
                        out.push(escaped);
                    }
                    _ => {
                        return Err(refused(
                            pattern,
                            "escapes what needs no escape",
                            "escape `%`, `_` or the escape itself",
                        ));
                    }
                }
            } else {
                if each == '\\' {
                    out.push('\\');
                }
                out.push(each);
            }
        }
        Ok(out)
    }
}

/// What escapes in a `LIKE` without `ESCAPE`. BigQuery, Databricks and Redshift say the backslash
/// (<https://cloud.google.com/bigquery/docs/reference/standard-sql/operators#like_operator>,
/// <https://docs.databricks.com/aws/en/sql/language-manual/functions/like>,
/// <https://docs.aws.amazon.com/redshift/latest/dg/r_patternmatching_condition_like.html>); the rest has none.
fn default_escape(platform: Platform) -> Option<char> {
    match platform {
        Platform::BigQuery | Platform::Databricks | Platform::Redshift => Some('\\'),
        Platform::Snowflake | Platform::Trino | Platform::Synapse | Platform::S3 => None,
    }
}

fn operator(op: &BinaryOperator) -> Option<Operator> {
    match op {
        BinaryOperator::Eq => Some(Operator::Equal),
        BinaryOperator::NotEq => Some(Operator::NotEqual),
        BinaryOperator::Lt => Some(Operator::Less),
        BinaryOperator::LtEq => Some(Operator::LessOrEqual),
        BinaryOperator::Gt => Some(Operator::Greater),
        BinaryOperator::GtEq => Some(Operator::GreaterOrEqual),
        // Dozens of others, none of them in every dialect.
        _ => None,
    }
}

fn is_current_date(function: &Function) -> bool {
    let bare = match &function.args {
        FunctionArguments::None => true,
        FunctionArguments::List(list) => list.args.is_empty() && list.clauses.is_empty(),
        FunctionArguments::Subquery(_) => false,
    };
    let ObjectName(parts) = &function.name;
    let named = match parts.as_slice() {
        [ObjectNamePart::Identifier(name)] => {
            name.quote_style.is_none() && name.value.eq_ignore_ascii_case("current_date")
        }
        _ => false,
    };
    bare && named && function.over.is_none() && function.filter.is_none()
}

/// `INTERVAL '90' DAY`, `INTERVAL 90 DAY`, `INTERVAL '90 days'` or `90`.
fn days_in(expr: &Expr) -> Option<i64> {
    let count = |expr: &Expr| match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(text, false) | Value::SingleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    };
    match expr {
        Expr::Nested(inner) => days_in(inner),
        Expr::Value(value) => match &value.value {
            Value::Number(text, false) => text.parse().ok(),
            _ => None,
        },
        Expr::Interval(Interval {
            value,
            leading_field,
            leading_precision: None,
            last_field: None,
            fractional_seconds_precision: None,
        }) => {
            let text = count(value)?;
            match leading_field {
                Some(DateTimeField::Day | DateTimeField::Days) => text.parse().ok(),
                Some(_) => None,
                None => {
                    let (number, unit) = text.trim().split_once(' ')?;
                    matches!(unit.trim().to_ascii_lowercase().as_str(), "day" | "days")
                        .then(|| number.parse().ok())?
                }
            }
        }
        _ => None,
    }
}

fn refused(expr: &Expr, label: &str, help: &str) -> Fault {
    Fault { code: Code::BadSql, span: expr.span(), label: label.to_owned(), help: help.to_owned() }
}
