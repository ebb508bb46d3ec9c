//! Evaluates [`Node`]s for one session and one row, of which perhaps nothing is known.
//!
//! Invariant: an answer other than unknown holds for every row and platform setting that agrees with what is given.
//! Cost: each node once per row of the subqueries around it, at most [`MAX_STEPS`](super::MAX_STEPS) in all.

use std::cell::Cell;

use super::function::{Function, Pattern};
use super::node::Node;
use super::scope::Scope;
use super::truth::Truth;
use super::types::Target;
use super::{MAX_STEPS, Partial, Session, cast, collate, scalar, texts};
use crate::backend::sql::Dialect;
use crate::ir::Operator;
use crate::ir::value::{Decimal, Value};

/// One evaluation.
pub(super) struct Run<'a> {
    pub(super) session: &'a dyn Session,
    pub(super) cell: &'a dyn Fn(&str) -> Partial,
    pub(super) dialect: Dialect,
    /// Whether held roles may as well not be active.
    droppable: bool,
    steps: Cell<u64>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        session: &'a dyn Session,
        cell: &'a dyn Fn(&str) -> Partial,
        dialect: Dialect,
        droppable: bool,
    ) -> Run<'a> {
        Run { session, cell, dialect, droppable, steps: Cell::new(0) }
    }

    /// Counts a step; past the last, nothing is known.
    pub(super) fn exhausted(&self) -> bool {
        self.steps.set(self.steps.get() + 1);
        self.steps.get() > MAX_STEPS
    }

    /// The value of a node.
    pub(super) fn value(&self, node: &Node, scope: Option<&Scope<'_>>) -> Partial {
        if node.is_condition() {
            return self.truth(node, scope).partial();
        }
        if self.exhausted() {
            return Partial::Unknown;
        }
        // Only calls here: what an arm keeps on the stack, every level of the tree would pay for.
        match node {
            Node::Case { .. } => self.case(node, scope),
            Node::Coalesce(list) => self.coalesce(list, scope),
            Node::NullIf(left, right) => self.null_if(left, right, scope),
            Node::Cast { from, to } => self.cast(from, *to, scope),
            Node::Collate(text, _) => self.value(text, scope),
            Node::Call(function, args) => self.call(*function, args, scope),
            Node::Replace { text, pattern, with } => self.replace(text, pattern, with, scope),
            leaf => self.leaf(leaf, scope),
        }
    }

    fn leaf(&self, node: &Node, scope: Option<&Scope<'_>>) -> Partial {
        match node {
            Node::Literal(value) => Partial::Value(value.clone()),
            Node::Column { qualifier, name } => self.column(qualifier, name, scope),
            Node::Today => known(self.session.today().map(Value::Date)),
            Node::User => known(self.session.current_user().map(|user| Value::Text(user.to_owned()))),
            _ => Partial::Unknown,
        }
    }

    fn cast(&self, from: &Node, to: Target, scope: Option<&Scope<'_>>) -> Partial {
        match self.value(from, scope) {
            Partial::Value(value) if self.cast_asks(from, &value, to) => Partial::Unknown,
            Partial::Value(value) => known(cast::cast(value, to, self.dialect)),
            // A cast column is still the column: at most shortened, never made into something else.
            column @ Partial::Column(_) => column,
            Partial::Unknown => Partial::Unknown,
        }
    }

    fn call(&self, function: Function, args: &[Node], scope: Option<&Scope<'_>>) -> Partial {
        let values: Vec<Partial> = args.iter().map(|arg| self.value(arg, scope)).collect();
        self.strict(values, |values| match values {
            [Value::Timestamp(_), ..] if self.call_asks(function, args) => None,
            values => scalar::apply(function, values, self.dialect),
        })
    }

    fn replace(&self, text: &Node, pattern: &Pattern, with: &str, scope: Option<&Scope<'_>>) -> Partial {
        let known = match self.value(text, scope) {
            // A column's collation could make it match without case.
            Partial::Value(Value::Text(_)) if !collate::replaces_exactly(text, self.dialect) => {
                Partial::Unknown
            }
            known => known,
        };
        self.strict(vec![known], |values| texts::replace(values, pattern, with))
    }

    /// A function of known values; NULL among them gives NULL, whatever the others are.
    fn strict(&self, args: Vec<Partial>, apply: impl FnOnce(&[Value]) -> Option<Value>) -> Partial {
        if args.contains(&Partial::Value(Value::Null)) {
            return Partial::Value(Value::Null);
        }
        let values: Option<Vec<Value>> = args
            .into_iter()
            .map(|arg| match arg {
                Partial::Value(value) => Some(value),
                Partial::Column(_) | Partial::Unknown => None,
            })
            .collect();
        known(values.and_then(|values| apply(&values)))
    }

    /// The truth of a node that stands as a condition.
    pub(super) fn truth(&self, node: &Node, scope: Option<&Scope<'_>>) -> Truth {
        if self.exhausted() {
            return Truth::ANY;
        }
        match node {
            Node::And(list) => self.all(list, scope),
            Node::Or(list) => self.any(list, scope),
            Node::Not(inner) => self.truth(inner, scope).not(),
            Node::Is(inner, wanted) => self.truth(inner, scope).is(Truth::known(*wanted)),
            Node::IsNull(inner) => self.is_null(inner, scope),
            Node::Compare(operator, left, right) => self.compare(*operator, left, right, scope),
            Node::Distinct(left, right) => self.distinct(left, right, scope),
            Node::In(value, list) => self.in_list(value, list, scope),
            Node::Between(value, low, high) => self.between(value, low, high, scope),
            Node::Like { text, pattern, escape } => self.like(text, pattern, escape.as_deref(), scope),
            Node::Role(name) => self.role(name, scope),
            Node::Group(name) => self.group(name, scope),
            Node::Exists(source) => self.exists(source, scope),
            Node::InRows { value, source, shown } => self.in_rows(value, source, shown, scope),
            Node::Case { .. } => self.case_truth(node, scope),
            Node::Coalesce(list) => self.coalesce_truth(list, scope),
            _ => self.truth_of_value(node, scope),
        }
    }

    fn truth_of_value(&self, node: &Node, scope: Option<&Scope<'_>>) -> Truth {
        Truth::of(&self.value(node, scope))
    }

    fn distinct(&self, left: &Node, right: &Node, scope: Option<&Scope<'_>>) -> Truth {
        let (one, other) = (self.value(left, scope), self.value(right, scope));
        match (&one, &other) {
            (Partial::Value(Value::Text(_)), Partial::Value(Value::Text(_))) => {
                let equal = self.related(Operator::Equal, (left, &one), (right, &other));
                equal.not_null().unwrap_or(Truth::EITHER).not()
            }
            _ if self.comparison_asks((left, &one), (right, &other)) => Truth::EITHER,
            _ => Truth::distinct(&one, &other),
        }
    }

    /// A comparison of two nodes whose values are these.
    pub(super) fn related(
        &self,
        operator: Operator,
        left: (&Node, &Partial),
        right: (&Node, &Partial),
    ) -> Truth {
        if self.comparison_asks(left, right) {
            return Truth::ANY;
        }
        match (left.1, right.1) {
            // A `bit` is a number.
            (Partial::Value(Value::Boolean(_)), Partial::Value(Value::Number(_)))
            | (Partial::Value(Value::Number(_)), Partial::Value(Value::Boolean(_)))
                if self.dialect == Dialect::Synapse =>
            {
                Truth::compare(operator, &as_number(left.1), &as_number(right.1))
            }
            _ => collate::compare(operator, left, right, self.dialect),
        }
    }

    fn all(&self, list: &[Node], scope: Option<&Scope<'_>>) -> Truth {
        let mut truth = Truth::TRUE;
        for each in list {
            truth = truth.and(self.truth(each, scope));
            if truth == Truth::FALSE {
                break;
            }
        }
        truth
    }

    fn any(&self, list: &[Node], scope: Option<&Scope<'_>>) -> Truth {
        let mut truth = Truth::FALSE;
        for each in list {
            truth = truth.or(self.truth(each, scope));
            if truth == Truth::TRUE {
                break;
            }
        }
        truth
    }

    fn is_null(&self, inner: &Node, scope: Option<&Scope<'_>>) -> Truth {
        if inner.is_boolean() {
            return self.truth(inner, scope).is(Truth::NULL);
        }
        match self.value(inner, scope) {
            Partial::Value(value) => Truth::known(value == Value::Null),
            Partial::Column(_) | Partial::Unknown => Truth::EITHER,
        }
    }

    fn compare(&self, operator: Operator, left: &Node, right: &Node, scope: Option<&Scope<'_>>) -> Truth {
        // The primary role is one that the session can have, or none of them.
        let role = match (left, right) {
            (Node::CurrentRole, name) | (name, Node::CurrentRole) => Some(name),
            _ => None,
        };
        if let (Some(name), Operator::Equal | Operator::NotEqual) = (role, operator) {
            return match self.value(name, scope) {
                Partial::Value(Value::Text(name)) if self.session.is_role(&name) == Some(false) => {
                    // No role at all compares as NULL.
                    Truth::known(operator == Operator::NotEqual).union(Truth::NULL)
                }
                _ => Truth::ANY,
            };
        }
        self.related(operator, (left, &self.value(left, scope)), (right, &self.value(right, scope)))
    }

    fn equal(&self, left: &Node, known: &Partial, right: &Node, scope: Option<&Scope<'_>>) -> Truth {
        if *left == Node::CurrentRole {
            return self.compare(Operator::Equal, left, right, scope);
        }
        self.related(Operator::Equal, (left, known), (right, &self.value(right, scope)))
    }

    fn in_list(&self, value: &Node, list: &[Node], scope: Option<&Scope<'_>>) -> Truth {
        let known = self.value(value, scope);
        let mut truth = Truth::FALSE;
        for each in list {
            truth = truth.or(self.equal(value, &known, each, scope));
            if truth.is_true() {
                break;
            }
        }
        truth
    }

    fn between(&self, value: &Node, low: &Node, high: &Node, scope: Option<&Scope<'_>>) -> Truth {
        let known = self.value(value, scope);
        let than = |operator, bound: &Node| {
            self.related(operator, (value, &known), (bound, &self.value(bound, scope)))
        };
        than(Operator::GreaterOrEqual, low).and(than(Operator::LessOrEqual, high))
    }

    fn like(&self, text: &Node, pattern: &Node, escape: Option<&Node>, scope: Option<&Scope<'_>>) -> Truth {
        if !collate::matches_exactly(text, pattern, self.dialect) {
            return Truth::ANY;
        }
        let mut args = vec![self.value(text, scope), self.value(pattern, scope)];
        args.extend(escape.map(|escape| self.value(escape, scope)));
        match self.strict(args, |values| texts::like(values, self.dialect)) {
            Partial::Value(value) => Truth::of(&Partial::Value(value)),
            Partial::Column(_) | Partial::Unknown => Truth::ANY,
        }
    }

    fn role(&self, name: &Node, scope: Option<&Scope<'_>>) -> Truth {
        let Partial::Value(Value::Text(name)) = self.value(name, scope) else { return Truth::ANY };
        match self.session.is_role(&name) {
            Some(false) => Truth::FALSE,
            Some(true) if self.droppable => Truth::EITHER,
            Some(true) => Truth::TRUE,
            None => Truth::EITHER,
        }
    }

    fn group(&self, name: &Node, scope: Option<&Scope<'_>>) -> Truth {
        match self.value(name, scope) {
            Partial::Value(Value::Text(name)) => match (self.session.has_group(&name), self.dialect) {
                // NULL for a role that there is not, or that the user may not see.
                (Some(false), Dialect::Synapse) => Truth::FALSE.union(Truth::NULL),
                (None, Dialect::Synapse) => Truth::ANY,
                (held, _) => held.map_or(Truth::EITHER, Truth::known),
            },
            Partial::Value(Value::Null) if self.dialect == Dialect::Trino => Truth::NULL,
            _ => Truth::ANY,
        }
    }

    /// The truth of an arm's condition.
    pub(super) fn arm(
        &self,
        operand: Option<(&Node, &Partial)>,
        condition: &Node,
        scope: Option<&Scope<'_>>,
    ) -> Truth {
        match operand {
            Some((operand, known)) => self.equal(operand, known, condition, scope),
            None => self.truth(condition, scope),
        }
    }

    /// The results that a CASE can come to.
    fn reachable<'n>(&self, case: &'n Node, scope: Option<&Scope<'_>>) -> Vec<&'n Node> {
        let Node::Case { operand, arms, otherwise } = case else { return Vec::new() };
        let known = operand.as_deref().map(|operand| (operand, self.value(operand, scope)));
        let mut reachable = Vec::new();
        for (condition, result) in arms {
            let truth = self.arm(known.as_ref().map(|(node, value)| (*node, value)), condition, scope);
            if truth.may_be_true() {
                reachable.push(result);
            }
            if truth.is_true() {
                return reachable;
            }
        }
        reachable.push(otherwise.as_ref());
        reachable
    }

    fn case(&self, case: &Node, scope: Option<&Scope<'_>>) -> Partial {
        let mut results = self.reachable(case, scope).into_iter();
        let first = results.next().map_or(Partial::Unknown, |first| self.value(first, scope));
        // Stops at the first that differs.
        let same = first != Partial::Unknown && results.all(|next| self.value(next, scope) == first);
        if same { first } else { Partial::Unknown }
    }

    fn case_truth(&self, case: &Node, scope: Option<&Scope<'_>>) -> Truth {
        let truths = self.reachable(case, scope).into_iter().map(|result| self.truth(result, scope));
        truths.reduce(Truth::union).unwrap_or(Truth::ANY)
    }

    fn coalesce(&self, list: &[Node], scope: Option<&Scope<'_>>) -> Partial {
        if list.iter().any(Node::is_boolean) {
            return self.coalesce_truth(list, scope).partial();
        }
        for each in list {
            match self.value(each, scope) {
                Partial::Value(Value::Null) => {}
                // The last may be NULL: then so is the whole.
                Partial::Column(name) if std::ptr::eq(each, list.last().unwrap_or(each)) => {
                    return Partial::Column(name);
                }
                Partial::Column(_) => return Partial::Unknown,
                other => return other,
            }
        }
        Partial::Value(Value::Null)
    }

    fn coalesce_truth(&self, list: &[Node], scope: Option<&Scope<'_>>) -> Truth {
        let mut so_far: Option<Truth> = None;
        for each in list {
            let truth = self.truth(each, scope);
            so_far = match (so_far, truth.not_null()) {
                (Some(left), Some(right)) => Some(left.union(right)),
                (left, right) => left.or(right),
            };
            if !truth.may_be_null() {
                return so_far.unwrap_or(Truth::ANY);
            }
        }
        so_far.map_or(Truth::NULL, |truth| truth.union(Truth::NULL))
    }

    fn null_if(&self, left: &Node, right: &Node, scope: Option<&Scope<'_>>) -> Partial {
        let value = self.value(left, scope);
        let equal = self.equal(left, &value, right, scope);
        if equal.is_true() {
            Partial::Value(Value::Null)
        } else if equal.may_be_true() && value != Partial::Value(Value::Null) {
            Partial::Unknown
        } else {
            value
        }
    }
}

/// A value, or that we do not know it.
pub(super) fn known(value: Option<Value>) -> Partial {
    value.map_or(Partial::Unknown, Partial::Value)
}

fn as_number(value: &Partial) -> Partial {
    match value {
        Partial::Value(Value::Boolean(value)) => {
            Partial::Value(Value::Number(Decimal::whole(i64::from(*value))))
        }
        other => other.clone(),
    }
}
