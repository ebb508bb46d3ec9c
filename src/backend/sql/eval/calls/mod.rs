//! Function calls, by name and number of arguments, per dialect.
//!
//! Invariant: a name means what the dialect's manual says of it, or nothing: `REPEAT` is text on Snowflake and an array
//! on Trino.

mod bigquery;
mod databricks;
mod redshift;
mod snowflake;
mod synapse;
mod trino;

use sqlparser::ast::{
    Expr, Function as Call, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
    Value as Parsed,
};

use super::collate::Collation;
use super::compile::{Compiler, boxed, whole_literal};
use super::function::{Function, Pattern, Unit};
use super::node::Node;
use crate::backend::sql::{Dialect, regex};
use crate::ir::value::Value;

impl Compiler {
    pub(super) fn call(self, call: Call, depth: usize) -> Option<Node> {
        let [part] = call.name.0.as_slice() else { return None };
        let name = part.as_ident().filter(|name| name.quote_style.is_none())?.value.to_ascii_uppercase();
        let args = plain_arguments(call)?;
        match self.dialect {
            Dialect::Snowflake => self.snowflake(&name, args, depth),
            Dialect::Trino => self.trino(&name, args, depth),
            Dialect::Databricks => self.databricks(&name, args, depth),
            Dialect::Redshift => self.redshift(&name, args, depth),
            Dialect::Synapse => self.synapse(&name, args, depth),
            Dialect::BigQuery => self.bigquery(&name, args, depth),
        }
    }

    /// What several dialects have.
    fn shared(self, name: &str, args: Vec<Node>) -> Option<Node> {
        let function = match (name, args.len()) {
            ("CURRENT_USER", 0) => return Some(Node::User),
            ("CURRENT_DATE", 0) => return Some(Node::Today),
            ("CURRENT_TIMESTAMP", 0) => return Some(Node::Now),
            ("REGEXP_REPLACE", 2) => return self.replace(args),
            ("ROUND", 1 | 2) => Function::Round,
            _ => return self.common(name, args),
        };
        Some(Node::Call(function, args))
    }

    /// What every dialect has but T-SQL.
    fn common(self, name: &str, args: Vec<Node>) -> Option<Node> {
        let function = match (name, args.len()) {
            ("COALESCE", 1..) => return Some(Node::Coalesce(args)),
            ("NULLIF", 2) => {
                let [left, right] = <[Node; 2]>::try_from(args).ok()?;
                return Some(Node::NullIf(boxed(left), boxed(right)));
            }
            ("REGEXP_REPLACE", 3) => return self.replace(args),
            ("LENGTH", 1) => Function::Length,
            ("CHAR_LENGTH" | "CHARACTER_LENGTH", 1) => Function::Length,
            ("SUBSTR" | "SUBSTRING", 2 | 3) => Function::Substr,
            ("UPPER", 1) => Function::Upper,
            ("LOWER", 1) => Function::Lower,
            ("MOD", 2) => Function::Modulo,
            ("ABS", 1) => Function::Absolute,
            ("SIGN", 1) => Function::Sign,
            ("FLOOR", 1) => Function::Floor,
            ("CEIL" | "CEILING", 1) => Function::Ceiling,
            _ => return None,
        };
        Some(Node::Call(function, args))
    }

    fn add_days(self, args: Vec<Expr>, days: i64, depth: usize) -> Option<Node> {
        let [_, count, date] = <[Expr; 3]>::try_from(args).ok()?;
        let mut count = self.node(count, depth + 2);
        if days != 1 {
            count = Node::Call(Function::Multiply, vec![count, whole_literal(days)]);
        }
        Some(Node::Call(Function::AddDays, vec![self.node(date, depth + 1), count]))
    }

    fn date_trunc(self, args: Vec<Expr>, unit: Unit, depth: usize) -> Option<Node> {
        Some(Node::Call(Function::DateTrunc(unit), vec![self.node(args.into_iter().nth(1)?, depth + 1)]))
    }

    fn replace(self, args: Vec<Node>) -> Option<Node> {
        let mut args = args.into_iter();
        let (text, pattern) = (args.next()?, args.next()?.constant_text()?);
        let with = match args.next() {
            Some(with) => replacement(&with.constant_text()?, self.dialect)?,
            None => String::new(),
        };
        Some(Node::Replace { text: boxed(text), pattern: self.pattern(&pattern)?, with })
    }

    /// A text under a collation that is named.
    fn collate(self, args: Vec<Node>) -> Option<Node> {
        let [text, name] = <[Node; 2]>::try_from(args).ok()?;
        Some(Node::Collate(boxed(text), Collation::named(&name.constant_text()?, self.dialect)?))
    }

    /// A pattern that every engine reads alike, in the plain spelling of our printer: no flags, no escapes but inside
    /// brackets and the end of the text, no dots.
    fn pattern(self, text: &str) -> Option<Pattern> {
        let mut anchored = false;
        let mut class = false;
        let mut first = false;
        let mut rest = text.chars().peekable();
        while let Some(each) = rest.next() {
            match (class, each) {
                (false, '\\') if self.dialect.leftmost_first() => {
                    rest.next().filter(|escaped| *escaped == 'z')?;
                }
                (false, '\\' | '.') => return None,
                (false, '(') if rest.peek() == Some(&'?') => return None,
                (false, '^') => {
                    anchored |= !matches!(self.dialect, Dialect::Databricks | Dialect::BigQuery);
                }
                (false, '$') => anchored = true,
                (false, '[') => {
                    (class, first) = (true, true);
                    rest.next_if_eq(&'^');
                    continue;
                }
                (true, '\\') => {
                    rest.next().filter(|escaped| "\\]^-[&~".contains(*escaped))?;
                }
                (true, ']') if first => return None,
                (true, '[' | '&' | '~') => return None,
                (true, ']') => class = false,
                _ => {}
            }
            first = false;
        }
        regex::portable(text, self.dialect).ok()?;
        let regex = ::regex::RegexBuilder::new(text).size_limit(1 << 20).build().ok()?;
        Some(Pattern { regex, anchored })
    }
}

/// The literal text of a replacement; `None` if it refers to groups.
fn replacement(text: &str, dialect: Dialect) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(each) = rest.next() {
        match (each, dialect) {
            ('\\', Dialect::Snowflake | Dialect::BigQuery) => {
                plain.push(rest.next().filter(|next| *next == '\\')?);
            }
            ('\\', Dialect::Trino | Dialect::Databricks) => {
                plain.push(rest.next().filter(|next| "\\$".contains(*next))?);
            }
            ('$', Dialect::Trino | Dialect::Databricks) | ('\\' | '$' | '&', Dialect::Redshift) => {
                return None;
            }
            (_, Dialect::Synapse) => return None,
            (
                other,
                Dialect::Snowflake
                | Dialect::Trino
                | Dialect::Databricks
                | Dialect::Redshift
                | Dialect::BigQuery,
            ) => plain.push(other),
        }
    }
    Some(plain)
}

/// `IFF(condition, then, else)`.
fn choice(args: Vec<Node>) -> Option<Node> {
    let mut args = args.into_iter();
    let arms = vec![(args.next()?, args.next()?)];
    let otherwise = boxed(args.next().unwrap_or(Node::Literal(Value::Null)));
    Some(Node::Case { operand: None, arms, otherwise })
}

/// `SHA2(text, bits)`: a digest of 256 bits in lower-case hexadecimal, or another.
fn sha2(args: Vec<Node>) -> Option<Node> {
    let [text, bits] = <[Node; 2]>::try_from(args).ok()?;
    let function = if bits == whole_literal(256) { Function::HashLower } else { Function::HashBytes };
    Some(Node::Call(function, vec![text]))
}

/// The character of a code: `CHR(10)`.
fn character(code: &Node) -> Option<Node> {
    let Node::Literal(Value::Number(code)) = code else { return None };
    let each = char::from_u32(u32::try_from(code.as_whole()?).ok()?).filter(|each| *each <= '\u{ffff}')?;
    Some(Node::Literal(Value::Text(each.to_string())))
}

fn only(args: Vec<Node>) -> Option<Node> {
    <[Node; 1]>::try_from(args).ok().map(|[node]| node)
}

/// The arguments of a call that has nothing else.
pub(super) fn plain_arguments(call: Call) -> Option<Vec<Expr>> {
    let Call {
        name: _,
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args,
        within_group,
        filter: None,
        null_treatment: None,
        over: None,
    } = call
    else {
        return None;
    };
    if within_group.is_empty() { arguments(args) } else { None }
}

fn arguments(args: FunctionArguments) -> Option<Vec<Expr>> {
    match args {
        FunctionArguments::None => Some(Vec::new()),
        FunctionArguments::Subquery(_) => None,
        FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses })
            if clauses.is_empty() =>
        {
            let one = |arg| match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
                _ => None,
            };
            args.into_iter().map(one).collect()
        }
        FunctionArguments::List(_) => None,
    }
}

/// A part of a date: a bare word or a text.
fn word(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(word) if word.quote_style.is_none() => Some(word.value.to_ascii_uppercase()),
        Expr::Value(value) => match &value.value {
            Parsed::SingleQuotedString(text) => Some(text.to_ascii_uppercase()),
            _ => None,
        },
        _ => None,
    }
}

fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "YEAR" => Unit::Year,
        "QUARTER" => Unit::Quarter,
        "MONTH" => Unit::Month,
        "WEEK" => Unit::Week,
        "DAY" => Unit::Day,
        "HOUR" => Unit::Hour,
        _ => return None,
    })
}
