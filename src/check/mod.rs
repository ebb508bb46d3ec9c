//! What a careful reader would ask of a program that is valid: one file per finding.
//!
//! In: a [`Program`]. Out: diagnostics; nothing is changed. Only `mask-tie` is an error.
//! Invariant: what is said, and in which order, depends on the program alone.
//! Cost: linear in policies × classes of securables, never users × securables.

mod accounts;
mod conflict;
mod expiry_widens;
mod facts;
mod mask_bypass;
mod mask_tie;
mod never_true;
mod over_privilege;
mod partition;
mod shadowed;
mod unsalted_hash;
mod vacuous;
mod words;

#[cfg(test)]
mod projects;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;

use facts::Facts;

use crate::diagnostic::Diagnostics;
use crate::ir::Program;

/// What the project says besides its policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether the project has a `salt`.
    pub salted: bool,
}

/// Looks for everything that this stage knows.
pub fn run(program: &Program, options: Options, diagnostics: &mut Diagnostics) {
    let facts = Facts::of(program);
    mask_tie::run(&facts, diagnostics);
    never_true::run(&facts, diagnostics);
    vacuous::run(&facts, diagnostics);
    conflict::run(&facts, diagnostics);
    shadowed::run(&facts, diagnostics);
    expiry_widens::run(&facts, diagnostics);
    mask_bypass::run(&facts, diagnostics);
    over_privilege::run(&facts, diagnostics);
    unsalted_hash::run(&facts, options.salted, diagnostics);
    accounts::run(&facts, diagnostics);
}
