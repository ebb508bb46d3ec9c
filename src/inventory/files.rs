//! The edge: the one place of the core that reads the project's folders.
//!
//! In: folders, or texts by name in tests. Out: [`Files`], in byte order of their names, `/` between parts.
//! Invariant: a text that enters [`Sources`] is UTF-8, without byte order mark, shorter than 4 GiB. Tables are
//! streamed and never held. A loop of links is an error, not a hang. Hidden files and folders (their name begins with a
//! dot) are passed over: editors and version control keep copies and locks there.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, Sources};

/// Files of one folder, by name.
#[derive(Clone, Debug, Default)]
pub struct Files {
    list: BTreeMap<String, Content>,
}

#[derive(Clone, Debug)]
enum Content {
    Held(Vec<u8>),
    Disk(PathBuf),
}

impl Files {
    /// Adds a file that is not on disk.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        self.list.insert(name.into(), Content::Held(content.into()));
        self
    }

    /// Lists every file below a folder. Names are relative to `root`, where they are below it.
    pub fn below(
        root: &Path,
        folder: &Path,
        key: &str,
        sources: &mut Sources,
        out: &mut Diagnostics,
    ) -> Self {
        let top = root.join(folder);
        let mut files = Self::default();
        if !top.is_dir() {
            let source = sources.add(shown(root, &top), "");
            out.error(
                Diagnostic::error(Code::BadFile, format!("there is no folder `{}`", shown(root, &top)))
                    .at(source.whole(), "")
                    .help(format!("make it, or set `{key}:` in grantc.yaml")),
            );
            return files;
        }
        let walk = walkdir::WalkDir::new(&top).follow_links(true).sort_by_file_name();
        for entry in walk.into_iter().filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.path())) {
            match entry {
                Ok(entry) if entry.file_type().is_file() => {
                    let path = entry.into_path();
                    let name = shown(root, &path);
                    // Two names that are not Unicode could read the same.
                    if path.to_str().is_none() {
                        let source = sources.add(name, "");
                        out.error(
                            Diagnostic::error(Code::BadFile, "the name of a file is not Unicode")
                                .at(source.whole(), "")
                                .help("rename it"),
                        );
                        continue;
                    }
                    files.list.insert(name, Content::Disk(path));
                }
                Ok(_) => {}
                // Editors lock a file with a hidden link that leads nowhere.
                Err(error) if error.path().is_some_and(|path| path != top && is_hidden(path)) => {}
                Err(error) => {
                    let place = error.path().map_or_else(|| shown(root, &top), |path| shown(root, path));
                    let source = sources.add(place, "");
                    let why = if error.loop_ancestor().is_some() {
                        "a link leads back to a folder above it".to_owned()
                    } else {
                        error.io_error().map_or_else(|| "cannot be read".to_owned(), ToString::to_string)
                    };
                    out.error(
                        Diagnostic::error(Code::BadFile, "a folder cannot be read").at(source.whole(), why),
                    );
                }
            }
        }
        files
    }

    /// One file by its path.
    pub fn one(name: impl Into<String>, path: PathBuf) -> Self {
        Self { list: BTreeMap::from([(name.into(), Content::Disk(path))]) }
    }

    /// The names, in byte order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.list.keys().map(String::as_str)
    }

    /// Reads a whole text and registers it. `None`: what is wrong has been said.
    pub fn text(&self, name: &str, sources: &mut Sources, out: &mut Diagnostics) -> Option<SourceId> {
        let mut bytes = Vec::new();
        let read = self.open(name).and_then(|mut reader| reader.read_to_end(&mut bytes));
        let refuse = |sources: &mut Sources, out: &mut Diagnostics, why: String, help: &str| {
            let source = sources.add(name, "");
            let mut diagnostic =
                Diagnostic::error(Code::BadFile, format!("`{name}` cannot be read")).at(source.whole(), why);
            if !help.is_empty() {
                diagnostic = diagnostic.help(help);
            }
            out.error(diagnostic);
        };
        if let Err(error) = read {
            refuse(sources, out, error.to_string(), "");
            return None;
        }
        if u32::try_from(bytes.len()).is_err() {
            refuse(sources, out, "the text is longer than 4 GiB".to_owned(), "split it into several files");
            return None;
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let line = error.as_bytes().iter().take(valid).filter(|byte| **byte == b'\n').count() + 1;
                refuse(sources, out, format!("line {line} is not UTF-8"), "save the file as UTF-8");
                return None;
            }
        };
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        Some(sources.add(name, text))
    }

    /// Opens a file to stream it.
    #[expect(clippy::disallowed_methods, reason = "this is the edge at which the core's files are read")]
    pub(crate) fn open(&self, name: &str) -> std::io::Result<Box<dyn Read + '_>> {
        match self.list.get(name) {
            Some(Content::Held(bytes)) => Ok(Box::new(bytes.as_slice())),
            Some(Content::Disk(path)) => Ok(Box::new(std::fs::File::open(path)?)),
            None => Err(std::io::ErrorKind::NotFound.into()),
        }
    }
}

/// A path as messages show it: relative to the project if below it, `/` between parts.
fn shown(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    let text = parts.join("/");
    text.strip_prefix("//").map_or(text.clone(), |rest| format!("/{rest}"))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}
