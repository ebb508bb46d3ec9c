//! A small world for tests, written in a few words.
//!
//! In: lines such as `subscription a: allow read; on T1; to analysts`. Out: a [`Program`], and what `check` says of it.
//! There is a Snowflake integration `snow` and an S3 integration `lake`; ids are accounts on both, unless a line says else.
//!
//! ```text
//! user alice: analysts region=EMEA          groups and attributes
//! table T1: EMAIL[PII.Email] PHONE          columns, own tags
//! table T2 at s3://lake/t2/*: ID            a lake table
//! view V1: ID
//! prefix s3://lake/t2/*                     a registered prefix
//! approve alice T1 read
//! no accounts on snow · account alice snow ADMIN
//! subscription a: allow read,write; on T1 T2; to analysts and not support; combine all; until 2027-01-01
//! guardrail g: require read; on T1; to region=EMEA
//! mask m: on EMAIL T1.PHONE; using null; except support; priority 1; depth 2; when
//! filter f: on T1; only for contractors
//! ```

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;

use super::{Options, run};
use crate::diagnostic::{Diagnostics, Severity};
use crate::ids::Id;
use crate::inventory::catalog::{Column, DataSource, Database, Schema, SecurableSet, Table, TableKind};
use crate::inventory::directory::{Access, Group, User};
use crate::inventory::integration::{AccountTemplate, GrantMode, Scope, Strategy, TemplatePart};
use crate::inventory::{
    Approval, ColumnId, ColumnType, GroupId, Instant, Integration, IntegrationId, Inventory, Platform,
    Securable, TableId, Tag, UserId,
};
use crate::ir::policy::AccessSet;
use crate::ir::rows::{ColumnRef, Rows, Term};
use crate::ir::{
    Applies, Combine, Condition, ConditionId, Conditions, Filter, Guardrail, Mask, Method, PolicyHead,
    Program, Subscription, TagHolder, Window,
};
use crate::prefix::Prefix;
use crate::source::{Place, Sources, Span};

/// 2026-06-01.
pub(super) const TODAY: &str = "2026-06-01";

/// Who and what most tests speak of.
const USUAL: &str = "
user alice: analysts region=EMEA
user bob: analysts support
user carol: contractors
table T1: EMAIL[PII.Email] PHONE[PII.Phone]
table T2 at s3://lake/t2/*: EMAIL[PII.Email] ID
view V1: EMAIL[PII.Email]
prefix s3://lake/t2/*
prefix s3://lake/raw/*
";

/// What `check` says of the usual world with these lines added, as `code policy`, sorted.
pub(super) fn findings(lines: &str) -> Vec<String> {
    let mut said: Vec<String> = diagnose(lines)
        .iter()
        .map(|each| {
            let opens = if each.opens { "!" } else { "" };
            format!("{}{opens} {}", each.code.name(), each.policy.as_deref().unwrap_or("-"))
        })
        .collect();
    said.sort();
    said
}

/// Everything that is said, as values, in the order shown.
pub(super) fn diagnose(lines: &str) -> Diagnostics {
    let (program, sources) = program(&format!("{USUAL}{lines}"));
    let mut diagnostics = Diagnostics::new();
    run(&program, Options { salted: !lines.contains("no salt") }, &mut diagnostics);
    diagnostics.sort(&sources);
    for each in diagnostics.iter() {
        assert!(!each.labels.is_empty() && !each.help.is_empty(), "no place or way out: {each:?}");
        let error = each.severity == Severity::Error;
        assert_eq!(error, each.code == crate::diagnostic::Code::MaskTie, "only a tie is an error: {each:?}");
    }
    diagnostics
}

/// The program of a text.
pub(super) fn program(text: &str) -> (Program, Sources) {
    let mut sources = Sources::default();
    let source = sources.add("test.policy", text);
    let whole = Place::File(source);
    let lines: Vec<(usize, &str)> = text
        .lines()
        .map(|line| (line.as_ptr() as usize - text.as_ptr() as usize, line.trim()))
        .filter(|(_, line)| !line.is_empty())
        .collect();
    let mut builder = Builder { inventory: Inventory::default(), conditions: Conditions::default() };
    builder.integrations(&lines, whole);
    builder.directory(&lines, whole);
    builder.catalog(&lines, whole);
    builder.approvals(&lines, whole);
    let mut policies: Vec<(&str, &str, Clauses<'_>, PolicyHead)> = Vec::new();
    for (at, line) in &lines {
        let mut words = line.split([' ', ':']);
        let (kind, name) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        if ["subscription", "guardrail", "mask", "filter"].contains(&kind) {
            let clauses = Clauses(line.split_once(':').expect("clauses").1);
            let date = |key| clauses.get(key).map(|date| Instant::parse(date).expect("a date"));
            let window = Window { from: date("from"), until: date("until") };
            let span: Span = source.span(*at, at + line.len());
            policies.push((
                kind,
                name,
                clauses,
                PolicyHead { name: name.to_owned(), description: None, name_span: span, span, window },
            ));
        }
    }
    policies.sort_by_key(|(kind, name, ..)| (*kind, *name));
    let of_kind = |wanted: &'static str| policies.iter().filter(move |(kind, ..)| *kind == wanted);
    let subscriptions = of_kind("subscription")
        .map(|(_, _, clauses, head)| Subscription {
            head: head.clone(),
            allow: access(clauses.need("allow")),
            on: builder.securables(clauses.need("on")),
            to: builder.condition(clauses.need("to")),
            combine: if clauses.get("combine") == Some("all") { Combine::All } else { Combine::Any },
        })
        .collect();
    let guardrails = of_kind("guardrail")
        .map(|(_, _, clauses, head)| Guardrail {
            head: head.clone(),
            require: access(clauses.need("require")),
            on: builder.securables(clauses.need("on")),
            to: builder.condition(clauses.need("to")),
        })
        .collect();
    let masks = of_kind("mask")
        .map(|(_, _, clauses, head)| {
            let columns = builder.columns(clauses.need("on"));
            let depth = clauses.get("depth").map_or(0, |depth| depth.parse().expect("a depth"));
            Mask {
                head: head.clone(),
                depths: vec![(depth, columns.clone())],
                columns,
                method: match clauses.get("using").unwrap_or("null") {
                    "hash" => Method::Hash,
                    "keep" => Method::KeepLast(4),
                    _ => Method::Null,
                },
                when: clauses.get("when").map(|_| Rows::IsNull {
                    term: Term::Column(ColumnRef::Named("EMAIL".into())),
                    negated: false,
                }),
                when_words: None,
                applies: builder.applies(clauses),
                priority: clauses.get("priority").map_or(0, |priority| priority.parse().expect("a number")),
            }
        })
        .collect();
    let filters = of_kind("filter")
        .map(|(_, _, clauses, head)| {
            let anyone = builder.condition("anyone");
            Filter {
                head: head.clone(),
                tables: builder.securables(clauses.need("on")).tables,
                rows: Rows::User(anyone),
                applies: builder.applies(clauses),
            }
        })
        .collect();
    let program = Program {
        inventory: builder.inventory,
        at: Instant::parse(TODAY).expect("a date"),
        conditions: builder.conditions,
        subscriptions,
        guardrails,
        masks,
        filters,
        tests: Vec::new(),
    };
    (program, sources)
}

struct Clauses<'a>(&'a str);

impl<'a> Clauses<'a> {
    fn get(&self, key: &str) -> Option<&'a str> {
        self.0.split(';').map(str::trim).find_map(|clause| {
            let rest = clause.strip_prefix(key)?;
            (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim())
        })
    }

    fn need(&self, key: &str) -> &'a str {
        self.get(key).unwrap_or_else(|| panic!("no `{key}` in `{}`", self.0))
    }
}

fn access(text: &str) -> AccessSet {
    AccessSet { read: text.contains("read"), write: text.contains("write") }
}

struct Builder {
    inventory: Inventory,
    conditions: Conditions,
}

type Lines<'a> = [(usize, &'a str)];

fn starting<'a>(lines: &'a Lines<'a>, word: &'a str) -> impl Iterator<Item = &'a str> {
    lines.iter().filter_map(move |(_, line)| line.strip_prefix(word)?.strip_prefix(' '))
}

impl Builder {
    fn integrations(&mut self, lines: &Lines<'_>, place: Place) {
        for (name, platform) in [("lake", Platform::S3), ("snow", Platform::Snowflake)] {
            let without = starting(lines, "no accounts on").any(|each| each == name);
            let template = AccountTemplate { parts: vec![TemplatePart::Id(Vec::new())] };
            self.inventory.integrations.push(Integration {
                name: name.into(),
                platform,
                config: serde_json::Value::Null,
                scope: Scope::Managed,
                user_template: (!without).then_some(template),
                group_template: None,
                strategy: Strategy::Auto,
                enforcement: Default::default(),
                name_prefix: "GRANTC".into(),
                groups_trusted: false,
                mode: GrantMode::Exact,
                grants_quota: None,
                place,
            });
        }
    }

    fn integration(&self, name: &str) -> IntegrationId {
        self.inventory.integrations.iter().find(|(_, each)| each.name == name).expect("an integration").0
    }

    fn directory(&mut self, lines: &Lines<'_>, place: Place) {
        let users: BTreeMap<&str, Vec<&str>> = starting(lines, "user")
            .map(|line| line.split_once(':').expect("groups"))
            .map(|(id, words)| (id, words.split_whitespace().collect()))
            .collect();
        // Groups that only policies name exist, and are empty.
        let mut groups: BTreeSet<String> = BTreeSet::from(["empty".to_owned()]);
        groups.extend(
            users.values().flatten().filter(|word| !word.contains('=')).map(|word| (*word).to_owned()),
        );
        let directory = &mut self.inventory.directory;
        for id in groups {
            directory.groups.push(Group { id, subgroups: Vec::new(), members: RoaringBitmap::new(), place });
        }
        for (id, words) in &users {
            let user = directory.users.push(User { id: (*id).to_owned(), place });
            for word in words {
                match word.split_once('=') {
                    Some((attribute, value)) => {
                        let values = directory.attributes.entry(attribute.into()).or_default();
                        values.entry(value.into()).or_default().insert(user.raw());
                    }
                    None => {
                        let group = directory.group(word).expect("a group");
                        directory.groups[group].members.insert(user.raw());
                    }
                }
            }
        }
        for line in starting(lines, "account") {
            let words: Vec<&str> = line.split(' ').collect();
            let [user, integration, account] = words.as_slice() else { panic!("account {line}") };
            let key = (self.user(user), self.integration(integration));
            self.inventory.directory.user_accounts.insert(key, (*account).to_owned());
        }
    }

    fn user(&self, id: &str) -> UserId {
        self.inventory.directory.user(id).unwrap_or_else(|| panic!("no user {id}"))
    }

    fn catalog(&mut self, lines: &Lines<'_>, place: Place) {
        let (snow, lake) = (self.integration("snow"), self.integration("lake"));
        let catalog = &mut self.inventory.catalog;
        let database =
            catalog.databases.push(Database { integration: snow, name: "DB".into(), tags: vec![] });
        let schema = catalog.schemas.push(Schema { database, name: "S".into(), tags: vec![] });
        let kinds = [("table", TableKind::Table), ("view", TableKind::View)];
        for (line, kind) in
            kinds.into_iter().flat_map(|(word, kind)| starting(lines, word).map(move |line| (line, kind)))
        {
            let (head, columns) = line.rsplit_once(':').expect("columns");
            let (name, location) = match head.split_once(" at ") {
                Some((name, location)) => (name, Some(Prefix::parse_policy(location).expect("a prefix"))),
                None => (head, None),
            };
            let table = catalog.tables.push(Table {
                schema,
                name: name.into(),
                kind,
                location,
                tags: vec![],
                columns: vec![],
                place,
            });
            for column in columns.split_whitespace() {
                let (name, tag) = column.trim_end_matches(']').split_once('[').unwrap_or((column, ""));
                let segments: Vec<String> = tag.split('.').map(str::to_owned).collect();
                let tags = if tag.is_empty() {
                    vec![]
                } else {
                    vec![self.inventory.tags.intern(&Tag { segments }, true)]
                };
                let column_type = ColumnType::parse("VARCHAR");
                let id = catalog.columns.push(Column { table, name: name.into(), column_type, tags });
                catalog.tables[table].columns.push(id);
            }
        }
        for text in starting(lines, "prefix") {
            let prefix = Prefix::parse_policy(text).expect("a prefix");
            let source = DataSource { integration: lake, prefix, name: None, tags: vec![], place };
            catalog.data_sources.push(source);
            catalog.covering.push(Vec::new());
        }
    }

    fn approvals(&mut self, lines: &Lines<'_>, place: Place) {
        for line in starting(lines, "approve") {
            let words: Vec<&str> = line.split(' ').collect();
            let [user, object, how] = words.as_slice() else { panic!("approve {line}") };
            let approval = Approval {
                user: self.user(user),
                securable: self.securables(object).iter().next().expect("an object"),
                access: if *how == "read" { Access::Read } else { Access::Write },
                by: None,
                until: None,
                place,
            };
            self.inventory.approvals.push(approval);
        }
    }

    fn table(&self, name: &str) -> TableId {
        let mut tables = self.inventory.catalog.tables.iter();
        tables.find(|(_, table)| table.name == name).unwrap_or_else(|| panic!("no table {name}")).0
    }

    fn securables(&self, text: &str) -> SecurableSet {
        let mut set = SecurableSet::default();
        let catalog = &self.inventory.catalog;
        for word in text.split_whitespace() {
            if word.starts_with("s3:") {
                let mut sources = catalog.data_sources.iter();
                let found =
                    sources.find(|(_, source)| source.prefix.to_string() == word).expect("a data source");
                set.data_sources.insert(found.0.raw());
            } else {
                set.tables.insert(self.table(word).raw());
            }
        }
        debug_assert!(set.iter().all(|each| matches!(each, Securable::Table(_) | Securable::DataSource(_))));
        set
    }

    /// `EMAIL` in every table, `T1.PHONE` in one.
    fn columns(&self, text: &str) -> RoaringBitmap {
        let catalog = &self.inventory.catalog;
        let named = |word: &str, id: ColumnId| {
            let column = &catalog.columns[id];
            match word.split_once('.') {
                Some((table, name)) => column.name == name && catalog.tables[column.table].name == table,
                None => column.name == word,
            }
        };
        let chosen = catalog.columns.ids().filter(|id| text.split_whitespace().any(|word| named(word, *id)));
        chosen.map(|id| id.raw()).collect()
    }

    fn applies(&mut self, clauses: &Clauses<'_>) -> Applies {
        match (clauses.get("except"), clauses.get("only for")) {
            (Some(condition), _) => Applies::Except(self.condition(condition)),
            (None, Some(condition)) => Applies::OnlyFor(self.condition(condition)),
            (None, None) => Applies::Everyone,
        }
    }

    fn condition(&mut self, text: &str) -> ConditionId {
        let condition = if text.contains(" or ") {
            Condition::Or(text.split(" or ").map(|each| self.condition(each)).collect())
        } else if text.contains(" and ") {
            Condition::And(text.split(" and ").map(|each| self.condition(each)).collect())
        } else if let Some(inner) = text.strip_prefix("not ") {
            Condition::Not(self.condition(inner))
        } else if let Some((attribute, value)) = text.split_once('=') {
            Condition::AttributeIn(attribute.into(), vec![value.into()])
        } else if let Some(under) = text.strip_prefix("groups cover ") {
            let segments = under.split('.').map(str::to_owned).collect();
            Condition::CoversTags { holder: TagHolder::Groups, under: Tag { segments } }
        } else if let Some(attribute) = text.strip_prefix("name in ") {
            Condition::CoversName(attribute.into())
        } else if text == "anyone" {
            Condition::Anyone
        } else if text == "approved" {
            Condition::Approved(None)
        } else {
            let group: GroupId =
                self.inventory.directory.group(text).unwrap_or_else(|| panic!("no group {text}"));
            Condition::InAnyGroup(vec![group])
        };
        self.conditions.intern(condition)
    }
}
