//! [`Answer`]: what a method answered, whose type only the method knows, ready to be written.

use std::io::{self, Write};

use serde::Serialize;

use crate::Result;
use crate::wire::{self, Value};

/// An answer that can be written in every form of the wire. It is written as its rows are, with no tree
/// of values in between.
pub trait Answer: Send {
    /// Writes a whole XML-RPC response.
    fn xml(&self, out: &mut dyn Write) -> io::Result<()>;
    /// Writes it as JSON.
    fn json(&self, out: &mut dyn Write) -> Result<()>;
    /// The same as a [`Value`], for callers in this process.
    fn value(&self) -> Result<Value>;
    /// To be written as a part of another answer.
    fn part(&self) -> &dyn erased_serde::Serialize;
}

impl<T: Serialize + Send> Answer for T {
    fn xml(&self, out: &mut dyn Write) -> io::Result<()> {
        wire::write_response(out, self)
    }
    fn json(&self, out: &mut dyn Write) -> Result<()> {
        wire::json::write(out, self)
    }
    fn value(&self) -> Result<Value> {
        wire::to_value(self)
    }
    fn part(&self) -> &dyn erased_serde::Serialize {
        self
    }
}
