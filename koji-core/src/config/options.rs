//! Typed options: a table of what there is, and the values that files give.

use std::collections::HashMap;

use super::ini::wrong;
use crate::Result;

/// An option's type and default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text.
    Text(&'static str),
    /// Text that need not be.
    NoText,
    /// A whole number.
    Int(i64),
    /// A whole number that need not be.
    NoInt,
    /// Yes or no.
    Flag(bool),
}

pub(super) type Table = [(&'static str, Kind)];

#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub(super) enum Value {
    Text(String),
    Int(i64),
    Flag(bool),
}

/// The values of a table's options.
#[derive(Clone, Debug)]
pub(super) struct Options {
    table: &'static Table,
    values: HashMap<&'static str, Value>,
}

impl Options {
    pub(super) fn defaults(table: &'static Table) -> Self {
        let value = |kind| match kind {
            Kind::Text(text) => Some(Value::Text(text.into())),
            Kind::Int(number) => Some(Value::Int(number)),
            Kind::Flag(flag) => Some(Value::Flag(flag)),
            Kind::NoText | Kind::NoInt => None,
        };
        let values =
            table.iter().filter_map(|(name, kind)| value(*kind).map(|value| (*name, value))).collect();
        Self { table, values }
    }

    /// Whether there is such an option, in any case.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.named(name).is_some()
    }

    /// The option of a name in any case, as it is written in the table.
    pub(super) fn named(&self, name: &str) -> Option<&'static str> {
        self.table.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(known, _)| *known)
    }

    /// The names of all options.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.table.iter().map(|(name, _)| *name)
    }

    /// The options whose values differ.
    pub(super) fn differences(&self, other: &Self) -> Vec<&'static str> {
        self.names().filter(|name| self.values.get(name) != other.values.get(name)).collect()
    }

    /// Whether an option has another value than it has of itself.
    pub(super) fn is_set(&self, name: &str) -> bool {
        Self::defaults(self.table).values.get(name) != self.values.get(name)
    }

    /// Sets an option from its text. The message of an error does not tell the text.
    pub(super) fn set(&mut self, name: &str, text: &str) -> Result<()> {
        let Some((name, kind)) = self.table.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) else {
            return Err(wrong(format!("unknown config option: {name}")));
        };
        let value = match kind {
            Kind::Text(_) | Kind::NoText => Value::Text(text.into()),
            Kind::Int(_) | Kind::NoInt => Value::Int(
                text.trim()
                    .parse()
                    .map_err(|_| wrong(format!("value for {name} config option must be a valid integer")))?,
            ),
            Kind::Flag(_) => Value::Flag(flag(text).ok_or_else(|| {
                wrong(format!(
                    "value for {name} config option must be yes or no (1, true, on; 0, false, off)"
                ))
            })?),
        };
        self.values.insert(name, value);
        Ok(())
    }

    /// Every option of the table with its value, if it has one.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, Option<&Value>)> {
        self.table.iter().map(|(name, _)| (*name, self.values.get(name)))
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        debug_assert!(self.knows(name), "no such option: {name}");
        match self.values.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        debug_assert!(self.knows(name), "no such option: {name}");
        match self.values.get(name) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        debug_assert!(self.knows(name), "no such option: {name}");
        matches!(self.values.get(name), Some(Value::Flag(true)))
    }
}

fn flag(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "1" | "yes" | "true" | "on" => Some(true),
        "0" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}
