//! The places where text of a project reaches an artefact.

use grantc::inventory::Platform;

use super::Way;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Database,
    Schema,
    Table,
    Column,
    RowColumn,
    ColumnType,
    Tag,
    Bucket,
    Key,
    DataSource,
    User,
    Account,
    Group,
    GroupAccount,
    Attribute,
    Value,
    Description,
    RowText,
    Like,
    SqlText,
    Sql,
    Constant,
    Pattern,
    Replacement,
    Custom,
    Salt,
    Integration,
    Prefix,
    Template,
    ConfigDatabase,
    ConfigSchema,
    ConfigRole,
}

pub const PLACES: [Place; 32] = {
    use Place::*;
    [
        Database,
        Schema,
        Table,
        Column,
        RowColumn,
        ColumnType,
        Tag,
        Bucket,
        Key,
        DataSource,
        User,
        Account,
        Group,
        GroupAccount,
        Attribute,
        Value,
        Description,
        RowText,
        Like,
        SqlText,
        Sql,
        Constant,
        Pattern,
        Replacement,
        Custom,
        Salt,
        Integration,
        Prefix,
        Template,
        ConfigDatabase,
        ConfigSchema,
        ConfigRole,
    ]
};

impl Place {
    /// What stands there where nothing hostile does: no two places have one word.
    pub fn word(self) -> &'static str {
        match self {
            Place::Database => "dbname",
            Place::Schema => "schemaname",
            Place::Table => "tablename",
            Place::Column => "columnname",
            Place::RowColumn => "rowcolumn",
            Place::ColumnType => "typename",
            Place::Tag => "tagname",
            Place::Bucket => "bucketname",
            Place::Key => "keyname",
            Place::DataSource => "sourcename",
            Place::User => "username",
            Place::Account => "accountname",
            Place::Group => "groupname",
            Place::GroupAccount => "9067642a-0000-4380-a0b1-000000000001",
            Place::Attribute => "attributename",
            Place::Value => "valuetext",
            Place::Description => "descriptiontext",
            Place::RowText => "rowtext",
            Place::Like => "liketext",
            Place::SqlText => "sqltext",
            Place::Sql => "note = 'x'",
            Place::Constant => "constanttext",
            Place::Pattern => "patterntext",
            Place::Replacement => "replacement",
            Place::Custom => "lower({column})",
            Place::Salt => "salttext",
            Place::Integration => "integrationname",
            Place::Prefix => "prefixname",
            Place::Template => "templatetext",
            Place::ConfigDatabase => "configdatabase",
            Place::ConfigSchema => "_configschema",
            Place::ConfigRole => "configrole",
        }
    }

    /// Whether a way has the place at all.
    pub fn is_on(self, way: Way) -> bool {
        let s3 = way.platform == Platform::S3;
        match self {
            Place::Bucket | Place::Key | Place::DataSource => s3,
            Place::User
            | Place::Account
            | Place::Group
            | Place::Attribute
            | Place::Value
            | Place::Description => true,
            Place::Tag | Place::Integration | Place::Prefix => true,
            Place::GroupAccount => matches!(way.platform, Platform::S3 | Platform::BigQuery),
            Place::ConfigRole => {
                matches!(way.platform, Platform::S3 | Platform::Snowflake | Platform::BigQuery)
            }
            Place::ConfigDatabase => {
                !s3 && !matches!(way.platform, Platform::Trino | Platform::Synapse)
                    && way.name != "redshift native"
            }
            Place::ConfigSchema => {
                matches!(way.platform, Platform::Redshift | Platform::Synapse | Platform::BigQuery)
            }
            Place::Database
            | Place::Schema
            | Place::Table
            | Place::Column
            | Place::RowColumn
            | Place::ColumnType
            | Place::RowText
            | Place::Like
            | Place::SqlText
            | Place::Sql
            | Place::Constant
            | Place::Pattern
            | Place::Replacement
            | Place::Custom
            | Place::Salt
            | Place::Template => !s3,
        }
    }

    /// Whether the text is a text of the user's own in another language (SQL, a pattern, a type), which compiles to something else with
    /// every text: then nothing but the frame around it can be compared.
    pub fn is_code(self) -> bool {
        matches!(
            self,
            Place::ColumnType
                | Place::Like
                | Place::Sql
                | Place::Pattern
                | Place::Replacement
                | Place::Custom
        )
    }
}
