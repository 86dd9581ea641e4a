//! `listBuilds`.

use super::row::ListedBuild;
use crate::context::Cx;
use crate::db::dialect::glob_to_like;
use crate::db::{Lookup, Query, QueryOpts, Rows, Time, lookup};
use crate::{Error, Result, package, row, user};
use serde::Serialize;

row! {
    /// A Maven build in a list.
    pub struct ListedMaven: ListedBuild {
        /// Maven's group id
        pub maven_group_id: String = "maven_builds.group_id",
        /// Maven's artifact id
        pub maven_artifact_id: String = "maven_builds.artifact_id",
        /// Maven's version
        pub maven_version: String = "maven_builds.version",
    }
}

row! {
    /// A Windows build in a list.
    pub struct ListedWin: ListedBuild {
        /// What it was built on
        pub platform: String = "win_builds.platform",
    }
}

/// The answer: what its rows have depends on the type that was asked for.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Listed {
    /// Any builds
    Plain(Rows<ListedBuild>),
    /// Maven builds
    Maven(Rows<ListedMaven>),
    /// Windows builds
    Win(Rows<ListedWin>),
}

/// Before and after which moment; neither is included.
#[derive(Clone, Copy, Debug, Default)]
pub struct Between {
    /// Before
    pub before: Option<Time>,
    /// After
    pub after: Option<Time>,
}

/// Which builds are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of a package
    pub package: Option<Lookup>,
    /// Of an owner
    pub user: Option<Lookup>,
    /// Promoted by a user
    pub promoter: Option<Lookup>,
    /// Of a task; -1 for any task
    pub task: Option<i64>,
    /// Of packages whose names begin so, whatever the case
    pub prefix: Option<String>,
    /// With a name-version-release that matches a glob, whatever the case
    pub pattern: Option<String>,
    /// With a source that matches a glob, whatever the case
    pub source: Option<String>,
    /// In a state
    pub state: Option<i64>,
    /// On a volume
    pub volume: Option<i64>,
    /// Of a content generator
    pub cg: Option<Lookup>,
    /// Drafts only, or none
    pub draft: Option<bool>,
    /// When the entry was made
    pub created: Between,
    /// When they ended
    pub completed: Between,
    /// When they were promoted
    pub promoted: Between,
    /// Of a type
    pub btype: Option<Lookup>,
    /// What the type's own table must say: column and value
    pub type_info: Vec<(&'static str, Option<String>)>,
}

/// Lists builds. A package, user or content generator that is not there has none.
pub fn list(cx: &mut Cx<'_>, wanted: &Wanted, opts: &QueryOpts) -> Result<Listed> {
    let Some(query) = filtered(cx, wanted)? else {
        // not even a count: clients that ask for one get a list
        return Ok(Listed::Plain(Rows::List(Vec::new())));
    };
    let with_info = |query: Query, table: &str| {
        wanted.type_info.iter().fold(query, |query, (column, value)| {
            query.filter(&format!("{table}.{column} = ?"), value.as_deref())
        })
    };
    let Some(btype) = &wanted.btype else { return query.rows(cx.db, opts).map(Listed::Plain) };
    match btype.name() {
        Some("maven") => {
            let query = query.join("maven_builds ON build.id = maven_builds.build_id");
            with_info(query, "maven_builds").rows(cx.db, opts).map(Listed::Maven)
        }
        Some("win") => {
            let query = query.join("win_builds ON build.id = win_builds.build_id");
            with_info(query, "win_builds").rows(cx.db, opts).map(Listed::Win)
        }
        Some("image") => query
            .join("image_builds ON build.id = image_builds.build_id")
            .rows(cx.db, opts)
            .map(Listed::Plain),
        _ => {
            let id = lookup::find(cx, "btype", btype)?
                .ok_or_else(|| Error::generic(format!("unsupported build type: {btype}")))?
                .id;
            query
                .join_with(
                    "JOIN",
                    "build_types ON build.id = build_types.build_id AND build_types.btype_id = ?",
                    id,
                )
                .rows(cx.db, opts)
                .map(Listed::Plain)
        }
    }
}

/// The builds that are wanted, but for their type; none if something that they should belong to is not there.
fn filtered(cx: &mut Cx<'_>, wanted: &Wanted) -> Result<Option<Query>> {
    let mut query = Query::from("build")
        .join("events ON build.create_event = events.id")
        .join("package ON build.pkg_id = package.id")
        .join("volume ON build.volume_id = volume.id")
        .join("users ON build.owner = users.id")
        .left_join("users AS promoter ON build.promoter = promoter.id");
    if let Some(name) = &wanted.package {
        let Some(package) = package::lookup::find(cx, name)? else { return Ok(None) };
        query = query.filter("package.id = ?", package.id);
    }
    for (name, column) in [(&wanted.user, "build.owner"), (&wanted.promoter, "build.promoter")] {
        let Some(name) = name else { continue };
        let Some(user) = user::lookup::find(cx, name)? else { return Ok(None) };
        query = query.filter(&format!("{column} = ?"), user.id);
    }
    if let Some(name) = &wanted.cg {
        let Some(cg) = lookup::find(cx, "content_generator", name)? else { return Ok(None) };
        query = query.filter("build.cg_id = ?", cg.id);
    }
    query = match wanted.task {
        Some(-1) => query.filter("build.task_id IS NOT NULL", ()),
        task => query.filter_some("build.task_id = ?", task),
    };
    let nvr = "lower(package.name || '-' || build.version || '-' || build.release) LIKE lower(?) ESCAPE '\\'";
    query = query
        .filter_some("build.volume_id = ?", wanted.volume)
        .filter_some("build.state = ?", wanted.state)
        .filter_some("build.draft = ?", wanted.draft)
        .filter_some(
            "lower(build.source) LIKE lower(?) ESCAPE '\\'",
            wanted.source.as_deref().map(glob_to_like),
        )
        .filter_some("lower(package.name) LIKE lower(?) || '%'", wanted.prefix.as_deref())
        .filter_some(nvr, wanted.pattern.as_deref().map(glob_to_like));
    for (column, between) in [
        ("events.time", wanted.created),
        ("build.completion_time", wanted.completed),
        ("build.promotion_time", wanted.promoted),
    ] {
        query = query
            .filter_some(&format!("{column} < ?"), between.before)
            .filter_some(&format!("{column} > ?"), between.after);
    }
    Ok(Some(query))
}
