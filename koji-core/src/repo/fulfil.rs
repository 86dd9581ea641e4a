//! A repository that got ready fulfils the requests that it suits.

use super::find::suits;
use super::queue::{self, QueueRow};
use super::row;
use crate::Result;
use crate::context::Cx;
use crate::db::Update;

/// Ends the requests that a repository fulfils.
pub fn fulfil(cx: &mut Cx<'_>, repo_id: i64) -> Result<()> {
    let repo = row::get(cx, repo_id)?;
    if repo.dist {
        return Ok(());
    }
    let waiting: Vec<QueueRow> = queue::query()
        .filter("repo_queue.active = TRUE AND repo_queue.repo_id IS NULL", ())
        .filter("repo_queue.tag_id = ?", repo.tag_id)
        .filter(
            "repo_queue.min_event <= ? OR repo_queue.at_event = ?",
            (repo.create_event, repo.create_event),
        )
        .load(cx.db)?;
    let mut fulfilled = Vec::new();
    for request in &waiting {
        if suits(&repo, request.event(), &request.named_opts()?)? {
            fulfilled.push(request.id);
        }
    }
    if fulfilled.is_empty() {
        return Ok(());
    }
    let now = cx.now();
    Update::table("repo_queue")
        .set("repo_id", repo.id)
        .set("active", false)
        .set("update_time", now)
        .filter("id IN ?", fulfilled)
        .execute(cx.db)
        .map(drop)
}
