//! The log files of a build.

use std::fs::DirEntry;
use std::path::Path;

use serde::Serialize;

use super::lookup::BuildRef;
use super::{BuildRow, files, row};
use crate::context::Cx;
use crate::paths::safe_join;
use crate::{Error, Result};

/// A log file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Log {
    /// Its name
    pub name: String,
    /// Its directory below that of the logs; `.` for that itself
    pub dir: String,
    /// Its path below the top directory
    pub path: String,
}

/// The logs of a build. Those of a build under way are with its tasks.
pub fn list(cx: &mut Cx<'_>, build: &BuildRef) -> Result<Vec<Log>> {
    let build = row::get(cx, build)?;
    let top = cx.env.paths.build_logs(build.dir());
    let relative = top.strip_prefix(cx.env.paths.top()).unwrap_or(&top).display().to_string();
    if !top.exists() {
        return Ok(Vec::new());
    }
    if !top.is_dir() {
        return Err(Error::generic(format!("Not a directory: {}", top.display())));
    }
    let mut logs = Vec::new();
    walk(&top, "", &relative, &mut logs)?;
    Ok(logs)
}

/// Takes an uploaded log into a build, into a directory of its logs if that is not empty.
pub fn import(cx: &mut Cx<'_>, build: &BuildRow, file: &Path, dir: &str) -> Result<()> {
    let top = safe_join(&cx.env.paths.build_logs(build.dir()), dir)?;
    let name = file.file_name().ok_or_else(|| Error::generic(format!("no log: {}", file.display())))?;
    files::take_in(cx, file, &top.join(name))
}

fn walk(dir: &Path, below: &str, top: &str, logs: &mut Vec<Log>) -> Result<()> {
    let at = |source| Error::io(dir, source);
    let mut entries = dir.read_dir().map_err(at)?.collect::<Result<Vec<_>, _>>().map_err(at)?;
    let is_dir = |entry: &DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    entries.sort_by_key(|entry| (is_dir(entry), entry.file_name()));
    for entry in entries {
        let kind = entry.file_type().map_err(at)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() {
            let below = if below.is_empty() { name } else { format!("{below}/{name}") };
            walk(&entry.path(), &below, top, logs)?;
        } else if kind.is_file() {
            let dir = if below.is_empty() { "." } else { below };
            logs.push(Log { path: format!("{top}/{dir}/{name}"), dir: dir.to_owned(), name });
        } else {
            tracing::warn!(path = %entry.path().display(), "neither a file nor a directory among the logs of a build");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_only() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("x86_64")).unwrap();
        std::fs::write(dir.path().join("x86_64/build.log"), "").unwrap();
        std::fs::create_dir(dir.path().join("arch")).unwrap();
        std::fs::write(dir.path().join("arch/root.log"), "").unwrap();
        std::fs::write(dir.path().join("top.log"), "").unwrap();
        std::os::unix::fs::symlink("top.log", dir.path().join("link.log")).unwrap();
        let mut logs = Vec::new();
        walk(dir.path(), "", "p", &mut logs).unwrap();
        let paths: Vec<&str> = logs.iter().map(|log| log.path.as_str()).collect();
        assert_eq!(paths, ["p/./top.log", "p/arch/root.log", "p/x86_64/build.log"]);
    }
}
