//! The emulator of S3 Access Grants, spoken to by AWS's own client for Rust.
//!
//! What this cannot show: that AWS answers so where its documentation says nothing (`support/s3_emulator/mod.rs` lists that).

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

#[path = "support/s3_emulator/mod.rs"]
mod s3_emulator;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_s3control::Client;
use aws_sdk_s3control::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};
use aws_sdk_s3control::config::retry::RetryConfig;
use aws_sdk_s3control::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3control::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3control::operation::create_access_grant::CreateAccessGrantOutput;
use aws_sdk_s3control::operation::create_access_grant::builders::CreateAccessGrantFluentBuilder;
use aws_sdk_s3control::types::{
    AccessGrantsLocationConfiguration, Grantee, GranteeType, Permission, Privilege, S3PrefixType, Tag,
};
use s3_emulator::caller::{Caller, Principal};
use s3_emulator::faults::Faults;
use s3_emulator::server::{Emulator, Settings};

const ACCOUNT: &str = "123456789012";
const ALICE: &str = "arn:aws:iam::123456789012:role/alice";
const BOB: &str = "arn:aws:iam::123456789012:role/bob";
const USER: &str = "83d43802-00b1-7054-db02-f1d683aacba5";
const GROUP: &str = "94482488-3041-7000-8000-000000000001";
const ROLE: &str = "arn:aws:iam::123456789012:role/grants";
const APPLICATION: &str = "arn:aws:sso::123456789012:application/ssoins-1/apl-1";

/// AWS's rules put the account before every host; this one is as it is.
#[derive(Debug)]
struct Fixed(String);

impl ResolveEndpoint for Fixed {
    fn resolve_endpoint<'a>(&'a self, _: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(Endpoint::builder().url(self.0.clone()).build()))
    }
}

fn callers() -> BTreeMap<String, Caller> {
    let caller = |principals: &[Principal], application: Option<&str>| Caller {
        principals: principals.to_vec(),
        application: application.map(str::to_owned),
    };
    let directory =
        [Principal::of("DIRECTORY_USER", USER).unwrap(), Principal::of("DIRECTORY_GROUP", GROUP).unwrap()];
    BTreeMap::from([
        ("ALICE".to_owned(), caller(&[Principal::Iam(ALICE.to_owned())], None)),
        ("BOB".to_owned(), caller(&[Principal::Iam(BOB.to_owned())], None)),
        ("USER".to_owned(), caller(&directory, None)),
        ("THROUGH".to_owned(), caller(&directory, Some(APPLICATION))),
    ])
}

struct Bench {
    emulator: Emulator,
}

impl Bench {
    async fn new(settings: Settings) -> Bench {
        let emulator = Emulator::start(Settings { callers: callers(), ..settings }).await.unwrap();
        Bench { emulator }
    }

    /// With an instance and the location of every bucket.
    async fn furnished(settings: Settings) -> Bench {
        let bench = Bench::new(settings).await;
        let admin = bench.client("ADMIN");
        let center = "arn:aws:sso:::instance/ssoins-1";
        admin
            .create_access_grants_instance()
            .account_id(ACCOUNT)
            .identity_center_arn(center)
            .send()
            .await
            .unwrap();
        bench.register("s3://").await;
        bench
    }

    fn client(&self, key: &str) -> Client {
        let retries =
            RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(1));
        let config = aws_sdk_s3control::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new(key, "secret", None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(retries)
            .endpoint_resolver(Fixed(format!("http://{}", self.emulator.address)))
            .build();
        Client::from_conf(config)
    }

    async fn register(&self, scope: &str) -> String {
        let request = self.client("ADMIN").create_access_grants_location();
        let made = request.account_id(ACCOUNT).location_scope(scope).iam_role_arn(ROLE).send().await.unwrap();
        made.access_grants_location_id().unwrap().to_owned()
    }

    async fn grant(
        &self,
        who: &str,
        permission: &str,
        subprefix: &str,
    ) -> Result<CreateAccessGrantOutput, String> {
        let client = self.client("ADMIN");
        creation(&client, "default", who, permission, subprefix).send().await.map_err(|error| told(&error))
    }

    /// What GetDataAccess vends: `who`'s target, or AWS's code.
    async fn ask(&self, key: &str, permission: &str, target: &str) -> String {
        let request = self.client(key).get_data_access().account_id(ACCOUNT);
        let answer = request.target(target).permission(Permission::from(permission)).send().await;
        match answer {
            Ok(vended) => vended.matched_grant_target().unwrap().to_owned(),
            Err(error) => told(&error),
        }
    }
}

fn creation(
    client: &Client,
    location: &str,
    who: &str,
    permission: &str,
    subprefix: &str,
) -> CreateAccessGrantFluentBuilder {
    let kind = match who {
        USER => GranteeType::DirectoryUser,
        GROUP => GranteeType::DirectoryGroup,
        _ => GranteeType::Iam,
    };
    let configuration = AccessGrantsLocationConfiguration::builder().s3_sub_prefix(subprefix).build();
    let grant = client.create_access_grant().account_id(ACCOUNT).access_grants_location_id(location);
    grant
        .access_grants_location_configuration(configuration)
        .grantee(Grantee::builder().grantee_type(kind).grantee_identifier(who).build())
        .permission(Permission::from(permission))
}

/// `409 AccessGrantAlreadyExists`.
fn told<E: ProvideErrorMetadata>(error: &SdkError<E>) -> String {
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    format!("{status} {}", error.code().unwrap_or("-"))
}

#[tokio::test]
async fn what_is_made_is_told_found_and_deleted() {
    let bench = Bench::furnished(Settings::default()).await;
    let client = bench.client("ADMIN");
    let odd = "lake/é \"x\" & <y>'/ %20+*";
    let tag = Tag::builder().key("grantc").value("policies a b").build().unwrap();
    let made = creation(&client, "default", ALICE, "READ", odd).tags(tag).send().await.unwrap();
    assert_eq!(made.grant_scope(), Some(format!("s3://{odd}").as_str()));

    let found =
        client.get_access_grant().account_id(ACCOUNT).access_grant_id(made.access_grant_id().unwrap());
    let found = found.send().await.unwrap();
    assert_eq!(found.access_grants_location_configuration().unwrap().s3_sub_prefix(), Some(odd));
    assert_eq!(found.permission(), Some(&Permission::Read));
    assert_eq!(found.grantee().unwrap().grantee_identifier(), Some(ALICE));

    let filtered = |scope: String| client.list_access_grants().account_id(ACCOUNT).grant_scope(scope).send();
    assert_eq!(filtered(format!("s3://{odd}")).await.unwrap().access_grants_list().len(), 1);
    assert_eq!(filtered("s3://lake/*".to_owned()).await.unwrap().access_grants_list().len(), 0);

    let arn = made.access_grant_arn().unwrap();
    let more = Tag::builder().key("team").value("é&").build().unwrap();
    client.tag_resource().account_id(ACCOUNT).resource_arn(arn).tags(more).send().await.unwrap();
    let tags = || async {
        let told =
            client.list_tags_for_resource().account_id(ACCOUNT).resource_arn(arn).send().await.unwrap();
        told.tags().iter().map(|tag| format!("{}={}", tag.key(), tag.value())).collect::<Vec<_>>()
    };
    assert_eq!(tags().await, ["grantc=policies a b", "team=é&"]);
    client.untag_resource().account_id(ACCOUNT).resource_arn(arn).tag_keys("grantc").send().await.unwrap();
    assert_eq!(tags().await, ["team=é&"]);

    let delete =
        || client.delete_access_grant().account_id(ACCOUNT).access_grant_id(made.access_grant_id().unwrap());
    delete().send().await.unwrap();
    assert_eq!(told(&delete().send().await.unwrap_err()), "404 NoSuchAccessGrantError");
    client
        .delete_access_grants_location()
        .account_id(ACCOUNT)
        .access_grants_location_id("default")
        .send()
        .await
        .unwrap();
    client.delete_access_grants_instance().account_id(ACCOUNT).send().await.unwrap();
    let gone = client.get_access_grants_instance().account_id(ACCOUNT).send().await.unwrap_err();
    assert_eq!(told(&gone), "404 AccessGrantsInstanceNotExistsError");
}

#[tokio::test]
async fn refusals_have_the_codes_and_statuses_of_aws() {
    let bench = Bench::furnished(Settings::default()).await;
    let client = bench.client("ADMIN");
    bench.grant(ALICE, "READ", "lake/a*").await.unwrap();
    for (who, permission, subprefix, expected) in [
        (ALICE, "READ", "lake/a*", "409 AccessGrantAlreadyExists"),
        (ALICE, "SELECT", "lake/b*", "400 InvalidRequest"),
        ("arn:aws:iam::1:group/x", "READ", "lake/b*", "400 InvalidRequest"),
        (ALICE, "READ", "", "400 InvalidAccessGrant"),
    ] {
        assert_eq!(bench.grant(who, permission, subprefix).await.unwrap_err(), expected, "{who} {subprefix}");
    }
    // Another permission on the same scope is another grant.
    bench.grant(ALICE, "WRITE", "lake/a*").await.unwrap();
    let elsewhere = creation(&client, "no-such", ALICE, "READ", "lake/c*").send().await.unwrap_err();
    assert_eq!(told(&elsewhere), "404 NoSuchAccessGrantsLocationError");

    let location = |scope: &str, role: &str| {
        client
            .create_access_grants_location()
            .account_id(ACCOUNT)
            .location_scope(scope)
            .iam_role_arn(role)
            .send()
    };
    let again = location("s3://", ROLE).await.unwrap_err();
    assert_eq!(told(&again), "409 AccessGrantsLocationAlreadyExistsError");
    assert_eq!(
        told(&location("s3://x/", ALICE.replace("role", "user").as_str()).await.unwrap_err()),
        "400 InvalidIamRole"
    );
    assert_eq!(told(&location("lake", ROLE).await.unwrap_err()), "400 InvalidAccessGrantsLocation");

    let full =
        client.delete_access_grants_location().account_id(ACCOUNT).access_grants_location_id("default");
    assert_eq!(told(&full.send().await.unwrap_err()), "400 AccessGrantsLocationNotEmptyError");
    let full = client.delete_access_grants_instance().account_id(ACCOUNT).send().await.unwrap_err();
    assert_eq!(told(&full), "400 AccessGrantsInstanceNotEmptyError");
    let second = client.create_access_grants_instance().account_id(ACCOUNT).send().await.unwrap_err();
    assert_eq!(told(&second), "409 AccessGrantsInstanceAlreadyExists");
    let other = client.get_access_grants_instance().account_id("210987654321").send().await.unwrap_err();
    assert_eq!(told(&other), "404 AccessGrantsInstanceNotExistsError");

    let arn = bench.grant(BOB, "READ", "lake/t*").await.unwrap().access_grant_arn().unwrap().to_owned();
    let tag = |key: String| Tag::builder().key(key).value("v").build().unwrap();
    let tagged = |tags: Vec<Tag>| {
        client.tag_resource().account_id(ACCOUNT).resource_arn(&arn).set_tags(Some(tags)).send()
    };
    assert_eq!(told(&tagged(vec![tag("aws:x".to_owned())]).await.unwrap_err()), "400 InvalidTags");
    let many = (0..51).map(|number| tag(number.to_string())).collect();
    assert_eq!(told(&tagged(many).await.unwrap_err()), "400 TooManyTags");
}

#[tokio::test]
async fn a_quota_is_refused_with_the_status_of_a_duplicate_and_another_code() {
    let mut settings = Settings::default();
    settings.quotas.grants = 2;
    settings.quotas.locations = 2;
    let bench = Bench::furnished(settings).await;
    bench.grant(ALICE, "READ", "lake/a*").await.unwrap();
    bench.grant(ALICE, "READ", "lake/b*").await.unwrap();
    assert_eq!(
        bench.grant(ALICE, "READ", "lake/c*").await.unwrap_err(),
        "409 AccessGrantsQuotaExceededError"
    );
    assert_eq!(bench.grant(ALICE, "READ", "lake/a*").await.unwrap_err(), "409 AccessGrantAlreadyExists");
    bench.register("s3://lake/").await;
    let client = bench.client("ADMIN");
    let third = client
        .create_access_grants_location()
        .account_id(ACCOUNT)
        .location_scope("s3://x")
        .iam_role_arn(ROLE);
    assert_eq!(told(&third.send().await.unwrap_err()), "409 AccessGrantsLocationsQuotaExceededError");
}

/// Every grant of a paged list once, and the sizes of the pages.
async fn paged(client: &Client, size: i32) -> (BTreeSet<String>, Vec<usize>) {
    let mut pages = client.list_access_grants().account_id(ACCOUNT).into_paginator().page_size(size).send();
    let (mut ids, mut sizes) = (BTreeSet::new(), Vec::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        sizes.push(page.access_grants_list().len());
        for grant in page.access_grants_list() {
            assert!(ids.insert(grant.access_grant_id().unwrap().to_owned()), "a grant is listed twice");
        }
    }
    (ids, sizes)
}

#[tokio::test]
async fn pages_hold_everything_once() {
    let bench = Bench::furnished(Settings::default()).await;
    let client = bench.client("ADMIN");
    assert_eq!(paged(&client, 1000).await.1, [0]);
    for number in 0..1001 {
        bench.grant(ALICE, "READ", &format!("lake/{number}/*")).await.unwrap();
        if number == 998 {
            assert_eq!(paged(&client, 1000).await.1, [999]);
        }
        if number == 999 {
            assert_eq!(paged(&client, 1000).await.1, [1000]);
        }
    }
    let (ids, sizes) = paged(&client, 1000).await;
    assert_eq!((ids.len(), sizes), (1001, vec![1000, 1]));
    let (by_seven, sizes) = paged(&client, 7).await;
    assert_eq!((by_seven == ids, sizes.len()), (true, 143));
    let list = || client.list_access_grants().account_id(ACCOUNT);
    assert_eq!(told(&list().max_results(1001).send().await.unwrap_err()), "400 InvalidRequest");
    assert_eq!(told(&list().next_token("nonsense").send().await.unwrap_err()), "400 InvalidRequest");
}

#[tokio::test]
async fn lists_lag_when_told_to() {
    let faults = Faults { stale_lists: 2, ..Faults::default() };
    let bench = Bench::furnished(Settings { faults, ..Settings::default() }).await;
    let client = bench.client("ADMIN");
    let listed = || async { paged(&client, 1000).await.0.len() };
    let id = bench.grant(ALICE, "READ", "lake/a*").await.unwrap().access_grant_id().unwrap().to_owned();
    assert_eq!([listed().await, listed().await, listed().await], [0, 0, 1]);
    client.delete_access_grant().account_id(ACCOUNT).access_grant_id(&id).send().await.unwrap();
    let location =
        || client.delete_access_grants_location().account_id(ACCOUNT).access_grants_location_id("default");
    assert_eq!(told(&location().send().await.unwrap_err()), "400 AccessGrantsLocationNotEmptyError");
    // The answer of GetDataAccess does not lag.
    assert_eq!(bench.ask("ALICE", "READ", "s3://lake/a").await, "403 AccessDenied");
    assert_eq!([listed().await, listed().await, listed().await], [1, 1, 0]);
    location().send().await.unwrap();
}

#[tokio::test]
async fn faults_are_retried_and_a_lost_answer_comes_back_as_a_duplicate() {
    let bench = Bench::furnished(Settings::default()).await;
    for faults in [
        Faults { slow_down_every: 2, ..Faults::default() },
        Faults { internal_every: 2, ..Faults::default() },
    ] {
        let subprefix = format!("lake/{}*", faults.slow_down_every);
        bench.emulator.trouble(faults);
        let before = bench.emulator.requests();
        bench.ask("ALICE", "READ", "s3://lake/a").await;
        bench.grant(ALICE, "READ", &subprefix).await.unwrap();
        assert_eq!(bench.emulator.requests() - before, 3, "one of them was tried twice");
    }
    bench.emulator.trouble(Faults { slow_down_every: 1, ..Faults::default() });
    assert_eq!(bench.grant(ALICE, "READ", "lake/x*").await.unwrap_err(), "503 SlowDown");
    bench.emulator.trouble(Faults { lost_every: 1, ..Faults::default() });
    let before = bench.emulator.requests();
    // The second request finds what the first has done; that answer is lost too.
    assert_eq!(bench.grant(ALICE, "READ", "lake/y*").await.unwrap_err(), "0 -");
    assert!(bench.emulator.requests() > before);
    bench.emulator.trouble(Faults { lost_every: 2, ..Faults::default() });
    bench.grant(ALICE, "READ", "lake/v*").await.unwrap();
    assert_eq!(bench.grant(ALICE, "READ", "lake/w*").await.unwrap_err(), "409 AccessGrantAlreadyExists");
    bench.emulator.trouble(Faults { unknown_grantees: 1, ..Faults::default() });
    assert_eq!(bench.grant(ALICE, "READ", "lake/z*").await.unwrap_err(), "400 InvalidRequest");
    bench.grant(ALICE, "READ", "lake/z*").await.unwrap();
    assert_eq!(bench.ask("ALICE", "READ", "s3://lake/y").await, "s3://lake/y*");
}

/// Grants, and questions with what is vended.
async fn check(grants: &[(&str, &str, &str)], questions: &[(&str, &str, &str, &str)]) {
    let bench = Bench::furnished(Settings::default()).await;
    for (who, permission, subprefix) in grants {
        bench.grant(who, permission, subprefix).await.unwrap();
    }
    for (key, permission, target, expected) in questions {
        assert_eq!(
            bench.ask(key, permission, target).await,
            *expected,
            "{key} {permission} {target} with {grants:?}"
        );
    }
}

const DENIED: &str = "403 AccessDenied";

#[tokio::test]
async fn a_star_stands_for_characters_not_for_segments() {
    check(
        &[(ALICE, "READ", "lake/a*"), (BOB, "READ", "lake/a/*"), (USER, "READ", "lake/a")],
        &[
            ("ALICE", "READ", "s3://lake/a", "s3://lake/a*"),
            ("ALICE", "READ", "s3://lake/ab", "s3://lake/a*"),
            ("ALICE", "READ", "s3://lake/a-b", "s3://lake/a*"),
            ("ALICE", "READ", "s3://lake/a/b*", "s3://lake/a*"),
            ("ALICE", "READ", "s3://lake/A", DENIED),
            ("ALICE", "READ", "s3://lake/*", DENIED),
            ("BOB", "READ", "s3://lake/a/", "s3://lake/a/*"),
            ("BOB", "READ", "s3://lake/a", DENIED),
            ("BOB", "READ", "s3://lake/a-b", DENIED),
            ("BOB", "READ", "s3://lake/a.b", DENIED),
            ("BOB", "READ", "s3://lake/a*", DENIED),
            ("USER", "READ", "s3://lake/a", "s3://lake/a"),
            ("USER", "READ", "s3://lake/a/", DENIED),
            ("USER", "READ", "s3://lake/a*", DENIED),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_bucket_ends_where_its_name_ends() {
    check(
        &[(ALICE, "READ", "lake/*"), (BOB, "READ", "lake*")],
        &[
            ("ALICE", "READ", "s3://lake/x", "s3://lake/*"),
            ("ALICE", "READ", "s3://lake2/x", DENIED),
            ("BOB", "READ", "s3://lake/x", "s3://lake*"),
            ("BOB", "READ", "s3://lake-secrets/x", DENIED),
        ],
    )
    .await;
}

#[tokio::test]
async fn the_closest_grant_of_all_identities_answers_and_permissions_do_not_add_up() {
    check(
        &[
            (GROUP, "READ", "lake/bob/*"),
            (USER, "WRITE", "lake/bob/*"),
            (USER, "READ", "lake/bob/reports/*"),
            (USER, "READWRITE", "lake/both/*"),
        ],
        &[
            ("USER", "READ", "s3://lake/bob/x", "s3://lake/bob/*"),
            ("USER", "READ", "s3://lake/bob/reports/file.txt", "s3://lake/bob/reports/*"),
            ("USER", "WRITE", "s3://lake/bob/reports/file.txt", "s3://lake/bob/*"),
            ("USER", "READWRITE", "s3://lake/bob/x", DENIED),
            ("USER", "READWRITE", "s3://lake/both/x", "s3://lake/both/*"),
            ("USER", "READ", "s3://lake/both/x", "s3://lake/both/*"),
            ("ALICE", "READ", "s3://lake/both/x", DENIED),
            ("NOBODY", "READ", "s3://lake/both/x", "403 InvalidAccessKeyId"),
        ],
    )
    .await;
}

#[tokio::test]
async fn minimal_vends_the_target_and_an_application_is_asked_for() {
    let bench = Bench::furnished(Settings::default()).await;
    let client = bench.client("ADMIN");
    creation(&client, "default", USER, "READ", "lake/a/*").application_arn(APPLICATION).send().await.unwrap();
    let object =
        creation(&client, "default", ALICE, "READ", "lake/star*").s3_prefix_type(S3PrefixType::Object);
    object.send().await.unwrap();
    assert_eq!(bench.ask("USER", "READ", "s3://lake/a/b").await, DENIED);
    assert_eq!(bench.ask("THROUGH", "READ", "s3://lake/a/b").await, "s3://lake/a/*");
    assert_eq!(bench.ask("ALICE", "READ", "s3://lake/stars").await, DENIED);
    let minimal = || {
        let request = bench.client("THROUGH").get_data_access().account_id(ACCOUNT).target("s3://lake/a/b");
        request.permission(Permission::Read).privilege(Privilege::Minimal)
    };
    let vended = minimal().duration_seconds(900).send().await.unwrap();
    assert_eq!(vended.matched_grant_target(), Some("s3://lake/a/b"));
    assert!(vended.credentials().is_some());
    assert_eq!(told(&minimal().duration_seconds(899).send().await.unwrap_err()), "400 InvalidRequest");
}

#[tokio::test]
async fn a_location_is_joined_with_its_subprefix() {
    let bench = Bench::furnished(Settings::default()).await;
    let client = bench.client("ADMIN");
    for (location, subprefix, expected) in [
        ("s3://b1", "users*", "s3://b1/users*"),
        ("s3://b2/", "users*", "s3://b2/users*"),
        ("s3://b3/", "/key", "s3://b3/key"),
        ("s3://b4/p", "x*", "s3://b4/px*"),
        ("s3://b5/p*", "x", "s3://b5/px"),
        ("s3://b6/p/", "", "s3://b6/p/*"),
        ("s3://b7", "", "s3://b7*"),
    ] {
        let id = bench.register(location).await;
        let made = creation(&client, &id, ALICE, "READ", subprefix).send().await.unwrap();
        assert_eq!(made.grant_scope(), Some(expected), "{location} {subprefix:?}");
    }
}

#[tokio::test]
async fn callers_list_their_own_grants_by_the_beginning_of_the_scope() {
    let bench = Bench::furnished(Settings::default()).await;
    bench.grant(GROUP, "READ", "lake/a*").await.unwrap();
    bench.grant(USER, "READ", "lake/b*").await.unwrap();
    bench.grant(BOB, "READ", "lake/c*").await.unwrap();
    let listed = |key: &str, start: Option<&str>| {
        let request = bench.client(key).list_caller_access_grants().account_id(ACCOUNT);
        let request = request.set_grant_scope(start.map(str::to_owned)).send();
        async move {
            let told = request.await.unwrap();
            told.caller_access_grants_list()
                .iter()
                .map(|each| each.grant_scope().unwrap().to_owned())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(listed("USER", None).await, ["s3://lake/a*", "s3://lake/b*"]);
    assert_eq!(listed("USER", Some("s3://lake/b")).await, ["s3://lake/b*"]);
    assert_eq!(listed("ALICE", None).await, Vec::<String>::new());
}
