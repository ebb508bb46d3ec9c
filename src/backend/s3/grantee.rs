//! Who holds a grant: an IAM user or role, or a user or group of IAM Identity Center.
//!
//! In: an account of the directory, or a grantee of an export. Out: [`Grantee`], with one text per principal.
//! Invariant: two accounts that we take have the same text exactly if they are the same principal, so that nothing is
//! granted to one user through the account of another.

use std::fmt;

/// The vendor's `GranteeType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum GranteeType {
    /// An IAM user or role, by ARN.
    Iam,
    /// A user of IAM Identity Center, by UUID.
    DirectoryUser,
    /// A group of IAM Identity Center, by UUID.
    DirectoryGroup,
}

impl GranteeType {
    const ALL: [GranteeType; 3] = [GranteeType::Iam, GranteeType::DirectoryUser, GranteeType::DirectoryGroup];

    /// The vendor's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            GranteeType::Iam => "IAM",
            GranteeType::DirectoryUser => "DIRECTORY_USER",
            GranteeType::DirectoryGroup => "DIRECTORY_GROUP",
        }
    }

    /// The type of a word.
    pub(super) fn of_word(word: &str) -> Option<GranteeType> {
        GranteeType::ALL.into_iter().find(|each| each.word() == word)
    }
}

/// A grantee. Its text is `IAM arn…`, `DIRECTORY_USER uuid` or `DIRECTORY_GROUP uuid`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grantee {
    /// Its type.
    pub(super) kind: GranteeType,
    /// The ARN or UUID; UUIDs in lower case.
    pub(super) identifier: String,
}

impl Grantee {
    /// A grantee of an export. UUIDs are the same in either case.
    pub(super) fn of_export(kind: GranteeType, identifier: &str) -> Grantee {
        let identifier = match kind {
            GranteeType::Iam => identifier.to_owned(),
            GranteeType::DirectoryUser | GranteeType::DirectoryGroup => identifier.to_ascii_lowercase(),
        };
        Grantee { kind, identifier }
    }

    /// The grantee of a user's account; `None` where it names no IAM user or role and no directory user.
    pub(super) fn of_account(account: &str) -> Option<Grantee> {
        let kind = if iam_kind(account).is_some() {
            GranteeType::Iam
        } else if is_uuid(account) {
            GranteeType::DirectoryUser
        } else {
            return None;
        };
        Some(Grantee { kind, identifier: account.to_owned() })
    }

    /// The grantee of a group's account: groups exist in the directory only.
    pub(super) fn of_group_account(account: &str) -> Option<Grantee> {
        is_uuid(account)
            .then(|| Grantee { kind: GranteeType::DirectoryGroup, identifier: account.to_owned() })
    }

    /// Reads the text back.
    pub(super) fn parse(text: &str) -> Option<Grantee> {
        let (word, identifier) = text.split_once(' ')?;
        Some(Grantee { kind: GranteeType::of_word(word)?, identifier: identifier.to_owned() })
    }
}

impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.word(), self.identifier)
    }
}

/// The ARN of an IAM role, which a location may have.
pub(super) fn is_role(arn: &str) -> bool {
    iam_kind(arn) == Some("role")
}

/// `user` of `arn:PARTITION:iam::ACCOUNT:user/…`, `role` of `…:role/…`. Not `…:root`, which is everybody in the account, and no wildcard; names
/// hold what IAM lets them hold (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
fn iam_kind(account: &str) -> Option<&str> {
    let mut parts = account.splitn(6, ':');
    let head = [parts.next(), parts.next(), parts.next(), parts.next(), parts.next()];
    let [Some("arn"), Some(partition), Some("iam"), Some(""), Some(number)] = head else { return None };
    let (kind, name) = parts.next().and_then(|resource| resource.split_once('/'))?;
    let (path, name) = name.rsplit_once('/').unwrap_or(("", name));
    let in_name = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let in_path = |c: char| c.is_ascii_graphic() && !matches!(c, '*' | '?');
    let is = matches!(kind, "user" | "role")
        && partition.starts_with("aws")
        && number.len() == 12
        && number.chars().all(|c| c.is_ascii_digit())
        && path.chars().all(in_path)
        && !name.is_empty()
        && name.chars().all(in_name);
    is.then_some(kind)
}

/// A UUID in lower case, as the identity store prints it, perhaps behind the store's ten digits
/// (<https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_User.html>). In upper case it would be
/// the same principal under another account name, so it is not taken.
fn is_uuid(account: &str) -> bool {
    let hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let parts: Vec<&str> = account.split('-').collect();
    match parts.as_slice() {
        [a, b, c, d, e] => hex(a, 8) && hex(b, 4) && hex(c, 4) && hex(d, 4) && hex(e, 12),
        [store, a, b, c, d, e] => {
            hex(store, 10) && hex(a, 8) && hex(b, 4) && hex(c, 4) && hex(d, 4) && hex(e, 12)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(account: &str, expected: Option<GranteeType>) {
        assert_eq!(Grantee::of_account(account).map(|grantee| grantee.kind), expected, "{account:?}");
    }

    #[test]
    fn accounts_are_iam_principals_or_directory_users() {
        check("arn:aws:iam::123456789012:user/alice", Some(GranteeType::Iam));
        check("arn:aws:iam::123456789012:role/aws-reserved/sso/R_1", Some(GranteeType::Iam));
        check("arn:aws-cn:iam::123456789012:role/a+=,.@-_b", Some(GranteeType::Iam));
        check("83d43802-00b1-7054-db02-f1d683aacba5", Some(GranteeType::DirectoryUser));
        check("9067642ac0-83d43802-00b1-7054-db02-f1d683aacba5", Some(GranteeType::DirectoryUser));
    }

    #[test]
    fn whatever_could_name_more_than_one_principal_is_not_taken() {
        for account in [
            "",
            "alice",
            "arn:",
            "arn:aws:iam::123456789012:root",
            "arn:aws:iam::123456789012:role/*",
            "arn:aws:iam::123456789012:role/a?",
            "arn:aws:iam::*:role/a",
            "arn:aws:iam::12345678901:role/a",
            "arn:aws:iam::123456789012:group/g",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:role/o'brien",
            "arn:aws:iam::123456789012:role/a b",
            "arn:aws:iam::123456789012:role/é",
            "arn:aws:s3:::lake",
            "arn:aws:sts::123456789012:assumed-role/a/b",
            "83D43802-00B1-7054-DB02-F1D683AACBA5",
            "83d43802-00b1-7054-db02-f1d683aacba",
            "83d4380200b17054db02f1d683aacba5",
        ] {
            check(account, None);
        }
    }

    #[test]
    fn texts_read_back() {
        for text in ["IAM arn:aws:iam::1:role/a", "DIRECTORY_USER x", "DIRECTORY_GROUP x"] {
            assert_eq!(Grantee::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Grantee::parse("ROBOT x"), None);
    }
}
