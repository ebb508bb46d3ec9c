//! Hostile texts in every place where text of a project reaches an artefact.
//!
//! In: a way of holding policies (a platform, and how), and a text for some places. Out: the texts of a project that has a
//! word of ours in every other place, so that two projects differ in nothing but the text in question.

#![expect(unreachable_pub, reason = "shared by the tests alone")]

pub mod places;
pub mod scan;
pub mod texts;

use std::collections::BTreeMap;

use grantc::inventory::Platform;

use crate::support::texts::Texts;
use places::Place;

/// A platform, and how masks and filters are held there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    pub name: &'static str,
    pub platform: Platform,
    enforcement: &'static str,
}

/// Every way that there is.
pub const WAYS: [Way; 10] = [
    Way::new("snowflake", Platform::Snowflake, ""),
    Way::new("databricks", Platform::Databricks, ""),
    Way::new("databricks by tags", Platform::Databricks, "tags"),
    Way::new("trino", Platform::Trino, ""),
    Way::new("redshift", Platform::Redshift, ""),
    Way::new("redshift native", Platform::Redshift, "native"),
    Way::new("synapse", Platform::Synapse, ""),
    Way::new("bigquery", Platform::BigQuery, ""),
    Way::new("bigquery native", Platform::BigQuery, "native"),
    Way::new("s3", Platform::S3, ""),
];

impl Way {
    const fn new(name: &'static str, platform: Platform, enforcement: &'static str) -> Way {
        Way { name, platform, enforcement }
    }
}

/// Texts by their place; elsewhere stands a word of ours.
pub type Words<'t> = BTreeMap<Place, &'t str>;

/// The project of one way with these texts.
pub fn project(way: Way, words: &Words<'_>) -> Texts {
    let writer = Writer { way, words };
    Texts {
        settings: "name: hostile\nsalt: env:GRANTC_SALT\n".to_owned(),
        integrations: vec![("only.yaml".to_owned(), writer.integration())],
        catalog: vec![("catalog.yaml".to_owned(), writer.catalog())],
        directory: vec![("people.yaml".to_owned(), writer.directory())],
        policies: writer.policies(),
    }
}

struct Writer<'w> {
    way: Way,
    words: &'w Words<'w>,
}

/// A text in YAML.
fn yaml(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// A text in a policy.
fn policy(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

impl Writer<'_> {
    fn word(&self, place: Place) -> String {
        self.words.get(&place).map_or_else(|| place.word().to_owned(), |text| (*text).to_owned())
    }

    /// A name as the platform stores it: some fold every name down, quoted or not.
    fn stored(&self, place: Place) -> String {
        match self.way.platform {
            Platform::Trino | Platform::Redshift | Platform::Databricks => self.word(place).to_lowercase(),
            Platform::Snowflake | Platform::Synapse | Platform::BigQuery | Platform::S3 => self.word(place),
        }
    }

    fn integration(&self) -> String {
        let word = |place| yaml(&self.word(place));
        let (database, schema) = (word(Place::ConfigDatabase), word(Place::ConfigSchema));
        let role = word(Place::ConfigRole);
        let home = yaml(&self.stored(Place::Database));
        let login = "authenticationType: userPassword, username: U, password: \"env:KEY\"";
        let config = match self.way.platform {
            Platform::Snowflake => {
                format!(
                    "{{host: h.example, port: 443, warehouse: W, database: {database}, role: {role}, {login}}}"
                )
            }
            Platform::Databricks => format!(
                "{{workspaceUrl: \"https://w.example\", httpPath: /sql, authenticationType: token, token: \"env:TOKEN\", catalog: {database}}}"
            ),
            Platform::Redshift => {
                let database = if self.way.enforcement.is_empty() { &database } else { &home };
                format!(
                    "{{host: h.example, port: 5439, database: {database}, initialDatabase: dev, schema: {schema}, {login}}}"
                )
            }
            Platform::Synapse => format!("{{host: h.example, database: {home}, schema: {schema}, {login}}}"),
            Platform::BigQuery => format!(
                "{{role: {role}, datasetSuffix: {schema}, dataset: {database}, location: EU, credential: \"file:key.json\"}}"
            ),
            Platform::S3 => {
                let role = yaml(&format!("arn:aws:iam::123456789012:role/{}", self.word(Place::ConfigRole)));
                format!(
                    "{{name: only, awsAccountId: \"123456789012\", awsRegion: eu-central-1, awsLocationRole: {role}, awsLocationPath: \"s3://\", authenticationType: auto, awsRoleToAssume: \"arn:aws:iam::123456789012:role/grantc\"}}"
                )
            }
            Platform::Trino => String::new(),
        };
        let mut text = format!("type: {}\n", self.way.platform.api_type());
        if !config.is_empty() {
            text.push_str(&format!("autoBootstrap: false\nconfig: {config}\n"));
        }
        text.push_str(&format!("grantc:\n  name: {}\n  scope: managed\n", word(Place::Integration)));
        text.push_str(&format!("  prefix: {}\n", word(Place::Prefix)));
        let template = match self.way.platform {
            Platform::S3 => None,
            Platform::BigQuery => Some("user:{{ id }}@acme.example"),
            _ => Some("{{ id }}"),
        };
        if let Some(template) = template {
            let template = template.replace("{{", &format!("{}{{{{", self.word(Place::Template)));
            let template = if self.words.contains_key(&Place::Template) {
                template
            } else {
                template.replace(Place::Template.word(), "")
            };
            text.push_str(&format!("  principals: {{users: {}}}\n", yaml(&template)));
        }
        if matches!(self.way.platform, Platform::S3 | Platform::BigQuery)
            && self.words.contains_key(&Place::GroupAccount)
        {
            text.push_str("  groups: trusted\n");
        }
        if !self.way.enforcement.is_empty() {
            text.push_str(&format!("  enforcement: {}\n", self.way.enforcement));
        }
        text
    }

    fn catalog(&self) -> String {
        let tag =
            yaml(&format!("Pii.\"{}\"", self.word(Place::Tag).replace('\\', "\\\\").replace('"', "\\\"")));
        let name = |place| yaml(&self.stored(place));
        let integration = yaml(&self.word(Place::Integration));
        if self.way.platform == Platform::S3 {
            let key = format!("s3://{}/{}", self.word(Place::Bucket), self.word(Place::Key));
            return format!(
                "integration: {integration}\nprefixes:\n  {}: {{name: {}, tags: [{tag}]}}\n",
                yaml(&format!("{key}/*")),
                name(Place::DataSource)
            );
        }
        let [text, number] = match self.way.platform {
            Platform::Snowflake => ["VARCHAR", "NUMBER(12,2)"],
            Platform::Databricks | Platform::BigQuery => {
                ["STRING", if self.way.platform == Platform::BigQuery { "NUMERIC" } else { "DECIMAL(12,2)" }]
            }
            Platform::Trino => ["varchar", "decimal(12,2)"],
            Platform::Redshift => ["character varying(65535)", "numeric(12,2)"],
            Platform::Synapse | Platform::S3 => ["nvarchar(4000)", "decimal(12,2)"],
        };
        let odd = if self.words.contains_key(&Place::ColumnType) {
            self.word(Place::ColumnType)
        } else {
            text.to_owned()
        };
        let note = if self.way.platform == Platform::Snowflake { "NOTE" } else { "note" };
        format!(
            "integration: {integration}\ndatabases:\n  {}:\n    schemas:\n      {}:\n        tables:\n          {}:\n            columns:\n              {}: {{type: {text}, tags: [{tag}]}}\n              {}: {{type: {text}}}\n              {note}: {{type: {text}}}\n              title: {{type: {text}, tags: [Constant]}}\n              phone: {{type: {text}, tags: [Pattern]}}\n              own: {{type: {text}, tags: [Own]}}\n              odd: {{type: {}, tags: [Odd]}}\n              amount: {{type: {}}}\n",
            name(Place::Database),
            name(Place::Schema),
            name(Place::Table),
            name(Place::Column),
            name(Place::RowColumn),
            yaml(&odd),
            yaml(number)
        )
    }

    fn directory(&self) -> String {
        let word = |place| yaml(&self.word(place));
        let arn = |user: &str| yaml(&format!("arn:aws:iam::123456789012:user/{user}"));
        let account = self.word(Place::Account);
        let (first, second) = match self.way.platform {
            Platform::S3 => (arn(&account), arn("bob")),
            Platform::BigQuery => {
                (yaml(&format!("user:{account}@acme.example")), yaml("user:bob@acme.example"))
            }
            _ => (yaml(&account), yaml("bob")),
        };
        let group = match self.way.platform {
            Platform::BigQuery => yaml(&format!("group:{}@acme.example", self.word(Place::GroupAccount))),
            _ => word(Place::GroupAccount),
        };
        let integration = word(Place::Integration);
        // By the template, unless an account is what is asked about.
        let own = self.way.platform == Platform::S3 || self.words.contains_key(&Place::Account);
        let accounts = |account: &str| {
            if own { format!(", accounts: {{{integration}: {account}}}") } else { String::new() }
        };
        let native = match self.way.platform {
            Platform::S3 | Platform::BigQuery if self.words.contains_key(&Place::GroupAccount) => {
                format!("accounts: {{{integration}: {group}}}")
            }
            _ => String::new(),
        };
        format!(
            "users:\n  {}: {{groups: [{}], attributes: {{{}: [{}]}}{}}}\n  bob: {{attributes: {{{}: [other]}}{}}}\ngroups:\n  {}: {{{native}}}\n",
            word(Place::User),
            word(Place::Group),
            word(Place::Attribute),
            word(Place::Value),
            accounts(&first),
            word(Place::Attribute),
            accounts(&second),
            word(Place::Group)
        )
    }

    fn policies(&self) -> Vec<String> {
        let word = |place| policy(&self.word(place));
        let (group, attribute, value) = (word(Place::Group), word(Place::Attribute), word(Place::Value));
        let about = word(Place::Description);
        let to = format!(
            "user in group {group} or user attribute {attribute} = {value} or user is {}",
            word(Place::User)
        );
        let mut policies = vec![format!(
            "subscription readers {about} {{ allow read on everything to {to} or user is \"bob\" }}"
        )];
        if self.way.platform == Platform::S3 {
            policies.push(format!(
                "guardrail rule {about} {{ require read on prefixes tagged Pii.{} to anyone }}",
                word(Place::Tag)
            ));
            return policies;
        }
        let column = if self.words.contains_key(&Place::RowColumn) {
            policy(&self.stored(Place::RowColumn))
        } else {
            "\"rowcolumn\"".to_owned()
        };
        let sql = match self.words.get(&Place::Sql) {
            Some(text) => policy(text),
            None => policy(&format!("note = '{}'", self.word(Place::SqlText).replace('\'', "''"))),
        };
        let own = match self.words.get(&Place::Custom) {
            Some(text) => policy(text),
            None => policy("upper({column})"),
        };
        let customs = ["snowflake", "databricks", "trino", "redshift", "synapse", "bigquery"]
            .map(|each| format!("{each} {own}"))
            .join(" ");
        policies.push(format!(
            "mask hashes {about} {{ on columns tagged Pii.{} using hash except user in group {group} }}",
            word(Place::Tag)
        ));
        policies.push(format!("mask constants {about} {{ on columns tagged Constant using constant {} except user attribute {attribute} = {value} }}", word(Place::Constant)));
        policies.push(format!("mask patterns {about} {{ on columns tagged Pattern using regex {} replace {} only for not user is {} }}", word(Place::Pattern), word(Place::Replacement), word(Place::User)));
        policies.push(format!("mask owns {about} {{ on columns tagged Own using custom {{ {customs} }} }}"));
        policies.push(format!(
            "mask odds {about} {{ on columns tagged Odd using null except user in group {group} }}"
        ));
        policies.push(format!(
            "filter some {about} {{ on tables rows where column {column} in user attribute {attribute} or column {column} = {} or column {column} = user name or column {column} in user groups or user in group {group} }}",
            word(Place::RowText)
        ));
        policies.push(format!("filter likes {about} {{ on tables rows where column {column} like {} or column \"amount\" > 5 }}", word(Place::Like)));
        policies
            .push(format!("filter texts {about} {{ on tables rows where sql {sql} or user is \"bob\" }}"));
        policies
    }
}
