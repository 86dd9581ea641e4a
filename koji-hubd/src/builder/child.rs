//! The process of one task: reads from its standard input what it must know, runs the handler, and tells
//! the hub how it went.

use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use koji_core::api::cast::IntLike;
use koji_core::api::host_call::{HostCloseTask, HostFailTask, HostFreeTasks, HostRefuseTask};
use koji_core::api::task::GetTaskInfo;
use koji_core::client::{Credentials, Login, Secret, Session, field};
use koji_core::wire::{self, Value};
use koji_core::{Error, Fault, Result};
use serde::{Deserialize, Serialize};

use super::config::{Role, Settings};
use super::task::{self, DaemonFacts, Failure, Order, Run, TaskHandler};
use super::{files, load, process};
use crate::log;

/// What the daemon tells a task's process. It holds secrets: nothing may print it.
#[derive(Serialize, Deserialize)]
pub struct Handover {
    /// The configuration file.
    pub file: PathBuf,
    /// The options above it.
    pub overrides: Vec<(String, String)>,
    /// The id of the session that was opened for the task.
    pub session: i64,
    /// The session's key.
    pub key: String,
    /// The daemon's process.
    pub daemon_pid: u32,
    /// When the daemon started, in seconds since the epoch.
    pub daemon_started_s: f64,
    /// How to log in again when the session expires.
    pub proof: Option<Proof>,
}

/// What a login needs.
#[derive(Serialize, Deserialize)]
pub enum Proof {
    /// Name and password.
    Password {
        /// The user's name.
        user: String,
        /// The password.
        password: String,
    },
    /// A client certificate.
    Certificate {
        /// Its file.
        cert: PathBuf,
    },
}

/// Runs one task; the answer is what the daemon is to do next.
///
/// # Errors
/// Only when the hub could not be told how the task went; a failed task is told to the hub.
pub fn run(id: i64) -> Result<Option<Order>> {
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text)?;
    let handover: Handover = serde_json::from_slice(&text).map_err(|_| {
        Error::generic("--run-task is for the daemon, which tells the rest on standard input")
    })?;
    let settings = Settings::load(&handover.file, handover.overrides)?;
    log::start_at(settings.log_level());
    process::adopt_orphans();
    process::end_all_on_term(handover.daemon_pid)?;
    let mut session = settings.session(Role::Task)?;
    session.resume(Credentials { id: handover.session, key: Secret::new(handover.key) }, 0);
    match handover.proof {
        Some(Proof::Password { user, password }) => {
            session.renew_by(Login::Password { user, password: Secret::new(password) });
        }
        Some(Proof::Certificate { cert }) => session.renew_by(Login::Certificate { cert, proxyuser: None }),
        None => {}
    }
    let _span = tracing::error_span!("task", id).entered();
    let daemon = DaemonFacts { started_s: handover.daemon_started_s };
    let mut run = Run::new(id, session, settings, daemon);
    let outcome = catch_unwind(AssertUnwindSafe(|| handle(&mut run)))
        .unwrap_or_else(|_| Err(Error::unforeseen("the builder broke down; its log tells where").into()));
    let order = run.order;
    let mut session = run.into_session();
    let told = tell(&mut session, id, outcome);
    let closed = session.logout();
    told.and(closed).map(|()| order)
}

fn handle(run: &mut Run) -> Result<Value, Failure> {
    let info = run.ask(GetTaskInfo { request: true, strict: true, ..GetTaskInfo::new(run.id) })?;
    let method = field(&info, "method").as_str().unwrap_or_default().to_owned();
    let handler = task::find(&method)
        .ok_or_else(|| Error::generic(format!("the method {method:?} is not supported")))?;
    let request = field(&info, "request").as_array().unwrap_or_default().to_vec();
    run.info = info;
    files::make_dir(run.workdir())?;
    let outcome = in_dir(run, handler, request).map_err(|failure| with_space(failure, run.workdir()));
    process::end_descendants();
    if let Err(error) = files::remove_dir(run.workdir()) {
        tracing::warn!(%error, "cannot remove the task's directory");
    }
    outcome
}

fn in_dir(run: &mut Run, handler: &dyn TaskHandler, request: Vec<Value>) -> Result<Value, Failure> {
    let params = handler.bind(request)?;
    handler.run(run, &params)
}

/// A full disk makes programs fail in many ways, and keeps them from saying so in their logs.
fn with_space(failure: Failure, dir: &Path) -> Failure {
    match failure {
        Failure::Error(mut error) if load::space_mb(dir).is_ok_and(|mb| mb == 0) => {
            error.message.push_str(&format!("; no disk space is left in {} of the builder", dir.display()));
            Failure::Error(error)
        }
        other => other,
    }
}

/// Tells the hub how the task went.
fn tell(session: &mut Session, id: i64, outcome: Result<Value, Failure>) -> Result<()> {
    match outcome {
        Ok(result) => {
            tracing::info!(result = ?result, "the task is done");
            let text = wire::result_text(&result)?;
            session.call(HostCloseTask::new(id, text))?;
        }
        Err(Failure::Refuse(reason)) => {
            tracing::warn!(reason, "refusing the task");
            session.call(HostRefuseTask { msg: reason, ..HostRefuseTask::new(id) })?;
        }
        Err(Failure::GiveBack) => {
            tracing::info!("giving the task back");
            session.call(HostFreeTasks::new(vec![IntLike(id)]))?;
        }
        Err(Failure::Error(error)) => {
            tracing::warn!(%error, code = error.fault.code(), "the task failed");
            let text = wire::fault_text(error.fault.code(), &error.message)?;
            match session.call(HostFailTask::new(id, text)) {
                // a task that was called off is not ours to fail
                Err(refused) if refused.fault == Fault::NotAllowed => {
                    tracing::info!(%refused, "the hub does not want the failure");
                }
                answer => answer?,
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_over_arrives() {
        let handover = Handover {
            file: "/etc/kojid/kojid.conf".into(),
            overrides: vec![("server".into(), "http://h".into())],
            session: 7,
            key: "k".into(),
            daemon_pid: 1,
            daemon_started_s: 1.5,
            proof: Some(Proof::Password { user: "b".into(), password: "p".into() }),
        };
        let text = serde_json::to_vec(&handover).unwrap();
        let back: Handover = serde_json::from_slice(&text).unwrap();
        assert_eq!((back.session, back.key.as_str()), (7, "k"));
        assert!(matches!(back.proof, Some(Proof::Password { user, .. }) if user == "b"));
    }
}
