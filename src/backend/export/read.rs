//! Exports as tables: CSV or JSON, headers in any case and order, columns that we do not know ignored.
//!
//! In: a file's bytes. Out: [`Export`], fields by header. What is not CSV or JSON is an error that names the line.

use std::collections::BTreeMap;

use crate::backend::state::Reading;
use crate::diagnostic::{Code, Diagnostic, Reported};
use crate::source::Place;

/// A table.
pub struct Export {
    columns: BTreeMap<String, usize>,
    /// Its rows.
    pub rows: Vec<csv::StringRecord>,
}

impl Export {
    /// A field; empty where the table lacks the column. SQL's NULL comes out of exports as nothing, `NULL` or `\N`.
    pub fn field<'r>(&self, row: &'r csv::StringRecord, header: &str) -> &'r str {
        self.columns.get(header).and_then(|at| row.get(*at)).unwrap_or("")
    }

    /// Whether the table has the column.
    pub fn has(&self, header: &str) -> bool {
        self.columns.contains_key(header)
    }

    /// Whether the row tells of something that is no longer there.
    pub fn deleted(&self, row: &csv::StringRecord) -> bool {
        ["DELETED_ON", "DELETED"]
            .into_iter()
            .any(|header| !matches!(self.field(row, header).trim(), "" | "NULL" | "null" | "\\N"))
    }
}

/// Reads a file, if it is there. `needs`: columns without which it cannot be what its name says.
pub fn export(reading: &mut Reading<'_>, name: &str, needs: &[&str]) -> Result<Option<Export>, Reported> {
    let folder = reading.folder;
    let Some(bytes) = folder.file(name) else { return Ok(None) };
    let found = if name.ends_with(".json") { json(bytes) } else { comma_separated(bytes) };
    let path = format!("{}/{name}", folder.name);
    match found {
        Ok(export) => match needs.iter().find(|header| !export.has(header)) {
            None => Ok(Some(export)),
            // JSON without rows has no columns either.
            Some(_) if export.rows.is_empty() && name.ends_with(".json") => Ok(Some(export)),
            Some(header) => {
                let message = format!("`{path}` has no column `{header}`");
                Err(tell(reading, &path, 1, Diagnostic::error(Code::BadState, message)))
            }
        },
        Err((line, why)) => {
            let message = format!("`{path}` cannot be read: {why}");
            Err(tell(reading, &path, line, Diagnostic::error(Code::BadState, message)))
        }
    }
}

/// A folder that lacks a file would look like a platform that lacks its facts.
pub fn complete(reading: &mut Reading<'_>, names: &[&str]) -> Result<(), Reported> {
    let folder = reading.folder;
    let missing: Vec<String> =
        names.iter().filter(|name| folder.file(name).is_none()).map(|name| format!("`{name}`")).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("`{}` lacks {}", folder.name, missing.join(", "));
    let name = folder.name.clone();
    Err(tell(reading, &name, 1, Diagnostic::error(Code::BadState, message)))
}

/// Says what is wrong at a line of an export.
pub fn tell(reading: &mut Reading<'_>, path: &str, line: u32, diagnostic: Diagnostic) -> Reported {
    let source = reading.sources.add(path, "");
    reading.diagnostics.error(
        diagnostic
            .at(Place::Line(source, line), "")
            .help("export it again with the tool's own headers, or run `grantc snapshot`"),
    )
}

fn comma_separated(bytes: &[u8]) -> Result<Export, (u32, String)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
    let why = |error: csv::Error| {
        let line = error.position().map_or(1, |position| position.line() as u32);
        (line, error.to_string())
    };
    let headers = reader.headers().map_err(why)?;
    let columns =
        headers.iter().enumerate().map(|(at, name)| (name.trim().to_ascii_uppercase(), at)).collect();
    let rows = reader.records().collect::<Result<Vec<_>, _>>().map_err(why)?;
    Ok(Export { columns, rows })
}

/// A list of objects, as `snow sql --format json` prints it.
fn json(bytes: &[u8]) -> Result<Export, (u32, String)> {
    let list: Vec<BTreeMap<String, serde_json::Value>> =
        serde_json::from_slice(bytes).map_err(|error| (error.line() as u32, error.to_string()))?;
    let mut columns = BTreeMap::new();
    for row in &list {
        for key in row.keys() {
            let next = columns.len();
            columns.entry(key.to_ascii_uppercase()).or_insert(next);
        }
    }
    let rows = list
        .iter()
        .map(|row| {
            let mut fields = vec![String::new(); columns.len()];
            for (key, value) in row {
                let slot = columns.get(&key.to_ascii_uppercase()).and_then(|at| fields.get_mut(*at));
                if let Some(slot) = slot {
                    *slot = match value {
                        serde_json::Value::Null => String::new(),
                        serde_json::Value::String(text) => text.clone(),
                        other => other.to_string(),
                    };
                }
            }
            csv::StringRecord::from(fields)
        })
        .collect();
    Ok(Export { columns, rows })
}
