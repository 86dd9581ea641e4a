//! Arguments that are read only after others have been looked up, so that the first mistake of a call is the one told,
//! or that are merely compared, so that none of them is a mistake.

use std::marker::PhantomData;

use super::args::Arg;
use crate::wire::Value;
use crate::{Error, Result};

/// An argument that [`Later::read`] decodes when its turn has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Later<T>(Value, PhantomData<T>);

impl<T: Arg> Later<T> {
    /// The argument, which an error calls by its name.
    pub fn read(self, name: &str) -> Result<T> {
        T::take(self.0)
            .map_err(|error| Error::new(error.fault, format!("argument {name:?}: {}", error.message)))
    }
}

impl<T: Arg> Later<T> {
    /// The argument, to be compared with what is there: a value of another type equals nothing.
    pub fn sought(self) -> Option<T> {
        T::take(self.0).ok()
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
