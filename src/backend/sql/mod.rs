//! SQL text: quoting in one place per dialect, row expressions and masking methods printed per dialect.

pub mod dialect;
pub mod eval;
mod lex;
mod names;
pub mod method;
pub mod regex;
pub mod rows;
mod text;
mod time;
mod values;

pub use dialect::{Dialect, type_name};
pub use eval::{fingerprint, view};
pub use method::Narrow;
pub use rows::{Operand, RowTarget, Unsupported};
