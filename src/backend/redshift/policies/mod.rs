//! `enforcement: native`: grants on the tables themselves, which row-level security and dynamic data masking stand before.
//!
//! One RLS policy per table and one masking policy per masked column and body, each folded over everybody and attached TO PUBLIC.
//! Bodies ask the entitlement table who the current user is, by subqueries that read nothing of the row:
//!
//! ```sql
//! CREATE MASKING POLICY "grantc_emails_5af1c9d2" WITH (v character varying(100))
//!   USING (CASE WHEN ('CLEAR_0C…' IN (SELECT e."name" FROM "secure"."entitlements" e WHERE e."account" = current_user)) THEN v … END);
//! ATTACH MASKING POLICY "grantc_emails_5af1c9d2" ON "public"."customer" ("email") TO PUBLIC
//! ```
//!
//! Redshift prints bodies anew and keeps no comment on policies: a hash over the content ends each name, and the table
//! `policies` beside the entitlements says what was written under it. A policy and its relation live in one database:
//! docs.aws.amazon.com/redshift/latest/dg/r_ATTACH_RLS_POLICY.html, r_ATTACH_MASKING_POLICY.html, t_rls_usage.html,
//! t_ddm-considerations.html (2026-11-25). What is not said there and built upon all the same is marked INFERRED.

mod asking;
pub(super) mod body;
pub(super) mod emit;
pub(super) mod export;
mod inputs;
pub(super) mod judge;
pub(super) mod leaves;
pub(super) mod lower;
mod masks;
pub(super) mod observe;
mod rows;
pub(super) mod standing;
pub(super) mod statement;

use crate::backend::fact::FactKind;

/// Whether a fact is a policy or where one stands.
pub(super) fn is_one(kind: FactKind) -> bool {
    match kind {
        FactKind::MaskingPolicy
        | FactKind::RowAccessPolicy
        | FactKind::MaskAttachment
        | FactKind::RowAttachment => true,
        FactKind::Role
        | FactKind::Group
        | FactKind::Location
        | FactKind::Function
        | FactKind::Entitlement
        | FactKind::View
        | FactKind::AuthorizedView
        | FactKind::Rule
        | FactKind::Grant
        | FactKind::Membership => false,
    }
}
