//! `listRPMs`.

use serde::Serialize;
use serde_json::Value as Json;

use crate::context::Cx;
use crate::db::{Query, QueryOpts, Rows};
use crate::{Error, Result};
use crate::{row, row_with};

row! {
    /// An rpm in a list.
    pub struct ListedRpm {
        /// Its id
        pub id: i32 = "rpminfo.id",
        /// Its name
        pub name: String = "rpminfo.name",
        /// Its version
        pub version: String = "rpminfo.version",
        /// Its release
        pub release: String = "rpminfo.release",
        /// name-version-release
        pub nvr: String = "rpminfo.name || '-' || rpminfo.version || '-' || rpminfo.release",
        /// Its arch
        pub arch: String = "rpminfo.arch",
        /// Its epoch
        pub epoch: Option<i64> = "rpminfo.epoch",
        /// Whether its build is a draft
        pub draft: Option<bool> = "rpminfo.draft",
        /// The MD5 sum of header and payload
        pub payloadhash: String = "rpminfo.payloadhash",
        /// Its size in bytes
        pub size: i64 = "rpminfo.size",
        /// When it was built, in seconds since the epoch
        pub buildtime: i64 = "rpminfo.buildtime",
        /// Its build
        pub build_id: Option<i32> = "rpminfo.build_id",
        /// The buildroot that it was built in
        pub buildroot_id: Option<i32> = "rpminfo.buildroot_id",
        /// The external repo that it comes from; 0 is our own
        pub external_repo_id: i32 = "rpminfo.external_repo_id",
        /// The external repo's name
        pub external_repo_name: Option<String> = "external_repo.name",
        /// Whether only its description was imported
        pub metadata_only: bool = "rpminfo.metadata_only",
        /// What else is known
        pub extra: Option<Json> = "rpminfo.extra",
    }
}

row! {
    /// How an rpm came into a buildroot.
    pub struct ComponentColumns {
        /// The buildroot
        pub component_buildroot_id: i32 = "buildroot_listing.buildroot_id",
        /// Whether it came after the buildroot was set up
        pub is_update: bool = "buildroot_listing.is_update",
    }
}

row_with! {
    /// An rpm of a buildroot.
    pub struct ListedComponent: ListedRpm, ComponentColumns
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
