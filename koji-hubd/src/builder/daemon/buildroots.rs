//! Buildroots of tasks that don't run any more: told to the hub to be over, and removed from this host.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use koji_core::Result;
use koji_core::api::buildroot::{HostSetBuildRootState, ListBuildroots};
use koji_core::api::task::GetTaskInfo;
use koji_core::client::{field, watch};
use koji_core::wire::Value;

use super::Daemon;
use crate::builder::config::Settings;
use crate::builder::{backend, files, load};

/// INIT, WAITING and BUILDING: the states of a buildroot in use.
const IN_USE: [i64; 3] = [0, 1, 2];
const EXPIRED: i64 = 3;

/// How often leftovers are looked for when no task has ended meanwhile.
const PAUSE: Duration = Duration::from_secs(600);

impl Daemon {
    /// Expires the buildroots that the hub counts as in use although their tasks don't run here, and removes
    /// what none uses.
    pub(super) fn expire_buildroots(&mut self) -> Result<()> {
        let state = Some(IN_USE.to_vec().into());
        let roots =
            self.hub.ask(ListBuildroots { hostID: Some(self.host_id), state, ..ListBuildroots::new() })?;
        let mut used = HashSet::new();
        for root in roots.as_array().unwrap_or_default() {
            let running = field(root, "task_id").as_int().is_some_and(|task| self.children.contains(task));
            let Some(id) = field(root, "id").as_int() else { continue };
            if running {
                used.insert(id);
                continue;
            }
            tracing::info!(buildroot = id, "expiring a buildroot that nothing uses");
            self.hub.call(HostSetBuildRootState::new(id, EXPIRED))?;
        }
        if self.swept.is_some_and(|at| at.elapsed() < PAUSE) {
            return Ok(());
        }
        self.sweep_tasks();
        self.sweep_buildroots(&used)?;
        self.swept = Some(Instant::now());
        Ok(())
    }

    /// Removes the directories of tasks that don't run here: a builder that was killed leaves them.
    fn sweep_tasks(&self) {
        let top = self.settings.workdir().join("tasks");
        for (name, dir) in entries(&top).into_iter().flat_map(|(_, dir)| entries(&dir)) {
            let gone = name.parse::<i64>().is_ok_and(|task| !self.children.contains(task));
            if gone {
                remove(&dir);
            }
        }
    }

    fn sweep_buildroots(&mut self, used: &HashSet<i64>) -> Result<()> {
        for (name, dir) in entries(&backend::buildroots_dir(&self.settings)) {
            let Some(id) = id_of(&name).filter(|id| !used.contains(id)) else { continue };
            if !self.is_kept(id)? {
                remove(&dir);
                backend::sweep(&self.settings, id);
            }
        }
        for name in backend::mock_roots(&self.settings) {
            let Some(id) = id_of(&name).filter(|id| !used.contains(id)) else { continue };
            if !self.is_kept(id)? {
                tracing::info!(name, "removing a root of mock that nothing uses");
                if let Err(error) = backend::remove_mock_root(&self.settings, &name) {
                    tracing::warn!(%error, "cannot remove a leftover root");
                }
            }
        }
        Ok(())
    }

    /// Whether somebody may still want to look at a buildroot: its task failed not long ago, and there is space.
    fn is_kept(&mut self, id: i64) -> Result<bool> {
        let asked = ListBuildroots { buildrootID: Some(vec![id].into()), ..ListBuildroots::new() };
        let roots = self.hub.ask(asked)?;
        let Some(root) = roots.as_array().unwrap_or_default().first() else { return Ok(false) };
        let Some(task) = field(root, "task_id").as_int() else { return Ok(false) };
        if self.children.contains(task) {
            return Ok(true);
        }
        let info = self.hub.ask(GetTaskInfo::new(task))?;
        let failed = watch::state_of(&info) == Some(watch::State::Failed);
        Ok(failed && is_recent(root, &self.settings) && has_space(&self.settings)?)
    }
}

/// Whether a buildroot's time after a failure is not over yet.
fn is_recent(root: &Value, settings: &Settings) -> bool {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let age = field(root, "retire_ts").as_f64().map_or(0.0, |retired| now.as_secs_f64() - retired);
    age < settings.config().int("failed_buildroot_lifetime") as f64
}

fn has_space(settings: &Settings) -> Result<bool> {
    Ok(load::space_mb(&settings.workdir())? >= settings.config().int("minspace").unsigned_abs())
}

/// The id in a buildroot's name, which ends with it and the repository's.
fn id_of(name: &str) -> Option<i64> {
    let mut parts = name.rsplitn(3, '-');
    let (repo, id) = (parts.next()?, parts.next()?);
    repo.parse::<i64>().ok()?;
    id.parse().ok()
}

/// The names and paths of what is in a directory; nothing if it is not there.
fn entries(dir: &std::path::Path) -> Vec<(String, PathBuf)> {
    let names = files::names(dir).unwrap_or_default();
    names.into_iter().map(|name| (name.clone(), dir.join(name))).collect()
}

fn remove(dir: &std::path::Path) {
    tracing::info!(dir = %dir.display(), "removing what nothing uses");
    if let Err(error) = files::remove_dir(dir) {
        tracing::warn!(%error, "cannot remove a leftover directory");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_id() {
        assert_eq!(id_of("f40-build-12-345"), Some(12));
        assert_eq!(id_of("12-345"), Some(12));
        assert_eq!(id_of("f40-build"), None);
    }
}
