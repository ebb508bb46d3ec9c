//! Mask patterns: the subset of regular expressions that every platform reads alike.
//!
//! In: a pattern as written. Out: the same pattern in words that all engines share, or what is wrong with it.
//! RE2's `\d`, `\w`, `\s` mean ASCII, elsewhere (Trino, our own engine) all of Unicode, so they become `[0-9]` and its
//! kin; groups capture nothing that a literal replacement could use, so `(?:…)` and named groups become `(…)`, which
//! Snowflake's POSIX engine knows too. Refused: lazy quantifiers, `\b` and its kin, flags, Unicode classes, set
//! operations, and patterns that match the empty text elsewhere than at the start (RE2 finds none right behind another
//! match, Java does: `.*` in `ab` is one match here, two there).
//! Cost: one visit per node; the parser bounds nesting.

use regex_syntax::ast::{
    Assertion, AssertionKind, Ast, ClassAscii, ClassAsciiKind, ClassPerl, ClassPerlKind, ClassSet,
    ClassSetItem, GroupKind, Literal, LiteralKind, Repetition, RepetitionKind, RepetitionRange, Span,
    SpecialLiteralKind,
};

/// What is wrong, in byte offsets of the pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) label: String,
    pub(super) help: Option<String>,
}

/// RE2 allows no more repetitions of one thing (<https://github.com/google/re2/wiki/Syntax>).
const MAX_REPEAT: u32 = 1000;

/// A pattern's tree may be so deep; ours and the parser's recursion stay small.
const NEST_LIMIT: u32 = 100;

/// The pattern in the words that all platforms share.
pub(super) fn portable(pattern: &str) -> Result<String, Fault> {
    let parsed = regex_syntax::ast::parse::ParserBuilder::new().nest_limit(NEST_LIMIT).build().parse(pattern);
    let ast = parsed.map_err(|error| {
        let (label, help) = explain(&error.kind().to_string(), pattern, error.span());
        Fault { start: error.span().start.offset, end: error.span().end.offset, label, help }
    })?;
    let mut edits = Edits::default();
    edits.visit(&ast)?;
    let portable = edits.apply(pattern);
    let whole = |label: String, help: Option<&str>| Fault {
        start: 0,
        end: pattern.len(),
        label,
        help: help.map(str::to_owned),
    };
    let hir =
        regex_syntax::parse(&portable).map_err(|_| whole("not a regular expression".to_owned(), None))?;
    let found_once = hir.properties().look_set_prefix().contains(regex_syntax::hir::Look::Start);
    if !found_once && hir.properties().minimum_len().unwrap_or(0) == 0 {
        return Err(whole(
            "matches the empty text, which engines find in different places".to_owned(),
            Some("write `+` in place of `*`, or begin with `^`"),
        ));
    }
    if regex::Regex::new(&portable).is_err() {
        return Err(whole("too large a pattern".to_owned(), Some("repeat less")));
    }
    Ok(portable)
}

fn explain(said: &str, pattern: &str, span: &Span) -> (String, Option<String>) {
    let text = pattern.get(span.start.offset..span.end.offset).unwrap_or("");
    if said.contains("look-around") || text.starts_with("(?=") || text.starts_with("(?<") {
        return (
            "lookaround is not in the shared subset".to_owned(),
            Some("match the whole and write what stays into the replacement, or use `custom`".to_owned()),
        );
    }
    if said.contains("backreference") {
        return ("backreferences are not in the shared subset".to_owned(), Some("use `custom`".to_owned()));
    }
    (said.to_lowercase(), None)
}

#[derive(Default)]
struct Edits(Vec<(usize, usize, String)>);

impl Edits {
    fn replace(&mut self, start: usize, end: usize, with: impl Into<String>) {
        self.0.push((start, end, with.into()));
    }

    fn apply(mut self, pattern: &str) -> String {
        self.0.sort();
        let mut out = String::with_capacity(pattern.len());
        let mut at = 0;
        for (start, end, with) in self.0 {
            out.push_str(pattern.get(at..start).unwrap_or(""));
            out.push_str(&with);
            at = end;
        }
        out.push_str(pattern.get(at..).unwrap_or(""));
        out
    }

    fn visit(&mut self, ast: &Ast) -> Result<(), Fault> {
        match ast {
            Ast::Empty(_) | Ast::Dot(_) => Ok(()),
            Ast::Flags(flags) => {
                Err(refuse(&flags.span, "flags are not in the shared subset", "write `[Aa]`"))
            }
            Ast::Literal(literal) => self.literal(literal),
            Ast::Assertion(assertion) => self.assertion(assertion),
            Ast::ClassUnicode(class) => Err(unicode(&class.span)),
            Ast::ClassPerl(class) => self.perl(class, false),
            Ast::ClassBracketed(class) => self.set(&class.kind),
            Ast::Repetition(repetition) => self.repetition(repetition),
            Ast::Group(group) => {
                let opener = group.ast.span().start.offset;
                match &group.kind {
                    GroupKind::CaptureIndex(_) => {}
                    GroupKind::CaptureName { .. } => self.replace(group.span.start.offset, opener, "("),
                    GroupKind::NonCapturing(flags) if flags.items.is_empty() => {
                        self.replace(group.span.start.offset, opener, "(");
                    }
                    GroupKind::NonCapturing(flags) => {
                        return Err(refuse(
                            &flags.span,
                            "flags are not in the shared subset",
                            "write `[Aa]`",
                        ));
                    }
                }
                self.visit(&group.ast)
            }
            Ast::Alternation(list) => list.asts.iter().try_for_each(|each| self.visit(each)),
            Ast::Concat(list) => list.asts.iter().try_for_each(|each| self.visit(each)),
        }
    }

    fn repetition(&mut self, repetition: &Repetition) -> Result<(), Fault> {
        if !repetition.greedy {
            return Err(refuse(
                &repetition.op.span,
                "lazy quantifiers are not in the shared subset",
                "leave out the `?` and say what may be repeated, as `[^@]*@`",
            ));
        }
        if matches!(*repetition.ast, Ast::Repetition(_)) {
            return Err(refuse(
                &repetition.op.span,
                "repeats a repetition, which some engines read as another kind of quantifier",
                "put parentheses around what is repeated",
            ));
        }
        if let RepetitionKind::Range(range) = &repetition.op.kind {
            let most = match range {
                RepetitionRange::Exactly(n)
                | RepetitionRange::AtLeast(n)
                | RepetitionRange::Bounded(_, n) => *n,
            };
            if most > MAX_REPEAT {
                return Err(refuse(&repetition.op.span, "RE2 repeats at most 1000 times", "repeat less"));
            }
        }
        self.visit(&repetition.ast)
    }

    fn assertion(&mut self, assertion: &Assertion) -> Result<(), Fault> {
        let Span { start, end } = assertion.span;
        match assertion.kind {
            AssertionKind::StartLine | AssertionKind::EndLine => Ok(()),
            // Without the multi-line flag, which is refused, these are the same.
            AssertionKind::StartText => {
                self.replace(start.offset, end.offset, "^");
                Ok(())
            }
            AssertionKind::EndText => {
                self.replace(start.offset, end.offset, "$");
                Ok(())
            }
            AssertionKind::WordBoundary
            | AssertionKind::NotWordBoundary
            | AssertionKind::WordBoundaryStart
            | AssertionKind::WordBoundaryEnd
            | AssertionKind::WordBoundaryStartAngle
            | AssertionKind::WordBoundaryEndAngle
            | AssertionKind::WordBoundaryStartHalf
            | AssertionKind::WordBoundaryEndHalf => Err(refuse(
                &assertion.span,
                "word boundaries are not in the shared subset",
                "say which characters may stand there, as `[^0-9A-Za-z_]`",
            )),
        }
    }

    fn literal(&mut self, literal: &Literal) -> Result<(), Fault> {
        let numeric = match &literal.kind {
            LiteralKind::Verbatim | LiteralKind::Meta => false,
            // `\a` to `\z` would be refused by the parser; what is left is punctuation, which needs no escape.
            LiteralKind::Superfluous => true,
            LiteralKind::Octal | LiteralKind::HexFixed(_) | LiteralKind::HexBrace(_) => true,
            LiteralKind::Special(
                SpecialLiteralKind::Tab | SpecialLiteralKind::LineFeed | SpecialLiteralKind::CarriageReturn,
            ) => false,
            LiteralKind::Special(
                SpecialLiteralKind::Bell
                | SpecialLiteralKind::FormFeed
                | SpecialLiteralKind::VerticalTab
                | SpecialLiteralKind::Space,
            ) => {
                return Err(refuse(
                    &literal.span,
                    "this escape is not in the shared subset",
                    "write the character",
                ));
            }
        };
        if numeric {
            if literal.c.is_control() {
                return Err(refuse(&literal.span, "a control character", "write `\\t`, `\\n` or `\\r`"));
            }
            // The hyphen of a class is among them.
            let text = if regex_syntax::is_meta_character(literal.c) {
                format!("\\{}", literal.c)
            } else {
                literal.c.to_string()
            };
            self.replace(literal.span.start.offset, literal.span.end.offset, text);
        }
        Ok(())
    }

    fn perl(&mut self, class: &ClassPerl, in_class: bool) -> Result<(), Fault> {
        let inside = match class.kind {
            ClassPerlKind::Digit => "0-9",
            ClassPerlKind::Word => "0-9A-Za-z_",
            ClassPerlKind::Space => "\\t\\n\\r ",
        };
        let text = match (in_class, class.negated) {
            (false, false) => format!("[{inside}]"),
            (false, true) => format!("[^{inside}]"),
            (true, false) => inside.to_owned(),
            (true, true) => {
                return Err(refuse(
                    &class.span,
                    "a negated class within brackets is not in the shared subset",
                    "say which characters are meant",
                ));
            }
        };
        self.replace(class.span.start.offset, class.span.end.offset, text);
        Ok(())
    }

    fn ascii(&mut self, class: &ClassAscii) -> Result<(), Fault> {
        let inside = match class.kind {
            ClassAsciiKind::Alnum => "0-9A-Za-z",
            ClassAsciiKind::Alpha => "A-Za-z",
            ClassAsciiKind::Blank => "\\t ",
            ClassAsciiKind::Digit => "0-9",
            ClassAsciiKind::Lower => "a-z",
            ClassAsciiKind::Upper => "A-Z",
            ClassAsciiKind::Word => "0-9A-Za-z_",
            ClassAsciiKind::Xdigit => "0-9A-Fa-f",
            ClassAsciiKind::Ascii
            | ClassAsciiKind::Cntrl
            | ClassAsciiKind::Graph
            | ClassAsciiKind::Print
            | ClassAsciiKind::Punct
            | ClassAsciiKind::Space => {
                return Err(refuse(
                    &class.span,
                    "this class is not the same everywhere",
                    "say which characters are meant",
                ));
            }
        };
        if class.negated {
            return Err(refuse(
                &class.span,
                "a negated class within brackets is not in the shared subset",
                "say which characters are meant",
            ));
        }
        self.replace(class.span.start.offset, class.span.end.offset, inside);
        Ok(())
    }

    fn set(&mut self, set: &ClassSet) -> Result<(), Fault> {
        match set {
            ClassSet::Item(item) => self.item(item),
            ClassSet::BinaryOp(operation) => Err(refuse(
                &operation.span,
                "set operations are not in the shared subset",
                "say which characters are meant; a literal `&`, `-` or `~` is escaped with `\\`",
            )),
        }
    }

    fn item(&mut self, item: &ClassSetItem) -> Result<(), Fault> {
        match item {
            ClassSetItem::Empty(_) => Ok(()),
            ClassSetItem::Literal(literal) => self.literal(literal),
            ClassSetItem::Range(range) => {
                self.literal(&range.start)?;
                self.literal(&range.end)
            }
            ClassSetItem::Ascii(class) => self.ascii(class),
            ClassSetItem::Unicode(class) => Err(unicode(&class.span)),
            ClassSetItem::Perl(class) => self.perl(class, true),
            ClassSetItem::Bracketed(class) => Err(refuse(
                &class.span,
                "brackets within brackets are not in the shared subset",
                "a literal `[` is escaped: `\\[`",
            )),
            ClassSetItem::Union(union) => union.items.iter().try_for_each(|each| self.item(each)),
        }
    }
}

fn refuse(span: &Span, label: &str, help: &str) -> Fault {
    Fault {
        start: span.start.offset,
        end: span.end.offset,
        label: label.to_owned(),
        help: Some(help.to_owned()),
    }
}

fn unicode(span: &Span) -> Fault {
    refuse(
        span,
        "Unicode classes are not in the shared subset",
        "say which characters are meant, as `[A-Za-z]`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, expected: &str) {
        let found = match portable(pattern) {
            Ok(portable) => portable,
            Err(fault) => {
                format!("refused {}: {}", pattern.get(fault.start..fault.end).unwrap(), fault.label)
            }
        };
        assert_eq!(found, expected, "{pattern}");
    }

    #[test]
    fn what_needs_no_escape_gets_none() {
        check("[a\\-z]\\x2d[\\x2d]", "[a\\-z]\\-[\\-]");
        check("[\\,]\\,", "[,],");
    }

    #[test]
    fn what_all_engines_share_stays_as_it_is() {
        for pattern in [
            "[0-9]+",
            "^[^@]+",
            "a|b",
            "(ab)+c?",
            "x{2,5}",
            "\\.com$",
            "^[^@]*",
            "[\\]\\-a]",
            "é+",
            "a.b",
            "[^a-z]",
        ] {
            check(pattern, pattern);
        }
    }

    #[test]
    fn what_engines_spell_differently_is_spelt_out() {
        check("\\d{4}", "[0-9]{4}");
        check("\\D+\\w\\s", "[^0-9]+[0-9A-Za-z_][\\t\\n\\r ]");
        check("[\\d.]+", "[0-9.]+");
        check("(?:ab)+", "(ab)+");
        check("(?P<user>a+)@", "(a+)@");
        check("\\Aa\\z", "^a$");
        check("\\x41\\x{2E}", "A\\.");
        check("[[:alpha:]_]+", "[A-Za-z_]+");
        check("a\\/b\\@c", "a/b@c");
    }

    #[test]
    fn what_some_engine_lacks_is_refused() {
        check("a+?b", "refused +?: lazy quantifiers are not in the shared subset");
        check("\\bword", "refused \\b: word boundaries are not in the shared subset");
        check("\\<word", "refused \\<: word boundaries are not in the shared subset");
        check("(?i)abc", "refused (?i): flags are not in the shared subset");
        check("(?i:abc)", "refused i: flags are not in the shared subset");
        check("\\p{L}+", "refused \\p{L}: Unicode classes are not in the shared subset");
        check("[a-z&&[^b]]", "refused a-z&&[^b]: set operations are not in the shared subset");
        check("[a[b]]", "refused [b]: brackets within brackets are not in the shared subset");
        check("[^\\D]", "refused \\D: a negated class within brackets is not in the shared subset");
        check(
            "a++",
            "refused +: repeats a repetition, which some engines read as another kind of quantifier",
        );
        check("a{1001}", "refused {1001}: RE2 repeats at most 1000 times");
    }

    #[test]
    fn lookaround_and_backreferences_are_named() {
        for (pattern, word) in [
            ("a(?=b)", "lookaround"),
            ("(?<=a)b", "lookaround"),
            ("(?!a)b", "lookaround"),
            ("(a)\\1", "backreferences"),
        ] {
            let fault = portable(pattern).unwrap_err();
            assert!(fault.label.starts_with(word), "{pattern}: {}", fault.label);
        }
    }

    #[test]
    fn the_empty_text_is_no_match() {
        for pattern in ["", "a*", ".*", "$", "(a|)", "a?", "^a*|b*"] {
            assert!(portable(pattern).unwrap_err().label.starts_with("matches the empty text"), "{pattern}");
        }
    }
}
