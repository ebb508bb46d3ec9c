//! A program on one platform, lowered, written and read back: what the tests of backends share.
//!
//! What these cannot show: that the platform reads our statements as we do.

use std::collections::BTreeMap;

use super::contract::{Backend, Lowered, Lowering, Observed};
use super::fact::{Fact, Symbols, order_key};
use super::state::{Reading, StateFolder};
use crate::diagnostic::Diagnostics;
use crate::inventory::{Accounts, Integration, IntegrationId};
use crate::ir::{Meaning, Program};
use crate::resolve::testing::{NOW, program};
use crate::source::Sources;

/// The value of the salt.
pub(crate) const SALT: &str = "s'alt";

/// A program seen from one integration.
pub(crate) struct World {
    pub(crate) program: Program,
    pub(crate) integration: IntegrationId,
    pub(crate) accounts: Accounts,
    backend: &'static dyn Backend,
}

impl World {
    /// The integration that `catalog` describes under a name, with settings that only a file could give it.
    pub(crate) fn new(
        backend: &'static dyn Backend,
        (catalog, name): (&str, &str),
        policies: &str,
        set: &dyn Fn(&mut Integration),
    ) -> World {
        let mut program = program(catalog, policies, NOW);
        let found = program.inventory.integrations.iter().find(|(_, each)| each.name == name);
        let integration = found.map(|(id, _)| id).unwrap();
        set(&mut program.inventory.integrations[integration]);
        let accounts = Accounts::of(&program.inventory, integration);
        World { program, integration, accounts, backend }
    }

    /// What it becomes, or what is said and advised.
    pub(crate) fn try_lower(&self, symbols: &mut Symbols) -> Result<Lowered, String> {
        let meaning = Meaning::new(&self.program);
        let lowering = Lowering {
            program: &self.program,
            meaning: &meaning,
            integration: self.integration,
            accounts: &self.accounts,
            salted: true,
        };
        let mut said = Diagnostics::new();
        let lowered = self.backend.lower(&lowering, symbols, &mut said);
        lowered.map_err(|_| {
            said.iter().map(|each| format!("{} ({})", each.message, each.help.join("; "))).collect()
        })
    }

    pub(crate) fn lower(&self, symbols: &mut Symbols) -> Lowered {
        self.try_lower(symbols).unwrap()
    }

    /// What is written for it, by path.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        let mut symbols = Symbols::default();
        let lowered = self.lower(&mut symbols);
        self.backend
            .emit(&self.program.inventory, self.integration, &lowered.facts, &symbols, Some(SALT))
            .into_iter()
            .map(|file| (file.path, String::from_utf8(file.bytes).unwrap()))
            .collect()
    }

    /// What is read of exports, or what is said.
    pub(crate) fn observe(&self, files: &[(&str, &str)], symbols: &mut Symbols) -> Result<Observed, String> {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
        let name = &self.program.inventory.integrations[self.integration].name;
        let folder = StateFolder { name: format!("state/{name}"), files: Some(files) };
        let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
        let reading = Reading { folder: &folder, sources: &mut sources, diagnostics: &mut said };
        let found =
            self.backend.observe(&self.program.inventory, self.integration, reading, Some(SALT), symbols);
        found.map_err(|_| said.iter().map(|each| each.message.clone()).collect())
    }
}

/// Facts as lines, without their bodies.
pub(crate) fn lines(facts: &[Fact], symbols: &Symbols) -> Vec<String> {
    let line = |fact: &Fact| {
        let (kind, object, grantee, privilege) = order_key(fact, symbols);
        [kind.word(), privilege, object, grantee]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    facts.iter().map(line).collect()
}
