//! What names a thing that may have to be made.

use super::args::Arg;
use crate::db::Lookup;
use crate::wire::Value;
use crate::{Error, Result};

/// A name or an id. Something new can be made of a name that came as text, and of nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MaybeNew {
    /// Text
    Text(Lookup),
    /// An id, or a struct that names a thing
    Other(Lookup),
}

impl MaybeNew {
    /// What it names.
    pub fn lookup(&self) -> &Lookup {
        match self {
            Self::Text(lookup) | Self::Other(lookup) => lookup,
        }
    }

    /// The name for something new.
    pub fn new_name(&self) -> Result<&str> {
        match self {
            Self::Text(Lookup::Name(name)) => Ok(name),
            other => Err(Error::generic(format!("a new thing is named by text, not by {}", other.lookup()))),
        }
    }
}

impl Arg for MaybeNew {
    fn take(value: Value) -> Result<Self> {
        match value {
            text @ Value::String(_) => Lookup::take(text).map(Self::Text),
            other => Lookup::take(other).map(Self::Other),
        }
    }
    fn give(&self) -> Value {
        match self {
            Self::Other(Lookup::Name(name)) => {
                Value::Struct(vec![("name".to_owned(), Value::String(name.clone()))])
            }
            info => info.lookup().give(),
        }
    }
    fn schema() -> serde_json::Value {
        Lookup::schema()
    }
}

impl<T: Into<Lookup>> From<T> for MaybeNew {
    fn from(info: T) -> Self {
        match info.into() {
            id @ Lookup::Id(_) => Self::Other(id),
            name => Self::Text(name),
        }
    }
}
