//! Facts as `rules.json` and `groups.txt`, in the order in which Trino tries them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::native::{MANAGED, Place};
use crate::backend::contract::Artefact;
use crate::backend::fact::{Fact, FactKind, Symbols};
use crate::backend::sql::Dialect;

/// Both files, whole.
pub fn files(facts: &[Fact], symbols: &Symbols, salt: Option<&str>) -> Vec<Artefact> {
    vec![
        Artefact { path: "groups.txt".to_owned(), bytes: groups(facts, symbols).into_bytes(), secret: false },
        Artefact {
            path: "rules.json".to_owned(),
            bytes: rules(facts, symbols, salt).into_bytes(),
            secret: true,
        },
    ]
}

fn groups(facts: &[Fact], symbols: &Symbols) -> String {
    let mut members: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.key.kind == FactKind::Membership) {
        members.entry(symbols.text(fact.key.object)).or_default().push(symbols.text(fact.key.grantee));
    }
    let mut out = String::new();
    for (group, mut accounts) in members {
        accounts.sort_unstable();
        let _ = writeln!(out, "{group}:{}", accounts.join(","));
    }
    out
}

/// Ours between the foreign rules that stood before and those that stood after.
fn rules(facts: &[Fact], symbols: &Symbols, salt: Option<&str>) -> String {
    let mut sections: BTreeMap<String, BTreeMap<(u8, String), String>> = BTreeMap::new();
    let mut other: BTreeMap<String, String> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.key.kind == FactKind::Rule) {
        let body = with_salt(symbols.text(fact.body), salt);
        let object = symbols.text(fact.key.object);
        let Some(place) = Place::parse(object) else { continue };
        let rank = match &place {
            Place::Before(..) => 0,
            Place::Ours(_) => 1,
            Place::After(..) => 2,
            Place::Section(section) => {
                sections.entry(section.clone()).or_default();
                continue;
            }
            Place::Open(_) => continue,
            Place::Other(section) => {
                other.insert(section.clone(), body);
                continue;
            }
        };
        sections.entry(place.section().to_owned()).or_default().insert((rank, object.to_owned()), body);
    }
    let mut parts: Vec<String> = Vec::new();
    for section in MANAGED {
        if let Some(rules) = sections.get(section) {
            let lines: Vec<String> = rules.values().map(|rule| format!("    {rule}")).collect();
            parts.push(if lines.is_empty() {
                format!("  \"{section}\": []")
            } else {
                format!("  \"{section}\": [\n{}\n  ]", lines.join(",\n"))
            });
        }
    }
    parts.extend(
        other
            .iter()
            .map(|(section, body)| format!("  {}: {body}", serde_json::Value::String(section.clone()))),
    );
    format!("{{\n{}\n}}\n", parts.join(",\n"))
}

/// The salt's literal in place of `{salt}`, inside JSON.
fn with_salt(body: &str, salt: Option<&str>) -> String {
    match salt {
        Some(salt) => body.replace("{salt}", &json_inside(&Dialect::Trino.literal(salt))),
        None => body.to_owned(),
    }
}

/// A text as it stands inside a JSON string.
pub fn json_inside(text: &str) -> String {
    let quoted = serde_json::Value::String(text.to_owned()).to_string();
    quoted.trim_start_matches('"').strip_suffix('"').unwrap_or("").to_owned()
}
