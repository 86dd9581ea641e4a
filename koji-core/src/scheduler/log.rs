//! The scheduler's notes, which people read to learn what became of a task.

use crate::Result;
use crate::context::Cx;
use crate::db::Insert;

/// A note.
#[derive(Clone, Debug)]
pub struct Note {
    /// What happened
    pub msg: String,
    /// The task that it is about
    pub task_id: Option<i64>,
    /// The host that it is about
    pub host_id: Option<i64>,
}

impl Note {
    /// A note about a task and a host.
    pub fn new(msg: impl Into<String>, task_id: i64, host_id: i64) -> Self {
        Self { msg: msg.into(), task_id: Some(task_id), host_id: Some(host_id) }
    }
}

/// Keeps notes; none is as good as any number.
pub fn add(cx: &mut Cx<'_>, notes: &[Note]) -> Result<()> {
    let now = cx.now();
    let rows = notes
        .iter()
        .map(|note| {
            tracing::info!(task = note.task_id, host = note.host_id, "{}", note.msg);
            vec![note.msg.as_str().into(), note.task_id.into(), note.host_id.into(), now.into()]
        })
        .collect();
    Insert::many(cx.db, "scheduler_log_messages", &["msg", "task_id", "host_id", "msg_time"], rows)
}
