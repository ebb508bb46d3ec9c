//! Views, grants and exports of BigQuery on worlds of a few lines.
//!
//! What these cannot show: that BigQuery reads our statements as we do.

mod exports;
mod lowering;
mod native;

use std::collections::BTreeMap;

use super::BigQuery;
use crate::backend::contract::{Backend, Lowered, Lowering, Observed};
use crate::backend::fact::{Fact, Symbols, order_key};
use crate::backend::state::{Reading, StateFolder};
use crate::diagnostic::Diagnostics;
use crate::inventory::integration::{AccountTemplate, TemplatePart};
use crate::inventory::{Accounts, Integration, IntegrationId};
use crate::ir::{Meaning, Program};
use crate::resolve::testing::{NOW, program};
use crate::source::Sources;

/// Tables of one project over three datasets, one of which has the name that another's views would have.
const SHOP: &str = "
integration bq Google BigQuery
schema bq shop-1.sales [Shop]
table bq shop-1.sales.customer [Shop.Customer]: id INT64; email STRING [PII.Mail]; region STRING [Geo.Area]; born DATE
table bq shop-1.sales.orders [Shop.Orders]: id INT64; amount NUMERIC
table bq shop-1.sales.\"odd*name\" [Odd]: id INT64
table bq shop-1.web.visits [Web]: id INT64
table bq shop-1.web_secure.visits: id INT64
";

pub(super) struct World {
    pub(super) program: Program,
    pub(super) integration: IntegrationId,
    pub(super) accounts: Accounts,
}

/// An account template, `prefix{{ id }}@acme.example`.
fn template(prefix: &str) -> Option<AccountTemplate> {
    let text = |text: &str| TemplatePart::Text(text.to_owned());
    Some(AccountTemplate { parts: vec![text(prefix), TemplatePart::Id(Vec::new()), text("@acme.example")] })
}

pub(super) fn world(policies: &str) -> World {
    with(policies, "", &|_| {})
}

/// A world with more in it, and other settings.
pub(super) fn with(policies: &str, more: &str, set: &dyn Fn(&mut Integration)) -> World {
    let mut program = program(&format!("{SHOP}{more}"), policies, NOW);
    let found = program.inventory.integrations.iter().find(|(_, each)| each.name == "bq");
    let integration = found.map(|(id, _)| id).unwrap();
    let settings = &mut program.inventory.integrations[integration];
    settings.user_template = template("user:");
    settings.group_template = template("group:");
    settings.config = serde_json::json!({"location": "EU"});
    set(settings);
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
        let lowered = BigQuery.lower(&lowering, symbols, &mut said);
        lowered.map_err(|_| {
            said.iter().map(|each| format!("{} ({})", each.message, each.help.join("; "))).collect()
        })
    }

    pub(super) fn lower(&self, symbols: &mut Symbols) -> Lowered {
        self.try_lower(symbols).unwrap()
    }

    pub(super) fn files(&self) -> BTreeMap<String, String> {
        let mut symbols = Symbols::default();
        let lowered = self.lower(&mut symbols);
        BigQuery
            .emit(&self.program.inventory, self.integration, &lowered.facts, &symbols, Some("s'alt"))
            .into_iter()
            .map(|file| (file.path, String::from_utf8(file.bytes).unwrap()))
            .collect()
    }

    pub(super) fn observe(&self, files: &[(&str, &str)], symbols: &mut Symbols) -> Result<Observed, String> {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
        let folder = StateFolder { name: "state/bq".to_owned(), files: Some(files) };
        let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
        let reading = Reading { folder: &folder, sources: &mut sources, diagnostics: &mut said };
        let found =
            BigQuery.observe(&self.program.inventory, self.integration, reading, Some("s'alt"), symbols);
        found.map_err(|_| said.iter().map(|each| each.message.clone()).collect())
    }
}

/// Facts as lines, without their bodies.
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
