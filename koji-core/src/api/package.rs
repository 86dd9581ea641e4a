//! Methods about packages and the package lists of tags.

use super::cast::{EventId, Truthy};
use super::column::ColumnText;
use crate::api::maybe_new::MaybeNew;
use crate::db::lookup::{self as named, Named};
use crate::db::{Lookup, QueryOpts, Rows};
use crate::methods;
use crate::package::edit::{self, Change};
use crate::package::listing::{self, Listed, Wanted};
use crate::package::lookup::{self, PackageRow};
use crate::tag::create::Arches;
use crate::user::info::{self, UserRef};
use crate::{Error, Result, context::Cx};

methods! {
    /// Adds a package to a tag's list, or changes its entry.
    write Inside("the policy package_list") => PackageListAdd "packageListAdd" (
        taginfo: Lookup, pkginfo: Lookup, owner: Option<UserRef> = None, block: Option<bool> = None,
        extra_arches: Arches = Arches::Missing, force: bool = false, update: bool = false
    ) -> () = |m, cx| edit::add(cx, &Change {
        tag: m.taginfo, package: m.pkginfo, owner: m.owner, block: m.block, extra_arches: m.extra_arches,
        force: m.force, update: m.update,
    });

    /// Takes a package off a tag's own list; what is inherited shows again.
    write Inside("the policy package_list") => PackageListRemove "packageListRemove"
        (taginfo: Lookup, pkginfo: Lookup, force: bool = false) -> ()
        = |m, cx| edit::remove(cx, &m.taginfo, &m.pkginfo, m.force);

    /// Blocks a package in a tag and in what inherits from it.
    write Inside("the policy package_list") => PackageListBlock "packageListBlock"
        (taginfo: Lookup, pkginfo: Lookup, force: bool = false) -> ()
        = |m, cx| edit::block(cx, &m.taginfo, &m.pkginfo, m.force);

    /// Ends the block of a package in a tag.
    write Inside("the policy package_list") => PackageListUnblock "packageListUnblock"
        (taginfo: Lookup, pkginfo: Lookup, force: bool = false) -> ()
        = |m, cx| edit::unblock(cx, &m.taginfo, &m.pkginfo, m.force);

    /// Changes the owner of a package in a tag.
    write Inside("the policy package_list") => PackageListSetOwner "packageListSetOwner"
        (taginfo: Lookup, pkginfo: Lookup, owner: Option<UserRef>, force: bool = false) -> ()
        = |m, cx| edit::add(cx, &Change {
            tag: m.taginfo, package: m.pkginfo, owner: m.owner, block: None, extra_arches: Arches::Missing, force: m.force,
            update: true,
        });

    /// Changes the arches that a package is built for beyond those of the tag.
    write Inside("the policy package_list") => PackageListSetArches "packageListSetArches"
        (taginfo: Lookup, pkginfo: Lookup, arches: Arches, force: bool = false) -> ()
        = |m, cx| edit::add(cx, &Change {
            tag: m.taginfo, package: m.pkginfo, owner: None, block: None, extra_arches: m.arches, force: m.force,
            update: true,
        });

    /// Lists packages: all there are, or the entries of a tag, of an owner, of a package.
    read Anyone => ListPackages "listPackages" (
        tagID: Option<Lookup> = None, userID: Option<UserRef> = None, pkgID: Option<Lookup> = None,
        prefix: Truthy<ColumnText> = Truthy(None), inherited: bool = false, with_dups: bool = false,
        event: Option<EventId> = None, queryOpts: QueryOpts = QueryOpts::default(), with_owners: bool = true,
        with_blocked: bool = true
    ) -> Packages = |m, cx| list(cx, m);

    /// Lists all packages, or those whose name begins with a prefix.
    read Anyone => ListPackagesSimple "listPackagesSimple"
        (prefix: Option<ColumnText> = None, queryOpts: QueryOpts = QueryOpts::default()) -> Rows<PackageRow>
        = |m, cx| lookup::list(cx, m.prefix.as_ref().map(|prefix| prefix.0.as_str()), &m.queryOpts);

    /// A package. With `create` a missing one is made.
    read Inside("any user, to create") => GetPackage "getPackage"
        (info: MaybeNew, strict: bool = false, create: bool = false) -> Option<Named>
        = |m, cx| match lookup::find(cx, m.info.lookup())? {
            None if m.strict => lookup::get(cx, m.info.lookup()).map(Some),
            // Koji makes it even for callers who are not logged in
            None if m.create => {
                let name = m.info.new_name()?;
                cx.require_login()?;
                lookup::ensure(cx, &name.into()).map(Some)
            }
            found => Ok(found),
        };

    /// The id of a package by its name.
    read Anyone => GetPackageId "getPackageID" (name: Truthy<String>, strict: bool = false) -> Option<i32> = |m, cx| {
        // no package is called null
        let name = Lookup::Name(m.name.0.unwrap_or_default());
        let found = if m.strict { Some(lookup::get(cx, &name)?) } else { lookup::find(cx, &name)? };
        Ok(found.map(|package| package.id))
    };

    /// Whether a package is in a tag's list and not blocked.
    read Anyone => CheckTagPackage "checkTagPackage" (tag: Lookup, pkg: Lookup) -> bool = |m, cx| {
        match (named::find(cx, "tag", &m.tag)?, lookup::find(cx, &m.pkg)?) {
            (Some(tag), Some(package)) => listing::is_visible(cx, tag.id, package.id),
            _ => Ok(false),
        }
    };

    /// The entry that decides about a package in a tag.
    read Anyone => GetPackageConfig "getPackageConfig"
        (tag: Lookup, pkg: Lookup, event: Option<EventId> = None) -> Option<Listed> = |m, cx| {
        match (named::find(cx, "tag", &m.tag)?, lookup::find(cx, &m.pkg)?) {
            (Some(tag), Some(package)) => {
                let wanted = Wanted::one(tag.id, package.id).at(m.event.map(i32::from));
                Ok(listing::list(cx, &wanted)?.into_iter().next())
            }
            _ => Ok(None),
        }
    };
}

/// The answer of `listPackages`.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(untagged)]
pub enum Packages {
    /// All packages
    Simple(Rows<PackageRow>),
    /// Entries of tags
    Listed(Rows<Listed>),
}

fn list(cx: &mut Cx<'_>, m: ListPackages) -> Result<Packages> {
    let prefix = m.prefix.0.as_ref().map(|prefix| prefix.0.as_str());
    if m.tagID.is_none() && m.userID.is_none() && m.pkgID.is_none() {
        return lookup::list(cx, prefix, &m.queryOpts).map(Packages::Simple);
    }
    let id = |found: Named| found.id;
    let tag = m.tagID.map(|tag| named::get(cx, "tag", "tag", &tag)).transpose()?.map(id);
    let owner = m.userID.map(|user| info::get(cx, &user)).transpose()?.map(|user| user.id);
    let package = m.pkgID.map(|package| lookup::get(cx, &package)).transpose()?.map(id);
    if owner.is_some() && !m.with_owners {
        return Err(Error::generic("userID and with_owners=False can't be used together"));
    }
    let wanted = Wanted {
        tag,
        owner,
        packages: package.map(|package| vec![package]),
        event: m.event.map(i32::from),
        inherit: m.inherited,
        duplicates: m.with_dups,
        owners: m.with_owners,
        blocked: m.with_blocked,
    };
    let list = listing::list(cx, &wanted)?;
    listing::page(list, prefix, &m.queryOpts).map(Packages::Listed)
}
