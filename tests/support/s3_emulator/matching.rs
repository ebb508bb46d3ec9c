//! GetDataAccess and ListCallerAccessGrants: which grants are a caller's, and which of them answers.
//!
//! User guide, "Request access to Amazon S3 data through S3 Access Grants": the target must be the same as, or a subset of, the scope
//! of a grant; of several the closest answers, over all identities of the caller. With `Privilege` Default its scope is vended, with
//! Minimal the target. API reference of GetDataAccess: durations of 900 to 43,200 seconds.

use super::caller::Caller;
use super::error::{Answer, access_denied, invalid_request};
use super::scope::Keys;
use super::store::{Grant, Instance};

/// The parameters of GetDataAccess.
#[derive(Debug)]
pub(crate) struct Wish<'w> {
    pub(crate) target: &'w str,
    pub(crate) permission: &'w str,
    pub(crate) privilege: &'w str,
    /// `TargetType=Object`.
    pub(crate) object: bool,
    pub(crate) seconds: u32,
}

/// What is vended.
#[derive(Debug)]
pub(crate) struct Vended<'i> {
    pub(crate) grant: &'i Grant,
    pub(crate) target: String,
}

/// Whether one grant's permission satisfies a request.
fn satisfies(held: &str, asked: &str) -> bool {
    held == asked || (held == "READWRITE" && matches!(asked, "READ" | "WRITE"))
}

fn is_of(grant: &Grant, caller: &Caller) -> bool {
    let through = match &grant.application {
        None => true,
        Some(application) => caller.application.as_ref() == Some(application),
    };
    through && caller.principals.contains(&grant.grantee)
}

/// The grants of a caller, in the order of their making.
pub(crate) fn of_caller<'i>(instance: &'i Instance, caller: &Caller) -> Vec<&'i Grant> {
    let mut found: Vec<&Grant> = caller
        .principals
        .iter()
        .flat_map(|each| instance.held_by(each))
        .filter(|each| is_of(each, caller))
        .collect();
    found.sort_by_key(|grant| grant.number);
    found
}

/// GetDataAccess.
pub(crate) fn vend<'i>(instance: &'i Instance, caller: &Caller, wish: &Wish<'_>) -> Answer<Vended<'i>> {
    if !matches!(wish.permission, "READ" | "WRITE" | "READWRITE") {
        return Err(invalid_request("permission must be READ, WRITE or READWRITE"));
    }
    if !(900..=43_200).contains(&wish.seconds) {
        return Err(invalid_request("durationSeconds must be between 900 and 43200"));
    }
    let asked =
        Keys::of(wish.target, wish.object).ok_or_else(|| invalid_request("target must be an S3 URI"))?;
    let close = |grant: &&Grant| grant.keys().map(|keys| keys.closeness());
    let grant = of_caller(instance, caller)
        .into_iter()
        .filter(|grant| satisfies(&grant.permission, wish.permission))
        .filter(|grant| grant.keys().is_some_and(|keys| keys.hold(&asked)))
        .max_by_key(close)
        .ok_or_else(|| access_denied(wish.permission, wish.target))?;
    let target = match wish.privilege {
        "Default" => grant.scope.clone(),
        "Minimal" => wish.target.to_owned(),
        _ => return Err(invalid_request("privilege must be Default or Minimal")),
    };
    Ok(Vended { grant, target })
}
