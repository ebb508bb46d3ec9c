//! What must be there before anything else: datasets for the views and the entitlements, and their table.
//!
//! In: the integration, the datasets of views. Out: statements without their `;`, which may be run again; and those that take it all
//! away.

use std::collections::BTreeSet;

use super::native::{DIALECT, Home};
use super::policies;
use crate::backend::views::Site;
use crate::inventory::{IntegrationId, Inventory};

/// Sets up what views live in and lean on. A dataset comes open to the project's basic roles and to nobody else.
pub fn set_up(
    inventory: &Inventory,
    integration: IntegrationId,
    datasets: &BTreeSet<[String; 2]>,
) -> Vec<String> {
    let home = Home::of(inventory, integration);
    let mut statements = vec![
        make_dataset(&home, [&home.project, &home.dataset], "grantc: entitlements"),
        format!(
            "CREATE TABLE IF NOT EXISTS {} (`account` STRING NOT NULL, `name` STRING NOT NULL, `value` STRING NOT NULL) CLUSTER BY `account`, `name`",
            home.entitlements()
        ),
    ];
    statements.extend(
        datasets.iter().map(|[project, dataset]| make_dataset(&home, [project, dataset], "grantc: views")),
    );
    statements
}

/// The same for `enforcement: native`: where masking routines live, and the table that tells which bindings are ours.
pub fn set_up_tables(inventory: &Inventory, integration: IntegrationId) -> Vec<String> {
    let home = Home::of(inventory, integration);
    vec![
        make_dataset(&home, [&home.project, &home.dataset], "grantc: routines and bindings"),
        format!(
            "CREATE TABLE IF NOT EXISTS {} (`object` STRING NOT NULL, `role` STRING NOT NULL, `member` STRING NOT NULL)",
            policies::bindings(&home)
        ),
    ]
}

fn make_dataset(home: &Home<'_>, path: [&str; 2], what: &str) -> String {
    let location = match home.location.as_str() {
        "" => String::new(),
        written => format!("location = {}, ", DIALECT.plain_literal(written)),
    };
    let path = DIALECT.path(path.into_iter().filter(|part| !part.is_empty()));
    format!(
        "CREATE SCHEMA IF NOT EXISTS {path} OPTIONS ({location}description = {})",
        DIALECT.plain_literal(what)
    )
}

/// The same for one dataset of views.
pub(super) fn views_dataset(home: &Home<'_>, path: [&str; 2]) -> String {
    make_dataset(home, path, "grantc: views")
}

/// Takes it away, once nothing of ours is granted any more. Datasets that hold anything else stay.
pub fn tear_down(
    inventory: &Inventory,
    integration: IntegrationId,
    datasets: &BTreeSet<[String; 2]>,
) -> Vec<String> {
    let home = Home::of(inventory, integration);
    let drop = |path: [&str; 2]| {
        let path = DIALECT.path(path.into_iter().filter(|part| !part.is_empty()));
        format!("DROP SCHEMA IF EXISTS {path} RESTRICT")
    };
    let mut statements: Vec<String> =
        datasets.iter().map(|[project, dataset]| drop([project, dataset])).collect();
    statements.push(format!("DROP TABLE IF EXISTS {}", home.entitlements()));
    statements.push(drop([&home.project, &home.dataset]));
    statements
}
