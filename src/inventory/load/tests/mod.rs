//! What a project's files mean, and every error that they may hold.
//!
//! Not shown here: files on disk (one test), speed (a bench).

mod documents;
mod formats;
mod integrations;
mod names;
mod tables;

use super::*;
use crate::diagnostic::Severity;
use crate::inventory::Securable;

const SNOW: &str = "type: Snowflake\nautoBootstrap: false\nconfig: {host: h}\n";
const LAKE: &str = "type: Native S3\nautoBootstrap: false\nconfig: {name: lake}\n";

/// Reads files whose names begin with the folder that they are in.
fn read(files: &[(&str, &str)]) -> (Option<Inventory>, Vec<String>) {
    let mut project = ProjectFiles::default();
    for (name, text) in files {
        let (folder, _) = name.split_once('/').unwrap();
        let part = match folder {
            "integrations" => &mut project.integrations,
            "catalog" => &mut project.catalog,
            "directory" => &mut project.directory,
            other => panic!("{other}"),
        };
        *part = std::mem::take(part).with(*name, *text);
    }
    let (mut sources, mut out) = (Sources::default(), Diagnostics::new());
    let inventory = load_files(&project, Scope::Managed, &mut sources, &mut out);
    out.sort(&sources);
    let said = out.iter().map(|each| {
        let places: Vec<String> = each
            .labels
            .iter()
            .map(|label| {
                let at = match label.place {
                    Place::Span(span) => {
                        let (line, column) = sources.line_column(span.source, span.start);
                        format!("{line}:{column} `{}`", sources.text(span))
                    }
                    Place::Line(_, line) => line.to_string(),
                    Place::File(_) => "file".to_owned(),
                };
                format!("{}:{at}", base_name(sources.name(label.place)))
            })
            .collect();
        let mark = if each.severity == Severity::Finding { "finding " } else { "" };
        let help: String = each.help.iter().map(|help| format!(" ({help})")).collect();
        format!("{mark}{}: {} [{}]{help}", each.code.name(), each.message, places.join(", "))
    });
    (inventory.ok(), said.collect())
}

/// Snowflake `snow`, S3 `lake`, and the files given.
fn with_base<'t>(files: &[(&'t str, &'t str)]) -> Vec<(&'t str, &'t str)> {
    let mut all = vec![("integrations/snow.yaml", SNOW), ("integrations/lake.yaml", LAKE)];
    all.retain(|(name, _)| !files.iter().any(|(other, _)| other == name));
    all.extend_from_slice(files);
    all
}

/// All that an inventory says, without places.
fn shown(inventory: &Inventory) -> String {
    let mut lines = Vec::new();
    let catalog = &inventory.catalog;
    let tags = |list: &[crate::inventory::TagId]| -> String {
        list.iter().map(|tag| format!(" #{}", inventory.tags.text(*tag))).collect()
    };
    for (_, integration) in inventory.integrations.iter() {
        lines.push(format!("integration {} {}", integration.name, integration.platform.word()));
    }
    for database in catalog.databases.values().filter(|database| !database.tags.is_empty()) {
        lines.push(format!("database {}{}", database.name, tags(&database.tags)));
    }
    for schema in catalog.schemas.values().filter(|schema| !schema.tags.is_empty()) {
        lines.push(format!("schema {}{}", schema.name, tags(&schema.tags)));
    }
    for (id, table) in catalog.tables.iter() {
        let name = catalog.dotted_name(Securable::Table(id));
        let columns: String = table
            .columns
            .iter()
            .map(|column| &catalog.columns[*column])
            .map(|column| format!(" {}:{}{}", column.name, column.column_type.text, tags(&column.tags)))
            .collect();
        let location = table.location.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
        lines.push(format!("{:?} {name}{}{location} ({columns} )", table.kind, tags(&table.tags)));
    }
    for (id, source) in catalog.data_sources.iter() {
        let covering: String = catalog.covering[id]
            .iter()
            .map(|outer| format!(" < {}", catalog.data_sources[*outer].prefix))
            .collect();
        lines.push(format!("prefix {} {:?}{}{covering}", source.prefix, source.name, tags(&source.tags)));
    }
    let directory = &inventory.directory;
    for (id, user) in directory.users.iter() {
        let attributes: String = directory
            .attributes
            .keys()
            .map(|name| (name, directory.values(id, name)))
            .filter(|(_, values)| !values.is_empty())
            .map(|(name, values)| format!(" {name}={}", values.join("|")))
            .collect();
        lines.push(format!("user {} in {}{attributes}", user.id, directory.groups_of(id).join("|")));
    }
    for leaver in &directory.leavers {
        lines.push(format!("leaver {leaver}"));
    }
    for group in directory.groups.values() {
        lines.push(format!("group {}", group.id));
    }
    for ((user, integration), account) in &directory.user_accounts {
        let (user, integration) = (&directory.users[*user].id, &inventory.integrations[*integration].name);
        lines.push(format!("account {user} on {integration}: {account}"));
    }
    for ((group, integration), account) in &directory.group_accounts {
        let (group, integration) = (&directory.groups[*group].id, &inventory.integrations[*integration].name);
        lines.push(format!("account group {group} on {integration}: {account}"));
    }
    for approval in &inventory.approvals {
        lines.push(format!(
            "approval {} {} {} by {:?} until {:?}",
            directory.users[approval.user].id,
            approval.access.word(),
            catalog.dotted_name(approval.securable),
            approval.by,
            approval.until.map(crate::inventory::Instant::rfc3339),
        ));
    }
    let known: Vec<String> = inventory
        .tags
        .iter()
        .map(|(id, tag)| format!("{}{}", tag.text(), if inventory.tags.is_known(id) { "" } else { "?" }))
        .collect();
    lines.push(format!("tags {}", known.join(" ")));
    lines.join("\n")
}

/// The files are read without a word, and mean this; the two integrations are left out.
#[track_caller]
fn means(files: &[(&str, &str)], expected: &str) {
    let (inventory, said) = read(&with_base(files));
    assert_eq!(said, Vec::<String>::new());
    let shown = shown(&inventory.unwrap());
    let rest: Vec<&str> =
        shown.lines().map(str::trim).filter(|line| !line.starts_with("integration ")).collect();
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(rest.join("\n"), expected.join("\n"));
}

/// The files are refused, or found fault with, in these words; each line is the beginning of one.
#[track_caller]
fn says(files: &[(&str, &str)], expected: &str) {
    let (inventory, said) = read(&with_base(files));
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let same =
        said.len() == expected.len() && said.iter().zip(&expected).all(|(said, line)| said.starts_with(line));
    assert!(same, "said:\n{}\nexpected:\n{}", said.join("\n"), expected.join("\n"));
    let errors = said.iter().any(|line| !line.starts_with("finding "));
    assert_eq!(inventory.is_none(), errors, "an inventory comes without errors only");
}

const CUSTOMER: &str = "integration: snow
databases: {RETAIL: {schemas: {PUBLIC: {tables: {CUSTOMER: {tags: [Own], columns: {EMAIL: {type: VARCHAR, tags: [Own]}}}}}}}}
";
