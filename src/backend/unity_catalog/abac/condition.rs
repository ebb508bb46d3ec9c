//! Conditions of policies on tags: `has_tag('k')`, `has_tag_value('k', 'v')`, `NOT`, `AND`, `OR`, parentheses.
//!
//! In: the text of a condition, ours or another's. Out: whether a column meets it. Invariant: [`Condition::parse`] reads back what
//! is printed; what it cannot read is `None`, never a guess. Cost: linear in the text.

use std::fmt;

use crate::backend::unity_catalog::native::DIALECT;

/// Deeper nesting is not read.
const DEEPEST: usize = 64;

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::backend::unity_catalog) enum Condition {
    /// The key is there.
    HasTag(String),
    /// The key is there with the value.
    HasValue(String, String),
    /// Not.
    Not(Box<Condition>),
    /// All of them.
    And(Vec<Condition>),
    /// Any of them.
    Or(Vec<Condition>),
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, word: &str, parts: &[Condition]| {
            for (at, part) in parts.iter().enumerate() {
                f.write_str(if at == 0 { "(" } else { word })?;
                part.fmt(f)?;
            }
            f.write_str(")")
        };
        match self {
            Condition::HasTag(key) => write!(f, "has_tag({})", DIALECT.plain_literal(key)),
            Condition::HasValue(key, value) => {
                write!(f, "has_tag_value({}, {})", DIALECT.plain_literal(key), DIALECT.plain_literal(value))
            }
            Condition::Not(inner) => write!(f, "(NOT {inner})"),
            Condition::And(parts) => list(f, " AND ", parts),
            Condition::Or(parts) => list(f, " OR ", parts),
        }
    }
}

impl Condition {
    /// Reads a condition.
    pub(in crate::backend::unity_catalog) fn parse(text: &str) -> Option<Condition> {
        let tokens = tokens(text)?;
        let mut reader = Reader { rest: &tokens, depth: 0 };
        let condition = reader.any()?;
        reader.rest.is_empty().then_some(condition)
    }

    /// Whether it holds, where `tag` tells of a key, or of a key with a value, whether it is there; `None`: nobody knows.
    pub(in crate::backend::unity_catalog) fn holds(
        &self,
        tag: &dyn Fn(&str, Option<&str>) -> Option<bool>,
    ) -> Option<bool> {
        let settle = |parts: &[Condition], settles: bool| {
            let answers: Vec<Option<bool>> = parts.iter().map(|part| part.holds(tag)).collect();
            if answers.contains(&Some(settles)) {
                Some(settles)
            } else if answers.contains(&None) {
                None
            } else {
                Some(!settles)
            }
        };
        match self {
            Condition::HasTag(key) => tag(key, None),
            Condition::HasValue(key, value) => tag(key, Some(value)),
            Condition::Not(inner) => inner.holds(tag).map(|holds| !holds),
            Condition::And(parts) => settle(parts, false),
            Condition::Or(parts) => settle(parts, true),
        }
    }
}

/// A condition in one spelling; what cannot be read stays as it is.
pub(in crate::backend::unity_catalog) fn canonical(text: &str) -> String {
    Condition::parse(text).map_or_else(|| text.trim().to_owned(), |condition| condition.to_string())
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// In lower case, without `_`: the functions are also spelt `hasTag`, `hasTagValue`.
    Word(String),
    Text(String),
    Sign(char),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let (mut out, mut rest) = (Vec::new(), text.chars().peekable());
    while let Some(each) = rest.next() {
        match each {
            _ if each.is_whitespace() => {}
            '(' | ')' | ',' => out.push(Token::Sign(each)),
            '\'' | '"' => {
                let mut inside = String::new();
                loop {
                    match rest.next()? {
                        '\\' => inside.push(rest.next()?),
                        end if end == each => {
                            if rest.next_if_eq(&each).is_none() {
                                break;
                            }
                            inside.push(each);
                        }
                        other => inside.push(other),
                    }
                }
                out.push(Token::Text(inside));
            }
            _ if each.is_ascii_alphabetic() => {
                let mut word = each.to_string();
                while let Some(next) = rest.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
                    word.push(next);
                }
                out.push(Token::Word(word.replace('_', "").to_ascii_lowercase()));
            }
            _ => return None,
        }
    }
    Some(out)
}

struct Reader<'t> {
    rest: &'t [Token],
    depth: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Token> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first.clone())
    }

    fn sign(&mut self, wanted: char) -> Option<()> {
        (self.next()? == Token::Sign(wanted)).then_some(())
    }

    fn word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.rest.first(), Some(Token::Word(word)) if word == wanted);
        if found {
            self.next();
        }
        found
    }

    fn text(&mut self) -> Option<String> {
        match self.next()? {
            Token::Text(text) => Some(text),
            Token::Word(_) | Token::Sign(_) => None,
        }
    }

    fn any(&mut self) -> Option<Condition> {
        let mut parts = vec![self.all()?];
        while self.word("or") {
            parts.push(self.all()?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Condition::Or(parts)) }
    }

    fn all(&mut self) -> Option<Condition> {
        let mut parts = vec![self.one()?];
        while self.word("and") {
            parts.push(self.one()?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Condition::And(parts)) }
    }

    fn one(&mut self) -> Option<Condition> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let condition = self.atom();
        self.depth -= 1;
        condition
    }

    fn atom(&mut self) -> Option<Condition> {
        if self.word("not") {
            return Some(Condition::Not(Box::new(self.one()?)));
        }
        if self.word("hastag") {
            self.sign('(')?;
            let key = self.text()?;
            self.sign(')')?;
            return Some(Condition::HasTag(key));
        }
        if self.word("hastagvalue") {
            self.sign('(')?;
            let key = self.text()?;
            self.sign(',')?;
            let value = self.text()?;
            self.sign(')')?;
            return Some(Condition::HasValue(key, value));
        }
        self.sign('(')?;
        let condition = self.any()?;
        self.sign(')')?;
        Some(condition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_back() {
        for (written, printed) in [
            ("has_tag('a')", "has_tag('a')"),
            ("HASTAGVALUE( \"a\",'b' )", "has_tag_value('a', 'b')"),
            (
                "has_tag('a') and not has_tag('b') OR has_tag('c')",
                "((has_tag('a') AND (NOT has_tag('b'))) OR has_tag('c'))",
            ),
            ("(((has_tag('it''s'))))", "has_tag('it\\'s')"),
        ] {
            assert_eq!(canonical(written), printed, "{written}");
            assert_eq!(canonical(printed), printed);
        }
        let deep = format!("{}has_tag('a'){}", "(".repeat(100_000), ")".repeat(100_000));
        for odd in
            ["", "has_tag(a)", "has_tag('a') has_tag('b')", "TRUE", "has_tag('a", "a.b = 1", deep.as_str()]
        {
            assert_eq!(Condition::parse(odd), None);
            assert_eq!(canonical(odd), odd);
        }
    }

    #[test]
    fn what_nobody_knows_settles_nothing_but_what_it_cannot_change() {
        let tag = |key: &str, value: Option<&str>| match key {
            "mine" => Some(value.is_none_or(|value| value == "v")),
            "none" => Some(false),
            _ => None,
        };
        for (condition, expected) in [
            ("has_tag('mine')", Some(true)),
            ("has_tag_value('mine', 'w')", Some(false)),
            ("has_tag('other')", None),
            ("NOT has_tag('other')", None),
            ("has_tag('other') AND has_tag('none')", Some(false)),
            ("has_tag('other') OR has_tag_value('mine', 'v')", Some(true)),
            ("has_tag('other') OR has_tag('none')", None),
        ] {
            assert_eq!(Condition::parse(condition).unwrap().holds(&tag), expected, "{condition}");
        }
    }
}
