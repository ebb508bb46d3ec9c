//! Views, roles and exports of Synapse on worlds of a few lines.
//!
//! What these cannot show: that a dedicated pool reads our statements as we do.

mod exports;
mod lowering;
mod statements;

use super::Synapse;
pub(super) use crate::backend::testing::{World, lines};
use crate::inventory::integration::{AccountTemplate, TemplatePart};

/// Tables of one integration; the last lives in another database than the pool.
const SHOP: &str = "
integration sy Azure Synapse Analytics
schema sy Shop.dbo [Shop]
table sy Shop.dbo.Customer [Shop.Customer]: Id bigint; Email nvarchar(100) [PII.Mail]; Region nvarchar(20) [Geo.Area]; Vip bit; Born date; Code char(8) [Code]; Score float
table sy Shop.dbo_eu.Customer: Id bigint; Region nvarchar(20) [Geo.Area]
table sy Shop.dbo.\"odd]name 'x'\": \"Sel]ect\" int
table sy Archive.dbo.Customer: Id bigint
";

pub(super) fn world_of(catalog: &str, policies: &str) -> World {
    World::new(&Synapse, (catalog, "sy"), policies, &|settings| {
        settings.user_template = Some(AccountTemplate { parts: vec![TemplatePart::Id(Vec::new())] });
        settings.config = serde_json::json!({"database": "shop", "schema": "secure"});
    })
}

pub(super) fn world(policies: &str) -> World {
    world_of(SHOP, policies)
}
