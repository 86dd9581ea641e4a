//! Buildroots of tasks that don't run any more are told to be over.

use koji_core::Result;
use koji_core::api::buildroot::{HostSetBuildRootState, ListBuildroots};
use koji_core::client::field;

use super::Daemon;

/// INIT, WAITING and BUILDING: the states of a buildroot in use.
const IN_USE: [i64; 3] = [0, 1, 2];
const EXPIRED: i64 = 3;

impl Daemon {
    /// Expires the buildroots that the hub counts as in use although their tasks don't run here.
    pub(super) fn expire_buildroots(&mut self) -> Result<()> {
        let state = Some(IN_USE.to_vec().into());
        let roots =
            self.hub.ask(ListBuildroots { hostID: Some(self.host_id), state, ..ListBuildroots::new() })?;
        for root in roots.as_array().unwrap_or_default() {
            let running = field(root, "task_id").as_int().is_some_and(|task| self.children.contains(task));
            let Some(id) = field(root, "id").as_int().filter(|_| !running) else { continue };
            tracing::info!(buildroot = id, "expiring a buildroot that nothing uses");
            self.hub.call(HostSetBuildRootState::new(id, EXPIRED))?;
        }
        Ok(())
    }
}
