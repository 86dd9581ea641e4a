//! Comparing what runs here with what the hub has open for this host.

use koji_core::api::cast::IntLike;
use koji_core::api::host_call::{HostFreeTasks, HostGetHostTasks};
use koji_core::api::session::LogoutChild;
use koji_core::api::task::GetTaskInfo;
use koji_core::client::{field, watch};
use koji_core::{Error, Result};

use super::{Daemon, OpenTask};
use crate::builder::task::Order;
use crate::builder::{files, process};

impl Daemon {
    /// Frees tasks that the hub has open here but that don't run, ends those that were called off, and
    /// clears up after those that are done.
    pub(super) fn update_tasks(&mut self) -> Result<()> {
        let open = self.hub.ask(HostGetHostTasks::new())?;
        let mut stale: Vec<IntLike> = vec![];
        self.tasks.clear();
        for task in open.as_array().unwrap_or_default() {
            let Some(id) = field(task, "id").as_int() else { continue };
            if self.children.contains(id) {
                let weight = field(task, "weight").as_f64().unwrap_or_default();
                self.tasks.insert(id, OpenTask { weight, waiting: field(task, "waiting").is_true() });
            } else {
                stale.push(id.into());
            }
        }
        if !stale.is_empty() {
            tracing::info!(tasks = ?stale, "freeing tasks that don't run here");
            self.hub.call(HostFreeTasks::new(stale))?;
        }
        for ended in self.children.reap() {
            tracing::info!(task = ended.task, status = %ended.status, "the task's process ended");
            self.tasks.remove(&ended.task);
            self.end_orphans();
            self.clear_up(ended.task, ended.session);
            self.obey(ended.order);
        }
        for id in self.children.ids() {
            if !self.tasks.contains_key(&id) {
                self.check_lost(id)?;
            }
        }
        Ok(())
    }

    /// What a task's process leaves that was killed.
    fn end_orphans(&self) {
        let mut kept = self.children.pids();
        kept.extend(self.probe.pid());
        process::end_orphans(&kept);
    }

    /// What a task wants of the daemon that it ran under.
    fn obey(&mut self, order: Option<Order>) {
        match order {
            None => {}
            Some(Order::Restart) => {
                tracing::warn!("restarting when the running tasks are done");
                self.restart = true;
            }
            Some(Order::Stop) => self.stop = true,
        }
    }

    /// A process whose task is not open here: ended on the hub a moment ago, called off, or taken away.
    fn check_lost(&mut self, id: i64) -> Result<()> {
        let info = self.hub.ask(GetTaskInfo::new(id))?;
        let state = watch::state_of(&info);
        if info.is_nil() {
            return Err(Error::generic(format!("the hub does not know task {id}, which runs here")));
        }
        if state == Some(watch::State::Canceled) {
            tracing::info!(task = id, "ending a canceled task");
        } else if field(&info, "host_id").as_int() != Some(self.host_id) {
            tracing::info!(task = id, "ending a task that was given to another host");
        } else {
            tracing::debug!(task = id, "the task is done, its process is about to end");
            return Ok(());
        }
        self.end_child(id);
        Ok(())
    }

    /// Ends a task's processes and clears up.
    pub(super) fn end_child(&mut self, id: i64) {
        if let Some(session) = self.children.end(id) {
            self.clear_up(id, session);
        }
    }

    fn log_out_child(&mut self, session: i64) -> Result<()> {
        let id = i32::try_from(session)
            .map_err(|error| Error::generic(format!("{session} is no session's id")).caused_by(error))?;
        self.hub.call(LogoutChild::new(id))
    }

    fn clear_up(&mut self, id: i64, session: i64) {
        self.swept = None;
        self.meter.end(id);
        // a task that ended well has logged out by itself
        if let Err(error) = self.log_out_child(session) {
            tracing::debug!(task = id, %error, "the task's session is closed already");
        }
        let dir = files::task_dir(&self.settings, id);
        if let Err(error) = files::remove_dir(&dir) {
            tracing::warn!(task = id, %error, "cannot remove the task's directory");
        }
    }
}
