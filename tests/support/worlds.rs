//! Random projects: at most six people, four groups, six tables over two schemas on each platform of tables, five data sources.
//!
//! The names are odd on purpose: quotes, dots, blanks, backslashes, comments, letters outside ASCII. Accounts are missing, shared, or of
//! a form that a platform cannot hold. A platform takes part as soon as it has a backend.

use grantc::backend;
use grantc::inventory::Platform;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::policies::policies;
use super::texts::Texts;

pub const USERS: [&str; 6] =
    ["alice@acme.example", "bob", "o'brien \"ob\"", "zoë.müller", "back\\slash {salt}", "-- /* d */ dash"];
pub const GROUPS: [&str; 4] = ["staff", "Fin.Ops", "odd \"group\" ' \\", "Domain.Sales"];

/// Name, value.
const ATTRIBUTES: [(&str, &str); 13] = [
    ("region", "EMEA"),
    ("region", "AMER"),
    ("region", "A'P\\AC"),
    ("clearance", "secret"),
    ("clearance", "internal"),
    ("level", "1"),
    ("level", "2.50"),
    ("level", "many"),
    ("since", "2000-01-01"),
    ("flag", "true"),
    ("tag_access", "Domain"),
    ("tag_access", "Domain.Sales"),
    ("scope", "RETAIL.*"),
];

/// The integration of each platform.
pub fn integration(platform: Platform) -> &'static str {
    match platform {
        Platform::Snowflake => "snow",
        Platform::Databricks => "bricks",
        Platform::Trino => "trino",
        Platform::Redshift => "shift",
        Platform::Synapse => "synapse",
        Platform::BigQuery => "query",
        Platform::S3 => "files",
    }
}

fn platforms() -> Vec<Platform> {
    Platform::ALL.into_iter().filter(|each| backend::of(*each).is_some()).collect()
}

/// A name or text in YAML.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    let items: Vec<String> = items.into_iter().map(quoted).collect();
    format!("[{}]", items.join(", "))
}

/// How Redshift holds masks and filters, and where from.
#[derive(Clone, Copy, Debug)]
enum Shift {
    /// Views in a database of their own.
    Apart,
    /// Views beside the tables.
    Beside,
    /// Policies on the tables.
    Native,
}

fn settings(
    platform: Platform,
    template: bool,
    minimal: bool,
    trusted: bool,
    shift: Shift,
    by_tags: bool,
) -> String {
    let config = match platform {
        Platform::S3 => {
            "{name: files, awsAccountId: \"123456789012\", awsRegion: eu-central-1, awsLocationRole: \"arn:aws:iam::123456789012:role/grants\", awsLocationPath: \"s3://\", authenticationType: auto, awsRoleToAssume: \"arn:aws:iam::123456789012:role/grantc\"}"
        }
        Platform::Snowflake => {
            "{host: h.example, port: 443, warehouse: W, database: GRANTC, role: ADMIN, authenticationType: keyPair, username: U, privateKey: {keyName: PRIV_KEY_FILE, userFilename: grantc.p8, content: \"env:KEY\"}}"
        }
        Platform::Databricks => {
            "{workspaceUrl: \"https://w.example\", httpPath: /sql, authenticationType: token, token: \"env:TOKEN\", catalog: grantc}"
        }
        Platform::Redshift if !matches!(shift, Shift::Apart) => {
            "{host: h.example, port: 5439, database: retail, initialDatabase: dev, schema: secure, authenticationType: userPassword, username: U, password: \"env:KEY\"}"
        }
        Platform::Redshift => {
            "{host: h.example, port: 5439, database: views, initialDatabase: dev, schema: secure, authenticationType: userPassword, username: U, password: \"env:KEY\"}"
        }
        Platform::Synapse => {
            "{host: h.example, database: RETAIL, schema: secure, authenticationType: userPassword, username: U, password: \"env:KEY\"}"
        }
        Platform::BigQuery => {
            "{role: grantc, datasetSuffix: _secure, dataset: grantc, location: EU, credential: \"file:key.json\"}"
        }
        Platform::Trino => "",
    };
    let mut text = format!("type: {}\n", platform.api_type());
    if !config.is_empty() {
        text.push_str(&format!("autoBootstrap: false\nconfig: {config}\n"));
    }
    text.push_str("grantc:\n  scope: managed\n");
    if platform == Platform::Databricks {
        let way = if by_tags { "tags" } else { "auto" };
        text.push_str(&format!("  enforcement: {way}\n"));
    }
    match platform {
        Platform::S3 => {
            text.push_str(if minimal { "  mode: minimal\n" } else { "  mode: exact\n" });
            if trusted {
                text.push_str("  groups: trusted\n");
            }
        }
        Platform::BigQuery => {
            if trusted {
                text.push_str("  groups: trusted\n");
            }
            if template {
                text.push_str("  principals: {users: \"user:{{ id }}\"}\n");
            }
        }
        _ if template => text.push_str("  principals: {users: \"{{ id }}\"}\n"),
        _ => {}
    }
    if let (Platform::Redshift, Shift::Native) = (platform, shift) {
        text.push_str(NATIVE);
    }
    text
}

/// What makes of [`Shift::Beside`] a [`Shift::Native`].
const NATIVE: &str = "  enforcement: native\n";

/// How one user reaches one platform: 0 not at all, 1 and 2 a shared account, the rest his own.
fn account(platform: Platform, user: usize, how: u8) -> Option<String> {
    let odd = ["ALICE", "bob", "o'brien \"ob\"", "zoë.müller", "back\\slash", "a,b:c"];
    match (platform, how) {
        (_, 0) => None,
        (Platform::S3, 1) => Some("arn:aws:iam::123456789012:role/shared".to_owned()),
        (Platform::S3, 2) => Some("9067642a-83d4-4380-a0b1-7054db02f1d6".to_owned()),
        (Platform::S3, 3) => Some(format!("odd {user}")),
        (Platform::S3, 4..) => Some(format!("arn:aws:iam::123456789012:user/u{user}")),
        (Platform::BigQuery, 1) => Some("user:shared@acme.example".to_owned()),
        (Platform::BigQuery, 2) => Some("serviceAccount:shared@acme.iam.gserviceaccount.com".to_owned()),
        (Platform::BigQuery, 4..) => Some(format!("user:u{user}@acme.example")),
        (_, 1) => Some("SHARED".to_owned()),
        (_, 2) => Some("it's \"shared\"".to_owned()),
        (_, 3..) => Some(odd[user].to_owned()),
    }
}

prop_compose! {
    fn person(user: usize)(
        groups in subsequence(GROUPS.to_vec(), 0..=2),
        attributes in subsequence(ATTRIBUTES.to_vec(), 0..=5),
        // Mostly one's own.
        how in proptest::collection::vec(select(&[9_u8, 9, 9, 9, 9, 0, 1, 2, 3][..]), 7),
    ) -> String {
        let mut text = format!("  {}:\n    groups: {}\n", quoted(USERS[user]), list(groups));
        let mut names: Vec<&str> = attributes.iter().map(|(name, _)| *name).collect();
        names.dedup();
        if !names.is_empty() {
            text.push_str("    attributes:\n");
        }
        for name in names {
            let values = attributes.iter().filter(|(of, _)| *of == name).map(|(_, value)| *value);
            text.push_str(&format!("      {name}: {}\n", list(values)));
        }
        let accounts: Vec<String> = platforms()
            .into_iter()
            .zip(how)
            .filter_map(|(platform, how)| {
                Some(format!("{}: {}", integration(platform), quoted(&account(platform, user, how)?)))
            })
            .collect();
        text.push_str(&format!("    accounts: {{{}}}\n", accounts.join(", ")));
        text
    }
}

prop_compose! {
    fn approval()(
        user in select(&USERS[..]),
        platform in select(platforms()),
        table in select(&["CUSTOMER", "SALES"][..]),
        access in select(&["read", "write"][..]),
        by in select(&["", "alice@acme.example", "bob", "nobody"][..]),
        until in select(&["", "2026-06-01", "2026-07-01"][..]),
    ) -> String {
        let object = match platform {
            Platform::S3 => "s3://lake/a/*".to_owned(),
            _ => stored(platform, &format!("RETAIL.PUBLIC.{table}")),
        };
        let by = if by.is_empty() { String::new() } else { format!(", by: {}", quoted(by)) };
        let until = if until.is_empty() { String::new() } else { format!(", until: {until}") };
        format!(
            "  - {{user: {}, integration: {}, object: {object}, access: {access}{by}{until}}}\n",
            quoted(user),
            integration(platform)
        )
    }
}

prop_compose! {
    /// People, groups that lie in later ones, approvals.
    pub fn directory()(
        count in 1..=6_usize,
    )(
        people in (0..count).map(person).collect::<Vec<_>>(),
        nested in proptest::collection::vec(any::<bool>(), 6),
        approvals in proptest::collection::vec(approval(), 0..=3),
    ) -> Vec<(String, String)> {
        let mut groups = String::from("groups:\n");
        let mut pairs = nested.into_iter();
        for (at, group) in GROUPS.iter().enumerate() {
            let parents = GROUPS.iter().skip(at + 1).filter(|_| pairs.next() == Some(true)).copied();
            let native = format!("9067642a-0000-4380-a0b1-00000000000{at}");
            let accounts = format!("files: {}, query: \"group:g{at}@acme.example\"", quoted(&native));
            groups.push_str(&format!(
                "  {}: {{groups: {}, accounts: {{{accounts}}}}}\n",
                quoted(group), list(parents)
            ));
        }
        let mut files = vec![
            ("directory/a.yaml".to_owned(), groups),
            ("directory/b.yaml".to_owned(), format!("users:\n{}", people.concat())),
        ];
        if !approvals.is_empty() {
            files.push(("directory/c.yaml".to_owned(), format!("approvals:\n{}", approvals.concat())));
        }
        files
    }
}

/// Name; type on Snowflake, Databricks, Trino, Redshift, Synapse, BigQuery; tags. The last type is none that may be written.
const COLUMNS: [(&str, [&str; 6], &str); 14] = [
    (
        "REGION",
        ["VARCHAR", "STRING", "varchar", "character varying(256)", "nvarchar(40)", "STRING"],
        "[Geo.Region]",
    ),
    (
        "EMAIL",
        ["VARCHAR(100)", "STRING", "varchar(100)", "character varying(100)", "varchar(100)", "STRING(100)"],
        "[PII.Email]",
    ),
    (
        "AMOUNT",
        ["NUMBER(12,2)", "DECIMAL(12,2)", "decimal(12,2)", "numeric(12,2)", "decimal(12,2)", "NUMERIC(12,2)"],
        "[Finance]",
    ),
    ("BORN", ["DATE", "DATE", "date", "date", "date", "DATE"], "[PII.Birth]"),
    (
        "SOLD",
        [
            "TIMESTAMP_NTZ(9)",
            "TIMESTAMP_NTZ",
            "timestamp(6)",
            "timestamp without time zone",
            "datetime2(7)",
            "DATETIME",
        ],
        "[]",
    ),
    ("ID", ["NUMBER(38,0)", "BIGINT", "bigint", "bigint", "bigint", "INT64"], "[Key]"),
    ("ACTIVE", ["BOOLEAN", "BOOLEAN", "boolean", "boolean", "bit", "BOOL"], "[]"),
    ("PHONE", ["CHAR(12)", "CHAR(12)", "char(12)", "character(12)", "char(12)", "STRING(12)"], "[PII.Phone]"),
    (
        "odd \"col\" ' \\",
        ["VARCHAR(16)", "VARCHAR(16)", "varchar(16)", "character varying(16)", "nvarchar(16)", "STRING(16)"],
        "[PII.\"Odd Tag\"]",
    ),
    (
        "SECOND_REGION",
        ["VARCHAR(8)", "VARCHAR(8)", "varchar(8)", "character varying(8)", "nvarchar(8)", "STRING(8)"],
        "[Geo.Region.Second]",
    ),
    ("RATIO", ["FLOAT", "DOUBLE", "double", "double precision", "float", "FLOAT64"], "[Finance]"),
    (
        "RAW",
        ["VARIANT", "ARRAY<STRING>", "array(varchar)", "super", "uniqueidentifier", "ARRAY<STRING>"],
        "[PII]",
    ),
    ("BYTES", ["BINARY", "BINARY", "varbinary", "varbyte(64)", "varbinary(64)", "BYTES"], "[]"),
    (
        "SHAPE",
        [
            "ENUM('a; b')",
            "STRUCT<`a;`: INT>",
            "row(\"a\" varchar)",
            "geometry(','')",
            "xml('')",
            "STRUCT<`a;` INT64>",
        ],
        "[PII]",
    ),
];

fn type_on(platform: Platform, types: [&'static str; 6]) -> &'static str {
    let [snowflake, databricks, trino, redshift, synapse, bigquery] = types;
    match platform {
        Platform::Snowflake => snowflake,
        Platform::Databricks => databricks,
        Platform::Trino => trino,
        Platform::Redshift => redshift,
        Platform::Synapse => synapse,
        Platform::BigQuery => bigquery,
        Platform::S3 => "",
    }
}

/// Names as the platform stores them: some fold every name down, quoted or not.
fn stored(platform: Platform, name: &str) -> String {
    match platform {
        // Unity Catalog has no dots, blanks and slashes in names.
        Platform::Databricks => name.to_lowercase().replace(['.', ' ', '/'], "_"),
        Platform::Trino | Platform::Redshift => name.to_lowercase(),
        Platform::Snowflake | Platform::Synapse | Platform::BigQuery | Platform::S3 => name.to_owned(),
    }
}

const NAMES: [&str; 6] = ["CUSTOMER", "SALES", "it's", "ünï /* x", "a\\b", "SUMMARY"];

#[derive(Clone, Debug)]
struct Table {
    /// Its place in `NAMES`.
    at: usize,
    kind: &'static str,
    tags: Vec<&'static str>,
    columns: Vec<usize>,
}

prop_compose! {
    fn table(at: usize)(
        kind in select(&["table", "table", "table", "table", "view", "materialized_view", "external"][..]),
        tags in subsequence(vec!["Domain.Sales", "Domain.Customer", "Restricted", "Regional"], 0..=3),
        // The first seven are nearly always there, so that most policies find their columns.
        missing in proptest::option::weighted(0.2, 0..7_usize),
        more in subsequence((7..COLUMNS.len()).collect::<Vec<_>>(), 0..=4),
    ) -> Table {
        let columns = (0..7).filter(|at| Some(*at) != missing).chain(more).collect();
        Table { at, kind, tags, columns }
    }
}

fn tables() -> impl Strategy<Value = Vec<Table>> {
    subsequence((0..NAMES.len()).collect::<Vec<_>>(), 1..=4)
        .prop_flat_map(|places| places.into_iter().map(table).collect::<Vec<_>>())
}

fn catalog_of(platform: Platform, tables: &[Table]) -> String {
    let fold = |name: &str| stored(platform, name);
    let mut text = format!("integration: {}\n", integration(platform));
    text.push_str("tags: [Domain.Sales, Domain.Customer, Restricted, Regional, PII.Email, PII.Phone, PII.Birth, PII.\"Odd Tag\", Geo.Region.Second, Finance, Key]\n");
    text.push_str(&format!("databases:\n  {}:\n    schemas:\n", fold("RETAIL")));
    for (schema, name) in ["PUBLIC", "odd.schema \"x\" '"].into_iter().enumerate() {
        let here: Vec<&Table> = tables.iter().filter(|table| (table.at >= 4) == (schema == 1)).collect();
        if here.is_empty() {
            continue;
        }
        text.push_str(&format!("      {}:\n        tables:\n", quoted(&fold(name))));
        for table in here {
            text.push_str(&format!("          {}:\n", quoted(&fold(NAMES[table.at]))));
            text.push_str(&format!(
                "            kind: {}\n            tags: {}\n",
                table.kind,
                list(table.tags.iter().copied())
            ));
            text.push_str("            columns:\n");
            for at in &table.columns {
                let (name, types, tags) = COLUMNS[*at];
                let of = type_on(platform, types);
                let tags = tags.trim_matches(['[', ']']);
                let tags = if tags.is_empty() { String::new() } else { quoted(tags) };
                text.push_str(&format!(
                    "              {}: {{type: {}, tags: [{tags}]}}\n",
                    quoted(&fold(name)),
                    quoted(of)
                ));
            }
        }
    }
    text
}

const PREFIXES: [&str; 7] = [
    "s3://lake/*",
    "s3://lake/a*",
    "s3://lake/a/*",
    "s3://lake/a/b",
    "s3://lake/é \"x\"/*",
    "s3://lake2/*",
    "s3://lake/a/b/deep/*",
];

fn prefixes() -> impl Strategy<Value = String> {
    let tags = proptest::collection::vec(select(&["", "Restricted", "Domain.Sales"][..]), PREFIXES.len());
    (subsequence(PREFIXES.to_vec(), 1..=5), tags).prop_map(|(prefixes, tags)| {
        let mut text =
            String::from("integration: files\ntags: [Domain.Sales, Restricted, Regional]\nprefixes:\n");
        for (prefix, tag) in prefixes.into_iter().zip(tags) {
            let name = if prefix.contains("deep") { "name: deep, " } else { "" };
            text.push_str(&format!(
                "  {}: {{{name}tags: {}}}\n",
                quoted(prefix),
                list((!tag.is_empty()).then_some(tag))
            ));
        }
        text
    })
}

prop_compose! {
    /// The integrations and the catalog.
    fn places()(
        tables in proptest::collection::vec(tables(), 7),
        prefixes in prefixes(),
        template in proptest::bool::weighted(0.3),
        minimal in any::<bool>(),
        trusted in proptest::bool::weighted(0.3),
        salted in any::<bool>(),
        shift in select(&[Shift::Apart, Shift::Beside, Shift::Native, Shift::Native][..]),
        query_is_native in any::<bool>(),
        by_tags in any::<bool>(),
    ) -> Texts {
        let files = platforms().into_iter().zip(&tables).map(|(platform, tables)| {
            let catalog = match platform {
                Platform::S3 => prefixes.clone(),
                _ => catalog_of(platform, tables),
            };
            let name = format!("{}.yaml", integration(platform));
            let mut settings = settings(platform, template, minimal, trusted, shift, by_tags);
            if platform == Platform::BigQuery && query_is_native {
                settings.push_str("  enforcement: native\n");
            }
            ((name.clone(), settings), (name, catalog))
        });
        let (integrations, catalog) = files.unzip();
        let salt = if salted { "salt: env:GRANTC_SALT\n" } else { "" };
        Texts {
            settings: format!("name: random\n{salt}"),
            integrations,
            catalog,
            directory: Vec::new(),
            policies: Vec::new(),
        }
    }
}

prop_compose! {
    /// A project that compiles.
    pub fn world()(places in places(), directory in directory(), policies in policies()) -> Texts {
        Texts { directory, policies, ..places }.repaired().0
    }
}

prop_compose! {
    /// A project as it comes, with policies in error.
    pub fn unrepaired()(places in places(), directory in directory(), policies in policies()) -> Texts {
        Texts { directory, policies, ..places }
    }
}

prop_compose! {
    /// Two projects over one catalog: policies, people or both change, and now and then how Redshift holds them.
    pub fn change()(
        before in unrepaired(),
        directory in proptest::option::weighted(0.5, directory()),
        policies in proptest::option::weighted(0.7, policies()),
        dropped in proptest::option::of(0..8_usize),
        switched in proptest::bool::weighted(0.3),
    ) -> (Texts, Texts) {
        let mut after = before.clone();
        if switched {
            switch(&mut after);
        }
        after.directory = directory.unwrap_or(after.directory);
        after.policies = policies.unwrap_or(after.policies);
        if let Some(at) = dropped
            && at < after.policies.len()
        {
            after.policies.remove(at);
        }
        (before.repaired().0, after.repaired().0)
    }
}

/// Turns Redshift's views beside the tables into policies on them, and back.
fn switch(texts: &mut Texts) {
    let name = format!("{}.yaml", integration(Platform::Redshift));
    for (_, text) in texts.integrations.iter_mut().filter(|(of, _)| *of == name) {
        match text.strip_suffix(NATIVE) {
            Some(beside) => *text = beside.to_owned(),
            None if text.contains("database: retail") => text.push_str(NATIVE),
            None => {}
        }
    }
}

prop_compose! {
    /// Two projects over one catalog, where Databricks holds masks and filters in another way after than before.
    pub fn switched()((before, mut after) in change()) -> (Texts, Texts) {
        let name = format!("{}.yaml", integration(Platform::Databricks));
        for (_, settings) in after.integrations.iter_mut().filter(|(of, _)| *of == name) {
            let ways = ["enforcement: auto", "enforcement: tags"];
            let other = ways.into_iter().find(|way| !settings.contains(way)).unwrap();
            *settings = ways.into_iter().fold(settings.clone(), |text, way| text.replace(way, other));
        }
        (before, after)
    }
}

prop_compose! {
    /// One project in two orders.
    pub fn shuffled()(before in world())(
        policies in Just(before.policies.clone()).prop_shuffle(),
        catalog in Just(before.catalog.clone()).prop_shuffle(),
        directory in Just(before.directory.clone()).prop_shuffle(),
        people in Just(before.directory[1].1.clone()),
        before in Just(before),
    ) -> (Texts, Texts) {
        // Files are read in the order of their names: other names, another order.
        let renamed = |files: Vec<(String, String)>| -> Vec<(String, String)> {
            files.into_iter().enumerate().map(|(at, (_, text))| (format!("{at}.yaml"), reversed(&text))).collect()
        };
        let _ = people;
        let after = Texts { policies, catalog: renamed(catalog), directory: renamed(directory), ..before.clone() };
        (before, after)
    }
}

/// The blocks of a YAML map of the deepest indent whose blocks have more than a line, backwards: people, tables, columns, approvals.
fn reversed(text: &str) -> String {
    let mut text = text.to_owned();
    for indent in [14, 10, 6, 2] {
        text = reversed_at(&text, indent);
    }
    text
}

fn reversed_at(text: &str, indent: usize) -> String {
    let depth = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let (mut out, mut blocks): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for line in text.lines() {
        match depth(line) {
            at if at == indent => blocks.push(format!("{line}\n")),
            at if at > indent && !blocks.is_empty() => {
                if let Some(block) = blocks.last_mut() {
                    block.push_str(line);
                    block.push('\n');
                }
            }
            _ => {
                out.extend(blocks.drain(..).rev());
                out.push(format!("{line}\n"));
            }
        }
    }
    out.extend(blocks.drain(..).rev());
    out.concat()
}
