//! What dbt calls a relation, as its platform stores the name.
//!
//! In: parts of a manifest. Out: database, schema and table. `relation_name` is the SQL that dbt itself runs: an
//! unquoted part is stored as the platform folds it, a quoted one as it stands. Databricks, Trino and Redshift
//! store lower case either way. Where spellings are not told apart, the described one wins.

use super::catalog::Draft;
use super::tag_text::{Quoting, segments};
use crate::inventory::integration::Folding;
use crate::inventory::{IntegrationId, Platform};

/// The names that a manifest gives a relation.
pub(super) struct Written<'m> {
    pub(super) relation_name: Option<&'m str>,
    pub(super) database: Option<&'m str>,
    pub(super) schema: Option<&'m str>,
    pub(super) name: &'m str,
}

/// Database, schema and table as the platform stores them.
pub(super) fn path(written: &Written<'_>, platform: Platform) -> Option<[String; 3]> {
    let fold = |text: &str, quoted: bool| match (platform.folding(), quoted) {
        (Folding::Upper, false) => text.to_uppercase(),
        (Folding::Upper, true) | (Folding::Exact | Folding::Insensitive, _) => text.to_owned(),
        (Folding::Lower, _) => text.to_lowercase(),
    };
    if let Some(parts) = written.relation_name.and_then(relation_parts) {
        return Some(parts.map(|(text, quoted)| fold(&text, quoted)));
    }
    let parts = [written.database?, written.schema?, written.name];
    parts.iter().all(|part| !part.is_empty()).then(|| parts.map(|part| fold(part, false)))
}

/// The three parts of `"A"."b".c`, each with whether it is quoted.
fn relation_parts(text: &str) -> Option<[(String, bool); 3]> {
    // BigQuery and Databricks quote with backticks, Synapse with brackets.
    let same = |open: char, close: char| {
        text.contains(open).then(|| text.replace('"', "\"\"").replace([open, close], "\""))
    };
    let text = same('`', '`').or_else(|| same('[', ']')).unwrap_or_else(|| text.to_owned());
    let parts = segments(&text, Quoting::Doubled).ok()?;
    let mut rest = text.as_str();
    let mut list = Vec::new();
    for part in parts {
        let is_quoted = rest.starts_with('"');
        let width = if is_quoted { part.replace('"', "\"\"").len() + 2 } else { part.len() };
        rest = rest.get(width..).map_or("", |rest| rest.strip_prefix('.').unwrap_or(rest));
        list.push((part, is_quoted));
    }
    <[(String, bool); 3]>::try_from(list).ok()
}

/// The spelling under which a path is described, where the platform does not tell spellings apart.
pub(super) fn stored(integration: IntegrationId, path: [String; 3], draft: &Draft<'_>) -> [String; 3] {
    if draft.integrations[integration].platform.folding() != Folding::Insensitive {
        return path;
    }
    fn nearest<'k>(wanted: &str, mut known: impl Iterator<Item = &'k String>) -> Option<String> {
        let folded = wanted.to_lowercase();
        known.find(|name| name.to_lowercase() == folded).cloned()
    }
    let [database, schema, table] = path;
    let own = draft.databases.keys().filter(|(id, _)| *id == integration).map(|(_, name)| name);
    let database = nearest(&database, own).unwrap_or(database);
    let schemas = draft.databases.get(&(integration, database.clone())).map(|found| &found.schemas);
    let schema = schemas.and_then(|found| nearest(&schema, found.keys())).unwrap_or(schema);
    let tables = schemas.and_then(|found| found.get(&schema)).map(|found| &found.tables);
    let table = tables.and_then(|found| nearest(&table, found.keys())).unwrap_or(table);
    [database, schema, table]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(platform: Platform, relation_name: &str, expected: Option<[&str; 3]>) {
        let written = Written { relation_name: Some(relation_name), database: None, schema: None, name: "t" };
        let expected = expected.map(|parts| parts.map(str::to_owned));
        assert_eq!(path(&written, platform), expected, "{relation_name}");
    }

    #[test]
    fn names_are_those_that_the_platform_stores() {
        check(Platform::Snowflake, "db.\"sc\".T", Some(["DB", "sc", "T"]));
        check(Platform::Snowflake, "\"a\"\".b\".c.d", Some(["a\".b", "C", "D"]));
        check(Platform::Databricks, "`Main`.`Sales`.`Orders`", Some(["main", "sales", "orders"]));
        check(Platform::BigQuery, "`acme-prod`.`Sales`.`Orders`", Some(["acme-prod", "Sales", "Orders"]));
        check(Platform::Redshift, "\"Dev\".\"public\".\"T\"", Some(["dev", "public", "t"]));
        check(Platform::Synapse, "[Dev].[dbo].[T]", Some(["Dev", "dbo", "T"]));
        check(Platform::Snowflake, "a.b", None);
    }
}
