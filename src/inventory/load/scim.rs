//! SCIM 2.0 resources (RFC 7643, RFC 7644): what an identity provider's `/Users` and `/Groups` answer.
//!
//! In: `ListResponse` pages, a list of resources, or one resource. Out: users, groups, memberships, attributes.
//! - A user's id is `userName`, a group's is `displayName`; members refer to either by `id`.
//! - `active: false`: the id stays known, but is no user and holds nothing.
//! - `groups` of a user is the provider's read-only echo of `members` (RFC 7643 4.1.2): not read, but a group that
//!   stands only there is an error, for its `/Groups` page is missing.
//! - Attributes: a text, number or boolean is a value under its own name; a list adds each item; an object with
//!   `value` counts as that value (`emails`, `manager`: its `displayName` names nobody for certain); an object
//!   without one adds its parts under their names (`name.familyName` is `familyName`); an extension's attributes
//!   stand beside the core ones (`department`). `password` and certificates are not read.
//! - Fewer resources than `totalResults` says: a page is missing, and that is an error.

use std::collections::BTreeMap;

use super::catalog::twice;
use super::directory::{Draft, Nesting};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::inventory::document::{Node, Scalar, ScalarKind, Value};
use crate::source::{Place, Span, Spanned};

const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Of a user, what is no attribute.
const NOT_ATTRIBUTES: [&str; 9] =
    ["schemas", "id", "externalId", "meta", "userName", "active", "groups", "password", "x509Certificates"];
/// Of a complex value, what only describes it.
const DESCRIPTIONS: [&str; 4] = ["type", "primary", "display", "$ref"];

/// All resources of the directory: a page refers to others by id.
#[derive(Default)]
pub(super) struct Resources {
    users: Vec<User>,
    groups: Vec<Group>,
    /// The largest `totalResults`, and how many resources the pages with one hold; users, then groups.
    totals: [Option<(u64, u64, Span)>; 2],
}

struct User {
    name: Spanned<String>,
    id: Option<Spanned<String>>,
    active: bool,
    groups: Vec<Spanned<String>>,
    attributes: Vec<(String, Spanned<String>)>,
}

struct Group {
    name: Spanned<String>,
    id: Option<Spanned<String>>,
    members: Vec<Spanned<String>>,
}

/// Whether a document is SCIM: it has `schemas`, or is a list (none of our own formats is).
pub(super) fn is_scim(node: &Node) -> bool {
    match &node.value {
        Value::List(_) => true,
        Value::Map(_) => get(node, "schemas").is_some() || get(node, "Resources").is_some(),
        Value::Scalar(_) => false,
    }
}

fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match &node.value {
        Value::Map(entries) => entries.iter().find(|(name, _)| name.node == key).map(|(_, node)| node),
        Value::List(_) | Value::Scalar(_) => None,
    }
}

/// Whether the resource names a schema.
fn has_schema(node: &Node, schema: &str) -> bool {
    match get(node, "schemas").map(|node| &node.value) {
        Some(Value::List(items)) => items
            .iter()
            .any(|item| matches!(&item.value, Value::Scalar(Scalar { text, .. }) if text == schema)),
        Some(Value::Map(_) | Value::Scalar(_)) | None => false,
    }
}

fn owned(text: &Spanned<&str>) -> Spanned<String> {
    Spanned::new(text.node.to_owned(), text.span)
}

impl Resources {
    /// Takes in one document.
    pub(super) fn read(&mut self, node: &Node, out: &mut Diagnostics) {
        let before = [self.users.len(), self.groups.len()];
        match &node.value {
            Value::List(items) => items.iter().for_each(|item| self.resource(item, out)),
            Value::Map(_) if has_schema(node, LIST) || get(node, "Resources").is_some() => {
                // RFC 7644 3.4.2: `Resources` may be absent when nothing was found.
                if let Some(list) = get(node, "Resources") {
                    list.list("`Resources`", out).iter().for_each(|item| self.resource(item, out));
                }
                self.count(node, before, out);
            }
            Value::Map(_) | Value::Scalar(_) => self.resource(node, out),
        }
    }

    fn count(&mut self, page: &Node, before: [usize; 2], out: &mut Diagnostics) {
        let Some(node) = get(page, "totalResults") else { return };
        let Some(total) = node.to_json(&mut Diagnostics::new()).as_u64() else {
            out.error(Diagnostic::error(Code::BadValue, "`totalResults` must be a number").at(node.span, ""));
            return;
        };
        let found = [self.users.len() - before[0], self.groups.len() - before[1]];
        for ((slot, found), other) in self.totals.iter_mut().zip(found).zip([found[1], found[0]]) {
            // An empty page, or one of the other kind, says nothing of this kind.
            if found > 0 && other == 0 {
                let (most, sum, _) = slot.unwrap_or((0, 0, node.span));
                *slot = Some((most.max(total), sum + found as u64, node.span));
            }
        }
        if found == [0, 0] && total > 0 {
            out.error(missing_page(total, 0, node.span));
        }
    }

    fn resource(&mut self, node: &Node, out: &mut Diagnostics) {
        let user = has_schema(node, USER) || (!has_schema(node, GROUP) && get(node, "userName").is_some());
        let group = has_schema(node, GROUP) || get(node, "members").is_some();
        let key = if user { "userName" } else { "displayName" };
        let name = get(node, key).filter(|node| !node.is_null());
        let Some(name) = name.filter(|_| user || group) else {
            out.error(
                Diagnostic::error(Code::BadValue, "this is neither a SCIM user nor a SCIM group")
                    .at(node.span, if user || group { format!("`{key}` is missing") } else { String::new() })
                    .help("a user has `userName`, a group has `displayName`, and `schemas` says which it is"),
            );
            return;
        };
        let Some(name) = name.name(&format!("`{key}`"), out) else { return };
        let id = get(node, "id").and_then(|node| node.name("`id`", out)).map(|id| owned(&id));
        if user {
            self.user(owned(&name), id, node, out);
        } else {
            let members = references(get(node, "members"), out);
            self.groups.push(Group { name: owned(&name), id, members });
        }
    }

    fn user(
        &mut self,
        name: Spanned<String>,
        id: Option<Spanned<String>>,
        node: &Node,
        out: &mut Diagnostics,
    ) {
        let active = match get(node, "active") {
            Some(node) => node.boolean("`active`", out).unwrap_or(false),
            None => true,
        };
        let mut attributes = Vec::new();
        if let Value::Map(entries) = &node.value {
            for (key, node) in entries.iter().filter(|(key, _)| !NOT_ATTRIBUTES.contains(&key.node.as_str()))
            {
                match (&node.value, key.node.starts_with("urn:")) {
                    (Value::Map(extension), true) => {
                        extension.iter().for_each(|(key, node)| values(&key.node, node, &mut attributes));
                    }
                    _ => values(&key.node, node, &mut attributes),
                }
            }
        }
        let groups = references(get(node, "groups"), out);
        self.users.push(User { name, id, active, groups, attributes });
    }

    /// Resolves the ids, now that every page has been read.
    pub(super) fn finish(self, draft: &mut Draft<'_>, out: &mut Diagnostics) {
        for (total, sum, span) in self.totals.into_iter().flatten().filter(|(total, sum, _)| sum < total) {
            out.error(missing_page(total, sum, span));
        }
        let mut by_id: BTreeMap<String, (Target, Place)> = BTreeMap::new();
        let mut know = |id: Option<&Spanned<String>>, target: Target, out: &mut Diagnostics| {
            let Some(id) = id else { return };
            let place = Place::from(id.span);
            match by_id.get(&id.node) {
                Some((_, first)) => {
                    out.error(twice(&format!("the resource `{}`", id.node), place, *first));
                }
                None => {
                    by_id.insert(id.node.clone(), (target, place));
                }
            }
        };
        for user in &self.users {
            let place = Place::from(user.name.span);
            let number = draft.declare_user(&user.name.node, place, !user.active, out);
            know(user.id.as_ref(), Target::User(number), out);
            // What a leaver had is not kept: a second listing of the id could otherwise take it up.
            for (name, value) in user.attributes.iter().filter(|_| user.active) {
                draft.attribute(number, name, &value.node, value.span.into());
            }
        }
        let mut groups = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let number = draft.declare_group(&group.name.node, group.name.span.into(), out);
            know(group.id.as_ref(), Target::Group(number), out);
            groups.push((number, group));
        }
        for (number, group) in groups {
            for member in &group.members {
                let place = Place::from(member.span);
                match by_id.get(&member.node) {
                    Some((Target::User(user), _)) => draft.membership(*user, number, place),
                    Some((Target::Group(child), _)) => {
                        draft.nesting.push(Nesting { child: *child, parent: number, place });
                    }
                    None => out.push(
                        Diagnostic::finding(
                            Code::UnknownMembership,
                            format!(
                                "`{}` has a member with the unknown id `{}`",
                                group.name.node, member.node
                            ),
                        )
                        .at(place, "ignored")
                        .help("export the pages of /Users and /Groups that hold it"),
                    ),
                }
            }
        }
        let mut missing: BTreeMap<&str, (Span, u32)> = BTreeMap::new();
        for group in self.users.iter().filter(|user| user.active).flat_map(|user| &user.groups) {
            if !matches!(by_id.get(&group.node), Some((Target::Group(_), _))) {
                missing.entry(&group.node).or_insert((group.span, 0)).1 += 1;
            }
        }
        for (id, (span, users)) in missing {
            out.error(
                Diagnostic::error(Code::UnknownGroup, format!("no group has the SCIM id `{id}`"))
                    .at(span, format!("{users} users say that they are in it"))
                    .note("memberships are read from the groups; without the group they would be lost")
                    .help("export /Groups too"),
            );
        }
    }
}

#[derive(Clone, Copy)]
enum Target {
    User(u32),
    Group(u32),
}

fn missing_page(total: u64, found: u64, span: Span) -> Diagnostic {
    Diagnostic::error(Code::BadFile, format!("a page is missing: {found} of {total} resources are here"))
        .at(span, "")
        .help("export every page (`startIndex`, `count`), or ask for one that holds all")
}

/// The `value`s of `members` or `groups`.
fn references(list: Option<&Node>, out: &mut Diagnostics) -> Vec<Spanned<String>> {
    let Some(list) = list.filter(|list| !list.is_null()) else { return Vec::new() };
    let mut found = Vec::new();
    for item in list.list("a list of references", out) {
        match get(item, "value") {
            Some(value) => found.extend(value.name("`value`", out).map(|value| owned(&value))),
            None => {
                out.error(
                    Diagnostic::error(Code::BadValue, "a reference needs `value`: the id of a resource")
                        .at(item.span, ""),
                );
            }
        }
    }
    found
}

/// Adds what a node says under a name.
fn values(name: &str, node: &Node, into: &mut Vec<(String, Spanned<String>)>) {
    match &node.value {
        Value::Scalar(Scalar { kind: ScalarKind::Null, .. }) => {}
        Value::Scalar(Scalar { text, .. }) => {
            into.push((name.to_owned(), Spanned::new(text.clone(), node.span)));
        }
        Value::List(items) => items.iter().for_each(|item| values(name, item, into)),
        Value::Map(entries) => match get(node, "value") {
            Some(value) => values(name, value, into),
            None => {
                for (key, part) in
                    entries.iter().filter(|(key, _)| !DESCRIPTIONS.contains(&key.node.as_str()))
                {
                    values(&key.node, part, into);
                }
            }
        },
    }
}
