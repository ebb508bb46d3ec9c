//! A project as texts: what a failing law prints, and what the real pipeline reads.
//!
//! In: the texts of a project. Out: [`pipeline::World`], through the same stages as every command.
//! A random policy may be in error (a tie, a missing column); [`Texts::repaired`] leaves those policies out, one by one, so
//! that what remains is a project that compiles.

use std::fmt;
use std::path::Path;

use grantc::diagnostic::Diagnostics;
use grantc::inventory::files::Files;
use grantc::inventory::{Instant, ProjectFiles, load_files, project};
use grantc::pipeline::World;
use grantc::source::Sources;
use grantc::{resolve, syntax};

/// The instant of every random world.
pub fn now() -> Instant {
    Instant::of_date(jiff::civil::date(2026, 6, 1))
}

/// The files of a project; policies one declaration each.
#[derive(Clone, PartialEq, Eq)]
pub struct Texts {
    pub settings: String,
    pub integrations: Vec<(String, String)>,
    pub catalog: Vec<(String, String)>,
    pub directory: Vec<(String, String)>,
    pub policies: Vec<String>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n--- grantc.yaml\n{}", self.settings)?;
        let lists = [
            ("integrations", &self.integrations),
            ("catalog", &self.catalog),
            ("directory", &self.directory),
        ];
        for (folder, files) in lists {
            for (name, text) in files {
                writeln!(f, "--- {folder}/{name}\n{}", text.trim_end())?;
            }
        }
        writeln!(f, "--- policies/all.policy\n{}", self.policies.join("\n"))
    }
}

impl Texts {
    /// The program, or everything that is wrong.
    pub fn read(&self) -> Result<World, String> {
        let (mut sources, mut said) = (Sources::default(), Diagnostics::new());
        self.load(&mut sources, &mut said)
            .map_err(|_| said.iter().map(|each| format!("{each:?}")).collect::<Vec<_>>().join("\n"))
    }

    /// The program; what is wrong goes to the collectors.
    pub fn load(
        &self,
        sources: &mut Sources,
        said: &mut Diagnostics,
    ) -> Result<World, grantc::diagnostic::Reported> {
        let settings = Files::default().with(project::FILE, self.settings.clone());
        let project = project::read(Path::new("/project"), &settings, sources, said)?;
        let files = |list: &[(String, String)]| {
            list.iter().fold(Files::default(), |files, (name, text)| {
                files.with(name.clone(), text.clone().into_bytes())
            })
        };
        let files = ProjectFiles {
            integrations: files(&self.integrations),
            catalog: files(&self.catalog),
            directory: files(&self.directory),
        };
        let inventory = load_files(&files, project.scope, sources, said)?;
        let mut documents = Vec::new();
        for (index, text) in self.policies.iter().enumerate() {
            let source = sources.add(format!("policies/{index}.policy"), text.clone());
            documents.push((source, syntax::parse(source, text, said)?));
        }
        let program = resolve::resolve(documents, inventory, now(), sources, said)?;
        grantc::check::run(&program, grantc::check::Options { salted: project.salt.is_some() }, said);
        said.result()?;
        Ok(World { project, program })
    }

    /// Without the policies that are in error; how many those were.
    pub fn repaired(&self) -> (Texts, usize) {
        if self.read().is_ok() {
            return (self.clone(), 0);
        }
        let mut kept = Texts { policies: Vec::new(), ..self.clone() };
        // Twice: a policy may name a condition that stands below it.
        for _ in 0..2 {
            for policy in &self.policies {
                if kept.policies.contains(policy) {
                    continue;
                }
                kept.policies.push(policy.clone());
                if kept.read().is_err() {
                    kept.policies.pop();
                }
            }
        }
        let dropped = self.policies.len() - kept.policies.len();
        (kept, dropped)
    }
}
