//! What came of tasks.

use std::collections::HashMap;

use super::row;
use super::state::TaskState;
use super::stored;
use crate::context::Cx;
use crate::db::Query;
use crate::wire::Value;
use crate::{Error, Result};

/// The end of a task, as far as it has one.
#[derive(Clone, Debug)]
pub struct Ending {
    id: i64,
    /// Its state
    pub state: TaskState,
    text: Option<String>,
}

impl Ending {
    /// What came of it: the answer, or the fault it failed with. A task without an end, or that was called off,
    /// is an error.
    pub fn outcome(&self) -> Result<Result<Value, Error>> {
        match (self.state, &self.text) {
            (TaskState::Canceled, _) => Err(Error::generic(format!("Task {} is canceled", self.id))),
            (TaskState::Closed | TaskState::Failed, Some(text)) => stored::result(text),
            (TaskState::Closed | TaskState::Failed, None) => {
                Err(Error::generic(format!("Task {} has no result", self.id)))
            }
            _ => Err(Error::generic(format!("Task {} is not finished", self.id))),
        }
    }
}

/// The endings of tasks, by id.
pub fn endings(cx: &mut Cx<'_>, ids: &[i64]) -> Result<HashMap<i64, Ending>> {
    let rows: Vec<(i64, i64, Option<String>)> =
        Query::from("task").filter("id IN ?", ids).select(cx.db, "id, state, result")?;
    rows.into_iter()
        .map(|(id, state, text)| Ok((id, Ending { id, state: TaskState::from_number(state)?, text })))
        .collect()
}

/// The result of a task. The fault of a failed one is the error, or else a struct that tells it.
pub fn get(cx: &mut Cx<'_>, id: i64, raise_fault: bool) -> Result<Value> {
    let ending = endings(cx, &[id])?.remove(&id).ok_or_else(|| row::unknown(id))?;
    match ending.outcome()? {
        Err(fault) if raise_fault => Err(fault),
        Err(fault) => Ok(stored::fault_struct(&fault)),
        Ok(value) => Ok(value),
    }
}

/// The arguments of a task.
pub fn request(cx: &mut Cx<'_>, id: i64) -> Result<Vec<Value>> {
    let text: Option<Option<String>> = Query::from("task")
        .filter("id = ?", id)
        .select::<Option<String>>(cx.db, "request")?
        .into_iter()
        .next();
    match text {
        Some(Some(text)) => stored::request(&text),
        Some(None) => Err(Error::generic(format!("Task {id} has no request"))),
        None => Err(row::unknown(id)),
    }
}

/// Whether nothing more happens to a task.
pub fn is_finished(cx: &mut Cx<'_>, id: i64) -> Result<bool> {
    let state: Option<i64> = Query::from("task").filter("id = ?", id).select_first(cx.db, "state")?;
    Ok(TaskState::from_number(state.ok_or_else(|| row::unknown(id))?)?.is_finished())
}
