//! SQL text: quoting in one place per dialect, row expressions and masking methods printed per dialect.

pub mod dialect;

pub use dialect::Dialect;
