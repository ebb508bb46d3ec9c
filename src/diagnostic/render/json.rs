//! For other programs: one document, or one object a line.
//!
//! In: diagnostics. Out: `{"schema_version":1,"diagnostics":[…]}`, or each with its own `schema_version` a line.
//! Files are relative to the project; lines and columns count from 1, columns in characters, ends are exclusive;
//! what a place does not know is `null`. Keys stand in the order written here.

use serde::Serialize;

use super::{Location, severity_word};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Sources;

/// The version of every JSON that this module writes.
pub const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    diagnostics: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    schema_version: u32,
    #[serde(flatten)]
    item: Item<'a>,
}

#[derive(Serialize)]
struct Item<'a> {
    code: &'static str,
    severity: &'static str,
    opens: bool,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
    labels: Vec<LabelItem<'a>>,
    notes: &'a [String],
    help: &'a [String],
}

#[derive(Serialize)]
struct LabelItem<'a> {
    file: &'a str,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    text: &'a str,
}

/// Prints one document.
pub fn render(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let items = diagnostics.iter().map(|each| item(each, sources)).collect();
    pretty(&Document { schema_version: SCHEMA_VERSION, diagnostics: items })
}

/// Prints one object a line; nothing for nothing.
pub fn render_lines(diagnostics: &Diagnostics, sources: &Sources) -> String {
    diagnostics
        .iter()
        .map(|each| {
            let line = Line { schema_version: SCHEMA_VERSION, item: item(each, sources) };
            serde_json::to_string(&line).unwrap_or_else(|error| unprintable(&error)) + "\n"
        })
        .collect()
}

fn item<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Item<'a> {
    Item {
        code: diagnostic.code.name(),
        severity: severity_word(diagnostic.severity),
        opens: diagnostic.opens,
        message: &diagnostic.message,
        policy: diagnostic.policy.as_deref(),
        labels: diagnostic
            .labels
            .iter()
            .map(|label| {
                let Location { file, line, column, end_line, end_column } =
                    Location::of(label.place, sources);
                LabelItem { file, line, column, end_line, end_column, text: &label.text }
            })
            .collect(),
        notes: &diagnostic.notes,
        help: &diagnostic.help,
    }
}

/// A value as indented JSON with a line break at the end.
pub(super) fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|error| unprintable(&error)) + "\n"
}

/// Structs of texts and numbers always serialise; if that ever ceases to hold, the reader must not see success.
fn unprintable(error: &serde_json::Error) -> String {
    format!("{{\"schema_version\":{SCHEMA_VERSION},\"error\":{:?}}}", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render::fixture::sample;

    #[test]
    fn the_document_has_the_promised_shape() {
        let (all, sources) = sample();
        let json: serde_json::Value = serde_json::from_str(&render(&all, &sources)).unwrap();
        let expected = serde_json::json!({
            "code": "unknown-group", "severity": "error", "opens": false,
            "message": "unknown group `analyst`", "policy": "readers",
            "labels": [{"file": "policies/finance.policy", "line": 4, "column": 20, "end_line": 4,
                        "end_column": 29, "text": "not in the directory"}],
            "notes": [], "help": ["did you mean `analysts`?"]
        });
        assert_eq!(json["schema_version"], 1);
        assert_eq!(json["diagnostics"][0], expected);
        assert_eq!(json["diagnostics"][1]["opens"], true);
        assert_eq!(json["diagnostics"][2]["labels"][0]["line"], 17);
        assert_eq!(json["diagnostics"][2]["labels"][0]["column"], serde_json::Value::Null);
    }

    #[test]
    fn each_line_is_the_document_s_item_with_its_version() {
        let (all, sources) = sample();
        let document: serde_json::Value = serde_json::from_str(&render(&all, &sources)).unwrap();
        let lines = render_lines(&all, &sources);
        assert_eq!(lines.lines().count(), all.len());
        for (index, line) in lines.lines().enumerate() {
            let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(line.as_object_mut().unwrap().remove("schema_version"), Some(1.into()));
            assert_eq!(line, document["diagnostics"][index]);
        }
    }

    #[test]
    fn no_diagnostics_are_an_empty_list() {
        let json: serde_json::Value =
            serde_json::from_str(&render(&Diagnostics::new(), &Sources::default())).unwrap();
        assert_eq!(json, serde_json::json!({"schema_version": 1, "diagnostics": []}));
    }
}
