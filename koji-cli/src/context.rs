//! [`Ctx`]: what a command works with: settings, a session that opens when it is needed, and where to
//! write.

use std::io::Write;

use koji_core::api::cast::IntLike;
use koji_core::api::event::{GetEvent, GetLastEvent, Seconds};
use koji_core::api::permission::HasPerm;
use koji_core::api::repo::RepoInfo;
use koji_core::api::tag::GetTag;
use koji_core::api::user::GetUser;
use koji_core::api::{Call, Method};
use koji_core::client::{Login, Secret, Session};
use koji_core::wire::{self, Map, Value};
use koji_core::{Error, Fault};
use serde::de::DeserializeOwned;

use crate::kwargs;
use crate::settings::{AuthType, Settings};
use crate::stop::Stop;
use crate::value::View as _;
use crate::what_if;

/// The surroundings of a command.
pub struct Ctx<'a> {
    /// The name the program was called by.
    pub program: String,
    /// The options and the profile.
    pub settings: Settings,
    /// Where results go.
    pub out: &'a mut dyn Write,
    /// Where warnings go.
    pub err: &'a mut dyn Write,
    session: Option<Session>,
}

impl<'a> Ctx<'a> {
    /// Connects nothing yet.
    pub fn new(program: String, settings: Settings, out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        Self { program, settings, out, err, session: None }
    }

    /// The session. Commands that only read go without a login, unless one was asked for.
    pub fn session(&mut self) -> Result<&mut Session, Stop> {
        if self.settings.force_auth && !self.logged_in() {
            self.login()?;
        }
        self.open()
    }

    /// The session, logged in.
    pub fn login(&mut self) -> Result<&mut Session, Stop> {
        self.open()?;
        let login = self.login_method()?;
        let session = self.open()?;
        if let (Some(login), false) = (login, session.logged_in()) {
            session.log_in(login)?;
            if self.settings.debug {
                writeln!(self.out, "successfully connected to hub")?;
            }
        }
        self.open()
    }

    fn logged_in(&self) -> bool {
        self.session.as_ref().is_some_and(Session::logged_in)
    }

    fn open(&mut self) -> Result<&mut Session, Stop> {
        let session = match self.session.take() {
            Some(session) => session,
            None => Session::new(&self.settings.server, self.settings.session_options())?,
        };
        Ok(self.session.insert(session))
    }

    /// How to log in; none if the user wants no login.
    fn login_method(&self) -> Result<Option<Login>, Stop> {
        let settings = &self.settings;
        if self.session.as_ref().is_some_and(Session::is_local) {
            // whoever may open the database needs no proof; the name only says as whom to act
            let user = settings.runas.clone().or_else(|| settings.user.clone()).unwrap_or_default();
            return Ok(Some(Login::Password { user, password: Secret::default() }));
        }
        let login = match settings.auth_method() {
            AuthType::NoAuth => return Ok(None),
            AuthType::Ssl => Login::Certificate {
                cert: settings.cert.clone().ok_or_else(|| {
                    Error::auth("no client certificate; name one with --cert or in the profile")
                })?,
                proxyuser: settings.runas.clone(),
            },
            AuthType::Password => match (&settings.user, &settings.password) {
                (Some(user), Some(password)) => {
                    Login::Password { user: user.clone(), password: password.clone() }
                }
                _ => return Err(Error::auth("a login by password needs --user and --password").into()),
            },
            AuthType::Kerberos => {
                let text = "Kerberos is not supported; use a client certificate (--authtype ssl) or a \
                            password (--user, --password), or --noauth to read only";
                return Err(Error::new(Fault::GssapiAuth, text).into());
            }
        };
        Ok(Some(login))
    }

    /// Calls a method; see [`Session::call`].
    pub fn call<M: Method<Output: DeserializeOwned>>(&mut self, method: M) -> Result<M::Output, Stop> {
        Ok(wire::from_value(self.ask(method)?)?)
    }

    /// Asks for rows; see [`Session::ask`].
    pub fn ask(&mut self, method: impl Method) -> Result<Value, Stop> {
        let Call { method, positional, keywords } = method.into();
        self.call_named(&method, positional, keywords)
    }

    /// Calls a method that the user named.
    pub fn call_named(&mut self, method: &str, args: Vec<Value>, kwargs: Map) -> Result<Value, Stop> {
        if self.settings.what_if && what_if::is_write(method, &args) {
            return what_if::call(self, method, args, kwargs);
        }
        Ok(self.session()?.call_named(method, args, kwargs)?)
    }

    /// Calls many methods at once; each has its own result.
    pub fn multicall(
        &mut self,
        calls: impl IntoIterator<Item = impl Into<Call>>,
    ) -> Result<Vec<Result<Value, Error>>, Stop> {
        let calls: Vec<Call> = calls.into_iter().map(Into::into).collect();
        if self.settings.what_if && calls.iter().any(|call| what_if::is_write(&call.method, &call.positional))
        {
            return what_if::calls(self, calls);
        }
        Ok(self.session()?.multicall(calls)?)
    }

    /// Calls many methods at once; the first fault is everyone's.
    pub fn multicall_strict(
        &mut self,
        calls: impl IntoIterator<Item = impl Into<Call>>,
    ) -> Result<Vec<Value>, Stop> {
        Ok(self.multicall(calls)?.into_iter().collect::<Result<_, _>>()?)
    }

    /// A tag, or an error about the command line.
    pub fn tag(&mut self, name: &str) -> Result<Value, Stop> {
        let tag = self.ask(GetTag::new(name))?;
        if tag.is_nil() { Err(Stop::usage(format!("No such tag: {name}"))) } else { Ok(tag) }
    }

    /// A user, or an error about the command line.
    pub fn user(&mut self, name: &str) -> Result<Value, Stop> {
        let user = self.ask(GetUser { userInfo: name.into(), ..GetUser::new() })?;
        if user.is_nil() { Err(Stop::usage(format!("No such user: {name}"))) } else { Ok(user) }
    }

    /// Refuses callers who have neither this permission nor admin.
    pub fn require(&mut self, permission: &str) -> Result<(), Stop> {
        let answers = self.multicall_strict([permission, "admin"].map(HasPerm::new))?;
        if answers.iter().any(Value::is_true) {
            return Ok(());
        }
        Err(Stop::usage(format!("This action requires {permission} or admin privileges")))
    }

    /// The event of the options --event, --ts or --repo, and a line that tells it.
    pub fn event(&mut self, at: &EventArgs, quiet: bool) -> Result<Option<i64>, Stop> {
        let event = match at {
            EventArgs { event: Some(id), .. } if *id != 0 => self.ask(GetEvent::new(*id))?,
            EventArgs { ts: Some(ts), .. } => {
                self.ask(GetLastEvent { before: Some(Seconds(*ts as f64)), ..GetLastEvent::new() })?
            }
            EventArgs { repo: Some(repo), .. } => {
                let info = self.ask(RepoInfo { strict: true, ..RepoInfo::new(IntLike(*repo)) })?;
                Value::Struct(kwargs![id = info.at("create_event"), ts = info.at("create_ts")])
            }
            _ => return Ok(None),
        };
        if !quiet && !self.settings.json {
            let time = crate::when::asctime(event.float("ts"));
            writeln!(self.out, "Querying at event {} ({time})", event.int("id"))?;
        }
        Ok(Some(event.int("id")))
    }

    /// Warns, after what was written so far.
    pub fn warn(&mut self, message: impl AsRef<str>) -> Result<(), Stop> {
        self.out.flush()?;
        writeln!(self.err, "{}", message.as_ref())?;
        Ok(())
    }

    /// Writes data as JSON.
    pub fn json(&mut self, value: &Value) -> Result<(), Stop> {
        let text = serde_json::to_string_pretty(value).map_err(Error::from)?;
        writeln!(self.out, "{text}")?;
        Ok(())
    }

    /// Writes the page of a task.
    pub fn show_task(&mut self, task_id: i64) -> Result<(), Stop> {
        if self.settings.what_if {
            writeln!(self.out, "Task {task_id} would be created")?;
            return Ok(());
        }
        writeln!(self.out, "Created task: {task_id}")?;
        writeln!(self.out, "Task info: {}/taskinfo?taskID={task_id}", self.settings.weburl)?;
        Ok(())
    }

    /// Logs out; a hub that is gone does not matter any more.
    pub fn finish(&mut self) {
        if let Some(session) = &mut self.session {
            let _ = session.logout();
        }
    }
}

/// When in the past to look.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct EventArgs {
    /// Look at the state of an event
    #[arg(long, value_name = "EVENT#")]
    pub event: Option<i64>,
    /// Look at the last event before a timestamp
    #[arg(long, value_name = "TIMESTAMP")]
    pub ts: Option<i64>,
    /// Look at the event of a repo
    #[arg(long, value_name = "REPO#")]
    pub repo: Option<i64>,
}
