//! One integration of one program, lowered: what every law is about.

use std::collections::{BTreeMap, BTreeSet};

use grantc::backend::fact::order_key;
use grantc::backend::state::Reading;
use grantc::backend::{self, Artefact, Backend, Fact, Gap, Observed, Permits, StateFolder, Symbols};
use grantc::diagnostic::Diagnostics;
use grantc::inventory::{Accounts, IntegrationId, Inventory, Securable};
use grantc::ir::{Meaning, Program};
use grantc::pipeline::{self, Compiled, World};
use grantc::source::Sources;

/// The value of every salt here: long and odd enough to stand nowhere by chance.
pub const SALT: &str = "p3pper-5alt-0123456789";

/// One integration of one program.
pub struct Case<'a> {
    pub program: &'a Program,
    pub meaning: &'a Meaning<'a>,
    pub integration: IntegrationId,
    pub accounts: Accounts,
    pub backend: &'static dyn Backend,
    pub symbols: Symbols,
    pub facts: Vec<Fact>,
    pub gaps: Vec<Gap>,
    pub salt: Option<&'static str>,
}

/// Runs a law on every integration whose platform has a backend. At least one must have one.
pub fn each(world: &World, law: &mut dyn FnMut(&Case<'_>)) {
    let meaning = Meaning::new(&world.program);
    let integrations = &world.program.inventory.integrations;
    let names: Vec<String> = integrations
        .values()
        .filter(|each| backend::of(each.platform).is_some())
        .map(|each| each.name.clone())
        .collect();
    assert!(!names.is_empty(), "no integration has a backend");
    let mut said = Diagnostics::new();
    let compiled = pipeline::compile(world, &meaning, &names, &mut said);
    let compiled = compiled.unwrap_or_else(|_| panic!("a small world is within every limit: {said:?}"));
    for Compiled { integration, backend, accounts, symbols, lowered } in compiled {
        law(&Case {
            program: &world.program,
            meaning: &meaning,
            integration,
            accounts,
            backend,
            symbols,
            facts: lowered.facts,
            gaps: lowered.gaps,
            salt: world.project.salt.is_some().then_some(SALT),
        });
    }
}

/// Facts as texts, in the order of texts: what does not depend on the order of interning.
pub fn fact_texts(facts: &[Fact], symbols: &Symbols) -> Vec<String> {
    let mut facts = facts.to_vec();
    facts.sort_by(|a, b| order_key(a, symbols).cmp(&order_key(b, symbols)));
    let text = |fact: &Fact| {
        let of = |symbol| symbols.text(symbol);
        format!(
            "{} | {} | {} | {} | {} | {}",
            fact.key.kind.word(),
            of(fact.key.object),
            of(fact.key.grantee),
            of(fact.key.privilege),
            of(fact.body),
            of(fact.policies)
        )
    };
    facts.iter().map(text).collect()
}

/// The same without whose policy it comes from: that is told and never compared, and an export need not hold it.
pub fn unnamed_texts(facts: &[Fact], symbols: &Symbols) -> Vec<String> {
    let mut texts = fact_texts(facts, symbols);
    texts.iter_mut().for_each(|text| text.truncate(text.rfind(" | ").unwrap_or(text.len())));
    texts.sort();
    texts
}

impl<'a> Case<'a> {
    pub fn inventory(&self) -> &'a Inventory {
        &self.program.inventory
    }

    pub fn name(&self) -> &'a str {
        &self.inventory().integrations[self.integration].name
    }

    pub fn permits(&self, facts: &[Fact]) -> Box<dyn Permits + '_> {
        self.backend.permits(self.inventory(), self.integration, facts, &self.symbols, &self.accounts)
    }

    pub fn securables(&self) -> Vec<Securable> {
        let catalog = &self.inventory().catalog;
        catalog.securables().filter(|each| catalog.integration(*each) == self.integration).collect()
    }

    pub fn shown(&self, securable: Securable) -> String {
        self.inventory().catalog.shown_name(securable)
    }

    pub fn emit(&self) -> Vec<Artefact> {
        self.backend.emit(self.inventory(), self.integration, &self.facts, &self.symbols, self.salt)
    }

    /// What the platform's exports would say after the artefacts ran, read back.
    pub fn observed(&mut self) -> Observed {
        let state =
            self.backend.state(self.inventory(), self.integration, &self.facts, &self.symbols, self.salt);
        let files: BTreeMap<String, Vec<u8>> =
            state.into_iter().map(|artefact| (artefact.path, artefact.bytes)).collect();
        let folder = StateFolder { name: format!("state/{}", self.name()), files: Some(files) };
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::new());
        let reading = Reading { folder: &folder, sources: &mut sources, diagnostics: &mut diagnostics };
        let observed = self.backend.observe(
            &self.program.inventory,
            self.integration,
            reading,
            self.salt,
            &mut self.symbols,
        );
        observed.unwrap_or_else(|_| panic!("{}: our own state is not read: {diagnostics:?}", self.name()))
    }
}

/// The names behind a set of a state's accounts.
pub fn names(permits: &dyn Permits, accounts: &roaring::RoaringBitmap) -> BTreeSet<String> {
    accounts.iter().map(|raw| permits.accounts()[raw as usize].clone()).collect()
}
