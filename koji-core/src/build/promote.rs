//! Making a draft build a regular one.

use super::lookup::BuildRef;
use super::row::{self, BuildRow};
use super::state::BuildState;
use crate::context::Cx;
use crate::db::Update;
use crate::nvr::{Nvr, target_release};
use crate::paths::Paths;
use crate::tag::updates::{self, TagUpdate};
use crate::volume::{self, links};
use crate::what_if::FileAction;
use crate::wire::{self, Value};
use crate::{Error, Result, plugin, policy};

/// Gives a draft the release that it is meant for. Its directory moves with it; a symlink stays at the old place.
pub fn promote(cx: &mut Cx<'_>, build: &BuildRef, force: bool) -> Result<BuildRow> {
    let user = cx.user_id()?;
    let draft = row::get(cx, build)?;
    let refuse =
        |reason: String| Error::generic(format!("Cannot promote build {}. Reason: {reason}", draft.nvr));
    if !draft.draft {
        return Err(refuse("Not a draft build".into()));
    }
    let state = draft.build_state()?;
    if state != BuildState::Complete {
        return Err(refuse(format!("state ({state}) is not COMPLETE.")));
    }
    let target = target_release(&draft.release)?.to_owned();
    let nvr = Nvr {
        name: draft.name.clone(),
        version: draft.version.clone(),
        release: target.clone(),
        epoch: String::new(),
    };
    if let Some(other) = row::find(cx, &BuildRef::Nvr(nvr))? {
        return Err(refuse(format!("Target build exists: {}(#{})", other.nvr, other.id)));
    }
    let data = vec![
        ("build".to_owned(), Value::from(draft.id)),
        ("target_release".to_owned(), Value::from(target.as_str())),
        ("user_id".to_owned(), Value::from(user)),
    ];
    policy::assert(cx, "draft_promotion", &data, force)?;
    hook(cx, "preBuildPromote", (&draft.release, &target), &draft)?;
    Update::table("build")
        .set("draft", false)
        .set("release", &target)
        .set("promoter", user)
        .set("promotion_time", cx.now())
        .filter("id = ?", draft.id)
        .execute(cx.db)?;
    let now = row::get(cx, &BuildRef::from(draft.id))?;
    move_files(cx, &draft, &now)?;
    volume::policy::apply(cx, &now, false)?;
    updates::note_build(cx, now.id, TagUpdate::DraftPromotion)?;
    hook(cx, "postBuildPromote", (&draft.release, &target), &now)?;
    Ok(now)
}

/// Gives the draft's directory the build's place, until the commit fails.
fn move_files(cx: &mut Cx<'_>, draft: &BuildRow, now: &BuildRow) -> Result<()> {
    let (from, to) = (cx.env.paths.build(draft.dir()), cx.env.paths.build(now.dir()));
    if to.symlink_metadata().is_ok() {
        return Err(Error::generic(format!("Destination exists: {}", to.display())));
    }
    // A draft without content has no directory, and can't be promoted.
    from.symlink_metadata().map_err(|source| Error::io(&from, source))?;
    if cx.only_plans(FileAction::Move, &to, Some(&from)) {
        return Ok(());
    }
    let moved = Moved::make(cx.env.paths.clone(), draft, now)?;
    cx.after_commit(move |_| moved.keep());
    Ok(())
}

fn hook(cx: &mut Cx<'_>, point: &str, (from, to): (&str, &str), build: &BuildRow) -> Result<()> {
    plugin::run(cx, point, |cx| {
        let user = vec![
            ("id".to_owned(), Value::from(cx.user_id()?)),
            ("name".to_owned(), Value::from(cx.user_name().map(str::to_owned))),
        ];
        Ok(vec![
            ("draft_release".into(), Value::from(from)),
            ("target_release".into(), Value::from(to)),
            ("build".into(), wire::to_value(build)?),
            ("user".into(), Value::Struct(user)),
        ])
    })
}

/// A directory under its new name, with symlinks from the old one; undone unless it is kept.
struct Moved {
    paths: Paths,
    draft: BuildRow,
    now: BuildRow,
    kept: bool,
}

impl Moved {
    /// The old name is a symlink to the new one at any moment but between two renames.
    fn make(paths: Paths, draft: &BuildRow, now: &BuildRow) -> Result<Self> {
        let (from, to) = (paths.build(draft.dir()), paths.build(now.dir()));
        std::fs::rename(&from, &to).map_err(|source| Error::io(&from, source))?;
        let moved = Self { paths, draft: draft.clone(), now: now.clone(), kept: false };
        links::to_build(&moved.paths, now.dir())?;
        links::to_default(&moved.paths, draft.dir(), now.dir())?;
        Ok(moved)
    }

    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Moved {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        let (from, to) = (self.paths.build(self.draft.dir()), self.paths.build(self.now.dir()));
        let unlinked = if from.is_symlink() { std::fs::remove_file(&from) } else { Ok(()) };
        if let Err(error) = unlinked.and_then(|()| std::fs::rename(&to, &from)) {
            tracing::error!(%error, from = %to.display(), to = %from.display(), "could not move a build back");
        }
    }
}
