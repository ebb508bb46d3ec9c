//! Conditions: names of users, groups and conditions become ids, named conditions are inlined by id.
//!
//! In: `ast::Condition`s. Out: [`ConditionId`]s of one hash-consed table.
//! Invariant: a named condition is interned once, after those that it names; a cycle is reported with its loop.
//! Cost: one visit per node written; inlining costs nothing, because it is an id.

use std::collections::BTreeMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::Resolver;
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::inventory::{GroupId, Tag};
use crate::ir::{Condition, ConditionId, TagHolder};
use crate::source::{Span, Spanned};
use crate::syntax::ast;

/// How deep a condition may be with the conditions that it names, as deep as the language lets anyone nest.
const MAX_DEPTH: u32 = 200;

impl<'a> Resolver<'a> {
    /// Interns every named condition, those named by others first; reports cycles.
    pub(super) fn resolve_named_conditions(&mut self) {
        for component in self.components() {
            match component.as_slice() {
                [only] if !self.names_itself(only) => {
                    let declared = self.declarations.conditions.get(*only).map(|(_, condition)| *condition);
                    let id = declared.and_then(|condition| self.condition(condition));
                    self.named.insert(only, id);
                }
                several => {
                    self.report_cycle(several);
                    self.named.extend(several.iter().map(|name| (*name, None)));
                }
            }
        }
    }

    /// Conditions that name each other, in an order in which every other name comes before its use.
    fn components(&self) -> Vec<Vec<&'a str>> {
        let mut graph: DiGraph<&'a str, ()> = DiGraph::new();
        let nodes: BTreeMap<&'a str, NodeIndex> =
            self.declarations.conditions.keys().map(|name| (*name, graph.add_node(name))).collect();
        for (name, (_, condition)) in &self.declarations.conditions {
            for used in names_in(condition) {
                if let (Some(from), Some(to)) = (nodes.get(name), nodes.get(used.node.as_str())) {
                    graph.update_edge(*from, *to, ());
                }
            }
        }
        let names = |component: Vec<NodeIndex>| {
            let mut names: Vec<&'a str> =
                component.into_iter().filter_map(|node| graph.node_weight(node).copied()).collect();
            names.sort_unstable();
            names
        };
        kosaraju_scc(&graph).into_iter().map(names).collect()
    }

    fn names_itself(&self, name: &str) -> bool {
        self.declarations
            .conditions
            .get(name)
            .is_some_and(|(_, condition)| names_in(condition).iter().any(|used| used.node == name))
    }

    /// Shows one loop: from the first name along the first use that stays inside.
    fn report_cycle(&mut self, component: &[&'a str]) {
        let mut path: Vec<(&'a str, Span)> = Vec::new();
        let mut at = component.first().copied();
        while let Some(name) = at {
            if let Some(start) = path.iter().position(|(seen, _)| *seen == name) {
                path.drain(..start);
                break;
            }
            let next = self.declarations.conditions.get(name).and_then(|(_, condition)| {
                names_in(condition).into_iter().find(|used| component.contains(&used.node.as_str()))
            });
            if let Some(used) = next {
                path.push((name, used.span));
            }
            at = next.and_then(|used| component.iter().find(|each| **each == used.node).copied());
        }
        let Some((first, _)) = path.first().copied() else { return };
        let mut shown: Vec<String> = path.iter().map(|(name, _)| format!("`{name}`")).collect();
        shown.push(format!("`{first}`"));
        let mut diagnostic = Diagnostic::error(
            Code::ConditionCycle,
            format!("condition `{first}` needs itself: {}", shown.join(" → ")),
        );
        for (name, span) in &path {
            diagnostic = diagnostic.at(*span, format!("needed by `{name}`"));
        }
        self.diagnostics.error(diagnostic.help("say one of them without the others").policy(first));
    }

    /// The id of a condition; `None` after an error was said.
    pub(super) fn condition(&mut self, condition: &Spanned<ast::Condition>) -> Option<ConditionId> {
        self.condition_at(&condition.node, condition.span)
    }

    /// As [`Resolver::condition`], where the place is that of something around it.
    pub(super) fn condition_at(&mut self, condition: &ast::Condition, span: Span) -> Option<ConditionId> {
        let made = match condition {
            ast::Condition::Anyone => Condition::Anyone,
            ast::Condition::UserIs(ids) => {
                // Unknown users are a finding, told where polarity is known.
                let mut users: Vec<_> =
                    ids.iter().filter_map(|id| self.inventory.directory.user(&id.node)).collect();
                users.sort_unstable();
                users.dedup();
                Condition::Users(users)
            }
            ast::Condition::InGroup(group) => Condition::InAnyGroup(vec![self.group(group)?]),
            ast::Condition::InAnyOf(groups) => Condition::InAnyGroup(self.groups(groups)?),
            ast::Condition::InAllOf(groups) => match self.groups(groups)?.as_slice() {
                // One group is one condition, however it is written.
                [only] => Condition::InAnyGroup(vec![*only]),
                several => Condition::InAllGroups(several.to_vec()),
            },
            ast::Condition::HasAttribute(name) => Condition::HasAttribute(name.node.clone()),
            ast::Condition::Attribute { name, test } => return self.attribute(name, test, span),
            ast::Condition::AttributeCoversTags { attribute, under } => Condition::CoversTags {
                holder: TagHolder::Attribute(attribute.node.clone()),
                under: tag(&under.node),
            },
            ast::Condition::GroupsCoverTags { under } => {
                Condition::CoversTags { holder: TagHolder::Groups, under: tag(&under.node) }
            }
            ast::Condition::AttributeCoversName { attribute } => {
                Condition::CoversName(attribute.node.clone())
            }
            ast::Condition::Approved { by_group } => Condition::Approved(match by_group {
                Some(group) => Some(self.group(group)?),
                None => None,
            }),
            ast::Condition::Named(name) => return self.named_condition(name),
            ast::Condition::And(list) => Condition::And(self.members(list)?),
            ast::Condition::Or(list) => Condition::Or(self.members(list)?),
            ast::Condition::Not(inner) => Condition::Not(self.condition(inner)?),
        };
        self.intern(made, span)
    }

    fn members(&mut self, list: &[Spanned<ast::Condition>]) -> Option<Vec<ConditionId>> {
        // Every member is visited before the first failure counts: several errors per run.
        let ids: Vec<Option<ConditionId>> = list.iter().map(|each| self.condition(each)).collect();
        ids.into_iter().collect()
    }

    fn attribute(
        &mut self,
        name: &Spanned<String>,
        test: &ast::AttributeTest,
        span: Span,
    ) -> Option<ConditionId> {
        let (values, negated) = match test {
            ast::AttributeTest::Equals(value) => (std::slice::from_ref(value), false),
            ast::AttributeTest::NotEquals(value) => (std::slice::from_ref(value), true),
            ast::AttributeTest::In(values) => (values.as_slice(), false),
            ast::AttributeTest::NotIn(values) => (values.as_slice(), true),
        };
        let mut values: Vec<String> = values.iter().map(|value| value.node.clone()).collect();
        values.sort_unstable();
        values.dedup();
        let id = self.intern(Condition::AttributeIn(name.node.clone(), values), span)?;
        if negated { self.intern(Condition::Not(id), span) } else { Some(id) }
    }

    fn named_condition(&mut self, name: &Spanned<String>) -> Option<ConditionId> {
        match self.named.get(name.node.as_str()) {
            Some(id) => *id,
            None => {
                let written = name.node.as_str();
                let mut diagnostic =
                    Diagnostic::error(Code::UnknownCondition, format!("unknown condition `{written}`"))
                        .at(name.span, "no condition has this name")
                        .did_you_mean(written, self.declarations.conditions.keys().copied());
                if matches!(written, "everyone" | "everybody" | "all" | "any" | "public" | "users") {
                    diagnostic = diagnostic.help("write `anyone` for every user of the directory");
                } else if self.inventory.directory.group(written).is_some() {
                    diagnostic =
                        diagnostic.help(format!("write `user in group \"{written}\"` for the group"));
                } else if diagnostic.help.is_empty() {
                    diagnostic = diagnostic.help(format!("declare it: `condition {written} = …`"));
                }
                self.diagnostics.error(diagnostic);
                None
            }
        }
    }

    fn group(&mut self, name: &Spanned<String>) -> Option<GroupId> {
        let directory = &self.inventory.directory;
        let found = directory.group(&name.node);
        if found.is_none() {
            let known = directory.groups.values().map(|group| group.id.as_str());
            self.diagnostics.error(
                Diagnostic::error(Code::UnknownGroup, format!("unknown group `{}`", name.node))
                    .at(name.span, "not in the directory")
                    .did_you_mean(&name.node, known),
            );
        }
        found
    }

    fn groups(&mut self, names: &[Spanned<String>]) -> Option<Vec<GroupId>> {
        let ids: Vec<Option<GroupId>> = names.iter().map(|name| self.group(name)).collect();
        let mut ids = ids.into_iter().collect::<Option<Vec<GroupId>>>()?;
        ids.sort_unstable();
        ids.dedup();
        Some(ids)
    }

    /// Interns a node and refuses what names have made deeper than anyone may write.
    fn intern(&mut self, condition: Condition, span: Span) -> Option<ConditionId> {
        let id = self.conditions.intern(condition);
        if self.depths.len() <= id.raw() as usize {
            let depth = |id: &ConditionId| self.depths.get(id.raw() as usize).copied().unwrap_or(0);
            let below = match self.conditions.get(id) {
                Condition::And(list) | Condition::Or(list) => list.iter().map(depth).max().unwrap_or(0),
                Condition::Not(inner) => depth(inner),
                Condition::Anyone
                | Condition::Users(_)
                | Condition::InAnyGroup(_)
                | Condition::InAllGroups(_)
                | Condition::HasAttribute(_)
                | Condition::AttributeIn(..)
                | Condition::CoversTags { .. }
                | Condition::CoversName(_)
                | Condition::Approved(_) => 0,
            };
            self.depths.push(below + 1);
        }
        if self.depths.get(id.raw() as usize).is_some_and(|depth| *depth > MAX_DEPTH) {
            self.diagnostics.error(
                Diagnostic::error(
                    Code::TooDeep,
                    format!("with the conditions that it names, this nests deeper than {MAX_DEPTH}"),
                )
                .at(span, "from here down"),
            );
            return None;
        }
        Some(id)
    }
}

/// The names of conditions in a condition, from left to right.
pub(super) fn names_in(condition: &Spanned<ast::Condition>) -> Vec<&Spanned<String>> {
    let mut names = Vec::new();
    let mut open = vec![condition];
    while let Some(at) = open.pop() {
        match &at.node {
            ast::Condition::Named(name) => names.push(name),
            ast::Condition::And(list) | ast::Condition::Or(list) => open.extend(list.iter().rev()),
            ast::Condition::Not(inner) => open.push(inner),
            ast::Condition::Anyone
            | ast::Condition::UserIs(_)
            | ast::Condition::InGroup(_)
            | ast::Condition::InAnyOf(_)
            | ast::Condition::InAllOf(_)
            | ast::Condition::HasAttribute(_)
            | ast::Condition::Attribute { .. }
            | ast::Condition::AttributeCoversTags { .. }
            | ast::Condition::GroupsCoverTags { .. }
            | ast::Condition::AttributeCoversName { .. }
            | ast::Condition::Approved { .. } => {}
        }
    }
    names
}

/// The tag as the inventory knows tags.
pub(super) fn tag(tag: &ast::Tag) -> Tag {
    Tag { segments: tag.segments.clone() }
}
