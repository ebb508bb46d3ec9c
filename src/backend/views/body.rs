//! A view's query with what must be known of it, and how both stand in the platform: the query begins with a comment that
//! marks it as ours, `/* grantc: own_region; {"filters":["own_region"],"shape":"5af1c9d2"} */ SELECT …`.
//!
//! Invariant: a comment of ours holds names of policies and JSON of ours, never text of anybody else.

use serde::{Deserialize, Serialize};

use crate::backend::class::short_hash;
use crate::backend::sql::Dialect;

/// Begins the comment of everything that is ours.
pub const MARK: &str = "grantc:";

/// The body of a view's fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewBody {
    /// The filters in it, in the order of its conjuncts.
    pub filters: Vec<String>,
    /// A hash over names and types of its columns: where it changes, the view is another relation.
    pub shape: String,
    /// `SELECT …`, with `{salt}` for the salt.
    pub query: String,
}

/// What a mark holds besides the policies' names, and the first line of a fact's body.
#[derive(Serialize, Deserialize, Default)]
struct Header {
    #[serde(default)]
    filters: Vec<String>,
    #[serde(default)]
    shape: String,
}

impl ViewBody {
    /// The hash of a list of columns and their types.
    pub fn shape_of<'c>(columns: impl Iterator<Item = (&'c str, &'c str)>) -> String {
        short_hash(columns.flat_map(|(name, of)| [name.to_owned(), of.to_owned()]))
    }

    fn header(&self) -> String {
        let header = Header { filters: self.filters.clone(), shape: self.shape.clone() };
        serde_json::to_string(&header).unwrap_or_default()
    }

    /// The canonical text: a line of JSON, then the query.
    pub fn text(&self) -> String {
        format!("{}\n{}", self.header(), self.query)
    }

    /// Reads [`ViewBody::text`].
    pub fn parse(text: &str) -> ViewBody {
        let (header, query) = text.split_once('\n').unwrap_or(("", text));
        let Header { filters, shape } = serde_json::from_str(header).unwrap_or_default();
        ViewBody { filters, shape, query: query.to_owned() }
    }

    /// The query as the platform gets it: marked, and with the salt by value.
    pub fn marked(&self, policies: &str, dialect: Dialect, salt: Option<&str>) -> String {
        let query = match salt {
            Some(salt) => self.query.replace("{salt}", &dialect.literal(salt)),
            None => self.query.clone(),
        };
        format!("/* {MARK} {policies}; {} */ {query}", self.header())
    }

    /// Reads a definition as the platform shows it, with or without `CREATE VIEW … AS` before it: whose it is, if it is ours.
    pub fn observed(definition: &str, dialect: Dialect, salt: Option<&str>) -> (Option<String>, ViewBody) {
        let unsalted = |query: &str| match salt {
            Some(salt) => query.replace(&dialect.literal(salt), "{salt}"),
            None => query.to_owned(),
        };
        match marked(definition, dialect) {
            Some((policies, header, query)) => {
                let Header { filters, shape } = serde_json::from_str(header).unwrap_or_default();
                let query = unsalted(query.trim().trim_end_matches(';').trim_end());
                (Some(policies.to_owned()), ViewBody { filters, shape, query })
            }
            None => (None, ViewBody { query: unsalted(definition), ..ViewBody::default() }),
        }
    }
}

/// Comments that are looked at: a name may hold what looks like one.
const TRIES: usize = 64;

/// The first comment of a text, if it is a mark: the policies, the JSON, and what follows.
fn marked(text: &str, dialect: Dialect) -> Option<(&str, &str, &str)> {
    let at = text
        .match_indices("/*")
        .take(TRIES)
        .map(|(at, _)| at)
        .find(|at| begins_comment(text, *at, dialect))?;
    let (comment, query) = text.get(at + 2..)?.split_once("*/")?;
    let (policies, json) = comment.trim().strip_prefix(MARK)?.split_once("; ")?;
    Some((policies.trim(), json, query))
}

/// Whether a place is outside quotes and comments: what stands before it is whole tokens.
fn begins_comment(text: &str, at: usize, dialect: Dialect) -> bool {
    use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};
    let parser = dialect.parser();
    let before = text.get(..at).unwrap_or_default();
    // A comment to the end of its line is still open where nothing, not even that end, comes after it.
    let open = |token: &Token| matches!(token, Token::Whitespace(Whitespace::SingleLineComment { comment, .. }) if !comment.ends_with('\n'));
    Tokenizer::new(parser.as_ref(), before).tokenize().is_ok_and(|tokens| !tokens.last().is_some_and(open))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> ViewBody {
        ViewBody {
            filters: vec!["own_region".to_owned()],
            shape: "5af1c9d2".to_owned(),
            query: "SELECT t.\"a\" AS \"a\", SHA2(x || {salt}, 256)\nFROM b t WHERE ('/* grantc: */')"
                .to_owned(),
        }
    }

    #[test]
    fn bodies_are_read_back_from_facts_and_from_platforms() {
        let body = body();
        assert_eq!(ViewBody::parse(&body.text()), body);
        let marked = body.marked("emails, own_region", Dialect::Redshift, Some("s'alt"));
        assert!(marked.contains("'s''alt'"), "{marked}");
        for shown in [
            marked.clone(),
            format!("{marked} ;\n"),
            format!("\n-- x /* y\n{marked}"),
            format!("CREATE VIEW \"x /* y\".\"v\" AS {marked};"),
        ] {
            let (policies, read) = ViewBody::observed(&shown, Dialect::Redshift, Some("s'alt"));
            assert_eq!((policies.as_deref(), &read), (Some("emails, own_region"), &body), "{shown}");
        }
    }

    #[test]
    fn what_is_not_marked_is_not_ours() {
        for text in ["SELECT 1", "/* by hand */ SELECT 1", "SELECT '/* grantc: a; {} */'", "/* grantc: x */"]
        {
            let (policies, body) = ViewBody::observed(text, Dialect::BigQuery, None);
            assert_eq!((policies, body.query.as_str()), (None, text), "{text}");
        }
    }
}
