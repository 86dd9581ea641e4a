//! Methods that make one tag like another.

use super::cast::EventId;
use crate::db::Lookup;
use crate::methods;
use crate::tag::snapshot::{self, Wish};

methods! {
    /// Makes a tag with the configuration, packages, builds and groups that another one has, or had at an event.
    write Perm("tag") => SnapshotTag "snapshotTag" (
        src: Lookup, dst: Lookup, config: bool = true, pkgs: bool = true, builds: bool = true, groups: bool = true,
        latest_only: bool = true, inherit_builds: bool = true, event: Option<EventId> = None, force: bool = false
    ) -> () = |m, cx| snapshot::create(cx, &Wish {
        src: m.src, dst: m.dst, config: m.config, packages: m.pkgs, builds: m.builds, groups: m.groups,
        latest_only: m.latest_only, inherit_builds: m.inherit_builds, event: m.event.map(i32::from),
        force: m.force, remove: false,
    });

    /// Makes a tag like another one, or as that was at an event.
    write Perm("tag") => SnapshotTagModify "snapshotTagModify" (
        src: Lookup, dst: Lookup, config: bool = true, pkgs: bool = true, builds: bool = true, groups: bool = true,
        latest_only: bool = true, inherit_builds: bool = true, event: Option<EventId> = None, force: bool = false,
        remove: bool = false
    ) -> () = |m, cx| snapshot::modify(cx, &Wish {
        src: m.src, dst: m.dst, config: m.config, packages: m.pkgs, builds: m.builds, groups: m.groups,
        latest_only: m.latest_only, inherit_builds: m.inherit_builds, event: m.event.map(i32::from),
        force: m.force, remove: m.remove,
    });
}
