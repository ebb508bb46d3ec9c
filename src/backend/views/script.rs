//! A file of statements, each under a comment that names its policies.

use crate::backend::contract::Artefact;

/// Statements in the making.
pub struct Script {
    text: String,
    end: &'static str,
}

impl Script {
    /// A file that says what it holds.
    pub fn new(what: &str) -> Script {
        Script { text: format!("-- grantc: {what}. May be run again.\n"), end: ";\n" }
    }

    /// The same, with statements in batches of their own.
    pub fn batches(what: &str) -> Script {
        Script { end: ";\nGO\n", ..Script::new(what) }
    }

    /// A statement without its `;`.
    pub fn statement(&mut self, policies: &str, text: &str) {
        // Observed facts bring comments that anybody may have written.
        let policies: String =
            policies.chars().map(|each| if each.is_control() { ' ' } else { each }).collect();
        self.text.push_str(&format!("\n-- {policies}\n{text}{}", self.end));
    }

    /// The file. `secret`: it holds bodies, so perhaps the salt.
    pub fn artefact(self, path: &str, secret: bool) -> Artefact {
        Artefact { path: path.to_owned(), bytes: self.text.into_bytes(), secret }
    }
}
