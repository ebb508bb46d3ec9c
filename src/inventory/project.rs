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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{load, policy_files};

    fn settings_of(text: &str) -> (Option<Project>, Vec<String>) {
        let (mut sources, mut out) = (Sources::default(), Diagnostics::new());
        let files = Files::default().with(FILE, text);
        let project = read(Path::new("/p"), &files, &mut sources, &mut out).ok();
        let said = out.iter().map(|each| {
            let line = each.labels.first().map_or(0, |label| sources.line(label.place));
            format!("{line} {}: {}{}", each.code.name(), each.message, each.help.join("; "))
        });
        (project, said.collect())
    }

    #[track_caller]
    fn refuses(text: &str, expected: &str) {
        let (project, said) = settings_of(text);
        assert!(project.is_none() && said.len() == 1, "{text:?} says {said:?}");
        assert!(said.iter().all(|line| line.starts_with(expected)), "{said:?} is not {expected}");
    }

    #[test]
    fn what_is_not_written_has_its_usual_place() {
        let (project, said) = settings_of("name: retail\n");
        assert_eq!(said, Vec::<String>::new());
        let project = project.unwrap();
        let folders =
            [&project.policies, &project.catalog, &project.directory, &project.integrations, &project.state];
        let names = ["policies", "catalog", "directory", "integrations", "state"].map(PathBuf::from);
        assert_eq!(folders, names.each_ref());
        assert_eq!((project.scope, project.salt, project.accept), (Scope::Managed, None, Vec::new()));
    }

    #[test]
    fn every_setting_is_read() {
        let (project, said) = settings_of(
            "name: retail\npolicies: p/q\nscope: authoritative\nsalt: file:secret/salt\naccept:\n  - {code: unknown-tag, policy: emails, reason: tags arrive in May}\n",
        );
        assert_eq!(said, Vec::<String>::new());
        let project = project.unwrap();
        assert_eq!(project.policies, PathBuf::from("p/q"));
        assert_eq!(project.scope, Scope::Authoritative);
        assert_eq!(project.salt, Some(SecretRef::File(PathBuf::from("secret/salt"))));
        let accept = Accept {
            code: "unknown-tag".to_owned(),
            policy: Some("emails".to_owned()),
            reason: "tags arrive in May".to_owned(),
        };
        assert_eq!(project.accept, [accept]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        refuses("policies: p\n", "1 bad-value: a project needs `name`");
        refuses(
            "name: r\ncatalogue: c\n",
            "2 unknown-key: a project has no key `catalogue`did you mean `catalog`?",
        );
        refuses("name: r\nscope: manged\n", "2 bad-value: `scope` cannot be `manged`did you mean `managed`?");
        refuses(
            "name: r\naccept: [{code: unknown-tga, reason: x}]\n",
            "2 bad-value: no finding has the code `unknown-tga`did you mean `unknown-tag`?",
        );
        refuses(
            "name: r\naccept: [{code: unknown-tag}]\n",
            "2 bad-value: an item of `accept` needs `reason`",
        );
        refuses(
            "name: r\naccept: [{code: unknown-tag, reason: ''}]\n",
            "2 bad-value: `reason` must not be empty",
        );
        refuses("name: r\naccept: [{reason: x}]\n", "2 bad-value: an item of `accept` needs `code`");
        refuses("name: r\nstate: [x]\n", "2 bad-value: `state` must be a text");
        refuses("- name\n", "1 bad-value: a project must be a map");
        for salt in ["hunter2", "env:", "env:1X", "env:A B", "file:", "vault:x"] {
            let (_, said) = settings_of(&format!("name: r\nsalt: '{salt}'\n"));
            assert!(said.len() == 1 && said.iter().all(|line| line.contains("not the secret")), "{said:?}");
            assert!(!said.iter().any(|line| line.contains("hunter2")), "a secret is not repeated");
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the one test of files on disk")]
    fn a_project_on_disk_is_found_and_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for each in ["policies/b/deep", "catalog", "directory", "integrations"] {
            std::fs::create_dir_all(root.join(each)).unwrap();
        }
        for (name, text) in [
            (FILE, "name: retail\n"),
            ("policies/z.policy", "z"),
            ("policies/b/deep/a.policy", "\u{feff}a"),
            ("policies/b/note.md", "x"),
            ("directory/u.yaml", "users: {alice: {}}\n"),
        ] {
            std::fs::write(root.join(name), text).unwrap();
        }
        let (mut sources, mut out) = (Sources::default(), Diagnostics::new());
        assert_eq!(find(&root.join("policies/b/deep")).as_deref(), Some(root));
        assert!(open(&root.join("policies"), &mut sources, &mut out).is_err());
        let mut out = Diagnostics::new();
        let project = open(root, &mut sources, &mut out).unwrap();
        let inventory = load(&project, &mut sources, &mut out).unwrap();
        assert_eq!(inventory.directory.users.len(), 1);
        let policies: Vec<(String, String)> = policy_files(&project, &mut sources, &mut out)
            .into_iter()
            .map(|id| (sources.get(id).name.clone(), sources.get(id).text.to_string()))
            .collect();
        let expected = [("policies/b/deep/a.policy", "a"), ("policies/z.policy", "z")];
        assert_eq!(policies, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
        assert!(out.is_empty(), "{out:?}");

        std::fs::write(root.join("policies/bad.policy"), [0x61, 0x0a, 0xff]).unwrap();
        assert_eq!(policy_files(&project, &mut sources, &mut out).len(), 2);
        assert_eq!(
            out.iter().map(|each| each.message.as_str()).collect::<Vec<_>>(),
            ["`policies/bad.policy` cannot be read"]
        );
        std::fs::remove_dir_all(root.join("catalog")).unwrap();
        let mut out = Diagnostics::new();
        assert!(load(&project, &mut sources, &mut out).is_err());
        assert_eq!(
            out.iter().map(|each| each.message.as_str()).collect::<Vec<_>>(),
            ["there is no folder `catalog`"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_loop_of_links_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
        let (mut sources, mut out) = (Sources::default(), Diagnostics::new());
        Files::below(folder.path(), Path::new("."), "catalog", &mut sources, &mut out);
        assert_eq!(
            out.iter().map(|each| each.message.as_str()).collect::<Vec<_>>(),
            ["a folder cannot be read"]
        );
    }
}
