//! Requests and results as the database keeps them: as texts of XML-RPC, old ones in base64 around it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::db::cells::Cells;
use crate::db::row::Column;
use crate::wire::{self, Map, Value};
use crate::{Error, Result};

/// A request or result on its way to a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Stored {
    /// As it is kept
    Text(String),
    /// Decoded
    Decoded(Value),
}

impl Column for Stored {
    fn cell(cells: &mut impl Cells) -> Result<Option<Self>> {
        Ok(cells.text()?.map(Self::Text))
    }
}

impl Stored {
    /// The text, without base64 around it.
    pub fn text(text: &str) -> Result<Self> {
        plain(text).map(|plain| Self::Text(plain.into_owned()))
    }

    /// The arguments of a stored request.
    pub fn request(text: &str) -> Result<Self> {
        request(text).map(|params| Self::Decoded(Value::Array(params)))
    }

    /// A stored result in a list of its own, or the struct of its fault.
    pub fn result(text: &str) -> Result<Self> {
        Ok(Self::Decoded(match result(text)? {
            Ok(value) => Value::Array(vec![value]),
            Err(fault) => fault_struct(&fault),
        }))
    }
}

/// The arguments of a stored request.
pub fn request(text: &str) -> Result<Vec<Value>> {
    Ok(wire::parse_call(plain(text)?.as_bytes())?.params)
}

/// What came of a task: its answer, or the fault that it failed with. The outer error is that the text can't
/// be read.
pub fn result(text: &str) -> Result<Result<Value, Error>> {
    let plain = plain(text)?;
    match wire::parse_response(plain.as_bytes()) {
        Ok(value) => Ok(Ok(value)),
        // A text that can't be read is an error as well; only a fault has this element.
        Err(error) if plain.contains("<fault>") => Ok(Err(error)),
        Err(error) => {
            Err(Error::unforeseen(format!("a task's result can't be read: {error}")).caused_by(error))
        }
    }
}

/// A fault where it can't be one: as a multicall tells it.
pub fn fault_struct(error: &Error) -> Value {
    let members: Map = vec![
        ("faultCode".to_owned(), Value::from(error.fault.code())),
        ("faultString".to_owned(), Value::from(error.message.as_str())),
    ];
    Value::Struct(members)
}

fn plain(text: &str) -> Result<std::borrow::Cow<'_, str>> {
    if text.get(..10).unwrap_or(text).contains("<?xml") {
        return Ok(text.into());
    }
    let wrong = || Error::unforeseen("a task's request or result is neither XML nor base64");
    let compact: String = text.split_whitespace().collect();
    let bytes = STANDARD.decode(compact).map_err(|error| wrong().caused_by(error))?;
    String::from_utf8(bytes).map(Into::into).map_err(|error| wrong().caused_by(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_texts_are_in_base64() {
        let text = wire::request_text("sleep", &[Value::Int(5)]).unwrap();
        assert_eq!(request(&text).unwrap(), [Value::Int(5)]);
        assert_eq!(request(&STANDARD.encode(&text)).unwrap(), [Value::Int(5)]);
        assert_eq!(request("neither").unwrap_err().fault, crate::Fault::Unforeseen);
    }

    #[test]
    fn a_fault_is_told_from_an_answer() {
        let answer = wire::result_text(&Value::from("ok")).unwrap();
        assert_eq!(result(&answer).unwrap().unwrap(), Value::from("ok"));
        let fault = wire::fault_text(1005, "no compiler").unwrap();
        let error = result(&fault).unwrap().unwrap_err();
        assert_eq!(error.fault, crate::Fault::Build);
        assert_eq!(fault_struct(&error).get("faultString"), Some(&Value::from("no compiler")));
    }
}
