//! Who makes a request that is no call and opens no session, such as an upload by a program that knows no Koji.

use super::{login, proxied};
use crate::context::Cx;
use crate::{Error, Result};

/// A name and a password, as HTTP's basic authentication has them.
#[derive(Clone)]
pub struct Basic {
    /// The user's name
    pub user: String,
    /// The password
    pub password: String,
}

/// The id of the user: of the session that the caller has, by name and password, or by what a trusted proxy has
/// verified.
///
/// # Errors
/// Nobody is proven, or he must not log in.
pub fn identify(cx: &mut Cx<'_>, basic: Option<&Basic>) -> Result<i32> {
    if cx.actor.session.is_some() {
        return cx.user_id();
    }
    if let Some(Basic { user, password }) = basic {
        return login::prove(cx, user, password);
    }
    if cx.actor.proxied.principal.is_none() && cx.actor.proxied.certificate_subject.is_none() {
        return Err(Error::auth("log in by name and password, a session, a certificate or Kerberos"));
    }
    proxied::identify(cx)
}
