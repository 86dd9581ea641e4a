//! Calls whose method the address names: `GET /kojihub/METHOD?argument=value` for those that read, and
//! `POST /kojihub/METHOD` with the arguments as JSON for all. The answer is the bare JSON, a fault has a status.

use std::hash::{DefaultHasher, Hasher as _};
use std::io::{self, Write};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use koji_core::api::{Call, Mode, dispatch};
use koji_core::wire::{self, Map, Value};
use koji_core::{Error, Result};

use super::answer::{self, Form, Writer};

/// The address of the document that describes all methods.
pub(super) const OPENAPI: &str = "openapi.json";

/// Parameters of the address that name the session and no argument.
const OF_SESSION: [&str; 3] = ["session-id", "session-key", "callnum"];

/// The method that the address of a request names.
pub(super) fn method(path: &str) -> Option<&str> {
    path.strip_prefix("/kojihub/").filter(|name| !name.is_empty() && *name != "ssllogin")
}

/// The call of a query: arguments by name.
pub(super) fn of_query(method: &str, query: &str) -> Result<Call> {
    let mut members = Map::new();
    for (name, text) in form_urlencoded::parse(query.as_bytes()) {
        if OF_SESSION.contains(&&*name) {
            continue;
        }
        let value = value(&text).map_err(|error| {
            Error::parameter(format!(
                "{method}: argument {name:?}: {} (a text goes in quotes)",
                error.message
            ))
        })?;
        members.push((name.into_owned(), value));
    }
    Call::named(method, members)
}

/// A value of a query is JSON. What cannot be JSON is a text: `tagInfo=f40`.
fn value(text: &str) -> Result<Value> {
    match wire::json::parse(text.as_bytes()) {
        Ok(value) => Ok(value),
        Err(error) if text.starts_with(['[', '{', '"']) => Err(error),
        Err(_) => Ok(Value::String(text.to_owned())),
    }
}

/// The call of a body: an object of arguments by name, or a list of them.
pub(super) fn of_body(method: &str, body: &[u8]) -> Result<Call> {
    if body.is_empty() {
        return Call::named(method, Map::new());
    }
    match wire::json::parse(body).map_err(|error| Error::parameter(error.message))? {
        Value::Struct(members) => Call::named(method, members),
        Value::Array(positional) => Ok(Call { method: method.to_owned(), positional, keywords: Map::new() }),
        _ => {
            Err(Error::parameter(format!("{method}: the body is an object of arguments by name, or a list")))
        }
    }
}

/// The refusal of a method that GET must not call.
pub(super) fn refuse_write(call: &Call, form: &Form) -> Result<Option<Response<Body>>> {
    if dispatch::mode(call)? == Mode::Read {
        return Ok(None);
    }
    let error = Error::generic(format!("{} may change something: POST it", call.method));
    let mut response = answer::fault(&error, form);
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    Ok(Some(response))
}

/// The response of a method that nobody knows.
pub(super) fn unknown(method: &str, form: &Form) -> Response<Body> {
    let mut response = answer::fault(&Error::generic(format!("Invalid method: {method}")), form);
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// The response of a GET: with a validator, so that what a client has already is not sent again.
pub(super) fn send(body: Writer, headers: &HeaderMap, form: &Form) -> Response<Body> {
    let tag = tag(&body);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut response = match &tag {
        Some(tag) if known.split(',').any(|known| is_same(known, tag)) => {
            let mut unchanged = form.respond(Body::empty(), false);
            *unchanged.status_mut() = StatusCode::NOT_MODIFIED;
            unchanged.headers_mut().remove(header::CONTENT_TYPE);
            unchanged
        }
        _ => answer::send(body, form),
    };
    let headers_out = response.headers_mut();
    if let Some(tag) = tag.and_then(|tag| HeaderValue::try_from(tag).ok()) {
        headers_out.insert(header::ETAG, tag);
    }
    let caching = if headers.contains_key("koji-session-id") { "private, no-cache" } else { "no-cache" };
    headers_out.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers_out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding, Koji-Session-Id"));
    response
}

/// A weak validator: it is that of the answer, compressed or not.
fn tag(body: &Writer) -> Option<String> {
    let mut hashed = Hashed { hasher: DefaultHasher::new(), length: 0 };
    body(&mut hashed).ok()?;
    Some(format!("W/\"{:x}-{:016x}\"", hashed.length, hashed.hasher.finish()))
}

fn is_same(known: &str, tag: &str) -> bool {
    let plain = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.trim() == "*" || plain(known) == plain(tag)
}

/// Keeps nothing of what is written but its hash.
struct Hashed {
    hasher: DefaultHasher,
    length: usize,
}

impl Write for Hashed {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.length += data.len();
        // a byte at a time would be hashed otherwise than all at once: only the bytes may count, not the pieces
        data.iter().for_each(|byte| self.hasher.write_u8(*byte));
        Ok(data.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_json_or_text() {
        let call = of_query("getTag", "tagInfo=f40&strict=true&event=12&session-id=3").unwrap();
        assert_eq!(
            call.keywords,
            [("tagInfo".into(), "f40".into()), ("strict".into(), true.into()), ("event".into(), 12.into())]
        );
        assert_eq!(of_query("getTag", "tagInfo=%2240%22").unwrap().keywords[0].1, "40".into());
        let error = of_query("getTag", "tagInfo=[1").unwrap_err();
        assert!(error.fault == koji_core::Fault::Parameter && error.message.contains("tagInfo"), "{error}");
        let call = of_query("count", "methodName=listTags&args=[null]&perms=false").unwrap();
        assert_eq!((call.positional.len(), call.keywords.len()), (2, 1));
        assert_eq!(dispatch::mode(&call).unwrap(), Mode::Read);
    }

    #[test]
    fn validators_are_compared_weakly() {
        assert!(is_same(" \"a\"", "W/\"a\"") && is_same("*", "W/\"a\"") && !is_same("\"b\"", "W/\"a\""));
        let body = |pieces: &'static [&'static [u8]]| -> Writer {
            Box::new(move |out| pieces.iter().try_for_each(|piece| out.write_all(piece)))
        };
        assert_eq!(tag(&body(&[b"ab", b"c"])), tag(&body(&[b"a", b"bc"])));
        assert_ne!(tag(&body(&[b"abc"])), tag(&body(&[b"abd"])));
    }
}
