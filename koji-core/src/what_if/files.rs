//! What a rehearsed call would do to files, noted instead of done.

use std::path::{Path, PathBuf};

use serde::Serialize;

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
    /// The number of the entry, from 0, if the call is one of many
    pub entry: Option<usize>,
    /// What happens
    pub action: FileAction,
    /// Where, from the top directory
    pub path: PathBuf,
    /// Where it comes from or leads to
    pub from: Option<PathBuf>,
}

/// What has been noted.
#[derive(Debug, Default)]
pub struct Plan(Vec<FileChange>);

impl Plan {
    /// Notes a change below a top directory.
    pub fn note(&mut self, top: &Path, action: FileAction, path: &Path, from: Option<&Path>) {
        let short = |path: &Path| path.strip_prefix(top).unwrap_or(path).to_owned();
        self.0.push(FileChange { entry: None, action, path: short(path), from: from.map(short) });
    }

    /// Whether a directory or a file of it would be there.
    pub fn makes(&self, top: &Path, dir: &Path) -> bool {
        let dir = dir.strip_prefix(top).unwrap_or(dir);
        self.0.iter().any(|change| change.action != FileAction::Remove && change.path.starts_with(dir))
    }

    /// How much there is; a savepoint that fails goes back to it.
    pub fn mark(&self) -> usize {
        self.0.len()
    }

    /// Forgets what came since a mark.
    pub fn forget(&mut self, mark: usize) {
        self.0.truncate(mark);
    }

    /// Says that what came since a mark belongs to an entry of a call of calls.
    pub fn stamp(&mut self, mark: usize, entry: usize) {
        self.0.iter_mut().skip(mark).for_each(|change| change.entry = Some(entry));
    }

    /// The changes since the last time, in order.
    pub fn take(&mut self) -> Vec<FileChange> {
        std::mem::take(&mut self.0)
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
        let change = plan.take().remove(0);
        assert_eq!((change.path.to_str(), change.entry), (Some("packages/a/1/1/f"), Some(3)));
        assert_eq!(change.from.as_deref(), Some(Path::new("/x/f")));
    }
}
