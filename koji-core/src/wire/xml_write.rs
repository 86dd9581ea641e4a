//! Whole documents of XML-RPC, byte for byte as Koji's own writer makes them in Python: calls, responses,
//! faults, and the texts that are stored with a task. Write into a buffered writer: the pieces are small.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{Impossible, SerializeSeq, SerializeTuple, SerializeTupleStruct, Serializer};

use super::text::write_escaped;
use super::xml_ser::{XmlError, XmlSerializer};
use crate::{Error, Result};

const HEADER: &str = "<?xml version='1.0'?>\n";

/// Writes a call. `params` must serialise as a sequence: a list, a tuple, a tuple struct; `()` is none.
pub fn write_call<T: Serialize + ?Sized, W: Write>(mut out: W, method: &str, params: &T) -> io::Result<()> {
    out.write_all(HEADER.as_bytes())?;
    out.write_all(b"<methodCall>\n<methodName>")?;
    write_escaped(&mut out, method)?;
    out.write_all(b"</methodName>\n")?;
    params_to(&mut out, params)?;
    out.write_all(b"</methodCall>\n")
}

/// Writes a response. An error of kind `InvalidData` says that the value can't be told in XML-RPC, as
/// an integer beyond 64 bits; what was written by then is of no use.
pub fn write_response<T: Serialize + ?Sized, W: Write>(mut out: W, value: &T) -> io::Result<()> {
    out.write_all(HEADER.as_bytes())?;
    out.write_all(b"<methodResponse>\n<params>\n<param>\n")?;
    let mut xml = XmlSerializer { out: &mut out };
    value.serialize(&mut xml).map_err(|error| error.0)?;
    out.write_all(b"</param>\n</params>\n</methodResponse>\n")
}

/// Writes a fault.
pub fn write_fault<W: Write>(mut out: W, code: i32, message: &str) -> io::Result<()> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Fault<'a> {
        fault_code: i32,
        fault_string: &'a str,
    }
    out.write_all(HEADER.as_bytes())?;
    out.write_all(b"<methodResponse>\n<fault>\n")?;
    let mut xml = XmlSerializer { out: &mut out };
    Fault { fault_code: code, fault_string: message }.serialize(&mut xml).map_err(|error| error.0)?;
    out.write_all(b"</fault>\n</methodResponse>\n")
}

/// Only the `<params>` block of a sequence.
pub fn write_params<T: Serialize + ?Sized>(params: &T) -> Result<String> {
    text(|out| params_to(out, params))
}

/// A task's request as it is stored: the call of its method.
pub fn request_text<T: Serialize + ?Sized>(method: &str, params: &T) -> Result<String> {
    text(|out| write_call(out, method, params))
}

/// A task's result as it is stored: the response.
pub fn result_text<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    text(|out| write_response(out, value))
}

/// A failed task's result as it is stored: the fault.
pub fn fault_text(code: i32, message: &str) -> Result<String> {
    text(|out| write_fault(out, code, message))
}

fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Result<String> {
    let mut out = Vec::new();
    let told =
        |error: &dyn std::fmt::Display| Error::generic(format!("cannot be written as XML-RPC: {error}"));
    write(&mut out).map_err(|error| told(&error).caused_by(error))?;
    String::from_utf8(out).map_err(|error| told(&error))
}

fn params_to<T: Serialize + ?Sized, W: Write>(out: &mut W, params: &T) -> io::Result<()> {
    out.write_all(b"<params>\n")?;
    params.serialize(Params { xml: XmlSerializer { out: &mut *out } }).map_err(|error| error.0)?;
    out.write_all(b"</params>\n")
}

/// Serializer of the outermost sequence, whose items are the parameters.
struct Params<W> {
    xml: XmlSerializer<W>,
}

fn refuse<T>() -> Result<T, XmlError> {
    Err(serde::ser::Error::custom("parameters must be a sequence"))
}

macro_rules! refused {
    ($($method:ident($($type:ty),*);)*) => {$(
        fn $method(self, $(_: $type),*) -> Result<(), XmlError> {
            refuse()
        }
    )*};
}

impl<W: Write> Serializer for Params<W> {
    type Ok = ();
    type Error = XmlError;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Impossible<(), XmlError>;
    type SerializeMap = Impossible<(), XmlError>;
    type SerializeStruct = Impossible<(), XmlError>;
    type SerializeStructVariant = Impossible<(), XmlError>;

    refused! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    fn serialize_unit(self) -> Result<(), XmlError> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), XmlError> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), XmlError> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), XmlError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), XmlError> {
        refuse()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, XmlError> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, XmlError> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, XmlError> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, XmlError> {
        refuse()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, XmlError> {
        refuse()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, XmlError> {
        refuse()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, XmlError> {
        refuse()
    }
}

macro_rules! sequences {
    ($($trait:ident::$method:ident),*) => {$(
        impl<W: Write> $trait for Params<W> {
            type Ok = ();
            type Error = XmlError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), XmlError> {
                self.xml.out.write_all(b"<param>\n")?;
                value.serialize(&mut self.xml)?;
                Ok(self.xml.out.write_all(b"</param>\n")?)
            }

            fn end(self) -> Result<(), XmlError> {
                Ok(())
            }
        }
    )*};
}

sequences!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field
);

#[cfg(test)]
#[path = "xml_write_tests.rs"]
mod tests;
