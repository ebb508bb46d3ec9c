//! Law 7: text cannot escape. Hostile texts of `hostile/texts.rs` in every place of `hostile/places.rs`, on every platform: each text
//! in each place on some way of some slice, of which `cargo test` runs the first. `GRANTC_INJECTION` says another (`0` to `22`), or `all`.
//!
//! What must come of it: an error with a code and a place in the text, or artefacts that differ from those of a plain word in nothing
//! but that word, and that hold the salt no more often. One statement stays one statement: the scripts are cut by a scanner that
//! knows nothing of grantc, JSON is read by serde_json, there are as many statements of the same kinds, and nothing of the text stands
//! outside literals and quoted names. Where the tokens are the same too when the text is called by the plain word, that is counted;
//! else a literal was spelled in pieces. What a platform cannot hold may make the artefacts narrower, with a gap: then there are no
//! more statements than before.
//! A name stays that name: what is written is read back, and a second plan is empty.
//!
//! `GRANTC_INJECTION_OUT` names a folder for what they compile to, which `tests/conformance/run --injections` gives to the platforms' parsers.
//!
//! What this cannot show: that the platform's own parser cuts as the scanner does. Where a text is
//! code of the user's own (`Place::is_code`: a type, SQL, a pattern), words outside of literals may be the user's, so only the number of statements is asked; `custom` SQL may show the clear value, so its plan is not compared.

#![expect(clippy::unwrap_used, clippy::string_slice, reason = "tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "the environment says which slices run")]

#[expect(dead_code, reason = "the laws use the rest")]
mod support;

mod hostile;
#[path = "support/written.rs"]
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use grantc::backend::Artefact;
use grantc::diagnostic::{Diagnostics, Severity};
use grantc::inventory::Platform;
use grantc::ir::Meaning;
use grantc::pipeline::{self, Compiled};
use grantc::source::{Place as At, Sources};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde_json::json;

use hostile::places::{PLACES, Place};
use hostile::scan::{self, Token};
use hostile::texts::TEXTS;
use hostile::{WAYS, Way, Words, project};
use support::case::{Case, SALT};
use support::round_trip;

/// What came of one project.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    projects: usize,
    refused: usize,
    narrowed: usize,
    /// Token by token those of the plain word.
    same: usize,
    statements: usize,
    /// Tokens that hold the text.
    found: usize,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.projects += other.projects;
        self.refused += other.refused;
        self.narrowed += other.narrowed;
        self.same += other.same;
        self.statements += other.statements;
        self.found += other.found;
    }
}

/// The artefacts of a project, cut, and how they were narrowed.
#[derive(Clone, Debug, Default)]
struct Made {
    statements: Vec<Vec<Token>>,
    gaps: Vec<String>,
}

/// A prime that divides no number of texts, places or ways: every slice has every place on every way, and every text.
const SLICES: usize = 23;

/// What tests read from the environment.
fn told_by(name: &str) -> Option<String> {
    std::env::var_os(name).map(|told| told.into_string().unwrap())
}

/// The folder of one project, if what it compiles to is asked for.
fn out(way: Way, place: Place, name: &str) -> Option<PathBuf> {
    told_by("GRANTC_INJECTION_OUT").map(|out| {
        let plain = name.replace(|each: char| !each.is_ascii_alphanumeric(), "-");
        Path::new(&out).join(way.name.replace(' ', "-")).join(format!("{place:?}-{plain}"))
    })
}

/// The slices that are asked for.
fn slices() -> Vec<usize> {
    let asked = told_by("GRANTC_INJECTION");
    match asked.as_deref() {
        None => vec![0],
        Some("all") => (0..SLICES).collect(),
        Some(number) => {
            let slice: usize = number.parse().unwrap();
            assert!(slice < SLICES, "there are {SLICES} slices");
            vec![slice]
        }
    }
}

/// The slice in which a text stands in a place on a way.
fn slice(way: usize, place: Place, text: usize) -> usize {
    (text + 3 * (place as usize) + 7 * way) % SLICES
}

#[test]
fn text_cannot_escape() {
    let slices = slices();
    let jobs: Vec<(usize, Way, Place)> = WAYS
        .iter()
        .enumerate()
        .flat_map(|(at, way)| PLACES.map(|place| (at, *way, place)))
        .filter(|(_, way, place)| place.is_on(*way))
        .collect();
    let results: Vec<(Way, Place, Count, Vec<String>)> = jobs
        .into_par_iter()
        .map(|(at, way, place)| {
            let (mut count, mut wrong) = (Count::default(), Vec::new());
            let plain = match caught(|| made(way, place, place.word(), None)?) {
                Ok(plain) => plain,
                Err(why) => {
                    return (
                        way,
                        place,
                        count,
                        vec![format!("{} · {place:?} · a plain word: {why}", way.name)],
                    );
                }
            };
            for (number, (name, text)) in TEXTS.iter().enumerate() {
                if !slices.contains(&slice(at, place, number)) {
                    continue;
                }
                match caught(|| judge(way, place, (name, text), &plain)) {
                    Ok(one) => count.add(one),
                    Err(why) => wrong.push(format!("{} · {place:?} · {name}: {why}", way.name)),
                }
            }
            (way, place, count, wrong)
        })
        .collect();
    let mut table: BTreeMap<Way, Count> = BTreeMap::new();
    let mut refused: BTreeMap<Place, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (way, place, count, found) in results {
        table.entry(way).or_default().add(count);
        *refused.entry(place).or_default() += count.refused;
        wrong.extend(found);
    }
    println!(
        "way: projects, refused, narrowed, token by token the same, statements, tokens that hold the text"
    );
    for (way, count) in &table {
        println!(
            "{}: {}, {}, {}, {}, {}, {}",
            way.name,
            count.projects,
            count.refused,
            count.narrowed,
            count.same,
            count.statements,
            count.found
        );
    }
    let mut all = Count::default();
    table.values().for_each(|count| all.add(*count));
    println!("in all: {} projects, {} refused, {} statements", all.projects, all.refused, all.statements);
    println!("refused by place: {refused:?}");
    for each in &wrong {
        println!("WRONG {}", each.chars().take(700).collect::<String>());
    }
    assert!(wrong.is_empty(), "{} texts escape or stop the compiler", wrong.len());
    // A law over refused projects alone would say nothing.
    for (way, count) in table {
        // S3's requests name buckets, keys and accounts alone.
        let least = if way.platform == Platform::S3 { 1 } else { 20 };
        assert!(count.found >= least, "{}: hardly any text reached an artefact", way.name);
    }
}

/// What comes of it; a panic is an error like any other.
fn caught<T>(job: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|panic| {
        Err(panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "a panic".to_owned()))
    })
}

/// Compiles one project. The outer error: something is wrong with how it was refused. The inner: why it was refused.
fn made(way: Way, place: Place, text: &str, out: Option<&Path>) -> Result<Result<Made, String>, String> {
    let words = Words::from([(place, text)]);
    let texts = project(way, &words);
    let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
    let Ok(world) = texts.load(&mut sources, &mut said) else {
        return told(&said, &sources).map(Err);
    };
    let meaning = Meaning::new(&world.program);
    let Ok(compiled) = pipeline::compile(&world, &meaning, &[], &mut said) else {
        return told(&said, &sources).map(Err);
    };
    let [Compiled { integration, backend, accounts, symbols, lowered }] =
        <[Compiled; 1]>::try_from(compiled).map_err(|_| "not one integration".to_owned())?;
    let case = Case {
        program: &world.program,
        meaning: &meaning,
        integration,
        accounts,
        backend,
        symbols,
        facts: lowered.facts,
        gaps: lowered.gaps,
        salt: Some(SALT),
    };
    let salt = if place == Place::Salt { text } else { SALT };
    let artefacts = backend.emit(case.inventory(), integration, &case.facts, &case.symbols, Some(salt));
    if let Some(folder) = out {
        written::put(&case, &artefacts, folder);
        // No rows, so nobody sees any.
        let about = written::about(&case, |_, _| [json!([]), json!([]), json!({})]);
        fs::write(folder.join("about.json"), serde_json::to_vec(&about).unwrap()).unwrap();
    }
    let made = Made { statements: cut(way, &artefacts)?, gaps: gaps(&case) };
    // Custom SQL may show the clear value, which is what a plan then says.
    if place != Place::Custom {
        round_trip::of(&case);
    }
    Ok(Ok(made))
}

fn gaps(case: &Case<'_>) -> Vec<String> {
    let mut gaps: Vec<String> = case.gaps.iter().map(|gap| format!("{:?}", gap.code)).collect();
    gaps.sort();
    gaps
}

/// An error has a code and a place within a text.
fn told(said: &Diagnostics, sources: &Sources) -> Result<String, String> {
    let errors: Vec<_> = said.iter().filter(|each| each.severity == Severity::Error).collect();
    if errors.is_empty() {
        return Err("refused without an error".to_owned());
    }
    for error in said.iter() {
        if error.labels.is_empty() && error.severity == Severity::Error {
            return Err(format!("an error without a place: {error:?}"));
        }
        for label in &error.labels {
            if let At::Span(span) = label.place {
                let text = &sources.get(span.source).text;
                if span.start > span.end || text.get(span.start as usize..span.end as usize).is_none() {
                    return Err(format!("a place outside the text: {error:?}"));
                }
            }
        }
    }
    Ok(errors
        .iter()
        .map(|error| format!("{}: {}", error.code.name(), error.message))
        .collect::<Vec<_>>()
        .join("; "))
}

/// Every statement of the scripts, and every value of the other files.
fn cut(way: Way, artefacts: &[Artefact]) -> Result<Vec<Vec<Token>>, String> {
    let mut found = Vec::new();
    for artefact in artefacts {
        let text =
            std::str::from_utf8(&artefact.bytes).map_err(|error| format!("{}: {error}", artefact.path))?;
        let told = |why: String| format!("{}: {why}", artefact.path);
        if artefact.path.ends_with(".sql") {
            found.extend(scan::statements(text, way.platform).map_err(told)?);
        } else if artefact.path.ends_with(".json") {
            let value: serde_json::Value =
                serde_json::from_str(text).map_err(|error| told(error.to_string()))?;
            values(way, "", &value, &mut found).map_err(told)?;
        } else {
            found.extend(text.lines().map(|line| {
                line.split_inclusive([':', ',']).map(|each| Token::Text(each.to_owned())).collect()
            }));
        }
    }
    Ok(found)
}

fn values(way: Way, key: &str, value: &serde_json::Value, found: &mut Vec<Vec<Token>>) -> Result<(), String> {
    match value {
        serde_json::Value::Object(map) => {
            map.iter().try_for_each(|(key, value)| values(way, key, value, found))
        }
        serde_json::Value::Array(list) => list.iter().try_for_each(|value| values(way, key, value, found)),
        serde_json::Value::String(text) => {
            let code = Token::Code(key.to_owned());
            let mut statement = vec![code];
            if way.platform == Platform::Trino && matches!(key, "mask" | "filter") {
                statement.extend(scan::tokens(text, Platform::Trino)?);
            } else if way.platform == Platform::Trino {
                statement.push(Token::Text(unquoted_pattern(text)));
            } else {
                statement.push(Token::Text(text.clone()));
            }
            found.push(statement);
            Ok(())
        }
        other => {
            found.push(vec![Token::Code(key.to_owned()), Token::Text(other.to_string())]);
            Ok(())
        }
    }
}

/// What Java's `\Q…\E` says literally.
fn unquoted_pattern(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("\\Q") {
        let (inside, after) = after.split_once("\\E").unwrap_or((after, ""));
        out.push_str(&before.replace("\\\\", "\\"));
        out.push_str(inside);
        rest = after;
    }
    out.push_str(&rest.replace("\\\\", "\\"));
    out
}

/// One text in one place.
fn judge(way: Way, place: Place, (name, text): (&str, &str), plain: &Made) -> Result<Count, String> {
    let mut count = Count { projects: 1, ..Count::default() };
    let Ok(made) = made(way, place, text, out(way, place, name).as_deref())? else {
        count.refused = 1;
        return Ok(count);
    };
    count.statements = made.statements.len();
    let holds = |token: &&Token| match token {
        Token::Code(_) => false,
        Token::Text(inside) | Token::Name(inside) => {
            inside.contains(text) || inside.contains(&text.to_lowercase())
        }
    };
    count.found = made.statements.iter().flatten().filter(holds).count();
    count.narrowed = usize::from(made.gaps != plain.gaps);
    if count_of(&made) > count_of(plain) {
        let more = made.statements.iter().filter(|each| !plain.statements.contains(each));
        return Err(format!(
            "{} statements, not {}: {:?}",
            made.statements.len(),
            plain.statements.len(),
            more.collect::<Vec<_>>()
        ));
    }
    if place.is_code() {
        return Ok(count);
    }
    if salts(&made) > salts(plain) {
        return Err("the salt stands where the text asks for it".to_owned());
    }
    let variables: &[&str] = if made.statements.iter().any(|each| declares(each)) { VARIABLES } else { &[] };
    let ours = |word: &&&str| !JOINS.contains(*word) && !variables.contains(*word);
    if let Some(word) = code(&made).difference(&code(plain)).find(ours) {
        return Err(format!("`{word}` became code; gaps {:?}", made.gaps));
    }
    if made.gaps == plain.gaps {
        if kinds(&made) != kinds(plain) || count_of(&made) != count_of(plain) {
            let (got, wanted) = (kinds(&made), kinds(plain));
            return Err(format!(
                "other statements: {} not {}; more {:?}, less {:?}",
                made.statements.len(),
                plain.statements.len(),
                got.difference(&wanted).collect::<Vec<_>>(),
                wanted.difference(&got).collect::<Vec<_>>()
            ));
        }
        count.same =
            usize::from(normal(&made, text, place.word()) == normal(plain, place.word(), place.word()));
    }
    Ok(count)
}

/// How often the salt stands there.
fn salts(made: &Made) -> usize {
    let holds = |token: &&Token| match token {
        Token::Code(_) => false,
        Token::Text(inside) | Token::Name(inside) => inside.contains(SALT),
    };
    made.statements.iter().flatten().filter(holds).count()
}

/// What joins the pieces of a literal that a dialect cannot write whole.
const JOINS: &[&str] =
    &["|", "+", "(", ")", ",", "CONCAT", "CHR", "CHAR", "NCHAR", "CONVERT", "nvarchar", "max"];

/// What is declared for them: see [`declares`].
const VARIABLES: &[&str] = &["@", "role", "member"];

/// The words and signs outside literals and quoted names; numbers aside.
fn code(made: &Made) -> BTreeSet<&str> {
    made.statements
        .iter()
        .filter(|statement| !declares(statement))
        .flatten()
        .filter_map(|token| match token {
            Token::Code(word) if !word.bytes().all(|byte| byte.is_ascii_digit()) => Some(word.as_str()),
            Token::Code(_) | Token::Text(_) | Token::Name(_) => None,
        })
        .collect()
}

/// Whether a statement only puts a name into a variable: T-SQL's procedures take no expression, which is what the literal of an odd
/// name is there.
fn declares(statement: &[Token]) -> bool {
    let code = |text: &str| Token::Code(text.to_owned());
    statement.starts_with(&[code("DECLARE"), code("@")])
        && statement
            .get(3..8)
            .is_some_and(|rest| rest == [code("nvarchar"), code("("), code("128"), code(")"), code("=")])
        && statement.iter().skip(8).all(|token| match token {
            Token::Code(word) => {
                JOINS.contains(&word.as_str()) || word.bytes().all(|byte| byte.is_ascii_digit())
            }
            Token::Text(_) => true,
            Token::Name(_) => false,
        })
}

fn count_of(made: &Made) -> usize {
    made.statements.iter().filter(|statement| !declares(statement)).count()
}

/// How each statement begins.
fn kinds(made: &Made) -> BTreeSet<Vec<&str>> {
    made.statements
        .iter()
        .filter(|statement| !declares(statement))
        .map(|statement| {
            statement
                .iter()
                .take(3)
                .map_while(|token| match token {
                    Token::Code(word) => Some(word.as_str()),
                    Token::Text(_) | Token::Name(_) => None,
                })
                .collect()
        })
        .collect()
}

/// The statements as sorted tokens, the text called by a word of ours, without the hashes that names end in.
fn normal(made: &Made, text: &str, word: &str) -> Vec<String> {
    let mut spellings = vec![text.to_owned(), text.to_lowercase(), text.to_uppercase()];
    spellings.dedup();
    let called = |inside: &str| {
        let mut inside = inside.to_owned();
        for spelling in &spellings {
            inside = inside.replace(spelling.as_str(), word);
        }
        inside.replace(&word.to_uppercase(), word)
    };
    let hash = regex::Regex::new("_[0-9A-Fa-f]{8}\\b|[0-9a-f]{32,64}").unwrap();
    let mut statements: Vec<String> = made
        .statements
        .iter()
        .map(|statement| {
            let mut tokens: Vec<String> = statement
                .iter()
                .map(|token| match token {
                    Token::Code(word) => word.clone(),
                    Token::Text(inside) => format!("'{}'", hash.replace_all(&called(inside), "_#")),
                    Token::Name(inside) => format!("[{}]", hash.replace_all(&called(inside), "_#")),
                })
                .collect();
            tokens.sort();
            tokens.join(" ")
        })
        .collect();
    statements.sort();
    statements
}
