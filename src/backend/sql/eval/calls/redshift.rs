//! Redshift's functions: docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions.html (2026-11-25).

use sqlparser::ast::Expr;

use super::{character, only, sha2, unit, word};
use crate::backend::sql::eval::compile::{Compiler, boxed};
use crate::backend::sql::eval::function::Function;
use crate::backend::sql::eval::node::Node;
use crate::backend::sql::eval::types::Target;

impl Compiler {
    pub(super) fn redshift(self, name: &str, args: Vec<Expr>, depth: usize) -> Option<Node> {
        // Both give a TIMESTAMP, of a date too.
        let timestamp = |node: Node| Some(Node::Cast { from: boxed(node), to: Target::Timestamp(6) });
        match (name, args.as_slice()) {
            ("DATEADD", [part, ..]) => {
                let days = match word(part)?.as_str() {
                    "DAY" | "DAYS" | "D" => 1,
                    "WEEK" | "WEEKS" | "W" => 7,
                    _ => return None,
                };
                return timestamp(self.add_days(args, days, depth)?);
            }
            ("DATE_TRUNC", [part, _]) => {
                let unit = unit(&word(part)?)?;
                return timestamp(self.date_trunc(args, unit, depth)?);
            }
            _ => {}
        }
        let args = self.list(args, depth);
        let function = match (name, args.len()) {
            ("USER_IS_MEMBER_OF", 2) => {
                let [user, group] = <[Node; 2]>::try_from(args).ok()?;
                return (user == Node::User).then(|| Node::Group(boxed(group)));
            }
            ("COLLATE", 2) => return self.collate(args),
            ("GETDATE", 0) => return Some(Node::Now),
            ("NVL", 2..) => return Some(Node::Coalesce(args)),
            ("CHR", 1) => return character(&only(args)?),
            ("SHA2", 2) => return sha2(args),
            ("MD5" | "SHA" | "SHA1" | "FUNC_SHA1", 1) => Function::HashBytes,
            ("LEN" | "TEXTLEN", 1) => Function::Length,
            ("LEFT", 2) => Function::Left,
            ("RIGHT", 2) => Function::Right,
            ("REPEAT" | "REPLICATE", 2) => Function::Repeat,
            ("LPAD", 3) => Function::PadLeft,
            ("RPAD", 3) => Function::PadRight,
            ("BTRIM", 1 | 2) => Function::Trim,
            ("LTRIM", 1 | 2) => Function::TrimLeft,
            ("RTRIM", 1 | 2) => Function::TrimRight,
            ("CONCAT", 2) => Function::Concat,
            _ => return self.common(name, args),
        };
        Some(Node::Call(function, args))
    }
}
