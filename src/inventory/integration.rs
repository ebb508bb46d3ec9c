//! The platforms that a project manages: one payload of the integrations API each, plus our own `grantc:` block.

use crate::source::Place;

/// The seven platforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// Snowflake.
    Snowflake,
    /// Databricks Unity Catalog.
    Databricks,
    /// Starburst or Trino.
    Trino,
    /// Amazon Redshift.
    Redshift,
    /// Azure Synapse dedicated SQL pool.
    Synapse,
    /// Google BigQuery.
    BigQuery,
    /// Amazon S3 Access Grants.
    S3,
}

/// How the platform reads an unquoted identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Folding {
    /// To upper case.
    Upper,
    /// To lower case.
    Lower,
    /// By a case-insensitive collation.
    Insensitive,
    /// As written.
    Exact,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Platform; 7] = [
        Platform::Snowflake,
        Platform::Databricks,
        Platform::Trino,
        Platform::Redshift,
        Platform::Synapse,
        Platform::BigQuery,
        Platform::S3,
    ];

    /// The `type` of the integrations API.
    pub fn api_type(self) -> &'static str {
        match self {
            Platform::Snowflake => "Snowflake",
            Platform::Databricks => "Databricks",
            Platform::Trino => "Trino",
            Platform::Redshift => "Redshift",
            Platform::Synapse => "Azure Synapse Analytics",
            Platform::BigQuery => "Google BigQuery",
            Platform::S3 => "Native S3",
        }
    }

    /// The word of the policy language (`custom { snowflake "…" }`); S3 has none, it runs no SQL.
    pub fn word(self) -> &'static str {
        match self {
            Platform::Snowflake => "snowflake",
            Platform::Databricks => "databricks",
            Platform::Trino => "trino",
            Platform::Redshift => "redshift",
            Platform::Synapse => "synapse",
            Platform::BigQuery => "bigquery",
            Platform::S3 => "s3",
        }
    }

    /// How an unquoted segment of a path matches: as the platform's own SQL would read it.
    pub fn folding(self) -> Folding {
        match self {
            Platform::Snowflake => Folding::Upper,
            Platform::Databricks | Platform::Trino | Platform::Redshift => Folding::Lower,
            Platform::Synapse => Folding::Insensitive,
            Platform::BigQuery | Platform::S3 => Folding::Exact,
        }
    }
}

/// Whose facts may be revoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Only facts that carry our mark.
    #[default]
    Managed,
    /// Every fact on the securables that we know.
    Authoritative,
}

/// How users reach what their class holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strategy {
    /// What suits the platform.
    #[default]
    Auto,
    /// Generated roles.
    Roles,
    /// Generated or trusted groups.
    Groups,
    /// Users as grantees.
    Users,
}

/// What holds masks and filters on the platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Enforcement {
    /// What suits the platform: policies on tables where it has them for everyone, else secure views.
    #[default]
    Auto,
    /// Redshift and BigQuery: the platform's own row policies and masks on the tables themselves, in place of views.
    Native,
    /// Databricks: policies that follow tags (`CREATE POLICY`), in place of functions attached to tables.
    Tags,
}

/// S3: whether grants mirror the policy one to one, or are the fewest that permit the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GrantMode {
    /// One grant for each data source and grantee.
    #[default]
    Exact,
    /// The minimal cover.
    Minimal,
}

/// `{{ id | localpart | upper }}`, read once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountTemplate {
    /// Literal texts and ids with their filters, in order.
    pub parts: Vec<TemplatePart>,
}

/// A piece of an account template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart {
    /// Text as it stands.
    Text(String),
    /// The principal's id, through filters from left to right.
    Id(Vec<TemplateFilter>),
}

/// What a template may do to an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateFilter {
    /// What stands before the last `@`.
    LocalPart,
    /// What stands behind the last `@`.
    Domain,
    /// To upper case.
    Upper,
    /// To lower case.
    Lower,
}

impl AccountTemplate {
    /// The account of an id; an empty result is no account.
    pub fn apply(&self, id: &str) -> Option<String> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                TemplatePart::Text(text) => out.push_str(text),
                TemplatePart::Id(filters) => {
                    let mut value = id.to_owned();
                    for filter in filters {
                        value = match filter {
                            TemplateFilter::LocalPart => {
                                value.rsplit_once('@').map_or(value.clone(), |(l, _)| l.to_owned())
                            }
                            TemplateFilter::Domain => {
                                value.rsplit_once('@').map_or(String::new(), |(_, d)| d.to_owned())
                            }
                            TemplateFilter::Upper => value.to_uppercase(),
                            TemplateFilter::Lower => value.to_lowercase(),
                        };
                    }
                    out.push_str(&value);
                }
            }
        }
        (!out.is_empty()).then_some(out)
    }
}

/// One platform that we manage.
#[derive(Clone, Debug)]
pub struct Integration {
    /// Its name in the project.
    pub name: String,
    /// Which platform.
    pub platform: Platform,
    /// `config` of the API payload, secrets still by reference.
    pub config: serde_json::Value,
    /// Overrides the project's scope.
    pub scope: Scope,
    /// Accounts of users who have none by name.
    pub user_template: Option<AccountTemplate>,
    /// Accounts of groups that have none by name.
    pub group_template: Option<AccountTemplate>,
    /// How users reach what their class holds.
    pub strategy: Strategy,
    /// What holds masks and filters.
    pub enforcement: Enforcement,
    /// Begins the names of what we generate; `GRANTC` unless written.
    pub name_prefix: String,
    /// `groups: trusted`: the platform's groups have the directory's members.
    pub groups_trusted: bool,
    /// S3: exact or minimal.
    pub mode: GrantMode,
    /// S3: a raised quota of grants.
    pub grants_quota: Option<u64>,
    /// The file.
    pub place: Place,
}
