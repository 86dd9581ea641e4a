//! [`Cx`]: all that a call works with. It is passed as an argument; nothing of it is global.

use std::path::Path;
use std::sync::Arc;

use crate::config::HubConfig;
use crate::db::notes::Note;
use crate::db::{Conn, Db, Insert, Query, Time};
use crate::paths::Paths;
use crate::plugin::Hooks;
use crate::what_if::{FileAction, FileChange, Plan};
use crate::{Error, Fault, Result};

/// What a hub's calls share for as long as the process lives.
pub struct Env {
    /// The database, for work that is shared among several connections.
    pub db: Db,
    /// The options of `hub.conf`, with Koji's defaults.
    pub config: HubConfig,
    /// The policies of `hub.conf`, read once.
    pub policies: crate::policy::Policies,
    /// Where builds, repos and uploads lie.
    pub paths: Paths,
    /// The plugins' callbacks.
    pub hooks: Arc<Hooks>,
    /// The clock; a test may drive it.
    pub clock: fn() -> Time,
    /// Told after every call that committed a change, so that the scheduler can look at once.
    pub changed: Arc<dyn Fn() + Send + Sync>,
}

/// Who calls. The default is an anonymous caller.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    /// The session, and through it the user.
    pub session: Option<crate::session::Session>,
    /// The address of the client.
    pub address: String,
    /// What a trusted proxy says about a client certificate or a Kerberos principal.
    pub proxied: crate::session::Proxied,
}

/// Done when a call has been committed: files to take away, mails to make.
pub type AfterCommit = Box<dyn FnOnce(&Env) + Send>;

/// All that a call works with.
pub struct Cx<'c> {
    /// The open transaction.
    pub db: &'c mut Conn,
    /// What all calls share.
    pub env: Arc<Env>,
    /// Who calls.
    pub actor: Actor,
    event: Option<i32>,
    perms: Option<Vec<String>>,
    host: Option<Option<i32>>,
    after: Vec<AfterCommit>,
    plan: Option<Plan>,
}

/// How far a call has come: what a savepoint that fails goes back to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    after: usize,
    rows: usize,
    files: usize,
}

impl<'c> Cx<'c> {
    /// A call of an actor in an open transaction.
    pub fn new(db: &'c mut Conn, env: Arc<Env>, actor: Actor) -> Self {
        Self { db, env, actor, event: None, perms: None, host: None, after: Vec::new(), plan: None }
    }

    /// The time now.
    pub fn now(&self) -> Time {
        (self.env.clock)()
    }

    /// The event that this call's changes belong to; it is made when first asked for.
    pub fn event(&mut self) -> Result<i32> {
        if let Some(event) = self.event {
            return Ok(event);
        }
        let event = Insert::into("events").set("time", self.now()).returning::<i32>(self.db, "id")?;
        self.event = Some(event);
        Ok(event)
    }

    /// Another caller's part in the same transaction.
    pub fn forget_caller(&mut self) {
        (self.perms, self.host) = (None, None);
    }

    /// Later changes belong to an event of their own: what each entry of a multicall begins with.
    pub fn forget_event(&mut self) {
        self.event = None;
    }

    /// The user who calls.
    pub fn user_id(&self) -> Result<i32> {
        self.actor.session.as_ref().map(|session| session.user_id).ok_or_else(not_logged_in)
    }

    /// The name of the user who calls.
    pub fn user_name(&self) -> Option<&str> {
        self.actor.session.as_ref().map(|session| session.user_name.as_str())
    }

    /// The permissions that the caller holds, by himself or by a group (Koji's `get_user_perms`).
    pub fn perms(&mut self) -> Result<&[String]> {
        if self.perms.is_none() {
            let perms = match &self.actor.session {
                Some(session) => crate::user::perms::of_user(self.db, session.user_id)?,
                None => Vec::new(),
            };
            self.perms = Some(perms);
        }
        Ok(self.perms.as_deref().unwrap_or_default())
    }

    /// Whether the caller holds exactly this permission; admin does not include the others.
    pub fn has_perm(&mut self, name: &str) -> Result<bool> {
        Ok(self.perms()?.iter().any(|perm| perm == name))
    }

    /// The caller must be logged in.
    pub fn require_login(&self) -> Result<()> {
        self.user_id().map(drop)
    }

    /// The caller must hold this permission, or admin.
    pub fn require_perm(&mut self, name: &str) -> Result<()> {
        if self.has_perm(name)? || self.has_perm("admin")? {
            return Ok(());
        }
        let who =
            self.user_name().map_or("user not logged in".to_owned(), |user| format!("logged in as {user}"));
        Err(Error::not_allowed(format!("{name} permission required ({who})")))
    }

    /// The host that the caller is, if it is one.
    pub fn host_id(&mut self) -> Result<Option<i32>> {
        if let Some(host) = self.host {
            return Ok(host);
        }
        let host = match &self.actor.session {
            Some(session) => {
                Query::from("host").filter("user_id = ?", session.user_id).select_first(self.db, "id")?
            }
            None => None,
        };
        self.host = Some(host);
        Ok(host)
    }

    /// The caller must be a host and its session the exclusive one.
    pub fn require_host(&mut self) -> Result<i32> {
        let host = self.host_id()?;
        match (&self.actor.session, host) {
            (None, _) => Err(Error::auth("Not logged-in")),
            (Some(session), None) => Err(Error::auth(format!("User {} is not a host", session.user_id))),
            (Some(session), Some(_)) if !session.exclusive => {
                Err(Error::auth("This method requires an exclusive session"))
            }
            (_, Some(host)) => Ok(host),
        }
    }

    /// Goes on as a user who was not asked for a proof: for an operator on the hub's own machine.
    pub fn act_as(&mut self, user_id: i32, name: &str) {
        self.actor.session = Some(crate::session::Session::of_operator(user_id, name));
        self.forget_caller();
    }

    /// Goes on as nobody.
    pub fn leave(&mut self) {
        self.actor.session = None;
        self.forget_caller();
    }

    /// Leaves something to be done once this call is committed; nothing of it happens if it is not.
    pub fn after_commit(&mut self, work: impl FnOnce(&Env) + Send + 'static) {
        self.after.push(Box::new(work));
    }

    /// What was left to be done.
    pub fn take_after(&mut self) -> Vec<AfterCommit> {
        std::mem::take(&mut self.after)
    }

    /// How far this call has come.
    pub fn mark(&mut self) -> Mark {
        Mark {
            after: self.after.len(),
            rows: self.db.recording().map_or(0, |recorder| recorder.mark()),
            files: self.plan.as_ref().map_or(0, Plan::mark),
        }
    }

    /// Forgets what was left to be done since a mark, and what was recorded.
    pub fn forget_since(&mut self, mark: Mark) {
        self.after.truncate(mark.after);
        if let Some(recorder) = self.db.recording() {
            recorder.forget(mark.rows);
        }
        if let Some(plan) = &mut self.plan {
            plan.forget(mark.files);
        }
    }

    /// Ends an entry of a call of calls: what was recorded since the mark is its own, and so is the event.
    pub fn end_entry(&mut self, mark: Mark, entry: usize) {
        self.event = None;
        if let Some(recorder) = self.db.recording() {
            recorder.stamp(mark.rows, entry);
        }
        if let Some(plan) = &mut self.plan {
            plan.stamp(mark.files, entry);
        }
    }

    /// From now on changes of files are noted and not made.
    pub fn plan_files(&mut self) {
        self.plan = Some(Plan::default());
    }

    /// What has been noted since this was last asked.
    pub fn planned_files(&mut self) -> Vec<Note<FileChange>> {
        self.plan.as_mut().map(Plan::take).unwrap_or_default()
    }

    /// Whether this call is only rehearsed, so that nothing outside of the transaction may be changed.
    pub fn is_what_if(&self) -> bool {
        self.plan.is_some()
    }

    /// Asked before a file is changed: whether that is only noted, because the call is a rehearsal. `from` is where
    /// the file comes from, or what a link leads to.
    pub fn only_plans(&mut self, action: FileAction, path: &Path, from: Option<&Path>) -> bool {
        let Some(plan) = &mut self.plan else { return false };
        plan.note(self.env.paths.top(), action, path, from);
        true
    }

    /// Whether a directory is there, or would be by now.
    pub fn has_dir(&self, dir: &Path) -> bool {
        dir.is_dir() || self.plan.as_ref().is_some_and(|plan| plan.makes(self.env.paths.top(), dir))
    }
}

fn not_logged_in() -> Error {
    Error::new(Fault::NotAllowed, "you must be logged in for this operation")
}
