//! Functions of known texts.
//!
//! Invariant: as in [`scalar`](super::scalar). Characters are code points; where a dialect counts code units, [`Function::Units`]
//! stands around the text.

use sha2::{Digest, Sha256};

use super::function::{Function, Pattern};
use super::scalar::{number, whole};
use crate::backend::sql::Dialect;
use crate::ir::value::Value;

/// No text grows past this many bytes.
const MAX_TEXT: usize = 1 << 20;
/// `nvarchar` past this many code units is cut, unless it is `nvarchar(max)`.
const MAX_NVARCHAR: usize = 4_000;

/// The result of a call.
pub(super) fn apply(function: Function, args: &[Value], dialect: Dialect) -> Option<Value> {
    let result = call(function, args, dialect)?;
    match &result {
        Value::Text(text) if dialect == Dialect::Synapse && text.encode_utf16().count() > MAX_NVARCHAR => {
            None
        }
        _ => Some(result),
    }
}

fn call(function: Function, args: &[Value], dialect: Dialect) -> Option<Value> {
    match (function, args) {
        (Function::Concat | Function::Plus, texts) => concat(texts),
        (Function::Length, [Value::Text(text)]) => number(count(text)?),
        (Function::LengthTrimmed, [Value::Text(text)]) => number(count(text.trim_end_matches(' '))?),
        (Function::Units, [Value::Text(text)]) => {
            text.chars().all(|each| each <= '\u{ffff}').then(|| Value::Text(text.clone()))
        }
        (Function::Left, [Value::Text(text), n]) => some_text(slice(text, 0, size(n)?)),
        (Function::Right, [Value::Text(text), n]) => {
            let n = size(n)?;
            some_text(slice(text, text.chars().count().saturating_sub(n), n))
        }
        (Function::Substr, [Value::Text(text), from]) => substr(text, start(from, dialect)?, usize::MAX),
        (Function::Substr, [Value::Text(text), from, length]) => {
            substr(text, start(from, dialect)?, size(length)?)
        }
        (Function::Repeat, [Value::Text(text), n]) => match (whole(n)?, dialect) {
            (n @ 0.., _) => repeat(text, n),
            (_, Dialect::Snowflake | Dialect::Databricks) => repeat(text, 0),
            // learn.microsoft.com/sql/t-sql/functions/replicate-transact-sql (2026-11-25).
            (_, Dialect::Synapse) => Some(Value::Null),
            (_, Dialect::Trino | Dialect::Redshift | Dialect::BigQuery) => None,
        },
        (Function::PadLeft, [Value::Text(text), n, Value::Text(with)]) => pad(text, size(n)?, with, true),
        (Function::PadRight, [Value::Text(text), n, Value::Text(with)]) => pad(text, size(n)?, with, false),
        // Beyond ASCII, engines disagree on case; in Turkish already on `i`, by T-SQL's collations.
        (Function::Upper | Function::Lower, [Value::Text(text)])
            if !text.is_ascii() || dialect == Dialect::Synapse && text.contains(['i', 'I']) =>
        {
            None
        }
        (Function::Upper, [Value::Text(text)]) => some_text(text.to_ascii_uppercase()),
        (Function::Lower, [Value::Text(text)]) => some_text(text.to_ascii_lowercase()),
        (Function::Trim | Function::TrimLeft | Function::TrimRight, [Value::Text(text)]) => {
            trim(function, text, " ", matches!(dialect, Dialect::Trino | Dialect::BigQuery))
        }
        (
            Function::Trim | Function::TrimLeft | Function::TrimRight,
            [Value::Text(text), Value::Text(what)],
        ) => trim(function, text, what, false),
        (Function::HashLower, [Value::Text(text)]) => some_text(hash(text)),
        (Function::HashUpper, [Value::Text(text)]) => some_text(hash(text).to_ascii_uppercase()),
        _ => None,
    }
}

/// All matches replaced by literal text.
pub(super) fn replace(args: &[Value], pattern: &Pattern, with: &str) -> Option<Value> {
    let [Value::Text(text)] = args else { return None };
    if pattern.anchored && text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        return None;
    }
    let longest = text.len() + (text.len() + 1) * with.len();
    if longest > MAX_TEXT {
        return None;
    }
    some_text(pattern.regex.replace_all(text, regex::NoExpand(with)).into_owned())
}

/// `text LIKE pattern [ESCAPE escape]`.
pub(super) fn like(args: &[Value], dialect: Dialect) -> Option<Value> {
    let (Value::Text(text), Value::Text(pattern), escape) = (args.first()?, args.get(1)?, args.get(2)) else {
        return None;
    };
    let escape = match escape {
        None => match dialect {
            Dialect::Snowflake | Dialect::Trino | Dialect::Synapse => None,
            // By default: docs.databricks.com/sql/language-manual/functions/like, docs.aws.amazon.com/redshift/latest/dg/
            // r_patternmatching_condition_like.html, GoogleSQL's operators (2026-11-25).
            Dialect::Databricks | Dialect::Redshift | Dialect::BigQuery => Some('\\'),
        },
        Some(Value::Text(escape)) => {
            let mut chars = escape.chars();
            let (escape, None) = (chars.next()?, chars.next()) else { return None };
            Some(escape)
        }
        Some(_) => return None,
    };
    // The reference's matcher, whose escape is the backslash.
    let mut plain = String::with_capacity(pattern.len());
    let mut single = false;
    let mut rest = pattern.chars();
    while let Some(each) = rest.next() {
        if Some(each) == escape {
            let next = rest.next()?;
            // A bracket begins a class in T-SQL.
            if !matches!(next, '%' | '_')
                && Some(next) != escape
                && !(dialect == Dialect::Synapse && next == '[')
            {
                return None;
            }
            plain.extend(['\\', next]);
        } else if each == '[' && dialect == Dialect::Synapse {
            return None;
        } else if each == '\\' {
            plain.push_str("\\\\");
        } else {
            single |= each == '_';
            plain.push(each);
        }
    }
    // It would be a code unit.
    if dialect == Dialect::Synapse && single && text.chars().any(|each| each > '\u{ffff}') {
        return None;
    }
    Some(Value::Boolean(crate::ir::truth::like(text, &plain)))
}

fn some_text(text: String) -> Option<Value> {
    (text.len() <= MAX_TEXT).then_some(Value::Text(text))
}

fn count(text: &str) -> Option<i64> {
    i64::try_from(text.chars().count()).ok()
}

/// A count that is not negative.
fn size(value: &Value) -> Option<usize> {
    usize::try_from(whole(value)?).ok()
}

/// Where to begin; what stands before the first character is the dialect's own.
fn start(value: &Value, dialect: Dialect) -> Option<i64> {
    let from_the_start = matches!(dialect, Dialect::Redshift | Dialect::Synapse);
    whole(value).filter(|start| *start > 0 || !from_the_start)
}

fn concat(texts: &[Value]) -> Option<Value> {
    let mut whole = String::new();
    for text in texts {
        let Value::Text(text) = text else { return None };
        if whole.len() + text.len() > MAX_TEXT {
            return None;
        }
        whole.push_str(text);
    }
    Some(Value::Text(whole))
}

fn slice(text: &str, skip: usize, take: usize) -> String {
    text.chars().skip(skip).take(take).collect()
}

/// Counted from 1, or from the end; what stands before the first character differs between dialects.
fn substr(text: &str, from: i64, length: usize) -> Option<Value> {
    let skip = match from {
        1.. => usize::try_from(from - 1).ok()?,
        0 => return None,
        _ => text.chars().count().checked_sub(usize::try_from(from.unsigned_abs()).ok()?)?,
    };
    some_text(slice(text, skip, length))
}

fn repeat(text: &str, n: i64) -> Option<Value> {
    let n = usize::try_from(n).ok()?;
    (text.len().checked_mul(n)? <= MAX_TEXT).then(|| Value::Text(text.repeat(n)))
}

fn pad(text: &str, n: usize, with: &str, left: bool) -> Option<Value> {
    let length = text.chars().count();
    if length >= n {
        return some_text(slice(text, 0, n));
    }
    if with.is_empty() || n > MAX_TEXT {
        return None;
    }
    let padding: String = with.chars().cycle().take(n - length).collect();
    some_text(if left { format!("{padding}{text}") } else { format!("{text}{padding}") })
}

/// `blank`: the engine trims more than spaces, so a text that has such there is not decided.
fn trim(function: Function, text: &str, what: &str, blank: bool) -> Option<Value> {
    let gone = |each: char| what.contains(each);
    let (left, right) = match function {
        Function::TrimLeft => (true, false),
        Function::TrimRight => (false, true),
        _ => (true, true),
    };
    let mut shown = text;
    if left {
        shown = shown.trim_start_matches(gone);
    }
    if right {
        shown = shown.trim_end_matches(gone);
    }
    let blank_at = |each: Option<char>| each.is_some_and(|each| each.is_whitespace() || each.is_control());
    let undecided =
        blank && (left && blank_at(shown.chars().next()) || right && blank_at(shown.chars().next_back()));
    if undecided { None } else { some_text(shown.to_owned()) }
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
