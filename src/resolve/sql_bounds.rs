//! What may be given to the parser at all: it has inputs on which it does not end, or overflows the stack.
//!
//! In: tokens. Out: bounds on the tree that they can become, `None` past the limits. Cost: linear.

use sqlparser::tokenizer::Token;

/// More parentheses inside each other are not read.
pub(crate) const MAX_NESTING: usize = 400;
/// More constructs that we do not understand, inside each other, are not read.
const MAX_STRANGE: usize = 8;
/// Trees that could be deeper are not read.
const MAX_TREE: usize = 1 << 16;

/// Whether tokens that somebody wrote may be parsed: the parser's own recursion limit does not keep nested `POSITION(`,
/// lambdas and the like from taking exponential time (sqlparser 0.63).
pub fn parsable(tokens: &[Token]) -> bool {
    strangeness(tokens).is_some() && depth(tokens).is_some()
}

/// An upper bound on the depth of the tree: operands between two commas, and what stands in parentheses among them.
pub(crate) fn depth(tokens: &[Token]) -> Option<usize> {
    deepest(tokens, true, |_, token| usize::from(!matches!(token, Token::Whitespace(_))))
        .filter(|depth| *depth <= MAX_TREE)
}

/// How many constructs that we would not understand stand inside each other. Some of them the parser tries in two ways,
/// each of which tries what is inside in two ways.
pub(crate) fn strangeness(tokens: &[Token]) -> Option<usize> {
    deepest(tokens, false, |before, token| {
        let ordinary = match (before, token) {
            (Some(Token::Word(word)), Token::LParen) => {
                word.quote_style.is_none()
                    && ORDINARY.iter().any(|name| word.value.eq_ignore_ascii_case(name))
            }
            (Some(Token::Word(word)), Token::LBracket) => word.value.eq_ignore_ascii_case("array"),
            (_, Token::LBracket | Token::LBrace) => false,
            (_, token) => ordinary(token),
        };
        usize::from(!ordinary)
    })
    .filter(|strange| *strange <= MAX_STRANGE)
}

/// Words that may stand before a parenthesis.
const ORDINARY: &[&str] = &[
    "abs",
    "and",
    "as",
    "between",
    "bigint",
    "btrim",
    "case",
    "cast",
    "ceil",
    "ceiling",
    "char",
    "char_length",
    "chr",
    "coalesce",
    "collate",
    "concat",
    "contains",
    "convert",
    "convert_timezone",
    "current_date",
    "current_groups",
    "current_role",
    "current_setting",
    "current_timestamp",
    "current_user",
    "date",
    "date_add",
    "date_from_unix_date",
    "date_sub",
    "date_trunc",
    "dateadd",
    "datefromparts",
    "datepart",
    "datetime",
    "datetime2",
    "datetime_trunc",
    "datetimeoffset",
    "day",
    "decimal",
    "else",
    "escape",
    "exists",
    "floor",
    "from",
    "getdate",
    "greatest",
    "hashbytes",
    "hour",
    "if",
    "iff",
    "ifnull",
    "iif",
    "in",
    "is_account_group_member",
    "is_member",
    "is_role_in_session",
    "is_rolemember",
    "isnull",
    "join",
    "left",
    "len",
    "length",
    "like",
    "lower",
    "lpad",
    "ltrim",
    "make_date",
    "make_dt_interval",
    "max",
    "mod",
    "month",
    "nchar",
    "not",
    "nullif",
    "number",
    "numeric",
    "nvarchar",
    "nvl",
    "on",
    "or",
    "pmod",
    "regexp_replace",
    "repeat",
    "replicate",
    "right",
    "round",
    "rpad",
    "rtrim",
    "safe_cast",
    "select",
    "session_user",
    "sha2",
    "sha256",
    "sign",
    "string",
    "substr",
    "substring",
    "switchoffset",
    "sysutcdatetime",
    "then",
    "timestamp",
    "timestamp_micros",
    "timestamp_ntz",
    "timestamp_trunc",
    "to_base64",
    "to_hex",
    "to_utf8",
    "todatetimeoffset",
    "trim",
    "trunc",
    "truncate",
    "try_cast",
    "try_convert",
    "unix_date",
    "unix_micros",
    "unix_seconds",
    "upper",
    "user_is_member_of",
    "user_name",
    "varchar",
    "when",
    "where",
    "year",
];

fn ordinary(token: &Token) -> bool {
    matches!(
        token,
        Token::Word(_)
            | Token::Number(..)
            | Token::SingleQuotedString(_)
            | Token::NationalStringLiteral(_)
            | Token::DollarQuotedString(_)
            | Token::Whitespace(_)
            | Token::LParen
            | Token::RParen
            | Token::RBracket
            | Token::RBrace
            | Token::Comma
            | Token::Period
            | Token::DoubleColon
            | Token::Eq
            | Token::Neq
            | Token::Lt
            | Token::LtEq
            | Token::Gt
            | Token::GtEq
            | Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
            | Token::Mod
            | Token::StringConcat
    )
}

/// The heaviest way from the outside in. `weight` sees the token before, blanks apart, and the token. What opens weighs
/// on what is inside; with `beside`, on what stands beside it too.
fn deepest(
    tokens: &[Token],
    beside: bool,
    weight: impl Fn(Option<&Token>, &Token) -> usize,
) -> Option<usize> {
    #[derive(Default)]
    struct Level {
        opener: usize,
        own: usize,
        inner: usize,
        most: usize,
    }
    impl Level {
        fn close(&mut self) -> usize {
            self.most = self.most.max(self.own + self.inner);
            (self.own, self.inner) = (0, 0);
            self.most
        }
    }
    let mut open = vec![Level::default()];
    let mut before = None;
    for token in tokens {
        let level = open.last_mut()?;
        match token {
            Token::LParen | Token::LBracket | Token::LBrace => {
                let opener = weight(before, token);
                if beside {
                    level.own += opener;
                }
                if open.len() > MAX_NESTING {
                    return None;
                }
                open.push(Level { opener, ..Level::default() });
            }
            Token::RParen | Token::RBracket | Token::RBrace => {
                let mut closed = open.pop()?;
                let inner = closed.close() + closed.opener;
                let level = open.last_mut()?;
                level.inner = level.inner.max(inner);
            }
            Token::Comma => {
                level.close();
            }
            _ => level.own += weight(before, token),
        }
        if !matches!(token, Token::Whitespace(_)) {
            before = Some(token);
        }
    }
    let most = open.pop()?.close();
    open.is_empty().then_some(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlparser::dialect::GenericDialect;
    use sqlparser::tokenizer::Tokenizer;

    fn tokens(text: &str) -> Vec<Token> {
        Tokenizer::new(&GenericDialect {}, text).tokenize().unwrap()
    }

    #[test]
    fn the_tree_is_no_deeper_than_its_operands_and_parentheses() {
        for (text, expected) in [
            ("a + b", 3),
            ("a, b + c", 3),
            ("a + b, c", 3),
            ("a, b, c", 1),
            // An opener counts beside what stands there, and above what stands inside.
            ("(a + b) * c", 7),
            ("a (b) (c + d)", 7),
            ("f(a, b + c, d)", 6),
        ] {
            assert_eq!(depth(&tokens(text)), Some(expected), "{text}");
        }
        assert_eq!(depth(&tokens("(a")), None);
        assert_eq!(depth(&tokens("a)")), None);
        let nested = |times: usize| depth(&tokens(&format!("{}a{}", "(".repeat(times), ")".repeat(times))));
        assert!(nested(MAX_NESTING).is_some() && nested(MAX_NESTING + 1).is_none());
        assert!(
            depth(&vec![Token::Plus; MAX_TREE]).is_some()
                && depth(&vec![Token::Plus; MAX_TREE + 1]).is_none()
        );
    }

    #[test]
    fn what_we_do_not_understand_is_counted_inside_each_other() {
        for (text, expected) in [
            ("a + b", 0),
            ("abs(a)", 0),
            ("ABS (a)", 0),
            ("\"abs\"(a)", 1),
            ("f(a)", 1),
            ("f (g(a))", 2),
            ("f(a) + g(b)", 1),
            ("f(a), g(b)", 1),
            ("array[a]", 0),
            ("x[a]", 1),
            ("abs[a]", 1),
            ("a -> b", 1),
        ] {
            assert_eq!(strangeness(&tokens(text)), Some(expected), "{text}");
        }
        let nested = |times: usize| tokens(&format!("{}a{}", "f(".repeat(times), ")".repeat(times)));
        assert!(
            strangeness(&nested(MAX_STRANGE)).is_some() && strangeness(&nested(MAX_STRANGE + 1)).is_none()
        );
        assert!(parsable(&nested(MAX_STRANGE)) && !parsable(&nested(MAX_STRANGE + 1)));
        assert!(!parsable(&vec![Token::Plus; MAX_TREE + 1]));
    }
}
