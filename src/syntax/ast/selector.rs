//! Selectors, and the paths, tags and objects that policies name.

use crate::source::Spanned;

/// `tables E?`, `prefixes E?`, `everything E?`, `columns E? (of tables E)?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// Which kind of securable.
    pub kind: Spanned<SelectorKind>,
    /// E; without it, all of the kind.
    pub expr: Option<Spanned<SelectorExpr>>,
    /// `of tables E`, only with columns.
    pub of_tables: Option<Spanned<SelectorExpr>>,
}

/// Which kind of securable a selector speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SelectorKind {
    /// Tables (views and the like included).
    Tables,
    /// Registered S3 prefixes.
    Prefixes,
    /// All tables and prefixes, never columns.
    Everything,
    /// Columns.
    Columns,
}

/// Which of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectorExpr {
    /// `tagged T`.
    Tagged(Spanned<Tag>),
    /// `with column tagged T`.
    WithColumnTagged(Spanned<Tag>),
    /// `in PATH`: one to three segments.
    In(Spanned<Path>),
    /// `in "s3://…"`: the text as written, checked only for its shape.
    InPrefix(Spanned<String>),
    /// `named "glob"`.
    Named(Spanned<String>),
    /// `of type …`.
    OfType(Spanned<ColumnType>),
    /// `of integration NAME`.
    OfIntegration(Spanned<String>),
    /// `a and b and …`: two or more.
    And(Vec<Spanned<SelectorExpr>>),
    /// `a or b or …`: two or more.
    Or(Vec<Spanned<SelectorExpr>>),
    /// `not a`.
    Not(Box<Spanned<SelectorExpr>>),
}

/// What `of type` may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColumnType {
    /// Text.
    String,
    /// Numbers of any kind.
    Number,
    /// true or false.
    Boolean,
    /// A date without a time.
    Date,
    /// A date with a time.
    Timestamp,
    /// Bytes.
    Binary,
}

/// A dotted tag: its segments, quoting undone. No globs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag {
    /// At least one, none empty.
    pub segments: Vec<String>,
}

impl Tag {
    /// The segments joined by `.`, as catalogs and directories write a tag.
    pub fn text(&self) -> String {
        self.segments.join(".")
    }
}

/// A dotted path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    /// At least one, none empty.
    pub segments: Vec<Segment>,
}

/// One name of a path.
///
/// Unquoted, it folds as the platform's SQL folds and `*` in it is a wildcard; quoted, it is exact and `*` is a star.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment {
    /// The name, quoting undone.
    pub text: String,
    /// Whether it was quoted.
    pub quoted: bool,
}

impl Segment {
    /// Whether it can match several names.
    pub fn is_glob(&self) -> bool {
        !self.quoted && self.text.contains('*')
    }
}

/// An OBJECT of a test or of the command line: `[INTEGRATION:]path` or `[INTEGRATION:]s3://…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectPath {
    /// What stood before the first `:` (never one that `//` follows). A `:` cannot stand in an unquoted segment, so
    /// when no integration has this name the resolver has an unknown integration, not another reading.
    pub integration: Option<Spanned<String>>,
    /// What stood after it.
    pub target: Spanned<ObjectTarget>,
}

/// A path or an S3 prefix or key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectTarget {
    /// A dotted path of one to four segments.
    Path(Path),
    /// Text that starts with `s3://`, as written.
    S3(String),
}
