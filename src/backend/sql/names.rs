//! Names as the platform stores them.

use super::Dialect;

impl Dialect {
    /// A column's, an alias' or a function argument's name as the dialect reads it, written with a quote or without: two
    /// spellings of one name give one text. `None`: no such quote stands around a name.
    pub(super) fn stored(self, name: &str, quote: Option<char>) -> Option<String> {
        match (self, quote) {
            (Dialect::Snowflake, None) => Some(name.to_uppercase()),
            (Dialect::Snowflake, Some('"')) => Some(name.to_owned()),
            // Trino compares names without case, quoted or not: trino.io/docs/current/language/reserved.html (2026-11-23).
            (Dialect::Trino, None | Some('"')) => Some(name.to_lowercase()),
            // docs.databricks.com/sql/language-manual/sql-ref-names (2026-11-25).
            (Dialect::Databricks, None | Some('`')) => Some(name.to_lowercase()),
            // ASCII folds, even quoted, unless enable_case_sensitive_identifier says otherwise, in which case two columns
            // of one table could differ in case only: docs.aws.amazon.com/redshift/latest/dg/r_names.html (2026-11-25).
            (Dialect::Redshift, None | Some('"')) => Some(name.to_ascii_lowercase()),
            // Compared by the database's collation; taken exactly, two spellings are two names. Quotation marks are names'
            // only, since dedicated pools have SET QUOTED_IDENTIFIER ON alone: learn.microsoft.com/sql/t-sql/statements/
            // set-quoted-identifier-transact-sql (2026-11-25).
            (Dialect::Synapse, None | Some('[' | '"')) => Some(name.to_owned()),
            // docs.cloud.google.com/bigquery/docs/reference/standard-sql/lexical#case_sensitivity (2026-11-25).
            (Dialect::BigQuery, None | Some('`')) => Some(name.to_lowercase()),
            (_, Some(_)) => None,
        }
    }

    /// One part of a table's path, as the dialect reads it; GoogleSQL parts what stands between two backticks at dots.
    pub(super) fn stored_path(self, name: &str, quote: Option<char>) -> Option<Vec<String>> {
        match (self, quote) {
            // Tables and data sets go by case.
            (Dialect::BigQuery, None | Some('`')) => Some(name.split('.').map(str::to_owned).collect()),
            (
                Dialect::Snowflake
                | Dialect::Databricks
                | Dialect::Trino
                | Dialect::Redshift
                | Dialect::Synapse
                | Dialect::BigQuery,
                quote,
            ) => Some(vec![self.stored(name, quote)?]),
        }
    }
}
