//! CSV tables (RFC 4180, UTF-8, one header row), streamed.
//!
//! In: a file, the columns that it must and may have. Out: each row with its line. Columns come in any order; a
//! column that we do not know is an error. Texts are exact: nothing is trimmed. Nothing is held but one row.

use super::plain_lines::PlainLines;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::inventory::files::Files;
use crate::source::{Place, SourceId, Sources};

/// After this many complaints about one table the rest would say the same.
const ENOUGH: usize = 100;

/// The columns of a table.
pub(super) struct Columns {
    /// Stand in every header and are never empty.
    pub(super) required: &'static [&'static str],
    /// Stand in every header; an empty text is a text.
    pub(super) blank: &'static [&'static str],
    /// May be absent; empty is absent.
    pub(super) optional: &'static [&'static str],
}

/// One row: texts in the order of the required, the blank, then the optional columns.
pub(super) struct Row<'r> {
    record: &'r csv::ByteRecord,
    positions: &'r [Option<usize>],
    pub(super) place: Place,
}

impl<'r> Row<'r> {
    /// The text of a column; empty if it is absent. Valid UTF-8 has been checked.
    pub(super) fn get(&self, column: usize) -> &'r str {
        let position = self.positions.get(column).copied().flatten();
        let bytes = position.and_then(|at| self.record.get(at)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// The text of an optional column, if there is one.
    pub(super) fn optional(&self, column: usize) -> Option<&'r str> {
        Some(self.get(column)).filter(|text| !text.is_empty())
    }
}

/// Reads every row. Required columns are never empty.
pub(super) fn read(
    name: &str,
    files: &Files,
    columns: &Columns,
    sources: &mut Sources,
    out: &mut Diagnostics,
    mut each: impl FnMut(&Row<'_>, &mut Diagnostics),
) {
    let source = sources.add(name, "");
    let reader = match files.open(name) {
        Ok(reader) => reader,
        Err(error) => {
            out.error(unreadable(name, source.whole(), &error.to_string()));
            return;
        }
    };
    let mut quotes = 0_u64;
    let reader = PlainLines::new(reader, &mut quotes);
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 16).from_reader(reader);
    let header = match reader.byte_headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            out.error(unreadable(name, Place::Line(source, 1), &error.to_string()));
            return;
        }
    };
    let Some(positions) = positions(&header, columns, source, out) else { return };
    let before = out.len();
    let mut record = csv::ByteRecord::new();
    loop {
        if out.len() - before >= ENOUGH {
            out.error(
                Diagnostic::error(Code::BadFile, format!("the rest of `{name}` is not read"))
                    .at(source.whole(), format!("{ENOUGH} rows of it are wrong")),
            );
            return;
        }
        match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                let place = Place::Line(source, first_line(&record, reader.position().line()));
                if sound(&record, &positions, columns, place, out) {
                    each(&Row { record: &record, positions: &positions, place }, out);
                }
            }
            Err(error) => {
                let place = Place::Line(source, first_line(&record, reader.position().line()));
                let why = match error.kind() {
                    csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                        format!("{len} values where the header has {expected_len}")
                    }
                    _ => error.to_string(),
                };
                let io = error.is_io_error();
                out.error(unreadable(name, place, &why));
                if io {
                    return;
                }
            }
        }
    }
    drop(reader);
    // The csv reader takes a quote that is never closed for one long value, which would swallow the rows behind it.
    if quotes % 2 == 1 {
        out.error(
            unreadable(name, source.whole(), "a quote is opened and never closed")
                .help("inside a quoted value a quote is written twice: \"\""),
        );
    }
}

/// The line on which a record that has just been read begins. `next` is the line behind it. (The position of the
/// record itself would count from before the blank lines above it.)
fn first_line(record: &csv::ByteRecord, next: u64) -> u32 {
    let within = record.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
    u32::try_from(next.saturating_sub(within + 1)).unwrap_or(u32::MAX)
}

fn unreadable(name: &str, place: Place, why: &str) -> Diagnostic {
    Diagnostic::error(Code::BadFile, format!("`{name}` cannot be read as CSV")).at(place, why)
}

/// Where each column stands.
fn positions(
    header: &csv::ByteRecord,
    columns: &Columns,
    source: SourceId,
    out: &mut Diagnostics,
) -> Option<Vec<Option<usize>>> {
    let place = Place::Line(source, 1);
    let known: Vec<&str> =
        columns.required.iter().chain(columns.blank).chain(columns.optional).copied().collect();
    let found: Vec<String> = header.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    let before = out.len();
    for (at, column) in found.iter().enumerate() {
        if !known.contains(&column.as_str()) {
            out.error(
                Diagnostic::error(Code::UnknownKey, format!("this table has no column `{column}`"))
                    .at(place, "")
                    .did_you_mean(column, known.iter().copied())
                    .help(format!("the columns are: {}", known.join(", "))),
            );
        } else if found.iter().take(at).any(|earlier| earlier == column) {
            out.error(
                Diagnostic::error(Code::DuplicateKey, format!("the column `{column}` stands twice"))
                    .at(place, ""),
            );
        }
    }
    let needed: Vec<&str> = columns.required.iter().chain(columns.blank).copied().collect();
    for column in needed.iter().filter(|column| !found.iter().any(|name| name == *column)) {
        out.error(
            Diagnostic::error(Code::BadValue, format!("this table needs a column `{column}`"))
                .at(place, "")
                .help(format!("begin the file with the line `{}`", needed.join(","))),
        );
    }
    (out.len() == before)
        .then(|| known.iter().map(|column| found.iter().position(|name| name.as_str() == *column)).collect())
}

/// Whether all texts are UTF-8 and the required ones are not empty.
fn sound(
    record: &csv::ByteRecord,
    positions: &[Option<usize>],
    columns: &Columns,
    place: Place,
    out: &mut Diagnostics,
) -> bool {
    if record.iter().any(|bytes| std::str::from_utf8(bytes).is_err()) {
        out.error(
            Diagnostic::error(Code::BadFile, "a value is not UTF-8")
                .at(place, "")
                .help("save the file as UTF-8"),
        );
        return false;
    }
    let empty = columns
        .required
        .iter()
        .zip(positions)
        .find(|(_, position)| position.and_then(|at| record.get(at)).is_none_or(<[u8]>::is_empty));
    if let Some((column, _)) = empty {
        out.error(Diagnostic::error(Code::BadValue, format!("`{column}` must not be empty")).at(place, ""));
    }
    empty.is_none()
}
