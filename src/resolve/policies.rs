//! Subscriptions, guardrails, masks and filters: each declaration becomes a policy.
//!
//! In: declarations by name. Out: policies in byte order of their names, which is the order of their ids.
//! Invariant: a policy with an error is left out; since an error fails the whole stage, no program ever lacks one.

use crate::diagnostic::{Code, Diagnostic};
use crate::ids::IdVec;
use crate::inventory::Instant;
use crate::ir::policy::AccessSet;
use crate::ir::{
    Applies, Combine, Filter, FilterId, Guardrail, GuardrailId, Mask, MaskId, PolicyHead, PolicyKind,
    Subscription, SubscriptionId, Window,
};
use crate::source::{Span, Spanned};
use crate::syntax::ast;

use super::Resolver;
use super::selectors::Owner;
use super::unknown::{Decides, Names, Use};

impl<'a> Resolver<'a> {
    /// The subscriptions, by name.
    pub(super) fn subscriptions(&mut self) -> IdVec<SubscriptionId, Subscription> {
        let declared: Vec<_> = self.declarations.subscriptions.values().copied().collect();
        let made = declared.into_iter().map(|(declaration, each)| {
            let owner = Owner { kind: PolicyKind::Subscription, name: &declaration.name.node };
            let head = self.head(declaration, each.from.as_ref(), each.until.as_ref());
            let on = self.securables(&each.on, owner);
            let to = self.condition(&each.to);
            self.check_use(&each.to, self.to(declaration, &each.on));
            let combine = match each.combine {
                ast::Combine::Any => Combine::Any,
                ast::Combine::All => Combine::All,
            };
            Some(Subscription { head, allow: access_set(each.allow.node), on, to: to?, combine })
        });
        made.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// The guardrails, by name.
    pub(super) fn guardrails(&mut self) -> IdVec<GuardrailId, Guardrail> {
        let declared: Vec<_> = self.declarations.guardrails.values().copied().collect();
        let made = declared.into_iter().map(|(declaration, each)| {
            let owner = Owner { kind: PolicyKind::Guardrail, name: &declaration.name.node };
            let head = self.head(declaration, each.from.as_ref(), each.until.as_ref());
            let on = self.securables(&each.on, owner);
            let to = self.condition(&each.to);
            self.check_use(&each.to, self.to(declaration, &each.on));
            Some(Guardrail { head, require: access_set(each.require.node), on, to: to? })
        });
        made.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// The masks, by name.
    pub(super) fn masks(&mut self) -> IdVec<MaskId, Mask> {
        let declared: Vec<_> = self.declarations.masks.values().copied().collect();
        let made = declared.into_iter().map(|(declaration, each)| {
            let owner = Owner { kind: PolicyKind::Mask, name: &declaration.name.node };
            let head = self.head(declaration, each.from.as_ref(), each.until.as_ref());
            let columns = self.columns(&each.on, owner);
            let method = self.method(&each.using, owner.name);
            if let Some(method) = &method {
                self.check_method(method, &columns.set, each.using.span, owner.name);
            }
            let used = Use {
                decides: Decides::WhoIsHidden,
                names: Names::Tables,
                policy: owner.name,
                on: each.on.span,
            };
            let when = match &each.when {
                Some(rows) => {
                    let tables = self.index.tables_of_columns(&self.inventory.catalog, &columns.set);
                    Some(self.rows(rows, &tables, used))
                }
                None => None,
            };
            let applies = self.applies(&each.applies, used);
            Some(Mask {
                head,
                columns: columns.set,
                depths: columns.depths,
                method: method?,
                when: match when {
                    Some(rows) => Some(rows?),
                    None => None,
                },
                when_words: each.when.as_ref().map(|rows| rows.node.to_string()),
                applies: applies?,
                priority: each.priority.node,
            })
        });
        made.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// The filters, by name.
    pub(super) fn filters(&mut self) -> IdVec<FilterId, Filter> {
        let declared: Vec<_> = self.declarations.filters.values().copied().collect();
        let made = declared.into_iter().map(|(declaration, each)| {
            let owner = Owner { kind: PolicyKind::Filter, name: &declaration.name.node };
            let head = self.head(declaration, each.from.as_ref(), each.until.as_ref());
            let tables = self.securables(&each.on, owner).tables;
            let used =
                Use { decides: Decides::WhoGets, names: Names::Tables, policy: owner.name, on: each.on.span };
            let rows = self.rows(&each.rows, &tables, used);
            let applies = self.applies(&each.applies, used);
            Some(Filter { head, tables, rows: rows?, applies: applies? })
        });
        made.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    /// Conditions that no policy names are read too: their mistakes are mistakes all the same.
    pub(super) fn check_unused_conditions(&mut self) {
        let declared: Vec<_> = self.declarations.conditions.values().copied().collect();
        let read: std::collections::BTreeSet<&str> = self.seen.iter().map(|(name, ..)| *name).collect();
        for (declaration, condition) in declared {
            let name = declaration.name.node.as_str();
            if !read.contains(name) {
                let on = declaration.name.span;
                let used = Use { decides: Decides::WhoGets, names: Names::Tables, policy: name, on };
                self.check_use(condition, used);
            }
        }
    }

    fn to(&self, declaration: &'a ast::Declaration, on: &Spanned<ast::Selector>) -> Use<'a> {
        let names = match on.node.kind.node {
            ast::SelectorKind::Tables | ast::SelectorKind::Columns => Names::Tables,
            ast::SelectorKind::Prefixes => Names::Prefixes,
            ast::SelectorKind::Everything => Names::Everything,
        };
        Use { decides: Decides::WhoGets, names, policy: &declaration.name.node, on: on.span }
    }

    fn applies(&mut self, applies: &'a ast::Applies, used: Use<'a>) -> Option<Applies> {
        match applies {
            ast::Applies::Everyone => Some(Applies::Everyone),
            ast::Applies::Except(condition) => {
                self.check_use(condition, Use { decides: Decides::WhoGets, ..used });
                self.condition(condition).map(Applies::Except)
            }
            ast::Applies::OnlyFor(condition) => {
                self.check_use(condition, Use { decides: Decides::WhoIsHidden, ..used });
                self.condition(condition).map(Applies::OnlyFor)
            }
        }
    }

    fn head(
        &mut self,
        declaration: &ast::Declaration,
        from: Option<&Spanned<jiff::civil::Date>>,
        until: Option<&Spanned<jiff::civil::Date>>,
    ) -> PolicyHead {
        let instant = |date: &Spanned<jiff::civil::Date>| Instant::of_date(date.node);
        let window = Window { from: from.map(instant), until: until.map(instant) };
        if let (true, Some(from), Some(until)) = (window.is_empty(), from, until) {
            self.report_empty_window(declaration, from.span, until.span);
        }
        PolicyHead {
            name: declaration.name.node.clone(),
            description: declaration.description.as_ref().map(|text| text.node.clone()),
            name_span: declaration.name.span,
            span: declaration.span,
            window,
        }
    }

    fn report_empty_window(&mut self, declaration: &ast::Declaration, from: Span, until: Span) {
        let name = &declaration.name.node;
        let kind = declaration.kind.kind().keyword();
        let diagnostic = Diagnostic::finding(Code::EmptyWindow, format!("{kind} `{name}` never holds"))
            .at(until, "ends before this day, so before it begins")
            .at(from, "begins here")
            .help("`until` is the first day on which it no longer holds");
        self.find(diagnostic, name, false);
    }
}

/// As the program has it.
pub(super) fn access_set(access: ast::AccessSet) -> AccessSet {
    AccessSet { read: access.contains(ast::Access::Read), write: access.contains(ast::Access::Write) }
}
