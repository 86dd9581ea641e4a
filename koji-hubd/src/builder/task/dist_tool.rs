//! createrepo_c for repositories with deltas or zchunk copies, which only that tool makes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use koji_core::api::cast::IntLike;
use koji_core::api::repo::RepoInfo;
use koji_core::client::field;
use koji_core::paths::Paths;
use koji_core::{Error, Result};

use super::Params;
use super::run::{Run, need_int, need_text};
use crate::builder::{files, process};

const PROGRAM: &str = "createrepo_c";

/// What the tool is to do beyond the metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tool {
    /// The directories with the rpms that deltas start from.
    old: Vec<PathBuf>,
    zck: bool,
    zck_dict_dir: Option<PathBuf>,
}

impl Tool {
    /// What the options of the task ask for; none if it needs no tool.
    ///
    /// # Errors
    /// Options that do not go together, and repositories or directories that are not there.
    pub fn from_options(run: &mut Run, params: &Params) -> Result<Option<Self>> {
        let zck = params.opt("zck").is_true();
        let dict_dir = params.opt("zck_dict_dir").as_str().filter(|dir| !dir.is_empty()).map(PathBuf::from);
        check_dict_dir(zck, dict_dir.as_deref())?;
        let mut old = vec![];
        for id in params.opt("delta").as_array().unwrap_or_default() {
            let id = id.as_int().ok_or_else(|| Error::parameter("delta must be a list of repository ids"))?;
            let repo = run.ask(RepoInfo { strict: true, ..RepoInfo::new(IntLike(id)) })?;
            if !field(&repo, "dist").is_true() {
                return Err(Error::generic("Base repo for deltas must also be a dist repo"));
            }
            let paths = Paths::new(run.settings.topdir());
            let dir = paths.dist_repo(need_int(&repo, "id")?, need_text(&repo, "tag_name")?, None);
            if !dir.is_dir() {
                return Err(Error::generic(format!("Base drpm repo missing: {}", dir.display())));
            }
            // the tool looks into no directory below those that it is told of
            dirs_with_rpms(&dir.join(params.text("arch")?), &mut old)?;
        }
        let wanted = zck || params.opt("delta").is_true();
        Ok(wanted.then_some(Self { old, zck, zck_dict_dir: dict_dir }))
    }

    fn args(&self, dir: &Path, comps: Option<&Path>) -> Vec<String> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut args: Vec<String> = ["--error-exit-val", "-vd", "-i"].map(str::to_owned).into();
        args.push(text(&dir.join("pkglist")));
        if let Some(comps) = comps {
            args.extend(["-g".to_owned(), text(comps)]);
        }
        if !self.old.is_empty() {
            args.push("--deltas".into());
        }
        for old in &self.old {
            args.extend(["--oldpackagedirs".to_owned(), text(old)]);
        }
        if self.zck {
            args.push("--zck".into());
        }
        if let Some(dict_dir) = &self.zck_dict_dir {
            args.extend(["--zck-dict-dir".to_owned(), text(dict_dir)]);
        }
        args.push(text(dir));
        args
    }
}

/// Adds the directories that have rpms in them: one itself, and those below it. An arch that an old repository has not
/// gives none.
fn dirs_with_rpms(dir: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    let names = files::names(dir)?;
    if names.iter().any(|name| name.ends_with(".rpm")) {
        found.push(dir.to_owned());
    }
    let below = names.iter().map(|name| dir.join(name));
    let is_dir = |path: &PathBuf| path.symlink_metadata().is_ok_and(|meta| meta.is_dir());
    below.filter(is_dir).try_for_each(|dir| dirs_with_rpms(&dir, found))
}

fn check_dict_dir(zck: bool, dir: Option<&Path>) -> Result<()> {
    let Some(dir) = dir else { return Ok(()) };
    if !zck {
        return Err(Error::generic("--zck-dict-dir makes no sense without --zck"));
    }
    if dir.is_file() {
        return Err(Error::generic(format!("zchunk dir path is file: {}", dir.display())));
    }
    if !dir.is_dir() {
        return Err(Error::generic(format!("zchunk dir path doesn't exist: {}", dir.display())));
    }
    Ok(())
}

/// Runs the tool on a directory with a `pkglist`; its output is uploaded as a log.
pub(super) fn run(run: &mut Run, tool: &Tool, dir: &Path, comps: &Path, log: &str) -> Result<()> {
    let path = run.workdir().join(log);
    let file = std::fs::File::create(&path).map_err(|error| Error::io(&path, error))?;
    let errors = file.try_clone().map_err(|error| Error::io(&path, error))?;
    let mut command = Command::new(PROGRAM);
    command.args(tool.args(dir, comps.is_file().then_some(comps)));
    command.stdin(Stdio::null()).stdout(file).stderr(errors);
    let status = command.status().map_err(|error| {
        Error::generic(format!("deltas and zchunk need {PROGRAM}, which does not run here: {error}"))
            .caused_by(error)
    })?;
    run.upload(&path)?;
    if status.success() {
        return Ok(());
    }
    Err(Error::generic(format!(
        "failed to create repo: {}; see {log}",
        process::status_text(PROGRAM, status)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tool_is_told_what_it_needs() {
        let tool = Tool { old: vec!["/old".into()], zck: true, zck_dict_dir: None };
        let args = tool.args(Path::new("/r"), None);
        assert_eq!(
            args,
            [
                "--error-exit-val",
                "-vd",
                "-i",
                "/r/pkglist",
                "--deltas",
                "--oldpackagedirs",
                "/old",
                "--zck",
                "/r"
            ]
        );
        let told = |zck, dir: &str| check_dict_dir(zck, Some(Path::new(dir))).unwrap_err().message;
        assert!(told(false, "/tmp").contains("without --zck"));
        assert!(told(true, "/nowhere").contains("doesn't exist"));
        assert!(told(true, "/proc/version").contains("is file"));
    }
}
