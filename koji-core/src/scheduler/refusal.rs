//! Hosts that will not take a task: soft refusals hold for a while, the others for good.

use super::log::{self, Note};
use crate::Result;
use crate::context::Cx;
use crate::db::bind::Each;
use crate::db::{Bind, Delete, Insert};

/// That a host will not take a task.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The task
    pub task_id: i64,
    /// The host
    pub host_id: i64,
    /// Whether it holds for a while only
    pub soft: bool,
    /// Whether the host said so itself
    pub by_host: bool,
    /// Why
    pub msg: String,
}

/// Keeps refusals; a newer one replaces that of the same host and task.
pub fn add(cx: &mut Cx<'_>, refusals: &[Refusal]) -> Result<()> {
    if refusals.is_empty() {
        return Ok(());
    }
    let pair = "task_id = ? AND host_id = ?";
    let pairs: Vec<Bind> =
        refusals.iter().flat_map(|refusal| [refusal.task_id.into(), refusal.host_id.into()]).collect();
    let same = vec![pair; refusals.len()].join(" OR ");
    Delete::from("scheduler_task_refusals").filter(&same, Each(pairs)).execute(cx.db)?;
    let now = cx.now();
    let rows = refusals.iter().map(|refusal| {
        let Refusal { task_id, host_id, soft, by_host, msg } = refusal;
        vec![(*task_id).into(), (*host_id).into(), (*soft).into(), (*by_host).into(), msg.into(), now.into()]
    });
    let columns = ["task_id", "host_id", "soft", "by_host", "msg", "time"];
    Insert::many(cx.db, "scheduler_task_refusals", &columns, rows.collect())?;
    let notes: Vec<Note> = refusals
        .iter()
        .map(|refusal| {
            Note::new(format!("Host refused task: {}", refusal.msg), refusal.task_id, refusal.host_id)
        })
        .collect();
    log::add(cx, &notes)
}
