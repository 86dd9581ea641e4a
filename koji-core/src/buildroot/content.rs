//! What is in a buildroot: rpms, ours and external ones, and archives.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::context::Cx;
use crate::db::{Bind, Insert, Lookup, Query};
use crate::rpm::external::ExternalRpm;
use crate::rpm::many::{self, Nvra};
use crate::{Result, row};

row! {
    /// An rpm in a buildroot.
    pub struct Component {
        /// The rpm
        pub rpm_id: i32 = "buildroot_listing.rpm_id",
        /// Whether it came after the buildroot was set up
        pub is_update: bool = "buildroot_listing.is_update",
        /// Its name
        pub name: String = "rpminfo.name",
        /// Its version
        pub version: String = "rpminfo.version",
        /// Its release
        pub release: String = "rpminfo.release",
        /// Its epoch
        pub epoch: Option<i64> = "rpminfo.epoch",
        /// Its arch
        pub arch: String = "rpminfo.arch",
        /// Its build
        pub build_id: Option<i32> = "rpminfo.build_id",
        /// Whether its build is a draft
        pub draft: Option<bool> = "rpminfo.draft",
        /// The external repo that it comes from
        pub external_repo_id: i32 = "rpminfo.external_repo_id",
        /// The external repo's name
        pub external_repo_name: String = "external_repo.name",
    }
}

/// An rpm as a builder found it in a buildroot.
#[derive(Clone, Debug)]
pub enum Found {
    /// An rpm that the hub has, by its id
    Known(i64),
    /// One of ours
    Own(Nvra),
    /// One of an external repo
    External(Lookup, ExternalRpm),
}

/// The rpms in a buildroot.
pub fn rpms(cx: &mut Cx<'_>, buildroot: i64) -> Result<Vec<Component>> {
    super::row::get(cx, buildroot)?;
    Query::from("buildroot_listing")
        .join("rpminfo ON buildroot_listing.rpm_id = rpminfo.id")
        .join("external_repo ON rpminfo.external_repo_id = external_repo.id")
        .filter("buildroot_listing.buildroot_id = ?", buildroot)
        .load(cx.db)
}

/// Adds rpms to a buildroot. As an update, those that are there already are passed over.
pub fn add_rpms(cx: &mut Cx<'_>, buildroot: i32, found: &[Found], is_update: bool) -> Result<()> {
    let mut ids = ids(cx, found)?;
    if is_update {
        let present: Vec<i32> =
            Query::from("buildroot_listing").filter("buildroot_id = ?", buildroot).select(cx.db, "rpm_id")?;
        let present: HashSet<i32> = present.into_iter().collect();
        ids.retain(|id| !present.contains(id));
    }
    // Sorted, as they are, two calls lock rows in the same order.
    let row = |id: i32| vec![buildroot.into(), id.into(), Bind::from(is_update)];
    let columns = &["buildroot_id", "rpm_id", "is_update"];
    Insert::many(cx.db, "buildroot_listing", columns, ids.into_iter().map(row).collect())
}

/// The ids of rpms, each once. External ones that are new are added; one of ours that is not known is an error.
fn ids(cx: &mut Cx<'_>, found: &[Found]) -> Result<Vec<i32>> {
    Ok(ids_of_each(cx, &[found])?.pop().unwrap_or_default())
}

/// The same for several lists.
pub fn ids_of_each(cx: &mut Cx<'_>, lists: &[impl AsRef<[Found]>]) -> Result<Vec<Vec<i32>>> {
    let (mut own, mut external, mut known) = (Vec::new(), HashMap::new(), Vec::new());
    for rpm in lists.iter().flat_map(AsRef::as_ref) {
        match rpm {
            Found::Known(id) => known.push(*id),
            Found::Own(nvra) => own.push(nvra.clone()),
            Found::External(repo, rpm) => {
                external.entry(repo.clone()).or_insert_with(Vec::new).push(rpm.clone());
            }
        }
    }
    many::known(cx, &known)?;
    let own = many::own(cx, &own)?;
    let external = many::external(cx, &external)?;
    let id = |rpm: &Found| match rpm {
        Found::Known(id) => i32::try_from(*id).ok(),
        Found::Own(nvra) => own.get(&many::label(nvra)).copied(),
        Found::External(repo, rpm) => external.get(&(repo.clone(), many::label(&many::nvra(rpm)))).copied(),
    };
    let unique = |list: &[Found]| list.iter().filter_map(id).collect::<BTreeSet<i32>>();
    Ok(lists.iter().map(|list| unique(list.as_ref()).into_iter().collect()).collect())
}

/// Adds archives to a buildroot; those that are there already are passed over.
pub fn add_archives(cx: &mut Cx<'_>, buildroot: i32, archives: &[i32], is_project: bool) -> Result<()> {
    let present: Vec<i32> = Query::from("buildroot_archives")
        .filter("buildroot_id = ?", buildroot)
        .select(cx.db, "archive_id")?;
    let mut new: BTreeSet<i32> = archives.iter().copied().collect();
    present.iter().for_each(|id| _ = new.remove(id));
    let row = |id: i32| vec![buildroot.into(), Bind::from(is_project), id.into()];
    let columns = &["buildroot_id", "project_dep", "archive_id"];
    Insert::many(cx.db, "buildroot_archives", columns, new.into_iter().map(row).collect())
}
