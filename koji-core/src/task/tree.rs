//! A task with all that it is made of.

use crate::context::Cx;
use crate::db::Query;
use crate::{Error, Result};

/// `tree`: the tasks below one, at any depth. A UNION ends where parents run in a circle.
pub(super) const BELOW: &str = "WITH RECURSIVE tree(id) AS (SELECT id FROM task WHERE parent = ? UNION \
     SELECT task.id FROM task JOIN tree ON task.parent = tree.id) ";

/// `tree`: tasks and what is below them, as far as tasks are unfinished.
const UNFINISHED: &str = "WITH RECURSIVE tree(id) AS (SELECT id FROM task WHERE id IN ? AND state IN (0, 1, 4) \
     UNION SELECT task.id FROM task JOIN tree ON task.parent = tree.id WHERE task.state IN (0, 1, 4)) ";

/// `tree`: the unfinished tasks right below one, and what is below those, as far as tasks are unfinished.
const UNFINISHED_BELOW: &str = "WITH RECURSIVE tree(id) AS (SELECT id FROM task WHERE parent = ? AND \
     state IN (0, 1, 4) UNION SELECT task.id FROM task JOIN tree ON task.parent = tree.id \
     WHERE task.state IN (0, 1, 4)) ";

/// `tree`: a task and all above it.
const ABOVE: &str = "WITH RECURSIVE tree(id) AS (SELECT id FROM task WHERE id = ? UNION \
     SELECT task.parent FROM task JOIN tree ON task.id = tree.id WHERE task.parent IS NOT NULL) ";

/// The tasks below one, at any depth.
pub fn below(cx: &mut Cx<'_>, id: i64) -> Result<Vec<i64>> {
    Query::from("tree").with(BELOW, id).select(cx.db, "id")
}

/// Tasks and the tasks below them, down to those that are finished already.
pub fn unfinished(cx: &mut Cx<'_>, ids: &[i64]) -> Result<Vec<i64>> {
    Query::from("tree").with(UNFINISHED, ids).select(cx.db, "id")
}

/// The same without the task itself, whose state does not matter.
pub fn unfinished_below(cx: &mut Cx<'_>, id: i64) -> Result<Vec<i64>> {
    Query::from("tree").with(UNFINISHED_BELOW, id).select(cx.db, "id")
}

/// The task that stands above all others of a task's group.
pub fn top(cx: &mut Cx<'_>, id: i64) -> Result<i64> {
    Query::from("tree")
        .with(ABOVE, id)
        .join("task ON task.id = tree.id")
        .filter("task.parent IS NULL", ())
        .select_first(cx.db, "task.id")?
        .ok_or_else(|| Error::generic(format!("task {id} is missing, or its parents run in a circle")))
}
