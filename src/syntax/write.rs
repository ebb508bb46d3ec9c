//! The AST as text.
//!
//! In: any AST. Out: text that parses to an equal AST; [`to_text`] gives it in the canonical form.
//! Invariant: `and` and `or` are never mixed without parentheses, and every string is escaped.
//! Cost: one visit per node.

use std::fmt::{Display, Formatter, Result, Write as _};

use super::ast::{
    AccessSet, Applies, AttributeTest, ColumnRef, ColumnType, Combine, CompareOp, Condition, Declaration,
    DeclarationKind, Document, Expectation, Literal, Method, ObjectPath, ObjectTarget, Outcome, Path, Platform, RoundUnit,
    RowSet, RowValue, Rows, Segment, Selector, SelectorExpr, SelectorKind, Tag,
};
use super::tokens::is_word_char;
use crate::source::Spanned;

/// The canonical text of a document.
pub fn to_text(document: &Document) -> String {
    let plain = document.declarations.iter().fold(String::new(), |mut text, declaration| {
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a string does not fail.
        let _ = writeln!(text, "{declaration}");
        text
    });
    super::print::format_text(&plain).unwrap_or(plain)
}

/// A text in double quotes.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// A name that may be bare.
fn label(text: &str) -> String {
    if !text.is_empty() && text.chars().all(is_word_char) { text.to_owned() } else { quoted(text) }
}

fn list<T>(items: &[Spanned<T>], show: impl Fn(&T) -> String) -> String {
    format!("[{}]", items.iter().map(|item| show(&item.node)).collect::<Vec<_>>().join(", "))
}

fn strings(items: &[Spanned<String>]) -> String {
    list(items, |text| quoted(text))
}

/// Joins operands; those that `wraps` says get parentheses.
fn joined<T: Display>(f: &mut Formatter<'_>, items: &[Spanned<T>], word: &str, wraps: fn(&T) -> bool) -> Result {
    for (nth, item) in items.iter().enumerate() {
        if nth > 0 {
            write!(f, " {word} ")?;
        }
        wrapped(f, &item.node, wraps)?;
    }
    Ok(())
}

fn wrapped<T: Display>(f: &mut Formatter<'_>, item: &T, wraps: fn(&T) -> bool) -> Result {
    if wraps(item) { write!(f, "({item})") } else { write!(f, "{item}") }
}

impl Display for Declaration {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let name = match self.kind {
            DeclarationKind::Test(_) => quoted(&self.name.node),
            _ => self.name.node.clone(),
        };
        write!(f, "{} {name}", self.kind.kind().keyword())?;
        if let Some(description) = &self.description {
            write!(f, " {}", quoted(&description.node))?;
        }
        if let DeclarationKind::Condition(condition) = &self.kind {
            return write!(f, " = {}", condition.node);
        }
        writeln!(f, " {{")?;
        let (mut from, mut until) = (&None, &None);
        match &self.kind {
            DeclarationKind::Condition(_) => {}
            DeclarationKind::Subscription(it) => {
                writeln!(f, "  allow {}\n  on {}\n  to {}", it.allow.node, it.on.node, it.to.node)?;
                if it.combine == Combine::All {
                    writeln!(f, "  combine all")?;
                }
                (from, until) = (&it.from, &it.until);
            }
            DeclarationKind::Guardrail(it) => {
                writeln!(f, "  require {}\n  on {}\n  to {}", it.require.node, it.on.node, it.to.node)?;
                (from, until) = (&it.from, &it.until);
            }
            DeclarationKind::Mask(it) => {
                writeln!(f, "  on {}\n  using {}", it.on.node, it.using.node)?;
                if let Some(when) = &it.when {
                    writeln!(f, "  when {}", when.node)?;
                }
                write!(f, "{}", it.applies)?;
                if it.priority.node != 0 {
                    writeln!(f, "  priority {}", it.priority.node)?;
                }
                (from, until) = (&it.from, &it.until);
            }
            DeclarationKind::Filter(it) => {
                writeln!(f, "  on {}\n  rows where {}", it.on.node, it.rows.node)?;
                write!(f, "{}", it.applies)?;
                (from, until) = (&it.from, &it.until);
            }
            DeclarationKind::Test(it) => {
                writeln!(f, "  as {}", quoted(&it.as_user.node))?;
                if let Some(at) = &it.at {
                    writeln!(f, "  at {}", at.node)?;
                }
                for expectation in &it.expectations {
                    writeln!(f, "  {}", expectation.node)?;
                }
            }
        }
        if let Some(from) = from {
            writeln!(f, "  from {}", from.node)?;
        }
        if let Some(until) = until {
            writeln!(f, "  until {}", until.node)?;
        }
        write!(f, "}}")
    }
}

impl Display for Applies {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Applies::Everyone => Ok(()),
            Applies::Except(condition) => writeln!(f, "  except {}", condition.node),
            Applies::OnlyFor(condition) => writeln!(f, "  only for {}", condition.node),
        }
    }
}

impl Display for AccessSet {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            AccessSet::Read => "read",
            AccessSet::Write => "write",
            AccessSet::ReadWrite => "read, write",
        })
    }
}

impl Display for Expectation {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Expectation::Can { access, object } => write!(f, "can {} {}", access.node, object.node),
            Expectation::Cannot { access, object } => write!(f, "cannot {} {}", access.node, object.node),
            Expectation::Sees { column, outcome } => write!(f, "sees {} {}", column.node, outcome.node),
            Expectation::Filtered { table, by } => {
                let names: Vec<&str> = by.iter().map(|name| name.node.as_str()).collect();
                write!(f, "filtered {} by {}", table.node, names.join(", "))
            }
            Expectation::Unfiltered { table } => write!(f, "unfiltered {}", table.node),
        }
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Outcome::Clear => f.write_str("clear"),
            Outcome::Masked => f.write_str("masked"),
            Outcome::MaskedBy(name) => write!(f, "masked by {}", name.node),
        }
    }
}

impl Display for Selector {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self.kind.node {
            SelectorKind::Tables => "tables",
            SelectorKind::Prefixes => "prefixes",
            SelectorKind::Everything => "everything",
            SelectorKind::Columns => "columns",
        })?;
        if let Some(expr) = &self.expr {
            write!(f, " {}", expr.node)?;
        }
        match &self.of_tables {
            Some(tables) => write!(f, " of tables {}", tables.node),
            None => Ok(()),
        }
    }
}

impl Display for SelectorExpr {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let wraps = |expr: &SelectorExpr| matches!(expr, SelectorExpr::And(_) | SelectorExpr::Or(_));
        match self {
            SelectorExpr::Tagged(tag) => write!(f, "tagged {}", tag.node),
            SelectorExpr::WithColumnTagged(tag) => write!(f, "with column tagged {}", tag.node),
            SelectorExpr::In(path) => write!(f, "in {}", path.node),
            SelectorExpr::InPrefix(prefix) => write!(f, "in {}", quoted(&prefix.node)),
            SelectorExpr::Named(glob) => write!(f, "named {}", quoted(&glob.node)),
            SelectorExpr::OfType(column_type) => write!(f, "of type {}", column_type.node),
            SelectorExpr::OfIntegration(name) => write!(f, "of integration {}", label(&name.node)),
            SelectorExpr::And(items) => joined(f, items, "and", wraps),
            SelectorExpr::Or(items) => joined(f, items, "or", wraps),
            SelectorExpr::Not(inner) => {
                f.write_str("not ")?;
                wrapped(f, &inner.node, wraps)
            }
        }
    }
}

impl Display for ColumnType {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            ColumnType::String => "string",
            ColumnType::Number => "number",
            ColumnType::Boolean => "boolean",
            ColumnType::Date => "date",
            ColumnType::Timestamp => "timestamp",
            ColumnType::Binary => "binary",
        })
    }
}

impl Display for Tag {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.segments.iter().map(|segment| label(segment)).collect::<Vec<_>>().join("."))
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.segments.iter().map(Segment::to_string).collect::<Vec<_>>().join("."))
    }
}

impl Display for Segment {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if self.quoted { f.write_str(&quoted(&self.text)) } else { f.write_str(&self.text) }
    }
}

impl Display for ObjectPath {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if let Some(integration) = &self.integration {
            write!(f, "{}:", label(&integration.node))?;
        }
        match &self.target.node {
            ObjectTarget::Path(path) => write!(f, "{path}"),
            ObjectTarget::S3(prefix) => f.write_str(&quoted(prefix)),
        }
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let wraps = |condition: &Condition| matches!(condition, Condition::And(_) | Condition::Or(_));
        match self {
            Condition::Anyone => f.write_str("anyone"),
            Condition::UserIs(ids) => match ids.as_slice() {
                [only] => write!(f, "user is {}", quoted(&only.node)),
                ids => write!(f, "user is one of {}", strings(ids)),
            },
            Condition::InGroup(group) => write!(f, "user in group {}", quoted(&group.node)),
            Condition::InAnyOf(groups) => write!(f, "user in any of groups {}", strings(groups)),
            Condition::InAllOf(groups) => write!(f, "user in all of groups {}", strings(groups)),
            Condition::HasAttribute(name) => write!(f, "user has attribute {}", label(&name.node)),
            Condition::Attribute { name, test } => write!(f, "user attribute {} {test}", label(&name.node)),
            Condition::AttributeCoversTags { attribute, under } => {
                write!(f, "user attribute {} covers tags under {}", label(&attribute.node), under.node)
            }
            Condition::GroupsCoverTags { under } => write!(f, "user groups cover tags under {}", under.node),
            Condition::AttributeCoversName { attribute } => {
                write!(f, "user attribute {} covers name", label(&attribute.node))
            }
            Condition::Approved { by_group: None } => f.write_str("approved"),
            Condition::Approved { by_group: Some(group) } => write!(f, "approved by group {}", quoted(&group.node)),
            Condition::Named(name) => f.write_str(&name.node),
            Condition::And(items) => joined(f, items, "and", wraps),
            Condition::Or(items) => joined(f, items, "or", wraps),
            Condition::Not(inner) => {
                f.write_str("not ")?;
                wrapped(f, &inner.node, wraps)
            }
        }
    }
}

impl Display for AttributeTest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            AttributeTest::Equals(value) => write!(f, "= {}", quoted(&value.node)),
            AttributeTest::NotEquals(value) => write!(f, "!= {}", quoted(&value.node)),
            AttributeTest::In(values) => write!(f, "in {}", strings(values)),
            AttributeTest::NotIn(values) => write!(f, "not in {}", strings(values)),
        }
    }
}

impl Display for Rows {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let wraps = |rows: &Rows| matches!(rows, Rows::And(_) | Rows::Or(_));
        match self {
            Rows::Condition(condition) => write!(f, "{condition}"),
            Rows::Compare { left, op, right } => write!(f, "{} {} {}", left.node, op.node, right.node),
            Rows::In { value, negated, set } => {
                write!(f, "{} {}in {}", value.node, if *negated { "not " } else { "" }, set.node)
            }
            Rows::IsNull { value, negated } => {
                write!(f, "{} is {}null", value.node, if *negated { "not " } else { "" })
            }
            Rows::Like { value, pattern } => write!(f, "{} like {}", value.node, quoted(&pattern.node)),
            Rows::Sql { platform: None, text } => write!(f, "sql {}", quoted(&text.node)),
            Rows::Sql { platform: Some(platform), text } => write!(f, "sql for {} {}", platform.node, quoted(&text.node)),
            Rows::And(items) => joined(f, items, "and", wraps),
            Rows::Or(items) => joined(f, items, "or", wraps),
            Rows::Not(inner) => {
                f.write_str("not ")?;
                wrapped(f, &inner.node, wraps)
            }
        }
    }
}

impl Display for RowValue {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            RowValue::Column(ColumnRef::Named(name)) => write!(f, "column {}", name.node),
            RowValue::Column(ColumnRef::Tagged(tag)) => write!(f, "column tagged {}", tag.node),
            RowValue::Literal(literal) => write!(f, "{literal}"),
            RowValue::Today { days } => {
                f.write_str("today")?;
                match days {
                    0 => Ok(()),
                    days => write!(f, " {} {} days", if *days < 0 { '-' } else { '+' }, days.unsigned_abs()),
                }
            }
        }
    }
}

impl Display for RowSet {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            RowSet::List(items) => f.write_str(&list(items, Literal::to_string)),
            RowSet::UserName => f.write_str("user name"),
            RowSet::UserAttribute(name) => write!(f, "user attribute {}", label(&name.node)),
            RowSet::UserGroups => f.write_str("user groups"),
        }
    }
}

impl Display for CompareOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(self.symbol())
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Literal::String(text) => f.write_str(&quoted(text)),
            Literal::Number(text) => f.write_str(text),
            Literal::Boolean(value) => write!(f, "{value}"),
            Literal::Date(date) => write!(f, "{date}"),
        }
    }
}

impl Display for Method {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Method::Null => f.write_str("null"),
            Method::Constant(literal) => write!(f, "constant {}", literal.node),
            Method::Hash => f.write_str("hash"),
            Method::KeepFirst(count) => write!(f, "keep first {}", count.node),
            Method::KeepLast(count) => write!(f, "keep last {}", count.node),
            Method::Regex { pattern, replace } => {
                write!(f, "regex {} replace {}", quoted(&pattern.node), quoted(&replace.node))
            }
            Method::RoundTo(number) => write!(f, "round to {}", number.node),
            Method::RoundDown(unit) => write!(f, "round to {}", unit.node),
            Method::Custom(entries) => {
                f.write_str("custom {")?;
                for (platform, sql) in entries {
                    write!(f, " {} {}", platform.node, quoted(&sql.node))?;
                }
                f.write_str(" }")
            }
        }
    }
}

impl Display for RoundUnit {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            RoundUnit::Year => "year",
            RoundUnit::Month => "month",
            RoundUnit::Day => "day",
            RoundUnit::Hour => "hour",
        })
    }
}

impl Display for Platform {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(self.word())
    }
}
