//! Law 8, on kept texts: every input of `tests/fuzz/found/<target>/` through the promises of `tests/fuzz/targets.rs`.
//!
//! A finding of the fuzzer stays there, minimised, under a name that says what it was. There is none yet: what stands there are small texts
//! that reach each reader. What this cannot show: anything of other texts. That is `tests/fuzz/run`.

#![expect(clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "tests read their inputs")]

#[path = "fuzz/targets.rs"]
#[expect(unreachable_pub, reason = "the programs of tests/fuzz call them too")]
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// A target by its name.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 5] = [
    ("policy", targets::policy),
    ("inventory", targets::inventory),
    ("observe", targets::observe),
    ("condition", targets::condition),
    ("bodies", targets::bodies),
];

#[test]
fn no_text_that_was_found_breaks_a_promise() {
    let mut broken = Vec::new();
    for (name, target) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/found").join(name);
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        paths.sort();
        assert!(!paths.is_empty(), "{} is empty", folder.display());
        for path in paths {
            let bytes = std::fs::read(&path).expect("a text");
            if catch_unwind(AssertUnwindSafe(|| target(&bytes))).is_err() {
                broken.push(path.display().to_string());
            }
        }
    }
    assert!(broken.is_empty(), "broken by {}", broken.join(", "));
}

/// A reader stops where a file is missing; inputs that never come further would test nothing.
#[test]
fn whole_exports_of_every_platform_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/found/observe");
    // The one way of holding policies, and the other.
    for (export, auto, other) in [
        ("snowflake", true, true),
        ("databricks", true, false),
        ("databricks_by_tags", true, true),
        ("trino", true, true),
        ("redshift", true, false),
        ("redshift_native", false, true),
        ("synapse", true, true),
        ("bigquery", true, false),
        ("bigquery_native", true, true),
        ("s3", true, true),
    ] {
        let bytes = std::fs::read(folder.join(format!("{export}_whole_export"))).expect("a text");
        let facts: Vec<_> = targets::observed(&bytes).into_iter().map(|(_, facts)| facts).collect();
        let read: Vec<_> = facts.iter().map(|facts| facts.as_ref().is_ok_and(|facts| *facts > 0)).collect();
        assert_eq!(read, [auto, other], "{export}: {facts:?}");
    }
}

/// So that the seeds of `inventory` are more than unknown integrations.
#[test]
fn catalogs_and_directories_of_fixtures_load() {
    for project in ["retail", "hospital"] {
        let mut files = format!("=== project/{project}").into_bytes();
        for part in ["catalog", "directory"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(project).join(part);
            for entry in std::fs::read_dir(folder).expect("a fixture") {
                let path = entry.expect("a file").path();
                if path.is_file() {
                    let name = path.file_name().expect("a name").to_string_lossy();
                    files.extend(format!("\n=== {part}/{name}\n").bytes());
                    files.extend(std::fs::read(&path).expect("a text"));
                }
            }
        }
        assert_eq!(targets::loads(&files), Ok(()), "{project}");
    }
}
