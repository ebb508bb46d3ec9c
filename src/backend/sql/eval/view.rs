//! Reads the query of a secure view, whoever wrote it.
//!
//! In: `SELECT expression AS name, … FROM table t [CROSS JOIN (flags of the current user) g] [WHERE condition]`. Out: each column's
//! expression and the condition as [`Body`]s over the table's own columns, and which entitlement each flag stands for.
//! Invariant: what is not of this shape is no [`View`]; then only the relations that it names are told.
//! Cost: linear in the text, within the bounds of [`super::read`].

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Function as Call, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, JoinOperator,
    Query, Select, SelectItem, SetExpr, TableAlias, TableFactor, TableWithJoins, visit_relations,
};

use super::collate::Rule;
use super::compile::Compiler;
use super::function::Function;
use super::node::Node;
use super::{Body, read};
use crate::backend::sql::Dialect;
use crate::ir::Operator;
use crate::ir::value::Value;

/// What a definition is.
#[derive(Clone, Debug)]
pub enum Reading {
    /// A view of our shape.
    View(View),
    /// Another query: every relation that it names, as the dialect reads them.
    Reads(Vec<Vec<String>>),
    /// No query that we can read.
    Unreadable,
}

/// A column of a row that is the session's: its qualifier and name.
pub type Given = (Vec<String>, String);

/// A view of our shape.
#[derive(Clone, Debug)]
pub struct View {
    /// The path of the table behind it.
    pub base: Vec<String>,
    /// Its columns. The table's own columns stand in them without a qualifier.
    pub columns: Vec<(String, Body)>,
    /// Which entitlement each flag stands for: 1 where the current user has a row under that name.
    pub flags: BTreeMap<Given, String>,
    /// The path of the table that flags are read from.
    pub entitlements: Option<Vec<String>>,
    /// What it keeps of the rows.
    pub filter: Option<Body>,
    /// The table's alias.
    alias: String,
}

impl View {
    /// Whether a qualifier means the row of the table.
    pub fn names_the_row(&self, qualifier: &[String]) -> bool {
        qualifier == std::slice::from_ref(&self.alias)
    }
}

/// Reads a definition, with or without `CREATE VIEW … AS`.
pub fn read(text: &str, dialect: Dialect) -> Reading {
    let compiler = Compiler { dialect };
    read::query(text, dialect, |query| {
        let relations = relations(&query, compiler);
        match compiler.view(*query) {
            Some(view) => Reading::View(view),
            None => relations.map_or(Reading::Unreadable, Reading::Reads),
        }
    })
    .unwrap_or(Reading::Unreadable)
}

/// Every relation that a query names; `None`: a name that we cannot read.
fn relations(query: &Query, compiler: Compiler) -> Option<Vec<Vec<String>>> {
    let mut found = Vec::new();
    let ended = visit_relations(query, |name| match compiler.path(name) {
        Some(path) => {
            found.push(path);
            ControlFlow::Continue(())
        }
        None => ControlFlow::Break(()),
    });
    ended.is_continue().then_some(found)
}

impl Compiler {
    fn view(self, query: Query) -> Option<View> {
        let select = plain_select(query)?;
        let [TableWithJoins { relation, joins }] = <[TableWithJoins; 1]>::try_from(select.from).ok()?;
        let (base, alias) = self.named(relation)?;
        let mut joins = joins.into_iter();
        let (flags, entitlements) = match joins.next() {
            None => (BTreeMap::new(), None),
            Some(join) if matches!(join.join_operator, JoinOperator::CrossJoin(_)) && !join.global => {
                let (flags, path) = self.flags(join.relation)?;
                (flags, Some(path))
            }
            Some(_) => return None,
        };
        if joins.next().is_some() || flags.keys().any(|(qualifier, _)| qualifier.contains(&alias)) {
            return None;
        }
        let row = std::slice::from_ref(&alias);
        let body = |expr: Expr| {
            let mut node = self.node(expr, 0);
            unqualify(&mut node, row);
            Body { node, dialect: self.dialect }
        };
        let columns = select
            .projection
            .into_iter()
            .map(|item| match item {
                SelectItem::ExprWithAlias { expr, alias } => Some((self.fold(&alias)?, body(expr))),
                SelectItem::UnnamedExpr(expr) => {
                    let name = match &expr {
                        Expr::Identifier(name) => self.fold(name)?,
                        Expr::CompoundIdentifier(parts) => self.fold(parts.last()?)?,
                        _ => return None,
                    };
                    Some((name, body(expr)))
                }
                _ => None,
            })
            .collect::<Option<Vec<_>>>()?;
        let filter = select.selection.map(body);
        Some(View { base, columns, flags, entitlements, filter, alias })
    }

    /// A table with an alias, and nothing more.
    fn named(self, relation: TableFactor) -> Option<(Vec<String>, String)> {
        let TableFactor::Table {
            name,
            alias: Some(TableAlias { name: alias, columns, .. }),
            args: None,
            with_hints,
            version: None,
            with_ordinality: false,
            partitions,
            json_path: None,
            sample: None,
            index_hints,
        } = relation
        else {
            return None;
        };
        let bare = with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty();
        (bare && columns.is_empty()).then_some(())?;
        Some((self.path(&name)?, self.fold(&alias)?))
    }

    /// `(SELECT MAX(CASE WHEN e.name = '…' THEN 1 ELSE 0 END) AS f1, … FROM table e WHERE e.account = <current user>) g`.
    fn flags(self, relation: TableFactor) -> Option<(BTreeMap<Given, String>, Vec<String>)> {
        let TableFactor::Derived {
            lateral: false,
            subquery,
            alias: Some(TableAlias { name, columns, .. }),
            sample: None,
        } = relation
        else {
            return None;
        };
        columns.is_empty().then_some(())?;
        let qualifier = self.fold(&name)?;
        let select = plain_select(*subquery)?;
        let [TableWithJoins { relation, joins }] = <[TableWithJoins; 1]>::try_from(select.from).ok()?;
        joins.is_empty().then_some(())?;
        let (path, alias) = self.named(relation)?;
        let own = |node: &Node, column: &str| match node {
            Node::Collate(inner, collation) if collation.rule == Rule::Binary => is(inner, &alias, column),
            node => is(node, &alias, column),
        };
        match self.node(select.selection?, 0) {
            Node::Compare(Operator::Equal, left, right) if own(&left, "account") && self.asks(&right) => {}
            _ => return None,
        }
        let mut flags = BTreeMap::new();
        for item in select.projection {
            let SelectItem::ExprWithAlias { expr, alias: shown } = item else { return None };
            let name = match self.node(flagged(expr)?, 0) {
                Node::Compare(Operator::Equal, left, right) if own(&left, "name") => match *right {
                    Node::Literal(Value::Text(name)) => name,
                    _ => return None,
                },
                _ => return None,
            };
            let given = (vec![qualifier.clone()], self.fold(&shown)?);
            flags.insert(given, name).is_none().then_some(())?;
        }
        Some((flags, path))
    }

    /// Whether a value is who asks. BigQuery's accounts are addresses, which go without case: their sessions ask in lower case.
    fn asks(self, node: &Node) -> bool {
        match node {
            Node::User => true,
            Node::Call(Function::Lower, of) => {
                self.dialect == Dialect::BigQuery && of.as_slice() == [Node::User]
            }
            _ => false,
        }
    }
}

fn is(node: &Node, alias: &str, column: &str) -> bool {
    matches!(node, Node::Column { qualifier, name } if qualifier.as_slice() == [alias] && name == column)
}

/// The condition of `MAX(CASE WHEN condition THEN 1 ELSE 0 END)`.
fn flagged(expr: Expr) -> Option<Expr> {
    let Expr::Function(Call {
        name,
        args: FunctionArguments::List(list),
        parameters: FunctionArguments::None,
        filter: None,
        over: None,
        null_treatment: None,
        within_group,
        uses_odbc_syntax: false,
    }) = expr
    else {
        return None;
    };
    let max = name.to_string().eq_ignore_ascii_case("max") && within_group.is_empty();
    (max && list.duplicate_treatment.is_none() && list.clauses.is_empty()).then_some(())?;
    let [
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Case {
            operand: None,
            conditions,
            else_result,
            ..
        })),
    ] = <[FunctionArg; 1]>::try_from(list.args).ok()?
    else {
        return None;
    };
    let [arm] = <[_; 1]>::try_from(conditions).ok()?;
    let number = |expr: &Expr, text: &str| expr.to_string() == text;
    (number(&arm.result, "1") && number(else_result.as_deref()?, "0")).then_some(arm.condition)
}

/// `SELECT … FROM … WHERE …` without any other clause.
fn plain_select(query: Query) -> Option<Select> {
    let Query {
        with: None,
        body,
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks,
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators,
    } = query
    else {
        return None;
    };
    let SetExpr::Select(select) = *body else { return None };
    let GroupByExpr::Expressions(groups, modifiers) = &select.group_by else { return None };
    let bare = locks.is_empty()
        && pipe_operators.is_empty()
        && select.distinct.is_none()
        && select.top.is_none()
        && select.exclude.is_none()
        && select.into.is_none()
        && select.lateral_views.is_empty()
        && select.prewhere.is_none()
        && select.connect_by.is_empty()
        && groups.is_empty()
        && modifiers.is_empty()
        && select.cluster_by.is_empty()
        && select.distribute_by.is_empty()
        && select.sort_by.is_empty()
        && select.having.is_none()
        && select.named_window.is_empty()
        && select.qualify.is_none()
        && select.value_table_mode.is_none();
    bare.then_some(*select)
}

/// The row's columns without their qualifier. Subqueries keep theirs: a name alone could be caught by their own tables.
fn unqualify(node: &mut Node, row: &[String]) {
    match node {
        Node::Column { qualifier, .. } => {
            if qualifier.as_slice() == row {
                qualifier.clear();
            }
        }
        Node::InRows { value, .. } => unqualify(value, row),
        Node::Exists(_)
        | Node::Literal(_)
        | Node::Today
        | Node::Now
        | Node::UtcNow
        | Node::NowDays
        | Node::User
        | Node::CurrentRole
        | Node::Unknown => {}
        other => other.children_mut(&mut |child| unqualify(child, row)),
    }
}
