//! Typed things out of a [`Value`]. Callers write Python, so a boolean may come as 0 or 1 and the other
//! way round, and a whole number where a float is wanted; text is never taken for a number.

use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::serde_error::shortened;
use super::special::BYTES;
use super::value_serde::VALUE;
use super::{Map, Value};
use crate::{Error, Result};

/// Makes a typed thing of a value. The error names what was expected, what came, and where inside.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T> {
    T::deserialize(value)
}

/// What came does not fit.
fn mismatch(expected: &str, value: &Value) -> Error {
    let came = match value {
        Value::String(text) => format!("str '{}'", shortened(text)),
        Value::Int(number) => format!("int {number}"),
        Value::Double(number) => format!("float {number}"),
        other => other.kind().to_owned(),
    };
    Error::parameter(format!("expected {expected}, got {came}"))
}

/// Says where inside a list or struct an error arose.
fn inside(place: impl std::fmt::Display, mut error: Error) -> Error {
    error.message = format!("{place}: {}", error.message);
    error
}

macro_rules! ints {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self {
                Value::Int(value) => visitor.visit_i64(value),
                Value::Bool(value) => visitor.visit_i64(value.into()),
                other => Err(mismatch("int", &other)),
            }
        }
    )*};
}

macro_rules! floats {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self {
                Value::Double(value) => visitor.visit_f64(value),
                Value::Int(value) => visitor.visit_f64(value as f64),
                other => Err(mismatch("float", &other)),
            }
        }
    )*};
}

macro_rules! texts {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self {
                Value::String(text) | Value::DateTime(text) => visitor.visit_string(text),
                other => Err(mismatch("str", &other)),
            }
        }
    )*};
}

macro_rules! bytes {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self {
                Value::Bytes(bytes) => visitor.visit_byte_buf(bytes),
                Value::String(text) => visitor.visit_byte_buf(text.into_bytes()),
                other => Err(mismatch("bytes", &other)),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Value {
    type Error = Error;

    ints!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128);
    floats!(deserialize_f32 deserialize_f64);
    texts!(deserialize_char deserialize_str deserialize_string deserialize_identifier);
    bytes!(deserialize_bytes deserialize_byte_buf);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Self::Nil => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Int(value) => visitor.visit_i64(value),
            Self::Double(value) => visitor.visit_f64(value),
            Self::String(value) | Self::DateTime(value) => visitor.visit_string(value),
            Self::Bytes(value) => visitor.visit_byte_buf(value),
            Self::Array(items) => visit_items(items, visitor),
            Self::Struct(members) => visitor.visit_map(Members::new(members)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Int(value @ 0..=1) => visitor.visit_bool(value == 1),
            other => Err(mismatch("bool", &other)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.is_nil() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.is_nil() { visitor.visit_unit() } else { Err(mismatch("None", &self)) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        match (name, self) {
            (VALUE, Self::DateTime(text)) => visitor.visit_enum(StringDeserializer::new(text)),
            (VALUE, value) => value.deserialize_any(visitor),
            (BYTES, value) => value.deserialize_byte_buf(visitor),
            (_, value) => visitor.visit_newtype_struct(value),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Self::Array(items) => visit_items(items, visitor),
            other => Err(mismatch("list", &other)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self {
            Self::Struct(members) => visitor.visit_map(Members::new(members)),
            other => Err(mismatch("dict", &other)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self {
            Self::String(name) => visitor.visit_enum(StringDeserializer::<Error>::new(name)),
            Self::Struct(members) if members.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(Members::new(members)))
            }
            other => Err(mismatch(&format!("one of {}", known.join(", ")), &other)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }
}

impl<'de> IntoDeserializer<'de, Error> for Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Lets a list be visited, and refuses one with more items than were taken.
fn visit_items<'de, V: Visitor<'de>>(items: Vec<Value>, visitor: V) -> Result<V::Value> {
    let len = items.len();
    let mut items = Items { rest: items.into_iter(), taken: 0 };
    let made = visitor.visit_seq(&mut items)?;
    if items.rest.len() > 0 {
        return Err(Error::parameter(format!("expected a list of {}, got one of {len}", items.taken)));
    }
    Ok(made)
}

struct Items {
    rest: std::vec::IntoIter<Value>,
    taken: usize,
}

impl<'de> SeqAccess<'de> for &mut Items {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(item) = self.rest.next() else { return Ok(None) };
        self.taken += 1;
        seed.deserialize(item).map(Some).map_err(|error| inside(format_args!("[{}]", self.taken - 1), error))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Members {
    rest: std::vec::IntoIter<(String, Value)>,
    current: Option<(String, Value)>,
}

impl Members {
    fn new(members: Map) -> Self {
        Self { rest: members.into_iter(), current: None }
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        self.current = self.rest.next();
        self.current.as_ref().map(|(name, _)| seed.deserialize(Name(name))).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        let (name, value) = self.current.take().unwrap_or_default();
        seed.deserialize(value).map_err(|error| inside(name, error))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// A member's name; where a map wants numbers, the number it spells.
struct Name<'a>(&'a str);

macro_rules! spelled {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self.0.parse() {
                Ok(number) => visitor.visit_i64(number),
                Err(_) => Err(Error::parameter(format!("expected a number as name, got '{}'", shortened(self.0)))),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Name<'_> {
    type Error = Error;

    spelled!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_str(self.0)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_enum(StringDeserializer::<Error>::new(self.0.to_owned()))
    }

    forward_to_deserialize_any! {
        bool i128 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple tuple_struct
        map struct identifier ignored_any
    }
}

#[cfg(test)]
#[path = "de_tests.rs"]
mod tests;
