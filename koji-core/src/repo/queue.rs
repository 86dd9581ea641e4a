//! The requests for repositories that wait, as the database keeps them.

use serde_json::Value as Json;

use super::find::Event;
use super::opts::NamedOpts;
use crate::context::Cx;
use crate::db::view::View;
use crate::db::{Query, Time, Update};
use crate::{Error, Result};

crate::row! {
    /// A request as clients see it.
    pub struct QueueRow {
        /// Its id
        pub id: i32 = "repo_queue.id",
        /// When it was made
        pub create_time: Time = "repo_queue.create_time",
        /// When it was made, in seconds
        pub create_ts: f64 = "repo_queue.create_time",
        /// Who made it
        pub owner: i32 = "repo_queue.owner",
        /// His name
        pub owner_name: Option<String> = "users.name",
        /// The smallest goes first
        pub priority: i32 = "repo_queue.priority",
        /// The tag
        pub tag_id: i32 = "repo_queue.tag_id",
        /// Its name
        pub tag_name: Option<String> = "tag.name",
        /// The event that the repository must be of
        pub at_event: Option<i32> = "repo_queue.at_event",
        /// The event that it must be of, or of a later one
        pub min_event: Option<i32> = "repo_queue.min_event",
        /// The options asked for
        pub opts: Json = "repo_queue.opts",
        /// When it changed last
        pub update_time: Time = "repo_queue.update_time",
        /// When it changed last, in seconds
        pub update_ts: f64 = "repo_queue.update_time",
        /// Whether it still waits
        pub active: bool = "repo_queue.active",
        /// The task that makes the repository
        pub task_id: Option<i32> = "repo_queue.task_id",
        /// The state of that task
        pub task_state: Option<i32> = "task.state",
        /// How many tasks there were for it
        pub tries: i32 = "repo_queue.tries",
        /// The repository that came of it
        pub repo_id: Option<i32> = "repo_queue.repo_id",
    }
}

/// What clients may query about requests.
pub const VIEW: View = View {
    table: "repo_queue",
    joins: &[
        "tag ON tag.id = repo_queue.tag_id",
        "task ON task.id = repo_queue.task_id",
        "users ON users.id = repo_queue.owner",
    ],
    defaults: &[
        "id",
        "tag_id",
        "at_event",
        "min_event",
        "create_ts",
        "task_id",
        "tries",
        "repo_id",
        "opts",
        "active",
        "update_ts",
    ],
    times: &["create_time", "create_ts", "update_time", "update_ts"],
    json: &["opts"],
};

/// Requests with all that clients see of them, in the order in which they are dealt with.
pub fn query() -> Query {
    VIEW.all().order("repo_queue.priority").order("repo_queue.id")
}

/// A request.
pub fn get(cx: &mut Cx<'_>, id: i64) -> Result<QueueRow> {
    query()
        .filter("repo_queue.id = ?", id)
        .first(cx.db)?
        .ok_or_else(|| Error::generic(format!("No such request: {id}")))
}

impl QueueRow {
    /// The options asked for.
    pub fn named_opts(&self) -> Result<NamedOpts> {
        Ok(serde_json::from_value(self.opts.clone())?)
    }

    /// The events asked for.
    pub fn event(&self) -> Event {
        match (self.at_event, self.min_event) {
            (Some(at), _) => Event::At(at.into()),
            (None, Some(min)) => Event::Min(min.into()),
            (None, None) => Event::Any,
        }
    }
}

/// Moves a request forward or back in the queue. An unknown one is passed over.
pub fn set_priority(cx: &mut Cx<'_>, id: i64, priority: i64) -> Result<()> {
    Update::table("repo_queue").set("priority", priority).filter("id = ?", id).execute(cx.db).map(drop)
}
