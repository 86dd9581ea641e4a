//! [`Hub`]: the library's door. One call is one transaction.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use crate::api::{Answer, Call, Mode, dispatch, multicall};
use crate::config::HubConfig;
use crate::config::hub::Changes;
use crate::context::{Actor, AfterCommit, Cx, Env};
use crate::db::{Conn, Db, Query, Time, migrate};
use crate::paths::Paths;
use crate::plugin::{self, Hooks};
use crate::policy::{self, Registry};
use crate::session::{self, Credentials};
use crate::what_if::{self, Outcome};
use crate::wire::Map;
use crate::{Error, Fault, Result};

/// A hub: a database and what all its calls share. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    /// The database
    pub db: Db,
    env: Arc<RwLock<Arc<Env>>>,
}

/// Who calls, as the transport knows it.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The session that the caller claims, with its key.
    pub credentials: Option<Credentials>,
    /// The address of the client.
    pub address: String,
    /// What a trusted proxy says about the client.
    pub proxied: session::Proxied,
}

/// As what many calls at once are known to the session.
const MULTICALL: &str = "multiCall";

/// Who asks for what.
struct Asked<'a> {
    caller: &'a Caller,
    method: &'a str,
    mode: Mode,
}

impl Hub {
    /// A hub on a database whose tables are there, with a top directory.
    pub fn new(db: Db, config: HubConfig, topdir: &Path) -> Result<Self> {
        Self::with_changes(db, config, topdir, Box::new(|| {}))
    }

    /// The same; `changed` is told of every change that was committed.
    pub fn with_changes(
        db: Db,
        config: HubConfig,
        topdir: &Path,
        changed: Box<dyn Fn() + Send + Sync>,
    ) -> Result<Self> {
        db.plainly(migrate::require)?;
        let (paths, hooks) = (Paths::new(topdir), Arc::new(Hooks::default()));
        let policies = policy::load(&config, &Registry::builtin())?;
        let env =
            Env { db: db.clone(), config, policies, paths, hooks, clock: Time::now, changed: changed.into() };
        Ok(Self { db, env: Arc::new(RwLock::new(Arc::new(env))) })
    }

    /// What the calls share. A call that is under way keeps what it began with.
    pub fn env(&self) -> Arc<Env> {
        self.env.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same with the callbacks of plugins, in place of those there were.
    pub fn with_hooks(self, hooks: Hooks) -> Result<Self> {
        self.replace(self.env().config.clone(), Arc::new(hooks))?;
        Ok(self)
    }

    /// Takes another configuration for the calls to come, in all clones of this hub. What holds at the start only stays
    /// as it is. A configuration with a mistake is an error, and changes nothing.
    pub fn reconfigure(&self, config: HubConfig) -> Result<Changes> {
        let old = self.env();
        let changes = old.config.changes(&config);
        self.replace(config, old.hooks.clone())?;
        Ok(changes)
    }

    fn replace(&self, config: HubConfig, hooks: Arc<Hooks>) -> Result<()> {
        let old = self.env();
        let policies = policy::load(&config, &Registry::builtin())?;
        let env = Env {
            db: old.db.clone(),
            config,
            policies,
            paths: old.paths.clone(),
            hooks,
            clock: old.clock,
            changed: old.changed.clone(),
        };
        *self.env.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(env);
        Ok(())
    }

    /// Does an operator's work, with the rights of the hub itself, in one transaction.
    pub fn operate<T>(&self, work: impl FnOnce(&mut Cx<'_>) -> Result<T>) -> Result<T> {
        let admin = self.db.read(first_admin)?;
        self.act_as(admin.as_deref(), work)
    }

    /// The name of a user as whom an operator acts: the one wanted, or the first administrator.
    pub fn operator(&self, wanted: Option<&str>) -> Result<String> {
        self.db.read(|conn| match wanted {
            Some(name) => Ok(user_of_name(conn, name)?.1),
            None => first_admin(conn)?
                .ok_or_else(|| Error::auth("there is no administrator yet: `koji-hubd user add` makes one")),
        })
    }

    /// Answers a call of an operator who acts as a user, or as nobody.
    pub fn call_as(&self, user: Option<&str>, call: Call) -> Result<Box<dyn Answer>> {
        match dispatch::mode(&call)? {
            Mode::Write => self.act_as(user, |cx| dispatch::dispatch(cx, call)),
            Mode::Read => self.db.read(|conn| dispatch::dispatch(&mut self.acting(conn, user)?, call)),
        }
    }

    /// Does something as a user, or as nobody, in one write transaction.
    pub fn act_as<T>(&self, user: Option<&str>, work: impl FnOnce(&mut Cx<'_>) -> Result<T>) -> Result<T> {
        let done = self.quietly_as(user, work)?;
        (self.env().changed)();
        Ok(done)
    }

    /// Does the hub's own work beside the calls, in one write transaction. Nobody is told that something may have
    /// changed: who is told would come here again.
    pub fn aside<T>(&self, work: impl FnOnce(&mut Cx<'_>) -> Result<T>) -> Result<T> {
        self.quietly_as(None, work)
    }

    /// The same, with the rights of the first administrator: for work that makes tasks.
    pub fn operate_aside<T>(&self, work: impl FnOnce(&mut Cx<'_>) -> Result<T>) -> Result<T> {
        let admin = self.db.read(first_admin)?;
        self.quietly_as(admin.as_deref(), work)
    }

    /// Looks at something, as nobody, in a read transaction.
    pub fn glance<T>(&self, work: impl FnOnce(&mut Cx<'_>) -> Result<T>) -> Result<T> {
        self.db.read(|conn| work(&mut self.acting(conn, None)?))
    }

    fn quietly_as<T>(&self, user: Option<&str>, work: impl FnOnce(&mut Cx<'_>) -> Result<T>) -> Result<T> {
        let (done, after) = self.db.write(|conn| {
            let mut cx = self.acting(conn, user)?;
            let done = work(&mut cx)?;
            plugin::run(&mut cx, "preCommit", |_| Ok(Map::new()))?;
            Ok((done, cx.take_after()))
        })?;
        let env = self.env();
        after.into_iter().for_each(|step| step(&env));
        self.tell_committed();
        Ok(done)
    }

    fn acting<'c>(&self, conn: &'c mut Conn, user: Option<&str>) -> Result<Cx<'c>> {
        let found = user.map(|name| user_of_name(conn, name)).transpose()?;
        let mut cx = Cx::new(conn, self.env(), Actor::default());
        if let Some((id, name)) = found {
            cx.act_as(id, &name);
        }
        Ok(cx)
    }

    /// Answers a call. Its changes are committed when this returns; a failed call changed nothing.
    pub fn call(&self, caller: &Caller, call: Call) -> Result<Box<dyn Answer>> {
        let mode = dispatch::mode(&call)?;
        let method = call.method.clone();
        let run = |cx: &mut Cx<'_>| dispatch::dispatch(cx, call);
        self.transaction(caller, &method, mode, run)
    }

    /// Answers many calls in one transaction, as `multiCall` does: a failing one undoes its own changes only.
    pub fn call_many(
        &self,
        caller: &Caller,
        calls: Vec<Result<Call>>,
    ) -> Result<Vec<Result<Box<dyn Answer>>>> {
        let writes = |call: &Result<Call>| {
            call.as_ref().is_ok_and(|call| dispatch::mode(call).is_ok_and(|mode| mode == Mode::Write))
        };
        let mode = if calls.iter().any(writes) { Mode::Write } else { Mode::Read };
        let run = |cx: &mut Cx<'_>| {
            Ok(multicall::each(cx, calls.into_iter(), mode == Mode::Write, dispatch::dispatch))
        };
        self.transaction(caller, MULTICALL, mode, run)
    }

    /// What many calls would answer and change.
    pub fn what_if_many(&self, caller: &Caller, calls: Vec<Result<Call>>) -> Result<Vec<Result<Outcome>>> {
        self.rehearse(caller, MULTICALL, |cx| Ok(what_if::run_many(cx, calls.into_iter())))
    }

    /// What a call would answer and change. Nothing of it stays, and nobody is told.
    pub fn what_if(&self, caller: &Caller, call: Call) -> Result<Outcome> {
        dispatch::mode(&call)?;
        let method = call.method.clone();
        self.rehearse(caller, &method, |cx| what_if::run(cx, call))
    }

    /// Runs `work` as a caller in a transaction of which nothing stays.
    fn rehearse<T>(
        &self,
        caller: &Caller,
        method: &str,
        work: impl FnOnce(&mut Cx<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut stale = None;
        let asked = Asked { caller, method, mode: Mode::Write };
        let done =
            self.db.rehearse(|conn| self.authenticated(conn, &asked, work, &mut stale).map(|(done, _)| done));
        if let Some(session) = stale {
            self.freshen(session, done.as_ref().err());
        }
        done
    }

    /// The same for an operator who acts as a user, or as nobody.
    pub fn what_if_as(&self, user: Option<&str>, call: Call) -> Result<Outcome> {
        self.db.rehearse(|conn| what_if::run(&mut self.acting(conn, user)?, call))
    }

    /// Runs `work` as a caller in one transaction: for calls and for uploads.
    pub fn transaction<T>(
        &self,
        caller: &Caller,
        method: &str,
        mode: Mode,
        work: impl FnOnce(&mut Cx<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut stale = None;
        let asked = Asked { caller, method, mode };
        let answer = match mode {
            Mode::Read => self.db.read(|conn| {
                let (done, _) = self.authenticated(conn, &asked, work, &mut stale)?;
                Ok(done)
            }),
            Mode::Write => self.db.write(|conn| self.authenticated(conn, &asked, work, &mut stale)).map(
                |(done, after)| {
                    self.committed(after);
                    self.tell_committed();
                    done
                },
            ),
        };
        if let Some(session) = stale {
            self.freshen(session, answer.as_ref().err());
        }
        answer
    }

    fn authenticated<T>(
        &self,
        conn: &mut Conn,
        asked: &Asked<'_>,
        work: impl FnOnce(&mut Cx<'_>) -> Result<T>,
        stale: &mut Option<i32>,
    ) -> Result<(T, Vec<AfterCommit>)> {
        let Asked { caller, method, mode } = *asked;
        let env = self.env();
        let now = (env.clock)();
        let mut actor =
            Actor { session: None, address: caller.address.clone(), proxied: caller.proxied.clone() };
        if let Some(credentials) = &caller.credentials {
            let request =
                session::validate::Request { credentials, address: &caller.address, method, mode, now };
            let session = session::validate::validate(conn, &env.config, &request).inspect_err(|error| {
                if error.fault == Fault::AuthExpired {
                    *stale = Some(credentials.id);
                }
            })?;
            if session.is_stale {
                *stale = Some(session.id);
            }
            actor.session = Some(session);
        }
        let mut cx = Cx::new(conn, env, actor);
        session::validate::lockout(&mut cx, method)?;
        let done = work(&mut cx)?;
        if mode == Mode::Write && !cx.is_what_if() {
            plugin::run(&mut cx, "preCommit", |_| Ok(Map::new()))?;
        }
        let after = cx.take_after();
        if mode == Mode::Write {
            session::validate::committed(&mut cx, caller.credentials.as_ref())?;
        }
        Ok((done, after))
    }

    /// Does what was left for after the commit, and tells that something may have changed.
    fn committed(&self, after: Vec<AfterCommit>) {
        let env = self.env();
        after.into_iter().for_each(|step| step(&env));
        (env.changed)();
    }

    /// Tells plugins that a call has been committed. What they look up is what everybody sees by now.
    fn tell_committed(&self) {
        if !self.env().hooks.has("postCommit") {
            return;
        }
        let told = self.glance(|cx| plugin::run(cx, "postCommit", |_| Ok(Map::new())));
        if let Err(error) = told {
            tracing::warn!(%error, "plugins could not be told of a commit");
        }
    }

    /// Notes that a session was used, or that it has expired, beside the call that noticed it.
    fn freshen(&self, session: i32, error: Option<&Error>) {
        let expired = error.is_some_and(|error| error.fault == Fault::AuthExpired);
        let now = (self.env().clock)();
        let noted = self.db.write(|conn| session::validate::note(conn, session, now, expired));
        if let Err(error) = noted {
            tracing::warn!(%error, session, "could not note the use of a session");
        }
    }
}

/// The administrator who was there first, in whose name an operator works.
fn first_admin(conn: &mut Conn) -> Result<Option<String>> {
    Query::from("user_perms")
        .join("permissions ON permissions.id = user_perms.perm_id")
        .join("users ON users.id = user_perms.user_id")
        .filter("permissions.name = 'admin' AND user_perms.active = TRUE", ())
        .order("users.id")
        .select_first(conn, "users.name")
}

fn user_of_name(conn: &mut Conn, name: &str) -> Result<(i32, String)> {
    Query::from("users")
        .filter("name = ?", name)
        .select_first(conn, "id, name")?
        .ok_or_else(|| Error::auth(format!("there is no user {name}")))
}
