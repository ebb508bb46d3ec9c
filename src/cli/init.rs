//! `init`: a small commented project that works, in the folder that is named or the current one.
//!
//! In: a folder. Out: the template's files in it, all or none. Invariant: nothing that exists is touched.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::context::PROJECT_FILE;
use super::{ExitCode, Global, OutputFormat, output};

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = super::format::HUMAN_ONLY;

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The folder to write in; made if need be [default: --project, else the current one]
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// The project's name [default: the folder's]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// The template: paths and texts.
pub const TEMPLATE: &[(&str, &str)] = &[
    ("policies/shop.policy", include_str!("template/policies/shop.policy")),
    ("policies/shop_tests.policy", include_str!("template/policies/shop_tests.policy")),
    ("catalog/warehouse.yaml", include_str!("template/catalog/warehouse.yaml")),
    ("catalog/lake.yaml", include_str!("template/catalog/lake.yaml")),
    ("directory/people.yaml", include_str!("template/directory/people.yaml")),
    ("integrations/warehouse.yaml", include_str!("template/integrations/warehouse.yaml")),
    ("integrations/lake.yaml", include_str!("template/integrations/lake.yaml")),
    (PROJECT_FILE, include_str!("template/grantc.yaml")),
];

/// What stands at the top of a project; the file that makes it one comes last.
const TOP: &[&str] = &["policies", "catalog", "directory", "integrations", PROJECT_FILE];

/// Runs it.
pub fn run(args: &Args, global: &Global) -> ExitCode {
    let dir = args.dir.clone().or_else(|| global.project.clone()).unwrap_or_else(|| PathBuf::from("."));
    let taken: Vec<String> = TOP
        .iter()
        .map(|name| dir.join(name))
        .filter(|path| path.symlink_metadata().is_ok())
        .map(|path| format!("`{}`", path.display()))
        .collect();
    if !taken.is_empty() {
        return global.fail(
            &format!("{} exists already; nothing was written", taken.join(", ")),
            "name another folder: `grantc init DIR`",
        );
    }
    let name = args.name.clone().unwrap_or_else(|| folder_name(&dir));
    if let Err(error) = write(&dir, &name) {
        return global.fail(&format!("`{}` cannot be written, and nothing was: {error}", dir.display()), "");
    }
    let mut text = String::new();
    for (path, _) in TEMPLATE {
        text.push_str(&format!("{}\n", dir.join(path).display()));
    }
    global.say("a project to start from; next: `grantc check`, `grantc test`, `grantc compile -o out`");
    global.print(&text, ExitCode::Ok)
}

/// Stages all files beside their places, then moves each top entry; a failure takes back what was moved.
fn write(dir: &Path, name: &str) -> io::Result<()> {
    let made = first_missing(dir);
    fs::create_dir_all(dir)?;
    let moved = stage(dir, name);
    if moved.is_err()
        && let Some(made) = made
    {
        // Only folders that we made and that are empty again.
        let mut folder = Some(dir);
        while let Some(each) = folder.filter(|each| each.starts_with(&made)) {
            let _ = fs::remove_dir(each);
            folder = each.parent();
        }
    }
    moved
}

fn stage(dir: &Path, name: &str) -> io::Result<()> {
    let temporary = tempfile::Builder::new().prefix(".grantc-init-").tempdir_in(dir)?;
    for (path, text) in TEMPLATE {
        let target = temporary.path().join(path);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        let text =
            if *path == PROJECT_FILE { text.replacen("NAME", &quoted(name), 1) } else { (*text).to_owned() };
        output::write_file(&target, text.as_bytes(), None)?;
    }
    let mut moved: Vec<PathBuf> = Vec::new();
    for each in TOP {
        let (from, to) = (temporary.path().join(each), dir.join(each));
        // rename(2) would replace a file or an empty folder that appeared since we looked.
        let taken = to.symlink_metadata().is_ok();
        let done = if taken { Err(io::ErrorKind::AlreadyExists.into()) } else { fs::rename(from, &to) };
        if let Err(error) = done {
            for path in &moved {
                let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            }
            return Err(error);
        }
        moved.push(to);
    }
    Ok(())
}

/// The topmost folder that has to be made.
fn first_missing(dir: &Path) -> Option<PathBuf> {
    dir.ancestors()
        .filter(|each| !each.as_os_str().is_empty())
        .take_while(|each| !each.exists())
        .last()
        .map(Path::to_owned)
}

fn folder_name(dir: &Path) -> String {
    let absolute = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    let last = absolute.file_name().map(|name| name.to_string_lossy().into_owned());
    last.filter(|name| !name.is_empty()).unwrap_or_else(|| "policies".to_owned())
}

/// A YAML scalar that is read back as the same text: bare where that is plain, else double-quoted as in JSON.
fn quoted(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
        && !matches!(name, "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n");
    if plain { name.to_owned() } else { serde_json::Value::from(name).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_yaml_would_read_something_else() {
        let check = |name: &str, expected: &str| assert_eq!(quoted(name), expected);
        check("retail-eu", "retail-eu");
        check("true", "\"true\"");
        check("2026", "\"2026\"");
        check("a: b # c", "\"a: b # c\"");
        check("\"", "\"\\\"\"");
    }

    #[test]
    fn a_failure_takes_back_what_was_written() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("project");
        fs::create_dir(&dir).unwrap();
        // The last entry is in the way, and could not be seen before.
        fs::create_dir_all(dir.join(PROJECT_FILE).join("x")).unwrap();
        assert!(write(&dir, "x").is_err());
        let left: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [PROJECT_FILE]);
    }
}
