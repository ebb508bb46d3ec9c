//! Who calls: what stands behind an access key.
//!
//! AWS knows callers by their signature; here the access key id of the `Authorization` header is looked up in a table that the
//! test has filled. A session of IAM Identity Center has a user and groups beside its role.

/// A kind of grantee with its ARN or UUID.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Principal {
    Iam(String),
    DirectoryUser(String),
    DirectoryGroup(String),
}

impl Principal {
    /// Of AWS's word for the kind.
    pub(crate) fn of(kind: &str, identifier: &str) -> Option<Principal> {
        let uuid = || identifier.to_ascii_lowercase();
        match kind {
            "IAM" => Some(Principal::Iam(identifier.to_owned())),
            "DIRECTORY_USER" => Some(Principal::DirectoryUser(uuid())),
            "DIRECTORY_GROUP" => Some(Principal::DirectoryGroup(uuid())),
            _ => None,
        }
    }

    /// AWS's word, and the identifier.
    pub(crate) fn parts(&self) -> (&'static str, &str) {
        match self {
            Principal::Iam(arn) => ("IAM", arn),
            Principal::DirectoryUser(id) => ("DIRECTORY_USER", id),
            Principal::DirectoryGroup(id) => ("DIRECTORY_GROUP", id),
        }
    }

    /// Whether AWS's model and IAM could hold such a principal.
    pub(crate) fn is_possible(&self) -> bool {
        match self {
            Principal::Iam(arn) => {
                let parts: Vec<&str> = arn.splitn(6, ':').collect();
                let named = |name: &str| name.starts_with("user/") || name.starts_with("role/");
                matches!(parts.as_slice(), ["arn", _, "iam", "", account, name]
                    if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) && named(name))
            }
            Principal::DirectoryUser(id) | Principal::DirectoryGroup(id) => {
                let letters = id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
                letters && matches!(id.len(), 36 | 47)
            }
        }
    }
}

/// A caller: all that he is at once, and the application that he comes through.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    pub(crate) principals: Vec<Principal>,
    pub(crate) application: Option<String>,
}

/// The access key id of a SigV4 `Authorization` header.
pub(crate) fn access_key(header: &str) -> Option<&str> {
    let credential = header.split_once("Credential=")?.1;
    credential.split('/').next()
}
