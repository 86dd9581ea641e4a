//! The rpms of the builds that a tag shows.

use std::collections::HashMap;

use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::Value as Json;

use super::builds::{TaggedBuild, Wanted, builds};
use crate::context::Cx;
use crate::db::Query;
use crate::{Result, row, together};

row! {
    /// An rpm as it is stored.
    pub struct RpmRow {
        /// Its id
        pub id: i32 = "rpminfo.id",
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
        /// Whether its build is a draft
        pub draft: Option<bool> = "rpminfo.draft",
        /// The digest of its payload's header
        pub payloadhash: String = "rpminfo.payloadhash",
        /// Its size in bytes
        pub size: i64 = "rpminfo.size",
        /// When it was built, in seconds since the epoch
        pub buildtime: i64 = "rpminfo.buildtime",
        /// The buildroot that it was built in
        pub buildroot_id: Option<i32> = "rpminfo.buildroot_id",
        /// Its build
        pub build_id: i32 = "rpminfo.build_id",
        /// Whether the file itself is not there
        pub metadata_only: bool = "rpminfo.metadata_only",
    }
}

row! {
    struct WithExtra: RpmRow {
        extra: Option<Json> = "rpminfo.extra",
    }
}

/// An rpm of a tagged build; with signatures it comes once for each.
#[derive(Clone, Debug)]
pub struct TaggedRpm {
    /// What is stored of it
    pub row: RpmRow,
    /// A key that signed it, if keys were asked for; none for an rpm that no signature is known of
    pub sigkey: Option<Option<String>>,
    /// What else is known, if that was asked for
    pub extra: Option<Option<Box<Json>>>,
}

impl Serialize for TaggedRpm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = &self.row;
        let mut out = serializer.serialize_struct("TaggedRpm", 15)?;
        out.serialize_field("id", &row.id)?;
        out.serialize_field("name", &row.name)?;
        out.serialize_field("version", &row.version)?;
        out.serialize_field("release", &row.release)?;
        out.serialize_field("epoch", &row.epoch)?;
        out.serialize_field("arch", &row.arch)?;
        out.serialize_field("draft", &row.draft)?;
        out.serialize_field("payloadhash", &row.payloadhash)?;
        out.serialize_field("size", &row.size)?;
        out.serialize_field("buildtime", &row.buildtime)?;
        out.serialize_field("buildroot_id", &row.buildroot_id)?;
        out.serialize_field("build_id", &row.build_id)?;
        out.serialize_field("metadata_only", &row.metadata_only)?;
        if let Some(sigkey) = &self.sigkey {
            out.serialize_field("sigkey", sigkey)?;
        }
        if let Some(extra) = &self.extra {
            out.serialize_field("extra", extra)?;
        }
        out.end()
    }
}

/// Which rpms to list.
#[derive(Clone, Debug)]
pub struct WantedRpms {
    /// Of these builds
    pub builds: Wanted,
    /// Only of these arches, if there are any
    pub arches: Vec<String>,
    /// Once for each key that signed it
    pub sigkeys: bool,
    /// With what else is known of an rpm
    pub extra: bool,
}

/// The rpms of so many builds are read at once: each statement's rows are in memory twice while they are read.
const BUILDS_AT_ONCE: usize = 1_000;

/// The rpms wanted and their builds, in the order of the builds.
pub fn rpms(cx: &mut Cx<'_>, wanted: &WantedRpms) -> Result<(Vec<TaggedRpm>, Vec<TaggedBuild>)> {
    let builds = builds(cx, &wanted.builds)?;
    let places: HashMap<i32, usize> =
        builds.iter().enumerate().map(|(at, build)| (build.row.build_id, at)).collect();
    let mut ids: Vec<i32> = places.keys().copied().collect();
    ids.sort_unstable_by_key(|id| places.get(id));
    let some: Vec<&[i32]> = ids.chunks(BUILDS_AT_ONCE).collect();
    let work = |cx: &mut Cx<'_>, builds: &&[i32]| {
        let mut rpms = of_builds(cx, wanted, builds)?;
        rpms.sort_by_cached_key(|rpm| (places.get(&rpm.row.build_id).copied(), rpm.row.id));
        if wanted.sigkeys { with_keys(cx, &query(wanted, builds), rpms) } else { Ok(rpms) }
    };
    let mut all = Vec::new();
    together::each(cx, &some, 1, work, |rpms: Result<Vec<TaggedRpm>>| {
        let rpms = rpms?;
        if all.is_empty() {
            // the others have about as many; a list that grows by doubling would be in memory one and a half times
            all.reserve_exact(rpms.len() * some.len() * 11 / 10);
        }
        all.extend(rpms);
        Ok(())
    })?;
    Ok((all, builds))
}

fn of_builds(cx: &mut Cx<'_>, wanted: &WantedRpms, builds: &[i32]) -> Result<Vec<TaggedRpm>> {
    let mut rpms = Vec::new();
    if wanted.extra {
        query(wanted, builds).each(cx.db, |WithExtra { base: row, extra }| {
            rpms.push(TaggedRpm { row, sigkey: None, extra: Some(extra.map(Box::new)) });
            Ok(())
        })?;
    } else {
        query(wanted, builds).each(cx.db, |row| {
            rpms.push(TaggedRpm { row, sigkey: None, extra: None });
            Ok(())
        })?;
    }
    Ok(rpms)
}

fn query(wanted: &WantedRpms, builds: &[i32]) -> Query {
    let mut query = Query::from("rpminfo").filter("rpminfo.build_id IN ?", builds);
    if !wanted.arches.is_empty() {
        query = query.filter("rpminfo.arch IN ?", &wanted.arches);
    }
    match wanted.builds.draft {
        None => query,
        Some(true) => query.filter("rpminfo.draft = TRUE", ()),
        Some(false) => query.filter("rpminfo.draft IS NULL OR rpminfo.draft = FALSE", ()),
    }
}

/// The same rpms, once for each key that signed them.
fn with_keys(cx: &mut Cx<'_>, query: &Query, rpms: Vec<TaggedRpm>) -> Result<Vec<TaggedRpm>> {
    let known: Vec<(i32, String)> = query
        .clone()
        .join("rpmsigs ON rpmsigs.rpm_id = rpminfo.id")
        .order("rpmsigs.sigkey")
        .select(cx.db, "rpminfo.id, rpmsigs.sigkey")?;
    let mut keys: HashMap<i32, Vec<String>> = HashMap::new();
    for (rpm, key) in known {
        keys.entry(rpm).or_default().push(key);
    }
    let mut all = Vec::with_capacity(rpms.len());
    for mut rpm in rpms {
        let mut keys = keys.remove(&rpm.row.id).unwrap_or_default();
        let last = keys.pop();
        for key in keys {
            all.push(TaggedRpm { sigkey: Some(Some(key)), ..rpm.clone() });
        }
        rpm.sigkey = Some(last);
        all.push(rpm);
    }
    Ok(all)
}
