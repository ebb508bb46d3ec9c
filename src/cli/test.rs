//! `test`: the tests that stand in the policies.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{ExitCode, Global, OutputFormat, explain, stage};
use crate::diagnostic::render::visible;
use crate::ids::Id;
use crate::inventory::directory::Access;
use crate::inventory::{Securable, UserId};
use crate::ir::meaning::ReasonPolicy;
use crate::ir::policy::Seen;
use crate::ir::{Expectation, FilterId, Meaning, PolicyTest, Program};
use crate::source::Sources;

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = &[
    OutputFormat::Human,
    OutputFormat::Json,
    OutputFormat::Ndjson,
    OutputFormat::Junit,
    OutputFormat::Github,
    OutputFormat::Markdown,
];

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Also say which policies, masks and filters no test touches
    #[arg(long)]
    pub coverage: bool,
}

#[derive(Debug, Serialize)]
struct Failure {
    file: String,
    line: u32,
    expected: String,
    got: String,
}

#[derive(Debug, Serialize)]
struct Verdict {
    name: String,
    file: String,
    line: u32,
    passed: bool,
    expectations: usize,
    failures: Vec<Failure>,
}

#[derive(Debug, Serialize)]
struct Coverage {
    policies: usize,
    touched: usize,
    untouched: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Results {
    schema_version: u32,
    passed: usize,
    failed: usize,
    tests: Vec<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<Coverage>,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> ExitCode {
    let loaded = match stage::load(global) {
        Ok(loaded) => loaded,
        Err(code) => return code,
    };
    let program = &loaded.world.program;
    let mut touched = BTreeSet::new();
    let tests: Vec<Verdict> =
        program.tests.iter().map(|test| verdict(program, &loaded.sources, test, &mut touched)).collect();
    let failed = tests.iter().filter(|test| !test.passed).count();
    let results = Results {
        schema_version: 1,
        passed: tests.len() - failed,
        failed,
        coverage: args.coverage.then(|| coverage(program, &touched)),
        tests,
    };
    let code = if failed == 0 { ExitCode::Ok } else { ExitCode::Findings };
    let text = match global.format {
        OutputFormat::Json => explain::json(&results),
        OutputFormat::Ndjson => lines(&results),
        OutputFormat::Junit => junit(&results),
        OutputFormat::Github => github(&results),
        OutputFormat::Markdown => markdown(&results),
        OutputFormat::Human | OutputFormat::Sarif | OutputFormat::Html | OutputFormat::Sql => {
            human(&results, global)
        }
    };
    let code = global.print(&text, code);
    global.done(results.tests.len() as u64, "tests");
    code
}

fn verdict(
    program: &Program,
    sources: &Sources,
    test: &PolicyTest,
    touched: &mut BTreeSet<String>,
) -> Verdict {
    let meaning = test.at.map_or_else(|| Meaning::new(program), |at| Meaning::at(program, at));
    let mut failures = Vec::new();
    for (expectation, span) in &test.expectations {
        touch(program, &meaning, expectation, touched);
        if let Err(got) = holds(program, &meaning, test.user, expectation) {
            let expected = sources.text(*span).split_whitespace().collect::<Vec<_>>().join(" ");
            let place = (*span).into();
            failures.push(Failure {
                file: sources.name(place).to_owned(),
                line: sources.line(place),
                expected,
                got,
            });
        }
    }
    let place = test.span.into();
    Verdict {
        name: test.name.clone(),
        file: sources.name(place).to_owned(),
        line: sources.line(place),
        passed: failures.is_empty(),
        expectations: test.expectations.len(),
        failures,
    }
}

/// `Err`: what is so instead, and why.
fn holds(
    program: &Program,
    meaning: &Meaning<'_>,
    user: UserId,
    expectation: &Expectation,
) -> Result<(), String> {
    let catalog = &program.inventory.catalog;
    match expectation {
        Expectation::Access { can, access, securables } => {
            for securable in securables {
                for each in Access::ALL.into_iter().filter(|each| access.contains(*each)) {
                    if meaning.may(*securable, each).contains(user.raw()) != *can {
                        return Err(why(program, meaning, user, *securable, each));
                    }
                }
            }
            Ok(())
        }
        Expectation::Sees { columns, seen } => {
            for column in columns {
                let table = Securable::Table(catalog.columns[*column].table);
                if !meaning.may(table, Access::Read).contains(user.raw()) {
                    return Err(why(program, meaning, user, table, Access::Read));
                }
                let choice = meaning.mask_of(user, *column);
                let right = match seen {
                    Seen::Clear => choice.is_clear(),
                    Seen::Masked => choice.mask.is_some(),
                    Seen::MaskedBy(mask) => choice.mask == Some(*mask) || choice.when.contains(mask),
                };
                if !right {
                    let name = |mask| &program.masks[mask].head.name;
                    let shown = match (choice.mask, choice.when.as_slice()) {
                        (None, []) => "clear".to_owned(),
                        (Some(mask), []) => format!("masked by {}", name(mask)),
                        (mask, when) => {
                            let when: Vec<&str> = when.iter().map(|mask| name(*mask).as_str()).collect();
                            let rest =
                                mask.map_or("clear".to_owned(), |mask| format!("masked by {}", name(mask)));
                            format!("masked by {} on some rows, else {rest}", when.join(", "))
                        }
                    };
                    return Err(format!("sees {} {shown}", catalog.shown_column(*column)));
                }
            }
            Ok(())
        }
        Expectation::Filtered { tables, by } => {
            for table in tables {
                let mut found: Vec<FilterId> = meaning
                    .filters_on(*table)
                    .into_iter()
                    .filter(|(_, users)| users.contains(user.raw()))
                    .map(|(filter, _)| filter)
                    .collect();
                found.sort();
                if found != *by {
                    let names: Vec<&str> =
                        found.iter().map(|filter| program.filters[*filter].head.name.as_str()).collect();
                    let names = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
                    return Err(format!(
                        "{} is filtered by {names}",
                        catalog.shown_name(Securable::Table(*table))
                    ));
                }
            }
            Ok(())
        }
    }
}

fn why(
    program: &Program,
    meaning: &Meaning<'_>,
    user: UserId,
    securable: Securable,
    access: Access,
) -> String {
    let may = meaning.may(securable, access).contains(user.raw());
    let object = program.inventory.catalog.shown_name(securable);
    let reasons: Vec<String> = meaning
        .reasons(securable, access)
        .iter()
        .map(|reason| {
            let name = match reason.policy {
                ReasonPolicy::Subscription(id, _) => &program.subscriptions[id].head.name,
                ReasonPolicy::Guardrail(id) => &program.guardrails[id].head.name,
            };
            let holds = if reason.holders.contains(user.raw()) { "holds" } else { "does not hold" };
            format!("{} {name} {holds}", reason.kind.word())
        })
        .collect();
    let reasons = if reasons.is_empty() { "no subscription".to_owned() } else { reasons.join(", ") };
    format!("{} {} {object}: {reasons}", if may { "may" } else { "may not" }, access.word())
}

/// The policies that bear on what an expectation asks.
fn touch(
    program: &Program,
    meaning: &Meaning<'_>,
    expectation: &Expectation,
    touched: &mut BTreeSet<String>,
) {
    let catalog = &program.inventory.catalog;
    let mut access = |securable: Securable, access: Access| {
        for reason in meaning.reasons(securable, access) {
            let name = match reason.policy {
                ReasonPolicy::Subscription(id, _) => &program.subscriptions[id].head.name,
                ReasonPolicy::Guardrail(id) => &program.guardrails[id].head.name,
            };
            touched.insert(format!("{} {name}", reason.kind.word()));
        }
    };
    match expectation {
        Expectation::Access { access: wanted, securables, .. } => {
            for each in Access::ALL.into_iter().filter(|each| wanted.contains(*each)) {
                securables.iter().for_each(|securable| access(*securable, each));
            }
        }
        Expectation::Sees { columns, .. } => {
            for column in columns {
                access(Securable::Table(catalog.columns[*column].table), Access::Read);
            }
            let masks = columns.iter().flat_map(|column| meaning.masks_on(*column));
            touched.extend(masks.map(|mask| format!("mask {}", program.masks[mask.mask].head.name)));
        }
        Expectation::Filtered { tables, .. } => {
            let filters = tables.iter().flat_map(|table| meaning.filters_on(*table));
            touched
                .extend(filters.map(|(filter, _)| format!("filter {}", program.filters[filter].head.name)));
        }
    }
}

fn coverage(program: &Program, touched: &BTreeSet<String>) -> Coverage {
    let all = program
        .subscriptions
        .values()
        .map(|each| format!("subscription {}", each.head.name))
        .chain(program.guardrails.values().map(|each| format!("guardrail {}", each.head.name)))
        .chain(program.masks.values().map(|each| format!("mask {}", each.head.name)))
        .chain(program.filters.values().map(|each| format!("filter {}", each.head.name)));
    let all: Vec<String> = all.collect();
    let untouched: Vec<String> = all.iter().filter(|name| !touched.contains(*name)).cloned().collect();
    Coverage { policies: all.len(), touched: all.len() - untouched.len(), untouched }
}

fn human(results: &Results, global: &Global) -> String {
    let mut text = String::new();
    for test in &results.tests {
        if test.passed {
            if global.verbose > 0 {
                text.push_str(&format!("ok    {}\n", visible(&test.name)));
            }
            continue;
        }
        text.push_str(&format!("FAIL  {}  ({}:{})\n", visible(&test.name), test.file, test.line));
        for failure in &test.failures {
            text.push_str(&format!(
                "      {}:{}  {}\n",
                failure.file,
                failure.line,
                visible(&failure.expected)
            ));
            text.push_str(&format!("        but {}\n", visible(&failure.got)));
        }
    }
    if let Some(coverage) = &results.coverage {
        text.push_str(&format!(
            "coverage: tests touch {} of {} policies\n",
            coverage.touched, coverage.policies
        ));
        coverage.untouched.iter().for_each(|name| text.push_str(&format!("  untouched: {name}\n")));
    }
    let expectations: usize = results.tests.iter().map(|test| test.expectations).sum();
    text.push_str(&format!(
        "{} passed, {} failed ({expectations} expectations)\n",
        results.passed, results.failed
    ));
    text
}

fn lines(results: &Results) -> String {
    results
        .tests
        .iter()
        .map(|test| format!("{}\n", serde_json::to_string(test).unwrap_or_default()))
        .collect()
}

fn xml(text: &str) -> String {
    visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn junit(results: &Results) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"grantc test\" tests=\"{}\" failures=\"{}\">\n",
        results.tests.len(),
        results.failed
    );
    for test in &results.tests {
        text.push_str(&format!("  <testcase classname=\"{}\" name=\"{}\"", xml(&test.file), xml(&test.name)));
        if test.passed {
            text.push_str("/>\n");
            continue;
        }
        text.push_str(">\n");
        for failure in &test.failures {
            text.push_str(&format!(
                "    <failure message=\"{}\">{}:{}: {}</failure>\n",
                xml(&failure.expected),
                xml(&failure.file),
                failure.line,
                xml(&failure.got)
            ));
        }
        text.push_str("  </testcase>\n");
    }
    text.push_str("</testsuite>\n");
    text
}

fn github(results: &Results) -> String {
    let escape = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escape(text).replace(':', "%3A").replace(',', "%2C");
    let mut text = String::new();
    for (test, failure) in
        results.tests.iter().flat_map(|test| test.failures.iter().map(move |failure| (test, failure)))
    {
        text.push_str(&format!(
            "::error file={},line={},title={}::expected `{}`, but {}\n",
            property(&failure.file),
            failure.line,
            property(&test.name),
            escape(&failure.expected),
            escape(&failure.got)
        ));
    }
    text
}

fn markdown(results: &Results) -> String {
    let mut text = format!("**grantc test**: {} passed, {} failed\n", results.passed, results.failed);
    for test in results.tests.iter().filter(|test| !test.passed) {
        text.push_str(&format!("\n- ❌ {} (`{}:{}`)\n", visible(&test.name), test.file, test.line));
        for failure in &test.failures {
            text.push_str(&format!(
                "  - line {}: `{}`, but {}\n",
                failure.line,
                visible(&failure.expected),
                visible(&failure.got)
            ));
        }
    }
    if let Some(coverage) = &results.coverage {
        text.push_str(&format!("\nCoverage: {} of {} policies\n", coverage.touched, coverage.policies));
        coverage.untouched.iter().for_each(|name| text.push_str(&format!("- untouched: {name}\n")));
    }
    text
}
