//! Deleting builds, and resetting them.
//!
//! A deleted build keeps its name and the rows of its rpms and archives; its files and signatures go. A reset build
//! keeps nothing but its entry, so that it can be used again.

use super::lookup::BuildRef;
use super::references::{self, Extent, References};
use super::row::{self, BuildRow};
use super::state::{BuildEvent, BuildState};
use super::{change, files};
use crate::context::Cx;
use crate::db::{Bind, Delete, Query, versioned};
use crate::nvr::draft_release;
use crate::paths::{BuildDir, DEFAULT_VOLUME};
use crate::{Error, Result};

/// How much is tolerated.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Whether a build that can't be deleted is an error; otherwise the answer is false.
    pub strict: bool,
    /// How long ago it must have been in a buildroot for the last time, in seconds.
    pub min_ref_age_s: f64,
}

/// Deletes a build that nothing refers to. None if it was deleted before, false if something refers to it.
pub fn delete(cx: &mut Cx<'_>, build: &BuildRef, wish: Wish) -> Result<Option<bool>> {
    let build = row::get(cx, build)?;
    match build.build_state()? {
        BuildState::Deleted => return Ok(None),
        BuildState::Building => {
            return Err(Error::unforeseen(format!(
                "Cannot delete build {}, it is under way: cancel it",
                build.nvr
            )));
        }
        _ => {}
    }
    let found = references::of(cx, build.id, Extent { limit: Some(10), lazy: true })?;
    if let Some(reason) = in_use(&found, cx.now().0 - wish.min_ref_age_s) {
        if wish.strict {
            return Err(Error::generic(format!("Cannot delete build {}, {reason}", build.nvr)));
        }
        return Ok(Some(false));
    }
    for table in ["rpmsigs", "rpm_checksum"] {
        Delete::from(table)
            .filter("rpm_id IN (SELECT id FROM rpminfo WHERE build_id = ?)", build.id)
            .execute(cx.db)?;
    }
    if Query::from("tag_listing").filter("active = TRUE AND build_id = ?", build.id).exists(cx.db)? {
        versioned::revoke(cx, "tag_listing", "build_id = ?", build.id)?;
    }
    change::apply(cx, &build, BuildEvent::Delete, |update| update)?;
    remove_files(cx, &build)?;
    tracing::info!(build = build.nvr, user = cx.user_name(), "build deleted");
    Ok(Some(true))
}

fn in_use(found: &References, newest: f64) -> Option<String> {
    let names = |names: Vec<&str>| names.join(", ");
    if !found.tags.is_empty() {
        return Some(format!("tagged: {}", names(found.tags.iter().map(|tag| tag.name.as_str()).collect())));
    }
    if let Some(rpms) = found.rpms.as_ref().filter(|rpms| !rpms.is_empty()) {
        let rpms = names(rpms.iter().map(|rpm| rpm.name.as_str()).collect());
        return Some(format!("used in buildroots of: {rpms}"));
    }
    if let Some(archives) = found.archives.as_ref().filter(|archives| !archives.is_empty()) {
        let archives = names(archives.iter().map(|archive| archive.filename.as_str()).collect());
        return Some(format!("used in archive buildroots of: {archives}"));
    }
    if let Some(holders) = found.component_of.as_ref().filter(|holders| !holders.is_empty()) {
        return Some(format!("used as component of archives: {holders:?}"));
    }
    match found.last_used {
        Some(Some(used)) if used > newest => Some("used in recent buildroot".to_owned()),
        _ => None,
    }
}

/// What refers to rpms and archives of a build, and goes with a reset: table, column, whether it names rpms.
const PARTS: [(&str, &str, &str); 11] = [
    ("rpmsigs", "rpm_id", "rpminfo"),
    ("rpm_checksum", "rpm_id", "rpminfo"),
    ("buildroot_listing", "rpm_id", "rpminfo"),
    ("archive_rpm_components", "rpm_id", "rpminfo"),
    ("maven_archives", "archive_id", "archiveinfo"),
    ("win_archives", "archive_id", "archiveinfo"),
    ("image_archives", "archive_id", "archiveinfo"),
    ("buildroot_archives", "archive_id", "archiveinfo"),
    ("archive_rpm_components", "archive_id", "archiveinfo"),
    ("archive_components", "archive_id", "archiveinfo"),
    ("archive_components", "component_id", "archiveinfo"),
];

/// What refers to the build itself, and goes with a reset.
const OWN: [&str; 7] =
    ["rpminfo", "archiveinfo", "maven_builds", "win_builds", "image_builds", "build_types", "tag_listing"];

/// Takes everything of a build back but its entry, which becomes that of a canceled build. No build is no error.
pub fn reset(cx: &mut Cx<'_>, build: &BuildRef) -> Result<()> {
    let Some(build) = row::find(cx, build)? else { return Ok(()) };
    for (table, column, parts) in PARTS {
        Delete::from(table)
            .filter(&format!("{column} IN (SELECT id FROM {parts} WHERE build_id = ?)"), build.id)
            .execute(cx.db)?;
    }
    for table in OWN {
        Delete::from(table).filter("build_id = ?", build.id).execute(cx.db)?;
    }
    change::apply(cx, &build, BuildEvent::Reset, |update| {
        update.set("task_id", Bind::Null).set("volume_id", 0)
    })?;
    remove_files(cx, &build)?;
    tracing::info!(build = build.nvr, user = cx.user_name(), "build reset");
    Ok(())
}

/// The build's directory, and the symlinks that lead to it from the default volume and from its time as a draft.
fn remove_files(cx: &mut Cx<'_>, build: &BuildRow) -> Result<()> {
    let paths = cx.env.paths.clone();
    let mut links = Vec::new();
    if build.volume_name != DEFAULT_VOLUME {
        links.push(paths.build(BuildDir { volume: Some(DEFAULT_VOLUME), ..build.dir() }));
    }
    if !build.draft {
        let release = draft_release(&build.release, build.id.into());
        let volumes: Vec<String> = Query::from("volume").select(cx.db, "name")?;
        let draft = |volume: &String| {
            paths.build(BuildDir { volume: Some(volume), release: &release, ..build.dir() })
        };
        links.extend(volumes.iter().map(draft));
    }
    for link in links {
        if link.is_symlink() {
            files::remove(cx, &link);
        }
    }
    files::remove(cx, &paths.build(build.dir()));
    Ok(())
}
