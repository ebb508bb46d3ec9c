//! Mask patterns in the syntax that every engine reads alike.
//!
//! A pattern is parsed to its meaning and printed anew: classes as ranges, no flags, no escapes of our authors.
//! Refused where engines would match different stretches of text: patterns that match nothing at all (engines differ in
//! where), and, on engines that may take the longest match instead of the first, patterns where that is not the same.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::Dialect;

/// The portable text of a pattern, or why there is none.
pub fn portable(pattern: &str, dialect: Dialect) -> Result<String, String> {
    let hir = regex_syntax::ParserBuilder::new().utf8(true).build().parse(pattern).map_err(|error| {
        format!("the pattern does not parse: {}", error.to_string().lines().last().unwrap_or_default())
    })?;
    if hir.properties().minimum_len().is_none_or(|length| length == 0) {
        return Err("the pattern can match the empty text, which engines replace differently".to_owned());
    }
    if !dialect.leftmost_first() && !first_is_longest(&hir) {
        return Err(
            "the pattern has matches of several lengths, of which this engine may take another".to_owned()
        );
    }
    let mut out = String::new();
    write(&hir, dialect, &mut out)?;
    if out.len() > 4_096 {
        return Err("the pattern is too long once its classes are written out".to_owned());
    }
    Ok(out)
}

fn write(hir: &Hir, dialect: Dialect, out: &mut String) -> Result<(), String> {
    match hir.kind() {
        HirKind::Empty => Ok(()),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0)
                .map_err(|_| "the pattern matches bytes that are not text".to_owned())?;
            text.chars().for_each(|each| push_char(each, out));
            Ok(())
        }
        HirKind::Class(Class::Unicode(class)) => {
            // Written by what it leaves out where that is how its author thinks: no engine is asked about the last code point.
            let mut class = class.clone();
            out.push('[');
            if class.ranges().last().is_some_and(|range| range.end() == char::MAX) {
                class.negate();
                out.push('^');
                if class.iter().next().is_none() {
                    return Err("the pattern matches any character at all".to_owned());
                }
            }
            for range in class.iter() {
                push_class_char(range.start(), out);
                if range.start() != range.end() {
                    out.push('-');
                    push_class_char(range.end(), out);
                }
            }
            out.push(']');
            Ok(())
        }
        HirKind::Class(Class::Bytes(_)) => Err("the pattern matches bytes".to_owned()),
        HirKind::Look(Look::Start) => {
            out.push('^');
            Ok(())
        }
        HirKind::Look(Look::End) => {
            out.push_str(dialect.end_of_text());
            Ok(())
        }
        HirKind::Look(_) => Err("the pattern looks at lines or words".to_owned()),
        HirKind::Repetition(repetition) => {
            if !repetition.greedy {
                return Err("the pattern is lazy".to_owned());
            }
            out.push('(');
            write(&repetition.sub, dialect, out)?;
            out.push(')');
            match (repetition.min, repetition.max) {
                (0, None) => out.push('*'),
                (1, None) => out.push('+'),
                (0, Some(1)) => out.push('?'),
                (min, None) => out.push_str(&format!("{{{min},}}")),
                (min, Some(max)) if min == max => out.push_str(&format!("{{{min}}}")),
                (min, Some(max)) => out.push_str(&format!("{{{min},{max}}}")),
            }
            Ok(())
        }
        HirKind::Capture(capture) => {
            out.push('(');
            write(&capture.sub, dialect, out)?;
            out.push(')');
            Ok(())
        }
        HirKind::Concat(list) => list.iter().try_for_each(|each| write(each, dialect, out)),
        HirKind::Alternation(list) => {
            out.push('(');
            for (index, each) in list.iter().enumerate() {
                if index > 0 {
                    out.push('|');
                }
                write(each, dialect, out)?;
            }
            out.push(')');
            Ok(())
        }
    }
}

fn push_char(each: char, out: &mut String) {
    if "\\.+*?()|[]{}^$".contains(each) {
        out.push('[');
        push_class_char(each, out);
        out.push(']');
    } else {
        out.push(each);
    }
}

/// Inside brackets POSIX takes a backslash literally and others do not: what is special in either is escaped in both only by `\`.
fn push_class_char(each: char, out: &mut String) {
    if "\\]^-[&~".contains(each) {
        out.push('\\');
    }
    out.push(each);
}

/// Whether the first match that a backtracking engine finds is also the longest at its place: a sequence of characters,
/// classes and greedy repetitions of classes, where no repetition could give back what follows it needs.
fn first_is_longest(hir: &Hir) -> bool {
    let mut items = Vec::new();
    if !flatten(hir, &mut items) {
        return false;
    }
    items.iter().enumerate().all(|(index, (class, min, max))| {
        if Some(*min) == *max {
            return true;
        }
        for (next, next_min, _) in items.iter().skip(index + 1) {
            let mut both = class.clone();
            both.intersect(next);
            if both.iter().next().is_some() {
                return false;
            }
            if *next_min > 0 {
                break;
            }
        }
        true
    })
}

type Item = (regex_syntax::hir::ClassUnicode, u32, Option<u32>);

fn flatten(hir: &Hir, items: &mut Vec<Item>) -> bool {
    use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};
    match hir.kind() {
        HirKind::Empty | HirKind::Look(Look::Start | Look::End) => true,
        HirKind::Look(_) | HirKind::Alternation(_) | HirKind::Class(Class::Bytes(_)) => false,
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => {
                items.extend(
                    text.chars()
                        .map(|each| (ClassUnicode::new([ClassUnicodeRange::new(each, each)]), 1, Some(1))),
                );
                true
            }
            Err(_) => false,
        },
        HirKind::Class(Class::Unicode(class)) => {
            items.push((class.clone(), 1, Some(1)));
            true
        }
        HirKind::Repetition(repetition) => {
            let mut inner = Vec::new();
            if !repetition.greedy || !flatten(&repetition.sub, &mut inner) {
                return false;
            }
            match inner.as_slice() {
                [(class, 1, Some(1))] => {
                    items.push((class.clone(), repetition.min, repetition.max));
                    true
                }
                _ => false,
            }
        }
        HirKind::Capture(capture) => flatten(&capture.sub, items),
        HirKind::Concat(list) => list.iter().all(|each| flatten(each, items)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, dialect: Dialect, expected: Result<&str, &str>) {
        let got = portable(pattern, dialect);
        match expected {
            Ok(text) => assert_eq!(got.as_deref(), Ok(text), "{pattern}"),
            Err(part) => assert!(got.as_ref().is_err_and(|why| why.contains(part)), "{pattern}: {got:?}"),
        }
    }

    #[test]
    fn patterns_are_printed_from_their_meaning() {
        check("[0-9]", Dialect::Trino, Ok("[0-9]"));
        check("a.b", Dialect::Trino, Ok("a[^\n]b"));
        check("^[^@]+$", Dialect::Snowflake, Ok("^([^@])+$"));
        check("a$", Dialect::Trino, Ok("a\\z"));
        check("\\$", Dialect::Trino, Ok("[$]"));
        check("[0-9]{3}-[0-9]{2}", Dialect::Snowflake, Ok("([0-9]){3}-([0-9]){2}"));
        check("(?i)ab", Dialect::Trino, Ok("[Aa][Bb]"));
    }

    #[test]
    fn what_engines_read_differently_is_refused() {
        check("x*", Dialect::Trino, Err("empty"));
        check("a+?", Dialect::Trino, Err("lazy"));
        check("(a|ab)c", Dialect::Snowflake, Err("several lengths"));
        check("a?ab", Dialect::Snowflake, Err("several lengths"));
        check("[0-9]+[a-z]*@", Dialect::Snowflake, Ok("([0-9])+([a-z])*@"));
    }
}
