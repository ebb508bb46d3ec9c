//! grantc: a compiler from one data-access policy language to native access controls.
//!
//! Data falls in one direction; each folder imports only what stands before it in this list:
//!
//! ```text
//!  *.policy ─ syntax::parse ─▶ ast::Document ┐
//!  catalog, directory ─ inventory::load ─▶ Inventory ┤ resolve::resolve ─▶ ir::Program   names end, ids begin
//!                                                    ┘        │
//!      ir ─ check::run ─▶ Diagnostics (reads only)            ├─ ir::meaning: the reference semantics
//!                                                             ▼
//!                      Backend::lower ─▶ Lowered { desired, gaps }              ids end, native names begin
//!  state/ exports ─ Backend::observe ─▶ observed
//!               desired × observed ─ plan::diff ─▶ changes ─ plan::order ─▶ Plan ─ plan::effects ─▶ who gains, who loses
//!                                                              Plan ─ Backend::emit ─▶ artefacts
//! ```

pub mod ids;
pub mod source;
pub mod diagnostic;
pub mod prefix;
pub mod syntax;
pub mod inventory;
pub mod ir;
pub mod resolve;
pub mod check;
pub mod backend;
pub mod plan;
pub mod pipeline;
pub mod cli;
