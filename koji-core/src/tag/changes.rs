//! What an edit of a tag may change, and how clients say so: by keyword, where null differs from nothing.

use super::create::Arches;
use super::extra::ExtraChanges;
use crate::api::Arg;
use crate::api::cast::{NameText, Truthy, checked};
use crate::db::Lookup;
use crate::wire::{Map, Value};
use crate::{Error, Result};

/// Changes of a tag; what is not there stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Another name
    pub name: Option<String>,
    /// Other arches; missing ones are inherited
    pub arches: Option<Arches>,
    /// Another permission, or none
    pub perm: Option<Option<Lookup>>,
    /// Whether its content may not be changed
    pub locked: Option<bool>,
    /// Whether Maven repos are made
    pub maven_support: Option<bool>,
    /// Whether these have every build
    pub maven_include_all: Option<bool>,
    /// Whether any of these came as a number, which the database refuses; one that changes nothing goes unseen
    pub numbers: bool,
    /// Changes of the extra settings
    pub extra: ExtraChanges,
}

impl Changes {
    /// Reads keywords. Unknown ones are passed over, as Koji does; `perm_id` is before its old name `perm`.
    pub fn from_keywords(keywords: Map) -> Result<Self> {
        let mut changes = Self::default();
        let mut perm_id = None;
        for (key, value) in keywords {
            match key.as_str() {
                "name" => changes.name = read::<Truthy<NameText>>(&key, value)?.0.map(|name| name.0),
                "arches" => changes.arches = Some(read(&key, value)?),
                "perm" => changes.perm = Some(read(&key, value)?),
                "perm_id" => perm_id = Some(read(&key, value)?),
                "locked" => changes.locked = Some(changes.flag(&key, &value)?),
                "maven_support" => changes.maven_support = Some(changes.flag(&key, &value)?),
                "maven_include_all" => changes.maven_include_all = Some(changes.flag(&key, &value)?),
                "extra" => changes.extra.set = read(&key, value)?,
                "block_extra" => changes.extra.block = keys(&key, value)?,
                "remove_extra" => changes.extra.remove = keys(&key, value)?,
                _ => {}
            }
        }
        changes.perm = perm_id.or(changes.perm);
        Ok(changes)
    }

    fn flag(&mut self, key: &str, value: &Value) -> Result<bool> {
        match value {
            Value::Int(int @ 0..=1) => {
                self.numbers = true;
                Ok(*int == 1)
            }
            other => other.column_bool().ok_or_else(|| {
                Error::unforeseen(format!("{key} must be true or false, not {}", other.kind()))
            }),
        }
    }
}

fn read<T: Arg>(key: &str, value: Value) -> Result<T> {
    T::take(value).map_err(|error| Error::new(error.fault, format!("argument {key:?}: {}", error.message)))
}

fn keys(key: &str, value: Value) -> Result<Vec<String>> {
    match value {
        // what Python cannot walk
        Value::Nil | Value::Bool(false) | Value::Int(0) => read(key, value),
        value if !value.is_true() => Ok(Vec::new()),
        value => read(key, value).map_err(checked),
    }
}

impl Arg for Arches {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Nil => Ok(Self::Missing),
            Value::Array(_) => Vec::take(value).map(Self::List),
            other => String::take(other).map(Self::Text),
        }
    }
    fn give(&self) -> Value {
        match self {
            Self::Missing => Value::Nil,
            Self::Text(text) => text.give(),
            Self::List(list) => list.give(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(keywords: &[(&str, Value)]) -> Result<Changes> {
        Changes::from_keywords(keywords.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
    }

    #[test]
    fn null_differs_from_nothing() {
        assert_eq!(changes(&[]).unwrap().arches, None);
        assert_eq!(changes(&[("arches", Value::Nil)]).unwrap().arches, Some(Arches::Missing));
        assert_eq!(changes(&[("perm", Value::Nil)]).unwrap().perm, Some(None));
        assert_eq!(changes(&[("perm_id", Value::Nil), ("perm", 5.into())]).unwrap().perm, Some(None));
    }

    #[test]
    fn lists_of_keys_are_lists() {
        assert_eq!(changes(&[("remove_extra", "a".into())]).unwrap_err().fault, crate::Fault::Parameter);
        assert!(changes(&[("block_extra", "".into()), ("bogus", 1.into())]).unwrap().extra.block.is_empty());
        for key in ["extra", "block_extra", "remove_extra"] {
            assert_eq!(changes(&[(key, Value::Nil)]).unwrap_err().fault, crate::Fault::Unforeseen, "{key}");
        }
        assert!(changes(&[("locked", Value::Nil)]).is_err());
    }
}
