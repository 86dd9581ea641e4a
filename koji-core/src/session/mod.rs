//! Sessions: how a caller proves who he is from one call to the next.

pub mod exclusive;
pub mod identify;
pub mod info;
mod key;
pub mod login;
pub mod password;
pub mod proxied;
pub mod validate;

pub use key::same_key;

/// What a client sends with each call: in the headers `Koji-Session-Id`, `-Key` and `-Callnum`, or in the URL.
#[derive(Clone)]
pub struct Credentials {
    /// The session's id
    pub id: i32,
    /// Its key, a secret
    pub key: String,
    /// The number of the call; each is larger than the one before.
    pub callnum: Option<i32>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "session {} (call {:?})", self.id, self.callnum)
    }
}

/// A session that has been found valid.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id
    pub id: i32,
    /// The session that it is a subsession of
    pub master: Option<i32>,
    /// The user
    pub user_id: i32,
    /// The user's name
    pub user_name: String,
    /// The kind of the user: 0 person, 1 host, 2 group
    pub user_type: i32,
    /// How it was logged in: 0 password, 2 certificate, 3 GSSAPI
    pub authtype: i32,
    /// The address it is bound to, `-` if to none
    pub hostip: String,
    /// Whether it, or its master, is the exclusive one of the user.
    pub exclusive: bool,
    /// Whether it has expired, so that all it is good for is to be renewed
    pub is_expired: bool,
    /// Whether the database has an old time of use.
    pub is_stale: bool,
}

impl Session {
    /// What stands for a session when an operator works on the hub's own machine.
    pub fn of_operator(user_id: i32, name: &str) -> Self {
        Self {
            id: 0,
            master: None,
            user_id,
            user_name: name.to_owned(),
            user_type: 0,
            authtype: login::authtype::NORMAL,
            hostip: "-".to_owned(),
            exclusive: false,
            is_expired: false,
            is_stale: false,
        }
    }
}

/// What a trusted proxy says about the client; never taken from anybody else.
#[derive(Clone, Debug, Default)]
pub struct Proxied {
    /// The Kerberos principal (`REMOTE_USER`)
    pub principal: Option<String>,
    /// The subject of a verified client certificate
    pub certificate_subject: Option<String>,
    /// The part of the subject that names the user
    pub certificate_user: Option<String>,
}
