//! XML-RPC to [`Value`]s, bounded in depth and number because anyone may send it.
//!
//! Lenient where Python is (prefixes, untyped text, white space, missing `<params>`), strict in structure.

use std::borrow::Cow;

use base64::Engine as _;

use super::scan::{Scanner, Tag, Token, append};
use super::serde_error::shortened;
use super::special::BASE64;
use super::value::without_duplicates;
use super::{MAX_CALL_ITEMS, MAX_DEPTH, Map, Value, plain_read};
use crate::{Error, Fault, Result};

/// A call of a method, as it was sent: keyword arguments are still inside, see [`super::decode_args`].
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The method's name.
    pub method: String,
    /// The arguments in their order.
    pub params: Vec<Value>,
}

/// Reads a `<methodCall>`, sent by a client or stored as a task's request.
pub fn parse_call(body: &[u8]) -> Result<Call> {
    let mut reader = ValueReader { scanner: Scanner::new(body)?, items_left: MAX_CALL_ITEMS };
    reader.expect(&Tag::MethodCall)?;
    reader.expect(&Tag::MethodName)?;
    let method = reader.scanner.text()?.trim().to_owned();
    if method.is_empty() {
        return Err(reader.scanner.refuse("the method's name is empty"));
    }
    let params = match reader.scanner.next_tag()? {
        None => Vec::new(),
        Some(Tag::Params) => {
            let params = reader.params()?;
            reader.expect_end()?;
            params
        }
        Some(other) => return Err(reader.unexpected(&other, "<params>")),
    };
    reader.scanner.finish()?;
    Ok(Call { method, params })
}

/// Reads a `<methodResponse>`, from a hub or stored as a task's result; a fault becomes the error.
/// Bounded in depth only: answers are as long as the hub wants.
pub fn parse_response(body: &[u8]) -> Result<Value> {
    plain_read::response(body).map_or_else(|| parse_any_response(body), Ok)
}

/// The same, in whatever form of XML.
pub(super) fn parse_any_response(body: &[u8]) -> Result<Value> {
    let mut reader = ValueReader { scanner: Scanner::new(body)?, items_left: usize::MAX };
    reader.expect(&Tag::MethodResponse)?;
    let outcome = match reader.scanner.next_tag()? {
        Some(Tag::Params) => {
            let mut params = reader.params()?;
            match (params.pop(), params.is_empty()) {
                (Some(value), true) => Ok(value),
                _ => return Err(reader.scanner.refuse("a response holds exactly one value")),
            }
        }
        Some(Tag::Fault) => {
            reader.expect(&Tag::Value)?;
            let fault = reader.value(0)?;
            reader.expect_end()?;
            Err(error_of(&fault))
        }
        Some(other) => return Err(reader.unexpected(&other, "<params> or <fault>")),
        None => return Err(reader.scanner.refuse("the response is empty")),
    };
    reader.expect_end()?;
    reader.scanner.finish()?;
    outcome
}

fn error_of(fault: &Value) -> Error {
    let code = fault.get("faultCode").and_then(Value::as_int).and_then(|code| i32::try_from(code).ok());
    let message =
        fault.get("faultString").and_then(Value::as_str).unwrap_or("the hub sent a fault without a text");
    Error::of_code(code.unwrap_or(Fault::Generic.code()), message)
}

struct ValueReader<'a> {
    scanner: Scanner<'a>,
    items_left: usize,
}

impl ValueReader<'_> {
    /// `<param>`s up to `</params>`.
    fn params(&mut self) -> Result<Vec<Value>> {
        let mut params = Vec::new();
        while let Some(tag) = self.scanner.next_tag()? {
            if tag != Tag::Param {
                return Err(self.unexpected(&tag, "<param>"));
            }
            self.expect(&Tag::Value)?;
            params.push(self.value(0)?);
            self.expect_end()?;
        }
        Ok(params)
    }

    /// What stands between `<value>` and its end.
    fn value(&mut self, depth: usize) -> Result<Value> {
        self.items_left = self
            .items_left
            .checked_sub(1)
            .ok_or_else(|| self.scanner.refuse(&format!("more than {MAX_CALL_ITEMS} values")))?;
        let mut text = Cow::Borrowed("");
        loop {
            match self.scanner.next()? {
                Token::Text(piece) => append(&mut text, piece),
                Token::Close => return Ok(Value::String(text.into_owned())),
                Token::Open(tag) => {
                    self.scanner.check_blank(&text)?;
                    let value = self.typed(tag, depth)?;
                    self.expect_end()?;
                    return Ok(value);
                }
                Token::End => return Err(self.scanner.truncated()),
            }
        }
    }

    /// What stands inside the element that names the type, up to its end.
    fn typed(&mut self, tag: Tag, depth: usize) -> Result<Value> {
        match tag {
            Tag::Array | Tag::Struct if depth == MAX_DEPTH => {
                Err(self.scanner.refuse(&format!("values nest deeper than {MAX_DEPTH}")))
            }
            Tag::Array => self.array(depth + 1),
            Tag::Struct => self.members(depth + 1),
            Tag::Nil => self.expect_end().map(|()| Value::Nil),
            Tag::String => Ok(Value::String(self.scanner.text()?.into_owned())),
            Tag::DateTime => Ok(Value::DateTime(self.scanner.text()?.trim().to_owned())),
            Tag::Int => {
                let text = self.scanner.text()?;
                text.trim().parse().map(Value::Int).map_err(|_| self.bad("an integer of 64 bits", &text))
            }
            Tag::Double => {
                let text = self.scanner.text()?;
                text.trim().parse().map(Value::Double).map_err(|_| self.bad("a double", &text))
            }
            Tag::Boolean => {
                let text = self.scanner.text()?;
                match text.trim() {
                    "0" => Ok(Value::Bool(false)),
                    "1" => Ok(Value::Bool(true)),
                    _ => Err(self.bad("a boolean, 0 or 1", &text)),
                }
            }
            Tag::Base64 => {
                let text = self.scanner.text()?;
                let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
                BASE64.decode(packed).map(Value::Bytes).map_err(|_| self.bad("base64", &text))
            }
            other => Err(self.unexpected(&other, "the type of a value")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value> {
        let mut items = Vec::new();
        while let Some(tag) = self.scanner.next_tag()? {
            if tag != Tag::Data {
                return Err(self.unexpected(&tag, "<data>"));
            }
            while let Some(tag) = self.scanner.next_tag()? {
                if tag != Tag::Value {
                    return Err(self.unexpected(&tag, "<value>"));
                }
                items.push(self.value(depth)?);
            }
        }
        Ok(Value::Array(items))
    }

    fn members(&mut self, depth: usize) -> Result<Value> {
        let mut members = Map::new();
        while let Some(tag) = self.scanner.next_tag()? {
            if tag != Tag::Member {
                return Err(self.unexpected(&tag, "<member>"));
            }
            self.expect(&Tag::Name)?;
            let name = self.scanner.text()?.into_owned();
            self.expect(&Tag::Value)?;
            members.push((name, self.value(depth)?));
            self.expect_end()?;
        }
        Ok(Value::Struct(without_duplicates(members)))
    }

    /// The next must be this start tag.
    fn expect(&mut self, wanted: &Tag) -> Result<()> {
        match self.scanner.next_tag()? {
            Some(tag) if tag == *wanted => Ok(()),
            Some(tag) => Err(self.unexpected(&tag, &format!("<{wanted}>"))),
            None => Err(self.scanner.refuse(&format!("<{wanted}> is missing"))),
        }
    }

    /// The next must be the end of the surrounding element.
    fn expect_end(&mut self) -> Result<()> {
        match self.scanner.next_tag()? {
            None => Ok(()),
            Some(tag) => Err(self.unexpected(&tag, "an end tag")),
        }
    }

    fn unexpected(&self, tag: &Tag, wanted: &str) -> Error {
        self.scanner.refuse(&format!("expected {wanted}, found <{tag}>"))
    }

    fn bad(&self, wanted: &str, text: &str) -> Error {
        self.scanner.refuse(&format!("'{}' is not {wanted}", shortened(text.trim())))
    }
}

#[cfg(test)]
#[path = "xml_read_tests.rs"]
mod tests;
