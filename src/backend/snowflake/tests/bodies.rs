//! Bodies run over rows against the reference: what a policy shows is what the language says, for every user.
//!
//! The evaluator is our own reading of Snowflake's SQL; where it cannot tell, the test says so and counts how often.

use std::collections::{BTreeMap, BTreeSet};

use super::{World, world};
use crate::backend::contract::{Backend, Lowered};
use crate::backend::fact::{FactKind, Symbols};
use crate::backend::snowflake::Snowflake;
use crate::backend::snowflake::native::{Attached, Object, PolicyBody};
use crate::backend::snowflake::statement::entitlement;
use crate::backend::sql::Dialect;
use crate::backend::sql::eval::{self, Partial, Session, Table};
use crate::inventory::directory::Access;
use crate::inventory::{ColumnId, Securable, TableId, TypeClass};
use crate::ir::Meaning;
use crate::ir::value::Value;

/// 2026-06-01.
const TODAY: i32 = 20_605;
pub(super) const MORE: &str = "
user erin in analysts region=US level=x
user frank in staff level=1,2 region=2
user grace in support region=EMEA level=3,y";

/// What the platform holds, as a session of one account meets it.
struct Platform {
    roles: BTreeMap<String, BTreeSet<String>>,
    entitlements: Table,
    policies: BTreeMap<String, PolicyBody>,
    attached: BTreeMap<String, Attached>,
}

struct Asking<'a>(&'a Platform, &'a str);

impl Session for Asking<'_> {
    fn is_role(&self, role: &str) -> Option<bool> {
        Some(self.0.roles.get(role).is_some_and(|accounts| accounts.contains(self.1)))
    }
    fn current_user(&self) -> Option<&str> {
        Some(self.1)
    }
    fn table(&self, path: &[String]) -> Option<&Table> {
        (path == ["GRANTC", "GRANTC", "ENTITLEMENTS"]).then_some(&self.0.entitlements)
    }
    fn today(&self) -> Option<i32> {
        Some(TODAY)
    }
}

impl Platform {
    fn of(lowered: &Lowered, symbols: &Symbols) -> Platform {
        let (mut roles, mut rows) = (BTreeMap::<String, BTreeSet<String>>::new(), Vec::new());
        let (mut policies, mut attached) = (BTreeMap::new(), BTreeMap::new());
        for fact in &lowered.facts {
            let object = symbols.text(fact.key.object);
            match fact.key.kind {
                FactKind::Membership => {
                    let user = Object::parse(symbols.text(fact.key.grantee)).name().to_owned();
                    roles.entry(Object::parse(object).name().to_owned()).or_default().insert(user);
                }
                FactKind::Entitlement => rows.push(entitlement(fact, symbols).map(Value::Text).to_vec()),
                FactKind::MaskingPolicy | FactKind::RowAccessPolicy => {
                    policies.insert(object.to_owned(), PolicyBody::parse(symbols.text(fact.body)));
                }
                FactKind::MaskAttachment | FactKind::RowAttachment => {
                    attached.insert(object.to_owned(), Attached::parse(symbols.text(fact.body)));
                }
                _ => {}
            }
        }
        let columns = ["ACCOUNT", "NAME", "VALUE"].map(str::to_owned).to_vec();
        Platform { roles, entitlements: Table::new(columns, rows), policies, attached }
    }

    /// What the policy on an object comes to on a row; `None`: there is none.
    fn ask(&self, object: &Object, account: &str, cell: &dyn Fn(&str) -> Value) -> Option<Partial> {
        let attached = self.attached.get(&object.text())?;
        let policy = &self.policies[&attached.policy];
        assert_eq!(policy.columns, attached.columns);
        let body = eval::parse(&policy.expression, Dialect::Snowflake).expect("our own text");
        let columns: Vec<&String> = object.column.iter().chain(&attached.columns).collect();
        let bound = |name: &str| {
            let at = policy.arguments.iter().position(|(argument, _)| argument == name);
            at.map_or(Partial::Unknown, |at| Partial::Value(cell(columns[at])))
        };
        Some(eval::evaluate(&body, &Asking(self, account), &bound))
    }
}

/// A small generator: the same numbers on every run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
    fn pick<'t>(&mut self, list: &[&'t str]) -> &'t str {
        list[self.roll(list.len())]
    }
}

fn cell(class: TypeClass, dice: &mut Dice) -> Value {
    if dice.roll(5) == 0 {
        return Value::Null;
    }
    match class {
        TypeClass::String => Value::Text(
            dice.pick(&[
                "EMEA",
                "APAC",
                "US",
                "2",
                "alice",
                "analysts",
                "ann@x.example",
                "5551234567",
                "ab",
                "",
            ])
            .into(),
        ),
        TypeClass::Number => {
            Value::number(dice.pick(&["0", "1", "2", "3", "150", "249.99", "-150"])).unwrap()
        }
        TypeClass::Boolean => Value::Boolean(dice.roll(2) == 0),
        TypeClass::Date => Value::Date(TODAY - 200 + dice.roll(250) as i32),
        TypeClass::Timestamp => {
            Value::Timestamp(i64::from(TODAY - dice.roll(200) as i32) * 86_400_000_000 + 1)
        }
        TypeClass::Binary | TypeClass::Other => Value::Null,
    }
}

/// Runs every body over rows; gives how many answers were compared, and how many could not be told.
fn check(world: &World, dice: &mut Dice) -> (usize, usize) {
    let mut symbols = Symbols::default();
    let lowered = world.lower(&mut symbols, true);
    let platform = Platform::of(&lowered, &symbols);
    let (meaning, inventory) = (Meaning::new(&world.program), &world.program.inventory);
    let permits = Snowflake.permits(inventory, world.integration, &lowered.facts, &symbols, &world.accounts);
    let (mut compared, mut untold) = (0, 0);
    for table in inventory.catalog.tables.ids() {
        let readers = permits.may(Securable::Table(table), Access::Read);
        for raw in readers {
            let account = &permits.accounts()[raw as usize];
            for _ in 0..6 {
                let (told, not) = check_row(world, &meaning, &platform, table, account, dice);
                compared += told;
                untold += not;
            }
        }
    }
    (compared, untold)
}

fn check_row(
    world: &World,
    meaning: &Meaning<'_>,
    platform: &Platform,
    table: TableId,
    account: &str,
    dice: &mut Dice,
) -> (usize, usize) {
    let catalog = &world.program.inventory.catalog;
    let user = world.program.inventory.directory.user(&account.to_lowercase()).unwrap();
    let row: BTreeMap<ColumnId, Value> = catalog.tables[table]
        .columns
        .iter()
        .map(|column| (*column, cell(catalog.columns[*column].column_type.class, dice)))
        .collect();
    let by_id = |column: ColumnId| row[&column].clone();
    let by_name = |name: &str| {
        let column = row.keys().find(|column| catalog.columns[**column].name == name).unwrap();
        row[column].clone()
    };
    let (mut compared, mut untold) = (0, 0);
    let object = Object::new("TABLE", catalog.path(table));
    let visible = meaning.visible(user, table, TODAY, &by_id);
    match platform.ask(&object, account, &by_name) {
        None => assert!(visible, "{object:?} hides a row of {account}, and nothing stands there"),
        Some(Partial::Unknown) => untold += 1,
        Some(shown) => {
            let shown = shown == Partial::Value(Value::Boolean(true));
            assert_eq!(shown, visible, "{} for {account}: {row:?}", object.text());
            compared += 1;
        }
    }
    for column in row.keys() {
        let object = Object { column: Some(catalog.columns[*column].name.clone()), ..object.clone() };
        let expected = meaning.cell(user, *column, TODAY, "{salt}", &by_id);
        match (platform.ask(&object, account, &by_name), expected) {
            (None, expected) => assert_eq!(expected, Some(by_id(*column)), "{}", object.text()),
            (Some(Partial::Unknown), _) => untold += 1,
            (Some(shown), Some(expected)) => {
                assert_eq!(shown, Partial::Value(expected), "{} for {account}: {row:?}", object.text());
                compared += 1;
            }
            (Some(_), None) => {}
        }
    }
    (compared, untold)
}

const WHO: [&str; 8] = [
    r#"user in group "analysts""#,
    r#"user in group "support""#,
    r#"not user in group "staff""#,
    r#"user attribute region = "EMEA""#,
    r#"user attribute clearance != "secret""#,
    r#"user is one of ["dave", "frank"]"#,
    r#"user has attribute level"#,
    r#"user in any of groups ["curators", "support"]"#,
];

const SALES_ROWS: [&str; 16] = [
    "column region in user attribute region",
    "column region not in user attribute region",
    "column region = user attribute region",
    "column region != user attribute clearance",
    "column id in user attribute level",
    "column id not in user attribute level",
    "column region in user groups",
    "column region not in user groups",
    "column region = user name",
    "column region != user name",
    r#"column region in ["EMEA", "US"]"#,
    r#"column region like "E%""#,
    "column region is null",
    "column amount > 100",
    "column sold >= today - 90 days",
    r#"sql "id between 1 and 2 or region is null""#,
];

const CUSTOMER_ROWS: [&str; 7] = [
    r#"column country = "US""#,
    "column id > 1",
    "column active = true",
    "column country in user attribute region",
    "column id not in user attribute level",
    "column country is null",
    "column country != user name",
];

fn rows(dice: &mut Dice, atoms: &[&str], depth: usize) -> String {
    match dice.roll(if depth == 0 { 4 } else { 9 }) {
        0 => format!("({})", dice.pick(&WHO)),
        1..=3 => dice.pick(atoms).to_owned(),
        4 | 5 => format!("(not {})", rows(dice, atoms, depth - 1)),
        6 | 7 => format!("({} and {})", rows(dice, atoms, depth - 1), rows(dice, atoms, depth - 1)),
        _ => format!("({} or {})", rows(dice, atoms, depth - 1), rows(dice, atoms, depth - 1)),
    }
}

fn applies(dice: &mut Dice) -> String {
    match dice.roll(3) {
        0 => String::new(),
        1 => format!("except {}", dice.pick(&WHO)),
        _ => format!("only for {}", dice.pick(&WHO)),
    }
}

/// Policies that nobody would write, and everybody might.
pub(super) fn random_policies(dice: &mut Dice) -> String {
    let mut text = r#"subscription r { allow read on tables in RETAIL.PUBLIC to user in any of groups ["staff", "curators"] or user is "dave" }"#.to_owned();
    for index in 0..dice.roll(4) {
        let rows = rows(dice, &SALES_ROWS, 2);
        text += &format!(
            "\nfilter f{index} {{ on tables tagged Domain.Sales rows where {rows} {} }}",
            applies(dice)
        );
    }
    for index in 0..dice.roll(6) {
        let (column, method) = match dice.roll(4) {
            0 => ("EMAIL", dice.pick(&["null", "hash", r#"constant "x""#, r##"regex "[a-z]" replace "#""##])),
            1 => ("PHONE", dice.pick(&["keep last 4", "keep first 2", "null"])),
            2 => ("BORN", dice.pick(&["round to year", "round to month", "constant 2000-01-01"])),
            _ => ("AMOUNT", dice.pick(&["round to 100", "null", "round to 0.5"])),
        };
        let when = if column != "AMOUNT" && dice.roll(2) == 0 {
            format!("when {}", rows(dice, &CUSTOMER_ROWS, 1))
        } else {
            String::new()
        };
        let applies = applies(dice);
        text += &format!(
            "\nmask m{index} {{ on columns named \"{column}\" of tables in RETAIL.PUBLIC using {method} {when} {applies} priority {index} }}"
        );
    }
    text
}

#[test]
fn bodies_show_what_the_reference_shows() {
    let mut dice = Dice(7);
    let (compared, untold) = check(&world(MORE, super::EVERYTHING), &mut dice);
    assert!(compared > 100, "{compared}");
    assert_eq!(untold, 0);
}

#[test]
fn bodies_of_random_policies_show_what_the_reference_shows() {
    let (mut compared, mut untold) = (0, 0);
    for seed in 0..40 {
        let mut dice = Dice(seed);
        let policies = random_policies(&mut dice);
        let world = world(MORE, &policies);
        let (told, not) = check(&world, &mut dice);
        compared += told;
        untold += not;
        let mut symbols = Symbols::default();
        let lowered = world.lower(&mut symbols, true);
        let folder = world.state(&lowered.facts, &symbols, Some("pepper"));
        let observed = world.observe(&folder, &mut symbols, Some("pepper")).unwrap();
        assert_eq!(super::texts(&observed.ours, &symbols), super::texts(&lowered.facts, &symbols));
    }
    assert!(compared > 1_000 && untold * 20 < compared, "{compared} compared, {untold} not told");
}
