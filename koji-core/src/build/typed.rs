//! What is known of builds of the types that have a table of their own: Maven, Windows, images.

use super::btype;
use super::lookup::{BuildRef, find_id, get_id};
use super::row::BuildRow;
use crate::context::Cx;
use crate::db::{Insert, Query, Row, Update};
use crate::row;
use crate::wire::Value;
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
    // 0 is no build, but is not looked for either.
    let Some(id) = id.filter(|id| *id != 0) else { return Ok(None) };
    match Query::from(table).filter("build_id = ?", id).first(cx.db)? {
        None if strict => Err(Error::generic(format!("no such {kind} build: {build}"))),
        found => Ok(found),
    }
}

/// Makes a build a Maven build. What is known of one already must be the same.
pub fn make_maven(cx: &mut Cx<'_>, build: &BuildRow, info: &Value) -> Result<()> {
    refuse_draft(build)?;
    let info = members("maven_info", info)?;
    match find_maven(cx, build.id)? {
        Some(known) => {
            same(build, info, "group_id", &known.group_id)?;
            same(build, info, "artifact_id", &known.artifact_id)?;
            same(build, info, "version", &known.version)?;
        }
        None if info.is_empty() => return Err(Error::generic("Maven info is empty")),
        None => Insert::into("maven_builds")
            .set("build_id", build.id)
            .set("group_id", mandatory(info, "Maven", "group_id")?)
            .set("artifact_id", mandatory(info, "Maven", "artifact_id")?)
            .set("version", mandatory(info, "Maven", "version")?)
            .execute(cx.db)?,
    }
    btype::add(cx, build.id, "maven")
}

/// Makes a build a Windows build, or changes what it was built on.
pub fn make_win(cx: &mut Cx<'_>, build: &BuildRow, info: &Value) -> Result<()> {
    refuse_draft(build)?;
    let info = members("win_info", info)?;
    if info.is_empty() {
        return Err(Error::generic("Windows info is empty"));
    }
    let platform = &mandatory(info, "Windows", "platform")?;
    match find_win(cx, build.id)? {
        Some(known) if known.platform == *platform => {}
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

fn members<'v>(what: &str, info: &'v Value) -> Result<&'v [(String, Value)]> {
    info.as_struct().ok_or_else(|| Error::generic(format!("Invalid type for {what}: {}", info.kind())))
}

fn field<'m>(info: &'m [(String, Value)], key: &str) -> Option<&'m Value> {
    info.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// A text that must be said. The database takes a number as its digits.
fn mandatory(info: &[(String, Value)], what: &str, key: &str) -> Result<String> {
    match field(info, key) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Int(number)) => Ok(number.to_string()),
        Some(other) => Err(Error::unforeseen(format!("{key} is text, not {}", other.kind()))),
        None => Err(Error::generic(format!("{what} info doesn't have mandatory {key} key"))),
    }
}

/// Refuses what differs from what is known. Only a new entry is checked for what it lacks.
fn same(build: &BuildRow, info: &[(String, Value)], key: &str, known: &str) -> Result<()> {
    match field(info, key) {
        Some(Value::String(given)) if given == known => Ok(()),
        Some(given) => Err(Error::build(format!(
            "{key} mismatch (build {}: existing={known}, new={})",
            build.nvr,
            given.as_str().unwrap_or(given.kind())
        ))),
        None => Err(Error::unforeseen(format!("the Maven info lacks {key}"))),
    }
}
