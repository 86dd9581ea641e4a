//! [`Answer`]: what a method answered, whose type only the method knows, ready to be written.

use std::io::{self, BufWriter, Write};

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
        buffered(out, |out| wire::write_response(out, self))
    }
    fn json(&self, out: &mut dyn Write) -> Result<()> {
        buffered(out, |out| wire::json::write(out, self))
    }
    fn value(&self) -> Result<Value> {
        wire::to_value(self)
    }
    fn part(&self) -> &dyn erased_serde::Serialize {
        self
    }
}

/// Bytes that are gathered before they are handed on.
const GATHERED: usize = 8 << 10;

/// An answer is written in pieces of a few bytes, each of which would be a call that the compiler can't see through.
fn buffered<E: From<io::Error>>(
    out: &mut dyn Write,
    write: impl FnOnce(&mut BufWriter<&mut dyn Write>) -> Result<(), E>,
) -> Result<(), E> {
    let mut out = BufWriter::with_capacity(GATHERED, out);
    let written = write(&mut out).and_then(|()| Ok(out.flush()?));
    // what is left of an answer that failed is not written
    drop(out.into_parts());
    written
}
