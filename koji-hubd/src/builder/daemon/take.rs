//! Taking a task: may we, can we, then open it on the hub and start its process.

use koji_core::api::host_call::{HostOpenTask, HostRefuseTask, HostSetTaskWeight};
use koji_core::api::task::GetTaskInfo;
use koji_core::client::{Login, field, watch};
use koji_core::wire::Value;
use koji_core::{Error, Fault, Result};

use super::{Daemon, OpenTask};
use crate::builder::child::{Handover, Proof};
use crate::builder::task::{self, TaskHandler};

impl Daemon {
    /// Tries to take a task that the hub assigned to this host; true if it runs now.
    pub(super) fn take(&mut self, assigned: &Value) -> Result<bool> {
        let (Some(id), Some(method)) = (field(assigned, "id").as_int(), field(assigned, "method").as_str())
        else {
            return Err(Error::generic(format!("the hub assigned a malformed task: {assigned:?}")));
        };
        let Some(handler) = task::find(method) else {
            tracing::warn!(task = id, method, "refusing the task: there is no handler");
            return self.refuse(id, false, "no handler for method").map(|()| false);
        };
        if let Some(reason) = handler.lacks(&self.settings) {
            tracing::warn!(task = id, reason, "refusing the task");
            return self.refuse(id, false, &reason).map(|()| false);
        }
        let info = self.hub.ask(GetTaskInfo { request: true, ..GetTaskInfo::new(id) })?;
        let Some(request) = field(&info, "request").as_array() else {
            tracing::warn!(task = id, "the task has no request");
            return Ok(false);
        };
        if !self.suits(id, handler, request) {
            return self.refuse(id, false, "failed host check").map(|()| false);
        }
        let opened = self.hub.ask(HostOpenTask::new(id))?;
        if opened.is_nil() {
            tracing::warn!(task = id, "the task could not be opened");
            return Ok(false);
        }
        if !self.weigh(id, handler.weight())? {
            return Ok(false);
        }
        self.start(id, handler)?;
        self.tasks.insert(id, OpenTask { weight: handler.weight(), waiting: false });
        tracing::info!(task = id, method, "the task was taken");
        Ok(true)
    }

    /// Soft for a while, else for good.
    pub(super) fn refuse(&mut self, id: i64, soft: bool, reason: &str) -> Result<()> {
        let msg = reason.to_owned();
        self.hub.call(HostRefuseTask { soft: soft.into(), msg, ..HostRefuseTask::new(id) })
    }

    /// Whether the handler thinks this host fits. An error of the check counts as no.
    fn suits(&mut self, id: i64, handler: &dyn TaskHandler, request: &[Value]) -> bool {
        let checked = handler
            .bind(request.to_vec())
            .and_then(|params| handler.check_host(&mut self.hub, &params, &self.host));
        match checked {
            Ok(true) => true,
            Ok(false) => {
                tracing::info!(task = id, "the task does not fit this host");
                false
            }
            // wrong parameters fail the task, where its owner sees why
            Err(error) if error.fault == Fault::Parameter => true,
            Err(error) => {
                tracing::warn!(task = id, %error, "the host check failed");
                false
            }
        }
    }

    /// Sets the weight; false if the task was taken away meanwhile.
    fn weigh(&mut self, id: i64, weight: f64) -> Result<bool> {
        let Err(error) = self.hub.call(HostSetTaskWeight::new(id, weight)) else {
            return Ok(true);
        };
        if error.fault != Fault::NotAllowed {
            return Err(error);
        }
        let info = self.hub.ask(GetTaskInfo::new(id))?;
        let ours = field(&info, "host_id").as_int() == Some(self.host_id);
        if ours && watch::state_of(&info) == Some(watch::State::Open) {
            return Err(error);
        }
        tracing::warn!(task = id, "the task was taken away before it began");
        Ok(false)
    }

    fn start(&mut self, id: i64, handler: &dyn TaskHandler) -> Result<()> {
        let below = self.hub.subsession()?;
        let Some(credentials) = below.credentials() else {
            return Err(Error::auth("the hub gave no session for the task"));
        };
        let handover = Handover {
            file: self.settings.file().to_owned(),
            overrides: self.settings.overrides().to_vec(),
            session: credentials.id,
            key: credentials.key.expose().to_owned(),
            daemon_pid: std::process::id(),
            daemon_started_s: self.started_s,
            proof: self.settings.login().map(|login| match login {
                Login::Password { user, password } => {
                    Proof::Password { user, password: password.expose().to_owned() }
                }
                Login::Certificate { cert, .. } => Proof::Certificate { cert },
            }),
        };
        self.children.start(id, &handover, handler.is_for_daemon())?;
        if let Some(pid) = self.children.pid(id) {
            self.meter.begin(id, pid);
        }
        Ok(())
    }
}
