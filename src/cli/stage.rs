//! What commands do before their own work: read the project, and stop where findings say so.

use std::path::PathBuf;

use super::accepted::Accepted;
use super::exit::Gate;
use super::{ExitCode, Global};
use crate::diagnostic::{Code, Diagnostics, Severity};
use crate::pipeline::{self, World};
use crate::source::Sources;

/// A project that has no errors.
pub struct Loaded {
    /// Where it is.
    pub root: PathBuf,
    /// Its texts.
    pub sources: Sources,
    /// What was said: findings only.
    pub diagnostics: Diagnostics,
    /// Settings and policies.
    pub world: World,
}

/// Reads the project, or prints why not.
///
/// # Errors
/// The exit code of a project with errors.
pub fn load(global: &Global) -> Result<Loaded, ExitCode> {
    let root = global.project_root()?;
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::new();
    match pipeline::load(&root, global.at, &mut sources, &mut diagnostics) {
        Ok(world) => Ok(Loaded { root, sources, diagnostics, world }),
        Err(_) => {
            global.report(&mut diagnostics, &sources, &root);
            Err(ExitCode::Error)
        }
    }
}

impl Loaded {
    /// Stops a command that writes artefacts or plans at findings that open, unless they were accepted; prints them.
    ///
    /// # Errors
    /// The exit code of an unaccepted finding that opens.
    pub fn gate(&mut self, global: &Global, accept: &[Code]) -> Result<(), ExitCode> {
        let accepted = Accepted::new(accept, &self.world.project.accept);
        let mut open: Diagnostics = Diagnostics::new();
        let mut said = Diagnostics::new();
        for each in accepted.unaccepted(&self.diagnostics).filter(|each| each.severity == Severity::Finding) {
            if each.opens { open.push(each.clone()) } else { said.push(each.clone()) }
        }
        if open.is_empty() {
            if global.verbose > 0 {
                global.report(&mut said, &self.sources, &self.root);
            }
            return Ok(());
        }
        let verdict = Gate::Build.verdict(open.iter());
        global.report(&mut open, &self.sources, &self.root);
        global.say("stopped: these findings could widen access; mend them, or accept them with a reason in grantc.yaml");
        Err(verdict)
    }

    /// Prints what a later stage said, and gives the code of an error.
    pub fn fail(&mut self, global: &Global, said: Diagnostics) -> ExitCode {
        let mut said = said;
        global.report(&mut said, &self.sources, &self.root);
        ExitCode::Error
    }
}
