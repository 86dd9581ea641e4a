//! [`Session`]: who calls, the numbering of calls, repetition, and renewal of an expired login.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::api::Call;
use crate::api::session as methods;
use crate::api::system::GetKojiVersion;
use crate::error::{Error, Fault, Result};
use crate::wire::{self, Map, Value};

use super::http::HttpTransport;
use super::local::LocalTransport;
use super::member::field;
use super::options::{Options, Secret};
use super::retry::{Attempts, Next};
use super::transport::{Failure, Outgoing, Transport, UploadChunk};

/// What a login gave: the proof that the following calls carry.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The session's id.
    pub id: i64,
    /// The session's key.
    pub key: Secret,
}

/// How the session was logged in, for renewing it when it expires.
#[derive(Clone, Debug)]
pub enum Login {
    /// By name and password.
    Password {
        /// The user's name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// By a client certificate.
    Certificate {
        /// The file of certificate and key (PEM).
        cert: PathBuf,
        /// The user on whose behalf to act; the hub must allow it.
        proxyuser: Option<String>,
    },
}

/// A session with a hub.
pub struct Session {
    url: String,
    options: Options,
    transport: Box<dyn Transport>,
    credentials: Option<Credentials>,
    logged_in: bool,
    callnum: i64,
    login: Option<Login>,
    exclusive: bool,
    retries: u32,
    rehearsing: bool,
    rehearses: bool,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("url", &self.url)
            .field("id", &self.credentials.as_ref().map(|credentials| credentials.id))
            .field("logged_in", &self.logged_in)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// A session with the hub at a URL, or with the database of a URL (`sqlite://..`, `postgres://..`): then
    /// calls run in this process. Nothing is sent yet.
    pub fn new(url: &str, options: Options) -> Result<Self> {
        if LocalTransport::is_local(url) {
            let transport = LocalTransport::open(url, &options.topdir)?;
            return Ok(Self::with_transport(url, options, Box::new(transport)));
        }
        let transport = HttpTransport::new(url, &options)?;
        Ok(Self::with_transport(url, options, Box::new(transport)))
    }

    /// A session by a transport of the caller's.
    pub fn with_transport(url: &str, options: Options, transport: Box<dyn Transport>) -> Self {
        Self {
            url: url.to_owned(),
            options,
            transport,
            credentials: None,
            logged_in: false,
            callnum: 0,
            login: None,
            exclusive: false,
            retries: 0,
            rehearsing: false,
            rehearses: false,
        }
    }

    /// Whether calls run in this process, on a database: a login then wants a name (empty for the first
    /// administrator) and no proof.
    pub fn is_local(&self) -> bool {
        LocalTransport::is_local(&self.url)
    }

    /// The URL of the hub.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// From now on with other options.
    pub fn set_options(&mut self, options: Options) {
        self.transport.set_options(&options);
        self.options = options;
    }

    /// The number that the next call of this login has.
    pub fn callnum(&self) -> i64 {
        self.callnum
    }

    /// Whether a login succeeded and no logout followed.
    pub fn logged_in(&self) -> bool {
        self.logged_in
    }

    /// What the login gave.
    pub fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    /// Goes on with a session that was opened elsewhere.
    pub fn resume(&mut self, credentials: Credentials, callnum: i64) {
        self.credentials = Some(credentials);
        self.callnum = callnum;
        self.logged_in = true;
    }

    /// Lets a resumed session log in again by itself when it expires.
    pub fn renew_by(&mut self, login: Login) {
        self.login = Some(login);
    }

    /// Forgets the login without telling the hub; for a child process.
    pub fn forget(&mut self) {
        self.credentials = None;
        self.logged_in = false;
        self.callnum = 0;
        self.exclusive = false;
        self.transport = self.transport.another();
    }

    /// How often the last call was tried.
    pub fn retries(&self) -> u32 {
        self.retries
    }

    /// The hub's version, asked for if no answer has told it yet.
    pub fn hub_version(&mut self) -> Result<String> {
        match self.transport.hub_version() {
            Some(version) => Ok(version.to_owned()),
            None => self.call(GetKojiVersion::new()),
        }
    }

    /// Calls a method whose name is only known now; [`Session::call`] and [`Session::ask`] take the others.
    ///
    /// # Errors
    /// The hub's fault, or what kept the call from it.
    pub fn call_named(&mut self, method: &str, args: Vec<Value>, kwargs: Map) -> Result<Value> {
        let params = wire::encode_args(args, kwargs);
        match self.send(method, &params) {
            Err(error) if error.fault == Fault::AuthExpired && self.login.is_some() => {
                self.renew()?;
                self.send(method, &params)
            }
            answer => answer,
        }
    }

    /// Asks what a call would answer and change; nothing is changed. The answer has `answer`, `events`, `rows` and
    /// `files`.
    ///
    /// # Errors
    /// The fault that the call would have, or that the hub does not know what-if: Koji's own would do the call.
    pub fn what_if(&mut self, method: &str, args: Vec<Value>, kwargs: Map) -> Result<Value> {
        if !self.rehearses {
            self.call_named("koji_rs.listMethods", vec![], vec![]).map_err(|error| {
                let text = format!("{} does not know what-if and would do the call", self.url);
                Error::generic(text).caused_by(error)
            })?;
            self.rehearses = true;
        }
        self.rehearsing = true;
        let outcome = self.call_named(method, args, kwargs);
        self.rehearsing = false;
        outcome
    }

    /// Logs in by name and password.
    pub fn login(&mut self, user: &str, password: &str) -> Result<()> {
        self.log_in(Login::Password { user: user.to_owned(), password: Secret::new(password) })
    }

    /// Logs in by a client certificate, optionally on behalf of another user.
    pub fn ssl_login(&mut self, cert: &Path, proxyuser: Option<&str>) -> Result<()> {
        self.log_in(Login::Certificate { cert: cert.to_owned(), proxyuser: proxyuser.map(str::to_owned) })
    }

    /// Logs in.
    pub fn log_in(&mut self, login: Login) -> Result<()> {
        self.attempt_login(&login, vec![])?;
        self.login = Some(login);
        Ok(())
    }

    /// Logs out; a session that is not logged in stays so.
    pub fn logout(&mut self) -> Result<()> {
        if !self.logged_in {
            return Ok(());
        }
        let answer = self.send_once("logout", &[]).map_err(Failure::into_error);
        self.credentials = None;
        self.logged_in = false;
        self.login = None;
        match answer {
            // a forced exclusive session elsewhere ends this one; that is as good as a logout
            Err(error) if error.fault != Fault::AuthExpired => Err(error),
            _ => Ok(()),
        }
    }

    /// Opens a session below this one.
    pub fn subsession(&mut self) -> Result<Self> {
        let answer = self.ask(methods::Subsession::new())?;
        let transport = self.transport.another();
        let mut session = Self::with_transport(&self.url, self.options.clone(), transport);
        session.accept(&answer)?;
        session.login = self.login.clone();
        Ok(session)
    }

    /// Makes this session the only one of its user; `force` closes the one that was.
    pub fn exclusive_session(&mut self, force: bool) -> Result<()> {
        let opts = vec![("force".into(), Value::Bool(force))];
        self.call(methods::ExclusiveSession { opts, ..methods::ExclusiveSession::new() })?;
        self.exclusive = true;
        Ok(())
    }

    /// Gives up being the only session.
    pub fn shared_session(&mut self) -> Result<()> {
        self.call(methods::SharedSession::new())?;
        self.exclusive = false;
        Ok(())
    }

    /// Sends a piece of a file, numbered and repeated as calls are.
    pub(super) fn send_chunk(&mut self, parts: &ChunkParts<'_>) -> Result<Value> {
        let Some(credentials) = self.credentials.clone().filter(|_| self.logged_in) else {
            return Err(Error::not_allowed("log in before uploading files"));
        };
        let callnum = self.take_callnum();
        let mut attempts = Attempts::default();
        loop {
            let sent = self.transport.upload(&parts.signed((&credentials, callnum)));
            if let Some(answer) = self.judge(sent, &mut attempts) {
                return answer;
            }
        }
    }

    fn send(&mut self, method: &str, params: &[Value]) -> Result<Value> {
        let callnum = self.take_callnum();
        let mut attempts = Attempts::default();
        loop {
            let sent = self.carry(method, params, callnum);
            if let Some(answer) = self.judge(sent, &mut attempts) {
                return answer;
            }
        }
    }

    fn send_once(&mut self, method: &str, params: &[Value]) -> Result<Value, Failure> {
        let callnum = self.take_callnum();
        self.carry(method, params, callnum)
    }

    fn carry(&mut self, method: &str, params: &[Value], callnum: i64) -> Result<Value, Failure> {
        self.transport.call(&Outgoing {
            method,
            params,
            credentials: self.credentials.as_ref().map(|credentials| (credentials, callnum)),
            login: matches!(method, "login" | "sslLogin"),
            what_if: self.rehearsing && !matches!(method, "login" | "sslLogin"),
        })
    }

    /// The final answer, or none if the call is to be repeated; the pause is over then.
    fn judge(&mut self, sent: Result<Value, Failure>, attempts: &mut Attempts) -> Option<Result<Value>> {
        let failure = match sent {
            Ok(value) => {
                self.retries = attempts.total + 1;
                return Some(Ok(value));
            }
            Err(failure) => failure,
        };
        match attempts.next(&failure, self.logged_in, &self.options) {
            Next::Again(pause) => {
                tracing::info!(tries = attempts.total, url = %self.url, ?pause, "no answer, trying again");
                std::thread::sleep(pause);
                None
            }
            Next::GiveUp => {
                self.retries = attempts.total;
                Some(Err(failure.into_error()))
            }
        }
    }

    fn take_callnum(&mut self) -> i64 {
        let callnum = self.callnum;
        if self.credentials.is_some() {
            self.callnum += 1;
        }
        callnum
    }

    fn renew(&mut self) -> Result<()> {
        let Some(login) = self.login.clone() else {
            return Err(Error::new(Fault::AuthExpired, "the session has expired; log in again"));
        };
        self.logged_in = false;
        let extra =
            vec![("renew".into(), Value::Bool(true)), ("exclusive".into(), Value::Bool(self.exclusive))];
        self.attempt_login(&login, extra)
    }

    fn attempt_login(&mut self, login: &Login, mut opts: Map) -> Result<()> {
        let call: Call = match login {
            Login::Password { user, password } => {
                let args = vec![Value::String(user.clone()), Value::String(password.expose().to_owned())];
                methods::Login { args, opts }.into()
            }
            Login::Certificate { cert, proxyuser } => {
                self.transport.use_client_certificate(cert)?;
                let proxyuser = proxyuser.clone().map_or(Value::Nil, Value::String);
                opts.insert(0, ("proxyuser".into(), proxyuser));
                methods::SslLogin { args: vec![], opts }.into()
            }
        };
        let answer = self.send(&call.method, &wire::encode_args(call.positional, call.keywords))?;
        self.accept(&answer)
    }

    fn accept(&mut self, answer: &Value) -> Result<()> {
        let (Some(id), Some(key)) =
            (field(answer, "session-id").as_int(), field(answer, "session-key").as_str())
        else {
            return Err(Error::auth("the hub gave no session"));
        };
        self.resume(Credentials { id, key: Secret::new(key) }, 0);
        Ok(())
    }
}

/// A piece of a file without the credentials, which the session adds.
pub(super) struct ChunkParts<'a> {
    pub data: &'a [u8],
    pub offset: u64,
    pub dir: &'a str,
    pub name: &'a str,
    pub overwrite: bool,
    pub volume: Option<&'a str>,
}

impl<'a> ChunkParts<'a> {
    fn signed(&self, credentials: (&'a Credentials, i64)) -> UploadChunk<'a> {
        UploadChunk {
            data: self.data,
            offset: self.offset,
            dir: self.dir,
            name: self.name,
            overwrite: self.overwrite,
            volume: self.volume,
            credentials,
        }
    }
}
