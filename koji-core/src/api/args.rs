//! Arguments: their declaration, their binding by position and name as Python does it, their types.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::schema::{any, or_null};
use crate::db::Lookup;
use crate::wire::{Map, Value};
use crate::{Error, Result};

/// An argument as a method declares it.
#[derive(Clone, Debug)]
pub struct ArgSpec {
    /// Its name, which clients may use as a keyword.
    pub name: &'static str,
    /// What kind it is.
    pub kind: ArgKind,
    /// Its type, as JSON Schema.
    pub schema: fn() -> Json,
}

/// The kinds of arguments.
#[derive(Clone, Debug)]
pub enum ArgKind {
    /// Must be given.
    Required,
    /// May be left out.
    Optional(Value),
    /// Any further ones (`*args`).
    Rest,
    /// Any further keywords (`**kwargs`).
    Keywords,
}

impl ArgSpec {
    /// An argument that must be given.
    pub fn required(name: &'static str) -> Self {
        Self { name, kind: ArgKind::Required, schema: any }
    }
    /// An argument with a default.
    pub fn optional(name: &'static str, default: Value) -> Self {
        Self { name, kind: ArgKind::Optional(default), schema: any }
    }
    /// The same, of a type.
    #[must_use]
    pub fn of<T: Arg>(self) -> Self {
        Self { schema: T::schema, ..self }
    }
    /// `*args`
    pub fn rest(name: &'static str) -> Self {
        Self { name, kind: ArgKind::Rest, schema: any }
    }
    /// `**kwargs`
    pub fn keywords(name: &'static str) -> Self {
        Self { name, kind: ArgKind::Keywords, schema: any }
    }
}

/// The arguments of one call, bound to their names.
#[derive(Debug)]
pub struct Args {
    method: &'static str,
    bound: HashMap<&'static str, Value>,
    rest: Vec<Value>,
    keywords: Map,
}

impl Args {
    /// Binds arguments to names; too many, unknown, doubled and missing ones are refused.
    pub fn bind(
        method: &'static str,
        specs: &[ArgSpec],
        positional: Vec<Value>,
        keywords: Map,
    ) -> Result<Self> {
        let wrong = |what: String| Error::parameter(format!("{method}: {what}"));
        let named: Vec<&ArgSpec> = specs
            .iter()
            .filter(|spec| matches!(spec.kind, ArgKind::Required | ArgKind::Optional(_)))
            .collect();
        let takes_rest = specs.iter().any(|spec| matches!(spec.kind, ArgKind::Rest));
        let takes_keywords = specs.iter().any(|spec| matches!(spec.kind, ArgKind::Keywords));
        if positional.len() > named.len() && !takes_rest {
            return Err(wrong(format!("takes {} arguments, {} given", named.len(), positional.len())));
        }
        let mut args = Self { method, bound: HashMap::new(), rest: Vec::new(), keywords: Map::new() };
        let mut values = positional.into_iter();
        for (spec, value) in named.iter().zip(values.by_ref().take(named.len())) {
            args.bound.insert(spec.name, value);
        }
        args.rest = values.collect();
        for (key, value) in keywords {
            match named.iter().find(|spec| spec.name == key) {
                Some(spec) if args.bound.contains_key(spec.name) => {
                    return Err(wrong(format!("argument {key:?} given twice")));
                }
                Some(spec) => drop(args.bound.insert(spec.name, value)),
                None if takes_keywords => args.keywords.push((key, value)),
                // Clients look for these words to find out what an older hub does not take.
                None => {
                    return Err(Error::parameter(format!(
                        "{method}() got an unexpected keyword argument '{key}'"
                    )));
                }
            }
        }
        for spec in named {
            if matches!(spec.kind, ArgKind::Required) && !args.bound.contains_key(spec.name) {
                return Err(wrong(format!("missing required argument {:?}", spec.name)));
            }
        }
        Ok(args)
    }

    /// Takes an argument that must be given.
    pub fn required<T: Arg>(&mut self, name: &'static str) -> Result<T> {
        let value = self.bound.remove(name).unwrap_or_default();
        self.read(name, value)
    }

    /// Takes an argument that may be left out.
    pub fn optional<T: Arg>(&mut self, name: &'static str, default: impl FnOnce() -> T) -> Result<T> {
        match self.bound.remove(name) {
            Some(value) => self.read(name, value),
            None => Ok(default()),
        }
    }

    fn read<T: Arg>(&self, name: &str, value: Value) -> Result<T> {
        T::take(value).map_err(|error| {
            Error::new(error.fault, format!("{}: argument {name:?}: {}", self.method, error.message))
        })
    }

    /// Takes the further arguments.
    pub fn rest(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.rest)
    }

    /// Takes the further keyword arguments.
    pub fn keywords(&mut self) -> Map {
        std::mem::take(&mut self.keywords)
    }
}

/// Required arguments go by position, others by keyword unless they are the default.
pub fn encode(specs: &[ArgSpec], values: Vec<Value>) -> (Vec<Value>, Map) {
    let (mut positional, mut keywords) = (Vec::new(), Map::new());
    for (spec, value) in specs.iter().zip(values) {
        match &spec.kind {
            ArgKind::Optional(default) if *default == value => {}
            ArgKind::Optional(_) => keywords.push((spec.name.to_owned(), value)),
            _ => positional.push(value),
        }
    }
    (positional, keywords)
}

/// Further arguments, behind the others.
pub fn with_rest(mut encoded: (Vec<Value>, Map), rest: &[Value]) -> (Vec<Value>, Map) {
    encoded.0.extend_from_slice(rest);
    encoded
}

/// Further keyword arguments, behind the others.
pub fn with_keywords(mut encoded: (Vec<Value>, Map), keywords: &Map) -> (Vec<Value>, Map) {
    encoded.1.extend_from_slice(keywords);
    encoded
}

/// A type that an argument may have.
pub trait Arg: Sized {
    /// Reads it; the error says what was expected.
    fn take(value: Value) -> Result<Self>;
    /// The value of the wire.
    fn give(&self) -> Value;
    /// The type, as JSON Schema.
    fn schema() -> Json {
        any()
    }
}

impl Arg for Value {
    fn take(value: Value) -> Result<Self> {
        Ok(value)
    }
    fn give(&self) -> Value {
        self.clone()
    }
}

impl Arg for bool {
    /// Whatever Python takes for true: callers send 1, None and the like.
    fn take(value: Value) -> Result<Self> {
        Ok(match value {
            Value::Nil => false,
            Value::Bool(value) => value,
            Value::Int(value) => value != 0,
            Value::Double(value) => value != 0.0,
            Value::String(text) | Value::DateTime(text) => !text.is_empty(),
            Value::Bytes(bytes) => !bytes.is_empty(),
            Value::Array(list) => !list.is_empty(),
            Value::Struct(members) => !members.is_empty(),
        })
    }
    fn give(&self) -> Value {
        Value::Bool(*self)
    }
    fn schema() -> Json {
        json!({ "type": "boolean" })
    }
}

impl<T: Arg> Arg for Option<T> {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Nil => Ok(None),
            value => T::take(value).map(Some),
        }
    }
    fn give(&self) -> Value {
        self.as_ref().map_or(Value::Nil, Arg::give)
    }
    fn schema() -> Json {
        or_null(T::schema())
    }
}

impl<T: Arg> Arg for Vec<T> {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Array(list) => list.into_iter().map(T::take).collect(),
            other => Err(expected("a list", &other)),
        }
    }
    fn give(&self) -> Value {
        Value::Array(self.iter().map(Arg::give).collect())
    }
    fn schema() -> Json {
        json!({ "type": "array", "items": T::schema() })
    }
}

impl Arg for Map {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Struct(members) => Ok(members),
            other => Err(expected("a struct", &other)),
        }
    }
    fn give(&self) -> Value {
        Value::Struct(self.clone())
    }
    fn schema() -> Json {
        json!({ "type": "object" })
    }
}

impl Arg for String {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(expected("a string", &other)),
        }
    }
    fn give(&self) -> Value {
        Value::String(self.clone())
    }
    fn schema() -> Json {
        json!({ "type": "string" })
    }
}

impl Arg for i64 {
    /// What the database would compare with an integer: text that is one, too, but no boolean.
    fn take(value: Value) -> Result<Self> {
        super::column::column_int(&value).ok_or_else(|| expected("an integer", &value))
    }
    fn give(&self) -> Value {
        Value::Int(*self)
    }
    fn schema() -> Json {
        json!({ "type": "integer" })
    }
}

impl Arg for i32 {
    fn take(value: Value) -> Result<Self> {
        let wide = i64::take(value)?;
        Self::try_from(wide).map_err(|_| Error::unforeseen(format!("{wide} is out of range")))
    }
    fn give(&self) -> Value {
        Value::Int((*self).into())
    }
    fn schema() -> Json {
        json!({ "type": "integer" })
    }
}

impl Arg for f64 {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Double(value) => Ok(value),
            Value::Int(value) => Ok(value as f64),
            other => Err(expected("a number", &other)),
        }
    }
    fn give(&self) -> Value {
        Value::Double(*self)
    }
    fn schema() -> Json {
        json!({ "type": "number" })
    }
}

impl Arg for Lookup {
    fn take(value: Value) -> Result<Self> {
        Self::from_value(&value)
    }
    fn give(&self) -> Value {
        match self {
            Self::Id(id) => Value::Int(*id),
            Self::Name(name) => Value::String(name.clone()),
        }
    }
    fn schema() -> Json {
        json!({ "type": ["integer", "string"], "description": "an id or a name" })
    }
}

/// One thing or a list of them, where Koji takes both.
#[derive(Clone, Debug, PartialEq)]
pub enum OneOrMany<T> {
    /// One
    One(T),
    /// Any number
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// As a list.
    pub fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

impl<T> From<Vec<T>> for OneOrMany<T> {
    fn from(many: Vec<T>) -> Self {
        Self::Many(many)
    }
}

impl<T: Arg> Arg for OneOrMany<T> {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Array(_) => Vec::take(value).map(Self::Many),
            one => T::take(one).map(Self::One),
        }
    }
    fn give(&self) -> Value {
        match self {
            Self::One(one) => one.give(),
            Self::Many(many) => many.give(),
        }
    }
    fn schema() -> Json {
        json!({ "anyOf": [T::schema(), Vec::<T>::schema()] })
    }
}

/// The error of a value of another type: unforeseen, unless Koji checks the type itself (see `cast::checked`).
pub fn expected(what: &str, came: &Value) -> Error {
    Error::unforeseen(format!("expected {what}, got {}", came.kind()))
}
