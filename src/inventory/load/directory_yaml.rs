//! A directory document: users, groups and approvals.

use super::approvals::RawApproval;
use super::directory::{Draft, Nesting, Principal};
use super::find_integration;
use crate::diagnostic::Diagnostics;
use crate::inventory::directory::Access;
use crate::inventory::document::{Fields, Node};

/// The words of `access:`.
pub(super) const ACCESS: [(&str, Access); 2] = [("read", Access::Read), ("write", Access::Write)];

/// Reads one document into the draft.
pub(super) fn read(node: &Node, draft: &mut Draft<'_>, out: &mut Diagnostics) {
    let Some(mut fields) = Fields::of(node, "a directory file", out) else { return };
    let users = fields.get("users");
    let groups = fields.get("groups");
    let approvals = fields.get("approvals");
    fields.finish(out);
    for (id, node) in users.map_or(&[][..], |node| node.entries("`users`", "the id of a user", out)) {
        let user = draft.declare_user(&id.node, id.span.into(), false, out);
        read_user(user, node, draft, out);
    }
    for (id, node) in groups.map_or(&[][..], |node| node.entries("`groups`", "the name of a group", out)) {
        let group = draft.declare_group(&id.node, id.span.into(), out);
        read_group(group, node, draft, out);
    }
    for node in approvals.map_or(&[][..], |node| node.list("`approvals`", out)) {
        if let Some(approval) = read_approval(node, draft, out) {
            draft.approvals.push(approval);
        }
    }
}

fn read_user(user: u32, node: &Node, draft: &mut Draft<'_>, out: &mut Diagnostics) {
    let Some(mut fields) = Fields::of(node, "a user", out) else { return };
    for group in fields.names("groups", out) {
        let number = draft.mention_group(group.node, group.span.into());
        draft.membership(user, number, group.span.into());
    }
    let attributes = fields.get("attributes");
    for (name, node) in
        attributes.map_or(&[][..], |node| node.entries("`attributes`", "the name of an attribute", out))
    {
        // An empty value is a value: text is exact.
        for item in node.list(&format!("`{}`", name.node), out) {
            if let Some(value) = item.text("the value of an attribute", out) {
                draft.attribute(user, &name.node, value.node, value.span.into());
            }
        }
    }
    read_accounts(|| Principal::User(user), &mut fields, draft, out);
    fields.finish(out);
}

fn read_group(group: u32, node: &Node, draft: &mut Draft<'_>, out: &mut Diagnostics) {
    let Some(mut fields) = Fields::of(node, "a group", out) else { return };
    for parent in fields.names("groups", out) {
        let number = draft.mention_group(parent.node, parent.span.into());
        draft.nesting.push(Nesting { child: group, parent: number, place: parent.span.into() });
    }
    for member in fields.names("members", out) {
        draft.member(group, member.node, member.span.into());
    }
    read_accounts(|| Principal::Group(group), &mut fields, draft, out);
    fields.finish(out);
}

fn read_accounts(
    of: impl Fn() -> Principal,
    fields: &mut Fields<'_>,
    draft: &mut Draft<'_>,
    out: &mut Diagnostics,
) {
    let accounts = fields.get("accounts");
    for (name, node) in
        accounts.map_or(&[][..], |node| node.entries("`accounts`", "the name of an integration", out))
    {
        let integration = find_integration(&name.node, name.span.into(), draft.integrations, out);
        let account = node.name("an account", out);
        if let (Some(integration), Some(account)) = (integration, account) {
            draft.account(of(), integration, account.node, account.span.into());
        }
    }
}

fn read_approval(node: &Node, draft: &Draft<'_>, out: &mut Diagnostics) -> Option<RawApproval> {
    let mut fields = Fields::of(node, "an approval", out)?;
    let user = fields.required_name("user", out);
    let integration = fields.name("integration", out);
    let object = fields.required_name("object", out);
    let access = match fields.get("access") {
        Some(_) => fields.choice("access", &ACCESS, out),
        None => {
            fields.require("access", out);
            None
        }
    };
    let by = fields.name("by", out).map(|by| by.node.to_owned());
    let until = fields.get("until").map(|node| {
        let text = node.date_text("`until`", out)?;
        super::approvals::read_until(text.node, text.span.into(), out)
    });
    fields.finish(out);
    let integration = match integration {
        Some(name) => Some(find_integration(name.node, name.span.into(), draft.integrations, out)?),
        None => None,
    };
    let until = match until {
        Some(read) => Some(read?),
        None => None,
    };
    let object = object?;
    Some(RawApproval {
        user: user?.node.to_owned(),
        integration,
        object: object.node.to_owned(),
        access: access?,
        by,
        until,
        place: object.span.into(),
    })
}
