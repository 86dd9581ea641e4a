//! Methods about uploads. The raw upload is no method: see [`crate::upload`].

use base64::Engine as _;

use crate::api::args::expected;
use crate::api::cast::Truthy;
use crate::db::{Lookup, lookup};
use crate::methods;
use crate::upload::chunk::{self, Chunk};
use crate::upload::{self, Checked, Place};
use crate::wire::Value;
use crate::{Error, Result};

methods! {
    /// Uploads a chunk of a file.
    write User => UploadFile "uploadFile"
        (path: String, name: String, size: Value, md5sum: Value, offset: Value, data: Value,
         volume: Option<String> = None, checksum: Value = Value::Nil) -> bool
        = |m, cx| chunk::store(cx, &read(m)?);

    /// Size, time and checksum of an uploaded file.
    write Anyone => CheckUpload "checkUpload"
        (path: String, name: String, verify: Truthy<Value> = Truthy(None), tail: Option<Value> = None,
         volume: Truthy<Lookup> = Truthy(None)) -> Option<Checked>
        = |m, cx| {
            let volume = m.volume.0.map(|volume| lookup::get(cx, "volume", "volume", &volume)).transpose()?;
            let place = Place { dir: m.path, name: m.name, volume: volume.map(|volume| volume.name) };
            upload::check(cx, &place, m.verify.0.as_ref(), m.tail)
        };
}

fn read(m: UploadFile) -> Result<Chunk> {
    let checksum = match if m.checksum.is_nil() { m.md5sum } else { m.checksum } {
        Value::Nil => None,
        Value::String(md5) => Some(("md5".to_owned(), md5)),
        Value::Array(pair) => match pair.as_slice() {
            [Value::String(kind), Value::String(sum)] => Some((kind.clone(), sum.clone())),
            _ => return Err(Error::unforeseen("a checksum is a pair of its kind and its value")),
        },
        other => return Err(expected("a checksum", &other)),
    };
    let contents = match m.data {
        Value::Bytes(bytes) => bytes,
        Value::String(text) => decode(&text)?,
        other => return Err(expected("base64", &other)),
    };
    let place = Place { dir: m.path, name: m.name, volume: m.volume };
    let offset = int(&m.offset)?.ok_or_else(|| Error::unforeseen("an upload needs an offset"))?;
    let size = int(&m.size)?.ok_or_else(|| Error::unforeseen("an upload needs its size"))?;
    Ok(Chunk { place, offset, contents, size: Some(size), checksum })
}

/// Numbers come as text when they are too large for XML-RPC's integers.
fn int(value: &Value) -> Result<Option<i64>> {
    match value {
        Value::Nil => Ok(None),
        Value::Int(number) => Ok(Some(*number)),
        Value::Double(number) if number.is_finite() => Ok(Some(number.trunc() as i64)),
        Value::String(text) => text
            .trim()
            .parse()
            .map(Some)
            .map_err(|error| Error::unforeseen(format!("not a number: {text:?}")).caused_by(error)),
        other => Err(expected("an integer", other)),
    }
}

/// Base64 as Python's lax decoder takes it: what is no digit of it is passed over.
pub(super) fn decode(text: &str) -> Result<Vec<u8>> {
    let digits: String =
        text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')).collect();
    base64::engine::general_purpose::STANDARD
        .decode(digits)
        .map_err(|error| Error::unforeseen(format!("not base64: {error}")).caused_by(error))
}
