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
    let key = text("koji-session-key").ok_or_else(|| Error::auth("Koji-Session-Key is missing"))?;
    // The second name is what hubs before 1.35 read.
    let callnum = text("koji-session-callnum").or_else(|| text("koji-callnum"));
    credentials(id, key, callnum).map(Some)
}

fn from_url(query: &str) -> Result<Option<Credentials>> {
    let of = |name: &str| parameter(query, name);
    match (of("session-id"), of("session-key")) {
        (Some(id), Some(key)) => credentials(&id, &key, of("callnum").as_deref()).map(Some),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Error::auth("session-key not specified in session args")),
        (None, Some(_)) => Err(Error::auth("session-id not specified in session args")),
    }
}

fn credentials(id: &str, key: &str, callnum: Option<&str>) -> Result<Credentials> {
    let number = |text: &str, what: &str| {
        text.parse::<i32>().map_err(|_| Error::auth(format!("Invalid {what}: {text:?}")))
    };
    let callnum = callnum.filter(|text| *text != "None").map(|text| number(text, "callnum")).transpose()?;
    Ok(Credentials { id: number(id, "session id")?, key: key.to_owned(), callnum })
}

/// A parameter of a URL's query, decoded.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
