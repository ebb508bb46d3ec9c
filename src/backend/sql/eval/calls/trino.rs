//! Trino's functions.

use sqlparser::ast::{Array, Expr, Function as Call, FunctionArgumentList, FunctionArguments};

use super::{choice, only, unit, word};
use crate::backend::sql::eval::compile::{Compiler, boxed};
use crate::backend::sql::eval::function::Function;
use crate::backend::sql::eval::node::Node;

impl Compiler {
    pub(super) fn trino(self, name: &str, args: Vec<Expr>, depth: usize) -> Option<Node> {
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
