//! `fmt`: policies in their canonical form, in place or checked.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{ExitCode, Global, OutputFormat, output};
use crate::diagnostic::Diagnostics;
use crate::inventory;
use crate::source::{SourceId, Sources};
use crate::syntax;

/// The formats of its result.
pub const FORMATS: &[OutputFormat] = super::format::HUMAN_ONLY;

/// Its arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Change nothing; exit 3 if a file is not in its canonical form
    #[arg(long)]
    pub check: bool,
    /// The files, or `-` for stdin to stdout [default: every policy of the project]
    #[arg(value_name = "FILES")]
    pub files: Vec<PathBuf>,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> ExitCode {
    let mut sources = Sources::default();
    if args.files.iter().any(|file| file == Path::new("-")) {
        return if args.files.len() == 1 {
            filter(args, global, &mut sources)
        } else {
            global.usage("`-` stands alone", "name files, or `-` for stdin")
        };
    }
    let mut diagnostics = Diagnostics::new();
    let (base, files) = match files(args, global, &mut sources, &mut diagnostics) {
        Ok(found) => found,
        Err(code) => return code,
    };
    let mut code = ExitCode::Ok;
    let mut changed = Vec::new();
    for (source, path) in &files {
        let text = sources.get(*source).text.clone();
        if let Ok(canonical) = syntax::format(*source, &text, &mut diagnostics)
            && *canonical != *text
        {
            changed.push((path, canonical));
        }
    }
    if !diagnostics.is_empty() {
        global.report(&mut diagnostics, &sources, &base);
        code = ExitCode::Error;
    }
    let mut listed = String::new();
    for (path, canonical) in &changed {
        listed.push_str(&format!("{}\n", path.display()));
        if !args.check
            && let Err(error) = output::write_file(path, canonical.as_bytes(), None)
        {
            return global.fail(&format!("`{}` cannot be written: {error}", path.display()), "");
        }
    }
    if code == ExitCode::Ok && args.check && !changed.is_empty() {
        code = ExitCode::Findings;
        global.say(&format!(
            "{} of {} files are not in canonical form: `grantc fmt` writes it",
            changed.len(),
            files.len()
        ));
    }
    global.print(&listed, code)
}

type Found = (PathBuf, Vec<(SourceId, PathBuf)>);

fn files(
    args: &Args,
    global: &Global,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Result<Found, ExitCode> {
    if args.files.is_empty() {
        let root = global.project_root()?;
        let project = inventory::project::open(&root, sources, diagnostics);
        let Ok(project) = project else {
            global.report(diagnostics, sources, &root);
            return Err(ExitCode::Error);
        };
        let files = inventory::policy_files(&project, sources, diagnostics)
            .into_iter()
            .map(|source| (source, root.join(&sources.get(source).name)))
            .collect();
        return Ok((root, files));
    }
    let mut found = Vec::new();
    for path in &args.files {
        #[expect(clippy::disallowed_methods, reason = "the edge: files named on the command line")]
        match std::fs::read_to_string(path) {
            Ok(text) => found.push((sources.add(path.display().to_string(), text), path.clone())),
            Err(error) => {
                return Err(global.fail(&format!("`{}` cannot be read: {error}", path.display()), ""));
            }
        }
    }
    Ok((PathBuf::from("."), found))
}

fn filter(args: &Args, global: &Global, sources: &mut Sources) -> ExitCode {
    let mut text = String::new();
    if let Err(error) = std::io::stdin().read_to_string(&mut text) {
        return global.fail(&format!("stdin cannot be read: {error}"), "policies are UTF-8 text");
    }
    let source = sources.add("<stdin>", text.as_str());
    let mut diagnostics = Diagnostics::new();
    match syntax::format(source, &text, &mut diagnostics) {
        Ok(canonical) if args.check && canonical != text => ExitCode::Findings,
        Ok(_) if args.check => ExitCode::Ok,
        Ok(canonical) => global.print(&canonical, ExitCode::Ok),
        Err(_) => {
            global.report(&mut diagnostics, sources, Path::new("."));
            ExitCode::Error
        }
    }
}
