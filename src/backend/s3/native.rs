//! The facts of S3 Access Grants, in the vendor's words, and their canonical texts.
//!
//! A grant's key is what AWS lets stand once: permission, scope, grantee, application and location. The permission is part of
//! it (READ and WRITE on one scope are two grants), and there is no update: every change is a deletion and a creation.
//!
//! ```text
//! kind      privilege              object            grantee                                  body
//! grant     READ                   s3://lake/raw/*   IAM arn:aws:iam::123456789012:role/a     s3://
//! grant     READ in s3://lake/     s3://lake/raw/*   DIRECTORY_USER 83d4… through arn:aws:…   s3://lake/
//! location                         s3://                                                      arn:aws:iam::…:role/access-grants
//! ```
//!
//! `in` stands only where the location is not the integration's own, `through` only where an application is named.
//! Whether AWS is told `S3PrefixType=Object` follows from the scope: lists do not say it.

use super::grantee::Grantee;
use super::location::LocationScope;
use crate::backend::{Fact, FactKey, FactKind, Symbol, Symbols};
use crate::prefix::{Permission, Prefix};

/// The key of the tag that marks what is ours.
pub(super) const MARK: &str = "grantc";

/// A grant that we understand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    /// READ, WRITE or READWRITE.
    pub(super) permission: Permission,
    /// The keys.
    pub(super) scope: Prefix,
    /// Who.
    pub(super) grantee: Grantee,
    /// Only through this application of Identity Center.
    pub(super) application: Option<String>,
    /// The location, whose role is assumed.
    pub(super) location: LocationScope,
}

impl Grant {
    /// The grant of a fact; `None` if it is none or not understood.
    pub(super) fn read(fact: &Fact, symbols: &Symbols) -> Option<Grant> {
        if fact.key.kind != FactKind::Grant {
            return None;
        }
        let privilege = symbols.text(fact.key.privilege);
        let word = privilege.split_once(' ').map_or(privilege, |(word, _)| word);
        let grantee = symbols.text(fact.key.grantee);
        let (grantee, application) = match grantee.split_once(" through ") {
            Some((grantee, application)) => (grantee, Some(application.to_owned())),
            None => (grantee, None),
        };
        Some(Grant {
            permission: permission_of_word(word)?,
            scope: Prefix::parse_export(symbols.text(fact.key.object)).ok()?,
            grantee: Grantee::parse(grantee)?,
            application,
            location: LocationScope::parse(symbols.text(fact.body)).ok()?,
        })
    }

    /// The fact of a grant, in an integration whose own location is `base`.
    pub(super) fn fact(&self, base: &LocationScope, policies: Symbol, symbols: &mut Symbols) -> Fact {
        GrantTexts {
            permission: permission_word(self.permission),
            scope: &self.scope.to_string(),
            grantee: &self.grantee.to_string(),
            application: self.application.as_deref(),
            location: &self.location.to_string(),
        }
        .fact(base, policies, symbols)
    }
}

/// A grant as texts, understood or not.
pub(super) struct GrantTexts<'a> {
    pub(super) permission: &'a str,
    pub(super) scope: &'a str,
    pub(super) grantee: &'a str,
    pub(super) application: Option<&'a str>,
    pub(super) location: &'a str,
}

impl GrantTexts<'_> {
    /// The fact.
    pub(super) fn fact(&self, base: &LocationScope, policies: Symbol, symbols: &mut Symbols) -> Fact {
        let own = self.location == base.to_string();
        let privilege = if own {
            symbols.intern(self.permission)
        } else {
            symbols.intern(&format!("{} in {}", self.permission, self.location))
        };
        let grantee = match self.application {
            None => symbols.intern(self.grantee),
            Some(application) => symbols.intern(&format!("{} through {application}", self.grantee)),
        };
        let object = symbols.intern(self.scope);
        let key = FactKey { kind: FactKind::Grant, privilege, object, grantee };
        Fact { key, body: symbols.intern(self.location), policies }
    }
}

/// The fact of a registered location.
pub(super) fn location_fact(scope: &str, role: &str, symbols: &mut Symbols) -> Fact {
    let nothing = Symbol::default();
    let key = FactKey {
        kind: FactKind::Location,
        privilege: nothing,
        object: symbols.intern(scope),
        grantee: nothing,
    };
    Fact { key, body: symbols.intern(role), policies: nothing }
}

/// The vendor's word.
pub(super) fn permission_word(permission: Permission) -> &'static str {
    match permission {
        Permission::Read => "READ",
        Permission::Write => "WRITE",
        Permission::ReadWrite => "READWRITE",
    }
}

/// The permission of a word.
pub(super) fn permission_of_word(word: &str) -> Option<Permission> {
    [Permission::Read, Permission::Write, Permission::ReadWrite]
        .into_iter()
        .find(|each| permission_word(*each) == word)
}
