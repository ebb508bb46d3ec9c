//! Snowflake's functions.

use sqlparser::ast::Expr;

use super::{choice, only, sha2, unit, word};
use crate::backend::sql::eval::compile::{Compiler, at_utc, boxed};
use crate::backend::sql::eval::function::Function;
use crate::backend::sql::eval::node::Node;

impl Compiler {
    pub(super) fn snowflake(self, name: &str, args: Vec<Expr>, depth: usize) -> Option<Node> {
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
            ("SHA2" | "SHA2_HEX", 2) => return sha2(args),
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
}
