//! The policy language: text to AST and back.
//!
//! In: the text of a `.policy` file. Out: [`ast::Document`], or every syntax error of the file.

pub mod ast;
