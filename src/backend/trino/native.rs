//! Trino's own words: rules as it reads them, Java regular expressions, and the place of a rule in the file.
//!
//! Source: trino.io/docs/current/security/file-system-access-control.html and `FileBasedSystemAccessControl` (2026-11-23).

use serde::{Deserialize, Serialize};

/// A rule of the section `catalogs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogRule {
    /// Users whom it matches; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Groups: any of the user's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Catalogs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog: Option<String>,
    /// `all`, `read-only`, `none`, or in old files true and false.
    pub allow: serde_json::Value,
}

/// A rule of the section `tables`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRule {
    /// Users whom it matches; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Groups: any of the user's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Catalogs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog: Option<String>,
    /// Schemas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// What those whom it matches may.
    pub privileges: Vec<String>,
    /// Masks by column, lower-case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnRule>,
    /// Which rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// As whom the filter is checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_environment: Option<serde_json::Value>,
}

impl TableRule {
    /// The rule as JSON, in which `{salt}` is the salt's place and nothing else: in a column's name it is escaped.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_default();
        for column in self.columns.iter().filter(|column| column.name.contains("{salt}")) {
            // Quotes inside a JSON string are escaped, so this stands where a name is and nowhere else.
            let name = format!("\"name\":{}", serde_json::Value::String(column.name.clone()));
            text = text.replace(&name, &without_place(&name));
        }
        text
    }
}

/// JSON of the same value, in which nothing can be taken for the salt's place.
pub fn without_place(json: &str) -> String {
    json.replace("{salt}", "\\u007bsalt}")
}

/// What a table rule says of a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnRule {
    /// Lower-case: the look-up is exact against Trino's folded names.
    pub name: String,
    /// `false`: the column cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<bool>,
    /// What is shown instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<String>,
    /// As whom the mask is checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask_environment: Option<serde_json::Value>,
}

/// A Java pattern that matches this text and no other.
///
/// `\E` inside would end the quotation, Trino from 484 on replaces `{user}` before it compiles the pattern, and we replace `{salt}`:
/// each is cut in two, which no version reads otherwise.
pub fn quote(text: &str) -> String {
    let pieces = text
        .replace("\\E", "\\E\\\\E\\Q")
        .replace("{user}", "{us\\E\\Qer}")
        .replace("{salt}", "{sa\\E\\Qlt}");
    format!("\\Q{pieces}\\E")
}

/// The text of a pattern that [`quote`] made; `None` for any other.
pub fn unquote(pattern: &str) -> Option<String> {
    let inside = pattern.strip_prefix("\\Q")?.strip_suffix("\\E")?;
    let text = inside
        .replace("{us\\E\\Qer}", "{user}")
        .replace("{sa\\E\\Qlt}", "{salt}")
        .replace("\\E\\\\E\\Q", "\\E");
    (quote(&text) == pattern).then_some(text)
}

/// The one text that a pattern matches, where that is plain to see: a quotation, or letters with escaped punctuation.
pub fn literal(pattern: &str) -> Option<String> {
    if let Some(text) = unquote(pattern) {
        return Some(text);
    }
    let mut text = String::new();
    let mut rest = pattern.chars();
    while let Some(each) = rest.next() {
        match each {
            '\\' => text.push(rest.next().filter(|escaped| escaped.is_ascii_punctuation())?),
            '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' => return None,
            other => text.push(other),
        }
    }
    Some(text)
}

/// An alternation of quoted texts.
pub fn any_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(quote).collect::<Vec<_>>().join("|")
}

/// The texts of an alternation that [`any_of`] made; `None` for any other pattern.
pub fn alternatives(pattern: &str) -> Option<Vec<String>> {
    pattern
        .split("\\E|\\Q")
        .map(|piece| {
            let piece = piece.strip_prefix("\\Q").unwrap_or(piece);
            let piece = piece.strip_suffix("\\E").unwrap_or(piece);
            unquote(&format!("\\Q{piece}\\E"))
        })
        .collect::<Option<Vec<_>>>()
        .filter(|texts| any_of(texts.iter().map(String::as_str)) == pattern)
}

/// What a pattern says of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matches {
    /// Certainly.
    Yes,
    /// Certainly not.
    No,
    /// Java's syntax that we do not read.
    Unknown,
}

/// A pattern, ready to be asked. Absent patterns match everything.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// No pattern.
    All,
    /// Read.
    Regex(Box<regex::Regex>),
    /// Not read: it may match.
    Unreadable,
}

impl Matcher {
    /// Reads a Java pattern: quotations by hand, the rest by our own engine where both agree.
    pub fn of(pattern: Option<&str>) -> Matcher {
        let Some(pattern) = pattern else { return Matcher::All };
        let mut rust = String::from("^(?s:");
        let mut rest = pattern;
        while let Some((before, quoted)) = rest.split_once("\\Q") {
            rust.push_str(before);
            let (inside, after) = quoted.split_once("\\E").unwrap_or((quoted, ""));
            rust.push_str(&regex::escape(inside));
            rest = after;
        }
        // Syntax that means something else to Java than to us.
        if rest.contains("\\E")
            || rest.contains("&&")
            || rest.contains("(?")
            || rest.contains("\\p")
            || pattern.contains("{user}")
        {
            return Matcher::Unreadable;
        }
        rust.push_str(rest);
        rust.push_str(")$");
        match regex::Regex::new(&rust) {
            Ok(regex) => Matcher::Regex(Box::new(regex)),
            Err(_) => Matcher::Unreadable,
        }
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> Matches {
        match self {
            Matcher::All => Matches::Yes,
            Matcher::Regex(regex) if regex.is_match(text) => Matches::Yes,
            Matcher::Regex(_) => Matches::No,
            Matcher::Unreadable => Matches::Unknown,
        }
    }
}

/// Where a rule stands: the object of its fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `tables/…/n`: ours, by what it is about.
    Ours(String),
    /// `tables^000003`: foreign, before ours.
    Before(String, u32),
    /// `tables~000003`: foreign, after ours.
    After(String, u32),
    /// `section/tables`: the section is there, so it is closed unless a rule opens it.
    Section(String),
    /// `open/tables`: the file has no such section, which lets everyone do everything until one is there.
    Open(String),
    /// `other/queries`: a section that we do not manage, whole.
    Other(String),
}

impl Place {
    /// The text of the object.
    pub fn text(&self) -> String {
        match self {
            Place::Ours(text) => text.clone(),
            Place::Before(section, at) => format!("{section}^{at:06}"),
            Place::After(section, at) => format!("{section}~{at:06}"),
            Place::Section(section) => format!("section/{section}"),
            Place::Open(section) => format!("open/{section}"),
            Place::Other(section) => format!("other/{section}"),
        }
    }

    /// Reads it back.
    pub fn parse(text: &str) -> Option<Place> {
        if let Some(section) = text.strip_prefix("section/") {
            return Some(Place::Section(section.to_owned()));
        }
        if let Some(section) = text.strip_prefix("open/") {
            return Some(Place::Open(section.to_owned()));
        }
        if let Some(section) = text.strip_prefix("other/") {
            return Some(Place::Other(section.to_owned()));
        }
        let foreign = |mark: char| {
            let (section, at) = text.split_once(mark)?;
            let known = MANAGED.contains(&section) && at.len() == 6;
            known.then(|| at.parse::<u32>().ok()).flatten().map(|at| (section.to_owned(), at))
        };
        if let Some((section, at)) = foreign('^') {
            return Some(Place::Before(section, at));
        }
        if let Some((section, at)) = foreign('~') {
            return Some(Place::After(section, at));
        }
        MANAGED
            .iter()
            .any(|section| text.starts_with(&format!("{section}/")))
            .then(|| Place::Ours(text.to_owned()))
    }

    /// The section of the file.
    pub fn section(&self) -> &str {
        match self {
            Place::Ours(text) => text.split('/').next().unwrap_or(""),
            Place::Before(section, _)
            | Place::After(section, _)
            | Place::Section(section)
            | Place::Open(section)
            | Place::Other(section) => section,
        }
    }

    /// Whether we know what the section decides.
    pub fn section_is_known(&self) -> bool {
        !matches!(self, Place::Other(_) | Place::Open(_))
    }
}

/// The sections that we write.
pub const MANAGED: [&str; 3] = ["catalogs", "schemas", "tables"];

/// Which of the rules of ours on a table: the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// Writers who see the table clear, and may read it.
    Writers,
    /// Writers who may not read.
    WriteOnly,
    /// Readers.
    Readers,
    /// Everybody else: nothing.
    Closed,
}

impl Turn {
    /// The last part of the place.
    pub fn word(self) -> &'static str {
        match self {
            Turn::Writers => "1-writers",
            Turn::WriteOnly => "2-write-only",
            Turn::Readers => "3-readers",
            Turn::Closed => "9-closed",
        }
    }

    /// What a rule of ours is, by what it gives.
    pub fn of(rule: &TableRule) -> Turn {
        let has = |privilege: &str| rule.privileges.iter().any(|each| each == privilege);
        match (has("SELECT"), has("INSERT")) {
            (true, true) => Turn::Writers,
            (false, true) => Turn::WriteOnly,
            (true, false) => Turn::Readers,
            (false, false) => Turn::Closed,
        }
    }
}

/// The place of a table rule of ours.
pub fn table_place(path: [&str; 3], turn: Turn) -> Place {
    let parts: Vec<String> = path.iter().map(|part| part.replace('%', "%25").replace('/', "%2F")).collect();
    Place::Ours(format!("tables/{}/{}", parts.join("/"), turn.word()))
}

/// The place of a catalog rule of ours.
pub fn catalog_place(catalog: &str, writes: bool) -> Place {
    let name = catalog.replace('%', "%25").replace('/', "%2F");
    Place::Ours(format!("catalogs/{name}/{}", if writes { "1-writers" } else { "2-readers" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_name_matches_itself_and_nothing_else() {
        for name in ["customer", "a.b", "a\\Eb", "x{user}", "{salt}", "a|b", "", "é+*?", "\\Q", "a\\"] {
            let pattern = quote(name);
            assert_eq!(unquote(&pattern).as_deref(), Some(name), "{name}");
            assert!(!pattern.contains("{user}") && !pattern.contains("{salt}"), "{pattern}");
            assert_eq!(Matcher::of(Some(&pattern)).matches(name), Matches::Yes, "{name} by {pattern}");
            assert_eq!(Matcher::of(Some(&pattern)).matches("zzz"), Matches::No, "{name}");
        }
        assert_eq!(alternatives("\\Qa\\E|\\Qb|c\\E"), Some(vec!["a".to_owned(), "b|c".to_owned()]));
        assert_eq!(alternatives("a|b"), None);
    }

    #[test]
    fn a_column_called_like_the_salts_place_is_not_it() {
        for name in ["{salt}", "a\\{salt}\"{salt}"] {
            let mask = Some("'\"name\":' || {salt}".to_owned());
            let column = ColumnRule { name: name.to_owned(), allow: None, mask, mask_environment: None };
            let rule = TableRule { columns: vec![column], ..TableRule::default() };
            let text = rule.text();
            assert_eq!(text.matches("{salt}").count(), 1, "the mask's alone: {text}");
            assert_eq!(serde_json::from_str::<TableRule>(&text).unwrap(), rule);
        }
    }

    #[test]
    fn what_java_reads_otherwise_may_match() {
        assert_eq!(Matcher::of(Some("(?i)abc")).matches("x"), Matches::Unknown);
        assert_eq!(Matcher::of(Some("[a&&b]")).matches("x"), Matches::Unknown);
        assert_eq!(Matcher::of(Some("ab.*")).matches("abc"), Matches::Yes);
        assert_eq!(Matcher::of(Some("b")).matches("abc"), Matches::No);
    }

    #[test]
    fn places_read_back() {
        for place in [
            table_place(["a/b", "c", "d"], Turn::Readers),
            catalog_place("lake", true),
            Place::Before("tables".into(), 3),
            Place::After("catalogs".into(), 0),
            Place::Section("schemas".into()),
            Place::Other("queries".into()),
        ] {
            assert_eq!(Place::parse(&place.text()), Some(place));
        }
    }
}
