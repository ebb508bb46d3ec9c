//! Views, grants and exports of BigQuery on worlds of a few lines.
//!
//! What these cannot show: that BigQuery reads our statements as we do.

mod exports;
mod lowering;
mod native;

use super::BigQuery;
pub(super) use crate::backend::testing::{World, lines};
use crate::inventory::Integration;
use crate::inventory::integration::{AccountTemplate, TemplatePart};

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
    World::new(&BigQuery, (&format!("{SHOP}{more}"), "bq"), policies, &|settings| {
        settings.user_template = template("user:");
        settings.group_template = template("group:");
        settings.config = serde_json::json!({"location": "EU"});
        set(settings);
    })
}
