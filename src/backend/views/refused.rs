//! Writing: these platforms' views are read-only, and the tables behind them are nobody's.

use crate::backend::contract::Lowering;
use crate::backend::gap::{Gap, GapCode};
use crate::inventory::Securable;
use crate::inventory::directory::Access;

/// A gap for every subscription that would let somebody write, and table.
pub fn write_is_refused(lowering: &Lowering<'_>, platform: &str) -> Vec<Gap> {
    let program = lowering.program;
    let mut gaps = Vec::new();
    for table in lowering.tables() {
        let securable = Securable::Table(table);
        let wanted = lowering.meaning.may(securable, Access::Write);
        if lowering.accounts.within(&wanted).is_empty() {
            continue;
        }
        let object = lowering.inventory().catalog.shown_name(securable);
        let message =
            format!("{platform} is read through views, which are not written to: nobody gets write");
        let on = lowering.meaning.active_subscriptions().iter().map(|id| &program.subscriptions[*id]);
        gaps.extend(on.filter(|each| each.allow.contains(Access::Write) && each.on.contains(securable)).map(
            |each| Gap {
                integration: lowering.settings().name.clone(),
                policy: each.head.name.clone(),
                code: GapCode::WriteRefused,
                object: object.clone(),
                message: message.clone(),
            },
        ));
    }
    gaps
}
