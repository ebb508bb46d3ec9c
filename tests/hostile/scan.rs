//! Cuts an artefact of SQL into statements and tokens, by the lexical rules of the vendors' manuals and nothing of grantc.
//!
//! In: a script and its platform. Out: statements, each a list of tokens; literals and quoted names by what they mean, not by how
//! they are spelled. A quote or comment that never ends is an error.
//! Where the rules were read: `tests/conformance/conformance/lexical.py` lists the pages.

use grantc::inventory::Platform;

/// What a statement is made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Token {
    /// A word, a number, or one sign.
    Code(String),
    /// What a literal says.
    Text(String),
    /// What a quoted name says.
    Name(String),
}

/// The statements of a script; comments and blanks are dropped. What is run as a text (`EXEC(N'…')`) is cut as well, in place.
pub fn statements(script: &str, platform: Platform) -> Result<Vec<Vec<Token>>, String> {
    let mut found = Vec::new();
    for batch in batches(script, platform) {
        let mut current = Vec::new();
        for token in tokens(&batch, platform)? {
            if token == Token::Code(";".to_owned()) {
                found.push(std::mem::take(&mut current));
            } else {
                current.push(token);
            }
        }
        found.push(current);
    }
    found.retain(|statement| !statement.is_empty());
    Ok(found)
}

/// T-SQL's clients end a batch at a line that is `GO`, whatever stands around it.
fn batches(script: &str, platform: Platform) -> Vec<String> {
    if platform != Platform::Synapse {
        return vec![script.to_owned()];
    }
    let mut batches = vec![String::new()];
    for line in script.split_inclusive(['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}']) {
        if line.trim().eq_ignore_ascii_case("go") {
            batches.push(String::new());
        } else if let Some(last) = batches.last_mut() {
            last.push_str(line);
        }
    }
    batches
}

/// The tokens of a text.
pub fn tokens(text: &str, platform: Platform) -> Result<Vec<Token>, String> {
    let mut scanner = Scanner { rest: text, platform, tokens: Vec::new() };
    while let Some(next) = scanner.rest.chars().next() {
        let left = scanner.rest.len();
        scanner.step(next)?;
        assert!(scanner.rest.len() < left, "the scanner stands still before {:?}", scanner.rest);
    }
    let mut out = Vec::new();
    for token in scanner.tokens {
        match (&token, out.last()) {
            (Token::Text(inner), _) if runs(&out) => {
                out.extend(tokens(inner, platform)?);
            }
            _ => out.push(token),
        }
    }
    Ok(out)
}

/// Whether a text after these tokens is run.
fn runs(before: &[Token]) -> bool {
    let word = |at: usize, wanted: &str| matches!(before.len().checked_sub(at).and_then(|at| before.get(at)), Some(Token::Code(word)) if word.eq_ignore_ascii_case(wanted));
    word(1, "(") && word(2, "EXEC") || word(1, "IMMEDIATE") && word(2, "EXECUTE")
}

struct Scanner<'t> {
    rest: &'t str,
    platform: Platform,
    tokens: Vec<Token>,
}

impl Scanner<'_> {
    fn step(&mut self, next: char) -> Result<(), String> {
        let platform = self.platform;
        let is = |list: &[Platform]| list.contains(&platform);
        let backslash = !is(&[Platform::Synapse, Platform::Trino]);
        let begins = |start: &str| self.rest.starts_with(start);
        if begins("--")
            || next == '#' && is(&[Platform::BigQuery])
            || begins("//") && is(&[Platform::Snowflake])
        {
            let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
            self.skip(end);
        } else if begins("/*") {
            let nested = is(&[Platform::Databricks, Platform::Redshift, Platform::Synapse]);
            let end = comment(self.rest, nested).ok_or_else(|| self.unclosed())?;
            self.skip(end);
        } else if begins("$$") && is(&[Platform::Snowflake, Platform::Redshift]) {
            let end = self.rest.get(2..).and_then(|rest| rest.find("$$")).ok_or_else(|| self.unclosed())?;
            self.tokens.push(Token::Text(self.rest[2..end + 2].to_owned()));
            self.skip(end + 4);
        } else if next == '\'' {
            let doubled = !is(&[Platform::BigQuery]);
            let text = self.quoted(next, backslash, doubled)?;
            self.tokens.push(Token::Text(text));
        } else if next == '"' {
            let is_text = is(&[Platform::Databricks, Platform::BigQuery]);
            let text = self.quoted(next, is_text, !is_text)?;
            self.tokens.push(if is_text { Token::Text(text) } else { Token::Name(text) });
        } else if next == '`' && is(&[Platform::Databricks, Platform::BigQuery]) {
            let google = is(&[Platform::BigQuery]);
            let text = self.quoted(next, google, !google)?;
            self.tokens.push(Token::Name(text));
        } else if next == '[' && is(&[Platform::Synapse]) {
            let text = self.quoted(']', false, true)?;
            self.tokens.push(Token::Name(text));
        } else if next.is_ascii_whitespace() {
            self.skip(1);
        } else {
            let word = |each: char| each.is_ascii_alphanumeric() || each == '_';
            let end = match self.rest.find(|each| !word(each)) {
                Some(0) => next.len_utf8(),
                Some(end) => end,
                None => self.rest.len(),
            };
            let code = self.rest[..end].to_owned();
            self.skip(end);
            // `N'…'` is a literal, and what begins one of another kind is never written.
            if !(code == "N" && platform == Platform::Synapse && self.rest.starts_with('\'')) {
                self.tokens.push(Token::Code(code));
            }
        }
        Ok(())
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    fn unclosed(&self) -> String {
        format!("what opens here never ends: {:?}", self.rest.chars().take(60).collect::<String>())
    }

    /// The text up to its end; the first character is the opening one.
    fn quoted(&mut self, end: char, backslash: bool, doubled: bool) -> Result<String, String> {
        let start = self.unclosed();
        let mut text = String::new();
        let mut letters = self.rest.chars();
        letters.next();
        loop {
            let letter = letters.next().ok_or_else(|| start.clone())?;
            if letter == '\\' && backslash {
                escape(&mut letters, &mut text, self.platform).ok_or_else(|| start.clone())?;
            } else if letter != end {
                text.push(letter);
            } else if doubled && letters.as_str().starts_with(end) {
                letters.next();
                text.push(end);
            } else {
                self.rest = letters.as_str();
                return Ok(text);
            }
        }
    }
}

/// One escape behind its backslash.
fn escape(letters: &mut std::str::Chars<'_>, text: &mut String, platform: Platform) -> Option<()> {
    let letter = letters.next()?;
    let code = |letters: &mut std::str::Chars<'_>, digits: usize| {
        let hex: String = letters.as_str().chars().take(digits).collect();
        letters.nth(digits - 1);
        char::from_u32(u32::from_str_radix(&hex, 16).ok()?)
    };
    let meant = match letter {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'x' => code(letters, 2)?,
        'u' => code(letters, 4)?,
        'U' => code(letters, 8)?,
        '0' => {
            // An octal number of three digits, where more digits follow.
            let digits: String = letters.as_str().chars().take(2).take_while(char::is_ascii_digit).collect();
            if digits.len() == 2 {
                letters.nth(1);
            }
            char::from_u32(u32::from_str_radix(&format!("0{digits}"), 8).ok()?)?
        }
        // Spark keeps the backslash before these, for LIKE.
        '%' | '_' if platform == Platform::Databricks => {
            text.push('\\');
            letter
        }
        other => other,
    };
    text.push(meant);
    Some(())
}

/// The length of the comment that a text begins with.
fn comment(text: &str, nested: bool) -> Option<usize> {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 {
        let rest = text.get(at..)?;
        let close = rest.find("*/")?;
        match rest.find("/*").filter(|open| nested && *open < close) {
            Some(open) => {
                depth += 1;
                at += open + 2;
            }
            None => {
                depth -= 1;
                at += close + 2;
            }
        }
    }
    Some(at)
}
