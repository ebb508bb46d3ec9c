//! Views, roles and exports of Redshift on worlds of a few lines.
//!
//! What these cannot show: that Redshift reads our statements as we do.

mod exports;
mod lowering;
mod policies;

use super::Redshift;
pub(super) use crate::backend::testing::{World, lines};
use crate::inventory::integration::{AccountTemplate, TemplatePart};

/// Tables of one integration over two databases.
const SHOP: &str = "
integration rs Redshift
schema rs shop.public [Shop]
table rs shop.public.customer [Shop.Customer]: id bigint; email character varying(100) [PII.Mail]; region character varying(20) [Geo.Area]; born date; score double precision; seen timestamp with time zone
table rs shop.public_eu.customer: id bigint; region character varying(20) [Geo.Area]
table rs shop.public.\"odd.name\": \"Sel\\ect\" integer
";

pub(super) fn world(policies: &str) -> World {
    world_with("", policies)
}

/// As [`world`], with more tables.
pub(super) fn world_with(tables: &str, policies: &str) -> World {
    World::new(&Redshift, (&format!("{SHOP}{tables}"), "rs"), policies, &|settings| {
        settings.user_template = Some(AccountTemplate { parts: vec![TemplatePart::Id(Vec::new())] });
        settings.config = serde_json::json!({"database": "views", "schema": "secure"});
    })
}
