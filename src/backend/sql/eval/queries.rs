//! Subqueries over one table: `SELECT column FROM table [alias] WHERE …`.
//!
//! Invariant: a query with anything more (joins, groups, limits, aggregates) is not understood. Every field is named, so
//! that a clause which the parser learns breaks the build.

use sqlparser::ast::{
    GroupByExpr, Query, Select, SelectFlavor, SelectItem, SetExpr, TableAlias, TableFactor, TableWithJoins,
};

use super::compile::{Compiler, boxed};
use super::node::{Node, Source};
use crate::backend::sql::Dialect;

impl Compiler {
    /// The rows of a subquery, and its column, if it shows one.
    pub(super) fn rows_of(self, query: Query, depth: usize) -> Option<(Source, Option<Node>)> {
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
        if !locks.is_empty() || !pipe_operators.is_empty() {
            return None;
        }
        self.select(*select, depth)
    }

    fn select(self, select: Select, depth: usize) -> Option<(Source, Option<Node>)> {
        let Select {
            select_token: _,
            optimizer_hints,
            distinct: None,
            select_modifiers: None,
            top: None,
            top_before_distinct: _,
            projection,
            exclude: None,
            into: None,
            from,
            lateral_views,
            prewhere: None,
            selection,
            connect_by,
            group_by: GroupByExpr::Expressions(groups, modifiers),
            cluster_by,
            distribute_by,
            sort_by,
            having: None,
            named_window,
            qualify: None,
            window_before_qualify: _,
            value_table_mode: None,
            flavor: SelectFlavor::Standard,
        } = select
        else {
            return None;
        };
        let bare = optimizer_hints.is_empty()
            && lateral_views.is_empty()
            && connect_by.is_empty()
            && groups.is_empty()
            && modifiers.is_empty()
            && cluster_by.is_empty()
            && distribute_by.is_empty()
            && sort_by.is_empty()
            && named_window.is_empty();
        let [table] = <[TableWithJoins; 1]>::try_from(from).ok()?;
        if !bare || !table.joins.is_empty() {
            return None;
        }
        let (table, alias) = self.relation(table.relation)?;
        let [item] = <[SelectItem; 1]>::try_from(projection).ok()?;
        let shown = match item {
            SelectItem::UnnamedExpr(expr) => {
                let shown = self.node(expr, depth + 1);
                // An aggregate would give a row where there is none: it is among what we do not know.
                let mut known = true;
                shown.visit(&mut |node| known &= *node != Node::Unknown);
                known.then_some(())?;
                Some(shown)
            }
            SelectItem::Wildcard(_) => None,
            _ => return None,
        };
        let filter = selection.map(|filter| boxed(self.node(filter, depth + 1)));
        Some((Source { table, alias, filter }, shown))
    }

    fn relation(self, relation: TableFactor) -> Option<(Vec<String>, Option<String>)> {
        let TableFactor::Table {
            name,
            alias,
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
        if !with_hints.is_empty() || !partitions.is_empty() || !index_hints.is_empty() {
            return None;
        }
        let alias = match alias {
            None => None,
            Some(TableAlias { explicit: _, name, columns, at: None }) if columns.is_empty() => {
                Some(self.fold(&name)?)
            }
            Some(_) => return None,
        };
        let path = self.path(&name)?;
        // GoogleSQL's alias without one, which goes by no case as tables do.
        let alias = match self.dialect {
            Dialect::BigQuery => alias.or_else(|| self.dialect.stored(path.last()?, None)),
            Dialect::Snowflake
            | Dialect::Databricks
            | Dialect::Trino
            | Dialect::Redshift
            | Dialect::Synapse => alias,
        };
        Some((path, alias))
    }
}
