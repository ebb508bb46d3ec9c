//! Random policies: every form of the language, with names and texts that look like keywords and like quoting.

use jiff::civil::Date;
use proptest::prelude::*;

use crate::ids::Id;
use crate::source::{SourceId, Span, Spanned};
use crate::syntax::KEYWORDS;
use crate::syntax::ast::{
    AccessSet, Applies, AttributeTest, Clauses, ColumnRef, ColumnType, Combine, CompareOp, Condition,
    Declaration, DeclarationKind, Document, Expectation, Filter, Guardrail, Literal, Mask, Method,
    ObjectPath, ObjectTarget, Outcome, Path, Platform, RoundUnit, RowSet, RowValue, Rows, Segment, Selector,
    SelectorExpr, SelectorKind, Subscription, Tag, Test,
};

pub(super) fn source() -> SourceId {
    SourceId::from_raw(0)
}

fn at<T>(node: T) -> Spanned<T> {
    Spanned::new(node, place())
}

fn place() -> Span {
    source().span(0, 0)
}

fn spanned<T: std::fmt::Debug>(inner: impl Strategy<Value = T>) -> impl Strategy<Value = Spanned<T>> {
    inner.prop_map(at)
}

/// A name that is no keyword.
fn name() -> impl Strategy<Value = String> {
    "[a-z_][a-z0-9_]{0,6}".prop_filter("no keyword", |name| !KEYWORDS.contains(&name.as_str()))
}

/// Any text that a string can hold.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z0-9@. -]{0,12}",
        1 => "[\"\\\\\n#'*{}\u{200b}\u{e9}]{0,6}",
        1 => any::<String>().prop_map(|text| text.replace('\r', "")),
    ]
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof![2 => "[a-zA-Z0-9_$-]{1,8}", 1 => text().prop_filter("not empty", |text| !text.is_empty()), 1 => keyword()]
}

fn keyword() -> impl Strategy<Value = String> {
    proptest::sample::select(KEYWORDS).prop_map(str::to_owned)
}

fn tag() -> impl Strategy<Value = Spanned<Tag>> {
    spanned(proptest::collection::vec(label(), 1..4).prop_map(|segments| Tag { segments }))
}

fn segment() -> impl Strategy<Value = Segment> {
    prop_oneof![
        "[a-zA-Z0-9_$*-]{1,8}".prop_map(|text| Segment { text, quoted: false }),
        text()
            .prop_filter("a name", |text| !text.is_empty() && !text.to_lowercase().starts_with("s3://"))
            .prop_map(|text| Segment { text, quoted: true }),
    ]
}

fn path(most: usize) -> impl Strategy<Value = Path> {
    proptest::collection::vec(segment(), 1..=most).prop_map(|segments| Path { segments })
}

fn date() -> impl Strategy<Value = Spanned<Date>> {
    spanned(
        (1_i16..9999, 1_i8..=12, 1_i8..=28)
            .prop_map(|(year, month, day)| Date::new(year, month, day).unwrap()),
    )
}

fn strings() -> impl Strategy<Value = Vec<Spanned<String>>> {
    proptest::collection::vec(spanned(text()), 1..4)
}

/// Trees of `and`, `or` and `not` over atoms.
fn tree<T: Clone + std::fmt::Debug + 'static>(
    atom: impl Strategy<Value = T> + 'static,
    and: fn(Vec<Spanned<T>>) -> T,
    or: fn(Vec<Spanned<T>>) -> T,
    not: fn(Box<Spanned<T>>) -> T,
) -> BoxedStrategy<Spanned<T>> {
    atom.prop_recursive(4, 16, 4, move |inner| {
        let items = proptest::collection::vec(spanned(inner.clone()).boxed(), 2..4).boxed();
        prop_oneof![
            items.clone().prop_map(and),
            items.prop_map(or),
            inner.prop_map(move |inner| not(Box::new(at(inner))))
        ]
    })
    .prop_map(at)
    .boxed()
}

fn condition_atom() -> BoxedStrategy<Condition> {
    prop_oneof![
        Just(Condition::Anyone),
        strings().prop_map(Condition::UserIs),
        spanned(text()).prop_map(Condition::InGroup),
        strings().prop_map(Condition::InAnyOf),
        strings().prop_map(Condition::InAllOf),
        spanned(label()).prop_map(Condition::HasAttribute),
        (spanned(label()), attribute_test()).prop_map(|(name, test)| Condition::Attribute { name, test }),
        (spanned(label()), tag())
            .prop_map(|(attribute, under)| Condition::AttributeCoversTags { attribute, under }),
        tag().prop_map(|under| Condition::GroupsCoverTags { under }),
        spanned(label()).prop_map(|attribute| Condition::AttributeCoversName { attribute }),
        proptest::option::of(spanned(text())).prop_map(|by_group| Condition::Approved { by_group }),
        spanned(name()).prop_map(Condition::Named),
    ]
    .boxed()
}

fn attribute_test() -> impl Strategy<Value = AttributeTest> {
    prop_oneof![
        spanned(text()).prop_map(AttributeTest::Equals),
        spanned(text()).prop_map(AttributeTest::NotEquals),
        strings().prop_map(AttributeTest::In),
        strings().prop_map(AttributeTest::NotIn),
    ]
}

fn condition() -> BoxedStrategy<Spanned<Condition>> {
    tree(condition_atom(), Condition::And, Condition::Or, Condition::Not)
}

fn selection() -> BoxedStrategy<Spanned<SelectorExpr>> {
    let types = [
        ColumnType::String,
        ColumnType::Number,
        ColumnType::Boolean,
        ColumnType::Date,
        ColumnType::Timestamp,
        ColumnType::Binary,
    ];
    let atom = prop_oneof![
        tag().prop_map(SelectorExpr::Tagged),
        tag().prop_map(SelectorExpr::WithColumnTagged),
        spanned(path(3)).prop_map(SelectorExpr::In),
        spanned("s3://[a-z0-9-]{3,6}/([a-z/é #]{1,6}\\*?|\\*)").prop_map(SelectorExpr::InPrefix),
        spanned(text()).prop_map(SelectorExpr::Named),
        spanned(proptest::sample::select(types.to_vec())).prop_map(SelectorExpr::OfType),
        spanned(label()).prop_map(SelectorExpr::OfIntegration),
    ];
    tree(atom, SelectorExpr::And, SelectorExpr::Or, SelectorExpr::Not)
}

fn selector(kinds: &[SelectorKind]) -> impl Strategy<Value = Spanned<Selector>> {
    let kind = spanned(proptest::sample::select(kinds.to_vec()));
    let maybe = || proptest::option::of(selection());
    spanned((kind, maybe(), maybe()).prop_map(|(kind, expr, tables)| {
        let of_tables = tables.filter(|_| kind.node == SelectorKind::Columns);
        Selector { kind, expr, of_tables }
    }))
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        text().prop_map(Literal::String),
        "-?[0-9]{1,9}(\\.[0-9]{1,4})?".prop_map(Literal::Number),
        any::<bool>().prop_map(Literal::Boolean),
        date().prop_map(|date| Literal::Date(date.node)),
    ]
}

fn row_value() -> impl Strategy<Value = Spanned<RowValue>> {
    let named = prop_oneof![
        "[a-zA-Z0-9_$-]{1,8}".prop_map(|text| (text, false)),
        label().prop_map(|text| (text, true))
    ]
    .prop_filter("`column tagged` is the tag form", |(text, quoted)| *quoted || text != "tagged")
    .prop_map(|(text, quoted)| ColumnRef::Named(at(Segment { text, quoted })));
    spanned(prop_oneof![
        named.prop_map(RowValue::Column),
        tag().prop_map(|tag| RowValue::Column(ColumnRef::Tagged(tag))),
        literal().prop_map(RowValue::Literal),
        (-999_i64..999).prop_map(|days| RowValue::Today { days }),
    ])
}

fn rows() -> BoxedStrategy<Spanned<Rows>> {
    let ops = [
        CompareOp::Equal,
        CompareOp::NotEqual,
        CompareOp::Less,
        CompareOp::LessOrEqual,
        CompareOp::Greater,
        CompareOp::GreaterOrEqual,
    ];
    let set = spanned(prop_oneof![
        proptest::collection::vec(spanned(literal()), 1..4).prop_map(RowSet::List),
        Just(RowSet::UserName),
        Just(RowSet::UserGroups),
        spanned(label()).prop_map(RowSet::UserAttribute),
    ]);
    let atom = prop_oneof![
        condition_atom().prop_map(Rows::Condition),
        (row_value(), spanned(proptest::sample::select(ops.to_vec())), row_value())
            .prop_map(|(left, op, right)| Rows::Compare { left, op, right }),
        (row_value(), any::<bool>(), set).prop_map(|(value, negated, set)| Rows::In { value, negated, set }),
        (row_value(), any::<bool>()).prop_map(|(value, negated)| Rows::IsNull { value, negated }),
        (row_value(), spanned(text())).prop_map(|(value, pattern)| Rows::Like { value, pattern }),
        (proptest::option::of(platform()), spanned(text()))
            .prop_map(|(platform, text)| Rows::Sql { platform, text }),
    ];
    tree(atom, Rows::And, Rows::Or, Rows::Not)
}

fn platform() -> impl Strategy<Value = Spanned<Platform>> {
    spanned(proptest::sample::select(Platform::ALL))
}

fn method() -> impl Strategy<Value = Spanned<Method>> {
    let units = [RoundUnit::Year, RoundUnit::Month, RoundUnit::Day, RoundUnit::Hour];
    let custom = proptest::sample::subsequence(Platform::ALL.to_vec(), 1..=6)
        .prop_flat_map(|platforms| {
            let count = platforms.len();
            (Just(platforms), proptest::collection::vec(text(), count))
        })
        .prop_map(|(platforms, texts)| {
            Method::Custom(
                platforms.into_iter().zip(texts).map(|(platform, text)| (at(platform), at(text))).collect(),
            )
        });
    spanned(prop_oneof![
        Just(Method::Null),
        Just(Method::Hash),
        spanned(literal()).prop_map(Method::Constant),
        spanned(any::<u32>()).prop_map(Method::KeepFirst),
        spanned(any::<u32>()).prop_map(Method::KeepLast),
        (spanned(text()), spanned(text())).prop_map(|(pattern, replace)| Method::Regex { pattern, replace }),
        spanned("[1-9][0-9]{0,3}(\\.[0-9]{1,2})?").prop_map(Method::RoundTo),
        spanned(proptest::sample::select(units.to_vec())).prop_map(Method::RoundDown),
        custom,
    ])
}

fn applies() -> impl Strategy<Value = Applies> {
    prop_oneof![
        Just(Applies::Everyone),
        condition().prop_map(Applies::Except),
        condition().prop_map(Applies::OnlyFor)
    ]
}

fn access() -> impl Strategy<Value = Spanned<AccessSet>> {
    spanned(proptest::sample::select(vec![AccessSet::Read, AccessSet::Write, AccessSet::ReadWrite]))
}

fn object(s3: bool) -> impl Strategy<Value = Spanned<ObjectPath>> {
    let key = "s3://[a-z0-9-]{3,6}/[a-z/.: #]{0,6}\\*?".prop_map(ObjectTarget::S3);
    let target = prop_oneof![
        3 => path(4).prop_map(ObjectTarget::Path).boxed(),
        1 => if s3 { key.boxed() } else { path(4).prop_map(ObjectTarget::Path).boxed() },
    ];
    spanned(
        (proptest::option::of(spanned(label())), spanned(target))
            .prop_map(|(integration, target)| ObjectPath { integration, target }),
    )
}

fn expectation() -> impl Strategy<Value = Spanned<Expectation>> {
    let outcome =
        prop_oneof![Just(Outcome::Clear), Just(Outcome::Masked), spanned(name()).prop_map(Outcome::MaskedBy)];
    spanned(prop_oneof![
        (access(), object(true)).prop_map(|(access, object)| Expectation::Can { access, object }),
        (access(), object(true)).prop_map(|(access, object)| Expectation::Cannot { access, object }),
        (object(false), spanned(outcome)).prop_map(|(column, outcome)| Expectation::Sees { column, outcome }),
        (object(false), proptest::collection::vec(spanned(name()), 1..3))
            .prop_map(|(table, by)| Expectation::Filtered { table, by }),
        object(false).prop_map(|table| Expectation::Unfiltered { table }),
    ])
}

fn window() -> impl Strategy<Value = (Option<Spanned<Date>>, Option<Spanned<Date>>)> {
    (proptest::option::of(date()), proptest::option::of(date()))
}

fn kind() -> impl Strategy<Value = DeclarationKind> {
    const WHOLE: &[SelectorKind] = &[SelectorKind::Tables, SelectorKind::Prefixes, SelectorKind::Everything];
    let combine = proptest::sample::select(vec![Combine::Any, Combine::All]);
    prop_oneof![
        condition().prop_map(DeclarationKind::Condition),
        (access(), selector(WHOLE), condition(), combine, window()).prop_map(
            |(allow, on, to, combine, (from, until))| {
                DeclarationKind::Subscription(Subscription { allow, on, to, combine, from, until })
            }
        ),
        (access(), selector(WHOLE), condition(), window()).prop_map(|(require, on, to, (from, until))| {
            DeclarationKind::Guardrail(Guardrail { require, on, to, from, until })
        }),
        (
            selector(&[SelectorKind::Columns]),
            method(),
            proptest::option::of(rows()),
            applies(),
            spanned(any::<i64>()),
            window()
        )
            .prop_map(|(on, using, when, applies, priority, (from, until))| {
                DeclarationKind::Mask(Mask { on, using, when, applies, priority, from, until })
            }),
        (selector(&[SelectorKind::Tables]), rows(), applies(), window()).prop_map(
            |(on, rows, applies, (from, until))| DeclarationKind::Filter(Filter {
                on,
                rows,
                applies,
                from,
                until
            })
        ),
        (spanned(text()), proptest::option::of(date()), proptest::collection::vec(expectation(), 0..4))
            .prop_map(|(as_user, at, expectations)| DeclarationKind::Test(Test {
                as_user,
                at,
                expectations
            })),
    ]
}

pub(super) fn document() -> impl Strategy<Value = Document> {
    let declaration =
        (name(), proptest::option::of(spanned(text())), kind()).prop_map(|(name, description, kind)| {
            Declaration {
                name: at(name),
                description,
                kind,
                clauses: Clauses::default(),
                mixed: Vec::new(),
                keyword: place(),
                span: place(),
            }
        });
    proptest::collection::vec(declaration, 0..4).prop_map(|declarations| Document { declarations })
}

/// Words and symbols of the language in any order, so that random texts reach deep into the grammar.
pub(super) fn soup() -> impl Strategy<Value = String> {
    let symbol = proptest::sample::select(vec![
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ",",
        "=",
        "!=",
        "<",
        "\"a\"",
        "\"s3://b/*\"",
        "s3://b",
        "A.B",
        "# c\n",
        "\n",
        "1",
        "-",
        "2026-01-01",
        "'",
        "\"",
        "\\",
        "é",
        "\u{200b}",
        "# fmt: off\n",
        "# fmt: on\n",
        "name_x",
        ".",
    ])
    .prop_map(str::to_owned);
    proptest::collection::vec(prop_oneof![2 => keyword(), 1 => symbol], 0..40)
        .prop_map(|words| words.join(" "))
}
