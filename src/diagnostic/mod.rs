//! What we say to the person who wrote the policy.
//!
//! A [`Diagnostic`] is a value: stages make it, renderers print it. A stage that fails returns [`Reported`],
//! which only [`Diagnostics::error`] makes, so nothing can fail without having said why.

pub mod codes;
pub mod pages;
pub mod render;

pub use codes::Code;

use crate::source::Place;

/// How much a diagnostic stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Stops every command (exit 1).
    Error,
    /// Makes `check` exit 3; stops `compile`, `plan` and `apply` only if it opens.
    Finding,
}

/// A place with what to say there. An empty text underlines without words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is the matter there.
    pub text: String,
}

/// One thing to tell, with its code, places and ways out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind; `grantc explain-code` has a page for each.
    pub code: Code,
    /// Error or finding.
    pub severity: Severity,
    /// A finding that could widen access: stops `compile`, `plan` and `apply` unless accepted.
    pub opens: bool,
    /// One sentence, lower case, no full stop, the user's words in backticks.
    pub message: String,
    /// The cause first, then the other places.
    pub labels: Vec<Label>,
    /// Facts that help to understand.
    pub notes: Vec<String>,
    /// Ways out.
    pub help: Vec<String>,
    /// The declaration that it is about, for `accept: [{code, policy}]`.
    pub policy: Option<String>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message.into())
    }

    /// A finding.
    pub fn finding(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Finding, message.into())
    }

    fn new(code: Code, severity: Severity, message: String) -> Self {
        Self {
            code,
            severity,
            opens: false,
            message,
            labels: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            policy: None,
        }
    }

    /// Points at a place; the first one is the cause.
    #[must_use]
    pub fn at(mut self, place: impl Into<Place>, text: impl Into<String>) -> Self {
        self.labels.push(Label { place: place.into(), text: text.into() });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds a way out.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds "did you mean" if a candidate is near enough.
    #[must_use]
    pub fn did_you_mean<'a>(self, written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(written, candidates) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// Marks a finding as one that could widen access.
    #[must_use]
    pub fn opens(mut self) -> Self {
        self.opens = true;
        self
    }

    /// Names the declaration that it is about.
    #[must_use]
    pub fn policy(mut self, name: impl Into<String>) -> Self {
        self.policy = Some(name.into());
        self
    }
}

/// The candidate nearest to what was written, if it is near enough to be meant; ties go to the first by name.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = written.to_lowercase();
    let limit = (written.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let distance = strsim::damerau_levenshtein(&folded, &candidate.to_lowercase());
            (distance <= limit).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// Proof that an error has been told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported(());

/// Collects diagnostics in the order of work.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Nothing said yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says an error.
    pub fn error(&mut self, diagnostic: Diagnostic) -> Reported {
        self.list.push(Diagnostic { severity: Severity::Error, ..diagnostic });
        Reported(())
    }

    /// Says anything.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Takes over what another collector said.
    pub fn extend(&mut self, other: Diagnostics) {
        self.list.extend(other.list);
    }

    /// `Err` if an error was said.
    pub fn result(&self) -> Result<(), Reported> {
        if self.list.iter().any(|each| each.severity == Severity::Error) { Err(Reported(())) } else { Ok(()) }
    }

    /// What was said, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Sorts by file name, place, code and message, and drops repeats: what is shown does not depend on the order of work.
    pub fn sort(&mut self, sources: &crate::source::Sources) {
        self.list.sort_by(|left, right| {
            let key = |each: &Diagnostic| {
                let place = each.labels.first().map(|label| label.place);
                let start = match place {
                    Some(Place::Span(span)) => (sources.line(Place::Span(span)), span.start),
                    Some(other) => (sources.line(other), 0),
                    None => (0, 0),
                };
                (
                    place.map(|place| sources.name(place).to_owned()),
                    start,
                    each.severity,
                    each.code,
                    each.message.clone(),
                )
            };
            key(left).cmp(&key(right))
        });
        self.list.dedup();
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}
