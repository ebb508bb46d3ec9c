//! A catalog document: databases, schemas, tables and columns, or prefixes, of one integration; a vocabulary.

use std::collections::BTreeMap;

use super::catalog::{Draft, DraftColumn, DraftPrefix, DraftTable, Origin};
use super::{find_integration, read_location, read_prefix, read_tags};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::inventory::catalog::TableKind;
use crate::inventory::document::{Fields, Node};
use crate::inventory::{IntegrationId, Platform};
use crate::source::Spanned;

/// The words of `kind:`.
pub(super) const KINDS: [(&str, TableKind); 4] = [
    ("table", TableKind::Table),
    ("view", TableKind::View),
    ("materialized_view", TableKind::MaterializedView),
    ("external", TableKind::External),
];

/// Reads one document into the draft.
pub(super) fn read(node: &Node, draft: &mut Draft<'_>, out: &mut Diagnostics) {
    let Some(mut fields) = Fields::of(node, "a catalog file", out) else { return };
    let name = fields.name("integration", out);
    let vocabulary = fields.names("tags", out);
    let databases = fields.get("databases");
    let prefixes = fields.get("prefixes");
    fields.finish(out);
    draft.vocabulary.extend(read_tags(&vocabulary, out));
    let Some(name) = name else {
        // A vocabulary belongs to no integration; anything else does.
        if let Some(content) = databases.or(prefixes) {
            out.error(
                Diagnostic::error(Code::BadValue, "a catalog file needs `integration`")
                    .at(content.span, "whose data is this?")
                    .help("add `integration: NAME`"),
            );
        }
        return;
    };
    let Some(integration) = find_integration(name.node, name.span.into(), draft.integrations, out) else {
        return;
    };
    if let Some(databases) = databases
        && draft.expect(integration, Platform::Snowflake, databases.span.into(), out)
    {
        for (name, node) in databases.entries("`databases`", "the name of a database", out) {
            read_database(integration, &name.node, node, draft, out);
        }
    }
    for (text, node) in prefixes.map_or(&[][..], |node| node.entries("`prefixes`", "a prefix", out)) {
        let prefix = read_prefix(&text.node, text.span.into(), out);
        let Some(mut fields) = Fields::of(node, "a prefix", out) else { continue };
        let name = fields.name("name", out).map(|name| name.node.to_owned());
        let tags = read_tags(&fields.names("tags", out), out);
        fields.finish(out);
        if let Some(prefix) = prefix {
            draft.add_prefix(integration, DraftPrefix { prefix, name, tags, place: text.span.into() }, out);
        }
    }
}

fn read_database(
    integration: IntegrationId,
    database: &str,
    node: &Node,
    draft: &mut Draft<'_>,
    out: &mut Diagnostics,
) {
    let Some(mut fields) = Fields::of(node, "a database", out) else { return };
    let tags = read_tags(&fields.names("tags", out), out);
    let schemas = fields.get("schemas");
    fields.finish(out);
    draft.databases.entry((integration, database.to_owned())).or_default().tags.extend(tags);
    for (schema, node) in
        schemas.map_or(&[][..], |node| node.entries("`schemas`", "the name of a schema", out))
    {
        let Some(mut fields) = Fields::of(node, "a schema", out) else { continue };
        let tags = read_tags(&fields.names("tags", out), out);
        let tables = fields.get("tables");
        fields.finish(out);
        draft.schema(integration, database, &schema.node).tags.extend(tags);
        for (name, node) in
            tables.map_or(&[][..], |node| node.entries("`tables`", "the name of a table", out))
        {
            if let Some(table) = read_table(name, node, out) {
                draft.add_table((integration, database, &schema.node, &name.node), table, out);
            }
        }
    }
}

fn read_table(name: &Spanned<String>, node: &Node, out: &mut Diagnostics) -> Option<DraftTable> {
    let mut fields = Fields::of(node, "a table", out)?;
    let kind = fields.choice("kind", &KINDS, out).unwrap_or(TableKind::Table);
    let location =
        fields.name("location", out).and_then(|text| read_location(text.node, text.span.into(), out));
    let tags = read_tags(&fields.names("tags", out), out);
    let mut columns = BTreeMap::new();
    let list =
        fields.get("columns").map_or(&[][..], |node| node.entries("`columns`", "the name of a column", out));
    for (column, node) in list {
        let Some(mut fields) = Fields::of(node, "a column", out) else { continue };
        let text = fields.required_name("type", out).map(|text| text.node.to_owned());
        let tags = read_tags(&fields.names("tags", out), out);
        fields.finish(out);
        if let Some(text) = text {
            columns.insert(column.node.clone(), DraftColumn { text, tags, place: column.span.into() });
        }
    }
    fields.finish(out);
    Some(DraftTable { kind, location, tags, columns, place: name.span.into(), origin: Origin::Document })
}
