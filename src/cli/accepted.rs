//! Findings that somebody accepted: on the command line by code, in `grantc.yaml` with a reason.
//!
//! In: both lists. Out: for a finding, why it does not stop the run. Invariant: errors are never accepted.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::inventory::project::Accept;

/// What has been accepted for this run.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    codes: Vec<Code>,
    project: Vec<Accept>,
}

impl Accepted {
    /// Of `--accept CODE …` and the project's list.
    pub fn new(codes: &[Code], project: &[Accept]) -> Self {
        Self { codes: codes.to_vec(), project: project.to_vec() }
    }

    /// Why a finding is accepted, if it is.
    pub fn reason(&self, diagnostic: &Diagnostic) -> Option<&str> {
        if diagnostic.severity == Severity::Error {
            return None;
        }
        let listed = self.project.iter().find(|accept| {
            accept.code == diagnostic.code.name()
                && accept.policy.as_ref().is_none_or(|policy| diagnostic.policy.as_ref() == Some(policy))
        });
        let on_line = self.codes.contains(&diagnostic.code).then_some("on the command line");
        listed.map(|accept| accept.reason.as_str()).or(on_line)
    }

    /// What still counts.
    pub fn unaccepted<'a>(&'a self, diagnostics: &'a Diagnostics) -> impl Iterator<Item = &'a Diagnostic> {
        diagnostics.iter().filter(|each| self.reason(each).is_none())
    }
}

/// Reads the CODE of `--accept`.
pub fn parse_code(text: &str) -> Result<Code, String> {
    Code::named(text).ok_or_else(|| {
        match crate::diagnostic::nearest(text, Code::ALL.iter().map(|code| code.name())) {
            Some(near) => format!("no code has this name; did you mean `{near}`?"),
            None => "no code has this name; `grantc explain-code --list` prints them".to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acceptance_is_by_code_and_policy_and_never_of_errors() {
        let accept = |policy: Option<&str>| Accept {
            code: "unknown-tag".into(),
            policy: policy.map(str::to_owned),
            reason: "known".into(),
        };
        let finding = Diagnostic::finding(Code::UnknownTag, "x").policy("m").opens();
        let check = |codes: &[Code], project: &[Accept], expected: Option<&str>| {
            assert_eq!(Accepted::new(codes, project).reason(&finding), expected);
        };
        check(&[], &[], None);
        check(&[Code::UnknownTag], &[], Some("on the command line"));
        check(&[Code::UnknownAttribute], &[], None);
        check(&[], &[accept(None)], Some("known"));
        check(&[], &[accept(Some("m"))], Some("known"));
        check(&[], &[accept(Some("other"))], None);
        let error = Diagnostic::error(Code::UnknownTag, "x").policy("m");
        assert_eq!(Accepted::new(&[Code::UnknownTag], &[accept(None)]).reason(&error), None);
    }
}
