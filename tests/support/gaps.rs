//! Gaps name what exists: the integration, a policy, a securable, column or account.

use super::case::Case;
use grantc::backend::GapCode;

/// Every name in every gap.
pub fn name_what_exists(case: &Case<'_>) {
    let program = case.program;
    let catalog = &case.inventory().catalog;
    for gap in &case.gaps {
        assert_eq!(gap.integration, case.name(), "{gap:?}");
        let policies = program.subscriptions.values().map(|each| &each.head);
        let policies = policies
            .chain(program.guardrails.values().map(|each| &each.head))
            .chain(program.masks.values().map(|each| &each.head))
            .chain(program.filters.values().map(|each| &each.head));
        // What no account file can hold is nobody's wish.
        let unnamed = gap.policy.is_empty() && gap.code == GapCode::Unrepresentable;
        assert!(policies.into_iter().any(|head| head.name == gap.policy) || unnamed, "{gap:?}");
        let object = case.securables().into_iter().any(|each| catalog.shown_name(each) == gap.object)
            || catalog.columns.ids().any(|each| catalog.shown_column(each) == gap.object)
            || case.accounts.accounts.values().any(|account| account.name == gap.object);
        assert!(object, "{gap:?}");
        assert!(!gap.message.is_empty(), "{gap:?}");
    }
}
