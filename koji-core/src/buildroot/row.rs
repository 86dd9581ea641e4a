//! [`BuildrootRow`]: a buildroot as `listBuildroots` answers it.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::context::Cx;
use crate::db::{Query, QueryOpts, Rows, Time};
use crate::{Error, Result, row};

row! {
    /// A buildroot. Those of content generators have no host, repo and state.
    pub struct BuildrootRow {
        /// Its id
        pub id: i32 = "buildroot.id",
        /// Its kind: 0 ours, 1 a content generator's
        pub br_type: i32 = "buildroot.br_type",
        /// The content generator
        pub cg_id: Option<i32> = "buildroot.cg_id",
        /// The content generator's name
        pub cg_name: Option<String> = "content_generator.name",
        /// The content generator's version
        pub cg_version: Option<String> = "buildroot.cg_version",
        /// The arch of the container
        pub container_arch: Option<String> = "buildroot.container_arch",
        /// The same, under its older name
        pub arch: Option<String> = "buildroot.container_arch",
        /// The kind of the container
        pub container_type: Option<String> = "buildroot.container_type",
        /// The operating system of the host
        pub host_os: Option<String> = "buildroot.host_os",
        /// The arch of the host
        pub host_arch: Option<String> = "buildroot.host_arch",
        /// What else is known
        pub extra: Option<Json> = "buildroot.extra",
        /// The number of its state
        pub state: Option<i32> = "standard_buildroot.state",
        /// The task that it is for
        pub task_id: Option<i32> = "standard_buildroot.task_id",
        /// The builder
        pub host_id: Option<i32> = "host.id",
        /// The builder's name
        pub host_name: Option<String> = "host.name",
        /// The repo that it is made from
        pub repo_id: Option<i32> = "repo.id",
        /// The number of the repo's state
        pub repo_state: Option<i32> = "repo.state",
        /// The tag of the repo
        pub tag_id: Option<i32> = "tag.id",
        /// The tag's name
        pub tag_name: Option<String> = "tag.name",
        /// The event that made it
        pub create_event_id: Option<i32> = "create_events.id",
        /// When it was made
        pub create_event_time: Option<Time> = "create_events.time",
        /// The same, in seconds since the epoch
        pub create_ts: Option<f64> = "create_events.time",
        /// The event that ended it
        pub retire_event_id: Option<i32> = "retire_events.id",
        /// When it ended
        pub retire_event_time: Option<Time> = "retire_events.time",
        /// The same, in seconds since the epoch
        pub retire_ts: Option<f64> = "retire_events.time",
        /// The event of the repo
        pub repo_create_event_id: Option<i32> = "repo_create.id",
        /// The time of the repo's event
        pub repo_create_event_time: Option<Time> = "repo_create.time",
    }
}

/// Which buildroots are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// These
    pub ids: Option<Vec<i64>>,
    /// Of a host
    pub host: Option<i64>,
    /// Of a tag's repos
    pub tag: Option<i64>,
    /// In these states
    pub states: Option<Vec<i64>>,
    /// With an rpm
    pub rpm: Option<i64>,
    /// With an archive
    pub archive: Option<i64>,
    /// Of a task
    pub task: Option<i64>,
    /// Of a repo
    pub repo: Option<i64>,
}

/// Lists buildroots.
pub fn list(cx: &mut Cx<'_>, wanted: &Wanted, opts: &QueryOpts) -> Result<Rows<BuildrootRow>> {
    for (what, list) in [("buildroots", &wanted.ids), ("states", &wanted.states)] {
        if list.as_ref().is_some_and(Vec::is_empty) {
            return Err(Error::unforeseen(format!("the list of {what} is empty (leave it out for all)")));
        }
    }
    query(wanted).rows(cx.db, opts)
}

/// A buildroot, if there is one.
pub fn find(cx: &mut Cx<'_>, id: i64) -> Result<Option<BuildrootRow>> {
    query(&Wanted { ids: Some(vec![id]), ..Wanted::default() }).first(cx.db)
}

/// A buildroot.
pub fn get(cx: &mut Cx<'_>, id: i64) -> Result<BuildrootRow> {
    find(cx, id)?.ok_or_else(|| missing(id))
}

/// Wants all of some buildroots to be there; an error names the first that is not.
pub fn require(cx: &mut Cx<'_>, ids: &BTreeSet<i32>) -> Result<()> {
    let all: Vec<i32> = ids.iter().copied().collect();
    let there: Vec<i32> = Query::from("buildroot").filter("id IN ?", &all).select(cx.db, "id")?;
    match all.iter().find(|id| !there.contains(id)) {
        Some(id) => Err(missing((*id).into())),
        None => Ok(()),
    }
}

fn missing(id: i64) -> Error {
    Error::generic(format!("No such buildroot: {id}"))
}

fn query(wanted: &Wanted) -> Query {
    Query::from("buildroot")
        .left_join("standard_buildroot ON standard_buildroot.buildroot_id = buildroot.id")
        .left_join("content_generator ON buildroot.cg_id = content_generator.id")
        .left_join("host ON host.id = standard_buildroot.host_id")
        .left_join("repo ON repo.id = standard_buildroot.repo_id")
        .left_join("tag ON tag.id = repo.tag_id")
        .left_join("events AS create_events ON create_events.id = standard_buildroot.create_event")
        .left_join("events AS retire_events ON retire_events.id = standard_buildroot.retire_event")
        .left_join("events AS repo_create ON repo_create.id = repo.create_event")
        .filter_some("buildroot.id IN ?", wanted.ids.clone())
        .filter_some("standard_buildroot.host_id = ?", wanted.host)
        .filter_some("repo.tag_id = ?", wanted.tag)
        .filter_some("standard_buildroot.state IN ?", wanted.states.clone())
        .filter_some(
            "buildroot.id IN (SELECT buildroot_id FROM buildroot_listing WHERE rpm_id = ?)",
            wanted.rpm,
        )
        .filter_some(
            "buildroot.id IN (SELECT buildroot_id FROM buildroot_archives WHERE archive_id = ?)",
            wanted.archive,
        )
        .filter_some("standard_buildroot.task_id = ?", wanted.task)
        .filter_some("standard_buildroot.repo_id = ?", wanted.repo)
}
