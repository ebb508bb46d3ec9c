//! Databricks' functions: docs.databricks.com/sql/language-manual/sql-ref-functions-builtin (2026-11-25).

use sqlparser::ast::{DataType, Expr};

use super::{choice, only, sha2, unit, word};
use crate::backend::sql::eval::compile::{Compiler, boxed};
use crate::backend::sql::eval::function::{Function, Unit};
use crate::backend::sql::eval::node::Node;
use crate::backend::sql::eval::types::Target;

impl Compiler {
    pub(super) fn databricks(self, name: &str, args: Vec<Expr>, depth: usize) -> Option<Node> {
        match (name, args.as_slice()) {
            // A TIMESTAMP, whatever it is given.
            ("DATE_TRUNC", [part, _]) => {
                let unit = unit(&word(part)?)?;
                let instant = self.node(args.into_iter().nth(1)?, depth + 2);
                let instant = Node::Cast { from: boxed(instant), to: Target::Zoned };
                return Some(Node::Call(Function::DateTrunc(unit), vec![instant]));
            }
            ("TRUNC", [_, part]) => {
                let unit = match word(part)?.as_str() {
                    "YEAR" | "YYYY" | "YY" => Unit::Year,
                    "QUARTER" => Unit::Quarter,
                    "MONTH" | "MM" | "MON" => Unit::Month,
                    _ => return None,
                };
                let date = self.cast(self.node(args.into_iter().next()?, depth + 2), &DataType::Date);
                return Some(Node::Call(Function::DateTrunc(unit), vec![date]));
            }
            _ => {}
        }
        let args = self.list(args, depth);
        let function = match (name, args.len()) {
            ("IS_ACCOUNT_GROUP_MEMBER", 1) => return Some(Node::Group(boxed(only(args)?))),
            ("CURRENT_USER" | "SESSION_USER" | "USER", 0) => return Some(Node::User),
            ("CURRENT_TIMESTAMP" | "NOW", 0) => return Some(Node::Now),
            ("IF" | "IFF", 3) => return choice(args),
            ("NVL" | "IFNULL", 2) => return Some(Node::Coalesce(args)),
            ("DATE_ADD" | "DATE_SUB", 2) => {
                let [date, days] = <[Node; 2]>::try_from(args).ok()?;
                let days = if name == "DATE_ADD" { days } else { Node::Call(Function::Negate, vec![days]) };
                return Some(Node::Call(Function::AddDays, vec![self.cast(date, &DataType::Date), days]));
            }
            // `ltrim(characters, text)`.
            ("LTRIM" | "RTRIM", 2) => {
                let [characters, text] = <[Node; 2]>::try_from(args).ok()?;
                let function = if name == "LTRIM" { Function::TrimLeft } else { Function::TrimRight };
                return Some(Node::Call(function, vec![text, characters]));
            }
            ("SHA2", 2) => return sha2(args),
            ("MD5" | "SHA" | "SHA1", 1) => Function::HashBytes,
            ("LEN", 1) => Function::Length,
            ("LEFT", 2) => Function::Left,
            ("RIGHT", 2) => Function::Right,
            ("REPEAT", 2) => Function::Repeat,
            ("LPAD", 3) => Function::PadLeft,
            ("RPAD", 3) => Function::PadRight,
            ("LTRIM", 1) => Function::TrimLeft,
            ("RTRIM", 1) => Function::TrimRight,
            ("CONCAT", 1..) => Function::Concat,
            ("ROUND", 1 | 2) => Function::Round,
            ("PMOD", 2) => Function::PositiveModulo,
            ("UNIX_MICROS", 1) => Function::Micros,
            ("UNIX_SECONDS", 1) => Function::Seconds,
            ("TIMESTAMP_MICROS", 1) => Function::FromMicros,
            ("UNIX_DATE", 1) => Function::Days,
            ("DATE_FROM_UNIX_DATE", 1) => Function::FromDays,
            ("MAKE_DATE", 3) => Function::DateFromParts,
            ("YEAR", 1) => Function::Part(Unit::Year),
            ("MONTH", 1) => Function::Part(Unit::Month),
            ("DAY" | "DAYOFMONTH", 1) => Function::Part(Unit::Day),
            ("HOUR", 1) => Function::Part(Unit::Hour),
            _ => return self.common(name, args),
        };
        Some(Node::Call(function, args))
    }
}
