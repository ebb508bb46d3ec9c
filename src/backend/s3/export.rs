//! The shapes of the vendor's lists: ListAccessGrants, ListAccessGrantsLocations, and tags by ARN.
//!
//! Everything is optional, as it is in the vendor's model; `observe` says what cannot be done without.
//! Tags are `[{"Key": …, "Value": …}]`, as ListTagsForResource prints them, or `{key: value}`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::pages::{Node, Split};

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
