//! The regular build that stands where a draft would have to go.

use super::lookup::BuildRef;
use super::row::{self, BuildRow};
use crate::Result;
use crate::context::Cx;
use crate::nvr::{Nvr, target_release};

/// `getPromotedBuild`: the regular build that has the name, version and release that a draft is meant for. None if
/// there is no such build yet, or if the build is no draft. A `safe` question about a build that is unknown, or about a
/// draft without a release to go to, has none for an answer instead of an error.
pub fn find(cx: &mut Cx<'_>, build: &BuildRef, safe: bool) -> Result<Option<BuildRow>> {
    let Some(draft) = row::find_or_fail(cx, build, !safe)?.filter(|build| build.draft) else {
        return Ok(None);
    };
    let release = match target_release(&draft.release) {
        Ok(release) => release.to_owned(),
        Err(error) if safe => {
            tracing::error!(%error, build = draft.nvr, "a draft without a release to go to");
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let nvr = Nvr { name: draft.base.name, version: draft.base.version, release, epoch: String::new() };
    row::find(cx, &BuildRef::Nvr(nvr))
}
