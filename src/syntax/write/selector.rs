//! Selectors, paths, tags and objects as text.

use std::fmt::{Display, Formatter, Result};

use super::{joined, label, quoted, wrapped};
use crate::syntax::ast::{
    ColumnType, ObjectPath, ObjectTarget, Path, Segment, Selector, SelectorExpr, SelectorKind, Tag,
};

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
