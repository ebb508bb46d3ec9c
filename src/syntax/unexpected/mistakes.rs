//! The mistakes that people make who know another language, and their cures.
//!
//! Each looks at the place alone: what was found, what stood before, what could have stood there.

use super::Context;
use super::expected::near;
use crate::syntax::grammar::Rule;
use crate::syntax::keywords::is_keyword;
use crate::syntax::tokens::TokenKind;

/// A known mistake.
pub(super) struct Mistake {
    pub(super) message: String,
    pub(super) label: String,
    pub(super) help: String,
    /// The cause is the token before the place.
    pub(super) before: bool,
}

/// The words that start a condition on a user or row.
const ATOM_STARTS: &[&str] = &["user", "anyone", "approved", "column", "today", "sql"];

/// The mistake at a place, if it is a known one.
pub(super) fn find(context: &Context<'_>) -> Option<Mistake> {
    let found = context.found()?;
    let word = context.word(0);
    let label = context.expected.label();
    let here = |message: String, help: &str| {
        Some(Mistake { message, label: label.clone(), help: help.to_owned(), before: false })
    };
    let plain = |help: &str| here(format!("unexpected `{word}`"), help);
    let expects = |rule: Rule| context.expected.has(rule);
    let is_word = found.kind == TokenKind::Word;
    let before = context.word(-1);

    // A keyword as a name, or another case of a keyword.
    if is_word && expects(Rule::name) && !expects(Rule::kw_and) && is_keyword(word) && declares(context) {
        return here(format!("`{word}` is a keyword and cannot name a declaration"), "choose another name");
    }
    let lower = word.to_lowercase();
    if is_word && lower != word && context.expected.has_word(&lower) {
        return here(format!("unexpected `{word}`"), &format!("keywords are lower-case: write `{lower}`"));
    }
    if is_word && lower == "null" && (expects(Rule::literal) || expects(Rule::string)) {
        return here(
            "null is not a value".to_owned(),
            "ask `is null` or `is not null`; the masking method is `null` alone",
        );
    }
    // The word before was meant to be a keyword, but was read as a condition's name.
    if (expects(Rule::kw_and) || expects(Rule::kw_or))
        && context.token(-1).is_some_and(|token| token.kind == TokenKind::Word)
        && !is_keyword(before)
        && !matches!(
            context.word(-2),
            "." | "tagged" | "under" | "column" | "attribute" | "integration" | "in"
        )
        && !context.expected.has_word(word)
    {
        let lower = before.to_lowercase();
        let help = if is_keyword(&lower) {
            Some(format!("keywords are lower-case: write `{lower}`"))
        } else {
            near(before, ATOM_STARTS.iter().copied()).map(|meant| format!("did you mean `{meant}`?"))
        };
        if let Some(help) = help {
            let message = format!("unexpected `{before}`");
            return Some(Mistake {
                message,
                label: "read as a condition's name".to_owned(),
                help,
                before: true,
            });
        }
    }
    match word {
        "." => return plain("a dotted name has no blanks around its dots"),
        "," if matches!(before, "tables" | "prefixes" | "columns" | "everything") => {
            return plain("write `everything` for tables and prefixes, or one declaration for each");
        }
        "," if expects(Rule::kw_and) => return plain("join with `and` or `or`"),
        "," if expects(Rule::string) || expects(Rule::literal) => {
            return plain("write one `,` between two items");
        }
        "," => return plain("clauses and declarations need no `,` between them"),
        "]" if before == "," => return plain("a list has no `,` after its last item"),
        "]" if before == "[" => return plain("a list has at least one item"),
        ":" => return plain("clauses have no `:` after their keyword"),
        "}" if expects(Rule::EOI) => return plain("nothing is open here: delete it"),
        "(" if expects(Rule::open_bracket) => return plain("a list stands in brackets: `[\"a\", \"b\"]`"),
        "=" if before == "=" => return plain("write one `=`"),
        ">" if before == "<" => return plain("write `!=`"),
        "{" if context.kind.is_some_and(|kind| kind.keyword() == "condition") => {
            return plain("a condition has no braces: `condition name = user in group \"g\"`");
        }
        "in" if context.expected.has_condition() => {
            return plain("say who or what: `user in group \"g\"`, `column name in [\"a\", \"b\"]`");
        }
        "group" | "groups" | "attribute" | "has" | "is" if context.expected.has_condition() => {
            return plain("a condition on the user starts with `user`: `user in group \"g\"`");
        }
        "groups" if expects(Rule::kw_group) => {
            return plain(
                "write `user in group \"g\"`, `user in any of groups [\"g\", \"h\"]` or `user in all of groups [\"g\", \"h\"]`",
            );
        }
        "name" if before == "user" => {
            return plain("`user name` stands to the right of `=`; on the left write `user is \"id\"`");
        }
        "not" if before == "is" && expects(Rule::string) => return plain("write `not user is \"id\"`"),
        "like" if before == "not" => {
            return plain("write `not` before the comparison: `not column name like \"a%\"`");
        }
        "between" => return plain("write two comparisons joined by `and`"),
        "and" if expects(Rule::comma) && matches!(before, "read" | "write") => {
            return plain("write `read, write`");
        }
        "for" if before == "except" => return plain("write `except` and the condition, without `for`"),
        "columns" if expects(Rule::kw_tables) && !expects(Rule::kw_columns) => {
            return plain("write `of tables`");
        }
        _ => {}
    }
    if is_word && before == "on" && expects(Rule::kw_tables) && context.expected.nearest(word).is_none() {
        let path = run(context);
        return plain(&format!(
            "say what it is on: `tables in {path}`, `everything`, `prefixes in \"s3://…\"`"
        ));
    }
    if is_word && matches!(before, "tables" | "columns" | "prefixes") && context.word(1) == "." {
        return plain(&format!("say how to select: `{before} tagged {0}`, `{before} in {0}`", run(context)));
    }
    if (expects(Rule::kw_and) || expects(Rule::kw_or))
        && matches!(word, "=" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "is" | "like" | "not")
        && context.token(-1).is_some_and(|token| token.kind == TokenKind::Word)
        && !is_keyword(before)
        && context.word(-2) != "."
    {
        let row = context.kind.is_some_and(|kind| matches!(kind.keyword(), "mask" | "filter"));
        let of_user = format!("`user attribute {before}` for an attribute of the user");
        let help = if row {
            format!("write `column {before}` for a column, {of_user}")
        } else {
            format!("write {of_user}")
        };
        return Some(Mistake {
            message: format!("unexpected `{before}`"),
            label: "read as a condition's name".to_owned(),
            help,
            before: true,
        });
    }
    if expects(Rule::kw_where) {
        return plain("the clause has two words: `rows where …`");
    }
    if expects(Rule::kw_for) && before == "only" {
        return plain("the clause has two words: `only for …`");
    }
    if expects(Rule::access) && is_word {
        return plain("access is `read`, `write` or `read, write`");
    }
    if found.kind == TokenKind::S3 {
        return plain("put the prefix in double quotes: `in \"s3://bucket/key*\"`");
    }
    if expects(Rule::date) && matches!(found.kind, TokenKind::String | TokenKind::Word) {
        return here(
            format!("unexpected `{word}`"),
            "a date is written without quotes as year, month, day: `2026-12-31`",
        );
    }
    if found.kind == TokenKind::String {
        if expects(Rule::kw_group) {
            return plain(&format!("write `user in group {word}`"));
        }
        if expects(Rule::name) && declares(context) {
            return plain("a name is a bare word in snake_case; the description comes after it");
        }
        if expects(Rule::comma) && expects(Rule::close_bracket) {
            return plain("write `,` between two items");
        }
    }
    if is_word && looks_like_time(context) {
        return here(
            format!("unexpected `{word}`"),
            "a literal is a date, not a time; write a time inside `sql \"…\"`",
        );
    }
    if is_word && (word.starts_with("today-") || (word.starts_with('-') && before == "today")) {
        return plain("put blanks around `-`: `today - 90 days`");
    }
    if is_word
        && (expects(Rule::string) || expects(Rule::literal) || expects(Rule::string_list))
        && context.expected.nearest(word).is_none()
    {
        return plain(&format!("put text in double quotes: `\"{}\"`", run(context)));
    }
    if is_word && word.starts_with("--") {
        return plain("a comment starts with `#`");
    }
    if is_word
        && expects(Rule::kw_and)
        && matches!(word, "tagged" | "with" | "named" | "user" | "column" | "approved" | "anyone")
    {
        return plain("join with `and` or `or`");
    }
    None
}

/// The text at the place up to a blank, bracket, comma or quote: what was meant as one piece.
fn run<'a>(context: &Context<'a>) -> &'a str {
    let Some(rest) = context.found().and_then(|token| context.text.get(token.start..)) else { return "" };
    let end = rest.find(|c: char| c.is_whitespace() || "()[]{},\"'#".contains(c));
    rest.get(..end.unwrap_or(rest.len())).unwrap_or("")
}

/// Whether the place is where a declaration's name belongs.
fn declares(context: &Context<'_>) -> bool {
    context.at == 1 && context.kind.is_some()
}

/// `2026-01-01T10:00:00Z` comes as several tokens; the first has a `T` after a date, or a `:` follows.
fn looks_like_time(context: &Context<'_>) -> bool {
    let word = context.word(0);
    let date = word.get(..10).is_some_and(|date| date.chars().all(|c| c.is_ascii_digit() || c == '-'));
    date && (word.len() > 10 || context.word(1) == ":")
}

/// What to say of a sequence that the language lacks: message and help.
pub(super) fn stray(text: &str) -> (String, String) {
    let first = text.chars().next().unwrap_or(' ');
    let cure = match text {
        "==" | "===" => "write `=`",
        "!==" | "<>" => "write `!=`",
        "&&" | "&" => "write `and`",
        "||" | "|" => "write `or`",
        "!" => "write `not`",
        "=~" | "~" => "write `like` for patterns of rows; tags and names have `named \"…*\"`",
        "//" | "/*" => "a comment starts with `#`",
        "::" | ";" => "clauses and declarations need nothing between them",
        "\\" => "a backslash stands only inside strings",
        "%" | "?" => "the wildcard is `*`",
        _ => "",
    };
    if !cure.is_empty() {
        return (format!("unexpected `{text}`"), cure.to_owned());
    }
    if matches!(first, '\'' | '‘' | '’' | '“' | '”' | '„' | '«' | '»' | '`') {
        let inner = text.trim_matches(['\'', '‘', '’', '“', '”', '„', '«', '»', '`']);
        let help =
            if inner.is_empty() { "write `\"…\"`".to_owned() } else { format!("write `\"{inner}\"`") };
        return ("text stands in double quotes".to_owned(), help);
    }
    if first.is_whitespace() {
        let message = format!("unexpected blank U+{:04X}", u32::from(first));
        return (message, "blanks are the space, the tab and line breaks".to_owned());
    }
    let help = "a name with other characters than letters, digits, `_`, `-` and `$` stands in double quotes";
    (format!("unexpected `{text}`"), help.to_owned())
}
