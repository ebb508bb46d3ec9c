//! GoogleSQL's functions: docs.cloud.google.com/bigquery/docs/reference/standard-sql/functions-all (2026-11-25).

use sqlparser::ast::{DataType, Expr};

use super::{choice, only, unit, word};
use crate::backend::sql::eval::compile::{Compiler, at_utc, whole_literal};
use crate::backend::sql::eval::converts::{days, other_type};
use crate::backend::sql::eval::function::Function;
use crate::backend::sql::eval::node::Node;

impl Compiler {
    pub(super) fn bigquery(self, name: &str, args: Vec<Expr>, depth: usize) -> Option<Node> {
        match (name, args.as_slice()) {
            ("DATE_ADD" | "DATE_SUB", [_, Expr::Interval(interval)]) => {
                let days = days(interval)?;
                let days = if name == "DATE_ADD" { days } else { days.checked_neg()? };
                let date = self.node(args.into_iter().next()?, depth + 1);
                return Some(Node::Call(Function::AddDays, vec![date, whole_literal(days)]));
            }
            ("DATE_TRUNC" | "DATETIME_TRUNC", [_, part]) => {
                let unit = unit(&word(part)?)?;
                let date = self.node(args.into_iter().next()?, depth + 1);
                return Some(Node::Call(Function::DateTrunc(unit), vec![date]));
            }
            // Without a zone it is the project's.
            ("TIMESTAMP_TRUNC", [_, part, _]) => {
                let unit = unit(&word(part)?)?;
                let mut args = args.into_iter();
                let instant = self.node(args.next()?, depth + 3);
                if self.node(args.nth(1)?, depth + 1).constant_text()? != "UTC" {
                    return None;
                }
                let start = Node::Call(Function::DateTrunc(unit), vec![at_utc(instant)]);
                return Some(Node::Call(Function::Zoned, vec![start]));
            }
            _ => {}
        }
        let args = self.list(args, depth);
        let function = match (name, args.len()) {
            ("SESSION_USER", 0) => return Some(Node::User),
            ("CURRENT_DATE", 1) => return (only(args)?.constant_text()? == "UTC").then_some(Node::Today),
            ("CURRENT_TIMESTAMP", 0) => return Some(Node::Now),
            ("DATETIME" | "DATE", 2) => {
                let [instant, zone] = <[Node; 2]>::try_from(args).ok()?;
                if zone.constant_text()? != "UTC" {
                    return None;
                }
                let at = at_utc(instant);
                return Some(if name == "DATE" { self.cast(at, &DataType::Date) } else { at });
            }
            ("COLLATE", 2) => return self.collate(args),
            ("IF", 3) => return choice(args),
            ("IFNULL", 2) => return Some(Node::Coalesce(args)),
            ("TO_HEX" | "TO_BASE64", 1) => match only(args)? {
                Node::Call(Function::Digest, text) if name == "TO_HEX" => {
                    return Some(Node::Call(Function::HashLower, text));
                }
                bytes => return Some(other_type(bytes)),
            },
            ("SHA256", 1) => Function::Digest,
            ("MD5" | "SHA1" | "SHA512" | "FARM_FINGERPRINT", 1) => Function::HashBytes,
            ("LEFT", 2) => Function::Left,
            ("RIGHT", 2) => Function::Right,
            ("REPEAT", 2) => Function::Repeat,
            ("LPAD", 3) => Function::PadLeft,
            ("RPAD", 3) => Function::PadRight,
            ("LTRIM", 1 | 2) => Function::TrimLeft,
            ("RTRIM", 1 | 2) => Function::TrimRight,
            ("CONCAT", 1..) => Function::Concat,
            ("ROUND", 1 | 2) => Function::Round,
            ("TRUNC", 1 | 2) => Function::Truncate,
            ("GREATEST", 2) => Function::Greatest,
            ("DATE", 3) => Function::DateFromParts,
            _ => return self.common(name, args),
        };
        Some(Node::Call(function, args))
    }
}
