//! `{{ id | localpart | upper }}`: the text of an account template.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::inventory::integration::{AccountTemplate, TemplateFilter, TemplatePart};
use crate::source::Spanned;

const FILTERS: [(&str, TemplateFilter); 4] = [
    ("localpart", TemplateFilter::LocalPart),
    ("domain", TemplateFilter::Domain),
    ("upper", TemplateFilter::Upper),
    ("lower", TemplateFilter::Lower),
];

/// Reads a template. It must name the id: else everybody would share one account.
pub(super) fn read(written: &Spanned<&str>, out: &mut Diagnostics) -> Option<AccountTemplate> {
    let mut parts = Vec::new();
    let mut rest = written.node;
    let mut bad = |message: String, wrong: &str| {
        let names = FILTERS.map(|(name, _)| name);
        out.error(
            Diagnostic::error(Code::BadValue, message)
                .at(written.span, "")
                .did_you_mean(wrong, names)
                .help(format!("write `{{{{ id }}}}` with any of the filters: {}", names.join(", ")))
                .help("for example \"{{ id | localpart | upper }}\""),
        );
        None
    };
    while let Some((before, after)) = rest.split_once("{{") {
        if before.contains("}}") {
            return bad("a `}}` without `{{`".to_owned(), "");
        }
        if !before.is_empty() {
            parts.push(TemplatePart::Text(before.to_owned()));
        }
        let Some((inside, after)) = after.split_once("}}") else {
            return bad("a `{{` without `}}`".to_owned(), "");
        };
        let mut words = inside.split('|').map(str::trim);
        let name = words.next().unwrap_or_default();
        if name != "id" {
            return bad(format!("a template knows `id`, not `{name}`"), "");
        }
        let mut filters = Vec::new();
        for word in words {
            match FILTERS.iter().find(|(name, _)| *name == word) {
                Some((_, filter)) => filters.push(*filter),
                None => return bad(format!("unknown filter `{word}`"), word),
            }
        }
        parts.push(TemplatePart::Id(filters));
        rest = after;
    }
    if rest.contains("}}") {
        return bad("a `}}` without `{{`".to_owned(), "");
    }
    if !rest.is_empty() {
        parts.push(TemplatePart::Text(rest.to_owned()));
    }
    if !parts.iter().any(|part| matches!(part, TemplatePart::Id(_))) {
        return bad("a template without `{{ id }}` would give everybody the same account".to_owned(), "");
    }
    Some(AccountTemplate { parts })
}
