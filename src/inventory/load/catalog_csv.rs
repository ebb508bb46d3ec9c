//! columns.csv, prefixes.csv, tags.csv: catalogs too large for documents.
//!
//! The object of tags.csv is a stored name with one (database) to four (column) parts, quoted as in SQL where a
//! part holds a dot, or a prefix. One that nothing describes is an error, never a silent skip: a tag that goes
//! astray would open what it was to protect.

use super::catalog::{Draft, DraftColumn, DraftPrefix, DraftTable, Origin, twice};
use super::table::{self, Columns, Row};
use super::{base_name, find_integration, read_prefix, tag_text};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::inventory::catalog::TableKind;
use crate::inventory::files::Files;
use crate::inventory::{IntegrationId, Platform, Tag};
use crate::source::{Place, Sources};

/// The tables of a catalog folder.
pub(super) const TABLES: [&str; 3] = ["columns.csv", "prefixes.csv", TAGS];

/// Adds tags to what the other files describe.
pub(super) const TAGS: &str = "tags.csv";

const COLUMNS: Columns = Columns {
    required: &["integration", "database", "schema", "table", "column", "type"],
    blank: &[],
    optional: &[],
};
const PREFIXES: Columns = Columns { required: &["integration", "prefix"], blank: &[], optional: &["name"] };
const TAG_ROWS: Columns = Columns { required: &["integration", "object", "tag"], blank: &[], optional: &[] };

/// Reads one table into the draft.
pub(super) fn read(
    name: &str,
    files: &Files,
    draft: &mut Draft<'_>,
    sources: &mut Sources,
    out: &mut Diagnostics,
) {
    let mut names = Names::default();
    match base_name(name) {
        "columns.csv" => table::read(name, files, &COLUMNS, sources, out, |row, out| {
            if let Some(integration) = names.integration(row, draft, out) {
                column(integration, row, draft, out);
            }
        }),
        "prefixes.csv" => table::read(name, files, &PREFIXES, sources, out, |row, out| {
            let integration = names.integration(row, draft, out);
            let prefix = read_prefix(row.get(1), row.place, out);
            if let (Some(integration), Some(prefix)) = (integration, prefix) {
                let name = row.optional(2).map(str::to_owned);
                let new = DraftPrefix { prefix, name, tags: Vec::new(), place: row.place };
                draft.add_prefix(integration, new, out);
            }
        }),
        _ => table::read(name, files, &TAG_ROWS, sources, out, |row, out| {
            let integration = names.integration(row, draft, out);
            let tag = tag_text::read(row.get(2), row.place, out);
            if let (Some(integration), Some(tag)) = (integration, tag) {
                add_tag(integration, row.get(1), tag, row.place, draft, out);
            }
        }),
    }
}

/// The integration of the last row: rows come in runs.
#[derive(Default)]
struct Names {
    last: Option<(String, IntegrationId)>,
}

impl Names {
    fn integration(
        &mut self,
        row: &Row<'_>,
        draft: &Draft<'_>,
        out: &mut Diagnostics,
    ) -> Option<IntegrationId> {
        let name = row.get(0);
        if let Some((last, id)) = &self.last
            && last == name
        {
            return Some(*id);
        }
        let id = find_integration(name, row.place, draft.integrations, out)?;
        self.last = Some((name.to_owned(), id));
        Some(id)
    }
}

fn column(integration: IntegrationId, row: &Row<'_>, draft: &mut Draft<'_>, out: &mut Diagnostics) {
    if !draft.expect(integration, Platform::Snowflake, row.place, out) {
        return;
    }
    let (database, schema, table, column) = (row.get(1), row.get(2), row.get(3), row.get(4));
    let tables = &mut draft.schema(integration, database, schema).tables;
    if !tables.contains_key(table) {
        let new = DraftTable {
            kind: TableKind::Table,
            location: None,
            tags: Vec::new(),
            columns: std::collections::BTreeMap::new(),
            place: row.place,
            origin: Origin::Rows,
        };
        tables.insert(table.to_owned(), new);
    }
    let Some(found) = tables.get_mut(table) else { return };
    if found.origin != Origin::Rows {
        out.error(twice(&format!("table `{database}.{schema}.{table}`"), row.place, found.place));
        return;
    }
    if let Some(first) = found.columns.get(column) {
        out.error(twice(&format!("column `{database}.{schema}.{table}.{column}`"), row.place, first.place));
        return;
    }
    // The order of rows must not show: the table is described where its first line stands.
    found.place = found.place.min(row.place);
    let new = DraftColumn { text: row.get(5).to_owned(), tags: Vec::new(), place: row.place };
    found.columns.insert(column.to_owned(), new);
}

fn add_tag(
    integration: IntegrationId,
    object: &str,
    tag: Tag,
    place: Place,
    draft: &mut Draft<'_>,
    out: &mut Diagnostics,
) {
    let tags = if object.starts_with("s3://") {
        let Some(prefix) = read_prefix(object, place, out) else { return };
        draft.prefixes.get_mut(&(integration, prefix.to_string())).map(|found| &mut found.tags)
    } else {
        match tag_text::segments(object, tag_text::Quoting::Doubled) {
            Ok(path) => find(integration, &path, draft),
            Err(why) => {
                out.error(
                    Diagnostic::error(Code::BadValue, format!("`{object}` is not a name"))
                        .at(place, why)
                        .help("write the stored names with dots between, a name that holds a dot as \"A.B\""),
                );
                return;
            }
        }
    };
    match tags {
        Some(tags) => tags.push(tag),
        None => {
            out.error(
                Diagnostic::error(Code::UnknownObject, format!("nothing is called `{object}`"))
                    .at(place, "the catalog does not describe it")
                    .note("names are compared exactly, as the platform stores them")
                    .help("describe it in the catalog, or remove the row"),
            );
        }
    }
}

/// The tags of a database, schema, table or column.
fn find<'d>(
    integration: IntegrationId,
    path: &[String],
    draft: &'d mut Draft<'_>,
) -> Option<&'d mut Vec<Tag>> {
    let (database, rest) = path.split_first()?;
    let database = draft.databases.get_mut(&(integration, database.clone()))?;
    let Some((schema, rest)) = rest.split_first() else { return Some(&mut database.tags) };
    let schema = database.schemas.get_mut(schema)?;
    let Some((table, rest)) = rest.split_first() else { return Some(&mut schema.tags) };
    let table = schema.tables.get_mut(table)?;
    match rest {
        [] => Some(&mut table.tags),
        [column] => Some(&mut table.columns.get_mut(column)?.tags),
        _ => None,
    }
}
