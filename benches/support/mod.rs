//! Worlds to measure in: seeded, so that two runs measure the same, and skewed as real ones are.
//!
//! In: a size, which is the number of columns and of memberships. Out: files as a project would hold them, and the stages'
//! results. A few groups, tags and schemas are large and most are small (Zipf, exponent 1), tables have ten columns,
//! a twentieth of the columns carries a tag of persons, users belong to some ten groups.

use std::fmt::Write as _;

use grantc::diagnostic::Diagnostics;
use grantc::inventory::files::Files;
use grantc::inventory::{self, Instant, Inventory, ProjectFiles, project};
use grantc::pipeline::World;
use grantc::prefix::Prefix;
use grantc::source::{SourceId, Sources};
use grantc::syntax::{self, ast};
use grantc::{check, resolve};

/// Everything is compiled for this instant.
pub fn at() -> Instant {
    Instant::parse("2026-06-15").expect("a date")
}

/// SplitMix64: small, seeded, good enough for worlds.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`, each as likely.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// Below `n`, rank r with weight 1/(r+1): the inverse of the logarithmic sum.
    pub fn zipf(&mut self, n: usize) -> usize {
        let unit = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        (((n + 1) as f64).powf(unit) as usize).saturating_sub(1).min(n - 1)
    }
}

/// How many of each thing a world of a size has.
struct Counts {
    tables: usize,
    schemas: usize,
    users: usize,
    groups: usize,
    prefixes: usize,
    policies: usize,
}

impl Counts {
    fn of(size: usize) -> Self {
        Counts {
            tables: size.div_ceil(10),
            schemas: size.div_ceil(500),
            users: size.div_ceil(10),
            groups: size.div_ceil(100),
            prefixes: size.div_ceil(20),
            policies: size.div_ceil(100).min(500),
        }
    }
}

const COLUMNS: [(&str, &str, &str); 10] = [
    ("ID", "NUMBER(38,0)", "bigint"),
    ("NAME", "VARCHAR", "varchar"),
    ("EMAIL", "VARCHAR", "varchar"),
    ("REGION", "VARCHAR", "varchar"),
    ("COUNTRY", "VARCHAR", "varchar"),
    ("AMOUNT", "NUMBER(12,2)", "decimal(12,2)"),
    ("COST", "NUMBER(12,2)", "decimal(12,2)"),
    ("BORN_ON", "DATE", "date"),
    ("CHANGED_AT", "TIMESTAMP_NTZ", "timestamp(3)"),
    ("ACTIVE", "BOOLEAN", "boolean"),
];

/// The files of catalog, directory and integrations.
pub fn files(size: usize) -> ProjectFiles {
    let counts = Counts::of(size);
    let mut random = Random::new(size as u64);
    let mut columns = String::from("integration,database,schema,table,column,type\n");
    let mut tags = String::from("integration,object,tag\n");
    for table in 0..counts.tables {
        let schema = random.zipf(counts.schemas);
        let trino = table % 2 == 1;
        let name =
            if trino { format!("lake.s{schema}.t{table}") } else { format!("SALES.S{schema}.T{table}") };
        let integration = if trino { "trino" } else { "snow" };
        let path = name.replace('.', ",");
        for (column, snowflake_type, trino_type) in COLUMNS {
            let column = if trino { column.to_lowercase() } else { column.to_owned() };
            let kind = if trino { trino_type } else { snowflake_type };
            // A type with a comma is quoted, as CSV has it.
            let _ = writeln!(columns, "{integration},{path},{column},\"{kind}\"");
        }
        let spelt = |column: &str| if trino { column.to_lowercase() } else { column.to_owned() };
        let _ = writeln!(tags, "{integration},{name},Domain.D{}", random.zipf(50));
        if random.below(2) == 0 {
            let _ = writeln!(tags, "{integration},{name}.{},PII.Email", spelt("EMAIL"));
        }
        if random.below(4) == 0 {
            let _ = writeln!(tags, "{integration},{name},Regional");
            let _ = writeln!(tags, "{integration},{name}.{},Geo.Region", spelt("REGION"));
        }
    }
    let mut prefixes = String::from("integration,prefix,name\n");
    for prefix in prefixes_of(counts.prefixes, 7) {
        let _ = writeln!(prefixes, "files,{prefix},");
    }
    let (mut users, mut memberships, mut attributes) =
        (String::from("user\n"), String::from("user,group\n"), String::from("user,attribute,value\n"));
    for user in 0..counts.users {
        let _ = writeln!(users, "u{user}@acme.example");
        let _ = writeln!(memberships, "u{user}@acme.example,g{}", user % counts.groups);
        let mut groups: Vec<usize> = (0..9).map(|_| random.zipf(counts.groups)).collect();
        groups.push(user % counts.groups);
        groups.sort_unstable();
        groups.dedup();
        for group in groups.into_iter().filter(|group| *group != user % counts.groups) {
            let _ = writeln!(memberships, "u{user}@acme.example,g{group}");
        }
        let region = ["EMEA", "AMER", "APAC"].get(random.zipf(3)).copied().unwrap_or("EMEA");
        let _ = writeln!(attributes, "u{user}@acme.example,region,{region}");
    }
    let users_template = "grantc: {principals: {users: \"{{ id | localpart | upper }}\"}}\n";
    ProjectFiles {
        integrations: Files::default()
            .with(
                "integrations/snow.yaml",
                format!(
                    "type: Snowflake\nautoBootstrap: false\nconfig: {{database: GRANTC}}\n{users_template}"
                ),
            )
            .with("integrations/trino.yaml", format!("type: Trino\n{users_template}"))
            .with("integrations/files.yaml", S3),
        catalog: Files::default()
            .with("catalog/columns.csv", columns)
            .with("catalog/tags.csv", tags)
            .with("catalog/prefixes.csv", prefixes),
        directory: Files::default()
            .with("directory/users.csv", users)
            .with("directory/memberships.csv", memberships)
            .with("directory/attributes.csv", attributes),
    }
}

const S3: &str = "type: Native S3
autoBootstrap: false
config:
  awsAccountId: \"111122223333\"
  awsRegion: eu-central-1
  awsLocationRole: arn:aws:iam::111122223333:role/access-grants
  awsLocationPath: s3://
grantc:
  principals: {users: \"arn:aws:iam::111122223333:role/{{ id | localpart }}\"}
  quotas: {grants: 100000000}
";

/// Distinct prefixes of a lake: folders in folders, a few of which hold most.
pub fn prefixes_of(count: usize, seed: u64) -> Vec<String> {
    let mut random = Random::new(seed);
    let mut found = Vec::with_capacity(count);
    for each in 0..count {
        let mut key = String::new();
        for _ in 0..random.below(4) {
            let _ = write!(key, "f{}/", random.zipf(200));
        }
        found.push(format!("s3://lake{}/{key}d{each}/*", random.zipf(5)));
    }
    found
}

/// Policies: subscriptions by domain and group, prefixes by folder, and a mask and a filter that bear on many tables.
pub fn policies(size: usize) -> String {
    let counts = Counts::of(size);
    let mut random = Random::new(size as u64 ^ 1);
    let mut text = String::from(
        "mask emails { on columns tagged PII.Email using regex \"^[^@]+\" replace \"***\" except user in group \"g0\" }\n\
         mask costs { on columns named \"COST\" or named \"cost\" using round to 100 except user in group \"g1\" }\n\
         filter own_region { on tables tagged Regional \
         rows where column tagged Geo.Region in user attribute region except user in group \"g0\" }\n\
         guardrail regions { require read, write on tables tagged Regional to user has attribute region }\n",
    );
    for policy in 0..counts.policies {
        let group = random.zipf(counts.groups);
        let other = random.zipf(counts.groups);
        let _ = match policy % 4 {
            0 => writeln!(
                text,
                "subscription p{policy} {{ allow read on prefixes in \"s3://lake{}/f{}/*\" to user in group \"g{group}\" }}",
                random.zipf(5),
                random.zipf(200)
            ),
            1 => writeln!(
                text,
                "subscription p{policy} {{ allow read, write on tables tagged Domain.D{} to user in group \"g{group}\" }}",
                random.zipf(50)
            ),
            _ => writeln!(
                text,
                "subscription p{policy} {{ allow read on tables tagged Domain.D{} to user in any of groups [\"g{group}\", \
                 \"g{other}\"] and user attribute region in [\"EMEA\", \"AMER\"] }}",
                random.zipf(50)
            ),
        };
    }
    text
}

/// The inventory of files.
pub fn inventory(files: &ProjectFiles) -> Inventory {
    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    let scope = inventory::integration::Scope::Managed;
    inventory::load_files(files, scope, &mut sources, &mut said)
        .unwrap_or_else(|_| panic!("{:?}", said.iter().take(3).collect::<Vec<_>>()))
}

/// The parsed policies, with the texts that they point into.
pub fn document(text: &str) -> (Sources, SourceId, ast::Document) {
    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    let source = sources.add("bench.policy", text);
    let document = syntax::parse(source, text, &mut said)
        .unwrap_or_else(|_| panic!("{:?}", said.iter().take(3).collect::<Vec<_>>()));
    (sources, source, document)
}

/// A whole world, as commands have it.
pub fn world(size: usize) -> World {
    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    let settings = Files::default().with(project::FILE, "name: bench\n");
    let project = project::read(std::path::Path::new("."), &settings, &mut sources, &mut said)
        .unwrap_or_else(|_| panic!("{said:?}"));
    let (sources, source, document) = document(&policies(size));
    let program =
        resolve::resolve(vec![(source, document)], inventory(&files(size)), at(), &sources, &mut said)
            .unwrap_or_else(|_| panic!("{:?}", said.iter().take(3).collect::<Vec<_>>()));
    World { project, program }
}

/// What `check` costs is measured too.
pub fn checked(world: &World) -> usize {
    let mut said = Diagnostics::new();
    check::run(&world.program, check::Options { salted: false }, &mut said);
    said.len()
}

/// Prefixes as values.
pub fn prefixes(count: usize, seed: u64) -> Vec<Prefix> {
    prefixes_of(count, seed)
        .iter()
        .map(|text| Prefix::parse_policy(text).unwrap_or_else(|_| panic!("{text}")))
        .collect()
}
