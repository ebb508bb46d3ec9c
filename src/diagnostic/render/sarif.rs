//! SARIF 2.1.0, for code scanning.
//!
//! In: diagnostics. Out: one log with one run; every code is a rule, every diagnostic a result.
//! Rules: OASIS SARIF 2.1.0, sections 3.28 (locations), 3.30 (regions: from 1, end exclusive), 3.14.17 (columns count
//! characters, not UTF-16 units, because we say so).

use serde::Serialize;

use super::{Location, OPENS_NOTE, Options, json, visible, visible_lines};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Label, Severity, pages};
use crate::source::Sources;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<ResultItem>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text,
    help: Help,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultItem {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: Vec<LocationItem>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<LocationItem>,
    properties: Properties,
}

#[derive(Serialize)]
struct Properties {
    opens: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
}

/// Prints one log.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, options: &Options) -> String {
    let rules = Code::ALL.iter().map(|code| rule(*code)).collect();
    let results = diagnostics.iter().map(|each| result(each, sources, options)).collect();
    json::pretty(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: Driver { name: "grantc", version: env!("CARGO_PKG_VERSION"), rules } },
            column_kind: "unicodeCodePoints",
            results,
        }],
    })
}

fn rule(code: Code) -> Rule {
    Rule {
        id: code.name(),
        short_description: Text { text: code.title().to_owned() },
        help: Help {
            text: format!("{}; `grantc explain-code {}` says more", code.title(), code.name()),
            markdown: pages::page(code),
        },
    }
}

fn result(diagnostic: &Diagnostic, sources: &Sources, options: &Options) -> ResultItem {
    let mut labels = diagnostic.labels.iter();
    let cause = labels.next();
    ResultItem {
        rule_id: diagnostic.code.name(),
        rule_index: Code::ALL.iter().position(|code| *code == diagnostic.code).unwrap_or(0),
        level: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Finding => "warning",
        },
        message: Text { text: message(diagnostic) },
        locations: cause.iter().map(|label| location(None, label, sources, options)).collect(),
        related_locations: labels
            .enumerate()
            .map(|(id, label)| location(Some(id + 1), label, sources, options))
            .collect(),
        properties: Properties { opens: diagnostic.opens, policy: diagnostic.policy.clone() },
    }
}

fn message(diagnostic: &Diagnostic) -> String {
    let mut lines = vec![visible(&diagnostic.message).into_owned()];
    // Code scanning shows the message alone, without what its locations say.
    let cause = diagnostic.labels.first().filter(|label| !label.text.is_empty());
    lines.extend(cause.map(|label| visible(&label.text).into_owned()));
    lines.extend(diagnostic.notes.iter().map(|note| format!("note: {}", visible_lines(note))));
    if diagnostic.opens {
        lines.push(format!("note: {OPENS_NOTE}"));
    }
    lines.extend(diagnostic.help.iter().map(|help| format!("help: {}", visible_lines(help))));
    lines.join("\n")
}

fn location(id: Option<usize>, label: &Label, sources: &Sources, options: &Options) -> LocationItem {
    let place = Location::of(label.place, sources);
    let region = place.line.map(|start_line| Region {
        start_line,
        start_column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
    });
    LocationItem {
        id,
        physical_location: Physical {
            artifact_location: Artifact { uri: uri(&format!("{}{}", options.base, place.file)) },
            region,
        },
        message: (!label.text.is_empty()).then(|| Text { text: visible(&label.text).into_owned() }),
    }
}

/// A relative reference as RFC 3986 writes it: everything but unreserved characters and `/` in percent form.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render::fixture::sample;

    fn log() -> serde_json::Value {
        let (all, sources) = sample();
        let options = Options { base: "my access/".to_owned(), ..Options::default() };
        serde_json::from_str(&render(&all, &sources, &options)).unwrap()
    }

    #[test]
    fn every_code_is_a_rule_and_results_name_theirs() {
        let log = log();
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), Code::ALL.len());
        for result in log["runs"][0]["results"].as_array().unwrap() {
            assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
        }
    }

    #[test]
    fn places_are_regions_of_relative_uris() {
        let results = log()["runs"][0]["results"].clone();
        let place = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%20access/policies/finance.policy");
        assert_eq!(
            place["region"],
            serde_json::json!({"startLine": 4, "startColumn": 20, "endLine": 4, "endColumn": 29})
        );
        assert_eq!(results[0]["level"], "error");
        assert_eq!(results[1]["level"], "warning");
        assert_eq!(results[1]["properties"]["opens"], true);
        assert_eq!(results[1]["relatedLocations"][0]["message"]["text"], "so this mask hides nothing");
    }
}
