//! A world in a few lines of text, and what a test asks of it.
//!
//! In: lines that describe integrations, users, groups, data and approvals. Out: an [`Inventory`]; through
//! [`resolve`](super::resolve), programs and diagnostics as text.
//! It is for tests alone and panics on what it does not understand.

#![expect(clippy::type_complexity, reason = "rows of a world, read once and thrown away")]

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostics, Severity};
use crate::ids::Id;
use crate::inventory::catalog::{Column, DataSource, Database, Schema, Table, TableKind};
use crate::inventory::directory::{Access, Group, User, UserSet};
use crate::inventory::integration::{GrantMode, Scope, Strategy};
use crate::inventory::{
    Approval, ColumnType, GroupId, Instant, Integration, IntegrationId, Inventory, Platform, Securable, Tag,
    TagId, UserId,
};
use crate::ir::Program;
use crate::prefix::Prefix;
use crate::source::{Place, Sources};

/// The instant of every test.
pub(crate) const NOW: &str = "2026-06-01";

/// Five users, four groups, three integrations, five tables, three prefixes.
pub(crate) const RETAIL: &str = "
integration sf Snowflake
integration tr Trino
integration lake Native S3
group staff
group analysts in staff
group support in staff
group curators
user alice in analysts region=EMEA clearance=secret
user bob in support region=EMEA,APAC
user carol in curators level=3
user dave
user dpo
leaver gone
tag Restricted
tag Finance.Ledger
schema sf RETAIL.PUBLIC [Domain]
table sf RETAIL.PUBLIC.CUSTOMER [Domain.Customer]: ID NUMBER(38,0); EMAIL VARCHAR [PII.Email]; PHONE VARCHAR(20) [PII.Phone]; COUNTRY CHAR(10) [Geo.Country]; BORN DATE [PII]; ACTIVE BOOLEAN
table sf RETAIL.PUBLIC.SALES [Domain.Sales]: ID NUMBER(38,0); REGION VARCHAR [Geo.Region]; AMOUNT NUMBER(12,2); SOLD TIMESTAMP_NTZ; RAW VARIANT
table sf RETAIL_EU.PUBLIC.SALES: ID NUMBER(38,0); REGION VARCHAR [Geo.Region]
table sf RETAIL.\"Mixed\".\"odd.name\": \"Id\" NUMBER(38,0)
table tr hive.web.visits [Web]: user_id bigint; ip varchar [PII.Ip]; at timestamp(3) with time zone
prefix lake s3://acme/curated/* [Lake] named curated
prefix lake s3://acme/curated/pii/* [PII] named people
prefix lake s3://acme/raw* named raw
";

/// Reads a world.
pub(crate) fn world(text: &str) -> Inventory {
    let mut sources = Sources::default();
    let place = Place::File(sources.add("world", ""));
    World { place, ..World::read(text, place) }.build()
}

struct World {
    place: Place,
    integrations: BTreeMap<String, Platform>,
    users: BTreeMap<String, (Vec<String>, Vec<(String, String)>)>,
    groups: BTreeMap<String, Vec<String>>,
    leavers: BTreeSet<String>,
    vocabulary: Vec<Tag>,
    tags_of: BTreeMap<(String, Vec<String>), Vec<Tag>>,
    tables: BTreeMap<(String, Vec<String>), Vec<(String, String, Vec<Tag>)>>,
    prefixes: BTreeMap<(String, Prefix), (Vec<Tag>, Option<String>)>,
    approvals: Vec<Vec<String>>,
}

/// Splits at a character outside quotes; the quotes stay.
fn split(text: &str, at: char) -> Vec<String> {
    let (mut parts, mut quoted) = (vec![String::new()], false);
    for each in text.chars() {
        quoted ^= each == '"';
        if each == at && !quoted {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(each);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn names(path: &str) -> Vec<String> {
    split(path, '.').iter().map(|name| name.trim_matches('"').to_owned()).collect()
}

fn tag_of(text: &str) -> Tag {
    Tag { segments: names(text) }
}

/// `TEXT [A, B]` in two.
fn tagged(text: &str) -> (String, Vec<Tag>) {
    match text.split_once('[') {
        Some((before, tags)) => {
            let tags = tags.split_once(']').unwrap().0;
            (before.trim().to_owned(), split(tags, ',').iter().map(|tag| tag_of(tag)).collect())
        }
        None => (text.trim().to_owned(), Vec::new()),
    }
}

impl World {
    fn read(text: &str, place: Place) -> World {
        let mut world = World {
            place,
            integrations: BTreeMap::new(),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            leavers: BTreeSet::new(),
            vocabulary: Vec::new(),
            tags_of: BTreeMap::new(),
            tables: BTreeMap::new(),
            prefixes: BTreeMap::new(),
            approvals: Vec::new(),
        };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (kind, rest) = line.split_once(' ').unwrap();
            world.line(kind, rest.trim());
        }
        world
    }

    fn line(&mut self, kind: &str, rest: &str) {
        let words = split(rest, ' ');
        match kind {
            "integration" => {
                let (name, platform) = rest.split_once(' ').unwrap();
                let platform = Platform::ALL.into_iter().find(|each| each.api_type() == platform).unwrap();
                self.integrations.insert(name.to_owned(), platform);
            }
            "user" => {
                let (mut groups, mut attributes) = (Vec::new(), Vec::new());
                for word in words.iter().skip(1).filter(|word| *word != "in") {
                    match word.split_once('=') {
                        Some((name, values)) => attributes.extend(
                            values
                                .split(',')
                                .map(|value| (name.to_owned(), value.trim_matches('"').to_owned())),
                        ),
                        None => groups.push(word.clone()),
                    }
                }
                self.users.insert(words[0].clone(), (groups, attributes));
            }
            "group" => {
                self.groups
                    .insert(words[0].trim_matches('"').to_owned(), words.iter().skip(2).cloned().collect());
            }
            "leaver" => {
                self.leavers.insert(rest.to_owned());
            }
            "tag" => self.vocabulary.push(tag_of(rest)),
            "database" | "schema" => {
                let (object, tags) = tagged(rest);
                let (integration, path) = object.split_once(' ').unwrap();
                self.tags_of.insert((integration.to_owned(), names(path)), tags);
            }
            "table" => {
                let (head, columns) = rest.split_once(": ").unwrap();
                let (object, tags) = tagged(head);
                let (integration, path) = object.split_once(' ').unwrap();
                let key = (integration.to_owned(), names(path));
                let columns = split(columns, ';').into_iter().map(|column| {
                    let (column, tags) = tagged(&column);
                    let (name, kind) = column.split_once(' ').unwrap();
                    (name.trim_matches('"').to_owned(), kind.to_owned(), tags)
                });
                let mut columns: Vec<_> = columns.collect();
                columns.sort_by(|left, right| left.0.cmp(&right.0));
                self.tags_of.insert(key.clone(), tags);
                self.tables.insert(key, columns);
            }
            "prefix" => {
                let (object, tags) = tagged(rest.split(" named ").next().unwrap());
                let (integration, prefix) = object.split_once(' ').unwrap();
                let name = rest.split_once(" named ").map(|(_, name)| name.to_owned());
                let prefix = Prefix::parse_policy(prefix).unwrap();
                self.prefixes.insert((integration.to_owned(), prefix), (tags, name));
            }
            "approval" => self.approvals.push(words),
            other => panic!("a world has no `{other}`"),
        }
    }

    fn build(self) -> Inventory {
        let mut inventory = Inventory::default();
        self.build_integrations(&mut inventory);
        self.build_directory(&mut inventory);
        for tag in &self.vocabulary {
            inventory.tags.intern(tag, true);
        }
        self.build_tables(&mut inventory);
        self.build_prefixes(&mut inventory);
        for words in &self.approvals {
            let object = &words[2];
            let securable =
                inventory.catalog.securables().find(|id| inventory.catalog.dotted_name(*id) == *object);
            let after = |word: &str| words.iter().skip_while(|each| *each != word).nth(1).cloned();
            inventory.approvals.push(Approval {
                user: inventory.directory.user(&words[0]).unwrap(),
                securable: securable.unwrap_or_else(|| panic!("no securable `{object}`")),
                access: if words[1] == "read" { Access::Read } else { Access::Write },
                by: after("by"),
                until: after("until").map(|until| Instant::parse(&until).unwrap()),
                place: self.place,
            });
        }
        inventory
    }

    fn build_integrations(&self, inventory: &mut Inventory) {
        for (name, platform) in &self.integrations {
            inventory.integrations.push(Integration {
                name: name.clone(),
                platform: *platform,
                config: serde_json::Value::Null,
                scope: Scope::default(),
                user_template: None,
                group_template: None,
                strategy: Strategy::default(),
                enforcement: Default::default(),
                name_prefix: "GRANTC".to_owned(),
                groups_trusted: false,
                mode: GrantMode::default(),
                grants_quota: None,
                place: self.place,
            });
        }
    }

    fn build_directory(&self, inventory: &mut Inventory) {
        let directory = &mut inventory.directory;
        directory.leavers.clone_from(&self.leavers);
        for (id, (_, attributes)) in &self.users {
            let user = directory.users.push(User { id: id.clone(), place: self.place });
            for (name, value) in attributes {
                let values = directory.attributes.entry(name.clone()).or_default();
                values.entry(value.clone()).or_default().insert(user.raw());
            }
        }
        for id in self.groups.keys() {
            let members: UserSet = self
                .users
                .values()
                .enumerate()
                .filter(|(_, (groups, _))| groups.iter().any(|group| self.reaches(id, group)))
                .map(|(user, _)| user as u32)
                .collect();
            let subgroups = self
                .groups
                .values()
                .enumerate()
                .filter(|(_, parents)| parents.contains(id))
                .map(|(group, _)| GroupId::from_raw(group as u32));
            let subgroups = subgroups.collect();
            directory.groups.push(Group { id: id.clone(), subgroups, members, place: self.place });
        }
    }

    fn reaches(&self, outer: &str, inner: &str) -> bool {
        outer == inner || self.groups[inner].iter().any(|parent| self.reaches(outer, parent))
    }

    fn tags(&self, inventory: &mut Inventory, tags: &[Tag]) -> Vec<TagId> {
        let mut ids: Vec<TagId> = tags.iter().map(|tag| inventory.tags.intern(tag, true)).collect();
        ids.sort_unstable();
        ids
    }

    fn tags_at(&self, inventory: &mut Inventory, integration: &str, path: &[String]) -> Vec<TagId> {
        let tags = self.tags_of.get(&(integration.to_owned(), path.to_vec())).cloned().unwrap_or_default();
        self.tags(inventory, &tags)
    }

    fn build_tables(&self, inventory: &mut Inventory) {
        let (mut databases, mut schemas) = (BTreeMap::new(), BTreeMap::new());
        for ((integration, path), columns) in &self.tables {
            let id = named(inventory, integration);
            let [database, schema, table] = path.as_slice() else { panic!("{path:?} is no table") };
            let tags = self.tags_at(inventory, integration, &path[..1]);
            let database = *databases.entry((id, database.clone())).or_insert_with(|| {
                inventory.catalog.databases.push(Database { integration: id, name: database.clone(), tags })
            });
            let tags = self.tags_at(inventory, integration, &path[..2]);
            let schema = *schemas.entry((database, schema.clone())).or_insert_with(|| {
                inventory.catalog.schemas.push(Schema { database, name: schema.clone(), tags })
            });
            let tags = self.tags_at(inventory, integration, path);
            let table = inventory.catalog.tables.push(Table {
                schema,
                name: table.clone(),
                kind: TableKind::Table,
                location: None,
                tags,
                columns: Vec::new(),
                place: self.place,
            });
            for (name, kind, tags) in columns {
                let tags = self.tags(inventory, tags);
                let column_type = ColumnType::parse(kind);
                let column =
                    inventory.catalog.columns.push(Column { table, name: name.clone(), column_type, tags });
                inventory.catalog.tables[table].columns.push(column);
            }
        }
    }

    fn build_prefixes(&self, inventory: &mut Inventory) {
        for ((integration, prefix), (tags, name)) in &self.prefixes {
            let integration = named(inventory, integration);
            let tags = self.tags(inventory, tags);
            inventory.catalog.data_sources.push(DataSource {
                integration,
                prefix: prefix.clone(),
                name: name.clone(),
                tags,
                place: self.place,
            });
        }
        let data_sources = &inventory.catalog.data_sources;
        let covering = data_sources.iter().map(|(id, each)| {
            let mut outer: Vec<_> = data_sources
                .iter()
                .filter(|(other, of)| *other != id && of.integration == each.integration)
                .filter(|(_, of)| of.prefix.covers(&each.prefix))
                .map(|(other, _)| other)
                .collect();
            outer.reverse();
            outer
        });
        inventory.catalog.covering = covering.collect();
    }
}

fn named(inventory: &Inventory, integration: &str) -> IntegrationId {
    inventory.integrations.iter().find(|(_, each)| each.name == integration).unwrap().0
}

/// Parses and resolves; `world` is added to [`RETAIL`].
pub(crate) fn resolved(
    world_text: &str,
    policies: &[(&str, &str)],
    at: &str,
) -> (Option<Program>, Diagnostics, Sources) {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::new();
    let documents: Vec<_> = policies
        .iter()
        .map(|(name, text)| {
            let source = sources.add(*name, *text);
            let document = crate::syntax::parse(source, text, &mut diagnostics);
            (source, document.unwrap_or_else(|_| panic!("not a policy: {}", shown(&diagnostics, &sources))))
        })
        .collect();
    let inventory = world(&format!("{RETAIL}\n{world_text}"));
    let at = Instant::parse(at).unwrap();
    let program = super::resolve(documents, inventory, at, &sources, &mut diagnostics).ok();
    (program, diagnostics, sources)
}

/// A program without errors.
pub(crate) fn program(world_text: &str, policies: &str, at: &str) -> Program {
    let (program, diagnostics, sources) = resolved(world_text, &[("a.policy", policies)], at);
    program.unwrap_or_else(|| panic!("{}", shown(&diagnostics, &sources)))
}

/// One line each: `error[code] ‹cause›: message (help; help)`; `finding!` opens.
pub(crate) fn shown(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let line = |each: &crate::diagnostic::Diagnostic| {
        let severity = match (each.severity, each.opens) {
            (Severity::Error, _) => "error",
            (Severity::Finding, true) => "finding!",
            (Severity::Finding, false) => "finding",
        };
        let cause = match each.labels.first().map(|label| label.place) {
            Some(Place::Span(span)) => sources.text(span).split_whitespace().collect::<Vec<_>>().join(" "),
            Some(Place::Line(..) | Place::File(_)) | None => String::new(),
        };
        let help =
            each.help.iter().filter(|help| help.starts_with("did you mean")).cloned().collect::<String>();
        let help = if help.is_empty() { help } else { format!(" ({help})") };
        format!("{severity}[{}] {cause}: {}{help}", each.code.name(), each.message)
    };
    diagnostics.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Users as tests write them.
pub(crate) fn users(program: &Program, users: &UserSet) -> String {
    let users: Vec<&str> = users
        .iter()
        .map(|raw| program.inventory.directory.users[UserId::from_raw(raw)].id.as_str())
        .collect();
    if users.is_empty() { "nobody".to_owned() } else { users.join(" ") }
}

/// The one securable that an OBJECT names.
pub(crate) fn securable(program: &Program, object: &str) -> Securable {
    let path = crate::syntax::parse_object(object).unwrap();
    let found = super::find_object(&program.inventory, &path, None)
        .unwrap_or_else(|diagnostic| panic!("{}", diagnostic.message));
    found.securables(&program.inventory)[0]
}
