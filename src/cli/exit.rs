//! Exit codes: the same everywhere, so that scripts can tell "changes are due" from "this went wrong".

use crate::diagnostic::{Diagnostic, Severity};

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[must_use]
pub enum ExitCode {
    /// Done; in sync.
    Ok = 0,
    /// An error in the input or of the tool.
    Error = 1,
    /// Changes are due (`plan`, `drift`).
    Changes = 2,
    /// Findings: `check`, `test`, `fmt --check`, a `--deny-…` gate, an unaccepted finding that opens.
    Findings = 3,
    /// Partly applied, or a read-back mismatch.
    Partial = 4,
    /// A stale plan, or refused by a guard.
    Stale = 5,
    /// The command line cannot be understood.
    Usage = 64,
}

impl ExitCode {
    /// The number that the process ends with.
    pub fn number(self) -> u8 {
        self as u8
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        std::process::ExitCode::from(code.number())
    }
}

/// What a command does about findings. Errors stop all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// `check`: every finding counts.
    Check,
    /// `explain`, `who-can`, `test`: answers in spite of findings.
    Answer,
    /// `compile`, `plan`, `apply`: stopped by findings that open.
    Build,
}

impl Gate {
    /// The code that diagnostics alone lead to. Pass what has not been accepted.
    pub fn verdict<'a>(self, unaccepted: impl IntoIterator<Item = &'a Diagnostic>) -> ExitCode {
        let mut verdict = ExitCode::Ok;
        for each in unaccepted {
            match (each.severity, self) {
                (Severity::Error, _) => return ExitCode::Error,
                (Severity::Finding, Gate::Check) => verdict = ExitCode::Findings,
                (Severity::Finding, Gate::Build) if each.opens => verdict = ExitCode::Findings,
                (Severity::Finding, Gate::Build | Gate::Answer) => {}
            }
        }
        verdict
    }
}

/// The table that `--help` and the manual print.
pub const TABLE: &str = "\
Exit codes:
  0   done, in sync
  1   an error in the input or of the tool
  2   changes are due (plan, drift)
  3   findings (check, test, fmt --check, --deny-…, an unaccepted finding that opens)
  4   partly applied, or a read-back mismatch
  5   a stale plan, or refused by a guard
  64  the command line cannot be understood";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn each_gate_stops_at_what_it_should() {
        let error = Diagnostic::error(Code::Syntax, "x");
        let finding = Diagnostic::finding(Code::UnknownTag, "x");
        let opening = Diagnostic::finding(Code::UnknownTag, "x").opens();
        let check = |gate: Gate, list: &[&Diagnostic], expected: ExitCode| {
            assert_eq!(gate.verdict(list.iter().copied()), expected, "{gate:?} {list:?}");
        };
        for gate in [Gate::Check, Gate::Answer, Gate::Build] {
            check(gate, &[], ExitCode::Ok);
            check(gate, &[&opening, &error], ExitCode::Error);
        }
        check(Gate::Check, &[&finding], ExitCode::Findings);
        check(Gate::Answer, &[&finding, &opening], ExitCode::Ok);
        check(Gate::Build, &[&finding], ExitCode::Ok);
        check(Gate::Build, &[&opening, &finding], ExitCode::Findings);
    }
}
