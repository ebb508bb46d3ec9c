//! The words of the language.
//!
//! Invariant: `KEYWORDS` is sorted and is exactly the list that `grammar/policy.pest` reserves; a test compares them.

/// Every keyword, sorted: none of them can name a declaration.
pub const KEYWORDS: &[&str] = &[
    "all", "allow", "and", "any", "anyone", "approved", "as", "at", "attribute", "bigquery", "binary",
    "boolean", "by", "can", "cannot", "clear", "column", "columns", "combine", "condition", "constant",
    "cover", "covers", "custom", "databricks", "date", "day", "days", "everything", "except", "false",
    "filter", "filtered", "first", "for", "from", "group", "groups", "guardrail", "has", "hash", "hour",
    "in", "integration", "is", "keep", "last", "like", "mask", "masked", "month", "name", "named", "not",
    "null", "number", "of", "on", "one", "only", "or", "prefixes", "priority", "read", "redshift",
    "regex", "replace", "require", "round", "rows", "sees", "snowflake", "sql", "string",
    "subscription", "synapse", "tables", "tagged", "tags", "test", "timestamp", "to", "today", "trino",
    "true", "type", "under", "unfiltered", "until", "user", "using", "when", "where", "with", "write",
    "year",
];

/// Whether a word is a keyword.
pub fn is_keyword(word: &str) -> bool {
    KEYWORDS.binary_search(&word).is_ok()
}
