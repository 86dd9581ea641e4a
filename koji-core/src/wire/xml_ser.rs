//! Serde to XML-RPC, streamed: no tree between, no allocation per value. The bytes are Python's.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::json;
use super::ser_text::TextSerializer;
use super::special::{BASE64, BYTES, DATE_TIME, RAW_JSON};
use super::text::{write_escaped, write_float};

/// An error of the writer beneath, or of kind `InvalidData` a value that XML-RPC does not have.
#[derive(Debug)]
pub(super) struct XmlError(pub io::Error);

type Result<T, E = XmlError> = std::result::Result<T, E>;

impl Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for XmlError {}

impl From<io::Error> for XmlError {
    fn from(error: io::Error) -> Self {
        Self(error)
    }
}

impl ser::Error for XmlError {
    fn custom<T: Display>(message: T) -> Self {
        Self(io::Error::new(io::ErrorKind::InvalidData, message.to_string()))
    }
}

/// Writes each value as a `<value>` element.
pub(super) struct XmlSerializer<W> {
    pub out: W,
}

impl<W: Write> XmlSerializer<W> {
    fn put(&mut self, text: &str) -> Result<()> {
        Ok(self.out.write_all(text.as_bytes())?)
    }

    fn member(&mut self, name: &str) -> Result<()> {
        self.put("<member>\n<name>")?;
        write_escaped(&mut self.out, name)?;
        self.put("</name>\n")
    }

    /// The struct with one member that a variant with content is.
    fn variant(&mut self, name: &str) -> Result<()> {
        self.put("<value><struct>\n")?;
        self.member(name)
    }

    fn base64(&mut self, encoded: &[u8]) -> Result<()> {
        self.put("<value><base64>\n")?;
        for line in encoded.chunks(76) {
            self.out.write_all(line)?;
            self.put("\n")?;
        }
        self.put("</base64></value>\n")
    }
}

/// Text that is formatted into a document.
struct Escaping<'a, W> {
    out: &'a mut W,
    failed: io::Result<()>,
}

impl<W: Write> fmt::Write for Escaping<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write_escaped(self.out, text).map_err(|error| {
            self.failed = Err(error);
            fmt::Error
        })
    }
}

const END_VARIANT: &str = "</member>\n</struct></value>\n";

/// A list or struct under way.
pub(super) struct Compound<'a, W> {
    xml: &'a mut XmlSerializer<W>,
    /// JSON as text, to be written as what it means.
    raw: bool,
}

macro_rules! ints {
    ($($method:ident: $type:ty),*) => {$(
        #[inline]
        fn $method(self, value: $type) -> Result<()> {
            self.serialize_i64(value.into())
        }
    )*};
}

macro_rules! wide_ints {
    ($($method:ident: $type:ty),*) => {$(
        fn $method(self, value: $type) -> Result<()> {
            match i64::try_from(value) {
                Ok(value) => self.serialize_i64(value),
                Err(_) => Err(ser::Error::custom(format_args!("the integer {value} exceeds 64 bits"))),
            }
        }
    )*};
}

impl<'a, W: Write> Serializer for &'a mut XmlSerializer<W> {
    type Ok = ();
    type Error = XmlError;
    type SerializeSeq = Compound<'a, W>;
    type SerializeTuple = Compound<'a, W>;
    type SerializeTupleStruct = Compound<'a, W>;
    type SerializeTupleVariant = Compound<'a, W>;
    type SerializeMap = Compound<'a, W>;
    type SerializeStruct = Compound<'a, W>;
    type SerializeStructVariant = Compound<'a, W>;

    ints!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32);
    wide_ints!(serialize_u64: u64, serialize_i128: i128, serialize_u128: u128);

    #[inline]
    fn serialize_i64(self, value: i64) -> Result<()> {
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(value);
        if i32::try_from(value).is_ok() {
            self.put("<value><int>")?;
            self.put(digits)?;
            self.put("</int></value>\n")
        } else {
            self.put("<value><i8>")?;
            self.put(digits)?;
            self.put("</i8></value>\n")
        }
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<()> {
        self.put(if value {
            "<value><boolean>1</boolean></value>\n"
        } else {
            "<value><boolean>0</boolean></value>\n"
        })
    }

    fn serialize_f32(self, value: f32) -> Result<()> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<()> {
        self.put("<value><double>")?;
        write_float(&mut self.out, value)?;
        self.put("</double></value>\n")
    }

    fn serialize_char(self, c: char) -> Result<()> {
        self.serialize_str(c.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, text: &str) -> Result<()> {
        self.put("<value><string>")?;
        write_escaped(&mut self.out, text)?;
        self.put("</string></value>\n")
    }

    /// Straight into the document.
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<()> {
        self.put("<value><string>")?;
        let mut text = Escaping { out: &mut self.out, failed: Ok(()) };
        if write!(text, "{value}").is_err() {
            text.failed?;
            return Err(ser::Error::custom("a value that cannot be told as text"));
        }
        self.put("</string></value>\n")
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<()> {
        use base64::Engine as _;
        self.base64(BASE64.encode(bytes).as_bytes())
    }

    /// Python puts no line feed after it.
    #[inline]
    fn serialize_unit(self) -> Result<()> {
        self.put("<value><nil/></value>")
    }

    #[inline]
    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<()> {
        self.serialize_str(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<()> {
        match name {
            DATE_TIME => value.serialize(TextSerializer(|text: &str| {
                self.put("<value><dateTime.iso8601>")?;
                write_escaped(&mut self.out, text)?;
                self.put("</dateTime.iso8601></value>\n")
            })),
            BYTES => value.serialize(TextSerializer(|text: &str| self.base64(text.as_bytes()))),
            _ => value.serialize(self),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.variant(variant)?;
        value.serialize(&mut *self)?;
        self.put(END_VARIANT)
    }

    #[inline]
    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'a, W>> {
        self.put("<value><array><data>\n")?;
        Ok(Compound { xml: self, raw: false })
    }

    fn serialize_tuple(self, len: usize) -> Result<Compound<'a, W>> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Compound<'a, W>> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a, W>> {
        self.variant(variant)?;
        self.serialize_seq(Some(len))
    }

    #[inline]
    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'a, W>> {
        self.put("<value><struct>\n")?;
        Ok(Compound { xml: self, raw: false })
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Compound<'a, W>> {
        if name == RAW_JSON {
            return Ok(Compound { xml: self, raw: true });
        }
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'a, W>> {
        self.variant(variant)?;
        self.serialize_map(Some(len))
    }
}

macro_rules! lists {
    ($($trait:ident::$method:ident, $end:expr;)*) => {$(
        impl<W: Write> $trait for Compound<'_, W> {
            type Ok = ();
            type Error = XmlError;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                value.serialize(&mut *self.xml)
            }

            fn end(self) -> Result<()> {
                self.xml.put("</data></array></value>\n")?;
                self.xml.put($end)
            }
        }
    )*};
}

lists!(
    SerializeSeq::serialize_element, "";
    SerializeTuple::serialize_element, "";
    SerializeTupleStruct::serialize_field, "";
    SerializeTupleVariant::serialize_field, END_VARIANT;
);

impl<W: Write> SerializeMap for Compound<'_, W> {
    type Ok = ();
    type Error = XmlError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        key.serialize(TextSerializer(|name: &str| self.xml.member(name)))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        value.serialize(&mut *self.xml)?;
        self.xml.put("</member>\n")
    }

    fn end(self) -> Result<()> {
        self.xml.put("</struct></value>\n")
    }
}

impl<W: Write> SerializeStruct for Compound<'_, W> {
    type Ok = ();
    type Error = XmlError;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        if self.raw {
            return value.serialize(TextSerializer(|text: &str| {
                let value = json::parse(text.as_bytes()).map_err(<XmlError as ser::Error>::custom)?;
                value.serialize(&mut *self.xml)
            }));
        }
        self.xml.member(name)?;
        value.serialize(&mut *self.xml)?;
        self.xml.put("</member>\n")
    }

    #[inline]
    fn end(self) -> Result<()> {
        if self.raw { Ok(()) } else { self.xml.put("</struct></value>\n") }
    }
}

impl<W: Write> SerializeStructVariant for Compound<'_, W> {
    type Ok = ();
    type Error = XmlError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        SerializeStruct::serialize_field(self, name, value)
    }

    fn end(self) -> Result<()> {
        self.xml.put("</struct></value>\n")?;
        self.xml.put(END_VARIANT)
    }
}
