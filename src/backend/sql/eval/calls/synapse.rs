//! T-SQL's functions, as far as dedicated pools have them: learn.microsoft.com/azure/synapse-analytics/sql/overview-features
//! (2026-11-25).

use sqlparser::ast::{Expr, Value as Parsed};

use super::{character, choice, only, word};
use crate::backend::sql::eval::collate::{Page, Rule};
use crate::backend::sql::eval::compile::{Compiler, at_utc, boxed, whole_literal};
use crate::backend::sql::eval::function::{Function, Unit};
use crate::backend::sql::eval::node::Node;
use crate::backend::sql::eval::types::Target;
use crate::ir::value::Value;

impl Compiler {
    pub(super) fn synapse(self, name: &str, args: Vec<Expr>, depth: usize) -> Option<Node> {
        match (name, args.as_slice()) {
            ("DATEADD", [part, _, _]) => {
                let unit = part_unit(part)?;
                let [_, count, date] = <[Expr; 3]>::try_from(args).ok()?;
                let (count, date) = (self.node(count, depth + 2), self.node(date, depth + 1));
                if let Some(timestamp) = since_a_new_year(unit, &count, &date) {
                    return Some(Node::Call(Function::DateTrunc(unit), vec![timestamp]));
                }
                return match unit {
                    Unit::Day => Some(Node::Call(Function::AddDays, vec![date, count])),
                    Unit::Hour => {
                        let micros = vec![count, whole_literal(3_600_000_000)];
                        let micros = Node::Call(Function::Multiply, micros);
                        Some(Node::Call(Function::AddMicros, vec![date, micros]))
                    }
                    Unit::Year | Unit::Quarter | Unit::Month | Unit::Week => None,
                };
            }
            ("DATEDIFF", [part, _, _]) => {
                let unit = part_unit(part)?;
                let args = self.list(args.into_iter().skip(1).collect(), depth);
                return Some(Node::Call(Function::Between(unit), args));
            }
            ("DATEPART", [part, _]) => {
                let unit = part_unit(part)?;
                let date = self.node(args.into_iter().nth(1)?, depth + 1);
                return Some(Node::Call(Function::Part(unit), vec![date]));
            }
            ("LEN" | "LEFT" | "RIGHT", [_, ..]) => {
                let mut args = args.into_iter();
                let mut list = vec![self.counted(args.next()?, depth + 1)];
                list.extend(self.list(args.collect(), depth));
                let function = match (name, list.len()) {
                    ("LEN", 1) => Function::LengthTrimmed,
                    ("LEFT", 2) => Function::Left,
                    ("RIGHT", 2) => Function::Right,
                    _ => return None,
                };
                return Some(Node::Call(function, list));
            }
            _ => {}
        }
        let mut args = self.list(args, depth);
        let function = match (name, args.len()) {
            ("USER_NAME" | "SUSER_NAME" | "SUSER_SNAME", 0) => return Some(Node::User),
            ("SYSUTCDATETIME" | "GETUTCDATE", 0) => return Some(Node::UtcNow),
            ("IIF", 3) => return choice(args),
            ("COALESCE", 2..) => return Some(Node::Coalesce(args)),
            ("NULLIF", 2) => {
                let [left, right] = <[Node; 2]>::try_from(args).ok()?;
                return Some(Node::NullIf(boxed(left), boxed(right)));
            }
            ("NCHAR" | "CHAR", 1) => {
                let ascii = |text: &String| text.is_ascii();
                let node = character(&only(args)?)?;
                return (name == "NCHAR" || node.constant_text().as_ref().is_some_and(ascii)).then_some(node);
            }
            // NULL counts as the empty text.
            ("CONCAT", 2..) => {
                let empty = || Node::Literal(Value::Text(String::new()));
                let texts = args.into_iter().map(|arg| Node::Coalesce(vec![arg, empty()])).collect();
                return Some(Node::Call(Function::Concat, texts));
            }
            ("HASHBYTES", 2) => {
                let text = args.pop()?;
                let algorithm = only(args)?.constant_text()?.to_ascii_uppercase();
                return Some(Node::Call(Function::HashBytes, vec![hashed(text, &algorithm)]));
            }
            ("SWITCHOFFSET", 2) => return utc_offset(args).map(at_utc),
            ("TODATETIMEOFFSET", 2) => {
                return utc_offset(args).map(|timestamp| Node::Call(Function::Zoned, vec![timestamp]));
            }
            ("REPLICATE", 2) => Function::Repeat,
            ("UPPER", 1) => Function::Upper,
            ("LOWER", 1) => Function::Lower,
            ("LTRIM", 1) => Function::TrimLeft,
            ("RTRIM", 1) => Function::TrimRight,
            ("ABS", 1) => Function::Absolute,
            ("SIGN", 1) => Function::Sign,
            ("ROUND", 2) => Function::Round,
            ("FLOOR", 1) => Function::Floor,
            ("CEILING", 1) => Function::Ceiling,
            ("YEAR", 1) => Function::Part(Unit::Year),
            ("MONTH", 1) => Function::Part(Unit::Month),
            ("DAY", 1) => Function::Part(Unit::Day),
            ("DATEFROMPARTS", 3) => Function::DateFromParts,
            _ => return None,
        };
        Some(Node::Call(function, args))
    }

    /// `IS_ROLEMEMBER('role') = 1`, or `= 0`. `None`: something else is compared; `Some(None)`: we do not understand the call.
    pub(in crate::backend::sql::eval) fn member(self, left: &Expr, right: &Expr) -> Option<Option<Node>> {
        let (group, number) = match (asked(left), asked(right)) {
            (Some(group), None) => (group, right),
            (None, Some(group)) => (group, left),
            (Some(_), Some(_)) => return Some(None),
            (None, None) => return None,
        };
        let Expr::Value(number) = number else { return Some(None) };
        Some(group.and_then(|group| {
            let member = Node::Group(boxed(Node::Literal(Value::Text(group))));
            match &number.value {
                Parsed::Number(one, false) if one == "1" => Some(member),
                Parsed::Number(zero, false) if zero == "0" => Some(Node::Not(boxed(member))),
                _ => None,
            }
        }))
    }
}

/// `DATEADD(unit, DATEDIFF(unit, start, timestamp), start)`, where the start is a New Year's midnight: the timestamp, whose
/// unit's start that is.
fn since_a_new_year(unit: Unit, count: &Node, start: &Node) -> Option<Node> {
    let Node::Call(Function::Between(counted), args) = count else { return None };
    let [from, timestamp] = args.as_slice() else { return None };
    let new_year = match start {
        // 1900-01-01.
        zero if *zero == whole_literal(0) => true,
        Node::Cast { from, to: Target::Timestamp(_) } => match from.as_ref() {
            Node::Cast { from, to: Target::Date } => from
                .constant_text()
                .is_some_and(|date| Value::date(&date).is_some() && date.ends_with("-01-01")),
            _ => false,
        },
        _ => false,
    };
    let timestamp = Node::Cast { from: boxed(timestamp.clone()), to: Target::Timestamp(7) };
    (new_year && *counted == unit && from == start).then_some(timestamp)
}

/// The group that a call asks for; `Some(None)`: it asks in a way that we do not understand.
fn asked(expr: &Expr) -> Option<Option<String>> {
    let Expr::Function(call) = expr else { return None };
    let [part] = call.name.0.as_slice() else { return None };
    let name = part.as_ident()?.value.to_ascii_uppercase();
    if !matches!(name.as_str(), "IS_ROLEMEMBER" | "IS_MEMBER") {
        return None;
    }
    let args = super::plain_arguments(call.clone());
    Some(match args.as_deref() {
        Some([Expr::Value(value)]) => match &value.value {
            Parsed::SingleQuotedString(text) | Parsed::NationalStringLiteral(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    })
}

/// The bytes of UTF-8 if we see that they are hashed.
fn hashed(text: Node, algorithm: &str) -> Node {
    match text {
        Node::Cast { from, to: Target::Fitting { length: None, .. } } if algorithm == "SHA2_256" => {
            match *from {
                Node::Collate(text, collation)
                    if collation.page == Page::Utf8 && collation.rule == Rule::Binary =>
                {
                    Node::Call(Function::Utf8, vec![*text])
                }
                other => other,
            }
        }
        other => other,
    }
}

/// What is given the offset of UTC.
fn utc_offset(args: Vec<Node>) -> Option<Node> {
    let [timestamp, offset] = <[Node; 2]>::try_from(args).ok()?;
    (offset.constant_text()? == "+00:00").then_some(timestamp)
}

fn part_unit(part: &Expr) -> Option<Unit> {
    Some(match word(part)?.as_str() {
        "YEAR" | "YY" | "YYYY" => Unit::Year,
        "MONTH" | "MM" | "M" => Unit::Month,
        "DAY" | "DD" | "D" => Unit::Day,
        "HOUR" | "HH" => Unit::Hour,
        _ => return None,
    })
}
