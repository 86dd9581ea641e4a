//! Calls of methods by their own structs: what a session sends is what the hub decodes.

use serde::de::DeserializeOwned;

use super::session::Session;
use crate::Result;
use crate::api::{Call, Method};
use crate::wire::{self, Value};

impl Session {
    /// Calls a method and reads its answer as the type that the method declares.
    ///
    /// # Errors
    /// The hub's fault, what kept the call from it, or an answer of another type.
    pub fn call<M>(&mut self, method: M) -> Result<M::Output>
    where
        M: Method<Output: DeserializeOwned>,
    {
        wire::from_value(self.ask(method)?)
    }

    /// Calls a method and leaves its answer as it came, for callers who read rows by key: another version's hub
    /// may answer with more keys or fewer.
    ///
    /// # Errors
    /// The hub's fault, or what kept the call from it.
    pub fn ask(&mut self, method: impl Method) -> Result<Value> {
        let Call { method, positional, keywords } = method.into();
        self.call_named(&method, positional, keywords)
    }
}
