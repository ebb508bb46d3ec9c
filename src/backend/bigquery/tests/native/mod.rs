//! `enforcement: native` on worlds of a few lines: what tables get, what is read back of them, and in which order they change.
//!
//! What these cannot show: that BigQuery does with these statements what its documentation says.

mod exports;
mod lowering;
mod steps;

use super::{World, with};
use crate::inventory::Integration;
use crate::inventory::integration::Enforcement;

/// Everybody reads the customers, their addresses are hashed, and everybody but the support sees his own regions.
pub(super) const USUAL: &str = r#"
    subscription readers { allow read on tables tagged Shop.Customer to user in group "staff" or user is "dave" }
    mask mails { on columns tagged PII.Mail using hash except user in group "support" }
    filter own { on tables tagged Shop.Customer rows where column tagged Geo.Area in user attribute region except user in group "support" }
"#;

pub(super) fn native(policies: &str) -> World {
    and(policies, "", &|_| {})
}

/// A world with more in it, and other settings.
pub(super) fn and(policies: &str, more: &str, set: &dyn Fn(&mut Integration)) -> World {
    with(policies, more, &|settings| {
        settings.enforcement = Enforcement::Native;
        set(settings);
    })
}
