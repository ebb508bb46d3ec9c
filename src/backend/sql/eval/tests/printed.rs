//! What our printers write means what the reference says.

use std::collections::BTreeMap;

use super::*;
use crate::backend::contract::Seen;
use crate::backend::sql::rows::{self, RowTarget};
use crate::backend::sql::{Operand, Unsupported, method};
use crate::ids::Id;
use crate::inventory::catalog::Column;
use crate::inventory::directory::User;
use crate::inventory::{ColumnId, ColumnType, Inventory, Platform, TableId};
use crate::ir::rows::{Operator, UserValues};
use crate::ir::truth::RowContext;
use crate::ir::{BoundRows, ConditionId, Literal, Method, RoundTo, Rows, Term};
use crate::source::SourceId;

/// Every method that we print means what the reference shows, and is seen as masked.
#[test]
fn printed_methods_mean_the_reference() {
    let texts = ["", "a", "1234", "55512345", "Zoë Müller", "it's \\ \"x\" 100%", "UNITED STATES", "a\nb1"];
    let numbers = ["0", "1250", "-1250", "1249.99", "0.5", "-0.49", "123456.78"];
    let text_methods = [
        Method::Null,
        Method::Constant(Literal::Text("it's \\ {salt}".into())),
        Method::Hash,
        Method::KeepFirst(3),
        Method::KeepFirst(0),
        Method::KeepLast(4),
        Method::KeepLast(0),
        Method::Regex { pattern: "[0-9]+".into(), replace: "\\1$1".into() },
        Method::Regex { pattern: "(?i)[a-f]x?\\]?".into(), replace: "".into() },
        Method::Regex { pattern: "\\.|\\\\|\"".into(), replace: "#".into() },
    ];
    let number_methods = [
        Method::Null,
        Method::Constant(Literal::Number("-3.50".into())),
        Method::RoundNumber("100".into()),
        Method::RoundNumber("0.5".into()),
    ];
    let date_methods = [
        Method::Null,
        Method::Constant(Literal::Date(-1)),
        Method::RoundDate(RoundTo::Year),
        Method::RoundDate(RoundTo::Month),
        Method::RoundDate(RoundTo::Day),
    ];
    let mut judged = 0;
    for (dialect, platform) in [(Dialect::Snowflake, Platform::Snowflake), (Dialect::Trino, Platform::Trino)]
    {
        let mut check = |column: &str, method: &Method, values: &[Value]| {
            let column = ColumnType::parse(column);
            let Ok(text) = method::print(method, "val", &column, platform, dialect, true) else { return };
            let body = parse(&text, dialect).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(seen(&body, &fixture(dialect), "VAL"), Seen::Masked, "{dialect:?} {column:?}: {text}");
            for value in values.iter().chain([&Value::Null]) {
                let cell = |_: &str| Partial::Value(value.clone());
                let got = evaluate(&body, &fixture(dialect), &cell);
                let wanted = match (value, method) {
                    // Only what stands around the expression keeps NULL for a constant.
                    (Value::Null, Method::Constant(literal)) => literal.value(),
                    _ => method.show(value, "{salt}").unwrap(),
                };
                let Partial::Value(got) = got else { panic!("{text} of {value:?}") };
                let same =
                    got == wanted || got.compare(&wanted, column.padded).is_some_and(|order| order.is_eq());
                assert!(same, "{dialect:?} {text} of {value:?}: {got:?}, not {wanted:?}");
                judged += 1;
            }
        };
        for method in &text_methods {
            let values: Vec<Value> = texts.iter().map(|text| Value::Text((*text).to_owned())).collect();
            for column in ["VARCHAR", "VARCHAR(200)", "CHAR(70)"] {
                check(column, method, &values);
            }
        }
        for method in &number_methods {
            let values: Vec<Value> = numbers.iter().filter_map(|number| Value::number(number)).collect();
            check("DECIMAL(12,2)", method, &values);
            let whole: Vec<Value> = ["7", "-50", "1250"].iter().filter_map(|n| Value::number(n)).collect();
            check("INTEGER", method, &whole);
        }
        for method in &date_methods {
            check("DATE", method, &[Value::Date(20_527), Value::Date(-1)]);
            let timestamps = [Value::Timestamp(-1_000_000), Value::Timestamp(1_773_000_123_000_000)];
            let name = if dialect == Dialect::Snowflake { "TIMESTAMP_NTZ" } else { "timestamp(6)" };
            check(name, method, &timestamps);
            check(name, &Method::RoundDate(RoundTo::Hour), &timestamps);
        }
        check("BOOLEAN", &Method::Constant(Literal::Boolean(true)), &[Value::Boolean(false)]);
        if dialect == Dialect::Trino {
            check(
                "timestamp(6) with time zone",
                &Method::RoundDate(RoundTo::Day),
                &[Value::Timestamp(86_400_000_001)],
            );
        }
    }
    assert!(judged > 300, "{judged}");
}

/// Columns by their place: `C0`, `C1` …
struct Target<'a> {
    dialect: Dialect,
    inventory: &'a Inventory,
}

impl RowTarget for Target<'_> {
    fn dialect(&self) -> Dialect {
        self.dialect
    }
    fn platform(&self) -> Platform {
        self.dialect.platform()
    }
    fn column_type(&self, column: ColumnId) -> &ColumnType {
        &self.inventory.catalog.columns[column].column_type
    }
    fn column(&mut self, column: ColumnId) -> Result<String, Unsupported> {
        Ok(self.dialect.identifier(&self.inventory.catalog.columns[column].name))
    }
    fn user(&mut self, condition: ConditionId, holds: bool) -> Result<String, Unsupported> {
        // Condition 0 holds for the user, others do not.
        let held = (condition == ConditionId::from_raw(0)) == holds;
        Ok(match (self.dialect, held) {
            (Dialect::Snowflake, true) => "IS_ROLE_IN_SESSION('ANALYST')".to_owned(),
            (Dialect::Snowflake, false) => "IS_ROLE_IN_SESSION('NOBODY')".to_owned(),
            (_, true) => "contains(current_groups(), 'analysts')".to_owned(),
            (_, false) => "contains(current_groups(), 'others')".to_owned(),
        })
    }
    fn user_values(
        &mut self,
        operand: &Operand,
        _: &UserValues,
        negated: bool,
    ) -> Result<String, Unsupported> {
        let not = if negated { "NOT " } else { "" };
        let owned = "SELECT E.VALUE FROM ENTITLEMENTS E WHERE E.ACCOUNT = CURRENT_USER AND E.NAME = 'region'";
        Ok(format!("{} {not}IN ({owned})", operand.text))
    }
}

#[test]
fn printed_rows_mean_the_reference() {
    let types = [
        ("varchar", vec!["EMEA", "it's \\ 100%", "AMER"]),
        ("char(6)", vec!["EMEA  ", "AMER", ""]),
        ("decimal(10,2)", vec!["12.50", "-3", "0"]),
        ("date", vec!["2026-03-03", "2026-06-01", "1969-12-31"]),
        ("timestamp(6)", vec!["2026-03-03", "2026-06-01"]),
        ("timestamp(6) with time zone", vec!["2026-03-03", "2026-06-01"]),
        ("boolean", vec!["true", "false"]),
    ];
    let mut inventory = Inventory::default();
    let alice = inventory
        .directory
        .users
        .push(User { id: "alice".into(), place: crate::source::Place::File(SourceId::from_raw(0)) });
    inventory.directory.attributes = BTreeMap::from([(
        "region".to_owned(),
        ["EMEA", "APAC"].map(|value| (value.to_owned(), [alice.raw()].into_iter().collect())).into(),
    )]);
    let mut cells: Vec<Vec<Value>> = Vec::new();
    for (place, (name, values)) in types.iter().enumerate() {
        let column_type = ColumnType::parse(name);
        let known = values.iter().map(|value| Value::cast(value, &column_type).unwrap());
        cells.push(known.chain([Value::Null]).collect());
        let table = TableId::from_raw(0);
        inventory.catalog.columns.push(Column {
            table,
            name: format!("C{place}"),
            column_type,
            tags: vec![],
        });
    }
    let column = |place: u32| Term::Column(ColumnId::from_raw(place));
    let text = |text: &str| Literal::Text(text.to_owned());
    let number = |number: &str| Literal::Number(number.to_owned());
    let day = |day: &str| Literal::Date(date(day).unwrap());
    let literals: [Vec<Literal>; 7] = [
        vec![text("EMEA"), text("it's \\ 100%"), text("{salt}")],
        vec![text("EMEA"), text("EMEA "), text("")],
        vec![number("12.5"), number("-3.00")],
        vec![day("2026-03-03"), day("1969-12-31")],
        vec![day("2026-03-03")],
        vec![day("2026-03-03")],
        vec![Literal::Boolean(true)],
    ];
    let operators = [
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::LessOrEqual,
        Operator::Greater,
        Operator::GreaterOrEqual,
    ];
    let mut atoms: Vec<(u32, BoundRows)> = Vec::new();
    for (place, literals) in (0u32..).zip(&literals) {
        for operator in operators {
            for literal in literals {
                let right = Term::Literal(literal.clone());
                atoms.push((place, Rows::Compare { left: column(place), operator, right }));
            }
            if (3..=5).contains(&place) {
                for days in [0, -90] {
                    atoms.push((
                        place,
                        Rows::Compare { left: column(place), operator, right: Term::Today(days) },
                    ));
                }
            }
        }
        for negated in [false, true] {
            let values = literals.clone();
            atoms.push((place, Rows::InList { term: column(place), negated, values }));
            atoms.push((place, Rows::IsNull { term: column(place), negated }));
        }
    }
    for pattern in ["E%", "%\\%", "_M_A%", "it's \\\\%", "", "%\\"] {
        for place in 0..1 {
            atoms.push((place, Rows::Like { term: column(place), pattern: pattern.to_owned() }));
        }
    }
    for negated in [false, true] {
        let values = UserValues::Attribute("region".to_owned());
        atoms.push((0, Rows::InUser { term: column(0), negated, values }));
    }
    let user = |raw| Rows::User(ConditionId::from_raw(raw));
    let joined = atoms.clone().into_iter().flat_map(|(place, atom)| {
        [
            (place, Rows::And(vec![user(0), atom.clone()])),
            (place, Rows::Or(vec![user(1), Rows::Not(Box::new(atom))])),
        ]
    });
    let mut judged = 0;
    for (place, rows) in atoms.iter().cloned().chain(joined) {
        for (dialect, negated) in BOTH.iter().flat_map(|dialect| [(*dialect, false), (*dialect, true)]) {
            let printed =
                rows::print(&rows, negated, &mut Target { dialect, inventory: &inventory }).unwrap();
            let body = parse(&printed, dialect).unwrap_or_else(|| panic!("{printed}"));
            for value in &cells[place as usize] {
                let fixture = fixture(dialect);
                let reference = rows.evaluate(&RowContext {
                    inventory: &inventory,
                    user: alice,
                    cell: &|_| value.clone(),
                    holds: &|condition| condition == ConditionId::from_raw(0),
                    today: date("2026-06-01").unwrap(),
                });
                let wanted = reference.map_or(Value::Null, |truth| Value::Boolean(truth != negated));
                let got = evaluate(&body, &fixture, &|_| Partial::Value(value.clone()));
                assert_eq!(got, Partial::Value(wanted), "{dialect:?}: {printed} where it is {value:?}");
                judged += 1;
            }
        }
    }
    assert!(judged > 2_000, "{judged}");
}
