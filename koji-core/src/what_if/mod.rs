//! What-if: a call is run whole, with its hooks and the policy, and nothing of it stays.
//!
//! The rows are recorded where statements run (`db/record.rs`) and the transaction is rolled back. Files cannot be
//! rolled back: whoever would touch one asks [`crate::context::Cx::only_plans`] before, which notes it instead.
//! What is left for after a commit is dropped, and nobody is told of a change.
//!
//! A hook that does something outside of the database asks [`crate::context::Cx::is_what_if`].

mod files;

pub use files::{FileAction, FileChange, Plan};

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::api::{Answer, Call, dispatch, multicall};
use crate::context::Cx;
use crate::db::notes::Note;
use crate::db::record::{Change, RowChange};
use crate::wire::{Map, Value};
use crate::{Result, plugin};

/// What a call would answer and change.
pub struct Outcome {
    answer: Box<dyn Answer>,
    /// The events that it would make
    pub events: Vec<Value>,
    /// The rows that it would change, in order
    pub rows: Vec<Note<RowChange>>,
    /// What it would do to files, in order
    pub files: Vec<Note<FileChange>>,
}

/// Runs a call in a transaction that the caller rolls back. A call that would fail fails.
pub fn run(cx: &mut Cx<'_>, call: Call) -> Result<Outcome> {
    cx.plan_files();
    one(cx, call)
}

/// Runs calls one after the other; each sees what those before it changed, and a failing one changes nothing.
pub fn run_many(cx: &mut Cx<'_>, calls: impl Iterator<Item = Result<Call>>) -> Vec<Result<Outcome>> {
    cx.plan_files();
    multicall::each(cx, calls, true, one)
}

fn one(cx: &mut Cx<'_>, call: Call) -> Result<Outcome> {
    cx.db.record();
    let answer = dispatch(cx, call)?;
    plugin::run(cx, "preCommit", |_| Ok(Map::new()))?;
    let changes = cx.db.recorded().take();
    let is_event = |row: &Note<RowChange>| row.what.table == "events" && row.what.change == Change::Insert;
    let (events, rows): (Vec<_>, Vec<_>) = changes.into_iter().partition(is_event);
    drop(cx.take_after());
    Ok(Outcome {
        answer,
        events: events.into_iter().map(|event| event.what.after).collect(),
        rows,
        files: cx.planned_files(),
    })
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut outcome = serializer.serialize_struct("what_if", 4)?;
        outcome.serialize_field("answer", self.answer.part())?;
        outcome.serialize_field("events", &self.events)?;
        outcome.serialize_field("rows", &self.rows)?;
        outcome.serialize_field("files", &self.files)?;
        outcome.end()
    }
}
