//! The policy language: text to AST and back.
//!
//! In: the text of a `.policy` file. Out: [`ast::Document`], or every syntax error of the file.
//! Invariant: the grammar (`grammar/policy.pest`) alone decides what is a policy; tokens only place errors and layout.

pub mod ast;
mod build;
mod clauses;
mod grammar;
mod keywords;
mod layout;
mod parse;
mod pieces;
mod print;
mod shape;
mod tokens;
mod unexpected;
mod write;

pub use keywords::{KEYWORDS, is_keyword};
pub use parse::{parse, parse_partly};
pub use print::format;
pub use shape::parse_object;
pub use write::to_text;

#[cfg(test)]
mod tests;
