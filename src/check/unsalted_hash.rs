//! Hashes that anybody can look up.
//!
//! In: masks and whether the project has a salt. Out: `unsalted-hash`, once per mask `using hash` without a salt.
//! Whoever can guess a value can hash it and compare: of addresses, phone and social security numbers every one is
//! soon guessed. Cost: one look per mask.

use super::facts::Facts;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::Method;

pub(super) fn run(facts: &Facts<'_>, salted: bool, diagnostics: &mut Diagnostics) {
    if salted {
        return;
    }
    for id in facts.meaning.active_masks() {
        let mask = &facts.program.masks[*id];
        if mask.method == Method::Hash && !mask.columns.is_empty() {
            diagnostics.push(
                Diagnostic::finding(
                    Code::UnsaltedHash,
                    format!("mask `{}` hashes without a salt", mask.head.name),
                )
                .at(mask.head.name_span, "whoever guesses a value can recognise its hash")
                .help("add `salt: env:NAME` to `grantc.yaml`, and keep the value secret")
                .policy(&mask.head.name),
            );
        }
    }
}
