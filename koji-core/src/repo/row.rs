//! Repositories as the database keeps them, and the change of their state.

use serde_json::Value as Json;

use super::state::{RepoState, next};
use crate::context::Cx;
use crate::db::view::View;
use crate::db::{Query, Time, Update};
use crate::numbered::Step;
use crate::{Error, Result};

crate::row! {
    /// A repository as clients see it.
    pub struct RepoRow {
        /// Its id
        pub id: i32 = "repo.id",
        /// The tag that it is of
        pub tag_id: i32 = "repo.tag_id",
        /// The name of the tag
        pub tag_name: Option<String> = "tag.name",
        /// When it was begun
        pub creation_time: Option<Time> = "repo.creation_time",
        /// When it was begun, in seconds
        pub creation_ts: Option<f64> = "repo.creation_time",
        /// When its state changed last
        pub state_time: Option<Time> = "repo.state_time",
        /// When its state changed last, in seconds
        pub state_ts: Option<f64> = "repo.state_time",
        /// The event whose view of the tag it shows
        pub create_event: i32 = "repo.create_event",
        /// When that was
        pub create_ts: Option<f64> = "create_ev.time",
        /// The last event before that which changed the tag
        pub begin_event: Option<i32> = "repo.begin_event",
        /// When that was
        pub begin_ts: Option<f64> = "begin_ev.time",
        /// The first event after that which changed the tag
        pub end_event: Option<i32> = "repo.end_event",
        /// When that was
        pub end_ts: Option<f64> = "end_ev.time",
        /// Its state
        pub state: i32 = "repo.state",
        /// Whether it is one for distribution
        pub dist: bool = "repo.dist",
        /// How it was made; null for distribution
        pub opts: Option<Json> = "repo.opts",
        /// What of that differs from what the tag asks for
        pub custom_opts: Option<Json> = "repo.custom_opts",
        /// The task that makes it
        pub task_id: Option<i32> = "repo.task_id",
        /// The state of that task
        pub task_state: Option<i32> = "task.state",
    }
}

crate::row! {
    /// A repository that is not deleted, as its keeper sees it.
    pub struct ActiveRepo {
        /// Its id
        pub id: i32 = "repo.id",
        /// The tag that it is of
        pub tag_id: i32 = "repo.tag_id",
        /// The name of the tag
        pub tag_name: Option<String> = "tag.name",
        /// When it was begun, in seconds
        pub creation_ts: Option<f64> = "repo.creation_time",
        /// When its state changed last, in seconds
        pub state_ts: Option<f64> = "repo.state_time",
        /// The event whose view of the tag it shows
        pub create_event: i32 = "repo.create_event",
        /// When that was
        pub create_ts: Option<f64> = "create_ev.time",
        /// The first event after that which changed the tag
        pub end_event: Option<i32> = "repo.end_event",
        /// Its state
        pub state: i32 = "repo.state",
        /// Whether it is one for distribution
        pub dist: bool = "repo.dist",
        /// How it was made
        pub opts: Option<Json> = "repo.opts",
        /// The task that makes it
        pub task_id: Option<i32> = "repo.task_id",
    }
}

/// What clients may query about repositories.
pub const VIEW: View = View {
    table: "repo",
    joins: &[
        "tag ON tag.id = repo.tag_id",
        "events AS create_ev ON create_ev.id = repo.create_event",
        "events AS begin_ev ON begin_ev.id = repo.begin_event",
        "events AS end_ev ON end_ev.id = repo.end_event",
        "task ON task.id = repo.task_id",
    ],
    defaults: &["id", "tag_id", "create_event", "state", "dist", "task_id", "opts", "custom_opts"],
    times: &["creation_time", "creation_ts", "state_time", "state_ts", "create_ts", "begin_ts", "end_ts"],
    json: &["opts", "custom_opts"],
};

/// Repositories with all that clients see of them.
pub fn query() -> Query {
    VIEW.all()
}

/// A repository, if there is one with this id.
pub fn find(cx: &mut Cx<'_>, id: i64) -> Result<Option<RepoRow>> {
    query().filter("repo.id = ?", id).first(cx.db)
}

/// A repository.
pub fn get(cx: &mut Cx<'_>, id: i64) -> Result<RepoRow> {
    find(cx, id)?.ok_or_else(|| unknown(id))
}

fn unknown(id: i64) -> Error {
    Error::generic(format!("No such repo: {id}"))
}

/// All repositories that are not deleted.
pub fn active(cx: &mut Cx<'_>) -> Result<Vec<ActiveRepo>> {
    query().filter("repo.state != ?", RepoState::Deleted.number()).order("repo.id").load(cx.db)
}

/// Gives a repository another state; whether it changed. One that gets ready fulfils requests.
pub fn set_state(cx: &mut Cx<'_>, id: i64, wanted: RepoState) -> Result<bool> {
    let state = Query::from("repo")
        .filter("id = ?", id)
        .for_update()
        .select_first::<i64>(cx.db, "state")?
        .ok_or_else(|| unknown(id))?;
    let Step::To(state) = next(id, RepoState::from_number(state)?, wanted)? else { return Ok(false) };
    let now = cx.now();
    Update::table("repo")
        .set("state", state.number())
        .set("state_time", now)
        .filter("id = ?", id)
        .execute(cx.db)?;
    if state == RepoState::Ready {
        super::fulfil::fulfil(cx, id)?;
    }
    Ok(true)
}

crate::row! {
    /// A buildroot that uses a repository.
    pub struct Reference {
        /// The buildroot
        pub id: i32 = "standard_buildroot.buildroot_id",
        /// Its host
        pub host_id: i32 = "standard_buildroot.host_id",
        /// Its task
        pub task_id: i32 = "standard_buildroot.task_id",
        /// The event of its making
        pub create_event: i32 = "standard_buildroot.create_event",
        /// Its state
        pub state: i32 = "standard_buildroot.state",
    }
}

/// The buildroots that still use a repository.
pub fn references(cx: &mut Cx<'_>, id: i64) -> Result<Vec<Reference>> {
    use crate::buildroot::state::BuildrootState;
    Query::from("standard_buildroot")
        .filter("repo_id = ? AND retire_event IS NULL", id)
        .filter("state != ?", BuildrootState::Expired.number())
        .order("buildroot_id")
        .load(cx.db)
}

/// Marks a repository deleted if nothing uses it; how many buildroots do.
pub fn delete(cx: &mut Cx<'_>, id: i64) -> Result<usize> {
    let used = references(cx, id)?.len();
    if used == 0 {
        set_state(cx, id, RepoState::Deleted)?;
    }
    Ok(used)
}
