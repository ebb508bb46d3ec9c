//! Two masks that are left for a user's cell, with equal right: an error that shows both.
//!
//! In: the masks on each class of columns. Out: `mask-tie`, once per pair of masks.
//! Left are those of one rank that no higher-ranked mask without `when` hides; each `when` is taken as free to be true
//! or false. Equal methods never tie. Cost: per class of columns, the pairs of masks of one rank.

use std::collections::BTreeMap;

use super::facts::Facts;
use super::words::{counted, first_user};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::inventory::ColumnId;
use crate::inventory::directory::UserSet;
use crate::ir::MaskId;

struct Tie {
    columns: u64,
    example: ColumnId,
    users: UserSet,
}

pub(super) fn run(facts: &Facts<'_>, diagnostics: &mut Diagnostics) {
    let program = facts.program;
    let mut ties: BTreeMap<(MaskId, MaskId), Tie> = BTreeMap::new();
    for class in &facts.columns {
        let mut left = facts.meaning.everyone().clone();
        for rank in class.masks.chunk_by(|one, other| one.rank == other.rank) {
            for (index, one) in rank.iter().enumerate() {
                for other in rank.iter().skip(index + 1) {
                    if program.masks[one.mask].method == program.masks[other.mask].method {
                        continue;
                    }
                    let users = &left & &one.users & &other.users;
                    if users.is_empty() {
                        continue;
                    }
                    // Both orders are one pair: within a rank, masks stand in the order of their ids.
                    let tie = ties.entry((one.mask, other.mask)).or_insert_with(|| Tie {
                        columns: 0,
                        example: class.sample,
                        users: UserSet::new(),
                    });
                    tie.columns += class.columns.len();
                    tie.users |= users;
                }
            }
            for each in rank.iter().filter(|each| program.masks[each.mask].when.is_none()) {
                left -= &each.users;
            }
        }
    }
    for ((one, other), tie) in ties {
        let (one, other) = (&program.masks[one], &program.masks[other]);
        let column = program.inventory.catalog.shown_column(tie.example);
        let user = first_user(program, &tie.users);
        let mut diagnostic = Diagnostic::error(
            Code::MaskTie,
            format!(
                "masks `{}` and `{}` both apply to `{column}` for `{user}`, with equal right",
                one.head.name, other.head.name
            ),
        )
        .at(other.head.name_span, format!("shows `{}`", other.method.words()))
        .at(one.head.name_span, format!("shows `{}`", one.method.words()))
        .policy(&other.head.name);
        if tie.columns > 1 || tie.users.len() > 1 {
            let (columns, users) = (counted(tie.columns, "column"), counted(tie.users.len(), "user"));
            diagnostic = diagnostic.note(format!("so it is for {columns} and {users}"));
        }
        let above = one.priority.max(other.priority).saturating_add(1);
        diagnostics.error(diagnostic.help(format!("write `priority {above}` in the one that must win")));
    }
}
