//! Every file of the fixtures fits its schema; a file with an unknown key does not.

#![expect(clippy::disallowed_methods, reason = "tests read fixtures")]

use std::fs;
use std::path::{Path, PathBuf};

use super::SCHEMAS;
use crate::diagnostic::Diagnostics;
use crate::inventory::document;
use crate::source::Sources;

fn validator(name: &str) -> jsonschema::Validator {
    let (_, _, text) = SCHEMAS.iter().find(|(known, _, _)| *known == name).unwrap();
    let schema: serde_json::Value = serde_json::from_str(text).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

fn document(text: &str) -> serde_json::Value {
    let (mut sources, mut out) = (Sources::default(), Diagnostics::new());
    // JSON has no dates: to an editor they are texts.
    let quoted = regex::Regex::new("until: ([0-9-]+)").unwrap().replace_all(text, "until: \"$1\"");
    let source = sources.add("file.yaml", quoted.as_ref());
    let node = document::read(source, &sources, &mut out).unwrap();
    let json = node.to_json(&mut out);
    assert!(out.is_empty(), "{text}: {:?}", out.iter().map(|each| &each.message).collect::<Vec<_>>());
    json
}

/// What a schema says of a text; nothing: it fits.
fn said(schema: &str, text: &str) -> Vec<String> {
    let document = document(text);
    validator(schema)
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The schema of a file of a project, by its folder; tables, SCIM and dbt have their own standards.
fn schema_of(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?;
    if name == "grantc.yaml" {
        return Some("project");
    }
    let folder = path.parent()?.file_name()?.to_str()?;
    let yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    match folder {
        "catalog" if yaml => Some("catalog"),
        "directory" if yaml => Some("directory"),
        "integrations" => Some("integration"),
        _ => None,
    }
}

#[test]
fn every_schema_is_one() {
    for (name, _, _) in SCHEMAS {
        validator(name);
    }
}

#[test]
fn every_file_of_a_project_fits() {
    let mut found = Vec::new();
    for folder in ["fixtures", "src/cli/template"] {
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    }
    let mut judged = std::collections::BTreeMap::new();
    for path in &found {
        let shown = path.to_string_lossy();
        // These hold the mistakes; the next test is about them.
        let mistake = ["05-unknown-key/c", "18-duplicate", "19-tab", "31-scalar"]
            .iter()
            .any(|name| shown.contains(name));
        if let Some(schema) =
            schema_of(path).filter(|_| !mistake && !shown.contains("05-unknown-key/catalog"))
        {
            assert_eq!(said(schema, &fs::read_to_string(path).unwrap()), Vec::<String>::new(), "{shown}");
            *judged.entry(schema).or_insert(0) += 1;
        }
    }
    assert!(judged.len() == 4 && judged.values().all(|count| *count > 2), "{judged:?}");
}

#[test]
fn what_grantc_refuses_the_schema_refuses() {
    let check = |schema: &str, text: &str, expected: &str| {
        let said = said(schema, text).join("\n");
        assert!(said.contains(expected), "{schema} {text:?} says {said:?}");
    };
    let mistake = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mistakes");
    check("catalog", &fs::read_to_string(mistake.join("05-unknown-key/catalog/c.yaml")).unwrap(), "colums");
    check(
        "directory",
        &fs::read_to_string(mistake.join("31-scalar-for-list/directory/d.yaml")).unwrap(),
        "/users/alice@shop.example/attributes/region",
    );
    check("project", "name: x\npolicy: p\n", "policy");
    check("project", "policies: p\n", "name");
    check("project", "name: x\nsalt: hunter2\n", "/salt");
    check("project", "name: x\nscope: manged\n", "/scope");
    check("project", "name: x\naccept: [{code: unknown-tag}]\n", "reason");
    check("catalog", "databases: {}\n", "integration");
    check("catalog", "integration: s\nprefixes: {\"s3://lake*\": {}}\n", "s3://lake*");
    check(
        "catalog",
        "integration: s\ndatabases: {D: {schemas: {S: {tables: {T: {columns: {C: {tags: [A]}}}}}}}}\n",
        "type",
    );
    check("directory", "users: {a: {attributes: {k: [3]}}}\n", "/users/a/attributes/k/0");
    check("directory", "approvals: [{user: a, object: o, access: all}]\n", "/approvals/0/access");
    check("integration", "type: snowflake\nautoBootstrap: false\nconfig: {}\n", "/type");
    check("integration", "type: Snowflake\nconfig: {}\n", "autoBootstrap");
    check("integration", "type: Trino\ngrantc: {mode: exact}\n", "/grantc/mode");
    check("integration", "type: Trino\ngrantc: {nam: t}\n", "nam");
}
