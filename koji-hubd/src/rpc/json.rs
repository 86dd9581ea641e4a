//! JSON-RPC 2.0: the same methods for programs that would rather write JSON. Many calls at once go through
//! `multiCall`; a batch is refused.

use std::io::{self, Write};
use std::sync::Arc;

use koji_core::api::{Answer, Call};
use koji_core::wire::{self, Value};
use koji_core::{Error, Result};

/// Reads a request; its id, as JSON, and the call. Parameters are a list, or an object of names.
pub(super) fn parse(body: &[u8]) -> Result<(Arc<str>, Call)> {
    let members = match wire::json::parse(body)? {
        Value::Struct(members) => members,
        Value::Array(_) => return Err(Error::generic("a batch is not taken; call multiCall")),
        _ => return Err(Error::generic("a JSON-RPC request is an object")),
    };
    let (mut id, mut method, mut call) = (Value::Nil, None, Call::default());
    for (name, value) in members {
        match (name.as_str(), value) {
            ("id", value) => id = value,
            ("method", Value::String(name)) => method = Some(name),
            ("params", Value::Array(list)) => call.positional = list,
            ("params", Value::Struct(named)) => call.keywords = named,
            ("params", Value::Nil) | ("jsonrpc", _) => {}
            (other, _) => return Err(Error::generic(format!("a JSON-RPC request takes no such {other:?}"))),
        }
    }
    call.method = method.ok_or_else(|| Error::generic("a JSON-RPC request names its method"))?;
    let mut text = Vec::new();
    wire::json::write(&mut text, &id)?;
    Ok((String::from_utf8_lossy(&text).into(), call))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_by_position_and_by_name() {
        let (id, call) =
            parse(br#"{"jsonrpc":"2.0","id":"a","method":"getTag","params":["f1",true]}"#).unwrap();
        assert_eq!((&*id, call.method.as_str(), call.positional.len()), (r#""a""#, "getTag", 2));
        let (id, call) = parse(br#"{"id":7,"method":"getTag","params":{"tagInfo":"f1"}}"#).unwrap();
        assert_eq!((&*id, call.keywords.len()), ("7", 1));
        assert!(parse(b"[]").is_err() && parse(br#"{"params":[]}"#).is_err() && parse(b"{").is_err());
    }
}
