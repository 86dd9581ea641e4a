//! Methods about sessions.

use crate::api::args::Arg;
use crate::context::Cx;
use crate::methods;
use crate::session::login::{self, NewSession, Wish};
use crate::session::proxied::{self, Behalf};
use crate::session::{exclusive, info};
use crate::user::info::UserRef;
use crate::wire::{Map, Value};
use crate::{Error, Result};

methods! {
    /// Logs in by name and password: `login(user, password, opts=None, renew=False, exclusive=False)`.
    write Anyone => Login "login" (; args args; kwargs opts) -> Option<NewSession>
        = |m, cx| by_password(cx, &Given::new(m.args, m.opts, &["user", "password", "opts", "renew", "exclusive"], 2)?);

    /// Logs in by what the web server has verified, a client certificate or a Kerberos principal:
    /// `sslLogin(proxyuser=None, proxyauthtype=None, renew=False, exclusive=None)`. Trusted proxies may log in others.
    write Anyone => SslLogin "sslLogin" (; args args; kwargs opts) -> Option<NewSession>
        = |m, cx| by_proxy(cx, &Given::new(m.args, m.opts, &["proxyuser", "proxyauthtype", "renew", "exclusive"], 0)?);

    /// This session; with `user_id` all sessions of a user that have not expired. `details` adds id and address.
    read Anyone => GetSessionInfo "getSessionInfo" (details: bool = false, user_id: UserRef = UserRef::Me) -> Value
        = |m, cx| info::tell(cx, m.details, &m.user_id);

    /// This session in a line of text.
    read Anyone => ShowSession "showSession" () -> String = |_m, cx| Ok(info::text(cx));

    /// Closes this session, or another one.
    write Inside("being logged in") => Logout "logout" (session_id: Option<i32> = None) -> ()
        = |m, cx| login::logout(cx, m.session_id);

    /// Closes a subsession of this session.
    write Inside("being logged in") => LogoutChild "logoutChild" (session_id: i32) -> ()
        = |m, cx| login::logout_child(cx, m.session_id);

    /// Opens a further session of the same user.
    write Inside("being logged in") => Subsession "subsession" () -> NewSession
        = |_m, cx| login::subsession(cx);

    /// Makes this session the only one of its user that may work: `exclusiveSession(force=False)`.
    write Inside("being logged in") => ExclusiveSession "exclusiveSession" (; args args; kwargs opts) -> ()
        = |m, cx| { let given = Given::new(m.args, m.opts, &["force"], 0)?; exclusive::make(cx, given.flag("force")?) };

    /// Ends the exclusiveness of this session.
    write Inside("being logged in") => SharedSession "sharedSession" () -> ()
        = |_m, cx| exclusive::share(cx);
}

/// Arguments of methods that Koji declares as `(*args, **opts)`, by the names that they have inside. What is wrong
/// with them shows there only, which is an unforeseen fault.
struct Given(Map);

impl Given {
    fn new(args: Vec<Value>, opts: Map, names: &[&str], required: usize) -> Result<Self> {
        if args.len() > names.len() {
            return Err(Error::unforeseen(format!("takes {} arguments, {} given", names.len(), args.len())));
        }
        let mut all: Map = names.iter().map(|name| (*name).to_owned()).zip(args).collect();
        for (name, value) in opts {
            if !names.contains(&name.as_str()) || all.iter().any(|(known, _)| *known == name) {
                return Err(Error::unforeseen(format!("got an unexpected keyword argument '{name}'")));
            }
            all.push((name, value));
        }
        if let Some(name) = names[..required].iter().find(|name| all.iter().all(|(known, _)| known != **name))
        {
            return Err(Error::unforeseen(format!("missing required argument {name:?}")));
        }
        Ok(Self(all))
    }

    fn take(&self, name: &str) -> Value {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn flag(&self, name: &str) -> Result<bool> {
        bool::take(self.take(name))
    }
}

fn by_password(cx: &mut Cx<'_>, given: &Given) -> Result<Option<NewSession>> {
    let wrong = || Error::auth("invalid username or password");
    let user = String::take(given.take("user")).map_err(|_| wrong())?;
    let secret = String::take(given.take("password")).map_err(|_| wrong())?;
    let hostip = match given.take("opts") {
        Value::Struct(opts) => opts.into_iter().find(|(name, _)| name == "hostip").map(|(_, value)| value),
        _ => None,
    };
    let wish = Wish {
        renew: given.flag("renew")?,
        exclusive: given.flag("exclusive")?,
        hostip: hostip.map(String::take).transpose()?,
    };
    login::by_password(cx, &user, &secret, &wish)
}

fn by_proxy(cx: &mut Cx<'_>, given: &Given) -> Result<Option<NewSession>> {
    let behalf = Behalf {
        user: <Option<String> as Arg>::take(given.take("proxyuser"))?.filter(|user| !user.is_empty()),
        authtype: Arg::take(given.take("proxyauthtype"))?,
    };
    let wish = Wish { renew: given.flag("renew")?, exclusive: given.flag("exclusive")?, hostip: None };
    proxied::log_in(cx, &behalf, &wish)
}
