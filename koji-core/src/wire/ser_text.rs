//! Serializer of whatever can be one piece of text: the keys of maps, which on the wire are always
//! strings, and the inside of our special types. Refuses the rest.

use std::fmt::Display;

use serde::ser::{self, Impossible, Serialize, Serializer};

/// Hands the text to a function.
pub(super) struct TextSerializer<F>(pub F);

macro_rules! numbers {
    ($($method:ident: $type:ty),*) => {$(
        fn $method(self, value: $type) -> Result<Self::Ok, E> {
            (self.0)(itoa::Buffer::new().format(value))
        }
    )*};
}

fn refuse<T, E: ser::Error>(what: impl Display) -> Result<T, E> {
    Err(E::custom(format_args!("the name of a member must be text, not {what}")))
}

impl<R, E: ser::Error, F: FnOnce(&str) -> Result<R, E>> Serializer for TextSerializer<F> {
    type Ok = R;
    type Error = E;
    type SerializeSeq = Impossible<R, E>;
    type SerializeTuple = Impossible<R, E>;
    type SerializeTupleStruct = Impossible<R, E>;
    type SerializeTupleVariant = Impossible<R, E>;
    type SerializeMap = Impossible<R, E>;
    type SerializeStruct = Impossible<R, E>;
    type SerializeStructVariant = Impossible<R, E>;

    numbers!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128);

    fn serialize_str(self, text: &str) -> Result<R, E> {
        (self.0)(text)
    }

    fn serialize_char(self, c: char) -> Result<R, E> {
        (self.0)(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<R, E> {
        (self.0)(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<R, E> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<R, E> {
        value.serialize(self)
    }

    fn serialize_bool(self, _: bool) -> Result<R, E> {
        refuse("bool")
    }

    fn serialize_f32(self, _: f32) -> Result<R, E> {
        refuse("float")
    }

    fn serialize_f64(self, _: f64) -> Result<R, E> {
        refuse("float")
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<R, E> {
        refuse("bytes")
    }

    fn serialize_none(self) -> Result<R, E> {
        refuse("None")
    }

    fn serialize_unit(self) -> Result<R, E> {
        refuse("None")
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<R, E> {
        refuse(name)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<R, E> {
        refuse(name)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, E> {
        refuse("list")
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, E> {
        refuse("tuple")
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, E> {
        refuse(name)
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, E> {
        refuse(name)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, E> {
        refuse("dict")
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Self::SerializeStruct, E> {
        refuse(name)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, E> {
        refuse(name)
    }
}
