//! The logs of a build, by the arch they are of.

use std::path::Path;

use super::upload;
use crate::build::files;
use crate::context::Cx;
use crate::paths::safe_join;
use crate::wire::Map;
use crate::{Error, Result};

/// Logs by subdirectory, mostly the arch; an empty name is the directory of the logs itself.
#[derive(Clone, Debug, Default)]
pub struct Logs(pub Vec<(String, Vec<String>)>);

impl Logs {
    /// As builders send them: a struct of lists of paths.
    pub fn read(map: Option<Map>) -> Result<Self> {
        let one = |(key, value): (String, crate::wire::Value)| {
            crate::api::Arg::take(value).map(|files: Vec<String>| (key, files))
        };
        map.unwrap_or_default().into_iter().map(one).collect::<Result<_>>().map(Self)
    }

    /// All paths.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|(_, files)| files.iter().map(String::as_str))
    }

    /// Takes all of them into a directory of logs.
    pub(super) fn take_in(&self, cx: &mut Cx<'_>, dir: &Path) -> Result<()> {
        for (key, list) in &self.0 {
            if key.split('/').any(|part| part == "..") || key.starts_with('/') {
                return Err(Error::generic(format!("Invalid directory for logs: {key:?}")));
            }
            let dir = if key.is_empty() { dir.to_owned() } else { dir.join(key) };
            for relative in list {
                let log = safe_join(&cx.env.paths.work(None), relative)?;
                take_in(cx, &log, &dir.join(upload::basename(relative)))?;
            }
        }
        Ok(())
    }
}

/// Takes one log to its place, where none may be yet.
pub(super) fn take_in(cx: &mut Cx<'_>, log: &Path, dest: &Path) -> Result<()> {
    if dest.symlink_metadata().is_ok() {
        return Err(Error::generic(format!("Error importing build log. {} already exists.", dest.display())));
    }
    if !log.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
        let log = log.display();
        return Err(Error::generic(format!("Error importing build log. {log} is not a regular file.")));
    }
    files::take_in(cx, log, dest)
}
