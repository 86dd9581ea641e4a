//! Methods about the package groups of tags.

use super::cast::EventId;
use crate::db::{Lookup, lookup as named};
use crate::methods;
use crate::tag::groups::add::{self, How};
use crate::tag::groups::read::{self, Wanted};
use crate::tag::groups::remove;
use crate::tag::groups::rows::Group;

methods! {
    /// The groups of a tag with their packages and the groups that they require.
    read Anyone => GetTagGroups "getTagGroups" (
        tag: Lookup, event: Option<EventId> = None, inherit: bool = true, incl_pkgs: bool = true,
        incl_reqs: bool = true, incl_blocked: bool = false
    ) -> Vec<Group> = |m, cx| {
        let tag = named::get(cx, "tag", "tag", &m.tag)?;
        let event = m.event.map(i32::from);
        let wanted = Wanted { event, inherit: m.inherit, packages: m.incl_pkgs, reqs: m.incl_reqs };
        read::shown(cx, tag.id, wanted, m.incl_blocked)
    };

    /// Adds a group to a tag, or changes it; the group is made if there is none.
    write Perm("tag") => GroupListAdd "groupListAdd"
        (taginfo: Lookup, grpinfo: Lookup, block: bool = false, force: bool = false; kwargs opts) -> ()
        = |m, cx| add::group(cx, &m.taginfo, &m.grpinfo, &How { block: m.block, force: m.force, fields: m.opts });

    /// Takes a group off a tag; what is inherited shows again.
    write Perm("tag") => GroupListRemove "groupListRemove"
        (taginfo: Lookup, grpinfo: Lookup, force: bool = false) -> ()
        = |m, cx| remove::group(cx, &m.taginfo, &m.grpinfo, m.force);

    /// Blocks a group in a tag and in what inherits from it.
    write Perm("tag") => GroupListBlock "groupListBlock" (taginfo: Lookup, grpinfo: Lookup) -> ()
        = |m, cx| add::group(cx, &m.taginfo, &m.grpinfo, &How::block());

    /// Ends a tag's own block of a group.
    write Perm("tag") => GroupListUnblock "groupListUnblock" (taginfo: Lookup, grpinfo: Lookup) -> ()
        = |m, cx| remove::unblock_group(cx, &m.taginfo, &m.grpinfo);

    /// Adds a package to a group of a tag, or changes it.
    write Perm("tag") => GroupPackageListAdd "groupPackageListAdd" (
        taginfo: Lookup, grpinfo: Lookup, pkg_name: String, block: bool = false, force: bool = false; kwargs opts
    ) -> () = |m, cx| {
        let how = How { block: m.block, force: m.force, fields: m.opts };
        add::package(cx, &m.taginfo, &m.grpinfo, &m.pkg_name, &how)
    };

    /// Takes a package off a group of a tag; what is inherited shows again.
    write Perm("tag") => GroupPackageListRemove "groupPackageListRemove"
        (taginfo: Lookup, grpinfo: Lookup, pkg_name: String) -> ()
        = |m, cx| remove::package(cx, &m.taginfo, &m.grpinfo, &m.pkg_name);

    /// Blocks a package in a group of a tag.
    write Perm("tag") => GroupPackageListBlock "groupPackageListBlock"
        (taginfo: Lookup, grpinfo: Lookup, pkg_name: String) -> ()
        = |m, cx| add::package(cx, &m.taginfo, &m.grpinfo, &m.pkg_name, &How::block());

    /// Ends a tag's own block of a package in a group.
    write Perm("tag") => GroupPackageListUnblock "groupPackageListUnblock"
        (taginfo: Lookup, grpinfo: Lookup, pkg_name: String) -> ()
        = |m, cx| remove::unblock_package(cx, &m.taginfo, &m.grpinfo, &m.pkg_name);

    /// Makes a group of a tag require another group, or changes that.
    write Perm("tag") => GroupReqListAdd "groupReqListAdd" (
        taginfo: Lookup, grpinfo: Lookup, reqinfo: Lookup, block: bool = false, force: bool = false; kwargs opts
    ) -> () = |m, cx| {
        let how = How { block: m.block, force: m.force, fields: m.opts };
        add::requirement(cx, &m.taginfo, &m.grpinfo, &m.reqinfo, &how)
    };

    /// Takes a requirement off a group of a tag. `force` has no meaning any more.
    write Perm("tag") => GroupReqListRemove "groupReqListRemove"
        (taginfo: Lookup, grpinfo: Lookup, reqinfo: Lookup, force: Option<bool> = None) -> () = |m, cx| {
        if m.force.is_some() {
            tracing::warn!("the argument force of groupReqListRemove has no meaning any more");
        }
        remove::requirement(cx, &m.taginfo, &m.grpinfo, &m.reqinfo)
    };

    /// Blocks a requirement of a group of a tag.
    write Perm("tag") => GroupReqListBlock "groupReqListBlock"
        (taginfo: Lookup, grpinfo: Lookup, reqinfo: Lookup) -> ()
        = |m, cx| add::requirement(cx, &m.taginfo, &m.grpinfo, &m.reqinfo, &How::block());

    /// Ends a tag's own block of a requirement of a group.
    write Perm("tag") => GroupReqListUnblock "groupReqListUnblock"
        (taginfo: Lookup, grpinfo: Lookup, reqinfo: Lookup) -> ()
        = |m, cx| remove::unblock_requirement(cx, &m.taginfo, &m.grpinfo, &m.reqinfo);
}
