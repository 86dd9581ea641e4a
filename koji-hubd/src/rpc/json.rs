//! JSON-RPC 2.0: the same methods for programs that would rather write JSON. A batch is what `multiCall` is: one
//! transaction, in which each entry is a savepoint.
//!
//! What is wrong with a request itself has the codes of JSON-RPC, a fault of the hub has Koji's.

use std::io::{self, Write};
use std::sync::Arc;

use koji_core::api::{Answer, Call, registry};
use koji_core::wire::{self, Value};
use koji_core::{Error, Result};

/// The body is no JSON.
pub(super) const PARSE_ERROR: i32 = -32700;
/// An entry is no request.
const INVALID_REQUEST: i32 = -32600;
/// A request names no method of the hub.
const METHOD_NOT_FOUND: i32 = -32601;

/// What came in a body.
pub(super) enum Body {
    /// One request
    One(Request),
    /// A list of them
    Batch(Vec<Request>),
}

/// A request. One without an id is not answered.
pub(super) struct Request {
    /// The id as JSON
    pub id: Option<Arc<str>>,
    /// The call, or what is wrong
    pub call: Result<Call>,
}

/// Reads a body. What is no JSON is an error.
pub(super) fn parse(body: &[u8]) -> Result<Body> {
    match wire::json::parse(body).map_err(|error| Error::of_code(PARSE_ERROR, error.message))? {
        Value::Array(entries) if entries.is_empty() => Ok(Body::One(Request {
            id: Some("null".into()),
            call: invalid("a batch holds a request at least"),
        })),
        Value::Array(entries) => Ok(Body::Batch(entries.into_iter().map(request).collect())),
        one => Ok(Body::One(request(one))),
    }
}

fn invalid(what: &str) -> Result<Call> {
    Err(Error::of_code(INVALID_REQUEST, what))
}

fn request(value: Value) -> Request {
    let Value::Struct(members) = value else {
        return Request { id: Some("null".into()), call: invalid("a JSON-RPC request is an object") };
    };
    let (mut id, mut method, mut call, mut wrong) = (None, None, Call::default(), None);
    for (name, value) in members {
        match (name.as_str(), value) {
            ("id", value @ (Value::Nil | Value::Int(_) | Value::Double(_) | Value::String(_))) => {
                id = serde_json::to_string(&value).ok().map(Arc::from);
            }
            ("method", Value::String(name)) => method = Some(name),
            ("params", Value::Array(list)) => call.positional = list,
            ("params", Value::Struct(named)) => call.keywords = named,
            ("params", Value::Nil) => {}
            ("jsonrpc", Value::String(version)) if version == "2.0" => {}
            (other, _) => wrong = Some(format!("a JSON-RPC 2.0 request takes no such {other:?}")),
        }
    }
    let call = match (wrong, method) {
        (Some(wrong), _) => invalid(&wrong),
        (None, None) => invalid("a JSON-RPC request names its method"),
        (None, Some(method)) if !registry::knows(&method) => {
            Err(Error::of_code(METHOD_NOT_FOUND, format!("Invalid method: {method}")))
        }
        (None, Some(method)) => Ok(Call { method, ..call }),
    };
    // A notification has no id and nobody is told of its fault; what is no request at all is told even so.
    let is_invalid = call.as_ref().is_err_and(|error| error.code() == INVALID_REQUEST);
    Request { id: id.or_else(|| is_invalid.then(|| "null".into())), call }
}

/// Writes the response of an answer.
pub(super) fn write_answer(out: &mut dyn Write, id: &str, answer: &dyn Answer) -> io::Result<()> {
    write!(out, r#"{{"jsonrpc":"2.0","id":{id},"result":"#)?;
    answer.json(out).map_err(io::Error::other)?;
    out.write_all(b"}")
}

/// Writes the response of a fault.
pub(super) fn write_fault(out: &mut dyn Write, id: &str, error: &Error) -> io::Result<()> {
    let message = serde_json::to_string(&error.message)?;
    write!(out, r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{},"message":{message}}}}}"#, error.code())
}

/// The answers of a batch, each with the id of its request.
pub(super) type Answers = Vec<(Arc<str>, Result<Box<dyn Answer>>)>;

/// Writes the responses of a batch.
pub(super) fn write_batch(out: &mut dyn Write, answers: &Answers) -> io::Result<()> {
    for (at, (id, answer)) in answers.iter().enumerate() {
        out.write_all(if at == 0 { b"[" } else { b"," })?;
        match answer {
            Ok(answer) => write_answer(out, id, &**answer)?,
            Err(error) => write_fault(out, id, error)?,
        }
    }
    out.write_all(b"]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(body: &[u8]) -> Request {
        match parse(body).unwrap() {
            Body::One(request) => request,
            Body::Batch(_) => panic!("a batch"),
        }
    }

    #[test]
    fn requests_are_read_by_position_and_by_name() {
        let request = one(br#"{"jsonrpc":"2.0","id":"a","method":"getTag","params":["f1",true]}"#);
        let call = request.call.unwrap();
        assert_eq!((&*request.id.unwrap(), &*call.method, call.positional.len()), (r#""a""#, "getTag", 2));
        let request = one(br#"{"id":7,"method":"getTag","params":{"tagInfo":"f1"}}"#);
        assert_eq!((&*request.id.unwrap(), request.call.unwrap().keywords.len()), ("7", 1));
        assert!(one(br#"{"method":"getTag"}"#).id.is_none());
    }

    #[test]
    fn what_is_wrong_has_the_codes_of_json_rpc() {
        let code = |body: &[u8]| one(body).call.unwrap_err().code();
        assert_eq!(parse(b"{").err().map(|error| error.code()), Some(PARSE_ERROR));
        for bad in [&b"[]"[..], b"1", br#"{"params":[]}"#, br#"{"method":"getTag","params":1}"#] {
            assert_eq!(code(bad), INVALID_REQUEST, "{}", String::from_utf8_lossy(bad));
        }
        assert_eq!(code(br#"{"jsonrpc":"1.0","id":1,"method":"getTag"}"#), INVALID_REQUEST);
        assert_eq!(code(br#"{"id":1,"method":"nothing"}"#), METHOD_NOT_FOUND);
        let Body::Batch(batch) = parse(br#"[1,{"id":2,"method":"echo"}]"#).unwrap() else { panic!("one") };
        assert_eq!(batch.iter().map(|request| request.call.is_ok()).collect::<Vec<_>>(), [false, true]);
    }
}
