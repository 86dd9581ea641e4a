//! Anything that serde can write, as a [`Value`]. For small things; answers are streamed instead.

use base64::Engine as _;
use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::ser_text::TextSerializer;
use super::special::{BASE64, BYTES, DATE_TIME, RAW_JSON};
use super::value::without_duplicates;
use super::{Map, Value, json};
use crate::{Error, Result};

/// Makes a [`Value`] of it. Integers beyond 64 bits with a sign are refused.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value> {
    value.serialize(ValueSerializer)
}

struct ValueSerializer;

/// The items so far, and for a variant its name.
struct Items(Vec<Value>, Option<&'static str>);

/// The members so far, the name that waits for its value, and for a variant its name.
#[derive(Default)]
struct Members {
    members: Map,
    name: String,
    variant: Option<&'static str>,
    raw: bool,
}

fn text_of<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    value.serialize(TextSerializer(|text: &str| Ok(text.to_owned())))
}

fn int(value: impl TryInto<i64> + std::fmt::Display + Copy) -> Result<Value> {
    value
        .try_into()
        .map(Value::Int)
        .map_err(|_| Error::custom(format_args!("the integer {value} exceeds 64 bits")))
}

fn wrapped(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(name) => Value::Struct(vec![(name.to_owned(), value)]),
        None => value,
    }
}

macro_rules! ints {
    ($($method:ident: $type:ty),*) => {$(
        fn $method(self, value: $type) -> Result<Value> {
            int(value)
        }
    )*};
}

impl Serializer for ValueSerializer {
    type Ok = Value;
    type Error = Error;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Items;
    type SerializeMap = Members;
    type SerializeStruct = Members;
    type SerializeStructVariant = Members;

    ints!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128);

    fn serialize_bool(self, value: bool) -> Result<Value> {
        Ok(Value::Bool(value))
    }

    fn serialize_f32(self, value: f32) -> Result<Value> {
        Ok(Value::Double(value.into()))
    }

    fn serialize_f64(self, value: f64) -> Result<Value> {
        Ok(Value::Double(value))
    }

    fn serialize_char(self, c: char) -> Result<Value> {
        Ok(Value::String(c.into()))
    }

    fn serialize_str(self, text: &str) -> Result<Value> {
        Ok(Value::String(text.to_owned()))
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value> {
        Ok(Value::Bytes(bytes.to_vec()))
    }

    fn serialize_none(self) -> Result<Value> {
        Ok(Value::Nil)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value> {
        Ok(Value::Nil)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value> {
        Ok(Value::Nil)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value> {
        Ok(Value::String(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<Value> {
        match name {
            DATE_TIME => text_of(value).map(Value::DateTime),
            BYTES => BASE64.decode(text_of(value)?).map(Value::Bytes).map_err(Error::custom),
            _ => value.serialize(self),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value> {
        Ok(wrapped(Some(variant), value.serialize(self)?))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Items> {
        Ok(Items(Vec::with_capacity(len.unwrap_or(0)), None))
    }

    fn serialize_tuple(self, len: usize) -> Result<Items> {
        Ok(Items(Vec::with_capacity(len), None))
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Items> {
        Ok(Items(Vec::with_capacity(len), None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Items> {
        Ok(Items(Vec::with_capacity(len), Some(variant)))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Members> {
        Ok(Members { members: Vec::with_capacity(len.unwrap_or(0)), ..Members::default() })
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Members> {
        Ok(Members { members: Vec::with_capacity(len), raw: name == RAW_JSON, ..Members::default() })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Members> {
        Ok(Members { members: Vec::with_capacity(len), variant: Some(variant), ..Members::default() })
    }
}

macro_rules! items {
    ($($trait:ident::$method:ident),*) => {$(
        impl $trait for Items {
            type Ok = Value;
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.0.push(to_value(value)?);
                Ok(())
            }

            fn end(self) -> Result<Value> {
                Ok(wrapped(self.1, Value::Array(self.0)))
            }
        }
    )*};
}

items!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

impl SerializeMap for Members {
    type Ok = Value;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.name = text_of(key)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.members.push((std::mem::take(&mut self.name), to_value(value)?));
        Ok(())
    }

    fn end(self) -> Result<Value> {
        Ok(wrapped(self.variant, Value::Struct(without_duplicates(self.members))))
    }
}

macro_rules! members {
    ($($trait:ident),*) => {$(
        impl $trait for Members {
            type Ok = Value;
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
                let value = if self.raw { json::parse(text_of(value)?.as_bytes())? } else { to_value(value)? };
                self.members.push((name.to_owned(), value));
                Ok(())
            }

            fn end(mut self) -> Result<Value> {
                match self.members.pop() {
                    Some((_, json)) if self.raw => Ok(json),
                    last => {
                        self.members.extend(last);
                        SerializeMap::end(self)
                    }
                }
            }
        }
    )*};
}

members!(SerializeStruct, SerializeStructVariant);
