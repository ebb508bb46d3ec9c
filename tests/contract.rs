//! What scripts rely on, end to end: exit codes, JSON shapes, the same bytes whatever the order of files and threads.
//!
//! Answers about `fixtures/retail` are computed by hand from its policies and directory. What these cannot show: that the
//! platforms behave so; the laws of the backends do that.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]
#![expect(clippy::disallowed_methods, reason = "tests copy fixtures")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

const AT: &str = "2026-06-15";

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("{why}\n{}\n{}", self.out, self.err))
    }
}

/// Runs a command on a project, without the environment's secrets.
fn grantc(project: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_grantc"))
        .arg("--project")
        .arg(project)
        .args(["--color", "never"])
        .args(arguments)
        .env_remove("GRANTC_SALT")
        .output()
        .expect("grantc runs");
    Ran {
        code: output.status.code().expect("an exit code"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

fn explain(user: &str, object: &str, access: &str, at: &str) -> Ran {
    grantc(&fixture("retail"), &["explain", user, object, "--access", access, "--at", at, "--format", "json"])
}

/// Short ids of the fixture's people.
fn id(user: &str) -> String {
    format!("{user}@acme.example")
}

#[track_caller]
fn may(user: &str, access: &str, object: &str, at: &str, expected: bool) -> Value {
    let ran = explain(&id(user), object, access, at);
    assert_eq!(ran.code, 0, "{user} {object}: {}", ran.err);
    let answer = ran.json();
    assert_eq!(answer["allowed"], expected, "{user} {access} {object} at {at}: {}", answer["because"]);
    if !expected {
        assert_eq!(answer["grants"], Value::Array(Vec::new()), "nothing gives what is not allowed");
    }
    answer
}

#[test]
fn approvals_hold_until_their_end_and_not_from_oneself() {
    let promotion = "RETAIL.PUBLIC.PROMOTION";
    may("alice", "read", promotion, AT, true);
    // Until 1 June, exclusive.
    may("bob", "read", promotion, "2026-05-31T23:59:59Z", true);
    may("bob", "read", promotion, "2026-06-01", false);
    // By himself; by somebody who owns no data; by somebody unknown.
    may("mike", "read", promotion, AT, false);
    may("Dana.Lopez", "read", promotion, AT, false);
    may("otto", "read", promotion, AT, false);
    // Approved, and held back by a guardrail that the answer names.
    let answer = may("chen.wei", "read", promotion, AT, false);
    let holds = |policy: &str| {
        let list = answer["because"].as_array().expect("a list");
        list.iter().find(|each| each["policy"] == policy).map(|each| each["holds"] == true)
    };
    assert_eq!((holds("by_approval"), holds("no_contractors")), (Some(true), Some(false)));
    // For writing only, and not in the days of the freeze.
    may("erik", "read", promotion, AT, false);
    may("erik", "write", promotion, AT, true);
    may("erik", "write", promotion, "2026-11-25", false);
    may("erik", "write", promotion, "2026-12-05", true);
}

#[test]
fn a_key_is_its_data_source_s() {
    let owner = |user: &str, access: &str, key: &str, expected: bool, owner: Option<&str>| {
        let answer = may(user, access, key, AT, expected);
        assert_eq!(answer.get("data_source").and_then(Value::as_str), owner, "{key}");
        assert_eq!(answer["object"], key);
        assert!(answer.get("columns").is_none() && answer.get("filters").is_none(), "{key}");
    };
    let (orders, ordering) = ("s3://acme-lake/raw/orders/2026/01/p.parquet", "s3://acme-lake/raw/ordering/p");
    owner("quinn", "read", orders, true, Some("s3://acme-lake/raw/orders/2026/01/*"));
    owner("quinn", "read", ordering, false, Some("s3://acme-lake/raw/ordering/*"));
    // Registered itself, so a question about itself.
    owner("quinn", "read", "s3://acme-lake/raw/orders.csv", true, None);
    owner("quinn", "read", "s3://acme-lake/raw/order*", false, None);
    // `a/b*`, `a/*` and `a*` all cover it; `a/b*` is the longest.
    owner("alice", "read", "s3://acme-lake/a/b/c", true, Some("s3://acme-lake/a/b*"));
    owner("otto", "write", "s3://acme-lake/a/b/c", true, Some("s3://acme-lake/a/b*"));
    // `ab` is not in `a/*`.
    owner("otto", "write", "s3://acme-lake/ab/x", false, Some("s3://acme-lake/ab/*"));
    owner("otto", "write", "s3://acme-lake/ab", false, None);
    // One é composed, one not: neither is the other.
    owner("alice", "read", "s3://acme-lake/caf\u{e9}/menu", true, Some("s3://acme-lake/caf\u{e9}/*"));
    owner("alice", "read", "s3://acme-lake/cafe\u{301}/menu", false, Some("s3://acme-lake/cafe\u{301}/*"));
    // Another bucket, whatever its name begins with: bob is not of the EU.
    owner(
        "bob",
        "read",
        "s3://acme-lake-eu/curated/sales/1",
        false,
        Some("s3://acme-lake-eu/curated/sales/*"),
    );
}

#[test]
fn groups_are_transitive_and_masks_may_depend_on_the_row() {
    // wendy: store-managers, which is in sales.
    let answer = may("wendy", "read", "RETAIL.PUBLIC.STORE_SALES", AT, true);
    assert_eq!(answer["filters"], serde_json::json!(["own_stores"]));
    // harold: hr-leads, a member of hr; clearance secret. Leads see salaries and all reports.
    let answer = may("harold", "read", "PEOPLE.HR.EMPLOYEES", AT, true);
    assert_eq!(answer["filters"], serde_json::json!(["own_country"]));
    assert_eq!(answer["columns"]["SALARY"]["mask"], Value::Null);
    let phone = &answer["columns"]["PHONE"];
    assert_eq!((&phone["mask"], &phone["when"][0]["mask"]), (&"pii_default".into(), &"phones".into()));
    let felix = may("felix", "read", "PEOPLE.HR.EMPLOYEES", AT, true);
    assert_eq!(felix["filters"], serde_json::json!(["own_country", "own_reports"]));
    assert_eq!(
        felix["columns"]["SALARY"],
        serde_json::json!({"mask": "salaries", "method": "round to 1000"})
    );
    // The support desk sees names, except those of preferred customers.
    let gus = may("gus", "read", "RETAIL.PUBLIC.CUSTOMER", AT, true);
    let name = &gus["columns"]["C_LAST_NAME"];
    assert_eq!((&name["mask"], &name["when"][0]["mask"]), (&Value::Null, &"vip_names".into()));
    assert_eq!(gus["columns"]["C_EMAIL_ADDRESS"], serde_json::json!({"mask": null, "method": null}));
    // One column asked, one answered.
    let one = may("alice", "read", "RETAIL.PUBLIC.CUSTOMER.C_EMAIL_ADDRESS", AT, true);
    assert_eq!(one["columns"], serde_json::json!({"C_EMAIL_ADDRESS": {"mask": "emails", "method": "hash"}}));
    // Cleared, but trained last year.
    may("bob", "read", "RETAIL.PUBLIC.CUSTOMER", AT, false);
    // Both keys, and only these.
    may("erik", "write", "RETAIL.PUBLIC.WAREHOUSE", AT, true);
    may("fatima", "write", "RETAIL.PUBLIC.WAREHOUSE", AT, false);
}

#[test]
fn accounts_change_what_is_granted_not_what_is_meant() {
    // quinn has no account on S3.
    let answer = may("quinn", "read", "s3://acme-lake/raw/orders/*", AT, true);
    assert_eq!(answer["grants"], serde_json::json!([]));
    // Two jobs, one account: one is untrained, so the account gets nothing of what carries PII.
    let customers = "s3://acme-lake/curated/customers/*";
    let nightly = may("etl-nightly", "read", customers, AT, true);
    assert_eq!(nightly["grants"], serde_json::json!([]));
    may("etl-hourly", "read", customers, AT, false);
    // What both may, it gets.
    let orders = may("etl-nightly", "write", "s3://acme-lake/raw/orders/*", AT, true);
    assert_ne!(orders["grants"], serde_json::json!([]));
}

#[test]
fn windows_open_on_their_first_day_and_close_before_their_last() {
    may("nadia", "read", "RETAIL.PUBLIC.STORE", "2026-02-28T23:59:59Z", false);
    may("nadia", "read", "RETAIL.PUBLIC.STORE", "2026-03-01", true);
    may("nadia", "read", "RETAIL.PUBLIC.STORE", "2026-03-31T23:59:59Z", true);
    may("nadia", "read", "RETAIL.PUBLIC.STORE", "2026-04-01", false);
}

#[test]
fn names_fold_quotes_do_not_and_output_shows_what_is_stored() {
    let sales = "RETAIL.\"Reporting 2026\".\"Daily Sales\"";
    for written in [sales, "retail.\"Reporting 2026\".\"Daily Sales\"", &format!("snowflake_prod:{sales}")] {
        let answer = may("zoë.müller", "read", written, AT, true);
        assert_eq!(answer["object"], sales);
    }
    may("zoë.müller", "read", sales, "2026-08-01", false);
    may("pam", "read", "lake.retail.store", AT, true);
    may("pam", "read", "trino_lake:LAKE.Retail.STORE", AT, true);
}

#[test]
fn what_is_not_one_known_thing_exits_1_and_says_what_is_near() {
    let refused = |user: &str, object: &str, expected: &[&str]| {
        let ran = grantc(&fixture("retail"), &["explain", user, object, "--at", AT]);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{user} {object}: {}", ran.err);
        for text in expected {
            assert!(ran.err.contains(text), "{user} {object} should say {text}:\n{}", ran.err);
        }
    };
    let customer = "RETAIL.PUBLIC.CUSTOMER";
    refused("alicia@acme.example", customer, &["unknown-user", "did you mean `alice@acme.example`?"]);
    refused("wendy", customer, &["did you mean `wendy@acme.example`?"]);
    refused("esther@acme.example", customer, &["has left"]);
    refused("alice@acme.example", "RETAIL.PUBLIC.CUSTOMRE", &["did you mean `RETAIL.PUBLIC.CUSTOMER`?"]);
    refused("alice@acme.example", "CUSTOMER", &["`RETAIL.PUBLIC.CUSTOMER` or `lake.retail.customer`"]);
    refused("alice@acme.example", "RETAIL.\"Reporting 2026\".\"daily sales\"", &["\"Daily Sales\""]);
    refused("alice@acme.example", "snow:RETAIL.PUBLIC.CUSTOMER", &["unknown-integration", "snowflake_prod"]);
    refused("alice@acme.example", "s3://nobody/x", &["no registered prefix covers"]);
    // Several fit: each is listed.
    refused(
        "alice@acme.example",
        "RETAIL.PUBLIC.CUSTOMER*",
        &["fits several", "snowflake_prod:RETAIL.PUBLIC.CUSTOMER\n", "RETAIL.PUBLIC.CUSTOMER_ADDRESS"],
    );
}

#[test]
fn who_can_and_explain_agree_on_every_user() {
    let project = fixture("retail");
    let everyone: Vec<String> = {
        let ran =
            grantc(&project, &["who-can", "read", "RETAIL.PUBLIC.DATE_DIM", "--at", AT, "--format", "json"]);
        let users = ran.json()["users"].as_array().expect("a list").clone();
        users.iter().filter_map(|user| user.as_str().map(str::to_owned)).collect()
    };
    assert!(everyone.len() > 50 && everyone.is_sorted(), "reference data is for anyone");
    for (access, object) in [
        ("read", "RETAIL.PUBLIC.CUSTOMER"),
        ("write", "s3://acme-lake/raw/orders/*"),
        ("read", "RETAIL_EU.PUBLIC.STORE_SALES"),
    ] {
        let ran = grantc(&project, &["who-can", access, object, "--at", AT, "--format", "json"]);
        assert_eq!(ran.code, 0, "{object}: {}", ran.err);
        let answer = ran.json();
        let users = answer["users"].as_array().expect("a list");
        assert!(!users.is_empty() && users.len() < everyone.len(), "{object}: {users:?}");
        for user in &everyone {
            let expected = users.iter().any(|each| each == user.as_str());
            let explained = explain(user, object, access, AT).json();
            assert_eq!(explained["allowed"], expected, "{user} {access} {object}");
        }
    }
}

/// A copy whose policy files are renamed and merged in reverse, and whose CSV rows are reversed.
fn shuffled(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("folder") {
        let path = entry.expect("entry").path();
        let name = path.file_name().expect("name");
        let target = to.join(name);
        if path.is_dir() {
            fs::create_dir_all(&target).expect("folder made");
            shuffled(&path, &target);
            continue;
        }
        let extension = path.extension().and_then(|each| each.to_str()).unwrap_or("");
        match extension {
            "csv" => {
                let text = fs::read_to_string(&path).expect("text");
                let (head, rows) = text.split_once('\n').expect("a header");
                let mut rows: Vec<&str> = rows.lines().collect();
                rows.reverse();
                fs::write(target, format!("{head}\n{}\n", rows.join("\n"))).expect("written");
            }
            // In front of what other files already brought: the last name comes first.
            "policy" => {
                let all = to.join("all.policy");
                let before = fs::read_to_string(&all).unwrap_or_default();
                let text = fs::read_to_string(&path).expect("text");
                fs::write(all, format!("{text}\n{before}")).expect("written");
            }
            _ => {
                fs::copy(&path, target).expect("copied");
            }
        }
    }
}

fn tree(root: &Path, at: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(at).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            tree(root, &path, found);
        } else {
            let name = path.strip_prefix(root).expect("below").to_path_buf();
            found.insert(name, fs::read(&path).expect("bytes"));
        }
    }
}

#[test]
fn neither_the_order_of_files_nor_threads_change_a_byte() {
    let scratch = tempfile::tempdir().expect("scratch");
    let copy = scratch.path().join("copy");
    fs::create_dir_all(&copy).expect("folder made");
    shuffled(&fixture("retail"), &copy);
    // Where a policy stands is said, and differs; everything else must not.
    let placeless = |ran: Ran| -> Value {
        let mut json = ran.json();
        for each in json["because"].as_array_mut().into_iter().flatten() {
            for key in ["file", "line"] {
                each.as_object_mut().expect("an object").remove(key);
            }
        }
        for each in json["diagnostics"].as_array_mut().into_iter().flatten() {
            each["labels"] = Value::Null;
        }
        json
    };
    let explained =
        ["explain", "alice@acme.example", "RETAIL.PUBLIC.CUSTOMER", "--at", AT, "--format", "json"];
    // Without `--quiet`, a slow run ends with what it took.
    let checked = ["check", "--quiet", "--at", AT, "--format", "json"];
    for arguments in [&explained[..], &checked[..]] {
        let one = grantc(&fixture("retail"), &[arguments, &["--threads", "1"]].concat());
        let two = grantc(&fixture("retail"), &[arguments, &["--threads", "2"]].concat());
        assert_eq!((one.code, &one.out, &one.err), (two.code, &two.out, &two.err));
        let other = grantc(&copy, &[arguments, &["--threads", "2"]].concat());
        assert_eq!(one.code, other.code);
        assert_eq!(placeless(one), placeless(other));
    }
    let mut built = Vec::new();
    for (project, threads) in [(fixture("retail"), "1"), (fixture("retail"), "2"), (copy, "2")] {
        let out = scratch.path().join(format!("build{}", built.len()));
        let shown = out.to_str().expect("UTF-8");
        let ran = grantc(&project, &["compile", "-o", shown, "--at", AT, "--threads", threads]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let mut files = BTreeMap::new();
        tree(&out, &out, &mut files);
        built.push(files);
    }
    for other in &built[1..] {
        assert_eq!(built[0].keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
        for (name, bytes) in &built[0] {
            assert!(bytes == &other[name], "{} differs", name.display());
        }
    }
}

#[test]
fn findings_exit_3_in_check_and_let_answers_through() {
    let mistake = fixture("mistakes/06-tag-typo-in-mask");
    assert_eq!(grantc(&mistake, &["check", "--at", AT]).code, 3);
    assert_eq!(grantc(&mistake, &["explain", "alice@shop.example", "SHOP.PUBLIC.CUSTOMERS"]).code, 0);
    assert_eq!(grantc(&mistake, &["who-can", "read", "SHOP.PUBLIC.CUSTOMERS"]).code, 0);
    assert_eq!(grantc(&mistake, &["test"]).code, 0);
    // It opens: nothing is built, unless each is accepted.
    let scratch = tempfile::tempdir().expect("scratch");
    let out = scratch.path().join("build");
    let shown = out.to_str().expect("UTF-8");
    let compile = ["compile", "-o", shown, "--at", AT];
    assert_eq!(grantc(&mistake, &compile).code, 3);
    assert_eq!(grantc(&mistake, &[&compile[..], &["--accept", "unknown-tag"]].concat()).code, 3);
    assert!(!out.exists(), "nothing is written");
    let accepted = ["--accept", "unknown-tag", "--accept", "selects-nothing", "--accept", "mask-bypass"];
    assert_eq!(grantc(&mistake, &[&compile[..], &accepted].concat()).code, 0);
    // A finding that does not open stops no build.
    let mixed = fixture("mistakes/20-mixed-and-or");
    assert_eq!(grantc(&mixed, &["check", "--at", AT]).code, 3);
    assert_eq!(grantc(&mixed, &["compile", "-o", shown, "--at", AT]).code, 0);
    // An error stops all.
    let error = fixture("mistakes/01-misspelt-group");
    for arguments in
        [&["check"][..], &["test"], &["explain", "alice@shop.example", "SHOP.PUBLIC.ORDERS"], &["compile"]]
    {
        assert_eq!(grantc(&error, arguments).code, 1, "{arguments:?}");
    }
    assert!(!error.join("build").exists(), "nothing is written");
}

#[test]
fn secrets_are_read_only_by_commands_that_use_them() {
    let scratch = tempfile::tempdir().expect("scratch");
    let copy = scratch.path().join("copy");
    fs::create_dir_all(&copy).expect("folder made");
    shuffled(&fixture("retail"), &copy);
    let settings = copy.join("grantc.yaml");
    let text = fs::read_to_string(&settings).expect("text");
    let salted: Vec<&str> = text
        .lines()
        .map(|line| if line.starts_with("salt:") { "salt: env:GRANTC_SALT" } else { line })
        .collect();
    fs::write(&settings, salted.join("\n")).expect("written");
    // Not set: these never ask for it.
    assert_eq!(grantc(&copy, &["check", "--at", AT]).code, 3);
    assert_eq!(grantc(&copy, &["test", "--at", AT]).code, 0);
    assert_eq!(
        grantc(&copy, &["explain", "alice@acme.example", "RETAIL.PUBLIC.CUSTOMER", "--at", AT]).code,
        0
    );
    assert_eq!(grantc(&copy, &["who-can", "read", "RETAIL.PUBLIC.CUSTOMER", "--at", AT]).code, 0);
    let ran = grantc(&copy, &["compile", "--at", AT]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("GRANTC_SALT"), "{}", ran.err);
    assert!(!copy.join("build").exists(), "nothing is written");
}

#[test]
fn good_projects_pass_and_canonical_policies_stay() {
    for (name, check) in [("hello", 0), ("retail", 3)] {
        let project = fixture(name);
        assert_eq!(grantc(&project, &["test", "--at", AT]).code, 0, "{name}");
        assert_eq!(grantc(&project, &["fmt", "--check"]).code, 0, "{name}");
        let ran = grantc(&project, &["check", "--at", AT]);
        assert_eq!(ran.code, check, "{name}: {}", ran.err);
    }
    let scratch = tempfile::tempdir().expect("scratch");
    let copy = scratch.path().join("copy");
    fs::create_dir_all(&copy).expect("folder made");
    shuffled(&fixture("hello"), &copy);
    let policy = copy.join("policies/all.policy");
    let text = fs::read_to_string(&policy).expect("text");
    fs::write(&policy, text.replace("  allow read\n", " allow   read\n")).expect("written");
    assert_eq!(grantc(&copy, &["fmt", "--check"]).code, 3);
    // A test that does not hold.
    fs::write(
        &policy,
        text.replace("unfiltered SHOP", "filtered SHOP")
            .replace("CUSTOMERS\n  cannot     read", "CUSTOMERS by own_region\n  cannot     read"),
    )
    .expect("written");
    let ran = grantc(&copy, &["test"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
}

fn fits(schema: &str, text: &str) {
    let printed = grantc(Path::new("."), &["schema", schema]);
    assert_eq!(printed.code, 0, "{}", printed.err);
    let validator = jsonschema::draft202012::new(&printed.json()).expect("a schema");
    let value: Value = serde_json::from_str(text).unwrap_or_else(|why| panic!("{schema}: {why}\n{text}"));
    let said: Vec<String> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(said, Vec::<String>::new(), "{schema}");
}

#[test]
fn outputs_fit_their_schemas() {
    let retail = fixture("retail");
    let run =
        |arguments: &[&str]| grantc(&retail, &[arguments, &["--at", AT, "--format", "json"]].concat()).out;
    fits("check", &run(&["check"]));
    fits("explain", &run(&["explain", "harold@acme.example", "PEOPLE.HR.EMPLOYEES"]));
    fits("explain", &run(&["explain", "alice@acme.example", "s3://acme-lake/a/b/c"]));
    fits("who-can", &run(&["who-can", "read", "s3://acme-lake/a/b/c"]));
    fits("test", &run(&["test", "--coverage"]));
    let mistake = grantc(&fixture("mistakes/07-mask-tie"), &["check", "--format", "json"]);
    fits("check", &mistake.out);
    let scratch = tempfile::tempdir().expect("scratch");
    let out = scratch.path().join("build");
    let report = run(&["compile", "-o", out.to_str().expect("UTF-8")]);
    fits("report", &report);
    assert_eq!(report, fs::read_to_string(out.join("report.json")).expect("the report"));
    fits("plan", &run(&["plan"]));
    fits("plan", &grantc(&fixture("hello"), &["plan", "--at", AT, "--format", "json"]).out);
}

#[test]
fn schemas_are_listed_and_near_names_found() {
    let ran = grantc(Path::new("."), &["schema", "catalogue"]);
    assert_eq!((ran.code, ran.out.as_str()), (64, ""));
    assert!(ran.err.contains("did you mean `catalog`?") && ran.err.contains("who-can"), "{}", ran.err);
    let list = grantc(Path::new("."), &["schema", "--list"]);
    assert_eq!(list.code, 0);
    assert!(list.out.lines().count() >= 10, "{}", list.out);
}
