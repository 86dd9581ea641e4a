//! Methods that tag and untag builds.

use super::args::Arg as _;
use super::cast::{Iterated, given};
use super::later::Later;
use crate::build::BuildRef;
use crate::db::Lookup;
use crate::methods;
use crate::notification::send::{self, Tagged};
use crate::tag::tagging::direct::{self, Wish};
use crate::tag::tagging::request::{self, MoveAll, Request};
use crate::user::info::UserRef;

methods! {
    /// Asks for a build to be tagged, or moved from another tag; the id of the task.
    write User => TagBuild "tagBuild"
        (tag: Lookup, build: BuildRef, force: bool = false, fromtag: Option<Lookup> = None) -> i32 = |m, cx|
        request::ask(cx, &Request { to: m.tag, build: m.build, force: m.force, from: given(m.fromtag) });

    /// Tags a build at once, without looking at the package list.
    write Perm("tag") => TagBuildBypass "tagBuildBypass"
        (tag: Lookup, build: BuildRef, force: bool = false, notify: bool = false) -> () = |m, cx|
        direct::tag(cx, &Wish { tag: m.tag, build: m.build, strict: true, force: m.force, notify: m.notify });

    /// Untags a build at once.
    write User => UntagBuild "untagBuild"
        (tag: Lookup, build: BuildRef, strict: bool = true, force: bool = false) -> () = |m, cx|
        direct::untag(cx, &Wish { tag: m.tag, build: m.build, strict: m.strict, force: m.force, notify: true });

    /// Untags a build at once, for synchronisation: mails are sent only if asked for.
    write Perm("tag") => UntagBuildBypass "untagBuildBypass" (
        tag: Lookup, build: BuildRef, strict: bool = true, force: bool = false, notify: bool = false
    ) -> () = |m, cx| {
        let UntagBuildBypass { tag, build, strict, force, notify } = m;
        direct::untag(cx, &Wish { tag, build, strict, force, notify })
    };

    /// Asks for a build to be moved from one tag to another; the id of the task. Without the first tag it is tagged.
    write User => MoveBuild "moveBuild"
        (tag1: Option<Lookup>, tag2: Lookup, build: BuildRef, force: bool = false) -> i32 = |m, cx|
        request::ask(cx, &Request { to: m.tag2, build: m.build, force: m.force, from: given(m.tag1) });

    /// Asks for all builds of a package to be moved, in their order; the ids of the tasks.
    write User => MoveAllBuilds "moveAllBuilds"
        (tag1: Lookup, tag2: Lookup, package: Lookup, force: bool = false) -> Vec<i32> = |m, cx|
        request::move_all(cx, &MoveAll { from: m.tag1, to: m.tag2, package: m.package, force: m.force });

    /// Tags builds in their order, whatever locks, package list and policy say: all of them or none.
    write Perm("tag") => MassTag "massTag" (tag: Lookup, builds: Later<Iterated>) -> ()
        = |m, cx| direct::mass(cx, &m.tag, || {
            m.builds.read("builds")?.0.into_iter().map(BuildRef::take).collect()
        });

    /// What a builder does about a task of tagging, as the task's owner.
    write Host => HostTagBuild "host.tagBuild" (
        task_id: i64, tag: Lookup, build: BuildRef, force: bool = false, fromtag: Option<Lookup> = None
    ) -> () = |m, cx| request::carry_out(cx, m.task_id, &Request {
        to: m.tag, build: m.build, force: m.force, from: given(m.fromtag),
    });

    /// Makes the task that tells of tagging, if there is anybody to tell.
    write Host => HostTagNotification "host.tagNotification" (
        is_successful: bool, tag_id: Option<Lookup>, from_id: Option<Lookup>, build_id: BuildRef,
        user_id: Option<UserRef>, ignore_success: bool = false, failure_msg: String = String::new()
    ) -> () = |m, cx| send::tagged(cx, &Tagged {
        success: m.is_successful, to: given(m.tag_id), from: given(m.from_id), build: m.build_id, user: m.user_id,
        ignore_success: m.ignore_success, failure: m.failure_msg,
    }).map(drop);
}
