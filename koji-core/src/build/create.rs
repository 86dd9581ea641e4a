//! Making a build's entry, or using that of a failed one again.

use serde::Serialize;

use super::files;
use super::hooks::{Change, state_change};
use super::lookup::{self, BuildRef};
use super::row::{self, BuildRow};
use super::state::{self, BuildEvent, BuildState};
use crate::context::Cx;
use crate::db::{Bind, Delete, Insert, Query, Time, Update};
use crate::numbered::Step;
use crate::nvr::{Nvr, draft_release};
use crate::paths::{BuildDir, check_segment};
use crate::what_if::FileAction;
use crate::{Error, Result, package};

/// A build to be.
#[derive(Clone, Debug, Serialize)]
pub struct NewBuild {
    /// The package's name
    pub name: String,
    /// Its version
    pub version: String,
    /// Its release; for a draft the one that it is to get
    pub release: String,
    /// Its epoch
    pub epoch: Option<i64>,
    /// Whether it is a draft
    pub draft: bool,
    /// The state that it begins in
    pub state: BuildState,
    /// Who owns it; the caller if nobody is named
    pub owner: Option<i32>,
    /// The task that makes it
    pub task_id: Option<i32>,
    /// The volume for its files
    pub volume_id: i32,
    /// The content generator that reserves or imports it
    pub cg_id: Option<i32>,
    /// Where its sources come from
    pub source: Option<String>,
    /// What else is known, as JSON
    pub extra: Option<serde_json::Value>,
    /// When it began; now if that is not said
    pub start_time: Option<Time>,
    /// When it ended; now if that is not said
    pub completion_time: Option<Time>,
}

impl NewBuild {
    /// A build that is there, of the caller, on the default volume.
    pub fn of(nvr: Nvr, epoch: Option<i64>) -> Self {
        let Nvr { name, version, release, .. } = nvr;
        Self {
            name,
            version,
            release,
            epoch,
            draft: false,
            state: BuildState::Complete,
            owner: None,
            task_id: None,
            volume_id: 0,
            cg_id: None,
            source: None,
            extra: None,
            start_time: None,
            completion_time: None,
        }
    }

    fn nvr(&self) -> Nvr {
        let Self { name, version, release, .. } = self;
        Nvr { name: name.clone(), version: version.clone(), release: release.clone(), epoch: String::new() }
    }

    fn times(&self, cx: &Cx<'_>) -> (Bind, Bind) {
        let start = self.start_time.unwrap_or_else(|| cx.now());
        let end = match self.state {
            BuildState::Building => Bind::Null,
            _ => self.completion_time.unwrap_or_else(|| cx.now()).into(),
        };
        (start.into(), end)
    }
}

/// Makes a build's entry; that of a failed or canceled build of the same name is used again. Its id.
pub fn create(cx: &mut Cx<'_>, new: &NewBuild) -> Result<i32> {
    check_name(cx, &new.name)?;
    let package = package::create::ensure(cx, &new.name)?;
    for (what, part) in [("name", &new.name), ("version", &new.version), ("release", &new.release)] {
        check_segment(&format!("{what} of a build"), part)?;
    }
    let owner = match new.owner {
        Some(owner) => owner,
        None => cx.user_id()?,
    };
    if let Some(old) = row::find(cx, &BuildRef::Nvr(new.nvr()))? {
        if new.draft {
            return Err(Error::generic(format!("Target build already exists: {} (id={})", old.nvr, old.id)));
        }
        recycle(cx, &old, new, owner)?;
        return Ok(old.id);
    }
    let change = Change { attribute: "state", old: crate::wire::Value::Nil, new: new.state.number_value() };
    state_change(cx, "preBuildStateChange", &change, new)?;
    let id = insert(cx, new, package, owner)?;
    if new.draft {
        make_draft(cx, new, id)?;
    }
    let info = row::get(cx, &BuildRef::from(id))?;
    state_change(cx, "postBuildStateChange", &change, &info)?;
    Ok(id)
}

/// Whether a build may be of a package of this name.
pub fn check_name(cx: &Cx<'_>, name: &str) -> Result<()> {
    if name.is_empty() {
        return Err(Error::generic("No name or package id provided for build"));
    }
    cx.env.config.name_limits()?.verify_internal(name)
}

fn insert(cx: &mut Cx<'_>, new: &NewBuild, package: i32, owner: i32) -> Result<i32> {
    let (start, end) = new.times(cx);
    let event = cx.event()?;
    Insert::into("build")
        .set("pkg_id", package)
        .set("version", &new.version)
        .set("release", &new.release)
        .set("epoch", new.epoch)
        .set("draft", false)
        .set("state", new.state.number())
        .set("volume_id", new.volume_id)
        .set("task_id", new.task_id)
        .set("owner", owner)
        .set("start_time", start)
        .set("completion_time", end)
        .set("source", new.source.as_ref())
        .set("extra", new.extra.as_ref())
        .set("cg_id", new.cg_id)
        .set("create_event", event)
        .returning(cx.db, "id")
}

/// A draft's release names its id, which is known only after the insert.
fn make_draft(cx: &mut Cx<'_>, new: &NewBuild, id: i32) -> Result<()> {
    let release = draft_release(&new.release, id.into());
    let nvr = Nvr { release: release.clone(), ..new.nvr() };
    if lookup::find_id(cx, &BuildRef::Nvr(nvr.clone()))?.is_some() {
        return Err(Error::generic(format!("The build already exists: {nvr}")));
    }
    Update::table("build").set("release", &release).set("draft", true).filter("id = ?", id).execute(cx.db)?;
    Ok(())
}

/// Uses the entry of a failed or canceled build again. It must never have been tagged, nor have any content.
fn recycle(cx: &mut Cx<'_>, old: &BuildRow, new: &NewBuild, owner: i32) -> Result<()> {
    let same_task = old.task_id == new.task_id && new.task_id.is_some();
    let event = BuildEvent::Recycle { to: new.state, same_task };
    let to = match state::next(&old.nvr, old.build_state()?, event)? {
        Step::To(state) => state,
        Step::Already | Step::No => return Ok(()),
    };
    for (table, what) in
        [("tag_listing", "tag history"), ("rpminfo", "rpm data"), ("archiveinfo", "archive data")]
    {
        if Query::from(table).filter("build_id = ?", old.id).exists(cx.db)? {
            return Err(Error::generic(format!(
                "Build already exists: {}. Unable to recycle, has {what}",
                old.nvr
            )));
        }
    }
    let change = Change { attribute: "state", old: old.state.into(), new: to.number_value() };
    state_change(cx, "preBuildStateChange", &change, new)?;
    for table in ["maven_builds", "win_builds", "image_builds", "build_types"] {
        Delete::from(table).filter("build_id = ?", old.id).execute(cx.db)?;
    }
    let (start, end) = new.times(cx);
    let mut update = Update::table("build")
        .set("state", to.number())
        .set("task_id", new.task_id)
        .set("owner", owner)
        .set("start_time", start)
        .set("completion_time", end)
        .set("epoch", new.epoch)
        .set("source", new.source.as_ref())
        .set("extra", new.extra.as_ref())
        .set("volume_id", new.volume_id)
        .set("create_event", cx.event()?)
        .filter("id = ?", old.id);
    if let Some(cg) = new.cg_id {
        update = update.set("cg_id", cg);
    }
    update.execute(cx.db)?;
    remove_strays(cx, old)?;
    let info = row::get(cx, &BuildRef::from(old.id))?;
    state_change(cx, "postBuildStateChange", &change, &info)
}

/// Takes away what an earlier try left on any volume. Nothing of it belongs to the build, which has neither rpms nor
/// archives; it goes now, for this call may bring files to the same place.
fn remove_strays(cx: &mut Cx<'_>, old: &BuildRow) -> Result<()> {
    let volumes: Vec<String> = Query::from("volume").select(cx.db, "name")?;
    for volume in &volumes {
        let dir = cx.env.paths.build(BuildDir { volume: Some(volume), ..old.dir() });
        if dir.symlink_metadata().is_ok() && !cx.only_plans(FileAction::Remove, &dir, None) {
            tracing::warn!(dir = %dir.display(), "removing what an earlier try of a build left");
            files::remove_now(&dir)?;
        }
    }
    Ok(())
}

impl BuildState {
    /// Its number on the wire.
    pub fn number_value(self) -> crate::wire::Value {
        i32::from(self.number()).into()
    }
}
