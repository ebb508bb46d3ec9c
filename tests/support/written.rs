//! What one integration compiles to, as the judges of `tests/conformance/run` find it: a folder.
//!
//! Out: the artefacts, `platform.txt` (the platform's name), and for `about.json` what every judge must know beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use grantc::backend::Artefact;
use grantc::inventory::directory::Access;
use grantc::inventory::{Securable, TableId};
use serde_json::{Map, Value, json};

use crate::support::case::{Case, names};

/// The artefacts, and whose they are.
pub(crate) fn put(case: &Case<'_>, artefacts: &[Artefact], folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for artefact in artefacts {
        let path = folder.join(&artefact.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &artefact.bytes).unwrap();
    }
    let platform = case.inventory().integrations[case.integration].platform.api_type();
    fs::write(folder.join("platform.txt"), format!("{platform}\n")).unwrap();
}

/// How many facts of each kind, who there is, and the tables: path, columns, who may read and write, and of a table's readers the
/// rows, the forms that masks give their cells, and what each reader sees.
pub(crate) fn about(
    case: &Case<'_>,
    rows: impl Fn(TableId, &BTreeSet<String>) -> [Value; 3],
) -> Map<String, Value> {
    let mut facts: BTreeMap<&str, usize> = BTreeMap::new();
    for fact in &case.facts {
        *facts.entry(fact.key.kind.word()).or_default() += 1;
    }
    let permits = case.permits(&case.facts);
    let catalog = &case.inventory().catalog;
    let table = |securable| {
        let Securable::Table(id) = securable else { return None };
        let columns = catalog.tables[id].columns.iter().map(|column| &catalog.columns[*column]);
        let columns = columns.map(|column| {
            let of = &column.column_type;
            json!({"name": column.name, "type": of.text, "class": format!("{:?}", of.class), "padded": of.padded})
        });
        let may = |access| names(&*permits, &permits.may(securable, access));
        let readers = may(Access::Read);
        let [rows, forms, answers] = rows(id, &readers);
        Some(json!({
            "path": catalog.path(id),
            "columns": columns.collect::<Vec<_>>(),
            "rows": rows,
            "forms": forms,
            "answers": answers,
            "readers": readers,
            "writers": may(Access::Write),
        }))
    };
    let tables: Vec<Value> = case.securables().into_iter().filter_map(table).collect();
    Map::from_iter([
        ("facts".to_owned(), json!(facts)),
        ("accounts".to_owned(), json!(permits.accounts())),
        ("tables".to_owned(), json!(tables)),
    ])
}
