//! The shapes of the vendor's lists: ListAccessGrants, ListAccessGrantsLocations, and tags by ARN.
//!
//! In: JSON objects. Out: what they say, in our spelling where we understand it. Everything is optional, as it is in the
//! vendor's model; `observe` says what cannot be done without.
//! Tags are `[{"Key": …, "Value": …}]`, as ListTagsForResource prints them, or `{key: value}`.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::location::LocationScope;
use super::native::MARK;
use super::pages::{Node, Split};
use crate::prefix::Prefix;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct GrantNode {
    pub(super) access_grants_list: Option<Vec<ListedGrant>>,
    pub(super) next_token: Option<String>,
    #[serde(flatten)]
    pub(super) entry: ListedGrant,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ListedGrant {
    pub(super) access_grant_arn: Option<String>,
    pub(super) grantee: Option<ListedGrantee>,
    pub(super) permission: Option<String>,
    pub(super) access_grants_location_id: Option<String>,
    pub(super) access_grants_location_configuration: Option<Configuration>,
    pub(super) grant_scope: Option<String>,
    pub(super) application_arn: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ListedGrantee {
    pub(super) grantee_type: Option<String>,
    pub(super) grantee_identifier: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Configuration {
    #[serde(rename = "S3SubPrefix")]
    pub(super) s3_sub_prefix: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct LocationNode {
    pub(super) access_grants_locations_list: Option<Vec<Location>>,
    pub(super) next_token: Option<String>,
    #[serde(flatten)]
    pub(super) entry: Location,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Location {
    #[serde(rename = "AccessGrantsLocationArn")]
    pub(super) access_grants_location_arn: Option<String>,
    #[serde(rename = "AccessGrantsLocationId")]
    pub(super) access_grants_location_id: Option<String>,
    #[serde(rename = "LocationScope")]
    pub(super) location_scope: Option<String>,
    #[serde(rename = "IAMRoleArn")]
    pub(super) iam_role_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Tags {
    List(Vec<Tag>),
    Map(BTreeMap<String, Option<String>>),
}

#[derive(Deserialize)]
pub(super) struct Tag {
    #[serde(alias = "Key")]
    pub(super) key: String,
    #[serde(alias = "Value")]
    pub(super) value: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Tagged {
    #[serde(alias = "Arn", alias = "ResourceArn", alias = "resourceArn")]
    pub(super) arn: Option<String>,
    #[serde(alias = "Tags")]
    pub(super) tags: Option<Tags>,
}

/// A location's scope in our spelling, where we understand it.
pub(super) fn canonical(scope: &str) -> String {
    LocationScope::parse(scope).map_or_else(|_| scope.to_owned(), |scope| scope.to_string())
}

/// A scope as AWS printed it, and in our spelling where we understand it.
pub(super) struct Scope {
    pub(super) printed: String,
    pub(super) canonical: String,
}

impl ListedGrant {
    /// The keys that it covers; `None` if the list does not say.
    pub(super) fn scope(&self, location: &str) -> Option<Scope> {
        let subprefix = self
            .access_grants_location_configuration
            .as_ref()
            .and_then(|configuration| configuration.s3_sub_prefix.as_deref())
            .filter(|text| !text.is_empty());
        let home = LocationScope::parse(location).ok();
        let whole = home.as_ref().and_then(LocationScope::whole);
        let printed = match (self.grant_scope.as_deref().filter(|text| !text.is_empty()), subprefix) {
            (Some(printed), _) => printed.to_owned(),
            (None, Some(subprefix)) => match home {
                Some(LocationScope::Default) => format!("s3://{subprefix}"),
                Some(LocationScope::Within(_)) | None => return None,
            },
            (None, None) => whole?.to_string(),
        };
        let parsed = Prefix::parse_export(&printed).ok();
        // Without a subprefix the whole location is meant, though no star may say so.
        let parsed = match (parsed, whole, subprefix) {
            (Some(scope), Some(whole), None)
                if scope.is_object() && scope.key() == whole.key() && scope.bucket() == whole.bucket() =>
            {
                Some(whole.clone())
            }
            (parsed, _, _) => parsed,
        };
        let canonical = parsed.map_or_else(|| printed.clone(), |scope| scope.to_string());
        Some(Scope { printed, canonical })
    }

    /// The vendor's examples print `ALL` and `NA` where no application is named.
    pub(super) fn application(&self) -> Option<&str> {
        self.application_arn.as_deref().filter(|text| !matches!(*text, "" | "ALL" | "NA"))
    }
}

/// Our marks by ARN, with the policies as facts write them.
pub(super) fn marks(tags: Vec<Tagged>) -> HashMap<String, String> {
    let mut marks = HashMap::new();
    for tagged in tags {
        let (Some(arn), Some(tags)) = (tagged.arn, tagged.tags) else { continue };
        let value = match tags {
            Tags::List(list) => {
                list.into_iter().find(|tag| tag.key == MARK).map(|tag| tag.value.unwrap_or_default())
            }
            Tags::Map(mut map) => map.remove(MARK).map(Option::unwrap_or_default),
        };
        if let Some(value) = value {
            marks.insert(arn, value.split_whitespace().collect::<Vec<_>>().join(", "));
        }
    }
    marks
}

impl Node for GrantNode {
    type Entry = ListedGrant;
    fn split(self) -> Split<ListedGrant> {
        match self.access_grants_list {
            Some(list) => Split::Page(list, self.next_token.is_some()),
            None if self.entry.grantee.is_some() || self.entry.grant_scope.is_some() => {
                Split::Entry(self.entry)
            }
            None => Split::Neither,
        }
    }
}

impl Node for LocationNode {
    type Entry = Location;
    fn split(self) -> Split<Location> {
        match self.access_grants_locations_list {
            Some(list) => Split::Page(list, self.next_token.is_some()),
            None if self.entry.location_scope.is_some() => Split::Entry(self.entry),
            None => Split::Neither,
        }
    }
}

impl Node for Tagged {
    type Entry = Tagged;
    fn split(self) -> Split<Tagged> {
        if self.arn.is_some() { Split::Entry(self) } else { Split::Neither }
    }
}
