//! What exports mean: pages, scopes, marks, and whom foreign grants reach.

use super::super::S3;
use super::{ROLE, UUID, observe, short, world};
use crate::backend::{Backend, Fact, StateFolder, Symbols};
use crate::ids::Id;
use crate::inventory::directory::Access;
use crate::inventory::{Accounts, DataSourceId, IntegrationId, Securable};

const EMPTY: &str = "user alice iam\nuser bob dir02\ngroup g dir51 bob\ndata s3://lake/*\ndata s3://lake/a*";

/// What an export means: facts (`*` ours, `?` not understood), or what is said.
#[track_caller]
fn check_export(settings: &str, grants: &str, locations: &str, tags: Option<&str>, expected: &str) {
    let program = world(&format!("{EMPTY}\n{settings}"));
    let mut files =
        vec![("list_access_grants.json", grants), ("list_access_grants_locations.json", locations)];
    files.extend(tags.map(|tags| ("tags.ndjson", tags)));
    files.retain(|(_, text)| *text != "absent");
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect();
    let folder = StateFolder { name: "state/lake".into(), files: Some(files) };
    let mut symbols = Symbols::default();
    let found = match observe(&program, &folder, &mut symbols) {
        Err(told) => told,
        Ok(observed) => {
            let line = |mark: &str, fact: &Fact| {
                let text = |symbol| symbols.text(symbol);
                let unknown = if S3.understood(fact, &symbols) { "" } else { "?" };
                let key = fact.key;
                let words =
                    [text(key.privilege).to_owned(), text(key.object).to_owned(), short(text(key.grantee))];
                format!("{mark}{unknown}{}", words.join(" ").trim())
            };
            let ours = observed.ours.iter().map(|fact| line("*", fact));
            let foreign = observed.foreign.iter().map(|fact| line("", fact));
            ours.chain(foreign).collect::<Vec<_>>().join("\n")
        }
    };
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();
    assert_eq!(found, expected.join("\n"));
}

fn grant(id: &str, scope: &str, permission: &str, more: &str) -> String {
    format!(
        r#"{{"CreatedAt":"2026-01-01","AccessGrantId":"{id}","AccessGrantArn":"arn/{id}","Grantee":{{"GranteeType":"IAM","GranteeIdentifier":"{ROLE}alice"}},"Permission":"{permission}","AccessGrantsLocationId":"default","AccessGrantsLocationConfiguration":{{"S3SubPrefix":"x"}},"GrantScope":"{scope}"{more}}}"#
    )
}

const DEFAULT: &str = r#"{"AccessGrantsLocationsList":[{"AccessGrantsLocationId":"default","AccessGrantsLocationArn":"arn/location","LocationScope":"s3://","IAMRoleArn":"arn:aws:iam::123456789012:role/location","New":{"x":1}}]}"#;

#[test]
fn pages_come_in_every_shape() {
    let (one, two) = (grant("1", "s3://lake/*", "READ", ""), grant("2", "s3://lake/a*", "WRITE", ""));
    let page = |entries: &str, more: &str| format!(r#"{{"AccessGrantsList":[{entries}]{more}}}"#);
    let first = page(&one, r#","NextToken":"t""#);
    let last = page(&two, "");
    let expected = "s3://\nREAD s3://lake/* alice\nWRITE s3://lake/a* alice";
    for text in [
        page(&format!("{one},{two}"), r#","NextToken":null,"Other":[1]"#),
        format!("{first}{last}"),
        format!("{first}\n{last}\n"),
        format!("[{first},{last}]"),
        format!("[{one},{two}]"),
        format!("{one}\n{two}\n"),
        format!("\u{feff}[{one},{two}]"),
        format!("{first}{}", page(&format!("{one},{two}"), "")),
    ] {
        check_export("", &text, DEFAULT, None, expected);
    }
    let broken = "bad-state: `state/lake/list_access_grants.json` cannot be read";
    check_export(
        "",
        &last.replace("}]}", "}]"),
        DEFAULT,
        None,
        &format!("{broken} (EOF while parsing an object at line 1 column {})", last.len() - 1),
    );
    check_export(
        "",
        &format!("{last}{first}"),
        DEFAULT,
        None,
        &format!("{broken} (the last page says `NextToken`: the list is not complete)"),
    );
    check_export("", "", DEFAULT, None, &format!("{broken} (the file is empty)"));
    check_export(
        "",
        r#"{"Grants":[]}"#,
        DEFAULT,
        None,
        &format!("{broken} (document 1 is neither a page nor an entry of the list)"),
    );
    check_export("", "[]", DEFAULT, None, "s3://");
}

#[test]
fn scopes_come_in_every_shape() {
    let scope = |printed: &str, expected: &str| {
        check_export("", &grant("1", printed, "READ", ""), DEFAULT, None, &format!("s3://\n{expected}"));
    };
    scope("s3://lake*", "READ s3://lake/* alice");
    scope("s3://lake/*", "READ s3://lake/* alice");
    scope("s3://lake", "READ s3://lake/* alice");
    scope("s3://lake/", "READ s3://lake/* alice");
    scope("s3://lake/p*", "READ s3://lake/p* alice");
    scope("s3://lake/p/*", "READ s3://lake/p/* alice");
    scope("s3://lake/p", "READ s3://lake/p alice");
    scope("s3://My_Bucket/p", "READ s3://My_Bucket/p alice");
    scope("s3://lake/p*q", "?READ s3://lake/p*q alice");
    scope("s3://lake/p?", "?READ s3://lake/p? alice");
    scope("s3://lake/${aws:username}/*", "?READ s3://lake/${aws:username}/* alice");
    scope("s3://*", "?READ s3://* alice");
}

#[test]
fn grants_without_a_subprefix_are_their_whole_location() {
    let locations = r#"[{"AccessGrantsLocationId":"l1","LocationScope":"s3://lake/p","IAMRoleArn":"r"}]"#;
    for (scope, subprefix, expected) in [
        ("s3://lake/p", r#"{"S3SubPrefix":""}"#, "READ in s3://lake/p s3://lake/p* alice"),
        ("s3://lake/p", "null", "READ in s3://lake/p s3://lake/p* alice"),
        ("s3://lake/p*", "{}", "READ in s3://lake/p s3://lake/p* alice"),
        ("", "{}", "READ in s3://lake/p s3://lake/p* alice"),
        ("s3://lake/p/q", r#"{"S3SubPrefix":"/q"}"#, "READ in s3://lake/p s3://lake/p/q alice"),
    ] {
        let text = grant("1", scope, "READ", "")
            .replace(r#"{"S3SubPrefix":"x"}"#, subprefix)
            .replace("\"default\"", "\"l1\"");
        check_export("", &text, locations, None, &format!("s3://lake/p\n{expected}"));
    }
}

#[test]
fn what_is_tagged_is_ours_unless_we_do_not_understand_it() {
    let grants = [
        grant("1", "s3://lake/*", "READ", ""),
        grant("2", "s3://lake/a*", "READ", ""),
        grant("3", "s3://lake/p*q", "READ", ""),
        grant("4", "s3://lake/b", "LIST", ""),
    ]
    .join("\n");
    let tags = "{\"arn\":\"arn/1\",\"tags\":[{\"Key\":\"grantc\",\"Value\":\"r w\"},{\"Key\":\"team\",\"Value\":\"x\"}]}
        {\"arn\":\"arn/2\",\"tags\":{\"team\":\"x\"}}\n{\"arn\":\"arn/3\",\"tags\":{\"grantc\":\"\"}}\n{\"arn\":\"arn/4\",\"tags\":{\"grantc\":\"\"}}\n{\"arn\":\"arn/location\",\"tags\":{\"grantc\":\"\"}}";
    let ours = "*s3://\n*READ s3://lake/* alice\nREAD s3://lake/a* alice\n?LIST s3://lake/b alice\n?READ s3://lake/p*q alice";
    check_export("", &grants, DEFAULT, Some(tags), ours);
    // Nobody told us the role of our location: it is nothing to plan for.
    let location = "*READ s3://lake/* alice\nREAD s3://lake/a* alice\n?LIST s3://lake/b alice\n?READ s3://lake/p*q alice";
    check_export("set norole", &grants, DEFAULT, Some(tags), location);
    let foreign = "s3://\nREAD s3://lake/* alice\nREAD s3://lake/a* alice\n?LIST s3://lake/b alice\n?READ s3://lake/p*q alice";
    check_export("", &grants, DEFAULT, None, foreign);
    check_export("", &grants, DEFAULT, Some(""), foreign);
}

#[test]
fn a_location_of_ours_that_others_use_is_theirs() {
    let tags = r#"{"arn":"arn/location","tags":{"grantc":""}}"#;
    let path = "set path s3://lake/";
    check_export(path, "[]", DEFAULT, Some(tags), "*s3://");
    check_export(
        path,
        &grant("1", "s3://lake/*", "READ", ""),
        DEFAULT,
        Some(tags),
        "s3://\nREAD in s3:// s3://lake/* alice",
    );
}

#[test]
fn applications_make_another_grant_unless_all_are_meant() {
    let none = "s3://\nREAD s3://lake/* alice";
    for more in ["", r#","ApplicationArn":"""#, r#","ApplicationArn":"ALL""#, r#","ApplicationArn":"NA""#] {
        check_export("", &grant("1", "s3://lake/*", "READ", more), DEFAULT, None, none);
    }
    let app = r#","ApplicationArn":"arn:aws:sso::1:application/a""#;
    let both = [grant("1", "s3://lake/*", "READ", ""), grant("2", "s3://lake/*", "READ", app)].join("");
    let expected = format!("{none}\nREAD s3://lake/* alice through arn:aws:sso::1:application/a");
    check_export("", &both, DEFAULT, None, &expected);
}

#[test]
fn two_grants_never_share_a_key_in_silence() {
    let two =
        |left: &str, right: &str| [grant("1", left, "READ", ""), grant("2", right, "READ", "")].join("");
    let both = "s3://\nREAD s3://lake* alice\nREAD s3://lake/* alice";
    check_export("", &two("s3://lake*", "s3://lake/*"), DEFAULT, None, both);
    check_export("", &two("s3://lake/*", "s3://lake*"), DEFAULT, None, both);
    let tags = r#"{"arn":"arn/1","tags":{"grantc":""}}"#;
    let ours = "*READ s3://lake/* alice\ns3://\nREAD s3://lake/ alice";
    check_export("", &two("s3://lake*", "s3://lake/"), DEFAULT, Some(tags), ours);
    check_export(
        "",
        &two("s3://lake/x", "s3://lake/x"),
        DEFAULT,
        None,
        &format!(
            "bad-state: two grants are alike: READ on `s3://lake/x` to `IAM {ROLE}alice`; the first is taken (listed here)"
        ),
    );
}

#[test]
fn a_partly_filled_folder_is_an_error() {
    let lacks =
        |have: &str, missing: &str| format!("bad-state: `state/lake` has {have}: `{missing}` is missing ()");
    let (grants, locations) = ("list_access_grants.json", "list_access_grants_locations.json");
    check_export("", "absent", DEFAULT, None, &lacks(&format!("only `{locations}`"), grants));
    check_export("", "[]", "absent", None, &lacks(&format!("only `{grants}`"), locations));
    check_export(
        "",
        "absent",
        "absent",
        Some(""),
        &lacks("neither list", &format!("{grants}` and `{locations}")),
    );
    check_export(
        "",
        &grant("1", "s3://lake/*", "READ", ""),
        "[]",
        None,
        "bad-state: a grant stands in the location `default`, which is not in `list_access_grants_locations.json` (in this list)",
    );
    let program = world(EMPTY);
    let absent = StateFolder { name: "state/lake".into(), files: None };
    assert!(!observe(&program, &absent, &mut Symbols::default()).unwrap().present);
}

#[test]
fn foreign_grants_count_for_all_whom_they_reach() {
    let program = world(EMPTY);
    let directory = |kind: &str, id: &str, scope: &str, permission: &str| {
        grant(&format!("{kind}{id}{scope}"), scope, permission, "")
            .replace("\"IAM\"", &format!("\"{kind}\""))
            .replace(&format!("{ROLE}alice"), id)
    };
    let grants = [
        directory("DIRECTORY_GROUP", &format!("{UUID}51").to_uppercase(), "s3://lake*", "READ"),
        directory("DIRECTORY_GROUP", &format!("{UUID}99"), "s3://lake/a*", "WRITE"),
        directory("DIRECTORY_USER", &format!("{UUID}02"), "s3://lake/a/b/*", "WRITE"),
        grant("1", "s3://lake/a*", "READ", r#","ApplicationArn":"arn:aws:sso::1:application/a""#),
        grant("2", "s3://lake/zz*", "READWRITE", ""),
        grant("3", "s3://lake/*", "WRITE", ""),
        grant("4", "s3://lake/a*b", "READWRITE", ""),
        // Who has two of them inside has them all the same.
        grant("5", "s3://lake/zz/y*", "READ", ""),
    ]
    .join("\n");
    let files =
        [("list_access_grants.json", grants.as_str()), ("list_access_grants_locations.json", DEFAULT)];
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect();
    let folder = StateFolder { name: "state/lake".into(), files: Some(files) };
    let mut symbols = Symbols::default();
    let observed = observe(&program, &folder, &mut symbols).unwrap();
    let here = IntegrationId::from_raw(0);
    let accounts = Accounts::of(&program.inventory, here);
    let permits = S3.permits(&program.inventory, here, &observed.foreign, &symbols, &accounts);
    let names = |set: roaring::RoaringBitmap| {
        set.iter().map(|at| short(&permits.accounts()[at as usize])).collect::<Vec<_>>().join(", ")
    };
    let [lake, inner] = [0, 1].map(|raw| Securable::DataSource(DataSourceId::from_raw(raw)));
    assert_eq!(names(permits.may(lake, Access::Read)), "dir02");
    assert_eq!(names(permits.may(lake, Access::Write)), "alice");
    assert_eq!(names(permits.partly(lake, Access::Read)), "alice");
    assert_eq!(names(permits.may(inner, Access::Read)), "dir02, alice");
    assert_eq!(names(permits.may(inner, Access::Write)), "group99, alice");
    assert_eq!(names(permits.partly(inner, Access::Write)), "dir02");
    assert_eq!(
        permits.through(&format!("{ROLE}alice"), inner, Access::Read),
        [format!("READ on s3://lake/a* to IAM {ROLE}alice through arn:aws:sso::1:application/a")]
    );
    assert!(permits.through("nobody", lake, Access::Read).is_empty());
}
