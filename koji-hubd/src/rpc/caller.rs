//! Who calls: the session from the headers or the URL, the address from the connection.

use std::net::SocketAddr;

use axum::http::HeaderMap;
use axum::http::request::Parts;
use koji_core::config::HubConfig;
use koji_core::hub::Caller;
use koji_core::session::Credentials;
use koji_core::{Error, Result};

use super::proxied;

/// Reads the caller of a request. A session that is claimed badly is an error, none at all is anonymous.
pub(super) fn of(parts: &Parts, peer: SocketAddr, config: &HubConfig) -> Result<Caller> {
    let (address, proxied) = proxied::read(&parts.headers, peer.ip(), config)?;
    let in_url = !config.flag("DisableURLSessions");
    let credentials = match from_headers(&parts.headers)? {
        Some(credentials) => Some(credentials),
        None if in_url => from_url(parts.uri.query().unwrap_or_default())?,
        None => None,
    };
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

/// A URL with a query is one with a session.
fn from_url(query: &str) -> Result<Option<Credentials>> {
    if query.is_empty() {
        return Ok(None);
    }
    let of = |name: &str| parameter(query, name);
    match (of("session-id"), of("session-key")) {
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
