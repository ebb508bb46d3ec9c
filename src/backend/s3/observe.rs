//! Exports → locations and grants.
//!
//! In: `list_access_grants.json`, `list_access_grants_locations.json`, `tags.ndjson`, as the vendor's command line prints them.
//! Out: facts, ours where the tag `grantc` stands on their ARN.
//! Invariant: `GrantScope` as AWS printed it decides which keys a grant covers, not our own idea of how it joins location
//! and subprefix; what we do not understand is carried as foreign, whoever tagged it.
//! Cost: one pass over the bytes of each file, one hash look-up per grant.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;

use super::export::{GrantNode, ListedGrant, Location, LocationNode, Tagged, canonical, marks};
use super::grantee::{Grantee, GranteeType};
use super::location::{LocationScope, Site};
use super::native::{Grant, GrantTexts, location_fact};
use super::pages::{self, Node};
use crate::backend::fact::sort_by_text;
use crate::backend::state::Reading;
use crate::backend::{Fact, FactKey, Observed, Symbol, Symbols};
use crate::diagnostic::{Code, Diagnostic, Reported};
use crate::inventory::Integration;
use crate::prefix::Prefix;
use crate::source::Place;

const GRANTS: &str = "list_access_grants.json";
const LOCATIONS: &str = "list_access_grants_locations.json";
const TAGS: &str = "tags.ndjson";

/// See the module.
pub(super) fn observe(
    settings: &Integration,
    mut reading: Reading<'_>,
    symbols: &mut Symbols,
) -> Result<Observed, Reported> {
    if reading.folder.files.is_none() {
        return Ok(Observed::default());
    }
    // `lower` tells of a location path that cannot be.
    let site = Site::of(settings);
    let (missing, present): (Vec<&str>, Vec<&str>) =
        [GRANTS, LOCATIONS].into_iter().partition(|name| reading.folder.file(name).is_none());
    if !missing.is_empty() {
        let has = if present.is_empty() {
            "neither list".to_owned()
        } else {
            format!("only `{}`", present.join("`, `"))
        };
        let message =
            format!("`{}` has {has}: `{}` is missing", reading.folder.name, missing.join("` and `"));
        return Err(reading.diagnostics.error(
            Diagnostic::error(Code::BadState, message)
                .help("export both lists again, or remove the folder to plan from nothing"),
        ));
    }
    // Each file is read whatever became of the others, so that all that is wrong is told at once.
    let grants = file::<GrantNode>(&mut reading, GRANTS);
    let locations = file::<LocationNode>(&mut reading, LOCATIONS);
    let tags = match reading.folder.file(TAGS) {
        // Without tags nothing can be told to be ours.
        None => Ok(Vec::new()),
        Some([]) => Ok(Vec::new()),
        Some(_) => file::<Tagged>(&mut reading, TAGS),
    };
    let (grants, locations, tags) = (grants?, locations?, tags?);
    let mut found = Found {
        site: &site,
        marks: marks(tags),
        ours: Vec::new(),
        foreign: Vec::new(),
        seen: BTreeMap::new(),
    };
    let scopes = found.scopes(&locations, &mut reading)?;
    let in_foreign_use = found.grants(grants, &scopes, &mut reading, symbols)?;
    found.locations(locations, &in_foreign_use, &mut reading, symbols);
    let Found { mut ours, mut foreign, .. } = found;
    sort_by_text(&mut ours, symbols);
    sort_by_text(&mut foreign, symbols);
    Ok(Observed { ours, foreign, present: true, open: false })
}

/// What the facts are gathered from and into.
struct Found<'a> {
    site: &'a Site,
    /// ARNs with our tag, and the policies that it names.
    marks: HashMap<String, String>,
    ours: Vec<Fact>,
    foreign: Vec<Fact>,
    /// Keys so far, with the ARN that had them first.
    seen: BTreeMap<FactKey, Option<String>>,
}

impl Found<'_> {
    /// Location id → scope, canonical where we understand it.
    fn scopes(
        &self,
        locations: &[Location],
        reading: &mut Reading<'_>,
    ) -> Result<BTreeMap<String, String>, Reported> {
        let mut scopes = BTreeMap::new();
        for location in locations {
            let (Some(id), Some(scope)) = (&location.access_grants_location_id, &location.location_scope)
            else {
                return Err(incomplete(
                    reading,
                    LOCATIONS,
                    "a location has no `AccessGrantsLocationId` or `LocationScope`",
                ));
            };
            scopes.insert(id.clone(), canonical(scope));
        }
        Ok(scopes)
    }

    /// Gathers the grants; says in which locations foreign ones stand.
    fn grants(
        &mut self,
        grants: Vec<ListedGrant>,
        scopes: &BTreeMap<String, String>,
        reading: &mut Reading<'_>,
        symbols: &mut Symbols,
    ) -> Result<BTreeSet<String>, Reported> {
        let mut in_foreign_use = BTreeSet::new();
        let mut grants = grants;
        // Where two grants say the same, the canonical key is ours, or that of the one which is spelt so.
        grants.sort_by_cached_key(|listed| {
            let marked = listed.access_grant_arn.as_ref().is_some_and(|arn| self.marks.contains_key(arn));
            let odd = listed.grant_scope.as_ref().is_some_and(|printed| {
                Prefix::parse_export(printed).is_ok_and(|scope| scope.to_string() != *printed)
            });
            (!marked, odd)
        });
        for listed in grants {
            let id = listed.access_grants_location_id.as_deref().unwrap_or_default();
            let Some(location) = scopes.get(id) else {
                let message = format!("a grant stands in the location `{id}`, which is not in `{LOCATIONS}`");
                return Err(incomplete(reading, GRANTS, &message));
            };
            let (Some(grantee), Some(permission)) = (&listed.grantee, &listed.permission) else {
                return Err(incomplete(reading, GRANTS, "a grant has no `Grantee` or `Permission`"));
            };
            let (Some(kind), Some(identifier)) = (&grantee.grantee_type, &grantee.grantee_identifier) else {
                return Err(incomplete(
                    reading,
                    GRANTS,
                    "a grantee has no `GranteeType` or `GranteeIdentifier`",
                ));
            };
            let scope = listed.scope(location);
            let Some(scope) = scope else {
                return Err(incomplete(
                    reading,
                    GRANTS,
                    "a grant has neither `GrantScope` nor `S3SubPrefix`",
                ));
            };
            let grantee = match GranteeType::of_word(kind) {
                Some(kind) => Grantee::of_export(kind, identifier).to_string(),
                None => format!("{kind} {identifier}"),
            };
            let texts = GrantTexts {
                permission,
                scope: &scope.canonical,
                grantee: &grantee,
                application: listed.application(),
                location,
            };
            let policies = self.policies(listed.access_grant_arn.as_deref(), symbols);
            let fact = texts.fact(&self.site.base, policies.unwrap_or_default(), symbols);
            let arn = listed.access_grant_arn.clone();
            let fact = match self.note(&fact, &arn) {
                Noted::New => fact,
                Noted::SameAgain => continue,
                Noted::Taken => {
                    // `s3://b*` beside `s3://b/*`: the same keys, but two grants. The second keeps its own spelling.
                    let spelt = GrantTexts { scope: &scope.printed, ..texts };
                    let spelt = spelt.fact(&self.site.base, policies.unwrap_or_default(), symbols);
                    match self.note(&spelt, &arn) {
                        Noted::New => spelt,
                        Noted::SameAgain => continue,
                        Noted::Taken => {
                            let message = format!(
                                "two grants are alike: {permission} on `{}` to `{grantee}`; the first is taken",
                                scope.printed
                            );
                            twice(reading, GRANTS, message);
                            continue;
                        }
                    }
                }
            };
            if policies.is_some() && understood(&fact, symbols) {
                self.ours.push(fact);
            } else {
                in_foreign_use.insert(location.clone());
                self.foreign.push(fact);
            }
        }
        Ok(in_foreign_use)
    }

    fn locations(
        &mut self,
        locations: Vec<Location>,
        in_foreign_use: &BTreeSet<String>,
        reading: &mut Reading<'_>,
        symbols: &mut Symbols,
    ) {
        let base = self.site.base.to_string();
        for location in locations {
            let scope = canonical(location.location_scope.as_deref().unwrap_or_default());
            let role = location.iam_role_arn.as_deref().unwrap_or_default();
            if scope == base && self.site.role.is_none() {
                // Nobody told us its role, so it is not ours to make; it must not be removed from under our grants either.
                continue;
            }
            let fact = location_fact(&scope, role, symbols);
            let arn = location.access_grants_location_arn;
            match self.note(&fact, &arn) {
                Noted::New => {}
                Noted::SameAgain => continue,
                Noted::Taken => {
                    let message = format!("two locations have the scope `{scope}`; the first is taken");
                    twice(reading, LOCATIONS, message);
                    continue;
                }
            }
            // Another one that carries our mark would be removed, which AWS refuses while somebody else's grants stand in it:
            // then it has become theirs.
            let wanted = scope == base || !in_foreign_use.contains(&scope);
            let marked = self.policies(arn.as_deref(), symbols).is_some();
            let list = if marked && wanted { &mut self.ours } else { &mut self.foreign };
            list.push(fact);
        }
    }

    /// The policies that the mark of an ARN names; `None` if it has no mark.
    fn policies(&self, arn: Option<&str>, symbols: &mut Symbols) -> Option<Symbol> {
        self.marks.get(arn?).map(|policies| symbols.intern(policies))
    }

    fn note(&mut self, fact: &Fact, arn: &Option<String>) -> Noted {
        match self.seen.get(&fact.key) {
            None => {
                self.seen.insert(fact.key, arn.clone());
                Noted::New
            }
            // Pages overlap when something was added while they were read.
            Some(first) if first.is_some() && first == arn => Noted::SameAgain,
            Some(_) => Noted::Taken,
        }
    }
}

enum Noted {
    New,
    SameAgain,
    Taken,
}

/// Whether we know what a fact of an export means.
pub(super) fn understood(fact: &Fact, symbols: &Symbols) -> bool {
    match fact.key.kind {
        crate::backend::FactKind::Location => LocationScope::parse(symbols.text(fact.key.object)).is_ok(),
        _ => Grant::read(fact, symbols).is_some(),
    }
}

fn file<'de, N>(reading: &mut Reading<'de>, name: &str) -> Result<Vec<N::Entry>, Reported>
where
    N: Node + Deserialize<'de>,
{
    let bytes = reading.folder.file(name).unwrap_or_default();
    pages::read::<N>(bytes).map_err(|unreadable| {
        let path = format!("{}/{name}", reading.folder.name);
        let source = reading.sources.add(path.clone(), "");
        reading.diagnostics.error(
            Diagnostic::error(Code::BadState, format!("`{path}` cannot be read"))
                .at(Place::Line(source, unreadable.line), unreadable.message)
                .help("export it again, with `--output json`"),
        )
    })
}

fn whole(reading: &mut Reading<'_>, name: &str) -> Place {
    let path = format!("{}/{name}", reading.folder.name);
    Place::File(reading.sources.add(path, ""))
}

fn twice(reading: &mut Reading<'_>, name: &str, message: String) {
    let place = whole(reading, name);
    reading.diagnostics.push(Diagnostic::finding(Code::BadState, message).at(place, "listed here"));
}

fn incomplete(reading: &mut Reading<'_>, name: &str, message: &str) -> Reported {
    let place = whole(reading, name);
    let error = Diagnostic::error(Code::BadState, message.to_owned());
    reading.diagnostics.error(error.at(place, "in this list").help("export both lists again"))
}
