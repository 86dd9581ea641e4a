//! The types of answers as JSON Schema, from the declarations of their rows.
//!
//! A row tells its fields by [`Described`], which `row!` writes. The type of an answer that tells nothing is open.

use std::marker::PhantomData;

use serde_json::{Value as Json, json};

use crate::db::{Rows, Time};

/// A type that knows its JSON.
pub trait Described {
    /// Its schema.
    fn schema() -> Json;
}

/// Asks a type for its schema, whether it knows one or not: [`any`] takes the place of what is not known. Works where
/// the type is written out, as it is in the macros that ask.
pub struct Probe<T>(PhantomData<T>);

impl<T> Probe<T> {
    /// Of a type.
    #[expect(clippy::new_without_default, reason = "it is made by macros alone")]
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Described> Probe<T> {
    /// The schema of a type that knows it.
    pub fn schema(&self) -> Json {
        T::schema()
    }
}

/// What a [`Probe`] of any other type answers.
pub trait Unknown {
    /// No schema.
    fn schema(&self) -> Json {
        any()
    }
}

impl<T> Unknown for Probe<T> {}

/// The schema of anything.
pub fn any() -> Json {
    json!({})
}

/// What clients may ask of a listing.
pub fn query_opts() -> Json {
    json!({
        "type": ["object", "null"],
        "properties": {
            "countOnly": { "type": "boolean" },
            "order": { "type": "string" },
            "offset": { "type": "integer" },
            "limit": { "type": "integer" },
        },
    })
}

/// A schema that takes null too.
pub fn or_null(schema: Json) -> Json {
    match schema.get("type") {
        Some(Json::String(one)) if one != "null" => {
            let kinds = json!([one, "null"]);
            let mut schema = schema;
            schema["type"] = kinds;
            schema
        }
        // anything is null already
        None if schema.as_object().is_some_and(serde_json::Map::is_empty) => schema,
        _ => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

/// The schema of rows: all their keys are always there. Rows within rows stand flat.
pub fn object(members: &[(&str, Json)]) -> Json {
    let required: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    let properties: serde_json::Map<String, Json> =
        members.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

/// Two objects as one.
pub fn joined(mut first: Json, second: &Json) -> Json {
    for key in ["properties", "required"] {
        match (first.get_mut(key), second.get(key)) {
            (Some(Json::Object(own)), Some(Json::Object(more))) => own.extend(more.clone()),
            (Some(Json::Array(own)), Some(Json::Array(more))) => own.extend(more.iter().cloned()),
            // what is not known of one is not known of both
            _ => return any(),
        }
    }
    first
}

macro_rules! described {
    ($($ty:ty => $schema:tt;)*) => {
        $(impl Described for $ty { fn schema() -> Json { json!($schema) } })*
    };
}

described! {
    () => { "type": "null" };
    bool => { "type": "boolean" };
    i32 => { "type": "integer" };
    i64 => { "type": "integer" };
    f64 => { "type": "number" };
    String => { "type": "string" };
    &'static str => { "type": "string" };
    Time => { "type": "string" };
}

impl<T: Described> Described for Option<T> {
    fn schema() -> Json {
        or_null(T::schema())
    }
}

impl<T: Described> Described for Vec<T> {
    fn schema() -> Json {
        json!({ "type": "array", "items": T::schema() })
    }
}

impl<T: Described> Described for Rows<T> {
    fn schema() -> Json {
        json!({ "anyOf": [Vec::<T>::schema(), { "type": "integer" }] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Silent;

    #[test]
    fn a_probe_asks_whoever_knows() {
        assert_eq!(Probe::<Option<i32>>::new().schema(), json!({ "type": ["integer", "null"] }));
        assert_eq!(Probe::<Vec<bool>>::new().schema()["items"], json!({ "type": "boolean" }));
        assert_eq!(Probe::<Silent>::new().schema(), any());
        assert_eq!(Probe::<Vec<Silent>>::new().schema(), any());
        assert_eq!(or_null(or_null(json!({ "type": "null" })))["anyOf"][1]["type"], "null");
    }
}
