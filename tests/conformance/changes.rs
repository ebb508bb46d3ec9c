//! Two versions of one company, and the plan that leads from the first to the second.
//!
//! In: two worlds with one catalog. Out: for each integration of Redshift `OUT/<integration>/before/` with the artefacts of the
//! first, `plan.sql` (what `grantc plan --format sql` prints for the second where the first has run, with the value of the salt),
//! `narrow.sql` (with `--order never-narrower`, where that is another order)
//! and `before.json` and `after.json`, each an `about.json` of its end. Rows are the same in both.
//! Pairs are random, or a project at two dates, and a project without one of its files of policies, there and back.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use grantc::backend::sql::Dialect;
use grantc::backend::state::Reading;
use grantc::backend::{Lowered, StateFolder};
use grantc::diagnostic::Diagnostics;
use grantc::inventory::{Instant, Platform};
use grantc::pipeline::{self, World};
use grantc::plan::{self, Order, Side, render};
use grantc::source::Sources;
use proptest::strategy::{Strategy, ValueTree};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::answers::{self, Asking};
use super::support::case::{self, Case, each};
use super::support::{round_trip, worlds};
use super::{Asked, about, by_views, put, runner};

/// The random pairs of a seed.
pub(crate) fn random(asked: &Asked, out: &Path) {
    (0..asked.plans).into_par_iter().for_each(|index| {
        let pair = worlds::change().new_tree(&mut runner(asked.seed, index)).unwrap().current();
        let [before, after] = [pair.0, pair.1].map(|mut texts| {
            by_views(&mut texts);
            texts.read().unwrap_or_else(|said| panic!("pair {index}: {said}"))
        });
        let salt = after.project.salt.is_some().then_some(case::SALT);
        write(&before, &after, salt, asked, &out.join(format!("{index:05}")));
    });
}

/// A project now and later, and whole and without each of its files that it does not need, both ways.
pub(crate) fn of_project(root: &Path, asked: &Asked, out: &Path) {
    let whole = load(root, asked.at).unwrap();
    let salt = pipeline::salt(&whole.project, &mut Diagnostics::new()).unwrap();
    let both = |other: &World, name: &str| {
        write(&whole, other, salt.as_deref(), asked, &out.join(format!("to-{name}")));
        write(other, &whole, salt.as_deref(), asked, &out.join(format!("from-{name}")));
    };
    both(&load(root, asked.then).unwrap(), "later");
    let scratch = tempfile::tempdir().unwrap();
    for policy in fs::read_dir(root.join("policies")).unwrap().map(|each| each.unwrap().path()) {
        if !policy.is_file() {
            continue;
        }
        let name = policy.file_stem().unwrap().to_string_lossy().into_owned();
        let copy = scratch.path().join(&name);
        for entry in walkdir::WalkDir::new(root).into_iter().map(Result::unwrap) {
            let to = copy.join(entry.path().strip_prefix(root).unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir_all(to).unwrap();
            } else if entry.path() != policy {
                fs::copy(entry.path(), to).unwrap();
            }
        }
        // Without a file whose conditions others name, the rest is no project.
        if let Some(rest) = load(&copy, asked.at) {
            both(&rest, &format!("without-{name}"));
        }
    }
}

fn load(root: &Path, at: Instant) -> Option<World> {
    pipeline::load(root, at, &mut Sources::default(), &mut Diagnostics::new()).ok()
}

fn write(before: &World, after: &World, salt: Option<&str>, asked: &Asked, out: &Path) {
    each(before, &mut |was| {
        if was.inventory().integrations[was.integration].platform == Platform::Redshift {
            each(after, &mut |case| {
                if case.name() == was.name() {
                    integration(was, case, salt, asked, &out.join(case.name()));
                }
            });
        }
    });
}

fn integration(was: &Case<'_>, case: &Case<'_>, salt: Option<&str>, asked: &Asked, out: &Path) {
    put(was, salt, &out.join("before"));
    let mut texts = answers::texts(was);
    texts.extend(answers::texts(case));
    texts.sort();
    texts.dedup();
    for (end, name) in [(was, "before.json"), (case, "after.json")] {
        let about = about(&Asking { case: end, salt, today: asked.day(), texts: texts.clone() });
        fs::write(out.join(name), serde_json::to_vec(&about).unwrap()).unwrap();
    }
    let [usual, narrow] = planned(was, case, salt);
    if narrow != usual {
        fs::write(out.join("narrow.sql"), narrow).unwrap();
    }
    fs::write(out.join("plan.sql"), usual).unwrap();
}

/// The plan in both orders, as the command prints it.
fn planned(was: &Case<'_>, case: &Case<'_>, salt: Option<&str>) -> [String; 2] {
    let state = was.backend.state(was.inventory(), was.integration, &was.facts, &was.symbols, salt);
    let files: BTreeMap<String, Vec<u8>> =
        state.into_iter().map(|artefact| (artefact.path, artefact.bytes)).collect();
    let folder = StateFolder { name: format!("state/{}", case.name()), files: Some(files) };
    let mut case = round_trip::own(case);
    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    let reading = Reading { folder: &folder, sources: &mut sources, diagnostics: &mut said };
    let observed =
        case.backend.observe(&case.program.inventory, case.integration, reading, salt, &mut case.symbols);
    let observed = observed.unwrap_or_else(|_| panic!("{}: {said:?}", case.name()));
    let lowered = Lowered { facts: case.facts.clone(), gaps: case.gaps.clone() };
    let side = Side {
        integration: case.integration,
        backend: case.backend,
        accounts: &case.accounts,
        symbols: &case.symbols,
        lowered: &lowered,
        observed: &observed,
    };
    [Order::NeverWider, Order::NeverNarrower].map(|order| {
        let plan =
            plan::build(case.program, case.meaning, std::slice::from_ref(&side), order, &mut said).unwrap();
        for part in plan.integrations.values() {
            assert!(part.blocked.is_empty() && part.withheld.is_empty(), "nothing foreign is here");
        }
        let text = render::sql::render(&plan);
        match salt {
            Some(salt) => salted(&text, &Dialect::Redshift.literal(salt)),
            None => text,
        }
    })
}

/// The text with the salt in its place, which is outside of quotes and comments: in a name it is part of the name.
fn salted(text: &str, salt: &str) -> String {
    let (mut out, mut quote, mut rest) = (String::new(), None, text);
    while let Some(next) = rest.chars().next() {
        let comment = [("--", "\n"), ("/*", "*/")].into_iter().find(|(start, _)| rest.starts_with(start));
        let (taken, put) = match (quote, next) {
            (None, _) if let Some((_, end)) = comment => {
                (rest.find(end).map_or(rest.len(), |at| at + end.len()), "")
            }
            (None, _) if rest.starts_with("{salt}") => ("{salt}".len(), salt),
            (Some('\''), '\\') => (1 + rest.chars().nth(1).map_or(0, char::len_utf8), ""),
            _ => (next.len_utf8(), ""),
        };
        match (quote, next) {
            (None, '\'' | '"') if comment.is_none() => quote = Some(next),
            (Some(open), _) if open == next => quote = None,
            _ => {}
        }
        let (head, tail) = rest.split_at(taken);
        out.push_str(if put.is_empty() { head } else { put });
        rest = tail;
    }
    out
}
