//! The project's files to an [`Inventory`].
//!
//! In: the three folders, as [`Files`]. Out: integrations, then the catalog, the directory and the approvals, each
//! from whatever mixture of YAML, JSON and tables describes it.
//! Invariant: neither the order of files nor that of rows shows in the result.
//!
//! What is read, and what is not: `*.yaml`, `*.yml`, `*.json`, `*.csv` anywhere below the folders. `*.md`, `*.txt`
//! and what [`Files`] calls hidden are passed over. Any other file is an error, for it may be a misspelt name of one
//! that was meant.

mod approvals;
mod catalog;
mod catalog_csv;
mod catalog_yaml;
mod dbt;
mod dbt_names;
mod directory;
mod directory_csv;
mod directory_ids;
mod directory_yaml;
mod integrations;
mod plain_lines;
mod reach;
mod scim;
mod table;
mod tag_text;
mod template;
#[cfg(test)]
mod tests;

use super::files::Files;
use super::integration::Scope;
use super::{Integration, IntegrationId, Inventory, Project};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::ids::IdVec;
use crate::prefix::Prefix;
use crate::source::{Place, SourceId, Sources, Spanned};

/// The files that an inventory is made from.
#[derive(Clone, Debug, Default)]
pub struct ProjectFiles {
    /// Below `integrations/`.
    pub integrations: Files,
    /// Below `catalog/`.
    pub catalog: Files,
    /// Below `directory/`.
    pub directory: Files,
}

/// Reads a project's folders. The text of secrets is not read: they stand by reference.
pub fn load(
    project: &Project,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Result<Inventory, Reported> {
    let mut out = Diagnostics::new();
    let root = &project.root;
    let files = ProjectFiles {
        integrations: Files::below(root, &project.integrations, "integrations", sources, &mut out),
        catalog: Files::below(root, &project.catalog, "catalog", sources, &mut out),
        directory: Files::below(root, &project.directory, "directory", sources, &mut out),
    };
    let listed = out.result();
    diagnostics.extend(out);
    listed?;
    load_files(&files, project.scope, sources, diagnostics)
}

/// Reads an inventory from files that need not be on disk. `scope` is the project's.
pub fn load_files(
    files: &ProjectFiles,
    scope: Scope,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Result<Inventory, Reported> {
    let mut out = Diagnostics::new();
    let mut inventory = Inventory {
        integrations: integrations::load(&files.integrations, scope, sources, &mut out),
        ..Inventory::default()
    };
    // Without the integrations every name of one would be called unknown.
    if out.result().is_ok() {
        let known = &inventory.integrations;
        let (catalog, tags) = catalog::load(&files.catalog, known, sources, &mut out);
        let (directory, approvals) = directory::load(&files.directory, known, sources, &mut out);
        inventory.catalog = catalog;
        inventory.tags = tags;
        inventory.directory = directory;
        inventory.approvals = approvals::resolve(approvals, &inventory, sources, &mut out);
    }
    let result = out.result();
    diagnostics.extend(out);
    result.map(|()| inventory)
}

/// Reads every `*.policy` below the project's policy folder, in byte order of their paths.
pub fn policy_files(
    project: &Project,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<SourceId> {
    let files = Files::below(&project.root, &project.policies, "policies", sources, diagnostics);
    let names: Vec<&str> = files.names().filter(|name| name.ends_with(".policy")).collect();
    names.into_iter().filter_map(|name| files.text(name, sources, diagnostics)).collect()
}

/// How the content of a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Document,
    Table,
}

/// The files of a folder with how each is read; what cannot be read is said.
fn readable<'f>(
    files: &'f Files,
    folder: &str,
    tables: &[&str],
    sources: &mut Sources,
    out: &mut Diagnostics,
) -> Vec<(&'f str, Form)> {
    let mut list = Vec::new();
    for name in files.names() {
        let base = base_name(name);
        let extension = base.rsplit_once('.').map_or("", |(_, extension)| extension);
        let mut refuse = |why: &str, help: String| {
            let source = sources.add(name, "");
            out.error(
                Diagnostic::error(Code::BadFile, format!("`{name}` is not read"))
                    .at(source.whole(), why)
                    .did_you_mean(base, tables.iter().copied())
                    .help(help),
            );
        };
        match extension {
            "md" | "txt" => {}
            "yaml" | "yml" | "json" => list.push((name, Form::Document)),
            "csv" if tables.contains(&base) => list.push((name, Form::Table)),
            "csv" if tables.is_empty() => {
                refuse("no table belongs here", format!("a file of {folder} is YAML or JSON"));
            }
            "csv" => refuse("no table has this name", format!("the tables are: {}", tables.join(", "))),
            "parquet" => refuse(
                "parquet is not read yet",
                format!("export the same columns as {}.csv", base.trim_end_matches(".parquet")),
            ),
            _ => refuse(
                "this kind of file is not known",
                format!("a file of {folder} is YAML, JSON or CSV; notes may be `.md` or `.txt`"),
            ),
        }
    }
    list
}

/// The last part of a path.
fn base_name(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, base)| base)
}

/// The integration of a name, or an error with the nearest.
fn find_integration(
    name: &str,
    place: Place,
    known: &IdVec<IntegrationId, Integration>,
    out: &mut Diagnostics,
) -> Option<IntegrationId> {
    let found = known.iter().find(|(_, integration)| integration.name == name).map(|(id, _)| id);
    if found.is_none() {
        let names: Vec<&str> = known.values().map(|integration| integration.name.as_str()).collect();
        out.error(
            Diagnostic::error(Code::UnknownIntegration, format!("unknown integration `{name}`"))
                .at(place, "no file of integrations/ has this name")
                .did_you_mean(name, names.iter().copied())
                .help(format!("the integrations are: {}", names.join(", "))),
        );
    }
    found
}

/// Reads a prefix as the catalog may hold it.
fn read_prefix(text: &str, place: Place, out: &mut Diagnostics) -> Option<Prefix> {
    match Prefix::parse_policy(text) {
        Ok(prefix) => Some(prefix),
        Err(error) => {
            out.error(
                Diagnostic::error(Code::BadPrefix, format!("`{text}` is not a prefix"))
                    .at(place, error.message())
                    .help(error.help()),
            );
            None
        }
    }
}

/// Reads where the files of a table lie. Platforms name a folder there, with or without the last `/`: every key
/// below it belongs to the table.
fn read_location(text: &str, place: Place, out: &mut Diagnostics) -> Option<Prefix> {
    if text.ends_with('*') {
        return read_prefix(text, place, out);
    }
    read_prefix(&format!("{}/*", text.strip_suffix('/').unwrap_or(text)), place, out)
}

/// Reads the tags of a list.
fn read_tags(written: &[Spanned<&str>], out: &mut Diagnostics) -> Vec<super::Tag> {
    written.iter().filter_map(|tag| tag_text::read(tag.node, tag.span.into(), out)).collect()
}
