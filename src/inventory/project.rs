//! `grantc.yaml`: where the parts of a project are, and what it has accepted.
//!
//! In: a folder. Out: [`Project`]. Paths stay as written; they are relative to the project's folder.

use std::path::{Path, PathBuf};

use super::document::{self, Fields, Node};
use super::files::Files;
use super::integration::Scope;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Reported};
use crate::source::{SourceId, Sources, Spanned};

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

/// The name of the file that makes a folder a project.
pub const FILE: &str = "grantc.yaml";

/// The nearest folder, from `start` upwards, that holds `grantc.yaml`.
pub fn find(start: &Path) -> Option<PathBuf> {
    start.ancestors().find(|folder| folder.join(FILE).is_file()).map(Path::to_path_buf)
}

/// Reads `grantc.yaml` of a folder.
pub fn open(root: &Path, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Result<Project, Reported> {
    let path = root.join(FILE);
    if !path.is_file() {
        let source = sources.add(FILE, "");
        return Err(diagnostics.error(
            Diagnostic::error(Code::BadFile, format!("there is no `{FILE}` in `{}`", root.display()))
                .at(source.whole(), "")
                .help("`grantc init` makes a project; `--project DIR` names one"),
        ));
    }
    read(root, &Files::one(FILE, path), sources, diagnostics)
}

/// Reads `grantc.yaml` from files that need not be on disk.
pub fn read(
    root: &Path,
    files: &Files,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Result<Project, Reported> {
    let mut out = Diagnostics::new();
    let project = files
        .text(FILE, sources, &mut out)
        .and_then(|source| Some((source, document::read(source, sources, &mut out)?)))
        .and_then(|(source, node)| settings(root, source, &node, &mut out));
    let result = out.result();
    let project = project.ok_or_else(|| result.err().unwrap_or_else(|| out.error(unreadable())));
    diagnostics.extend(out);
    result?;
    project
}

/// Only reached if a reader fails without having said why, which would be our own mistake.
fn unreadable() -> Diagnostic {
    Diagnostic::error(Code::BadFile, format!("`{FILE}` cannot be read"))
}

fn settings(root: &Path, source: SourceId, node: &Node, out: &mut Diagnostics) -> Option<Project> {
    let mut fields = Fields::of(node, "a project", out)?;
    let name = fields.required_name("name", out).map(|name| name.node.to_owned());
    let mut folder = |key: &'static str, out: &mut Diagnostics| {
        PathBuf::from(fields.name(key, out).map_or(key, |path| path.node))
    };
    let policies = folder("policies", out);
    let catalog = folder("catalog", out);
    let directory = folder("directory", out);
    let integrations = folder("integrations", out);
    let state = folder("state", out);
    let salt = fields.name("salt", out).and_then(|written| secret(&written, out));
    let scope = fields.choice("scope", &SCOPES, out).unwrap_or_default();
    let accept = match fields.get("accept") {
        Some(list) => list.list("`accept`", out).iter().filter_map(|item| accepted(item, out)).collect(),
        None => Vec::new(),
    };
    fields.finish(out);
    Some(Project {
        name: name?,
        root: root.to_path_buf(),
        policies,
        catalog,
        directory,
        integrations,
        state,
        salt,
        scope,
        accept,
        source,
    })
}

/// The words of `scope:`, in `grantc.yaml` and in an integration's `grantc:` block.
pub(super) const SCOPES: [(&str, Scope); 2] =
    [("managed", Scope::Managed), ("authoritative", Scope::Authoritative)];

/// Secrets stand in a project only by reference. The value written is not repeated: it may be the secret.
fn secret(written: &Spanned<&str>, out: &mut Diagnostics) -> Option<SecretRef> {
    let reference = match written.node.split_once(':') {
        Some(("env", name)) => {
            let mut bytes = name.bytes();
            let first = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
            (first && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
                .then(|| SecretRef::Env(name.to_owned()))
        }
        Some(("file", path)) => (!path.is_empty()).then(|| SecretRef::File(PathBuf::from(path))),
        Some(_) | None => None,
    };
    if reference.is_none() {
        out.error(
            Diagnostic::error(Code::BadValue, "`salt` must be a reference to a secret, not the secret")
                .at(written.span, "neither `env:NAME` nor `file:PATH`")
                .note("a salt in a file that is shared lets everybody who reads it undo the hashes of short values")
                .help("write `salt: env:GRANTC_SALT`, or `salt: file:PATH` with a file that is not committed"),
        );
    }
    reference
}

fn accepted(node: &Node, out: &mut Diagnostics) -> Option<Accept> {
    let mut fields = Fields::of(node, "an item of `accept`", out)?;
    let code = fields.required_name("code", out);
    let policy = fields.name("policy", out).map(|policy| policy.node.to_owned());
    let reason = fields.required_name("reason", out);
    fields.finish(out);
    let code = code?;
    if !Code::ALL.iter().any(|known| known.name() == code.node) {
        out.error(
            Diagnostic::error(Code::BadValue, format!("no finding has the code `{}`", code.node))
                .at(code.span, "")
                .did_you_mean(code.node, Code::ALL.iter().map(|known| known.name()))
                .help("the code stands in brackets where a finding is shown"),
        );
    }
    Some(Accept { code: code.node.to_owned(), policy, reason: reason?.node.to_owned() })
}
