//! The processes of the tasks: starting, reaping, ending.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitCode, Stdio};

use koji_core::{Error, Result};

use crate::builder::child::Handover;
use crate::builder::process;
use crate::builder::task::Order;

/// What to start: this very program, even if its file was replaced meanwhile.
pub(super) const SELF: &str = "/proc/self/exe";

/// How a task's process ends if the daemon is to do something; other programs end with such a status seldom.
const ORDERS: [(Order, u8); 2] = [(Order::Restart, 81), (Order::Stop, 82)];

/// How a task's process ends that is done and wants this of the daemon.
pub fn exit_code(order: Option<Order>) -> ExitCode {
    let found = ORDERS.iter().find(|(known, _)| Some(*known) == order);
    found.map_or(ExitCode::SUCCESS, |(_, code)| ExitCode::from(*code))
}

/// The running processes by task.
#[derive(Default)]
pub(super) struct Children(BTreeMap<i64, Running>);

struct Running {
    child: Child,
    session: i64,
    is_for_daemon: bool,
}

/// A process that ended.
pub(super) struct Ended {
    pub task: i64,
    pub session: i64,
    /// How, in words.
    pub status: String,
    /// What it wants of the daemon.
    pub order: Option<Order>,
}

impl Children {
    pub(super) fn contains(&self, task: i64) -> bool {
        self.0.contains_key(&task)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a task runs that concerns the daemon itself.
    pub(super) fn concern_daemon(&self) -> bool {
        self.0.values().any(|running| running.is_for_daemon)
    }

    /// Whether a process has ended that was not taken away yet.
    pub(super) fn has_ended(&mut self) -> bool {
        self.0.values_mut().any(|running| !matches!(running.child.try_wait(), Ok(None)))
    }

    /// The process of a task.
    pub(super) fn pid(&self, task: i64) -> Option<u32> {
        self.0.get(&task).map(|running| running.child.id())
    }

    /// The processes of all.
    pub(super) fn pids(&self) -> Vec<u32> {
        self.0.values().map(|running| running.child.id()).collect()
    }

    pub(super) fn ids(&self) -> Vec<i64> {
        self.0.keys().copied().collect()
    }

    /// Starts the process of a task. What it must know goes through a pipe, since arguments and
    /// environment can be read by others.
    pub(super) fn start(&mut self, task: i64, handover: &Handover, is_for_daemon: bool) -> Result<()> {
        let text = serde_json::to_vec(handover)?;
        let mut command = Command::new(SELF);
        command.arg0("kojid").args(["--run-task", &task.to_string()]).stdin(Stdio::piped());
        process::leave_terminal(&mut command);
        // a task without its daemon would be done twice, as the next daemon gives it back
        process::end_with_parent(&mut command);
        let mut child = command.spawn().map_err(|error| {
            Error::unforeseen(format!("cannot start a process: {error}")).caused_by(error)
        })?;
        let told = child.stdin.take().map_or(Ok(()), |mut pipe| pipe.write_all(&text));
        self.0.insert(task, Running { child, session: handover.session, is_for_daemon });
        told.map_err(|error| {
            Error::unforeseen(format!("the process of task {task} does not listen: {error}"))
        })
    }

    /// Takes away those that have ended, and what they left running.
    pub(super) fn reap(&mut self) -> Vec<Ended> {
        let mut ended = vec![];
        for (task, running) in &mut self.0 {
            let (status, code) = match running.child.try_wait() {
                Ok(None) => continue,
                Ok(Some(status)) => (process::status_text("it", status), status.code()),
                Err(error) => (error.to_string(), None),
            };
            let wanted = ORDERS.iter().find(|(_, known)| Some(i32::from(*known)) == code);
            let order = wanted.filter(|_| running.is_for_daemon).map(|(order, _)| *order);
            process::sweep_group(running.child.id());
            ended.push(Ended { task: *task, session: running.session, status, order });
        }
        ended.iter().for_each(|gone| drop(self.0.remove(&gone.task)));
        ended
    }

    /// Ends a task's processes and gives the id of its session. One that can't be ended stays listed.
    pub(super) fn end(&mut self, task: i64) -> Option<i64> {
        let running = self.0.get_mut(&task)?;
        if !process::end_group(running.child.id()) {
            tracing::error!(task, pid = running.child.id(), "some processes of the task don't end");
        }
        match running.child.try_wait() {
            Ok(None) => None,
            Ok(Some(_)) | Err(_) => self.0.remove(&task).map(|running| running.session),
        }
    }
}
