//! What a rehearsed call would do to files, noted instead of done.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::db::notes::Notes;

/// What happens to a file or a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileAction {
    /// It is written, with what it is in
    Write,
    /// It comes from another place, where a symlink may stay
    Move,
    /// It becomes a symlink to another place
    Link,
    /// It goes, with what is in it
    Remove,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileChange {
    /// What happens
    pub action: FileAction,
    /// Where, from the top directory
    pub path: PathBuf,
    /// Where it comes from or leads to
    pub from: Option<PathBuf>,
}

/// The changes of a call.
pub type Plan = Notes<FileChange>;

impl Plan {
    /// Notes a change below a top directory.
    pub fn note(&mut self, top: &Path, action: FileAction, path: &Path, from: Option<&Path>) {
        let short = |path: &Path| path.strip_prefix(top).unwrap_or(path).to_owned();
        self.add(FileChange { action, path: short(path), from: from.map(short) });
    }

    /// Whether a directory or a file of it would be there.
    pub fn makes(&self, top: &Path, dir: &Path) -> bool {
        let dir = dir.strip_prefix(top).unwrap_or(dir);
        self.iter().any(|change| change.action != FileAction::Remove && change.path.starts_with(dir))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_from_the_top_directory() {
        let (top, mut plan) = (Path::new("/mnt/koji"), Plan::default());
        plan.note(top, FileAction::Move, Path::new("/mnt/koji/packages/a/1/1/f"), Some(Path::new("/x/f")));
        assert!(plan.makes(top, Path::new("/mnt/koji/packages/a")));
        assert!(!plan.makes(top, Path::new("/mnt/koji/packages/b")));
        plan.stamp(0, 3);
        let note = plan.take().remove(0);
        let change = note.what;
        assert_eq!((change.path.to_str(), note.entry), (Some("packages/a/1/1/f"), Some(3)));
        assert_eq!(change.from.as_deref(), Some(Path::new("/x/f")));
    }
}
