//! Writes what a hostile project compiles to, for the judges of `tests/conformance/run --injections`.
//!
//! In: one integration, its artefacts. Out: a folder as those of `tests/conformance/worlds.rs`, without rows: `platform.txt`, the artefacts, and in
//! `about.json` the number of facts of each kind, the tables with their columns, and who may read and write them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use grantc::backend::Artefact;
use grantc::inventory::Securable;
use grantc::inventory::directory::Access;
use serde_json::json;

use crate::support::case::{Case, names};

/// One project.
pub fn write(case: &Case<'_>, artefacts: &[Artefact], folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for artefact in artefacts {
        let path = folder.join(&artefact.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &artefact.bytes).unwrap();
    }
    let platform = case.inventory().integrations[case.integration].platform.api_type();
    fs::write(folder.join("platform.txt"), format!("{platform}\n")).unwrap();
    fs::write(folder.join("about.json"), about(case).to_string()).unwrap();
}

fn about(case: &Case<'_>) -> serde_json::Value {
    let mut facts: BTreeMap<&str, usize> = BTreeMap::new();
    for fact in &case.facts {
        *facts.entry(fact.key.kind.word()).or_default() += 1;
    }
    let permits = case.permits(&case.facts);
    let catalog = &case.inventory().catalog;
    let tables = case.securables().into_iter().filter_map(|securable| {
        let Securable::Table(table) = securable else { return None };
        let columns = catalog.tables[table].columns.iter().map(|column| &catalog.columns[*column]);
        let columns = columns.map(|column| {
            let of = &column.column_type;
            json!({"name": column.name, "type": of.text, "class": format!("{:?}", of.class), "padded": of.padded})
        });
        let may = |access| names(&*permits, &permits.may(securable, access));
        Some(json!({
            "path": catalog.path(table),
            "columns": columns.collect::<Vec<_>>(),
            "rows": [],
            "forms": [],
            "answers": {},
            "readers": may(Access::Read),
            "writers": may(Access::Write),
        }))
    });
    let tables: Vec<_> = tables.collect();
    json!({"facts": facts, "accounts": permits.accounts(), "tables": tables, "s3": null})
}
