//! `enforcement: tags`: the same functions, attached by policies that follow governed tags (attribute-based access control) in
//! place of `SET MASK` and `SET ROW FILTER`.
//!
//! ```text
//! column email ─ grantc_mask = grantc_emails_12ab34cd ─┐
//! column note  ─ grantc_mask = grantc_emails_12ab34cd ─┼─ policy grantc_emails_12ab34cd on the catalog ─ function of that name
//! column region ─ grantc_input = column-region ────────┘
//! table sales ─ policy grantc_rows on the table ─ its filter's function
//! ```
//!
//! What is marked is what is protected: a column without its tag is clear, and a tag takes minutes to count. So what functions read
//! is tagged first, then policies come, then masked columns are tagged, and grants wait until that counts; whatever lifts a
//! mask comes after that. A table-level mask or filter and a policy on the same place make queries fail: while one takes the
//! other's place, nobody reads there.

mod condition;
mod effective;
mod export;
mod observe;
mod place;
pub(super) mod policy;
pub(super) mod tags;
mod wanted;

pub(super) use effective::{Effective, Stands};
pub(super) use export::{governed_tags, state};
pub(super) use observe::{FILES, read};
pub(super) use place::Limits;
pub(super) use policy::Policy;
pub(super) use tags::Keys;
pub(super) use wanted::{Asked, CONDITIONS, TooMany, Wanted};

/// What a change of tags or policies is waited for.
pub(super) const WAIT: &str = "tags and policies count only after some minutes, and until then what comes next would show clear values: go on when an account that should see masks does see them, or gets an error where a table-level mask still stands beside";
