//! Arguments that are read only after others have been looked up, so that the first mistake of a call is the one told,
//! or that are merely compared, so that none of them is a mistake.

use std::marker::PhantomData;

use super::args::Arg;
use super::cast::{IntLike, Iterated, NameText};
use crate::db::Lookup;
use crate::wire::Value;
use crate::{Error, Result};

/// An argument that [`Later::read`] decodes when its turn has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Later<T>(Value, PhantomData<T>);

impl<T: Arg> Later<T> {
    /// The argument, which an error calls by its name.
    pub fn read(self, name: &str) -> Result<T> {
        self.read_as(name)
    }

    /// The same as another type, where it depends on the rest of the call what is wanted.
    pub fn read_as<U: Arg>(self, name: &str) -> Result<U> {
        U::take(self.0)
            .map_err(|error| Error::new(error.fault, format!("argument {name:?}: {}", error.message)))
    }
}

impl<T: Arg> Later<T> {
    /// The argument, to be compared with what is there: a value of another type equals nothing.
    pub fn sought(self) -> Option<T> {
        T::take(self.0).ok()
    }
}

impl Later<Lookup> {
    /// What names a thing. Where one may be made that is not there yet, only text does.
    pub fn read_name(self, name: &str, may_be_new: bool) -> Result<Lookup> {
        if may_be_new { self.read_as::<NameText>(name).map(|text| text.0.into()) } else { self.read(name) }
    }
}

impl<T: Arg> Arg for Later<T> {
    fn take(value: Value) -> Result<Self> {
        Ok(Self(value, PhantomData))
    }
    fn give(&self) -> Value {
        self.0.clone()
    }
    fn schema() -> serde_json::Value {
        T::schema()
    }
}

impl<T: Arg> From<T> for Later<T> {
    fn from(value: T) -> Self {
        Self(value.give(), PhantomData)
    }
}

impl From<&str> for Later<Lookup> {
    fn from(name: &str) -> Self {
        Lookup::from(name).into()
    }
}

impl From<&String> for Later<Lookup> {
    fn from(name: &String) -> Self {
        Lookup::from(name).into()
    }
}

impl From<String> for Later<Lookup> {
    fn from(name: String) -> Self {
        Lookup::from(name).into()
    }
}

impl From<&str> for Later<Option<String>> {
    fn from(text: &str) -> Self {
        Some(text.to_owned()).into()
    }
}

impl From<Vec<IntLike>> for Later<Option<Iterated>> {
    fn from(ids: Vec<IntLike>) -> Self {
        Some(Iterated::from(ids)).into()
    }
}

impl From<i64> for Later<IntLike> {
    fn from(int: i64) -> Self {
        IntLike(int).into()
    }
}
