//! [`BuildRow`]: a build as `getBuild` answers it.

use serde_json::Value as Json;

use super::lookup::{BuildRef, find_id};
use super::state::BuildState;
use crate::Result;
use crate::context::Cx;
use crate::db::{Query, Time};
use crate::paths::BuildDir;
use crate::row;

row! {
    /// A build as listings have it.
    pub struct ListedBuild {
        /// Its id
        pub build_id: i32 = "build.id",
        /// Its version
        pub version: String = "build.version",
        /// Its release
        pub release: String = "build.release",
        /// Its epoch
        pub epoch: Option<i64> = "build.epoch",
        /// Whether it is a draft
        pub draft: bool = "build.draft",
        /// The number of its state
        pub state: i32 = "build.state",
        /// When it ended
        pub completion_time: Option<Time> = "build.completion_time",
        /// When it ceased to be a draft
        pub promotion_time: Option<Time> = "build.promotion_time",
        /// When it began
        pub start_time: Option<Time> = "build.start_time",
        /// Where its sources come from
        pub source: Option<String> = "build.source",
        /// What else is known
        pub extra: Option<Json> = "build.extra",
        /// The event that made its entry
        pub creation_event_id: i32 = "events.id",
        /// When its entry was made
        pub creation_time: Time = "events.time",
        /// The task that made it
        pub task_id: Option<i32> = "build.task_id",
        /// `creation_time` in seconds since the epoch
        pub creation_ts: f64 = "events.time",
        /// `start_time` in seconds since the epoch
        pub start_ts: Option<f64> = "build.start_time",
        /// `completion_time` in seconds since the epoch
        pub completion_ts: Option<f64> = "build.completion_time",
        /// `promotion_time` in seconds since the epoch
        pub promotion_ts: Option<f64> = "build.promotion_time",
        /// The package's id
        pub package_id: i32 = "package.id",
        /// The package's name
        pub package_name: String = "package.name",
        /// The package's name
        pub name: String = "package.name",
        /// The volume that its files are on
        pub volume_id: i32 = "volume.id",
        /// The volume's name
        pub volume_name: String = "volume.name",
        /// name-version-release
        pub nvr: String = "package.name || '-' || build.version || '-' || build.release",
        /// Who owns it
        pub owner_id: i32 = "users.id",
        /// The owner's name
        pub owner_name: String = "users.name",
        /// Who promoted it
        pub promoter_id: Option<i32> = "promoter.id",
        /// The name of who promoted it
        pub promoter_name: Option<String> = "promoter.name",
    }
}

row! {
    /// A build.
    pub struct BuildRow: ListedBuild {
        /// Its id, which listings have under its longer name only
        pub id: i32 = "build.id",
        /// The content generator that reserved or imported it
        pub cg_id: Option<i32> = "build.cg_id",
        /// The content generator's name
        pub cg_name: Option<String> = "content_generator.name",
    }
}

impl ListedBuild {
    /// What its directory depends on.
    pub fn dir(&self) -> BuildDir<'_> {
        let Self { name, version, release, volume_name, .. } = self;
        BuildDir { name, version, release, volume: Some(volume_name) }
    }

    /// Its state.
    pub fn build_state(&self) -> Result<BuildState> {
        BuildState::from_number(self.state.into())
    }
}

/// Builds with all that [`BuildRow`] tells.
pub fn query() -> Query {
    Query::from("build")
        .join("events ON build.create_event = events.id")
        .join("package ON build.pkg_id = package.id")
        .join("volume ON build.volume_id = volume.id")
        .join("users ON build.owner = users.id")
        .left_join("users AS promoter ON build.promoter = promoter.id")
        .left_join("content_generator ON build.cg_id = content_generator.id")
}

/// A build, if there is one.
pub fn find(cx: &mut Cx<'_>, build: &BuildRef) -> Result<Option<BuildRow>> {
    match find_id(cx, build)? {
        Some(id) => query().filter("build.id = ?", id).first(cx.db),
        None => Ok(None),
    }
}

/// A build.
pub fn get(cx: &mut Cx<'_>, build: &BuildRef) -> Result<BuildRow> {
    find(cx, build)?.ok_or_else(|| build.missing())
}

/// A build; none or an error when there is none, as `strict` asks.
pub fn find_or_fail(cx: &mut Cx<'_>, build: &BuildRef, strict: bool) -> Result<Option<BuildRow>> {
    match find(cx, build)? {
        None if strict => Err(build.missing()),
        found => Ok(found),
    }
}
