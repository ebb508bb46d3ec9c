//! Views, roles and exports of Synapse on worlds of a few lines.
//!
//! What these cannot show: that a dedicated pool reads our statements as we do.

mod exports;
mod lowering;
mod statements;

use std::collections::BTreeMap;

use super::Synapse;
use crate::backend::contract::{Backend, Lowered, Lowering, Observed};
use crate::backend::fact::{Fact, Symbols, order_key};
use crate::backend::state::{Reading, StateFolder};
use crate::diagnostic::Diagnostics;
use crate::inventory::integration::{AccountTemplate, TemplatePart};
use crate::inventory::{Accounts, IntegrationId};
use crate::ir::{Meaning, Program};
use crate::resolve::testing::{NOW, program};
use crate::source::Sources;

/// Tables of one integration; the last lives in another database than the pool.
const SHOP: &str = "
integration sy Azure Synapse Analytics
schema sy Shop.dbo [Shop]
table sy Shop.dbo.Customer [Shop.Customer]: Id bigint; Email nvarchar(100) [PII.Mail]; Region nvarchar(20) [Geo.Area]; Vip bit; Born date; Code char(8) [Code]; Score float
table sy Shop.dbo_eu.Customer: Id bigint; Region nvarchar(20) [Geo.Area]
table sy Shop.dbo.\"odd]name 'x'\": \"Sel]ect\" int
table sy Archive.dbo.Customer: Id bigint
";

pub(super) struct World {
    pub(super) program: Program,
    pub(super) integration: IntegrationId,
    pub(super) accounts: Accounts,
}

pub(super) fn world_of(catalog: &str, policies: &str) -> World {
    let mut program = program(catalog, policies, NOW);
    let found = program.inventory.integrations.iter().find(|(_, each)| each.name == "sy");
    let integration = found.map(|(id, _)| id).unwrap();
    let settings = &mut program.inventory.integrations[integration];
    settings.user_template = Some(AccountTemplate { parts: vec![TemplatePart::Id(Vec::new())] });
    settings.config = serde_json::json!({"database": "shop", "schema": "secure"});
    let accounts = Accounts::of(&program.inventory, integration);
    World { program, integration, accounts }
}

pub(super) fn world(policies: &str) -> World {
    world_of(SHOP, policies)
}

impl World {
    pub(super) fn try_lower(&self, symbols: &mut Symbols) -> Result<Lowered, String> {
        let meaning = Meaning::new(&self.program);
        let lowering = Lowering {
            program: &self.program,
            meaning: &meaning,
            integration: self.integration,
            accounts: &self.accounts,
            salted: true,
        };
        let mut said = Diagnostics::new();
        let lowered = Synapse.lower(&lowering, symbols, &mut said);
        lowered.map_err(|_| said.iter().map(|each| each.message.clone()).collect())
    }

    pub(super) fn lower(&self, symbols: &mut Symbols) -> Lowered {
        self.try_lower(symbols).unwrap()
    }

    pub(super) fn sql(&self) -> BTreeMap<String, String> {
        let mut symbols = Symbols::default();
        let lowered = self.lower(&mut symbols);
        Synapse
            .emit(&self.program.inventory, self.integration, &lowered.facts, &symbols, Some("s'alt"))
            .into_iter()
            .map(|file| (file.path, String::from_utf8(file.bytes).unwrap()))
            .collect()
    }

    pub(super) fn observe(&self, files: &[(&str, &str)], symbols: &mut Symbols) -> Result<Observed, String> {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
        let folder = StateFolder { name: "state/sy".to_owned(), files: Some(files) };
        let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
        let reading = Reading { folder: &folder, sources: &mut sources, diagnostics: &mut said };
        let found =
            Synapse.observe(&self.program.inventory, self.integration, reading, Some("s'alt"), symbols);
        found.map_err(|_| said.iter().map(|each| each.message.clone()).collect())
    }
}

/// Facts as lines, without the bodies of views.
pub(super) fn lines(facts: &[Fact], symbols: &Symbols) -> Vec<String> {
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
