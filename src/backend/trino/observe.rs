//! `rules.json` and `groups.txt` as facts.
//!
//! JSON has no comments, so a rule is ours if its groups are all generated ones, or if it closes one exactly named
//! table to everyone. A group is ours by its name. Foreign rules keep their place: before ours or after.

use std::collections::BTreeMap;

use super::native::{
    CatalogRule, MANAGED, Place, TableRule, Turn, alternatives, catalog_place, table_place, unquote,
};
use crate::backend::contract::Observed;
use crate::backend::fact::{Fact, FactKey, FactKind, Symbol, Symbols, sort_by_text};
use crate::backend::sql::Dialect;
use crate::backend::state::Reading;
use crate::diagnostic::{Code, Diagnostic, Reported};
use crate::inventory::{IntegrationId, Inventory};
use crate::source::Place as Where;

/// Reads both files.
pub fn observe(
    inventory: &Inventory,
    integration: IntegrationId,
    reading: Reading<'_>,
    salt: Option<&str>,
    symbols: &mut Symbols,
) -> Result<Observed, Reported> {
    let Reading { folder, sources, diagnostics } = reading;
    if folder.files.is_none() {
        return Ok(Observed { open: true, ..Observed::default() });
    }
    let mut say = |file: &str, line: Option<u32>, message: String, help: &str| {
        let source = sources.add(format!("{}/{file}", folder.name), "");
        let place = line.map_or(Where::File(source), |line| Where::Line(source, line));
        Err(diagnostics.error(Diagnostic::error(Code::BadState, message).at(place, "").help(help)))
    };
    let Some(rules) = folder.file("rules.json") else {
        return say(
            "rules.json",
            None,
            format!("`{}` has no `rules.json`", folder.name),
            "copy the coordinator's file there, or remove the folder to plan from nothing",
        );
    };
    let Some(groups) = folder.file("groups.txt") else {
        return say(
            "groups.txt",
            None,
            format!("`{}` has no `groups.txt`", folder.name),
            "copy the group provider's file there; an empty file says that there are no groups",
        );
    };
    let prefix = format!("{}_", inventory.integrations[integration].name_prefix.to_ascii_lowercase());
    let mut reader = Reader {
        prefix,
        salt: salt.map(|salt| Dialect::Trino.literal(salt)),
        symbols,
        observed: Observed { present: true, ..Observed::default() },
    };
    if let Err((line, message)) = reader.groups(groups) {
        return say("groups.txt", Some(line), message, "each line is `group:user,user`");
    }
    let parsed =
        serde_json::from_slice::<serde_json::Value>(rules.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rules));
    let sections = match parsed {
        Ok(serde_json::Value::Object(sections)) => sections,
        Ok(_) => {
            return say(
                "rules.json",
                Some(1),
                "`rules.json` is not a JSON object".to_owned(),
                "copy the coordinator's file as it is",
            );
        }
        Err(error) => {
            return say(
                "rules.json",
                u32::try_from(error.line()).ok(),
                format!("`rules.json` is not JSON: {error}"),
                "copy the coordinator's file as it is",
            );
        }
    };
    reader.observed.open = !sections.contains_key("tables");
    for section in MANAGED.iter().filter(|section| !sections.contains_key(**section)) {
        reader.add(Place::Open((*section).to_owned()), "", false);
    }
    for (section, value) in sections {
        if !MANAGED.contains(&section.as_str()) {
            reader.add(Place::Other(section), &value.to_string(), false);
            continue;
        }
        let serde_json::Value::Array(rules) = value else {
            return say(
                "rules.json",
                None,
                format!("`{section}` in `rules.json` is not a list"),
                "Trino would refuse this file too: mend it first",
            );
        };
        reader.section(&section, &rules);
    }
    let mut observed = reader.observed;
    sort_by_text(&mut observed.ours, symbols);
    sort_by_text(&mut observed.foreign, symbols);
    Ok(observed)
}

struct Reader<'a> {
    prefix: String,
    salt: Option<String>,
    symbols: &'a mut Symbols,
    observed: Observed,
}

impl Reader<'_> {
    fn add(&mut self, place: Place, body: &str, ours: bool) {
        // What reads `{salt}` in the file is somebody's text: it may not become the salt when the rule is written again.
        let body = super::native::without_place(body);
        let body = match &self.salt {
            Some(salt) => body.replace(&super::emit::json_inside(salt), "{salt}"),
            None => body,
        };
        let fact = Fact {
            key: FactKey {
                kind: FactKind::Rule,
                privilege: Symbol::default(),
                object: self.symbols.intern(&place.text()),
                grantee: Symbol::default(),
            },
            body: self.symbols.intern(&body),
            policies: Symbol::default(),
        };
        if ours { self.observed.ours.push(fact) } else { self.observed.foreign.push(fact) }
    }

    fn groups(&mut self, bytes: &[u8]) -> Result<(), (u32, String)> {
        let text = std::str::from_utf8(bytes).map_err(|_| (1, "`groups.txt` is not UTF-8".to_owned()))?;
        let mut seen = BTreeMap::new();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let line = line.trim_end_matches('\r');
            if line.trim().is_empty() {
                continue;
            }
            let Some((group, accounts)) = line.split_once(':') else {
                return Err((number, "a line of `groups.txt` has no `:`".to_owned()));
            };
            if let Some(first) = seen.insert(group.to_owned(), number) {
                return Err((
                    number,
                    format!("group `{group}` stands on line {first} too: Trino keeps only one of them"),
                ));
            }
            for account in accounts.split(',').map(str::trim).filter(|account| !account.is_empty()) {
                let fact = Fact {
                    key: FactKey {
                        kind: FactKind::Membership,
                        privilege: Symbol::default(),
                        object: self.symbols.intern(group.trim()),
                        grantee: self.symbols.intern(account),
                    },
                    body: Symbol::default(),
                    policies: Symbol::default(),
                };
                if group.starts_with(&self.prefix) {
                    self.observed.ours.push(fact);
                } else {
                    self.observed.foreign.push(fact);
                }
            }
        }
        Ok(())
    }

    /// Foreign rules stand before ours or after, by where the last rule of ours is.
    fn section(&mut self, section: &str, rules: &[serde_json::Value]) {
        self.add(Place::Section(section.to_owned()), "", true);
        let ours: Vec<Option<(Place, String)>> = rules.iter().map(|rule| self.ours(section, rule)).collect();
        let last = ours.iter().rposition(Option::is_some);
        let mut taken = std::collections::BTreeSet::new();
        for (index, (rule, ours)) in rules.iter().zip(ours).enumerate() {
            let at = u32::try_from(index).unwrap_or(u32::MAX);
            match ours {
                Some((place, body)) if taken.insert(place.text()) => self.add(place, &body, true),
                Some(_) | None => {
                    let place = if last.is_some_and(|last| index < last) {
                        Place::Before(section.to_owned(), at)
                    } else {
                        Place::After(section.to_owned(), at)
                    };
                    self.add(place, &rule.to_string(), false);
                }
            }
        }
    }

    fn generated(&self, group: Option<&str>) -> bool {
        group.and_then(alternatives).is_some_and(|groups| {
            !groups.is_empty() && groups.iter().all(|group| group.starts_with(&self.prefix))
        })
    }

    /// The place and canonical body of a rule of ours; `None`: foreign.
    fn ours(&self, section: &str, rule: &serde_json::Value) -> Option<(Place, String)> {
        match section {
            "tables" => {
                let typed: TableRule = serde_json::from_value(rule.clone()).ok()?;
                let canonical = serde_json::to_value(&typed).ok()?;
                let path = [typed.catalog.as_deref()?, typed.schema.as_deref()?, typed.table.as_deref()?]
                    .map(unquote);
                let [Some(catalog), Some(schema), Some(table)] = path else { return None };
                let closes = typed.group.is_none()
                    && typed.privileges.is_empty()
                    && typed.columns.is_empty()
                    && typed.filter.is_none();
                let named = typed.user.is_none()
                    && typed.role.is_none()
                    && (self.generated(typed.group.as_deref()) || closes);
                // A key that we never write makes it somebody else's.
                (named && canonical == *rule).then(|| {
                    (
                        table_place([&catalog, &schema, &table], Turn::of(&typed)),
                        serde_json::to_string(&typed).unwrap_or_default(),
                    )
                })
            }
            "catalogs" => {
                let typed: CatalogRule = serde_json::from_value(rule.clone()).ok()?;
                let canonical = serde_json::to_value(&typed).ok()?;
                let catalog = unquote(typed.catalog.as_deref()?)?;
                let named =
                    typed.user.is_none() && typed.role.is_none() && self.generated(typed.group.as_deref());
                (named && canonical == *rule).then(|| {
                    let writes = typed.allow == "all";
                    (catalog_place(&catalog, writes), serde_json::to_string(&typed).unwrap_or_default())
                })
            }
            _ => None,
        }
    }
}
