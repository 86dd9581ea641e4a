//! Methods about events.

use super::args::{Arg, expected};
use super::cast::{CheckedBool, IntLike};
use crate::history::event::{self, EventRow};
use crate::methods;
use crate::wire::Value;
use crate::{Error, Result};

methods! {
    /// An event with its time.
    read Anyone => GetEvent "getEvent" (id: IntLike, strict: CheckedBool = CheckedBool(true)) -> Option<EventRow> = |m, cx|
        if m.strict.0 { event::get(cx, m.id.0).map(Some) } else { event::find(cx, m.id.0) };

    /// The last event, or the last one before a time in seconds since the epoch.
    read Anyone => GetLastEvent "getLastEvent" (before: Option<Seconds> = None, strict: CheckedBool = CheckedBool(true))
        -> Option<EventRow> = |m, cx| {
            let before = m.before.map(|seconds| seconds.0);
            if m.strict.0 { event::get_last(cx, before).map(Some) } else { event::last(cx, before) }
        };
}

/// A point in time in seconds since the epoch, whole or not.
#[derive(Clone, Copy, Debug)]
pub struct Seconds(pub f64);

impl Arg for Seconds {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Bool(_) => Err(expected("seconds since the epoch", &value)),
            _ => value.as_f64().map(Self).ok_or_else(|| {
                let kind = value.kind();
                Error::generic(format!("Invalid type for before: {kind} (give seconds since the epoch)"))
            }),
        }
    }
    fn give(&self) -> Value {
        Value::Double(self.0)
    }
}
