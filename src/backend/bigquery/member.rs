//! Members of IAM policies: users, service accounts, groups, and whatever else a policy names.
//!
//! In: an account of the directory, or a grantee of an export. Out: one text per principal, `USER "user:alice@acme.example"`.
//! Letter case does not count in addresses, and Google prints them as it likes, so they are compared in lower case. An account in
//! upper case would be the same principal under another account name, so it is not taken. Invariant: two accounts that we take are
//! the same principal exactly if they are the same text, and ask with the same name exactly then too.

use crate::backend::object::Object;

/// Only service accounts have such addresses: docs.cloud.google.com/iam/docs/service-account-types (2026-11-25).
const SERVICE: &str = "gserviceaccount.com";

/// The address with which an account asks, if we can grant to it: `user:` or `serviceAccount:`, in lower case.
pub(super) fn address(account: &str) -> Option<&str> {
    let (kind, address) = account.split_once(':')?;
    let service = address.ends_with(SERVICE);
    let fits = match kind {
        "user" => !service,
        "serviceAccount" => service,
        _ => false,
    };
    (fits && is_address(address)).then_some(address)
}

/// Whether an account is a group that we can grant to.
pub(super) fn is_group(account: &str) -> bool {
    account.strip_prefix("group:").is_some_and(is_address)
}

/// One `@`, and nothing that a policy's member or a literal could read as anything else.
fn is_address(text: &str) -> bool {
    let in_name = |each: char| {
        each.is_ascii_lowercase() || each.is_ascii_digit() || "!#$%&'+-/=?^_{|}~.".contains(each)
    };
    let in_domain = |each: char| each.is_ascii_lowercase() || each.is_ascii_digit() || "-.".contains(each);
    text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && !domain.is_empty() && name.chars().all(in_name) && domain.chars().all(in_domain)
    })
}

/// The grantee of a member as an export names it.
pub(super) fn grantee(member: &str) -> String {
    let (kind, rest) = member.split_once(':').unwrap_or(("", member));
    let (word, member) = match kind {
        "user" | "serviceAccount" => ("USER", format!("{kind}:{}", rest.to_ascii_lowercase())),
        "group" => ("GROUP", format!("{kind}:{}", rest.to_ascii_lowercase())),
        "domain" => ("DOMAIN", format!("{kind}:{}", rest.to_ascii_lowercase())),
        "" if matches!(rest, "allUsers" | "allAuthenticatedUsers") => {
            ("MEMBER", format!("specialGroup:{rest}"))
        }
        _ => ("MEMBER", member.to_owned()),
    };
    Object::new(word, [member.as_str()]).text()
}

/// The member behind a grantee.
pub(super) fn name(grantee: &str) -> String {
    Object::parse(grantee).name().to_owned()
}

/// Whether a member stands for everybody.
pub(super) fn is_everybody(member: &str) -> bool {
    matches!(member, "specialGroup:allUsers" | "specialGroup:allAuthenticatedUsers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_users_and_service_accounts_in_lower_case() {
        assert_eq!(address("user:o'brien+bi@acme.example"), Some("o'brien+bi@acme.example"));
        let robot = "serviceAccount:etl@shop-1.iam.gserviceaccount.com";
        assert_eq!(address(robot), robot.strip_prefix("serviceAccount:"));
        assert!(is_group("group:staff@acme.example"));
    }

    #[test]
    fn whatever_could_name_another_principal_is_not_taken() {
        for account in [
            "",
            "alice",
            "alice@acme.example",
            "user:",
            "user:alice",
            "user:Alice@acme.example",
            "user:a@b@c",
            "user:a@*",
            "user:a b@c",
            "user:\"a\"@c",
            "user:é@c",
            "user:a@c,user:b@c",
            "user:etl@shop-1.iam.gserviceaccount.com",
            "serviceAccount:alice@acme.example",
            "group:staff@acme.example",
            "domain:acme.example",
            "deleted:user:a@c?uid=1",
            "principal://iam.googleapis.com/locations/global/workforcePools/p/subject/a@c",
            "allUsers",
        ] {
            assert_eq!(address(account), None, "{account}");
        }
        assert!(!is_group("group:Staff@acme.example") && !is_group("user:a@c"));
    }

    #[test]
    fn exports_name_members_in_any_case() {
        assert_eq!(grantee("user:Alice@Acme.example"), "USER \"user:alice@acme.example\"");
        assert_eq!(grantee("group:G@x"), "GROUP \"group:g@x\"");
        assert_eq!(grantee("allUsers"), "MEMBER \"specialGroup:allUsers\"");
        assert_eq!(grantee("principal://X/subject/A"), "MEMBER \"principal://X/subject/A\"");
        assert!(is_everybody(&name(&grantee("allAuthenticatedUsers"))));
    }
}
