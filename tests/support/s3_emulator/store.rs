//! What an account holds in a region: one instance with its locations, grants and tags, and the quotas.
//!
//! In: parameters, read. Out: the thing made or found, or AWS's error.
//! Invariant: no two grants have the same grantee, permission, location, scope, kind of scope and application; `held` knows every
//! grant by its grantee.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::caller::Principal;
use super::error::{self, Answer};
use super::paging::Aging;
use super::scope::{Keys, joined};

pub(crate) type Tags = Vec<(String, String)>;

/// What may be exceeded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quotas {
    pub(crate) grants: usize,
    pub(crate) locations: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Location {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) scope: String,
    pub(crate) role: String,
    pub(crate) tags: Tags,
}

#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) number: u64,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) location: String,
    pub(crate) subprefix: String,
    pub(crate) scope: String,
    /// Made with `S3PrefixType=Object`; no list tells.
    pub(crate) object: bool,
    pub(crate) grantee: Principal,
    pub(crate) permission: String,
    pub(crate) application: Option<String>,
    pub(crate) tags: Tags,
}

impl Grant {
    /// The keys of its scope.
    pub(crate) fn keys(&self) -> Option<Keys<'_>> {
        Keys::of(&self.scope, self.object)
    }

    fn is_same(&self, other: &Grant) -> bool {
        self.permission == other.permission
            && self.location == other.location
            && self.scope == other.scope
            && self.object == other.object
            && self.application == other.application
    }
}

/// The parameters of CreateAccessGrant.
#[derive(Debug)]
pub(crate) struct NewGrant {
    pub(crate) location: String,
    pub(crate) subprefix: String,
    pub(crate) object: bool,
    pub(crate) grantee: Principal,
    pub(crate) permission: String,
    pub(crate) application: Option<String>,
    pub(crate) tags: Tags,
}

#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) arn: String,
    pub(crate) identity_center: Option<String>,
    pub(crate) tags: Tags,
    /// By number: the order of their making.
    pub(crate) locations: BTreeMap<u64, Location>,
    pub(crate) grants: BTreeMap<u64, Grant>,
    pub(crate) aging: Aging,
    held: HashMap<Principal, BTreeSet<u64>>,
    last: u64,
}

fn tags_are_sound(tags: &Tags) -> Answer<()> {
    if tags.len() > 50 {
        return Err(error::too_many_tags());
    }
    let fits = |(key, value): &(String, String)| {
        (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256 && !key.starts_with("aws:")
    };
    if tags.iter().all(fits) { Ok(()) } else { Err(error::invalid_tags()) }
}

impl Instance {
    pub(crate) fn new(arn: String, identity_center: Option<String>, tags: Tags) -> Answer<Instance> {
        tags_are_sound(&tags)?;
        Ok(Instance {
            arn,
            identity_center,
            tags,
            locations: BTreeMap::new(),
            grants: BTreeMap::new(),
            aging: Aging::default(),
            held: HashMap::new(),
            last: 0,
        })
    }

    /// An id as AWS's pattern has it: letters, digits and dashes.
    fn next(&mut self) -> (u64, String) {
        self.last += 1;
        let spread = self.last.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (
            self.last,
            format!("{:08x}-{:04x}-4000-8000-{:012x}", spread >> 32, (spread >> 16) & 0xffff, self.last),
        )
    }

    /// CreateAccessGrantsLocation.
    pub(crate) fn register(
        &mut self,
        scope: &str,
        role: &str,
        tags: Tags,
        quotas: Quotas,
    ) -> Answer<&Location> {
        tags_are_sound(&tags)?;
        if scope != "s3://" && Keys::of(scope, false).is_none() || scope.chars().count() > 2000 {
            return Err(error::invalid_location(
                "LocationScope must be s3://, s3://bucket or s3://bucket/prefix",
            ));
        }
        if self.locations.values().any(|each| each.scope == scope) {
            return Err(error::location_exists());
        }
        if self.locations.len() >= quotas.locations {
            return Err(error::locations_quota(quotas.locations));
        }
        role_is_sound(role)?;
        let (number, id) = self.next();
        let id = if scope == "s3://" { "default".to_owned() } else { id };
        let arn = format!("{}/location/{id}", self.arn);
        let location = Location { id, arn, scope: scope.to_owned(), role: role.to_owned(), tags };
        Ok(self.locations.entry(number).or_insert(location))
    }

    fn place(&self, id: &str) -> Answer<u64> {
        let found = self.locations.iter().find(|(_, each)| each.id == id);
        found.map(|(number, _)| *number).ok_or_else(error::no_location)
    }

    pub(crate) fn location(&mut self, id: &str) -> Answer<&mut Location> {
        let number = self.place(id)?;
        self.locations.get_mut(&number).ok_or_else(error::no_location)
    }

    /// UpdateAccessGrantsLocation: another role; the scope stays.
    pub(crate) fn assume(&mut self, id: &str, role: &str) -> Answer<&Location> {
        role_is_sound(role)?;
        let location = self.location(id)?;
        role.clone_into(&mut location.role);
        Ok(location)
    }

    /// DeleteAccessGrantsLocation. A grant that was deleted a moment ago may still stand in the way.
    pub(crate) fn unregister(&mut self, id: &str) -> Answer<()> {
        let number = self.place(id)?;
        let standing = self.grants.values().chain(self.aging.lingering());
        if standing.into_iter().any(|grant| grant.location == id) {
            return Err(error::location_not_empty());
        }
        self.locations.remove(&number);
        Ok(())
    }

    /// CreateAccessGrant.
    pub(crate) fn grant(&mut self, new: NewGrant, quotas: Quotas) -> Answer<&Grant> {
        tags_are_sound(&new.tags)?;
        let NewGrant { location, subprefix, object, grantee, permission, application, tags } = new;
        let place = self.location(&location)?;
        if subprefix.is_empty() && place.scope == "s3://" {
            return Err(error::invalid_grant("S3SubPrefix is required for the default location"));
        }
        let scope = joined(&place.scope, &subprefix);
        if scope.chars().count() > 2000 {
            return Err(error::invalid_grant("the scope of the grant is longer than 2000 characters"));
        }
        if object && subprefix.is_empty() || Keys::of(&scope, object).is_none() {
            return Err(error::invalid_grant(format!("no keys can have the scope {scope}")));
        }
        let directory = !matches!(grantee, Principal::Iam(_));
        if !grantee.is_possible() || directory && self.identity_center.is_none() {
            return Err(error::invalid_request("Invalid Grantee in the request"));
        }
        if !matches!(permission.as_str(), "READ" | "WRITE" | "READWRITE") {
            return Err(error::invalid_request("Permission must be READ, WRITE or READWRITE"));
        }
        let (number, id) = self.next();
        let arn = format!("{}/grant/{id}", self.arn);
        let grant = Grant {
            number,
            id,
            arn,
            location,
            subprefix,
            scope,
            object,
            grantee,
            permission,
            application,
            tags,
        };
        if self.held_by(&grant.grantee).any(|each| each.is_same(&grant)) {
            return Err(error::grant_exists());
        }
        if self.grants.len() >= quotas.grants {
            return Err(error::grants_quota(quotas.grants));
        }
        self.held.entry(grant.grantee.clone()).or_default().insert(number);
        self.aging.born(number);
        Ok(self.grants.entry(number).or_insert(grant))
    }

    /// The grants that name the principal.
    pub(crate) fn held_by(&self, principal: &Principal) -> impl Iterator<Item = &Grant> {
        let numbers = self.held.get(principal).into_iter().flatten();
        numbers.filter_map(|number| self.grants.get(number))
    }

    pub(crate) fn granted(&mut self, id: &str) -> Answer<&mut Grant> {
        self.grants.values_mut().find(|each| each.id == id).ok_or_else(error::no_grant)
    }

    /// DeleteAccessGrant.
    pub(crate) fn revoke(&mut self, id: &str) -> Answer<()> {
        let number = self.granted(id)?.number;
        if let Some(grant) = self.grants.remove(&number) {
            if let Some(numbers) = self.held.get_mut(&grant.grantee) {
                numbers.remove(&number);
            }
            self.aging.died(grant);
        }
        Ok(())
    }

    /// The tags of whatever has the ARN.
    pub(crate) fn tags_of(&mut self, arn: &str) -> Answer<&mut Tags> {
        if arn == self.arn {
            return Ok(&mut self.tags);
        }
        let (kind, id) = arn
            .strip_prefix(&format!("{}/", self.arn))
            .and_then(|rest| rest.split_once('/'))
            .unwrap_or_default();
        match kind {
            "location" => Ok(&mut self.location(id)?.tags),
            "grant" => Ok(&mut self.granted(id)?.tags),
            _ => Err(error::invalid_request(format!("{arn} is no resource of Access Grants"))),
        }
    }

    /// TagResource: new values for keys that are there.
    pub(crate) fn tag(&mut self, arn: &str, new: Tags) -> Answer<()> {
        let tags = self.tags_of(arn)?;
        let mut after: Tags =
            tags.iter().filter(|(key, _)| new.iter().all(|(other, _)| other != key)).cloned().collect();
        after.extend(new);
        tags_are_sound(&after)?;
        *tags = after;
        Ok(())
    }
}

/// `arn:…:iam::ACCOUNT:role/…`, as the model's pattern has it.
fn role_is_sound(role: &str) -> Answer<()> {
    let is_role = role.split(':').nth(5).is_some_and(|name| name.starts_with("role/"));
    let sound = is_role && Principal::Iam(role.to_owned()).is_possible();
    if sound { Ok(()) } else { Err(error::invalid_role()) }
}
