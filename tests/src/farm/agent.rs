//! A simulated builder: the calls of `kojid` and of its tasks' processes, and nothing done between them.

use std::time::{Duration, Instant};

use koji_core::Result;
use koji_core::api::Method;
use koji_core::api::buildroot::ListBuildroots;
use koji_core::api::cast::IntLike;
use koji_core::api::host_call::{
    HostCloseTask, HostGetHost, HostGetHostTasks, HostGetTasks, HostOpenTask, HostSetTaskWeight, HostSubtask,
    HostTaskSetWait, HostTaskWait, HostUpdateHost,
};
use koji_core::client::{Session, field, item};
use koji_core::wire::{Value, result_text};

use super::calls::Calls;
use super::work::{Farm, Package};

/// How often a task asks whether its parts have ended; real seconds.
const WAIT: Duration = Duration::from_secs(3);

/// A builder at work.
pub(super) struct Agent<'f> {
    session: Session,
    farm: &'f Farm,
    number: usize,
    speedup: f64,
    poll: Duration,
    next_poll: Instant,
    jobs: Vec<Job>,
    /// How long its calls took
    pub calls: Calls,
}

/// A task that it has open, and when something is to be done with it.
#[derive(Clone, Copy)]
struct Job {
    task: i64,
    weight: f64,
    due: Instant,
    waits: bool,
}

impl<'f> Agent<'f> {
    pub(super) fn new(session: Session, farm: &'f Farm, number: usize, speedup: f64, poll_s: f64) -> Self {
        let poll = Duration::from_secs_f64(poll_s);
        // not all at the same time
        let first = poll.mul_f64(number as f64 / farm.builders.len() as f64);
        let next_poll = Instant::now() + first;
        Self { session, farm, number, speedup, poll, next_poll, jobs: vec![], calls: Calls::default() }
    }

    fn ask<M: Method>(&mut self, method: M) -> Result<Value> {
        let begun = Instant::now();
        let answer = self.session.ask(method);
        self.calls.add(M::NAME, begun.elapsed());
        answer
    }

    /// What is due: a poll, or something with a task. It sleeps a little if there is nothing.
    pub(super) fn turn(&mut self) -> Result<()> {
        let now = Instant::now();
        if let Some(place) = self.jobs.iter().position(|job| job.due <= now) {
            let job = self.jobs.swap_remove(place);
            return self.go_on(job);
        }
        if self.next_poll <= now {
            let taken = self.poll()?;
            self.next_poll = if taken { now } else { Instant::now() + self.poll };
            return Ok(());
        }
        let next = self.jobs.iter().map(|job| job.due).chain([self.next_poll]).min().unwrap_or(now);
        std::thread::sleep(next.saturating_duration_since(now).min(Duration::from_millis(200)));
        Ok(())
    }

    /// A round of the daemon; whether it took a task.
    pub(super) fn poll(&mut self) -> Result<bool> {
        let in_use = Some(vec![0_i64, 1, 2].into());
        self.ask(ListBuildroots {
            hostID: Some(self.number as i64),
            state: in_use,
            ..ListBuildroots::new()
        })?;
        self.ask(HostGetHostTasks::new())?;
        self.ask(HostGetHost::new())?;
        let load: f64 = self.jobs.iter().filter(|job| !job.waits).map(|job| job.weight).sum();
        let data = Value::Struct(vec![("maxjobs".to_owned(), super::live::MAX_JOBS.into())]);
        let ready = (self.jobs.len() as i64) < super::live::MAX_JOBS;
        self.ask(HostUpdateHost { data: Some(data), ..HostUpdateHost::new(load, ready) })?;
        if !ready {
            return Ok(false);
        }
        let given = self.ask(HostGetTasks::new())?;
        let Some(task) = given.as_array().and_then(|tasks| tasks.first()).cloned() else { return Ok(false) };
        self.take(&task)?;
        Ok(true)
    }

    fn take(&mut self, task: &Value) -> Result<()> {
        let id = field(task, "id").as_int().unwrap_or_default();
        let opened = self.ask(HostOpenTask::new(id))?;
        let Some(request) = field(&opened, "request").as_str().map(str::to_owned) else { return Ok(()) };
        let Some(package) = self.package(&request) else { return Ok(()) };
        let is_part = field(task, "method").as_str() == Some("buildArch");
        let weight = if is_part { 1.5 } else { 0.2 };
        self.ask(HostSetTaskWeight::new(id, weight))?;
        let now = Instant::now();
        if is_part {
            let arch = field(task, "arch").as_str().unwrap_or_default();
            let needed = package.parts.iter().find(|part| part.arch == arch);
            let takes_s = needed.map_or(1.0, |part| part.duration_s) / self.speedup;
            let due = now + Duration::from_secs_f64(takes_s);
            self.jobs.push(Job { task: id, weight, due, waits: false });
            return Ok(());
        }
        let mut parts = Vec::new();
        for part in &package.parts {
            let source = format!("tasks/{id}/{}-1-1.src.rpm", package.name);
            let arglist: Vec<Value> =
                vec![source.into(), "farm".into(), part.arch.into(), true.into(), Value::Nil];
            let opts = vec![("arch".to_owned(), part.arch.into()), ("label".to_owned(), part.arch.into())];
            let made = self.ask(HostSubtask { opts, ..HostSubtask::new("buildArch", arglist, id) })?;
            parts.push(IntLike(made.as_int().unwrap_or_default()));
        }
        self.ask(HostTaskSetWait::new(id, parts))?;
        self.jobs.push(Job { task: id, weight, due: now + WAIT, waits: true });
        Ok(())
    }

    /// The package whose source a request names.
    fn package(&self, request: &str) -> Option<&'f Package> {
        let name = request.split('/').find_map(|part| part.split_once("-1-1.src.rpm"))?.0.to_owned();
        let number: usize = name.strip_prefix("package")?.parse().ok()?;
        // mostly it is near its number: only those of other users stand between
        let near = self.farm.packages.get(number).filter(|package| package.name == name);
        near.or_else(|| self.farm.packages.iter().find(|package| package.name == name))
    }

    fn go_on(&mut self, job: Job) -> Result<()> {
        if job.waits {
            let answer = self.ask(HostTaskWait::new(job.task))?;
            if !item(&answer, 1).as_array().unwrap_or_default().is_empty() {
                self.jobs.push(Job { due: Instant::now() + WAIT, ..job });
                return Ok(());
            }
        }
        self.ask(HostCloseTask::new(job.task, result_text(&Value::Nil)?))?;
        // the end of a task's process wakes the daemon
        self.next_poll = Instant::now();
        Ok(())
    }
}
