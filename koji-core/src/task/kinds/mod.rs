//! What the methods of tasks take: parameters by name, from requests that hold them by position.
//!
//! The names and defaults are those of Koji's builders; policies and labels are told by them.

mod admin;
mod image;
mod maven;
mod repo;
mod rpm;
mod tag;

use crate::wire::{Map, Value, decode_args};
use crate::{Error, Result};

/// A method with its parameters.
pub(super) struct Kind {
    method: &'static str,
    params: &'static [Param],
}

/// A parameter and what it is if nobody gives it.
pub(super) struct Param {
    name: &'static str,
    default: Option<Fallback>,
}

/// What a parameter is that nobody gives.
#[derive(Clone, Copy)]
pub(super) enum Fallback {
    Nil,
    False,
    Int(i64),
    Text(&'static str),
    List,
}

impl Fallback {
    fn value(self) -> Value {
        match self {
            Self::Nil => Value::Nil,
            Self::False => Value::Bool(false),
            Self::Int(number) => Value::Int(number),
            Self::Text(text) => text.into(),
            Self::List => Value::Array(Vec::new()),
        }
    }
}

/// A parameter that must be given.
const fn must(name: &'static str) -> Param {
    Param { name, default: None }
}

/// A parameter that may be null.
const fn may(name: &'static str) -> Param {
    Param { name, default: Some(Fallback::Nil) }
}

/// A parameter with another default than null.
const fn or(name: &'static str, default: Fallback) -> Param {
    Param { name, default: Some(default) }
}

const ALL: [&[Kind]; 6] = [rpm::KINDS, maven::KINDS, image::KINDS, repo::KINDS, tag::KINDS, admin::KINDS];

/// The parameters of a request by name; None for a method that nobody knows. A method may have several
/// signatures, of which the first that fits counts.
pub fn params(method: &str, request: &[Value]) -> Option<Result<Map>> {
    if let [Value::Struct(members)] = request
        && members.iter().any(|(name, _)| name == "__method__")
    {
        return Some(Ok(members.iter().filter(|(name, _)| name != "__method__").cloned().collect()));
    }
    let (positional, named) = decode_args(request.to_vec());
    let mut kinds = ALL.iter().flat_map(|kinds| kinds.iter()).filter(|kind| kind.method == method).peekable();
    kinds.peek()?;
    let mut wrong = None;
    for kind in kinds {
        match bind(kind, &positional, &named) {
            Ok(map) => return Some(Ok(map)),
            Err(error) => wrong = wrong.or(Some(error)),
        }
    }
    wrong.map(Err)
}

fn bind(kind: &Kind, positional: &[Value], named: &Map) -> Result<Map> {
    let wrong = |what: String| Error::parameter(format!("Invalid signature for {}: {what}", kind.method));
    if positional.len() > kind.params.len() {
        return Err(wrong(format!("{} parameters are too many", positional.len())));
    }
    let known = |name: &str| kind.params.iter().position(|param| param.name == name);
    for (name, _) in named {
        match known(name) {
            Some(place) if place >= positional.len() => {}
            _ => return Err(wrong(format!("unexpected parameter {name}"))),
        }
    }
    let given = |place: usize, name: &str| {
        positional.get(place).or_else(|| named.iter().find(|(key, _)| key == name).map(|(_, value)| value))
    };
    let value = |(place, param): (usize, &Param)| {
        let value = given(place, param.name).cloned().or_else(|| param.default.map(Fallback::value));
        let value = value.ok_or_else(|| wrong(format!("{} is missing", param.name)))?;
        Ok((param.name.to_owned(), value))
    };
    kind.params.iter().enumerate().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(map: &Map, name: &str) -> Value {
        map.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap()
    }

    #[test]
    fn by_position_and_by_name() {
        let map = params("build", &["a.src.rpm".into(), Value::Nil]).unwrap().unwrap();
        assert_eq!(of(&map, "src"), "a.src.rpm".into());
        assert_eq!(of(&map, "opts"), Value::Nil);
        let named =
            crate::wire::encode_args(vec!["t".into(), 1.into(), 2.into()], vec![("full".into(), 1.into())]);
        assert!(params("build", &named).unwrap().is_err());
        assert!(params("build", &[]).unwrap().is_err());
        assert!(params("no-such-method", &[]).is_none());
    }

    #[test]
    fn the_first_signature_that_fits_counts() {
        let five: Vec<Value> = vec!["t".into(), Value::Nil, true.into(), true.into(), false.into()];
        let map = params("newRepo", &five).unwrap().unwrap();
        assert!(!map.iter().any(|(name, _)| name == "opts"));
        let six: Vec<Value> = five.into_iter().chain([Value::Struct(Map::new())]).collect();
        assert_eq!(of(&params("newRepo", &six).unwrap().unwrap(), "opts"), Value::Struct(Map::new()));
    }
}
