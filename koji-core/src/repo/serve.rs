//! Deals with the queue of requests: makes their tasks, notes what came of them, forgets old ones.

use super::plan::{Limits, Step, plan};
use super::queue::{self, QueueRow};
use super::{make_task, row};
use crate::Result;
use crate::context::Cx;
use crate::db::{Bind, Delete, Query, Time, Update};

/// Whether somebody waits for a repository, and a host is there that could make it.
pub fn is_needed(cx: &mut Cx<'_>) -> Result<bool> {
    Ok(Query::from("repo_queue").filter("active = TRUE AND repo_id IS NULL", ()).exists(cx.db)?
        && has_hosts(cx)?)
}

/// Whether a host is there that could make a repository.
pub fn has_hosts(cx: &mut Cx<'_>) -> Result<bool> {
    Query::from("host").filter("ready = TRUE", ()).exists(cx.db)
}

/// Looks through the queue once; whether anything was to be done.
pub fn serve(cx: &mut Cx<'_>) -> Result<bool> {
    // two at a time would make two tasks for a request
    Query::from("locks")
        .filter("name = 'repo-queue'", ())
        .for_update()
        .select_first::<String>(cx.db, "name")?;
    let waiting: Vec<QueueRow> =
        queue::query().filter("repo_queue.active = TRUE AND repo_queue.repo_id IS NULL", ()).load(cx.db)?;
    let tasks: Vec<i32> = waiting.iter().filter_map(|request| request.task_id).collect();
    let made = row::query().filter("repo.task_id IN ?", tasks).order("repo.id").load(cx.db)?;
    let config = &cx.env.config;
    let limits = Limits {
        tasks: config.int("MaxRepoTasks"),
        maven: config.int("MaxRepoTasksMaven"),
        retries: config.int("RepoRetries"),
    };
    let steps = plan(&waiting, &made, limits)?;
    if steps.is_empty() {
        return Ok(false);
    }
    carry_out(cx, &waiting, &steps)?;
    forget_old(cx)?;
    Ok(true)
}

/// A statement for each kind of step.
fn carry_out(cx: &mut Cx<'_>, waiting: &[QueueRow], steps: &[(i32, Step)]) -> Result<()> {
    let now = cx.now();
    let changed = || Update::table("repo_queue").set("update_time", now);
    let of = |wanted: Step| -> Vec<i32> {
        steps.iter().filter(|(_, step)| *step == wanted).map(|(id, _)| *id).collect()
    };
    let start = of(Step::Start);
    let start: Vec<&QueueRow> = waiting.iter().filter(|request| start.contains(&request.id)).collect();
    let tasks = make_task::for_requests(cx, &start)?;
    let pairs = start.iter().zip(tasks).map(|(request, task)| (request.id.into(), task.into()));
    changed().set_raw("tries = tries + 1", ()).each(cx.db, "id", "task_id", &pairs.collect::<Vec<_>>())?;
    changed().set("task_id", Bind::Null).filter("id IN ?", of(Step::Forget)).execute(cx.db)?;
    changed().set("active", false).filter("id IN ?", of(Step::GiveUp)).execute(cx.db)?;
    let fulfilled = steps.iter().filter_map(|(id, step)| match step {
        Step::Fulfilled(repo) => Some(((*id).into(), (*repo).into())),
        _ => None,
    });
    let fulfilled: Vec<(i64, i64)> = fulfilled.collect();
    changed().set("active", false).each(cx.db, "id", "repo_id", &fulfilled).map(drop)
}

/// Requests stay for a while after they ended, so that those who asked can see what came of them.
fn forget_old(cx: &mut Cx<'_>) -> Result<()> {
    let kept_s = cx.env.config.int("RequestCleanTime") as f64 * 60.0;
    let before = Time(cx.now().0 - kept_s);
    Delete::from("repo_queue").filter("active = FALSE AND update_time < ?", before).execute(cx.db).map(drop)
}
