//! Masks and filters as Trino expressions over `current_groups()`.
//!
//! Groups come from the group file, so a session cannot drop them; even so every test is positive, so that a user
//! whom the file does not know sees nothing, and so that the file may be swapped in any order with the rules.

use std::collections::BTreeMap;

use crate::backend::contract::Lowering;
use crate::backend::names::Names;
use crate::backend::protection::{CellRule, ColumnProtection, FilterProtection};
use crate::backend::sql::{Dialect, Operand, RowTarget, Unsupported, method, rows};
use crate::backend::{Gap, GapCode};
use crate::inventory::directory::{Access, UserSet};
use crate::inventory::{AccountSet, ColumnId, ColumnType, Platform, Securable, TableId, TypeClass};
use crate::ir::rows::UserValues;
use crate::ir::value::Value;
use crate::ir::{ConditionId, MaskChoice, MaskId, Method, Subject};

const DIALECT: Dialect = Dialect::Trino;

/// Prints expressions and collects the groups that they ask for.
pub struct Printer<'a, 'p> {
    /// What is lowered.
    pub lowering: &'a Lowering<'p>,
    /// The groups.
    pub names: &'a mut Names,
    /// What becomes narrower.
    pub gaps: &'a mut Vec<Gap>,
}

fn in_group(name: &str) -> String {
    format!("contains(current_groups(), {})", DIALECT.literal(name))
}

impl Printer<'_, '_> {
    /// The mask of a column, or why its `when` cannot be held: then those whom that mask concerns do not get the table.
    pub fn mask(&mut self, protection: &ColumnProtection) -> Result<String, (MaskId, Unsupported)> {
        let program = self.lowering.program;
        let column = &program.inventory.catalog.columns[protection.column];
        let place = program.inventory.catalog.shown_column(protection.column);
        let value = DIALECT.identifier(&column.name);
        let names: Vec<String> = mask_names(self.lowering, &protection.rules);
        let stem = names.first().cloned().unwrap_or_default();
        let mut branches = Vec::new();
        if !protection.clear.is_empty() {
            let purpose: Vec<&str> = ["clear"].into_iter().chain(names.iter().map(String::as_str)).collect();
            let group = self.names.name(&stem, &purpose, &place, &protection.clear, &names);
            branches.push((in_group(&group), value.clone()));
        }
        let mut outcomes = Vec::new();
        for (rule, accounts) in &protection.rules {
            let shown = match rule {
                CellRule::Hidden => method::null(&column.column_type),
                CellRule::Masked(choice) => self.choice(choice, protection.column, &value)?,
            };
            outcomes.push((rule, accounts, shown));
        }
        // With one outcome that is no more than a mask, everybody else may as well see it: who is clear could compute it.
        // With several, or with rows that are clear, each is shown only to its own; the rest see nothing.
        let alone = match outcomes.as_slice() {
            [(CellRule::Masked(MaskChoice { when, mask: Some(_) }), _, shown)] if when.is_empty() => {
                Some(shown.clone())
            }
            _ => None,
        };
        let rest = alone.clone().unwrap_or_else(|| method::null(&column.column_type));
        if alone.is_none() {
            for (rule, accounts, shown) in outcomes {
                if shown == rest {
                    continue;
                }
                let seen = rule_names(self.lowering, rule);
                let purpose: Vec<&str> =
                    ["sees"].into_iter().chain(seen.iter().map(String::as_str)).collect();
                let group = self.names.name(seen.first().unwrap_or(&stem), &purpose, &place, accounts, &seen);
                branches.push((in_group(&group), shown));
            }
        }
        if branches.is_empty() {
            return Ok(rest);
        }
        let cases: String =
            branches.iter().map(|(test, shown)| format!("WHEN {test} THEN {shown} ")).collect();
        Ok(format!("CASE {cases}ELSE {rest} END"))
    }

    /// What one choice shows: masks with `when` in order, then the one without, else the value.
    fn choice(
        &mut self,
        choice: &MaskChoice,
        column: ColumnId,
        value: &str,
    ) -> Result<String, (MaskId, Unsupported)> {
        let mut shown = match choice.mask {
            Some(mask) => self.method(mask, column, value),
            None => value.to_owned(),
        };
        let table = self.lowering.program.inventory.catalog.columns[column].table;
        for mask in choice.when.iter().rev() {
            let policy = &self.lowering.program.masks[*mask];
            let Some(template) = &policy.when else { continue };
            let masked = self.method(*mask, column, value);
            let choices = template
                .bind(&self.lowering.program.inventory, table)
                .map_err(|_| (*mask, Unsupported("the table lacks a column that it reads".to_owned())))?;
            // Clear of this mask only where every choice is false: the negation must be true, unknown masks.
            let mut target = Target {
                printer: self,
                table,
                column: Some(column),
                policy: policy.head.name.clone(),
                atom: 0,
            };
            let tests: Result<Vec<String>, Unsupported> = choices
                .iter()
                .map(|each| Ok(format!("({})", rows::print(each, true, &mut target)?)))
                .collect();
            let tests = tests.map_err(|why| (*mask, why))?;
            shown = format!("CASE WHEN {} THEN {shown} ELSE {masked} END", tests.join(" AND "));
        }
        Ok(shown)
    }

    fn method(&mut self, mask: MaskId, column: ColumnId, value: &str) -> String {
        let lowering = self.lowering;
        let policy = &lowering.program.masks[mask];
        let column_type = &lowering.program.inventory.catalog.columns[column].column_type;
        match method::print(&policy.method, value, column_type, Platform::Trino, DIALECT, lowering.salted) {
            // NULL stays NULL, also where the method does not look at the value.
            Ok(text) if matches!(policy.method, Method::Constant(_) | Method::Custom(_)) => {
                format!("CASE WHEN {value} IS NULL THEN {} ELSE {text} END", method::null(column_type))
            }
            Ok(text) => text,
            Err(narrow) => {
                self.gaps.push(Gap {
                    integration: lowering.settings().name.clone(),
                    policy: policy.head.name.clone(),
                    code: GapCode::MethodNarrowed,
                    object: lowering.program.inventory.catalog.shown_column(column),
                    message: format!("`{}` becomes `null`: {}", policy.method.words(), narrow.0),
                });
                method::null(column_type)
            }
        }
    }

    /// One filter as a conjunct, marked with its name so that a plan can tell whose it is.
    pub fn filter(&mut self, protection: &FilterProtection, table: TableId) -> Result<String, Unsupported> {
        let lowering = self.lowering;
        let policy = &lowering.program.filters[protection.filter];
        let name = policy.head.name.clone();
        let exempt = lowering.accounts.all() - &protection.concerned;
        let place = lowering.program.inventory.catalog.shown_name(Securable::Table(table));
        let mut target = Target { printer: self, table, column: None, policy: name.clone(), atom: 0 };
        let tests: Result<Vec<String>, Unsupported> = protection
            .rows
            .iter()
            .map(|each| Ok(format!("({})", rows::print(each, false, &mut target)?)))
            .collect();
        let tests = tests?.join(" AND ");
        let test = if exempt.is_empty() {
            tests
        } else {
            let group =
                self.names.name(&name, &["exempt", &name], &place, &exempt, std::slice::from_ref(&name));
            format!("{} OR ({tests})", in_group(&group))
        };
        Ok(format!("/* {name} */ ({test})"))
    }
}

fn rule_names(lowering: &Lowering<'_>, rule: &CellRule) -> Vec<String> {
    match rule {
        CellRule::Hidden => Vec::new(),
        CellRule::Masked(choice) => choice
            .when
            .iter()
            .chain(&choice.mask)
            .map(|mask| lowering.program.masks[*mask].head.name.clone())
            .collect(),
    }
}

/// The names of the masks of some rules, sorted.
pub fn mask_names(lowering: &Lowering<'_>, rules: &[(CellRule, AccountSet)]) -> Vec<String> {
    let mut names: Vec<String> = rules.iter().flat_map(|(rule, _)| rule_names(lowering, rule)).collect();
    names.sort();
    names.dedup();
    names
}

/// Row expressions over a table's own columns.
struct Target<'t, 'a, 'p> {
    printer: &'t mut Printer<'a, 'p>,
    table: TableId,
    column: Option<ColumnId>,
    policy: String,
    atom: usize,
}

impl Target<'_, '_, '_> {
    fn group(&mut self, purpose: &[&str], users: &UserSet) -> String {
        let accounts = self.printer.lowering.accounts.within(users);
        let catalog = &self.printer.lowering.program.inventory.catalog;
        let place = match self.column {
            Some(column) => catalog.shown_column(column),
            None => catalog.shown_name(Securable::Table(self.table)),
        };
        in_group(&self.printer.names.name(
            &self.policy.clone(),
            purpose,
            &place,
            &accounts,
            std::slice::from_ref(&self.policy),
        ))
    }

    /// Each value that the operand's type can hold, with the users who bring it, and whether all of a user's can be held.
    fn holders(&self, operand: &Operand, values: &UserValues) -> Result<Brought, Unsupported> {
        let inventory = &self.printer.lowering.program.inventory;
        let directory = &inventory.directory;
        let texts: BTreeMap<String, UserSet> = match values {
            UserValues::Attribute(name) => directory
                .attributes
                .get(name)
                .into_iter()
                .flatten()
                .map(|(value, users)| (value.clone(), users.clone()))
                .collect(),
            UserValues::Groups => {
                directory.groups.values().map(|group| (group.id.clone(), group.members.clone())).collect()
            }
            UserValues::Name => {
                use crate::ids::Id;
                directory
                    .users
                    .iter()
                    .map(|(id, user)| (user.id.clone(), UserSet::from([id.raw()])))
                    .collect()
            }
        };
        let all = match values {
            UserValues::Attribute(name) => directory.having(name),
            UserValues::Groups | UserValues::Name => directory.everyone(),
        };
        let text_type = ColumnType::parse("varchar");
        let to = match operand.column {
            Some(column) => inventory.catalog.columns[column].column_type.clone(),
            None => text_type,
        };
        let mut brought = Brought { values: BTreeMap::new(), known: all };
        for (text, users) in texts {
            match Value::cast(&text, &to) {
                Some(value) => {
                    let text = literal(&value, operand.padded)?;
                    *brought.values.entry(text).or_default() |= users;
                }
                None => brought.known -= users,
            }
        }
        Ok(brought)
    }
}

struct Brought {
    /// Literal → who brings it.
    values: BTreeMap<String, UserSet>,
    /// Those all of whose values can be cast, and who have one: for the others `not in` is unknown.
    known: UserSet,
}

fn literal(value: &Value, padded: bool) -> Result<String, Unsupported> {
    match value {
        Value::Text(text) if padded => Ok(DIALECT.literal(text.trim_end_matches(' '))),
        Value::Text(text) => Ok(DIALECT.literal(text)),
        Value::Number(number) => Ok(number.to_string()),
        Value::Boolean(true) => Ok("TRUE".to_owned()),
        Value::Boolean(false) => Ok("FALSE".to_owned()),
        Value::Date(_) => Ok(format!("DATE '{value}'")),
        Value::Timestamp(_) => {
            let text = value.to_string().replace('T', " ");
            Ok(format!("TIMESTAMP '{}'", text.trim_end_matches('Z')))
        }
        Value::Null => Err(Unsupported("a user's value is NULL".to_owned())),
    }
}

impl RowTarget for Target<'_, '_, '_> {
    fn dialect(&self) -> Dialect {
        DIALECT
    }

    fn platform(&self) -> Platform {
        Platform::Trino
    }

    fn column_type(&self, column: ColumnId) -> &ColumnType {
        &self.printer.lowering.program.inventory.catalog.columns[column].column_type
    }

    fn column(&mut self, column: ColumnId) -> Result<String, Unsupported> {
        // Row filters are applied before column masks, and a mask sees the other columns unmasked: both read clear values
        // (Trino's RelationPlanner; trinodb/trino pull request 15680).
        let name = &self.printer.lowering.program.inventory.catalog.columns[column].name;
        if name.contains("{salt}") {
            return Err(Unsupported("a column's name looks like the salt's place".to_owned()));
        }
        Ok(DIALECT.identifier(name))
    }

    fn user(&mut self, condition: ConditionId, holds: bool) -> Result<String, Unsupported> {
        let subject =
            Subject { securable: Securable::Table(self.table), column: self.column, access: Access::Read };
        let meaning = self.printer.lowering.meaning;
        let holders = meaning.holders(condition, subject);
        let users = if holds { holders } else { meaning.everyone() - holders };
        self.atom += 1;
        let purpose =
            [if holds { "holds" } else { "lacks" }.to_owned(), self.policy.clone(), self.atom.to_string()];
        Ok(self.group(&purpose.each_ref().map(String::as_str), &users))
    }

    fn user_values(
        &mut self,
        operand: &Operand,
        values: &UserValues,
        negated: bool,
    ) -> Result<String, Unsupported> {
        if matches!(operand.class, TypeClass::Binary | TypeClass::Other) {
            return Err(Unsupported("values of users cannot be compared with this type".to_owned()));
        }
        let brought = self.holders(operand, values)?;
        let what = match values {
            UserValues::Name => "name".to_owned(),
            UserValues::Groups => "groups".to_owned(),
            UserValues::Attribute(name) => format!("attribute {name}"),
        };
        let tests: Vec<String> = brought
            .values
            .iter()
            .map(|(text, users)| {
                if negated {
                    let group = self.group(&["without", &what, text], &(&brought.known - users));
                    format!("({} <> {text} OR {group})", operand.text)
                } else {
                    let group = self.group(&["with", &what, text], users);
                    format!("({} = {text} AND {group})", operand.text)
                }
            })
            .collect();
        if negated {
            let known = self.group(&["known", &what, &format!("{:?}", operand.class)], &brought.known);
            let all: Vec<String> =
                [format!("{} IS NOT NULL", operand.text), known].into_iter().chain(tests).collect();
            return Ok(format!("({})", all.join(" AND ")));
        }
        Ok(if tests.is_empty() { "FALSE".to_owned() } else { format!("({})", tests.join(" OR ")) })
    }
}
