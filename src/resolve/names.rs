//! Gathers the declarations of all files by kind and name.
//!
//! In: documents. Out: [`Declarations`], each kind in byte order of its names.
//! Invariant: what comes out does not depend on the order of files or of declarations within them.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{Place, SourceId, Sources, Spanned};
use crate::syntax::ast;

/// One kind of declaration by name.
type ByName<'a, T> = BTreeMap<&'a str, (&'a ast::Declaration, &'a T)>;

/// All declarations of a project.
#[derive(Default)]
pub(super) struct Declarations<'a> {
    pub(super) conditions: ByName<'a, Spanned<ast::Condition>>,
    pub(super) subscriptions: ByName<'a, ast::Subscription>,
    pub(super) guardrails: ByName<'a, ast::Guardrail>,
    pub(super) masks: ByName<'a, ast::Mask>,
    pub(super) filters: ByName<'a, ast::Filter>,
    pub(super) tests: ByName<'a, ast::Test>,
}

impl<'a> Declarations<'a> {
    /// Sorts the declarations by kind and name; of two with one name the first (by file, then place) stays.
    pub(super) fn gather(
        documents: &'a [(SourceId, ast::Document)],
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut ordered: Vec<&(SourceId, ast::Document)> = documents.iter().collect();
        ordered.sort_by_key(|(source, _)| (sources.name(Place::File(*source)), *source));
        let mut all = Declarations::default();
        for declaration in ordered.iter().flat_map(|(_, document)| &document.declarations) {
            let first = match &declaration.kind {
                ast::DeclarationKind::Condition(each) => insert(&mut all.conditions, declaration, each),
                ast::DeclarationKind::Subscription(each) => insert(&mut all.subscriptions, declaration, each),
                ast::DeclarationKind::Guardrail(each) => insert(&mut all.guardrails, declaration, each),
                ast::DeclarationKind::Mask(each) => insert(&mut all.masks, declaration, each),
                ast::DeclarationKind::Filter(each) => insert(&mut all.filters, declaration, each),
                ast::DeclarationKind::Test(each) => insert(&mut all.tests, declaration, each),
            };
            if let Some(first) = first {
                let (kind, name) = (declaration.kind.kind().keyword(), &declaration.name.node);
                diagnostics.error(
                    Diagnostic::error(Code::DuplicateName, format!("two {kind}s are named `{name}`"))
                        .at(declaration.name.span, "the second one")
                        .at(first.name.span, "the first one")
                        .help(format!(
                            "give one of them another name: a {kind}'s name is its own in the project"
                        )),
                );
            }
            report_mixed(declaration, diagnostics);
        }
        all
    }
}

/// The declaration that already has the name, if any.
fn insert<'a, T>(
    into: &mut ByName<'a, T>,
    declaration: &'a ast::Declaration,
    content: &'a T,
) -> Option<&'a ast::Declaration> {
    match into.get(declaration.name.node.as_str()) {
        Some((first, _)) => Some(first),
        None => {
            into.insert(&declaration.name.node, (declaration, content));
            None
        }
    }
}

fn report_mixed(declaration: &ast::Declaration, diagnostics: &mut Diagnostics) {
    for mixed in &declaration.mixed {
        diagnostics.push(
            Diagnostic::finding(Code::MixedAndOr, "`and` and `or` are mixed without parentheses")
                .at(*mixed, "`and` binds before `or` here")
                .help("put parentheses around what belongs together: `a or b and c` is read as `a or (b and c)`")
                .policy(&declaration.name.node),
        );
    }
}
