//! The account's groups: SCIM ListResponses, whole or page by page.
//!
//! In: `groups.json`, and `users.json`, `service_principals.json` where there are any: members are listed by id, and the account's
//! id of a user is not his name. Out: [`Directory`]. Invariant: a member whose name cannot be told is an error, not a stranger.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::native::MARK;
use crate::backend::body::generated;
use crate::backend::export::{Pages, pages, tell};
use crate::backend::state::Reading;
use crate::diagnostic::{Code, Diagnostic, Reported};

/// A user, service principal or group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Principal {
    /// By the name that `session_user()` gives.
    User(String),
    /// By its display name.
    Group(String),
}

/// A group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) name: String,
    /// Whether it carries our mark.
    pub(super) ours: bool,
    pub(super) members: Vec<Principal>,
}

/// The groups by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    groups: BTreeMap<String, Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    #[serde(default)]
    id: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    user_name: String,
    #[serde(default)]
    application_id: String,
    #[serde(default)]
    external_id: Option<String>,
    #[serde(default)]
    members: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    #[serde(default)]
    value: String,
    #[serde(default)]
    display: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(rename = "$ref", default)]
    place: String,
}

impl Directory {
    /// Reads the files.
    pub(super) fn read(reading: &mut Reading<'_>, prefix: &str) -> Result<Directory, Reported> {
        let groups = resources(reading, "groups.json")?;
        let mut users: BTreeMap<String, String> = BTreeMap::new();
        for each in resources(reading, "users.json")? {
            users.insert(each.id, each.user_name);
        }
        for each in resources(reading, "service_principals.json")? {
            users.insert(each.id, each.application_id);
        }
        let ids: BTreeMap<&str, &str> =
            groups.iter().map(|each| (each.id.as_str(), each.display_name.as_str())).collect();
        let mut directory = Directory::default();
        for group in &groups {
            let ours = match group.external_id.as_deref() {
                None | Some("") => generated(&group.display_name, prefix),
                Some(mark) => mark.starts_with(MARK),
            };
            let members: Result<Vec<Principal>, &Member> =
                group.members.iter().map(|member| member.name(&ids, &users).ok_or(member)).collect();
            let members = match members {
                Ok(members) => members,
                Err(member) => return Err(unnamed(reading, group, member)),
            };
            let name = group.display_name.clone();
            directory.groups.insert(name.clone(), Group { name, ours, members });
        }
        Ok(directory)
    }

    /// Every group.
    pub(super) fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// The group of a name.
    pub(super) fn find(&self, name: &str) -> Option<&Group> {
        self.groups.get(name)
    }
}

impl Member {
    /// Who it is; `None`: only the account knows.
    fn name(&self, groups: &BTreeMap<&str, &str>, users: &BTreeMap<String, String>) -> Option<Principal> {
        let kind = if self.kind.is_empty() { self.place.split('/').next().unwrap_or("") } else { &self.kind };
        let known_group = groups.get(self.value.as_str()).filter(|_| !self.value.is_empty());
        let group = matches!(kind, "Group" | "Groups") || (kind.is_empty() && known_group.is_some());
        if group {
            let name = known_group.map_or(self.display.as_str(), |name| name);
            return Some(Principal::Group(name.to_owned()));
        }
        if let Some(name) = users.get(&self.value) {
            return Some(Principal::User(name.clone()));
        }
        let is_id = !self.value.is_empty() && self.value.chars().all(|each| each.is_ascii_digit());
        match is_id {
            false => Some(Principal::User(self.value.clone())),
            true if self.display.contains('@') => Some(Principal::User(self.display.clone())),
            true => None,
        }
    }
}

fn unnamed(reading: &mut Reading<'_>, group: &Resource, member: &Member) -> Reported {
    let path = format!("{}/groups.json", reading.folder.name);
    let message = format!(
        "`{path}` lists `{}` in `{}` by id alone: nothing tells whose account that is",
        member.value, group.display_name
    );
    let help = "export the account's users and service principals beside it, as `users.json` and `service_principals.json`";
    tell(reading, &path, 1, Diagnostic::error(Code::BadState, message).help(help))
}

fn resources(reading: &mut Reading<'_>, name: &'static str) -> Result<Vec<Resource>, Reported> {
    pages(reading, &Pages { name, key: "Resources", entry: &["id", "displayName"] })
}
