//! Redshift's facts in its own words: `VIEW "secure"."shop_public_customer"`, `TABLE "shop"."public"."customer"`, `ROLE "r"`.
//!
//! Views live in one schema of one database, `config.schema` of `config.database`; tables anywhere in the cluster, or, under
//! `enforcement: native`, in that database.

use crate::backend::body::Names;
use crate::backend::class::short_hash;
use crate::backend::object::Object;
use crate::backend::sql::Dialect;
use crate::backend::views::Site;
use crate::inventory::{Catalog, Integration, IntegrationId, Inventory, TableId};

/// A name's limit, in bytes: docs.aws.amazon.com/redshift/latest/dg/r_names.html (2026-11-23).
pub(super) const NAME_LIMIT: usize = 127;
/// A view's columns: docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_usage.html (2026-11-23).
const COLUMN_LIMIT: usize = 1_600;
/// The table of entitlements.
pub(super) const ENTITLEMENTS: &str = "entitlements";
/// The table of what was written under the names of policies.
pub(super) const POLICIES: &str = "policies";
/// Stands for every user.
pub(super) const PUBLIC: &str = "PUBLIC";

pub(super) const DIALECT: Dialect = Dialect::Redshift;

/// Where views and entitlements live.
pub(super) struct Home<'a> {
    catalog: &'a Catalog,
    /// The database that statements run in.
    pub(super) database: String,
    /// The schema of views.
    pub(super) schema: String,
}

impl<'a> Home<'a> {
    /// `config.database` (default `grantc`) and `config.schema` (default `grantc`).
    pub(super) fn of(inventory: &'a Inventory, integration: IntegrationId) -> Home<'a> {
        let settings = &inventory.integrations[integration];
        Home {
            catalog: &inventory.catalog,
            database: setting(settings, "database"),
            schema: setting(settings, "schema"),
        }
    }

    /// The quoted path of something in our schema.
    pub(super) fn path(&self, name: &str) -> String {
        DIALECT.path([self.schema.as_str(), name])
    }

    /// `VIEW "secure"."v"`.
    pub(super) fn view_object(&self, path: &[String]) -> String {
        Object { word: "VIEW".to_owned(), path: path.to_vec(), column: None }.text()
    }

    /// `TABLE "shop"."public"."customer"`, as Redshift stores the name.
    pub(super) fn table_object(&self, table: TableId) -> String {
        let path = self.catalog.path(table).map(fold);
        Object::new("TABLE", path.iter().map(String::as_str)).text()
    }

    /// `SCHEMA "shop"."public"`: where a table lives.
    pub(super) fn schema_of(&self, table: TableId) -> String {
        let [database, schema, _] = self.catalog.path(table).map(fold);
        Object::new("SCHEMA", [database.as_str(), &schema]).text()
    }

    /// `SCHEMA "grantc"."secure"`.
    pub(super) fn schema_object(&self) -> String {
        Object::new("SCHEMA", [self.database.as_str(), self.schema.as_str()]).text()
    }
}

/// Names fold to lower case, quoted or not: docs.aws.amazon.com/redshift/latest/dg/r_names.html (2026-11-23).
pub(super) fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn setting(settings: &Integration, key: &str) -> String {
    let written = settings.config.get(key).and_then(serde_json::Value::as_str).unwrap_or("");
    if written.is_empty() { "grantc".to_owned() } else { fold(written) }
}

/// The names of roles.
pub(super) fn names(settings: &Integration) -> Names {
    Names::new(&settings.name_prefix, fold, NAME_LIMIT)
}

impl Site for Home<'_> {
    fn dialect(&self) -> Dialect {
        DIALECT
    }

    fn current_user(&self) -> &'static str {
        "current_user"
    }

    fn entitlements(&self) -> String {
        self.path(ENTITLEMENTS)
    }

    fn entitlements_path(&self) -> Vec<String> {
        vec![self.schema.clone(), ENTITLEMENTS.to_owned()]
    }

    fn session_name<'n>(&self, account: &'n str) -> Option<&'n str> {
        // A blank at the end would not count in comparisons, and could make one user another.
        (!account.ends_with(' ')).then_some(account)
    }

    /// `<database>_<schema>_<table>`; with a hash where that is too long, or could be another table's.
    fn view(&self, table: TableId) -> Result<Vec<String>, String> {
        if self.catalog.tables[table].columns.len() > COLUMN_LIMIT {
            return Err(format!("a view has {COLUMN_LIMIT} columns at most"));
        }
        let path = self.catalog.path(table);
        let exact = path.join("_");
        let plain = fold(&exact);
        let hash = short_hash(path.iter().map(|part| (*part).to_owned()));
        // One `_` more or less in a part, or another case, would give another table this name.
        let ambiguous = plain != exact || path.iter().take(2).any(|part| part.contains('_'));
        let name = if plain.len() > NAME_LIMIT || ambiguous {
            let room = NAME_LIMIT - hash.len() - 1;
            let cut = (0..=room).rev().find(|at| plain.is_char_boundary(*at)).unwrap_or(0);
            format!("{}_{hash}", plain.get(..cut.min(plain.len())).unwrap_or(&plain))
        } else {
            plain
        };
        Ok(vec![self.schema.clone(), name])
    }

    /// Two parts in the views' own database, which older node types are limited to.
    fn base(&self, path: [&str; 3]) -> String {
        let [database, schema, table] = path;
        if fold(database) == self.database {
            DIALECT.path([schema, table])
        } else {
            DIALECT.path([database, schema, table])
        }
    }
}
