//! What policies mean and what is said about them, as text.
//!
//! These pin `resolve` and the reference semantics of [`crate::ir::Meaning`] on one small world
//! ([`testing::RETAIL`](super::testing::RETAIL)). They cannot show what a platform does with the result.

mod access;
mod cells;
mod clock;
mod errors;
mod hints;
mod objects;
mod projects;
mod visibility;

use super::testing::{NOW, program, resolved, securable, shown, users};
use crate::ids::Id;
use crate::inventory::directory::Access;
use crate::inventory::{ColumnId, Instant, Securable, TableId, UserId};
use crate::ir::value::Value;
use crate::ir::{Meaning, Program};

/// Asks each line's question (before the `:` and blank) and compares all answers with what stands behind it.
///
/// `read OBJECT` · `write OBJECT` · `mask USER COLUMN` · `cell USER COLUMN VALUE {NAME=VALUE, …}` ·
/// `row USER TABLE {NAME=VALUE, …}` · `filters USER TABLE`
fn check(policies: &str, expected: &str) {
    check_in("", policies, expected);
}

/// As [`check`], with more in the world.
fn check_in(world: &str, policies: &str, expected: &str) {
    check_at(world, policies, NOW, expected);
}

/// As [`check_in`], at another instant.
fn check_at(world: &str, policies: &str, at: &str, expected: &str) {
    let program = program(world, policies, at);
    let meaning = Meaning::new(&program);
    let lines = expected.lines().map(str::trim).filter(|line| !line.is_empty());
    let (mut found, mut wanted) = (String::new(), String::new());
    for line in lines {
        let (question, _) = line.rsplit_once(": ").expect("a question, `: ` and an answer");
        found.push_str(&format!("{question}: {}\n", answer(&meaning, question)));
        wanted.push_str(&format!("{line}\n"));
    }
    assert_eq!(found, wanted, "{policies}");
}

/// Compares all that is said.
fn says(policies: &str, expected: &str) {
    says_in("", policies, expected);
}

/// As [`says`], with more in the world.
fn says_in(world: &str, policies: &str, expected: &str) {
    let (_, mut diagnostics, sources) = resolved(world, &[("a.policy", policies)], NOW);
    diagnostics.sort(&sources);
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(shown(&diagnostics, &sources), expected.join("\n"), "{policies}");
}

fn answer(meaning: &Meaning<'_>, question: &str) -> String {
    let program = meaning.program();
    let (question, row) = question.split_once(" {").unwrap_or((question, ""));
    let words: Vec<&str> = question.split(' ').collect();
    match words.as_slice() {
        ["read", object] => users(program, &meaning.may(securable(program, object), Access::Read)),
        ["write", object] => users(program, &meaning.may(securable(program, object), Access::Write)),
        ["mask", user, object] => {
            let choice = meaning.mask_of(self::user(program, user), column(program, object));
            let name = |mask: &crate::ir::MaskId| program.masks[*mask].head.name.clone();
            let mut shown: Vec<String> =
                choice.when.iter().map(|mask| format!("when {}", name(mask))).collect();
            shown.push(choice.mask.as_ref().map_or("clear".to_owned(), name));
            shown.join(", ")
        }
        ["cell", user, object, value] => {
            let column = column(program, object);
            let table = program.inventory.catalog.columns[column].table;
            let own = format!("{}={value}, {row}", program.inventory.catalog.columns[column].name);
            let cells = cells(program, table, &own);
            let today = Instant::parse(NOW).unwrap().0 / 86_400;
            let shown = meaning.cell(self::user(program, user), column, today as i32, "", &cells);
            shown.map_or("custom".to_owned(), |value| value.to_string())
        }
        ["row", user, object] => {
            let Securable::Table(table) = securable(program, object) else { panic!("{object} is no table") };
            let today = Instant::parse(NOW).unwrap().0 / 86_400;
            let cells = cells(program, table, row);
            let visible = meaning.visible(self::user(program, user), table, today as i32, &cells);
            if visible { "visible".to_owned() } else { "hidden".to_owned() }
        }
        ["filters", user, object] => {
            let Securable::Table(table) = securable(program, object) else { panic!("{object} is no table") };
            let user = self::user(program, user);
            let filters = meaning.filters_on(table);
            let names: Vec<&str> = filters
                .iter()
                .filter(|(_, users)| users.contains(user.raw()))
                .map(|(filter, _)| program.filters[*filter].head.name.as_str())
                .collect();
            if names.is_empty() { "none".to_owned() } else { names.join(" ") }
        }
        _ => panic!("no such question: {question}"),
    }
}

fn user(program: &Program, id: &str) -> UserId {
    program.inventory.directory.user(id).unwrap()
}

fn column(program: &Program, object: &str) -> ColumnId {
    let path = crate::syntax::parse_object(object).unwrap();
    super::find_object(&program.inventory, &path, None).unwrap().columns[0]
}

/// `NAME=VALUE, …`: columns that are not named are NULL.
fn cells(program: &Program, table: TableId, row: &str) -> impl Fn(ColumnId) -> Value {
    let catalog = program.inventory.catalog.clone();
    let given: Vec<(String, String)> = row
        .trim_end_matches('}')
        .split(", ")
        .filter_map(|each| each.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    move |id| {
        let column = &catalog.columns[id];
        assert_eq!(column.table, table, "a cell of another table was read");
        let text = given.iter().find(|(name, _)| *name == column.name).map(|(_, value)| value.as_str());
        match text {
            None | Some("NULL") => Value::Null,
            Some(text) => Value::cast(text, &column.column_type).unwrap(),
        }
    }
}
