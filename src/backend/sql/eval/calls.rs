//! Function calls, by name and number of arguments, per dialect.
//!
//! Invariant: a name means what the dialect's manual says of it, or nothing: `REPEAT` is text on Snowflake and an array
//! on Trino.

use sqlparser::ast::{
    Array, Expr, Function as Call, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
    Value as Parsed,
};

use super::compile::{Compiler, at_utc, boxed};
use super::node::{Function, Node, Pattern, Unit};
use crate::backend::sql::{Dialect, regex};
use crate::ir::value::Value;

impl Compiler {
    pub(super) fn call(self, call: Call, depth: usize) -> Option<Node> {
        let Call {
            name,
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
        let [part] = name.0.as_slice() else { return None };
        let name = part.as_ident().filter(|name| name.quote_style.is_none() && within_group.is_empty())?;
        let name = name.value.to_ascii_uppercase();
        let args = arguments(args)?;
        match self.dialect {
            Dialect::Snowflake => self.snowflake(&name, args, depth),
            Dialect::Trino => self.trino(&name, args, depth),
            Dialect::Databricks | Dialect::Redshift | Dialect::Synapse | Dialect::BigQuery => None,
        }
    }

    fn snowflake(self, name: &str, args: Vec<Expr>, depth: usize) -> Option<Node> {
        match (name, args.as_slice()) {
            ("CURRENT_ROLE", []) => return Some(Node::CurrentRole),
            ("DATEADD", [part, ..]) => {
                let days = match word(part)?.as_str() {
                    "DAY" | "D" | "DD" | "DAYS" => 1,
                    "WEEK" | "W" | "WK" => 7,
                    _ => return None,
                };
                return self.add_days(args, days, depth);
            }
            ("DATE_TRUNC", [part, _]) => {
                let unit = unit(&word(part)?)?;
                return self.date_trunc(args, unit, depth);
            }
            _ => {}
        }
        let args = self.list(args, depth);
        let function = match (name, args.len()) {
            ("IS_ROLE_IN_SESSION", 1) => return Some(Node::Role(boxed(only(args)?))),
            ("IFF", 3) => return choice(args),
            ("NVL" | "IFNULL", 2) => return Some(Node::Coalesce(args)),
            ("SHA2" | "SHA2_HEX", 1) => Function::HashLower,
            ("SHA2" | "SHA2_HEX", 2) => {
                let [text, bits] = <[Node; 2]>::try_from(args).ok()?;
                return (Some(bits) == Value::number("256").map(Node::Literal))
                    .then(|| Node::Call(Function::HashLower, vec![text]));
            }
            ("CONVERT_TIMEZONE", 2) => {
                let [zone, timestamp] = <[Node; 2]>::try_from(args).ok()?;
                return (zone.constant_text()? == "UTC").then(|| at_utc(timestamp));
            }
            ("LEN", 1) => Function::Length,
            ("LEFT", 2) => Function::Left,
            ("RIGHT", 2) => Function::Right,
            ("REPEAT", 2) => Function::Repeat,
            ("LPAD", 3) => Function::PadLeft,
            ("RPAD", 3) => Function::PadRight,
            ("TRIM", 1 | 2) => Function::Trim,
            ("LTRIM", 1 | 2) => Function::TrimLeft,
            ("RTRIM", 1 | 2) => Function::TrimRight,
            ("TRUNC" | "TRUNCATE", 1 | 2) => Function::Truncate,
            ("CONCAT", 1..) => Function::Concat,
            _ => return self.shared(name, args),
        };
        Some(Node::Call(function, args))
    }

    fn trino(self, name: &str, args: Vec<Expr>, depth: usize) -> Option<Node> {
        match (name, args.as_slice()) {
            ("CONTAINS", [Expr::Function(groups), _]) if is_current_groups(groups) => {
                return Some(Node::Group(boxed(self.node(args.into_iter().nth(1)?, depth + 1))));
            }
            ("CONTAINS", [Expr::Array(Array { named: true, .. }), _]) => {
                let mut args = args.into_iter();
                let (Expr::Array(array), value) = (args.next()?, args.next()?) else { return None };
                // Of an empty array, `contains` says NULL for a NULL, and IN says FALSE.
                if array.elem.is_empty() {
                    return None;
                }
                let value = self.node(value, depth + 1);
                return Some(Node::In(boxed(value), self.list(array.elem, depth)));
            }
            ("DATE_ADD", [part, ..]) => {
                let days = match word(part)?.as_str() {
                    "DAY" => 1,
                    "WEEK" => 7,
                    _ => return None,
                };
                return self.add_days(args, days, depth);
            }
            ("DATE_TRUNC", [part, _]) => {
                let unit = unit(&word(part)?)?;
                return self.date_trunc(args, unit, depth);
            }
            _ => {}
        }
        let args = self.list(args, depth);
        let function = match (name, args.len()) {
            ("IF", 2 | 3) => return choice(args),
            ("TO_UTF8", 1) => Function::Utf8,
            ("SHA256", 1) => Function::HashBytes,
            ("TO_HEX", 1) => match only(args)? {
                Node::Call(Function::HashBytes, inner) => match only(inner)? {
                    Node::Call(Function::Utf8, text) => return Some(Node::Call(Function::HashUpper, text)),
                    _ => return None,
                },
                _ => return None,
            },
            ("LPAD", 3) => Function::PadLeft,
            ("RPAD", 3) => Function::PadRight,
            ("TRIM", 1) => Function::Trim,
            ("LTRIM", 1) => Function::TrimLeft,
            ("RTRIM", 1) => Function::TrimRight,
            ("TRUNCATE", 1) => Function::Truncate,
            ("CONCAT", 2..) => Function::Concat,
            _ => return self.shared(name, args),
        };
        Some(Node::Call(function, args))
    }

    /// What both dialects have.
    fn shared(self, name: &str, args: Vec<Node>) -> Option<Node> {
        let function = match (name, args.len()) {
            ("CURRENT_USER", 0) => return Some(Node::User),
            ("CURRENT_DATE", 0) => return Some(Node::Today),
            ("CURRENT_TIMESTAMP", 0) => return Some(Node::Now),
            ("COALESCE", 1..) => return Some(Node::Coalesce(args)),
            ("NULLIF", 2) => {
                let [left, right] = <[Node; 2]>::try_from(args).ok()?;
                return Some(Node::NullIf(boxed(left), boxed(right)));
            }
            ("REGEXP_REPLACE", 2 | 3) => return self.replace(args),
            ("LENGTH", 1) => Function::Length,
            ("CHAR_LENGTH" | "CHARACTER_LENGTH", 1) => Function::Length,
            ("SUBSTR" | "SUBSTRING", 2 | 3) => Function::Substr,
            ("UPPER", 1) => Function::Upper,
            ("LOWER", 1) => Function::Lower,
            ("MOD", 2) => Function::Modulo,
            ("ABS", 1) => Function::Absolute,
            ("SIGN", 1) => Function::Sign,
            ("ROUND", 1 | 2) => Function::Round,
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
            let factor = Node::Literal(Value::number(&days.to_string())?);
            count = Node::Call(Function::Multiply, vec![count, factor]);
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

    /// A pattern that every engine reads alike, in the plain spelling of our printer: no flags, no escapes but inside
    /// brackets, no dots.
    fn pattern(self, text: &str) -> Option<Pattern> {
        let mut anchored = false;
        let mut class = false;
        let mut first = false;
        let mut rest = text.chars().peekable();
        while let Some(each) = rest.next() {
            match (class, each) {
                (false, '\\' | '.') => return None,
                (false, '(') if rest.peek() == Some(&'?') => return None,
                (false, '^' | '$') => anchored = true,
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
            ('\\', Dialect::Snowflake) => plain.push(rest.next().filter(|next| *next == '\\')?),
            ('\\', Dialect::Trino) => plain.push(rest.next().filter(|next| "\\$".contains(*next))?),
            ('$', Dialect::Trino) => return None,
            (other, Dialect::Snowflake | Dialect::Trino) => plain.push(other),
            (_, Dialect::Databricks | Dialect::Redshift | Dialect::Synapse | Dialect::BigQuery) => {
                return None;
            }
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

fn only(args: Vec<Node>) -> Option<Node> {
    <[Node; 1]>::try_from(args).ok().map(|[node]| node)
}

/// `current_groups()` and nothing more.
fn is_current_groups(call: &Call) -> bool {
    let plain = call.parameters == FunctionArguments::None
        && call.within_group.is_empty()
        && call.filter.is_none()
        && call.null_treatment.is_none()
        && call.over.is_none();
    let named = match call.name.0.as_slice() {
        [part] => part.as_ident().is_some_and(|name| {
            name.quote_style.is_none() && name.value.eq_ignore_ascii_case("current_groups")
        }),
        _ => false,
    };
    let bare = matches!(
        &call.args,
        FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses })
            if args.is_empty() && clauses.is_empty()
    );
    plain && named && bare
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
