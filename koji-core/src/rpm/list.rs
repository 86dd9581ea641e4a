//! `listRPMs`.

use serde::Serialize;

use super::lookup::RpmRow;
use crate::context::Cx;
use crate::db::{Query, QueryOpts, Rows};
use crate::{Error, Result, row};

row! {
    /// An rpm in a list.
    pub struct ListedRpm: RpmRow {
        /// name-version-release
        pub nvr: String = "rpminfo.name || '-' || rpminfo.version || '-' || rpminfo.release",
    }
}

row! {
    /// An rpm of a buildroot.
    pub struct ListedComponent: ListedRpm {
        /// The buildroot
        pub component_buildroot_id: i32 = "buildroot_listing.buildroot_id",
        /// Whether it came after the buildroot was set up
        pub is_update: bool = "buildroot_listing.is_update",
    }
}

/// The answer.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Listed {
    /// Any rpms
    Plain(Rows<ListedRpm>),
    /// The rpms of a buildroot
    Components(Rows<ListedComponent>),
}

/// Which rpms are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of a build
    pub build: Option<i64>,
    /// Built in a buildroot
    pub buildroot: Option<i64>,
    /// Installed in a buildroot
    pub component_buildroot: Option<i64>,
    /// Part of an archive
    pub image: Option<i64>,
    /// Built by a host
    pub host: Option<i64>,
    /// Of these arches
    pub arches: Option<Vec<String>>,
    /// Of drafts only, or none
    pub draft: Option<bool>,
}

/// Lists rpms.
pub fn list(cx: &mut Cx<'_>, wanted: &Wanted, opts: &QueryOpts) -> Result<Listed> {
    let mut query = Query::from("rpminfo")
        .left_join("external_repo ON rpminfo.external_repo_id = external_repo.id")
        .filter_some("rpminfo.build_id = ?", wanted.build)
        .filter_some("rpminfo.buildroot_id = ?", wanted.buildroot);
    if let Some(arches) = &wanted.arches {
        query = match arches.as_slice() {
            [] => return Err(Error::unforeseen("the list of arches is empty (leave it out for all)")),
            [arch] => query.filter("rpminfo.arch = ?", arch),
            arches => query.filter("rpminfo.arch IN ?", arches),
        };
    }
    query = match wanted.draft {
        Some(true) => query.filter("rpminfo.draft = TRUE", ()),
        Some(false) => query.filter("rpminfo.draft IS NULL OR rpminfo.draft = FALSE", ()),
        None => query,
    };
    if let Some(image) = wanted.image {
        query = query
            .join("archive_rpm_components ON rpminfo.id = archive_rpm_components.rpm_id")
            .filter("archive_rpm_components.archive_id = ?", image);
    }
    if let Some(host) = wanted.host {
        query = query
            .join("standard_buildroot ON rpminfo.buildroot_id = standard_buildroot.buildroot_id")
            .filter("standard_buildroot.host_id = ?", host);
    }
    match wanted.component_buildroot {
        None => query.rows(cx.db, opts).map(Listed::Plain),
        Some(buildroot) => query
            .join("buildroot_listing ON rpminfo.id = buildroot_listing.rpm_id")
            .filter("buildroot_listing.buildroot_id = ?", buildroot)
            .rows(cx.db, opts)
            .map(Listed::Components),
    }
}
