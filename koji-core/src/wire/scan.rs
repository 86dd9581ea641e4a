//! XML as the few tokens that XML-RPC needs. Refuses document types, entities other than XML's own five,
//! other encodings than UTF-8, and characters that XML forbids.

use std::borrow::Cow;
use std::fmt;

use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::serde_error::shortened;
use super::text::{find_forbidden, is_allowed};
use crate::{Error, Result};

/// The elements of XML-RPC, whatever their prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    MethodCall,
    MethodResponse,
    MethodName,
    Params,
    Param,
    Fault,
    Value,
    Array,
    Data,
    Struct,
    Member,
    Name,
    Int,
    Double,
    Boolean,
    String,
    Base64,
    DateTime,
    Nil,
    Unknown(String),
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Unknown(name) = self {
            return f.write_str(name);
        }
        // the names of the variants are those of XML-RPC but for the first letter
        let name = format!("{self:?}");
        let (first, rest) = name.split_at(1);
        write!(f, "{}{rest}", first.to_ascii_lowercase())
    }
}

/// What a document consists of; comments and instructions are passed over.
pub(super) enum Token<'a> {
    Open(Tag),
    Close,
    Text(Cow<'a, str>),
    End,
}

/// Reads tokens one after the other. Start and end tags are known to match.
pub(super) struct Scanner<'a> {
    reader: Reader<&'a [u8]>,
}

impl<'a> Scanner<'a> {
    /// Checks the encoding and the characters, and stands before the first token.
    pub fn new(body: &'a [u8]) -> Result<Self> {
        let text = std::str::from_utf8(body)
            .map_err(|error| malformed(error.valid_up_to(), "the text is not UTF-8, send it as UTF-8"))?;
        if let Some(at) = find_forbidden(text) {
            return Err(malformed(at, "a control character, which XML forbids; send such text as base64"));
        }
        let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
        reader.config_mut().expand_empty_elements = true;
        Ok(Self { reader })
    }

    /// The next token.
    pub fn next(&mut self) -> Result<Token<'a>> {
        loop {
            let event = self.reader.read_event().map_err(|error| {
                malformed(self.reader.error_position() as usize, &error.to_string()).caused_by(error)
            })?;
            match event {
                Event::Start(start) => return Ok(Token::Open(tag_of(&start))),
                Event::End(_) => return Ok(Token::Close),
                Event::Text(text) => return Ok(Token::Text(text.xml10_content())),
                Event::CData(text) => return Ok(Token::Text(text.xml10_content())),
                Event::GeneralRef(reference) => return Ok(Token::Text(self.resolve(&reference)?)),
                Event::Decl(declaration) => self.check_encoding(&declaration)?,
                Event::DocType(_) => return Err(self.refuse("a document type is not allowed")),
                Event::Eof => return Ok(Token::End),
                Event::Comment(_) | Event::PI(_) | Event::Empty(_) => {}
            }
        }
    }

    /// The next start tag, or none where the surrounding element ends. Between is only white space.
    pub fn next_tag(&mut self) -> Result<Option<Tag>> {
        loop {
            match self.next()? {
                Token::Open(tag) => return Ok(Some(tag)),
                Token::Close => return Ok(None),
                Token::Text(text) => self.check_blank(&text)?,
                Token::End => return Err(self.truncated()),
            }
        }
    }

    /// Refuses text where only white space may stand.
    pub fn check_blank(&self, text: &str) -> Result<()> {
        if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
            return Ok(());
        }
        Err(self.refuse(&format!("unexpected text '{}'", shortened(text.trim()))))
    }

    /// The text up to the end of the element that was just opened; other elements are refused.
    pub fn text(&mut self) -> Result<Cow<'a, str>> {
        let mut all = Cow::Borrowed("");
        loop {
            match self.next()? {
                Token::Text(text) => append(&mut all, text),
                Token::Close => return Ok(all),
                Token::Open(tag) => {
                    return Err(self.refuse(&format!("unexpected <{tag}> inside text")));
                }
                Token::End => return Err(self.truncated()),
            }
        }
    }

    /// Refuses whatever stands after the document.
    pub fn finish(&mut self) -> Result<()> {
        loop {
            match self.next()? {
                Token::End => return Ok(()),
                Token::Text(text) => self.check_blank(&text)?,
                Token::Open(_) | Token::Close => return Err(self.refuse("more than one document")),
            }
        }
    }

    /// An error at the place where we stand.
    pub fn refuse(&self, what: &str) -> Error {
        malformed(self.reader.buffer_position() as usize, what)
    }

    /// The document ends before it is complete.
    pub fn truncated(&self) -> Error {
        self.refuse("the document ends too early")
    }

    fn check_encoding(&self, declaration: &BytesDecl<'_>) -> Result<()> {
        let Some(encoding) = declaration.encoding() else { return Ok(()) };
        let encoding = encoding.map_err(|error| self.refuse(&error.to_string()))?;
        if ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|known| encoding.eq_ignore_ascii_case(known)) {
            return Ok(());
        }
        Err(self.refuse(&format!("the encoding {} is not supported, send UTF-8", shortened(&encoding))))
    }

    fn resolve(&self, reference: &BytesRef<'_>) -> Result<Cow<'a, str>> {
        let name = reference.xml10_content();
        let known = match &*name {
            "lt" => "<",
            "gt" => ">",
            "amp" => "&",
            "quot" => "\"",
            "apos" => "'",
            _ => {
                let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).ok(),
                    None => number.parse().ok(),
                });
                return match number.and_then(char::from_u32).filter(|c| is_allowed(*c)) {
                    Some(c) => Ok(Cow::Owned(c.to_string())),
                    None => Err(self.refuse(&format!("the entity &{}; is not allowed", shortened(&name)))),
                };
            }
        };
        Ok(Cow::Borrowed(known))
    }
}

/// Appends a piece of text; the common single piece is not copied.
pub(super) fn append<'a>(all: &mut Cow<'a, str>, piece: Cow<'a, str>) {
    if all.is_empty() {
        *all = piece;
    } else {
        all.to_mut().push_str(&piece);
    }
}

fn tag_of(start: &BytesStart<'_>) -> Tag {
    let name = start.name().into_inner();
    match name.rsplit(':').next().unwrap_or(name) {
        "value" => Tag::Value,
        "string" => Tag::String,
        "int" | "i4" | "i8" | "i1" | "i2" | "biginteger" => Tag::Int,
        "member" => Tag::Member,
        "name" => Tag::Name,
        "struct" => Tag::Struct,
        "array" => Tag::Array,
        "data" => Tag::Data,
        "nil" => Tag::Nil,
        "boolean" => Tag::Boolean,
        "double" | "float" => Tag::Double,
        "base64" => Tag::Base64,
        "dateTime.iso8601" => Tag::DateTime,
        "param" => Tag::Param,
        "params" => Tag::Params,
        "methodCall" => Tag::MethodCall,
        "methodName" => Tag::MethodName,
        "methodResponse" => Tag::MethodResponse,
        "fault" => Tag::Fault,
        other => Tag::Unknown(shortened(other)),
    }
}

fn malformed(at: usize, what: &str) -> Error {
    Error::generic(format!("malformed XML-RPC at byte {at}: {what}"))
}
