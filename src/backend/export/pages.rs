//! Lists as an API answers them: a page, pages in a list, or the entries themselves, as command lines print them.
//!
//! In: a file's bytes, the key under which a page holds its entries, and keys of which an entry has one. Out: the entries.
//! Invariant: all or nothing. What is neither a page nor an entry (an error that was saved instead of an answer), and a last page that
//! tells of a next one, are errors: a list that is cut looks like a platform that lacks the rest.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::tell;
use crate::backend::state::Reading;
use crate::diagnostic::{Code, Diagnostic, Reported};

/// What a file of an API's answers holds.
pub struct Pages {
    /// The file.
    pub name: &'static str,
    /// Where a page holds its entries.
    pub key: &'static str,
    /// An entry has one of these.
    pub entry: &'static [&'static str],
}

/// Tokens by which a page tells of the next one.
const NEXT: [&str; 2] = ["nextPageToken", "next_page_token"];
/// How many entries SCIM has in all.
const TOTAL: &str = "totalResults";

/// The entries; none where the file is not there.
pub fn pages<T: DeserializeOwned>(reading: &mut Reading<'_>, pages: &Pages) -> Result<Vec<T>, Reported> {
    let Some(bytes) = reading.folder.file(pages.name) else { return Ok(Vec::new()) };
    entries(bytes, pages).map_err(|(line, why)| {
        let path = format!("{}/{}", reading.folder.name, pages.name);
        let message = format!("`{path}` cannot be read: {why}");
        tell(reading, &path, line, Diagnostic::error(Code::BadState, message))
    })
}

fn entries<T: DeserializeOwned>(bytes: &[u8], pages: &Pages) -> Result<Vec<T>, (u32, String)> {
    let unread = |error: serde_json::Error| (error.line().max(1) as u32, error.to_string());
    let documents = match serde_json::from_slice(bytes).map_err(unread)? {
        Value::Array(list) => list,
        one => vec![one],
    };
    let (mut entries, mut total, mut cut) = (Vec::new(), 0, false);
    for document in documents {
        let Value::Object(mut object) = document else {
            return Err((1, neither(pages)));
        };
        cut =
            NEXT.iter().any(|key| object.get(*key).and_then(Value::as_str).is_some_and(|it| !it.is_empty()));
        total = object.get(TOTAL).and_then(Value::as_u64).map_or(total, |found| total.max(found));
        match object.remove(pages.key) {
            Some(Value::Array(page)) => entries.extend(page),
            // What holds nothing leaves the key out.
            None if is_bare(&object) => {}
            None if pages.entry.iter().any(|key| object.contains_key(*key)) => {
                entries.push(Value::Object(object))
            }
            _ => return Err((1, neither(pages))),
        }
    }
    if cut {
        return Err((1, "the last page tells of a next one: the list is not complete".to_owned()));
    }
    if (entries.len() as u64) < total {
        return Err((1, format!("it holds {} of {total} entries: the list is not complete", entries.len())));
    }
    entries.into_iter().map(|entry| serde_json::from_value(entry).map_err(unread)).collect()
}

/// Whether a page says of itself what pages say, and nothing else.
fn is_bare(object: &Map<String, Value>) -> bool {
    let known = ["schemas", "startIndex", "itemsPerPage", TOTAL];
    object.keys().all(|key| known.contains(&key.as_str()) || NEXT.contains(&key.as_str()))
}

fn neither(pages: &Pages) -> String {
    format!("neither a page with `{}` nor an entry with `{}`", pages.key, pages.entry.join("` or `"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPS: Pages = Pages { name: "groups.json", key: "Resources", entry: &["displayName"] };

    fn names(json: &str) -> Result<Vec<String>, String> {
        let entries: Vec<Value> = entries(json.as_bytes(), &GROUPS).map_err(|(_, why)| why)?;
        Ok(entries.iter().map(|each| each["displayName"].as_str().unwrap().to_owned()).collect())
    }

    #[test]
    fn pages_and_bare_lists_hold_entries() {
        for (json, expected) in [
            (r#"{"Resources": [{"displayName": "a"}], "totalResults": 1}"#, vec!["a"]),
            (
                r#"[{"Resources": [{"displayName": "a"}], "next_page_token": "x"}, {"Resources": [{"displayName": "b"}], "next_page_token": ""}]"#,
                vec!["a", "b"],
            ),
            (r#"[{"displayName": "a"}, {"displayName": "b"}]"#, vec!["a", "b"]),
            (r#"{"displayName": "a"}"#, vec!["a"]),
            ("{}", vec![]),
            ("[]", vec![]),
            (r#"{"schemas": ["urn"], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0}"#, vec![]),
        ] {
            assert_eq!(names(json).unwrap(), expected, "{json}");
        }
    }

    #[test]
    fn a_list_that_is_cut_or_something_else_is_no_list() {
        for (json, expected) in [
            (r#"{"Resources": [{"displayName": "a"}], "nextPageToken": "x"}"#, "tells of a next one"),
            (r#"{"Resources": [{"displayName": "a"}], "totalResults": 3}"#, "holds 1 of 3 entries"),
            (r#"{"error_code": "PERMISSION_DENIED", "message": "no"}"#, "neither a page with `Resources`"),
            (r#"[[{"displayName": "a"}]]"#, "neither a page"),
            (r#"{"Resources": {"displayName": "a"}}"#, "neither a page"),
            (r#""a""#, "neither a page"),
            ("", "EOF"),
        ] {
            assert!(names(json).unwrap_err().contains(expected), "{json}: {:?}", names(json));
        }
    }
}
