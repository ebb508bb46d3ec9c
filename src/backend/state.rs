//! The exports of one integration: `state/<integration>/`, read whole.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostics;
use crate::source::Sources;

/// Files by their path below the folder, with `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateFolder {
    /// Where it is, as messages name it: `state/<integration>`.
    pub name: String,
    /// `None`: there is no such folder.
    pub files: Option<BTreeMap<String, Vec<u8>>>,
}

impl StateFolder {
    /// A file's bytes.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.as_ref()?.get(name).map(Vec::as_slice)
    }

    /// The files whose name starts and ends so, in order.
    pub fn files_like<'a>(
        &'a self,
        start: &'a str,
        end: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.files
            .iter()
            .flatten()
            .filter(move |(name, _)| name.starts_with(start) && name.ends_with(end))
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }
}

/// What readers of exports need: where to say what is wrong.
pub struct Reading<'a> {
    /// The folder.
    pub folder: &'a StateFolder,
    /// Registered as files are pointed into.
    pub sources: &'a mut Sources,
    /// What is wrong.
    pub diagnostics: &'a mut Diagnostics,
}
