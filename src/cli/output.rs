//! Writes outputs whole or not at all.
//!
//! In: bytes and where they belong. Out: files that appear under their final names only when everything has been written.
//! Invariant: a failed run leaves what was there before; nothing that grantc did not write is ever replaced or removed.
//! A folder is replaced by two renames; a reader between them finds none, never a mixture.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;

/// Stands in every folder that we wrote, so that the next run knows that it may replace it.
pub const MARKER: &str = ".grantc-output";
const MARKER_TEXT: &[u8] = b"Written by grantc, and replaced as a whole when it writes here again.\n";

/// One file of a tree: its path below the folder, its bytes, its permissions (default: what the system gives).
pub type OutputFile = (PathBuf, Vec<u8>, Option<u32>);

/// Permissions of what holds a secret.
pub const SECRET: u32 = 0o600;

/// Writes a folder of files.
///
/// # Errors
/// If a path leaves the folder, if the folder holds what we did not write, or if the system refuses.
pub fn write_tree(dir: &Path, files: &[OutputFile]) -> io::Result<()> {
    let mut tree = Tree::create(dir)?;
    for (path, bytes, mode) in files {
        tree.file(path, *mode)?.write_all(bytes)?;
    }
    tree.commit()
}

/// A folder being written. Nothing of it is seen before [`Tree::commit`]; dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Tree {
    staged: TempDir,
    dir: PathBuf,
    written: Vec<PathBuf>,
}

impl Tree {
    /// Starts a folder that will stand at `dir`.
    ///
    /// # Errors
    /// If `dir` cannot be replaced, which is better said before the work than after it.
    pub fn create(dir: &Path) -> io::Result<Tree> {
        let dir = resolved(dir)?;
        replaceable(&dir)?;
        let parent = dir.parent().ok_or_else(|| refusal("the root folder cannot be replaced"))?;
        fs::create_dir_all(parent)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".grantc-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // As mkdir(2) gives: the umask takes its part.
            builder.permissions(fs::Permissions::from_mode(0o777));
        }
        Ok(Tree { staged: builder.tempdir_in(parent)?, dir, written: Vec::new() })
    }

    /// Opens a file of the folder. Each path is written once.
    ///
    /// # Errors
    /// If the path leaves the folder or is written already.
    pub fn file(&mut self, path: &Path, mode: Option<u32>) -> io::Result<BufWriter<File>> {
        if path.as_os_str().is_empty() || !path.components().all(|part| matches!(part, Component::Normal(_)))
        {
            return Err(refusal(&format!("`{}` is not a path below the folder", path.display())));
        }
        let target = self.staged.path().join(path);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        let file = create_new(&target, mode)?;
        self.written.push(target);
        Ok(BufWriter::new(file))
    }

    /// Puts the folder in its place.
    ///
    /// # Errors
    /// If the system refuses; then what was there stands again.
    pub fn commit(mut self) -> io::Result<()> {
        self.file(Path::new(MARKER), None)?.write_all(MARKER_TEXT)?;
        for path in &self.written {
            OpenOptions::new().read(true).open(path)?.sync_all()?;
        }
        replaceable(&self.dir)?;
        let parent = self.dir.parent().ok_or_else(|| refusal("the root folder cannot be replaced"))?;
        let old = tempfile::Builder::new().prefix(".grantc-old-").tempdir_in(parent)?;
        let kept = old.path().join("old");
        let existed = self.dir.exists();
        if existed {
            fs::rename(&self.dir, &kept)?;
        }
        if let Err(error) = fs::rename(self.staged.path(), &self.dir) {
            if existed {
                fs::rename(&kept, &self.dir)?;
            }
            return Err(error);
        }
        // The staged folder has moved: nothing is left to clean up.
        let _ = self.staged.keep();
        Ok(())
    }
}

/// Writes one file. What is no regular file (`/dev/stdout`, a pipe) is written to directly.
///
/// # Errors
/// If the system refuses; then what was there stays.
pub fn write_file(path: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
    let path = if path.exists() { path.canonicalize()? } else { path.to_owned() };
    if path.exists() && !path.is_file() && !path.is_dir() {
        return OpenOptions::new().write(true).open(&path)?.write_all(bytes);
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let staged = tempfile::Builder::new().prefix(".grantc-").tempdir_in(parent)?;
    let target = staged.path().join("new");
    let mut file = create_new(&target, mode)?;
    file.write_all(bytes)?;
    if mode.is_none() && path.is_file() {
        file.set_permissions(fs::metadata(&path)?.permissions())?;
    }
    file.sync_all()?;
    drop(file);
    fs::rename(&target, &path)
}

#[cfg_attr(not(unix), expect(unused_variables, reason = "permissions are those of the folder there"))]
fn create_new(path: &Path, mode: Option<u32>) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if let Some(mode) = mode {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(mode);
    }
    options.open(path)
}

/// The absolute path of a folder that may not exist yet; links are followed, so that the folder and not the link is
/// replaced.
fn resolved(dir: &Path) -> io::Result<PathBuf> {
    if dir.exists() { dir.canonicalize() } else { std::path::absolute(dir) }
}

/// Refuses to replace what somebody else put there.
fn replaceable(dir: &Path) -> io::Result<()> {
    if !dir.exists() {
        return Ok(());
    }
    if !dir.is_dir() {
        return Err(refusal(&format!("`{}` is a file", dir.display())));
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "replacing the folder one stands in would pull it from under the shell"
    )]
    if std::env::current_dir().and_then(|here| here.canonicalize()).is_ok_and(|here| here.starts_with(dir)) {
        return Err(refusal(&format!(
            "`{}` holds the working directory; name a folder of its own",
            dir.display()
        )));
    }
    let empty = fs::read_dir(dir)?.next().is_none();
    if empty || dir.join(MARKER).is_file() {
        return Ok(());
    }
    Err(refusal(&format!(
        "`{}` holds files that grantc did not write; name another folder or empty this one",
        dir.display()
    )))
}

fn refusal(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = walkdir::WalkDir::new(dir)
            .min_depth(1)
            .into_iter()
            .map(|entry| entry.unwrap().path().strip_prefix(dir).unwrap().display().to_string())
            .collect();
        names.sort();
        names
    }

    fn file(path: &str, text: &str) -> OutputFile {
        (PathBuf::from(path), text.as_bytes().to_vec(), None)
    }

    #[test]
    fn a_tree_is_replaced_as_a_whole() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("deep/out");
        write_tree(&dir, &[file("a/1.sql", "x"), file("b.json", "y")]).unwrap();
        assert_eq!(list(&dir), [".grantc-output", "a", "a/1.sql", "b.json"]);
        write_tree(&dir, &[file("c", "z")]).unwrap();
        assert_eq!(list(&dir), [".grantc-output", "c"]);
        assert_eq!(list(root.path()), ["deep", "deep/out", "deep/out/.grantc-output", "deep/out/c"]);
    }

    #[test]
    fn foreign_files_and_paths_that_leave_are_refused_and_nothing_changes() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("out");
        fs::create_dir(&dir).unwrap();
        write_file(&dir.join("mine.txt"), b"", None).unwrap();
        assert!(write_tree(&dir, &[file("a", "x")]).is_err());
        for path in ["../evil", "/evil", "a/../../evil", "", "."] {
            assert!(
                write_tree(&root.path().join("new"), &[file("a", "x"), file(path, "x")]).is_err(),
                "{path}"
            );
        }
        assert!(write_tree(&root.path().join("new"), &[file("a", "x"), file("a", "y")]).is_err());
        assert_eq!(list(root.path()), ["out", "out/mine.txt"]);
    }

    #[test]
    fn a_dropped_tree_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let mut tree = Tree::create(&root.path().join("out")).unwrap();
        tree.file(Path::new("a"), None).unwrap().write_all(b"half").unwrap();
        drop(tree);
        assert!(list(root.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn secrets_are_readable_by_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("out");
        write_tree(&dir, &[(PathBuf::from("s"), b"salt".to_vec(), Some(SECRET)), file("p", "")]).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&dir.join("s")), 0o600);
        write_file(&root.path().join("one"), b"salt", Some(SECRET)).unwrap();
        assert_eq!(mode(&root.path().join("one")), 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_rewritten_file_keeps_its_permissions_and_its_link() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        let (file, link) = (root.path().join("f"), root.path().join("link"));
        write_file(&file, b"1", None).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write_file(&link, b"2", None).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::metadata(&file).unwrap().len(), 1);
        assert_eq!(list(root.path()), ["f", "link"]);
    }
}
