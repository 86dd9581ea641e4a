//! What is known of builds of the types that have a table of their own: Maven, Windows, images.

use super::btype;
use super::lookup::{BuildRef, find_id, get_id};
use super::row::BuildRow;
use crate::context::Cx;
use crate::db::{Insert, Query, Row, Update};
use crate::row;
use crate::{Error, Result};

row! {
    /// A Maven build.
    pub struct MavenBuild {
        /// The build
        pub build_id: i32 = "build_id",
        /// The group id
        pub group_id: String = "group_id",
        /// The artifact id
        pub artifact_id: String = "artifact_id",
        /// The version
        pub version: String = "version",
    }
}

row! {
    /// A Windows build.
    pub struct WinBuild {
        /// The build
        pub build_id: i32 = "build_id",
        /// What it was built on
        pub platform: String = "platform",
    }
}

row! {
    /// An image build.
    pub struct ImageBuild {
        /// The build
        pub build_id: i32 = "build_id",
    }
}

/// What Maven calls a build.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
pub struct MavenInfo {
    /// The group id
    pub group_id: String,
    /// The artifact id
    pub artifact_id: String,
    /// The version
    pub version: String,
}

/// The Maven part of a build, if it has one.
pub fn find_maven(cx: &mut Cx<'_>, build: i32) -> Result<Option<MavenBuild>> {
    Query::from("maven_builds").filter("build_id = ?", build).first(cx.db)
}

/// The Windows part of a build, if it has one.
pub fn find_win(cx: &mut Cx<'_>, build: i32) -> Result<Option<WinBuild>> {
    Query::from("win_builds").filter("build_id = ?", build).first(cx.db)
}

/// The image part of a build, if it has one.
pub fn find_image(cx: &mut Cx<'_>, build: i32) -> Result<Option<ImageBuild>> {
    Query::from("image_builds").filter("build_id = ?", build).first(cx.db)
}

/// The part of a build that a table of types holds; `kind` is what people call it.
pub fn answer<T: Row>(
    cx: &mut Cx<'_>,
    table: &str,
    kind: &str,
    build: &BuildRef,
    strict: bool,
) -> Result<Option<T>> {
    let id = if strict { Some(get_id(cx, build)?) } else { find_id(cx, build)? };
    let Some(id) = id else { return Ok(None) };
    match Query::from(table).filter("build_id = ?", id).first(cx.db)? {
        None if strict => Err(Error::generic(format!("no such {kind} build: {build}"))),
        found => Ok(found),
    }
}

/// Makes a build a Maven build. What is known of one already must be the same.
pub fn make_maven(cx: &mut Cx<'_>, build: &BuildRow, info: &MavenInfo) -> Result<()> {
    refuse_draft(build)?;
    match find_maven(cx, build.id)? {
        Some(known) => {
            same(build, "group_id", &known.group_id, &info.group_id)?;
            same(build, "artifact_id", &known.artifact_id, &info.artifact_id)?;
            same(build, "version", &known.version, &info.version)?;
        }
        None => Insert::into("maven_builds")
            .set("build_id", build.id)
            .set("group_id", &info.group_id)
            .set("artifact_id", &info.artifact_id)
            .set("version", &info.version)
            .execute(cx.db)?,
    }
    btype::add(cx, build.id, "maven")
}

/// Makes a build a Windows build, or changes what it was built on.
pub fn make_win(cx: &mut Cx<'_>, build: &BuildRow, platform: &str) -> Result<()> {
    refuse_draft(build)?;
    match find_win(cx, build.id)? {
        Some(known) if known.platform == platform => {}
        Some(_) => {
            Update::table("win_builds")
                .set("platform", platform)
                .filter("build_id = ?", build.id)
                .execute(cx.db)?;
        }
        None => {
            Insert::into("win_builds").set("build_id", build.id).set("platform", platform).execute(cx.db)?;
        }
    }
    btype::add(cx, build.id, "win")
}

/// Makes a build an image build.
pub fn make_image(cx: &mut Cx<'_>, build: &BuildRow) -> Result<()> {
    refuse_draft(build)?;
    Insert::into("image_builds").set("build_id", build.id).or_ignore(cx.db)?;
    btype::add(cx, build.id, "image")
}

/// Drafts are for rpms only.
pub fn refuse_draft(build: &BuildRow) -> Result<()> {
    if build.draft {
        return Err(Error::generic(format!("{} is a draft build, which can only have rpms", build.nvr)));
    }
    Ok(())
}

fn same(build: &BuildRow, field: &str, known: &str, given: &str) -> Result<()> {
    if known == given {
        return Ok(());
    }
    Err(Error::build(format!("{field} mismatch (build {}: existing={known}, new={given})", build.nvr)))
}
