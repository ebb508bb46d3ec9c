//! SCIM placeholder
use super::directory::Draft;
use crate::diagnostic::Diagnostics;
use crate::inventory::document::Node;
#[derive(Default)]
pub(super) struct Resources;
pub(super) fn is_scim(_: &Node) -> bool {
    false
}
impl Resources {
    pub(super) fn read(&mut self, _: &Node, _: &mut Diagnostics) {}
    pub(super) fn finish(self, _: &mut Draft<'_>, _: &mut Diagnostics) {}
}
