//! The daemon's loop: clean up, look after the running tasks, tell the hub, take the next task.
//!
//! Nothing a hub answers ends it, but a login that is refused. While the hub is away the running tasks
//! go on, and the daemon asks again with growing pauses.

mod buildroots;
mod children;
mod ready;
mod take;
mod update;

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use koji_core::api::cast::IntLike;
use koji_core::api::host_call::{HostFreeTasks, HostGetHost, HostGetId, HostGetTasks, HostUpdateHost};
use koji_core::client::{Session, field};
use koji_core::wire::Value;
use koji_core::{Error, Fault, Result};

use super::backend;
use super::config::{Role, Settings};
use super::leftover;
use super::meter::Meter;
use super::probe::Probe;
use super::process;
use super::signals::{Event, Signals};
use crate::limits;
use children::Children;
pub use children::exit_code;
use ready::Readiness;

/// The pauses after failures: the first, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));

/// The daemon's state.
struct Daemon {
    settings: Settings,
    hub: Session,
    host_id: i64,
    /// The host as the hub last described it.
    host: Value,
    /// The tasks that the hub counts as open with this host and that run here.
    tasks: BTreeMap<i64, OpenTask>,
    children: Children,
    /// When leftovers were last removed; none when there may be new ones.
    swept: Option<Instant>,
    probe: Probe,
    meter: Meter,
    restart: bool,
    stop: bool,
    /// When it started, in seconds since the epoch.
    started_s: f64,
    // held as long as the daemon lives
    _lock: File,
}

struct OpenTask {
    weight: f64,
    waiting: bool,
}

/// How the loop ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Stop,
    Restart,
}

/// Runs until a signal says to stop, or the hub refuses the login.
pub fn run(settings: Settings, force_lock: bool) -> Result<()> {
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    backend::check(&settings)?;
    let lock = lock_workdir(&settings)?;
    let limits = &settings.config().limits;
    limits::set_all(limits.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let signals = Signals::block()?;
    process::adopt_orphans();
    leftover::clear(&settings.workdir());
    let probe = Probe::new(&settings);
    let Some(mut hub) = log_in(&settings, force_lock, &signals)? else { return Ok(()) };
    let host_id = hub.call(HostGetId::new())?.into();
    tracing::info!(hub = settings.text("server"), host_id, "the builder is ready");
    if settings.config().find_text("admin_emails").is_some() {
        tracing::warn!("admin_emails has no effect: errors stand in the log only");
    }
    if !settings.config().plugins.is_empty() {
        tracing::warn!(plugins = ?settings.config().plugins, "plugins are not loaded");
    }
    let mut daemon = Daemon {
        settings,
        hub,
        host_id,
        host: Value::Nil,
        tasks: BTreeMap::new(),
        children: Children::default(),
        swept: None,
        probe,
        meter: Meter::start()?,
        restart: false,
        stop: false,
        started_s: started.as_secs_f64(),
        _lock: lock,
    };
    let end = daemon.serve(&signals);
    daemon.shut_down();
    match end? {
        End::Stop => Ok(()),
        End::Restart => Err(start_again().into()),
    }
}

impl Daemon {
    fn serve(&mut self, signals: &Signals) -> Result<End> {
        let mut backoff = BACKOFF.0;
        loop {
            let pause = match self.turn() {
                Ok(taken) => {
                    backoff = BACKOFF.0;
                    if taken { Duration::ZERO } else { self.settings.seconds("sleeptime") }
                }
                Err(error) if is_refusal(&error) => {
                    // the session is gone, perhaps with the hub's database; another login shows who we are
                    tracing::error!(%error, "the hub refuses the session, logging in again");
                    match try_log_in(&self.settings, false) {
                        Ok(hub) => self.hub = hub,
                        Err(error) if is_refusal(&error) => return Err(error),
                        Err(error) => tracing::error!(%error, "cannot log in"),
                    }
                    backoff
                }
                Err(error) => {
                    tracing::error!(%error, ?backoff, "the hub could not be served; trying again");
                    let pause = backoff;
                    backoff = (backoff * 2).min(BACKOFF.1);
                    pause
                }
            };
            if self.stop {
                return Ok(End::Stop);
            }
            if self.restart && self.children.is_empty() {
                return Ok(End::Restart);
            }
            match self.rest(signals, pause) {
                Some(Event::Stop) => return Ok(End::Stop),
                Some(Event::Restart) => {
                    tracing::warn!("restarting when the running tasks are done");
                    self.restart = true;
                }
                Some(Event::Child) | None => {}
            }
        }
    }

    /// Sleeps until a signal comes or a task's process ends. Of other children, which are reaped already, nobody need hear.
    fn rest(&mut self, signals: &Signals, pause: Duration) -> Option<Event> {
        let begun = Instant::now();
        loop {
            match signals.wait(pause.saturating_sub(begun.elapsed())) {
                Some(Event::Child) if !self.children.has_ended() => {}
                event => return event,
            }
        }
    }

    /// One round; true if a task was taken, and there may be more.
    fn turn(&mut self) -> Result<bool> {
        self.expire_buildroots()?;
        self.update_tasks()?;
        self.next_task()
    }

    /// Looks for a task and starts it.
    fn next_task(&mut self) -> Result<bool> {
        self.host = self.hub.ask(HostGetHost::new())?;
        let Readiness { obstacle, is_passing, data } = self.readiness();
        let data = Some(Value::Struct(data));
        self.hub.call(HostUpdateHost { data, ..HostUpdateHost::new(self.load(), obstacle.is_none()) })?;
        if let Some(reason) = obstacle {
            tracing::info!(reason, "not ready for a task");
            if !is_passing {
                self.refuse_all(&reason)?;
            }
            return Ok(false);
        }
        let tasks = self.hub.ask(HostGetTasks::new())?;
        for task in tasks.as_array().unwrap_or_default() {
            if self.is_ours(task) && self.take(task)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_ours(&self, task: &Value) -> bool {
        let id = field(task, "id").as_int().unwrap_or_default();
        if self.children.contains(id) {
            // it was taken from us and given back; its process must end first
            tracing::info!(task = id, "the task was reassigned while it runs here");
            return false;
        }
        field(task, "host_id").as_int() == Some(self.host_id)
    }

    fn load(&self) -> f64 {
        self.tasks.values().filter(|task| !task.waiting).map(|task| task.weight).sum()
    }

    /// Ends the tasks and gives them back, so that another host can take them at once.
    fn shut_down(&mut self) {
        tracing::warn!(tasks = self.children.len(), "shutting down");
        for id in self.children.ids() {
            self.end_child(id);
        }
        let ids: Vec<IntLike> = self.tasks.keys().copied().map(IntLike).collect();
        let mut told = if ids.is_empty() { Ok(()) } else { self.hub.call(HostFreeTasks::new(ids)) };
        told = told.and_then(|()| self.hub.call(HostUpdateHost::new(0.0, false)));
        if let Err(error) = told.and_then(|()| self.hub.logout()) {
            tracing::warn!(%error, "the hub could not be told about the shutdown");
        }
    }
}

/// A refused login is not mended by asking again; everything else may be.
fn is_refusal(error: &Error) -> bool {
    matches!(error.fault, Fault::Auth | Fault::AuthExpired | Fault::AuthLock | Fault::GssapiAuth)
}

/// Logs in and takes the host's lock; waits for a hub that is away. Nothing if a signal came first.
fn log_in(settings: &Settings, force_lock: bool, signals: &Signals) -> Result<Option<Session>> {
    let mut pause = BACKOFF.0;
    loop {
        match try_log_in(settings, force_lock) {
            Ok(session) => return Ok(Some(session)),
            Err(error) if is_refusal(&error) || error.fault == Fault::Configuration => return Err(error),
            Err(error) => tracing::error!(%error, ?pause, "cannot log in; trying again"),
        }
        if signals.wait(pause) == Some(Event::Stop) {
            return Ok(None);
        }
        pause = (pause * 2).min(BACKOFF.1);
    }
}

fn try_log_in(settings: &Settings, force_lock: bool) -> Result<Session> {
    let login = settings.login().ok_or_else(|| Error::new(Fault::Configuration, "no way to log in"))?;
    let mut session = settings.session(Role::Daemon)?;
    session.log_in(login)?;
    session.exclusive_session(force_lock).map_err(|error| match error.fault {
        Fault::AuthLock => Error::new(
            Fault::AuthLock,
            format!("another session of this host has the lock ({error}); if it is dead use --force-lock"),
        ),
        _ => error,
    })?;
    Ok(session)
}

/// One builder per working directory: what lies there belongs to its tasks.
fn lock_workdir(settings: &Settings) -> Result<File> {
    let dir = settings.workdir();
    std::fs::create_dir_all(&dir).map_err(|error| Error::io(&dir, error))?;
    let path = dir.join(".kojid.lock");
    let file = File::create(&path).map_err(|error| Error::io(&path, error))?;
    file.try_lock().map_err(|error| {
        let dir = dir.display();
        Error::generic(format!("another builder works in {dir} ({error}); give each its own workdir"))
    })?;
    Ok(file)
}

/// Replaces this process by a new start of the same command; answers only if that fails.
fn start_again() -> std::io::Error {
    let mut args = std::env::args_os();
    args.next();
    match std::env::current_exe() {
        Ok(program) => Command::new(program).args(args).exec(),
        Err(error) => error,
    }
}
