//! Views, roles and exports of Redshift on worlds of a few lines.
//!
//! What these cannot show: that Redshift reads our statements as we do.

mod exports;
mod lowering;
mod policies;

use std::collections::BTreeMap;

use super::Redshift;
use crate::backend::contract::{Backend, Lowered, Lowering, Observed};
use crate::backend::fact::{Fact, Symbols, order_key};
use crate::backend::state::{Reading, StateFolder};
use crate::diagnostic::Diagnostics;
use crate::inventory::integration::{AccountTemplate, TemplatePart};
use crate::inventory::{Accounts, IntegrationId};
use crate::ir::{Meaning, Program};
use crate::resolve::testing::{NOW, program};
use crate::source::Sources;

/// Tables of one integration over two databases.
const SHOP: &str = "
integration rs Redshift
schema rs shop.public [Shop]
table rs shop.public.customer [Shop.Customer]: id bigint; email character varying(100) [PII.Mail]; region character varying(20) [Geo.Area]; born date; score double precision; seen timestamp with time zone
table rs shop.public_eu.customer: id bigint; region character varying(20) [Geo.Area]
table rs shop.public.\"odd.name\": \"Sel\\ect\" integer
";

pub(super) struct World {
    pub(super) program: Program,
    pub(super) integration: IntegrationId,
    pub(super) accounts: Accounts,
}

pub(super) fn world(policies: &str) -> World {
    let mut program = program(SHOP, policies, NOW);
    let found = program.inventory.integrations.iter().find(|(_, each)| each.name == "rs");
    let integration = found.map(|(id, _)| id).unwrap();
    let settings = &mut program.inventory.integrations[integration];
    settings.user_template = Some(AccountTemplate { parts: vec![TemplatePart::Id(Vec::new())] });
    settings.config = serde_json::json!({"database": "views", "schema": "secure"});
    let accounts = Accounts::of(&program.inventory, integration);
    World { program, integration, accounts }
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
        let lowered = Redshift.lower(&lowering, symbols, &mut said);
        lowered.map_err(|_| said.iter().map(|each| each.message.clone()).collect())
    }

    pub(super) fn lower(&self, symbols: &mut Symbols) -> Lowered {
        self.try_lower(symbols).unwrap()
    }

    pub(super) fn sql(&self) -> BTreeMap<String, String> {
        let mut symbols = Symbols::default();
        let lowered = self.lower(&mut symbols);
        Redshift
            .emit(&self.program.inventory, self.integration, &lowered.facts, &symbols, Some("s'alt"))
            .into_iter()
            .map(|file| (file.path, String::from_utf8(file.bytes).unwrap()))
            .collect()
    }

    pub(super) fn observe(&self, files: &[(&str, &str)], symbols: &mut Symbols) -> Result<Observed, String> {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
        let folder = StateFolder { name: "state/rs".to_owned(), files: Some(files) };
        let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
        let reading = Reading { folder: &folder, sources: &mut sources, diagnostics: &mut said };
        let found =
            Redshift.observe(&self.program.inventory, self.integration, reading, Some("s'alt"), symbols);
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
