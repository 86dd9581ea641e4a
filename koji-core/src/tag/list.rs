//! Listing tags: all, by name, or those that a build or a package is in.

use serde::Serialize;

use super::get::TagRow;
use crate::build::lookup::BuildRef;
use crate::context::Cx;
use crate::db::dialect::glob_to_like;
use crate::db::{Lookup, Query, QueryOpts, Rows};
use crate::{Error, Result};

crate::row! {
    /// A tag that has a package in its own list.
    struct PackageTagRow {
        id: i32 = "tag.id",
        name: String = "tag.name",
        perm_id: Option<i32> = "tag_config.perm_id",
        perm: Option<String> = "permissions.name",
        arches: Option<String> = "tag_config.arches",
        locked: bool = "tag_config.locked",
        maven_support: bool = "tag_config.maven_support",
        maven_include_all: bool = "tag_config.maven_include_all",
        owner_id: i32 = "users.id",
        owner_name: String = "users.name",
        blocked: bool = "tag_packages.blocked",
        extra_arches: Option<String> = "tag_packages.extra_arches",
    }
}

/// A tag in a list.
#[derive(Clone, Debug, Serialize)]
pub struct ListedTag {
    /// Its id
    pub id: i32,
    /// Its name
    pub name: String,
    /// Its arches
    pub arches: Option<String>,
    /// Whether its content may not be changed
    pub locked: bool,
    /// Whether Maven repos are made
    pub maven_support: bool,
    /// Whether these have every build
    pub maven_include_all: bool,
    /// The permission that it asks for, if that was wanted
    #[serde(flatten)]
    pub perm: Option<Perm>,
    /// The entry of the package that was looked for
    #[serde(flatten)]
    pub package: Option<PackageEntry>,
}

/// The permission that a tag asks for.
#[derive(Clone, Debug, Serialize)]
pub struct Perm {
    /// Its id
    pub perm_id: Option<i32>,
    /// Its name
    pub perm: Option<String>,
}

/// A package's entry in a tag's own list.
#[derive(Clone, Debug, Serialize)]
pub struct PackageEntry {
    /// Who owns the package there
    pub owner_id: i32,
    /// His name
    pub owner_name: String,
    /// Whether it is blocked there
    pub blocked: bool,
    /// The arches that it is built for beyond those of the tag
    pub extra_arches: Option<String>,
}

/// Which tags to list.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Those that this build is in
    pub build: Option<BuildRef>,
    /// Those that have this package in their own list
    pub package: Option<Lookup>,
    /// Whether to tell the permission
    pub perms: bool,
    /// A glob that the name must match, whatever its case
    pub pattern: Option<String>,
}

/// Lists tags.
pub fn list(cx: &mut Cx<'_>, wanted: &Wanted, opts: &QueryOpts) -> Result<Rows<ListedTag>> {
    let mut query = super::get::rows(None);
    if let Some(pattern) = &wanted.pattern {
        query = query.filter("lower(tag.name) LIKE lower(?) ESCAPE '\\'", glob_to_like(pattern));
    }
    let perms = wanted.perms;
    match (&wanted.build, &wanted.package) {
        (Some(_), Some(_)) => Err(Error::generic("only one of build and package may be specified")),
        (Some(build), None) => {
            let query = of_build(cx, query, build)?;
            Ok(query.rows::<TagRow>(cx.db, opts)?.map(|row| plain(row, perms)))
        }
        (None, Some(package)) => {
            let query = of_package(cx, query, package)?;
            Ok(query.rows::<PackageTagRow>(cx.db, opts)?.map(|row| with_package(row, perms)))
        }
        (None, None) => Ok(query.rows::<TagRow>(cx.db, opts)?.map(|row| plain(row, perms))),
    }
}

fn of_build(cx: &mut Cx<'_>, query: Query, build: &BuildRef) -> Result<Query> {
    let build = crate::build::row::get(cx, build)?;
    Ok(query
        .join("tag_listing ON tag_listing.tag_id = tag.id")
        .at("tag_listing", None)
        .filter("tag_listing.build_id = ?", build.id))
}

fn of_package(cx: &mut Cx<'_>, query: Query, package: &Lookup) -> Result<Query> {
    let package = crate::package::lookup::get(cx, package)?;
    Ok(query
        .join("tag_packages ON tag_packages.tag_id = tag.id")
        .at("tag_packages", None)
        .filter("tag_packages.package_id = ?", package.id)
        .join(
            "tag_package_owners ON tag_package_owners.tag_id = tag_packages.tag_id \
             AND tag_package_owners.package_id = tag_packages.package_id AND tag_package_owners.active = TRUE",
        )
        .join("users ON users.id = tag_package_owners.owner"))
}

fn plain(row: TagRow, perms: bool) -> ListedTag {
    let TagRow { id, name, perm_id, perm, arches, locked, maven_support, maven_include_all } = row;
    let perm = perms.then_some(Perm { perm_id, perm });
    ListedTag { id, name, arches, locked, maven_support, maven_include_all, perm, package: None }
}

fn with_package(row: PackageTagRow, perms: bool) -> ListedTag {
    let PackageTagRow { id, name, perm_id, perm, arches, locked, maven_support, maven_include_all, .. } = row;
    let PackageTagRow { owner_id, owner_name, blocked, extra_arches, .. } = row;
    let perm = perms.then_some(Perm { perm_id, perm });
    let package = Some(PackageEntry { owner_id, owner_name, blocked, extra_arches });
    ListedTag { id, name, arches, locked, maven_support, maven_include_all, perm, package }
}
