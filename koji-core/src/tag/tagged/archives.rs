//! The archives of the builds that a tag shows.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value as Json;

use super::builds::{TaggedBuild, Wanted, builds};
use crate::archive::list::StoredRow;
use crate::context::Cx;
use crate::db::Query;
use crate::{Error, Result};

/// An archive of a tagged build.
#[derive(Clone, Debug, Serialize)]
pub struct TaggedArchive {
    /// What is stored of it
    #[serde(flatten)]
    pub row: StoredRow,
    /// What its type adds
    #[serde(flatten)]
    typed: Option<Typed>,
    /// What else is known, if that was asked for
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra: Option<Option<Json>>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum Typed {
    Maven { maven_group_id: String, maven_artifact_id: String, maven_version: String },
    Win { relpath: String, platforms: String, flags: Option<String> },
}

/// The archives of the builds wanted and the builds. With a type, builds and archives must be of it; only `maven`
/// and `win` are known here.
pub fn archives(
    cx: &mut Cx<'_>,
    wanted: &Wanted,
    with_extra: bool,
) -> Result<(Vec<TaggedArchive>, Vec<TaggedBuild>)> {
    let builds = builds(cx, wanted)?;
    let places: HashMap<i32, usize> =
        builds.iter().enumerate().map(|(at, build)| (build.row.build_id, at)).collect();
    let ids: Vec<i32> = places.keys().copied().collect();
    let query = Query::from("archiveinfo")
        .join("btype ON btype.id = archiveinfo.btype_id")
        .filter("archiveinfo.build_id IN ?", ids);
    let (query, mut typed) = of_type(cx, query, wanted.btype.as_deref())?;
    let mut extras: HashMap<i32, Json> = HashMap::new();
    if with_extra {
        let extra = query.clone().filter("archiveinfo.extra IS NOT NULL", ());
        extras.extend(extra.select::<(i32, Json)>(cx.db, "archiveinfo.id, archiveinfo.extra")?);
    }
    let mut rows: Vec<StoredRow> = query.load(cx.db)?;
    rows.sort_by_key(|row| (places.get(&row.build_id).copied(), row.id));
    let archive = |row: StoredRow| TaggedArchive {
        typed: typed.remove(&row.id),
        extra: with_extra.then(|| extras.remove(&row.id)),
        row,
    };
    Ok((rows.into_iter().map(archive).collect(), builds))
}

fn of_type(cx: &mut Cx<'_>, query: Query, btype: Option<&str>) -> Result<(Query, HashMap<i32, Typed>)> {
    match btype {
        None => Ok((query, HashMap::new())),
        Some("maven") => {
            let query = query.join("maven_archives ON maven_archives.archive_id = archiveinfo.id");
            let columns = "archiveinfo.id, maven_archives.group_id, maven_archives.artifact_id, \
                           maven_archives.version";
            let rows: Vec<(i32, String, String, String)> = query.select(cx.db, columns)?;
            let typed = rows.into_iter().map(|(id, maven_group_id, maven_artifact_id, maven_version)| {
                (id, Typed::Maven { maven_group_id, maven_artifact_id, maven_version })
            });
            let typed = typed.collect();
            Ok((query, typed))
        }
        Some("win") => {
            let query = query.join("win_archives ON win_archives.archive_id = archiveinfo.id");
            let columns = "archiveinfo.id, win_archives.relpath, win_archives.platforms, win_archives.flags";
            let rows: Vec<(i32, String, String, Option<String>)> = query.select(cx.db, columns)?;
            let typed = rows
                .into_iter()
                .map(|(id, relpath, platforms, flags)| (id, Typed::Win { relpath, platforms, flags }));
            let typed = typed.collect();
            Ok((query, typed))
        }
        Some(name) => Err(Error::generic(format!("unsupported archive type: {name}"))),
    }
}
