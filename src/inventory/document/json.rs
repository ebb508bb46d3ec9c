//! Strict JSON (RFC 8259) to [`Node`]s: no comments, no trailing commas, no single quotes.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::{MAX_DEPTH, Node, Scalar, ScalarKind, Value, refuse_duplicate_keys, too_deep};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, Spanned};

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(super) fn read(source: SourceId, text: &str, out: &mut Diagnostics) -> Option<Node> {
    let parsed = match parse_to_ast(text, &CollectOptions::default(), &STRICT) {
        Ok(parsed) => parsed,
        Err(error) => {
            let range = error.range();
            let said = error.kind().to_string();
            let mut initial = said.chars();
            let said: String =
                initial.next().into_iter().flat_map(char::to_lowercase).chain(initial).collect();
            out.error(
                Diagnostic::error(Code::BadFile, "this is not JSON")
                    .at(source.span(range.start, range.end), said)
                    .help(
                        "JSON takes no comments, no trailing commas and double quotes only; YAML is read too",
                    ),
            );
            return None;
        }
    };
    let Some(value) = parsed.value else {
        out.error(
            Diagnostic::error(Code::BadFile, "this file is empty")
                .at(source.whole(), "")
                .help("write {} for no content"),
        );
        return None;
    };
    convert(source, value, 0, out)
}

fn convert(source: SourceId, value: ast::Value<'_>, depth: usize, out: &mut Diagnostics) -> Option<Node> {
    let span = source.span(value.start(), value.end());
    if depth > MAX_DEPTH {
        too_deep(span, out);
        return None;
    }
    let scalar = |text: String, kind| Value::Scalar(Scalar { text, kind });
    let value = match value {
        ast::Value::StringLit(text) => scalar(text.value.into_owned(), ScalarKind::Text),
        ast::Value::NumberLit(number) => scalar(number.value.to_owned(), ScalarKind::Number),
        ast::Value::BooleanLit(boolean) => scalar(boolean.value.to_string(), ScalarKind::Boolean),
        ast::Value::NullKeyword(_) => scalar("null".to_owned(), ScalarKind::Null),
        ast::Value::Array(array) => {
            let mut items = Vec::with_capacity(array.elements.len());
            for element in array.elements {
                items.push(convert(source, element, depth + 1, out)?);
            }
            Value::List(items)
        }
        ast::Value::Object(object) => {
            let mut entries = Vec::with_capacity(object.properties.len());
            for property in object.properties {
                let at = match &property.name {
                    ast::ObjectPropName::String(name) => name.range,
                    ast::ObjectPropName::Word(name) => name.range,
                };
                let key = Spanned::new(property.name.into_string(), source.span(at.start, at.end));
                entries.push((key, convert(source, property.value, depth + 1, out)?));
            }
            Value::Map(refuse_duplicate_keys(entries, out))
        }
    };
    Some(Node { span, value })
}
