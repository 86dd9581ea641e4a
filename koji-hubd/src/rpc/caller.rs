//! Who calls: the session from the headers or the URL, the address from the connection.

use std::net::SocketAddr;

use axum::http::HeaderMap;
use axum::http::request::Parts;
use koji_core::config::HubConfig;
use koji_core::hub::Caller;
use koji_core::session::Credentials;
use koji_core::{Error, Result};

use super::{named, proxied};

/// Reads the caller of a request. A session that is claimed badly is an error, none at all is anonymous.
pub(crate) fn of(parts: &Parts, peer: SocketAddr, config: &HubConfig) -> Result<Caller> {
    let (address, proxied) = proxied::read(&parts.headers, peer.ip(), config)?;
    let claimed = match from_headers(&parts.headers) {
        Ok(None) if !config.flag("DisableURLSessions") => from_url(parts),
        claimed => claimed,
    };
    // At the address of a method there is no old client to please: what is wrong with a session is told as that.
    let named = named::method(parts.uri.path()).is_some();
    let credentials = claimed.map_err(|error| if named { Error::auth(error.message) } else { error })?;
    Ok(Caller { credentials, address, proxied })
}

fn from_headers(headers: &HeaderMap) -> Result<Option<Credentials>> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(id) = text("koji-session-id") else { return Ok(None) };
    // What a client of Koji never sends is unforeseen there, too.
    let key = text("koji-session-key").ok_or_else(|| Error::unforeseen("Koji-Session-Key is missing"))?;
    // The second name is what hubs before 1.35 read.
    let callnum = text("koji-session-callnum").or_else(|| text("koji-callnum"));
    let callnum = callnum.map(|text| number(text).ok_or_else(|| Error::unforeseen(invalid("callnum", text))));
    credentials(id, key, callnum.transpose()?).map(Some)
}

/// A URL with a query is one with a session, unless it is the address of a method and has the arguments.
fn from_url(parts: &Parts) -> Result<Option<Credentials>> {
    let query = parts.uri.query().unwrap_or_default();
    let of = |name: &str| parameter(query, name);
    match (of("session-id"), of("session-key")) {
        (None, None) if query.is_empty() || named::method(parts.uri.path()).is_some() => Ok(None),
        (Some(id), Some(key)) => {
            // Old clients write the number that they do not have yet as Python's None.
            let callnum = of("callnum").filter(|text| text != "None");
            let callnum =
                callnum.map(|text| number(&text).ok_or_else(|| Error::auth(invalid("callnum", &text))));
            credentials(&id, &key, callnum.transpose()?).map(Some)
        }
        (Some(_), None) => Err(Error::auth("session-key not specified in session args")),
        (None, _) => Err(Error::auth("session-id not specified in session args")),
    }
}

fn credentials(id: &str, key: &str, callnum: Option<i64>) -> Result<Credentials> {
    let id = number(id).ok_or_else(|| Error::unforeseen(invalid("session id", id)))?;
    // No session has a number as large.
    let id = i32::try_from(id).map_err(|_| Error::auth("Invalid session or bad credentials"))?;
    let callnum = callnum.map(i32::try_from).transpose();
    let callnum = callnum.map_err(|error| Error::unforeseen(format!("Invalid callnum: {error}")))?;
    Ok(Credentials { id, key: key.to_owned(), callnum })
}

fn number(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

fn invalid(what: &str, text: &str) -> String {
    format!("Invalid {what}: {text:?}")
}

/// A parameter of a URL's query, decoded.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
