//! The processes of the tasks: starting, reaping, ending.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use koji_core::{Error, Result};

use crate::builder::child::Handover;
use crate::builder::process;

/// What to start: this very program, even if its file was replaced meanwhile.
const SELF: &str = "/proc/self/exe";

/// The running processes by task.
#[derive(Default)]
pub(super) struct Children(BTreeMap<i64, Running>);

struct Running {
    child: Child,
    session: i64,
}

/// A process that ended.
pub(super) struct Ended {
    pub task: i64,
    pub session: i64,
    /// How, in words.
    pub status: String,
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

    pub(super) fn ids(&self) -> Vec<i64> {
        self.0.keys().copied().collect()
    }

    /// Starts the process of a task. What it must know goes through a pipe, since arguments and
    /// environment can be read by others.
    pub(super) fn start(&mut self, task: i64, session: i64, handover: &Handover) -> Result<()> {
        let text = serde_json::to_vec(handover)?;
        let mut child = Command::new(SELF)
            .arg0("kojid")
            .args(["--run-task", &task.to_string()])
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| {
                Error::unforeseen(format!("cannot start a process: {error}")).caused_by(error)
            })?;
        let told = child.stdin.take().map_or(Ok(()), |mut pipe| pipe.write_all(&text));
        self.0.insert(task, Running { child, session });
        told.map_err(|error| {
            Error::unforeseen(format!("the process of task {task} does not listen: {error}"))
        })
    }

    /// Takes away those that have ended, and what they left running.
    pub(super) fn reap(&mut self) -> Vec<Ended> {
        let mut ended = vec![];
        for (task, running) in &mut self.0 {
            let status = match running.child.try_wait() {
                Ok(None) => continue,
                Ok(Some(status)) => process::status_text("it", status),
                Err(error) => error.to_string(),
            };
            process::sweep_group(running.child.id());
            ended.push(Ended { task: *task, session: running.session, status });
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
