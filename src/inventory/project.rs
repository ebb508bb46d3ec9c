//! `grantc.yaml`: where the parts of a project are, and what it has accepted.

use std::path::PathBuf;

use super::integration::Scope;
use crate::source::SourceId;

/// A finding that the project has accepted, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept {
    /// The code.
    pub code: String,
    /// The declaration that it is about; without, every finding of that code.
    pub policy: Option<String>,
    /// Why.
    pub reason: String,
}

/// Where a secret is: its value never enters a plan, report, log or snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// `env:NAME`.
    Env(String),
    /// `file:PATH`, relative to the project.
    File(PathBuf),
}

/// A project's own settings.
#[derive(Clone, Debug)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// The folder that holds `grantc.yaml`.
    pub root: PathBuf,
    /// Absolute or root-relative folders of each part.
    pub policies: PathBuf,
    /// What data there is.
    pub catalog: PathBuf,
    /// Who there is.
    pub directory: PathBuf,
    /// The platforms.
    pub integrations: PathBuf,
    /// What exists today.
    pub state: PathBuf,
    /// The salt of `hash`.
    pub salt: Option<SecretRef>,
    /// Whose facts may be revoked.
    pub scope: Scope,
    /// What has been accepted.
    pub accept: Vec<Accept>,
    /// `grantc.yaml` itself.
    pub source: SourceId,
}
