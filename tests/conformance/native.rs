//! A company whose policies stand on the tables themselves, where the platform has such (`enforcement: native`).
//!
//! In: a world, however its integrations hold policies. Out: the folders of Redshift and BigQuery alone, each as `worlds.rs` writes
//! them. Everything else is as it was, so that the reference says of a person what it says of her in the world of views.

use std::path::Path;

use grantc::ids::Id;
use grantc::inventory::integration::Enforcement;
use grantc::inventory::{Inventory, Platform, TableId};
use grantc::pipeline::World;
use serde_json::json;

use super::support::case::each;
use super::{Asked, integration};

/// The folders.
pub(crate) fn write(mut world: World, salt: Option<&str>, asked: &Asked, out: &Path) {
    switch(&mut world.program.inventory);
    each(&world, &mut |case| {
        let settings = &case.inventory().integrations[case.integration];
        if settings.enforcement == Enforcement::Native {
            integration(case, salt, asked, &out.join(case.name()));
        }
    });
}

fn switch(inventory: &mut Inventory) {
    let ids: Vec<_> = inventory.integrations.ids().collect();
    for id in ids {
        match inventory.integrations[id].platform {
            Platform::BigQuery => {}
            Platform::Redshift => {
                // Policies stand on the tables of one database: that of most of them.
                let databases = inventory.catalog.tables.ids().map(|table| home(inventory, table));
                let of: Vec<&str> =
                    databases.filter(|(of, _)| *of == id.raw()).map(|(_, name)| name).collect();
                let count = |name: &str| of.iter().filter(|each| **each == name).count();
                let Some(most) = of.iter().max_by_key(|name| (count(name), **name)) else { continue };
                let most = json!(most);
                let config = inventory.integrations[id].config.as_object_mut().unwrap();
                config.insert("database".to_owned(), most);
            }
            Platform::Snowflake
            | Platform::Databricks
            | Platform::Trino
            | Platform::Synapse
            | Platform::S3 => {
                continue;
            }
        }
        inventory.integrations[id].enforcement = Enforcement::Native;
    }
}

/// The integration of a table, and its database.
fn home(inventory: &Inventory, table: TableId) -> (u32, &str) {
    let catalog = &inventory.catalog;
    let schema = &catalog.schemas[catalog.tables[table].schema];
    let database = &catalog.databases[schema.database];
    (database.integration.raw(), &database.name)
}
