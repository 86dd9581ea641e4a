//! The output of scratch builds: moved to `scratch/USER/task_ID`, and not imported.

use std::path::{Path, PathBuf};

use super::files;
use super::outcome::Outcome;
use crate::context::Cx;
use crate::db::Query;
use crate::paths::{check_segment, safe_join};
use crate::{Error, Result};

/// Moves what the task of a scratch rpm build has made.
pub fn keep(cx: &mut Cx<'_>, task: i64, outcome: &Outcome) -> Result<()> {
    let dir = directory(cx, task, task)?;
    for path in outcome.packages(cx)? {
        take(cx, &path, &dir)?;
    }
    for (below, paths) in &outcome.logs {
        let dir = safe_join(&dir.join("logs"), below)?;
        for path in paths {
            take(cx, path, &dir)?;
        }
    }
    Ok(())
}

/// The directory of a task's output, below that of the user who owns the task it belongs to.
pub fn directory(cx: &mut Cx<'_>, owned: i64, task: i64) -> Result<PathBuf> {
    let user: String = Query::from("task")
        .join("users ON users.id = task.owner")
        .filter("task.id = ?", owned)
        .select_first(cx.db, "users.name")?
        .ok_or_else(|| Error::generic(format!("No such task: {owned}")))?;
    // A Kerberos principal has a slash, which makes a directory of its own; nothing else may.
    user.split('/').try_for_each(|part| check_segment("user name", part).map(drop))?;
    Ok(cx.env.paths.scratch().join(user).join(format!("task_{task}")))
}

fn take(cx: &mut Cx<'_>, path: &str, dir: &Path) -> Result<()> {
    let file = files::uploaded(cx, path)?;
    let name = file.file_name().ok_or_else(|| Error::generic(format!("No such file: {path}")))?;
    let dest = dir.join(name);
    files::take_in(cx, &file, &dest)
}
