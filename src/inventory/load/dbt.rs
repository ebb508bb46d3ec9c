//! dbt placeholder
use super::catalog::Draft;
use crate::diagnostic::Diagnostics;
use crate::inventory::files::Files;
use crate::source::Sources;
pub(super) const FILE: &str = "manifest.json";
pub(super) fn read(_: &str, _: &Files, _: &mut Draft<'_>, _: &mut Sources, _: &mut Diagnostics) {}
