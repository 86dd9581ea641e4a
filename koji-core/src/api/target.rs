//! Methods about build targets.

use super::cast::{EventId, NameText, Truthy};
use super::later::Later;
use crate::context::Cx;
use crate::db::{Lookup, QueryOpts, Rows};
use crate::methods;
use crate::target::edit::{self, Tags};
use crate::target::get::{self, TargetRow, Wanted};
use crate::{Error, Result};

methods! {
    /// Makes a build target.
    write Perm("target") => CreateBuildTarget "createBuildTarget"
        (name: NameText, build_tag: Later<Lookup>, dest_tag: Later<Lookup>) -> ()
        = |m, cx| edit::create(cx, &m.name.0, |cx| tags(cx, m.build_tag, m.dest_tag));

    /// Changes the name and the tags of a build target.
    write Perm("target") => EditBuildTarget "editBuildTarget"
        (buildTargetInfo: Later<Lookup>, name: NameText, build_tag: Later<Lookup>, dest_tag: Later<Lookup>) -> ()
        = |m, cx| {
            let target = || m.buildTargetInfo.read("buildTargetInfo");
            edit::edit(cx, target, &m.name.0, |cx| tags(cx, m.build_tag, m.dest_tag))
        };

    /// Deletes a build target. Its name, id and history stay.
    write Perm("target") => DeleteBuildTarget "deleteBuildTarget" (buildTargetInfo: Lookup) -> ()
        = |m, cx| edit::delete(cx, &m.buildTargetInfo);

    /// Lists build targets: all, or those of a build tag or a destination tag.
    read Anyone => GetBuildTargets "getBuildTargets" (
        info: Truthy<Lookup> = Truthy(None), event: Option<EventId> = None, buildTagID: Option<Lookup> = None,
        destTagID: Option<Lookup> = None, queryOpts: QueryOpts = QueryOpts::default()
    ) -> Rows<TargetRow> = |m, cx| {
        let wanted = Wanted {
            info: m.info.0, event: m.event.map(i32::from), build_tag: m.buildTagID, dest_tag: m.destTagID,
        };
        get::list(cx, &wanted, &m.queryOpts)
    };

    /// A build target, now or at an event.
    read Anyone => GetBuildTarget "getBuildTarget"
        (info: Truthy<Lookup>, event: Option<EventId> = None, strict: bool = false) -> Option<TargetRow>
        = |m, cx| one(cx, m.info.0, m.event, m.strict);
}

fn tags(cx: &mut Cx<'_>, build: Later<Lookup>, dest: Later<Lookup>) -> Result<Tags> {
    let build = edit::tag(cx, "build", &build.read("build_tag")?)?;
    Ok(Tags { build, dest: edit::tag(cx, "destination", &dest.read("dest_tag")?)? })
}

fn one(
    cx: &mut Cx<'_>,
    info: Option<Lookup>,
    event: Option<EventId>,
    strict: bool,
) -> Result<Option<TargetRow>> {
    let wanted = Wanted { info, event: event.map(i32::from), ..Wanted::default() };
    match get::find(cx, &wanted)? {
        None if strict => Err(wanted.info.as_ref().map_or_else(
            || Error::generic("No build target was named, and there is not exactly one"),
            get::missing,
        )),
        found => Ok(found),
    }
}
