//! [`Run`]: a running task with its session and its directory.

use std::path::{Path, PathBuf};

use koji_core::api::cast::{IntLike, Truthy};
use koji_core::api::host_call::HostSubtask;
use koji_core::api::repo::RepoInfo;
use koji_core::api::tag::GetBuildConfig;
use koji_core::api::upload::CheckUpload;
use koji_core::api::{Arg as _, Method};
use koji_core::client::{Expected, Session, Upload, field};
use koji_core::db::Lookup;
use koji_core::paths::task_relative;
use koji_core::wire::Value;
use koji_core::{Error, Fault, Result};
use serde::de::DeserializeOwned;

use super::wait::{self, Results, Waiting};
use crate::builder::config::Settings;
use crate::builder::files;

/// A subtask to start.
#[derive(Clone, Debug)]
pub struct Subtask<'a> {
    /// The method.
    pub method: &'a str,
    /// Its parameters.
    pub params: Vec<Value>,
    /// How it is told apart from its siblings.
    pub label: &'a str,
    /// The arch of the host that should take it.
    pub arch: &'a str,
}

/// What the daemon does when a task has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Starts anew when no task runs any more.
    Restart,
    /// Gives all tasks back and ends.
    Stop,
}

/// What a task's process knows of its daemon.
#[derive(Clone, Copy, Debug, Default)]
pub struct DaemonFacts {
    /// When it started, in seconds since the epoch.
    pub started_s: f64,
}

/// A running task.
pub struct Run {
    /// The task.
    pub id: i64,
    /// The session with the hub.
    pub session: Session,
    /// The options of the builder.
    pub settings: Settings,
    /// The task as the hub describes it.
    pub info: Value,
    /// The daemon that started it.
    pub daemon: DaemonFacts,
    /// What the daemon is to do after it.
    pub order: Option<Order>,
    workdir: PathBuf,
}

impl Run {
    /// A task that begins.
    pub fn new(id: i64, session: Session, settings: Settings, daemon: DaemonFacts) -> Self {
        let workdir = files::task_dir(&settings, id);
        Self { id, session, settings, info: Value::Nil, daemon, order: None, workdir }
    }

    /// The directory of this task alone.
    pub fn workdir(&self) -> &Path {
        &self.workdir
    }

    /// The session, after all is done.
    pub fn into_session(self) -> Session {
        self.session
    }

    /// Calls the hub; see [`Session::call`].
    pub fn call<M: Method<Output: DeserializeOwned>>(&mut self, method: M) -> Result<M::Output> {
        self.session.call(method)
    }

    /// Asks the hub for rows; see [`Session::ask`].
    pub fn ask(&mut self, method: impl Method) -> Result<Value> {
        self.session.ask(method)
    }

    /// Starts a subtask and gives its id.
    pub fn subtask(&mut self, task: Subtask<'_>) -> Result<i64> {
        let opts = map! { "label" => task.label, "arch" => task.arch };
        let part = HostSubtask { opts, ..HostSubtask::new(task.method, task.params, self.id) };
        self.call(part).map(i64::from)
    }

    /// Starts a subtask, waits for it, and gives its result.
    pub fn subtask_result(&mut self, task: Subtask<'_>) -> Result<Value> {
        let id = self.subtask(task)?;
        self.wait_for(&[id], false).map(|mut results| results.remove(&id).unwrap_or_default())
    }

    /// Waits for all of some subtasks. If one fails the others are canceled, when `fail_any` says so.
    ///
    /// # Errors
    /// The failure of a subtask.
    pub fn wait_for(&mut self, tasks: &[i64], fail_any: bool) -> Result<Results> {
        wait::wait(self, &Waiting { fail_any, ..Waiting::all(tasks) })
    }

    /// Where this task's output goes, below the hub's work directory.
    pub fn upload_dir(&self) -> String {
        task_relative(self.id)
    }

    /// Uploads a file to the task's output under its own name, and gives its path there.
    pub fn upload(&mut self, file: &Path) -> Result<String> {
        self.upload_to(file, &self.upload_dir())
    }

    /// Uploads a file that lies somewhere below a directory, to the same place below the task's output.
    pub fn upload_below(&mut self, dir: &Path, relative: &str) -> Result<String> {
        let upload_dir = self.upload_dir();
        let to = relative
            .rsplit_once('/')
            .map_or(upload_dir.clone(), |(below, _)| format!("{upload_dir}/{below}"));
        self.upload_to(&dir.join(relative), &to)
    }

    fn upload_to(&mut self, file: &Path, dir: &str) -> Result<String> {
        let name = file.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| Error::generic(format!("{} is no file to upload", file.display())))?;
        let upload = Upload { overwrite: true, ..Upload::new(file, dir) };
        self.session.upload(&upload, &mut |_| {})?;
        tracing::info!(file = name, "uploaded");
        Ok(format!("{dir}/{name}"))
    }

    /// A local path to a file that was uploaded, given by its path below the hub's work directory. A copy is
    /// compared with what the hub tells of the file.
    pub fn uploaded(&mut self, path: &str) -> Result<PathBuf> {
        let mut expected = Expected::default();
        if self.settings.topurl().is_some() {
            expected = self.told_of_upload(path)?;
        }
        files::local_path(&self.settings, &self.workdir, &format!("work/{path}"), &expected)
    }

    fn told_of_upload(&mut self, path: &str) -> Result<Expected> {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        let verify = Truthy(Some(Value::from("sha256")));
        let told = match self.ask(CheckUpload { verify, ..CheckUpload::new(dir, name) }) {
            // Koji's hub does not look at uploads that have become part of something; their length is checked anyway
            Err(error) if error.fault == Fault::Generic => {
                tracing::info!(path, %error, "the hub tells no digest of an upload");
                return Ok(Expected::default());
            }
            told => told?,
        };
        let size = match field(&told, "size") {
            Value::String(digits) => digits.parse().ok(),
            size => size.as_int().and_then(|size| u64::try_from(size).ok()),
        };
        let digest = field(&told, "hexdigest").as_str().map(|hex| Expected::digest("sha256", hex));
        Ok(Expected { size_bytes: size, ..digest.unwrap_or_default() })
    }

    /// A build tag's configuration at an event.
    pub fn build_config(&mut self, tag: impl Into<Lookup>, event: Option<i64>) -> Result<Value> {
        self.ask(GetBuildConfig { event: event.map(Into::into), ..GetBuildConfig::new(tag) })
    }

    /// A repository that buildroots can be made from.
    pub fn usable_repo(&mut self, repo: &Value) -> Result<Value> {
        if !repo.is_true() {
            return Err(Error::build("A repo id must be provided"));
        }
        self.ask(RepoInfo { strict: true, ..RepoInfo::new(IntLike::take(repo.clone())?) })
    }
}

/// A member that must be a number.
pub fn need_int(value: &Value, name: &str) -> Result<i64> {
    field(value, name).as_int().ok_or_else(|| Error::generic(format!("the hub's answer lacks {name}")))
}

/// A member that must be a text.
pub fn need_text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    field(value, name).as_str().ok_or_else(|| Error::generic(format!("the hub's answer lacks {name}")))
}
