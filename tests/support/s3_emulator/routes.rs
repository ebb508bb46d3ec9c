//! One request: its path and parameters to an operation, what it answers to XML.
//!
//! In: [`Request`], taken from HTTP. Out: a status and a body. Paths are those of the model 2018-08-20; an ARN in a path has its
//! colons encoded and its slashes not.

use std::collections::BTreeMap;

use super::caller::Principal;
use super::error::{self, Answer, invalid_request};
use super::matching::{Wish, of_caller, vend};
use super::paging::Page;
use super::server::Account;
use super::store::{Grant, Instance, Location, NewGrant};
use super::wire::{Element, element, optional, tags, text};

/// When everything happens: answers are the same in every run.
const CREATED: &str = "2026-06-15T00:00:00.000Z";

/// A request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Decoded, without `/v20180820/`.
    pub(crate) path: String,
    /// Decoded.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn page(&self) -> Answer<Page> {
        Page::asked(self.parameter("nextToken"), self.parameter("maxResults"))
    }

    fn element(&self, root: &str) -> Answer<Element> {
        Element::parse(&self.body, root)
    }

    /// Whether an entry has what a filter asks for.
    fn admits(&self, filter: &str, value: &str) -> bool {
        self.parameter(filter).is_none_or(|wanted| wanted == value)
    }
}

/// What a request answers: the status, and the body.
pub(crate) fn serve(account: &mut Account<'_>, request: &Request) -> Answer<(u16, String)> {
    if let Some(arn) = request.path.strip_prefix("tags/") {
        return tagging(account, request, arn);
    }
    let path = request.path.strip_prefix("accessgrantsinstance").ok_or_else(error::no_method)?;
    let parts: Vec<&str> = path.split('/').collect();
    let body = match (request.method.as_str(), parts.as_slice()) {
        ("POST", [""]) => create_instance(account, request)?,
        ("GET", [""]) => {
            let instance = account.instance()?;
            element("GetAccessGrantsInstanceResult", &instance_fields(instance))
        }
        ("DELETE", [""]) => {
            let instance = account.instance()?;
            if !instance.locations.is_empty() || !instance.grants.is_empty() {
                return Err(error::instance_not_empty());
            }
            account.drop_instance();
            String::new()
        }
        ("GET", ["s"]) => {
            let found =
                account.instance().map(|each| element("AccessGrantsInstance", &instance_fields(each)));
            let list = element("AccessGrantsInstancesList", &found.unwrap_or_default());
            element("ListAccessGrantsInstancesResult", &list)
        }
        ("POST", ["", "location"]) => {
            let asked = request.element("CreateAccessGrantsLocationRequest")?;
            let (scope, role, quotas) =
                (asked.needed("LocationScope")?, asked.needed("IAMRoleArn")?, account.quotas);
            let location = account.instance()?.register(scope, role, asked.tags()?, quotas)?;
            element("CreateAccessGrantsLocationResult", &location_fields(location))
        }
        ("GET", ["", "location", id]) => {
            element("GetAccessGrantsLocationResult", &location_fields(account.instance()?.location(id)?))
        }
        ("PUT", ["", "location", id]) => {
            let asked = request.element("UpdateAccessGrantsLocationRequest")?;
            let location = account.instance()?.assume(id, asked.needed("IAMRoleArn")?)?;
            element("UpdateAccessGrantsLocationResult", &location_fields(location))
        }
        ("DELETE", ["", "location", id]) => account.instance()?.unregister(id).map(|()| String::new())?,
        ("GET", ["", "locations"]) => list_locations(account.instance()?, request)?,
        ("POST", ["", "grant"]) => create_grant(account, request)?,
        ("GET", ["", "grant", id]) => {
            element("GetAccessGrantResult", &grant_fields(account.instance()?.granted(id)?))
        }
        ("DELETE", ["", "grant", id]) => account.instance()?.revoke(id).map(|()| String::new())?,
        ("GET", ["", "grants"]) => list_grants(account, request)?,
        ("GET", ["", "caller", "grants"]) => list_caller_grants(account, request)?,
        ("GET", ["", "dataaccess"]) => data_access(account, request)?,
        _ => return Err(error::no_method()),
    };
    Ok((200, body))
}

fn tagging(account: &mut Account<'_>, request: &Request, arn: &str) -> Answer<(u16, String)> {
    let instance = account.instance()?;
    match request.method.as_str() {
        "POST" => {
            instance.tag(arn, request.element("TagResourceRequest")?.tags()?)?;
            Ok((204, String::new()))
        }
        "GET" => Ok((200, element("ListTagsForResourceResult", &tags(instance.tags_of(arn)?)))),
        "DELETE" => {
            let gone =
                |key: &str| request.query.iter().any(|(name, value)| name == "tagKeys" && value == key);
            instance.tags_of(arn)?.retain(|(key, _)| !gone(key));
            Ok((204, String::new()))
        }
        _ => Err(error::no_method()),
    }
}

fn create_instance(account: &mut Account<'_>, request: &Request) -> Answer<String> {
    if account.instance().is_ok() {
        return Err(error::instance_exists());
    }
    let asked = request.element("CreateAccessGrantsInstanceRequest")?;
    let center = asked.text("IdentityCenterArn").map(str::to_owned);
    let instance = account.create_instance(center, asked.tags()?)?;
    Ok(element("CreateAccessGrantsInstanceResult", &instance_fields(instance)))
}

fn create_grant(account: &mut Account<'_>, request: &Request) -> Answer<String> {
    let asked = request.element("CreateAccessGrantRequest")?;
    let nobody = || invalid_request("Invalid Grantee in the request");
    if account.trouble.faults.unknown_grantees > 0 {
        account.trouble.faults.unknown_grantees -= 1;
        return Err(nobody());
    }
    let grantee = asked.get("Grantee").ok_or_else(nobody)?;
    let configuration = asked.get("AccessGrantsLocationConfiguration");
    let object = match asked.text("S3PrefixType") {
        None => false,
        Some("Object") => true,
        Some(_) => return Err(invalid_request("S3PrefixType must be Object")),
    };
    let new = NewGrant {
        location: asked.needed("AccessGrantsLocationId")?.to_owned(),
        subprefix: configuration.and_then(|each| each.text("S3SubPrefix")).unwrap_or_default().to_owned(),
        object,
        grantee: Principal::of(grantee.needed("GranteeType")?, grantee.needed("GranteeIdentifier")?)
            .ok_or_else(nobody)?,
        permission: asked.needed("Permission")?.to_owned(),
        application: asked.text("ApplicationArn").filter(|arn| !arn.is_empty()).map(str::to_owned),
        tags: asked.tags()?,
    };
    let quotas = account.quotas;
    Ok(element("CreateAccessGrantResult", &grant_fields(account.instance()?.grant(new, quotas)?)))
}

fn list_locations(instance: &Instance, request: &Request) -> Answer<String> {
    let fitting = instance.locations.iter().filter(|(_, each)| request.admits("locationscope", &each.scope));
    let entry = |(number, each): (&u64, &Location)| {
        (*number, element("AccessGrantsLocation", &location_fields(each)))
    };
    let (entries, next) = request.page()?.of(fitting.map(entry));
    Ok(list("ListAccessGrantsLocationsResult", "AccessGrantsLocationsList", &entries, next))
}

fn list_grants(account: &mut Account<'_>, request: &Request) -> Answer<String> {
    let lag = account.trouble.faults.stale_lists;
    let instance = account.instance()?;
    instance.aging.list(lag);
    let shown = instance.grants.values().filter(|each| instance.aging.shows(each.number));
    let every: BTreeMap<u64, &Grant> =
        shown.chain(instance.aging.lingering()).map(|each| (each.number, each)).collect();
    let fitting = every.into_iter().filter(|(_, each)| {
        let (kind, identifier) = each.grantee.parts();
        request.admits("granteetype", kind)
            && request.admits("granteeidentifier", identifier)
            && request.admits("permission", &each.permission)
            && request.admits("grantscope", &each.scope)
            && request.admits("application_arn", each.application.as_deref().unwrap_or("ALL"))
    });
    let entry = |(number, each): (u64, &Grant)| (number, element("AccessGrant", &grant_fields(each)));
    let (entries, next) = request.page()?.of(fitting.map(entry));
    Ok(list("ListAccessGrantsResult", "AccessGrantsList", &entries, next))
}

fn list_caller_grants(account: &mut Account<'_>, request: &Request) -> Answer<String> {
    let caller = account.caller()?;
    let instance = account.instance()?;
    // Here the parameter is the beginning of the scope.
    let start = request.parameter("grantscope").unwrap_or_default();
    let entry = |each: &Grant| {
        let fields = text("Permission", &each.permission)
            + &text("GrantScope", &each.scope)
            + &text("ApplicationArn", each.application.as_deref().unwrap_or("ALL"))
            + &text("AccessGrantsInstanceArn", &instance.arn);
        (each.number, element("AccessGrant", &fields))
    };
    let own = of_caller(instance, &caller).into_iter().filter(|each| each.scope.starts_with(start));
    let (entries, next) = request.page()?.of(own.map(entry));
    Ok(list("ListCallerAccessGrantsResult", "CallerAccessGrantsList", &entries, next))
}

fn data_access(account: &mut Account<'_>, request: &Request) -> Answer<String> {
    let caller = account.caller()?;
    let instance = account.instance()?;
    let needed =
        |name: &str| request.parameter(name).ok_or_else(|| invalid_request(format!("{name} is missing")));
    let seconds = request.parameter("durationSeconds").unwrap_or("3600");
    let wish = Wish {
        target: needed("target")?,
        permission: needed("permission")?,
        privilege: request.parameter("privilege").unwrap_or("Default"),
        object: request.parameter("targetType") == Some("Object"),
        seconds: seconds.parse().map_err(|_| invalid_request("durationSeconds must be a number"))?,
    };
    let vended = vend(instance, &caller, &wish)?;
    let credentials = text("AccessKeyId", "ASIAEMULATED")
        + &text("SecretAccessKey", "emulated")
        + &text("SessionToken", &vended.grant.id)
        + &text("Expiration", CREATED);
    let body = element("Credentials", &credentials)
        + &text("MatchedGrantTarget", &vended.target)
        + &grantee_element(&vended.grant.grantee)
        + &text("MatchedInstanceArn", &instance.arn);
    Ok(element("GetDataAccessResult", &body))
}

fn list(root: &str, name: &str, entries: &[String], next: Option<String>) -> String {
    element(root, &(optional("NextToken", next.as_deref()) + &element(name, &entries.concat())))
}

fn instance_fields(instance: &Instance) -> String {
    text("CreatedAt", CREATED)
        + &text("AccessGrantsInstanceId", "default")
        + &text("AccessGrantsInstanceArn", &instance.arn)
        + &optional("IdentityCenterInstanceArn", instance.identity_center.as_deref())
}

fn location_fields(location: &Location) -> String {
    text("CreatedAt", CREATED)
        + &text("AccessGrantsLocationId", &location.id)
        + &text("AccessGrantsLocationArn", &location.arn)
        + &text("LocationScope", &location.scope)
        + &text("IAMRoleArn", &location.role)
}

fn grantee_element(grantee: &Principal) -> String {
    let (kind, identifier) = grantee.parts();
    element("Grantee", &(text("GranteeType", kind) + &text("GranteeIdentifier", identifier)))
}

/// Without tags and `S3PrefixType`, which AWS does not tell; `S3SubPrefix` is there when it is empty too.
fn grant_fields(grant: &Grant) -> String {
    text("CreatedAt", CREATED)
        + &text("AccessGrantId", &grant.id)
        + &text("AccessGrantArn", &grant.arn)
        + &grantee_element(&grant.grantee)
        + &text("AccessGrantsLocationId", &grant.location)
        + &element("AccessGrantsLocationConfiguration", &text("S3SubPrefix", &grant.subprefix))
        + &text("Permission", &grant.permission)
        + &text("ApplicationArn", grant.application.as_deref().unwrap_or("ALL"))
        + &text("GrantScope", &grant.scope)
}
