//! The two types of XML-RPC that serde does not know: times and bytes. In JSON both are strings.

use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::general_purpose::{GeneralPurpose, PAD};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// How our own serializers recognise [`DateTime`]: no other type has such a name.
pub(super) const DATE_TIME: &str = "$koji::DateTime";
/// How our own serializers recognise [`Bytes`]; the text inside is base64 without line breaks.
pub(super) const BYTES: &str = "$koji::Bytes";
/// How serde_json marks JSON that is passed on as it is.
pub(super) const RAW_JSON: &str = "$serde_json::private::RawValue";

/// Base64 with padding, as Python decodes it: what the last character has too much does not matter.
pub(super) const BASE64: GeneralPurpose =
    GeneralPurpose::new(&ALPHABET, PAD.with_decode_allow_trailing_bits(true));

/// A point in time as its text: `<dateTime.iso8601>` in XML, a string in JSON. Read from either.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DateTime(pub String);

/// Bytes: `<base64>` in XML, a string of base64 in JSON. A string that comes in their place over the wire
/// gives its UTF-8, because many callers send text where bytes are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(DATE_TIME, &self.0)
    }
}

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_bytes(&self.0, serializer)
    }
}

/// Writes bytes as [`Bytes`] does.
pub(super) fn serialize_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_newtype_struct(BYTES, &BASE64.encode(bytes))
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(BYTES, BytesVisitor)
    }
}

struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    /// Other formats come here: they hold base64, as we wrote it.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text).map(Bytes).map_err(de::Error::custom)
    }

    fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
        Ok(Bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_both() {
        let bytes = Bytes(vec![0, 255, 7]);
        let text = serde_json::to_string(&bytes).unwrap();
        assert_eq!(text, "\"AP8H\"");
        assert_eq!(serde_json::from_str::<Bytes>(&text).unwrap(), bytes);
        let time = DateTime("20240102T03:04:05".into());
        assert_eq!(serde_json::to_string(&time).unwrap(), "\"20240102T03:04:05\"");
        assert_eq!(serde_json::from_str::<DateTime>("\"x\"").unwrap(), DateTime("x".into()));
    }
}
