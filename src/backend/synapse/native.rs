//! Synapse's facts in its own words: `VIEW "secure"."dbo_customer"`, `TABLE "dbo"."customer"`, `SCHEMA "dbo"`, `ROLE "r"`.
//!
//! A pool is one database, and its queries read no other: views, entitlements and tables all live in `config.database`.

use crate::backend::body::{Names, generated};
use crate::backend::class::short_hash;
use crate::backend::object::Object;
use crate::backend::sql::Dialect;
use crate::backend::views::{Site, ViewBody};
use crate::inventory::{Catalog, Integration, IntegrationId, Inventory, TableId};

/// A name's limit, in UTF-16 code units:
/// learn.microsoft.com/sql/relational-databases/databases/database-identifiers (2026-11-25).
pub(super) const NAME_LIMIT: usize = 128;
/// A view's columns: learn.microsoft.com/azure/synapse-analytics/sql-data-warehouse/sql-data-warehouse-service-capacity-limits
/// (2026-11-25), as the two below.
const COLUMN_LIMIT: usize = 1_024;
/// String literals of one expression.
const LITERAL_LIMIT: usize = 20_000;
/// Identifiers of one expression.
const IDENTIFIER_LIMIT: usize = 65_535;
/// The table of entitlements. No view has this name, nor that of the next: theirs have a `_`.
pub(super) const ENTITLEMENTS: &str = "entitlements";
/// Where the rows of a file wait until all of them are there.
pub(super) const STAGING: &str = "staging";
/// Units of a value or name of an entitlement. One is left for what comparisons add: a text of 4,000 has no room for it.
pub(super) const VALUE_LIMIT: usize = 3_999;
/// The role that every user is in.
pub(super) const PUBLIC: &str = "ROLE \"public\"";

pub(super) const DIALECT: Dialect = Dialect::Synapse;

/// Where views and entitlements live.
pub(super) struct Home<'a> {
    catalog: &'a Catalog,
    /// The pool's database.
    pub(super) database: String,
    /// The schema of views.
    pub(super) schema: String,
}

impl<'a> Home<'a> {
    /// `config.database` and `config.schema` (default `grantc`).
    pub(super) fn of(inventory: &'a Inventory, integration: IntegrationId) -> Home<'a> {
        let settings = &inventory.integrations[integration];
        let schema = setting(settings, "schema");
        Home {
            catalog: &inventory.catalog,
            database: setting(settings, "database").to_owned(),
            schema: if schema.is_empty() { "grantc".to_owned() } else { schema.to_owned() },
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

    /// Whether a database is the pool's.
    pub(super) fn is_here(&self, database: &str) -> bool {
        alike(database) == alike(&self.database)
    }
}

/// A name as far as any collation tells it from others: the usual one of a pool takes `A` and `a` for one, and none counts
/// blanks at the end.
pub(super) fn alike(name: &str) -> String {
    name.trim_end_matches(' ').to_lowercase()
}

fn setting<'s>(settings: &'s Integration, key: &str) -> &'s str {
    settings.config.get(key).and_then(serde_json::Value::as_str).unwrap_or("")
}

/// The names of roles.
pub(super) fn names(settings: &Integration) -> Names {
    Names::new(&settings.name_prefix, str::to_ascii_lowercase, NAME_LIMIT)
}

/// The length of a text as Synapse counts it.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

impl Site for Home<'_> {
    fn dialect(&self) -> Dialect {
        DIALECT
    }

    /// The user of the database, whom roles hold and `sys.database_principals` names, also where he came in by a group of Entra:
    /// learn.microsoft.com/sql/t-sql/functions/user-name-transact-sql (2026-11-25). SUSER_SNAME() is the login, which may be
    /// named otherwise than the user, and is nobody's where a user is contained.
    fn current_user(&self) -> &'static str {
        "USER_NAME()"
    }

    fn entitlements(&self) -> String {
        self.path(ENTITLEMENTS)
    }

    fn entitlements_path(&self) -> Vec<String> {
        vec![self.schema.clone(), ENTITLEMENTS.to_owned()]
    }

    fn session_name<'n>(&self, account: &'n str) -> Option<&'n str> {
        // A blank at the end does not count in comparisons, and could make one user another.
        (!account.ends_with(' ')).then_some(account)
    }

    /// `<schema>_<table>`; with a hash where that is too long, or could be another table's.
    fn view(&self, table: TableId) -> Result<Vec<String>, String> {
        let columns = &self.catalog.tables[table].columns;
        if columns.len() > COLUMN_LIMIT {
            return Err(format!("a view has {COLUMN_LIMIT} columns at most"));
        }
        let [database, schema, name] = self.catalog.path(table);
        if self.database.is_empty() {
            return Err("`config.database` does not say which database the pool is".to_owned());
        }
        if !self.is_here(database) {
            return Err(format!("views of `{}` cannot read another database (`{database}`)", self.database));
        }
        let shown = columns.iter().map(|column| self.catalog.columns[*column].name.as_str());
        let mut all = [schema, name].into_iter().chain(shown);
        // sqlcmd puts a variable in its place, in quotes too: learn.microsoft.com/sql/tools/sqlcmd (2026-11-25).
        if let Some(odd) = all.find(|each| each.contains("$(")) {
            return Err(format!("the name `{odd}` has a `$(`, which clients take for a variable"));
        }
        let plain = format!("{schema}_{name}");
        let hash = short_hash([schema, name].map(str::to_owned));
        // One `_` more or less in a part would give another table this name, and so would a table named like a hashed one.
        let ambiguous = schema.contains('_') || generated(&plain, schema);
        let name = if units(&plain) > NAME_LIMIT || ambiguous {
            format!("{}_{hash}", cut(&plain, NAME_LIMIT - hash.len() - 1))
        } else {
            plain
        };
        Ok(vec![self.schema.clone(), name])
    }

    /// Two parts: a pool has one database.
    fn base(&self, [_, schema, table]: [&str; 3]) -> String {
        DIALECT.path([schema, table])
    }

    fn fits(&self, body: &ViewBody) -> Result<(), String> {
        // Each needs three bytes of text at least.
        if body.query.len() < 3 * LITERAL_LIMIT {
            return Ok(());
        }
        let parser = DIALECT.parser();
        let tokens = sqlparser::tokenizer::Tokenizer::new(parser.as_ref(), &body.query)
            .tokenize()
            .map_err(|error| format!("its view cannot be read: {error}"))?;
        let (mut literals, mut names) = (0, 0);
        for token in &tokens {
            use sqlparser::tokenizer::Token;
            match token {
                Token::SingleQuotedString(_) | Token::NationalStringLiteral(_) => literals += 1,
                Token::Word(_) => names += 1,
                _ => {}
            }
        }
        // Counted over all of the view: more than needed, and never less.
        if literals > LITERAL_LIMIT || names > IDENTIFIER_LIMIT {
            return Err(format!(
                "its view would have {literals} texts and {names} names, and an expression has {LITERAL_LIMIT} and {IDENTIFIER_LIMIT} at most"
            ));
        }
        Ok(())
    }
}

/// The start of a text, of so many units at most.
fn cut(text: &str, room: usize) -> String {
    let mut left = room;
    text.chars()
        .take_while(|each| left.checked_sub(each.len_utf16()).map(|less| left = less).is_some())
        .collect()
}
