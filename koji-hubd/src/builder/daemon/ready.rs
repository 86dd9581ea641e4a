//! Whether this host takes tasks, and what it tells the hub of itself.

use std::path::Path;

use koji_core::Result;
use koji_core::api::host_call::HostGetTasks;
use koji_core::client::field;
use koji_core::wire::{Map, Value};

use super::Daemon;
use super::children::SELF;
use crate::builder::load::{self, Facts};
use crate::builder::probe::Space;
use crate::builder::task;

/// Whether this host takes tasks.
pub(super) struct Readiness {
    /// Why not
    pub obstacle: Option<String>,
    /// Whether that is over when the tasks that run here are: then what it was given may wait, such as the task that
    /// is to see the restart
    pub is_passing: bool,
    /// What the hub is told
    pub data: Map,
}

impl Daemon {
    /// Why it takes none, if so, and what the hub is told: besides what Koji's builders tell, `memory_free_mb` and
    /// `peaks_mb`, which our hub's scheduler reckons with, and `obstacle`, which it shows.
    pub(super) fn readiness(&mut self) -> Readiness {
        let memory_mb = load::memory_mb();
        let space = self.probe.look(Path::new(SELF));
        let obstacle = match &space {
            _ if self.restart || self.stop => Some("a restart or a stop is pending".to_owned()),
            _ if self.children.concern_daemon() => Some("a task concerns the builder itself".to_owned()),
            Err(wrong) => Some(wrong.clone()),
            Ok(space) => load::obstacle(&self.facts(space, memory_mb)),
        };
        let peaks = self.meter.peaks_mb().into_iter();
        let peaks: Map = peaks.map(|(task, mb)| (task.to_string(), mb.round().into())).collect();
        let mut data = map! {
            "methods" => task::methods().map(Value::from).collect::<Vec<_>>(),
            "maxjobs" => self.settings.config().int("maxjobs"),
            "peaks_mb" => Value::Struct(peaks),
        };
        data.extend(memory_mb.map(|mb| ("memory_free_mb".to_owned(), mb.round().into())));
        data.extend(obstacle.clone().map(|reason| ("obstacle".to_owned(), reason.into())));
        let is_passing = !self.stop && space.is_ok();
        Readiness { obstacle, is_passing, data }
    }

    fn facts(&self, space: &Space, memory_mb: Option<f64>) -> Facts {
        let config = self.settings.config();
        Facts {
            enabled: field(&self.host, "enabled").is_true(),
            capacity: field(&self.host, "capacity").as_f64().unwrap_or_default(),
            task_load: self.load(),
            tasks: self.children.len(),
            maxjobs: config.int("maxjobs"),
            space_mb: space.workdir_mb,
            minspace_mb: config.int("minspace"),
            topdir_mb: space.topdir_mb,
            min_avail_space_mb: config.int("min_avail_space"),
            memory_mb,
            min_avail_memory_mb: config.int("min_avail_memory"),
            loadavg: load::loadavg(),
            maxload: config.int("maxload"),
            processors: load::processors(),
        }
    }

    /// Gives back what it was given before it found that it takes nothing, so that another host can have it at once.
    pub(super) fn refuse_all(&mut self, reason: &str) -> Result<()> {
        let tasks = self.hub.ask(HostGetTasks::new())?;
        for task in tasks.as_array().unwrap_or_default() {
            if let Some(id) = field(task, "id").as_int().filter(|_| self.is_ours(task)) {
                tracing::info!(task = id, reason, "refusing the task for now");
                self.refuse(id, true, reason)?;
            }
        }
        Ok(())
    }
}
