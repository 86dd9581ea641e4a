//! The Maven artifacts that a tag shows, for its Maven repository.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use crate::archive::list::FileRow;
use crate::context::Cx;
use crate::db::{Lookup, Query};
use crate::package::listing::tag_ids;
use crate::package::visible::{Scope, visible};
use crate::tag::{ancestors, get};
use crate::{Result, row};

row! {
    /// A Maven artifact of a tagged build.
    pub struct MavenRow: FileRow {
        /// The tag
        pub tag_id: i32 = "tag_listing.tag_id",
        /// Its name
        pub tag_name: String = "tag.name",
        /// The package
        pub pkg_id: i32 = "build.pkg_id",
        /// The build
        pub build_id: i32 = "build.id",
        /// Its name
        pub build_name: String = "package.name",
        /// Its version
        pub build_version: String = "build.version",
        /// Its release
        pub build_release: String = "build.release",
        /// Its epoch
        pub build_epoch: Option<i64> = "build.epoch",
        /// The number of its state
        pub state: i32 = "build.state",
        /// The task that made it
        pub task_id: Option<i32> = "build.task_id",
        /// Who owns it
        pub owner: i32 = "build.owner",
        /// The volume that its files are on
        pub volume_id: i32 = "volume.id",
        /// The volume's name
        pub volume_name: String = "volume.name",
        /// What else is known of the file
        pub extra: Option<Json> = "archiveinfo.extra",
        /// Maven's groupId
        pub group_id: String = "maven_archives.group_id",
        /// Maven's artifactId
        pub artifact_id: String = "maven_archives.artifact_id",
        /// Maven's version
        pub version: String = "maven_archives.version",
        /// The event that tagged the build
        pub tag_event: i32 = "tag_listing.create_event",
    }
}

/// The artifacts of a tag: of each groupId and artifactId those of the most recently tagged build, and in tags
/// with `maven_include_all` of every further version too.
pub fn artifacts(cx: &mut Cx<'_>, tag: i32, event: Option<i32>, inherit: bool) -> Result<Vec<MavenRow>> {
    let links = ancestors::links(cx, tag, event)?;
    let visible = visible(cx, &Scope { tag, links: &links, event, among: None })?;
    let tags = tag_ids(tag, if inherit { &links } else { &[] });
    let takes_all = takes_all(cx, &tags, event)?;
    let mut rows: Vec<MavenRow> = Query::from("tag_listing")
        .join("tag ON tag.id = tag_listing.tag_id")
        .join("build ON build.id = tag_listing.build_id")
        .join("volume ON volume.id = build.volume_id")
        .join("package ON package.id = build.pkg_id")
        .join("archiveinfo ON archiveinfo.build_id = build.id")
        .join("maven_archives ON maven_archives.archive_id = archiveinfo.id")
        .filter("tag_listing.tag_id IN ?", tags.as_slice())
        .at("tag_listing", event)
        .order_desc("tag_listing.create_event")
        .order("archiveinfo.id")
        .load(cx.db)?;
    rows.retain(|row| visible.contains_key(&row.pkg_id));
    let distance: HashMap<i64, usize> = tags.iter().enumerate().map(|(at, tag)| (*tag, at)).collect();
    rows.sort_by_key(|row| distance.get(&i64::from(row.tag_id)).copied());
    let mut taken = Taken::default();
    rows.retain(|row| taken.take(row, takes_all.contains(&row.tag_id)));
    Ok(rows)
}

/// The tags that show every version. A tag that is gone is an error.
fn takes_all(cx: &mut Cx<'_>, tags: &[i64], event: Option<i32>) -> Result<HashSet<i32>> {
    let rows: Vec<(i32, bool)> =
        get::rows(event).filter("tag.id IN ?", tags).select(cx.db, "tag.id, tag_config.maven_include_all")?;
    if let Some(gone) = tags.iter().find(|tag| !rows.iter().any(|(id, _)| i64::from(*id) == **tag)) {
        return Err(get::missing(&Lookup::Id(*gone)));
    }
    Ok(rows.into_iter().filter(|(_, all)| *all).map(|(id, _)| id).collect())
}

/// What has been taken: for each groupId and artifactId the build of each version.
#[derive(Default)]
struct Taken {
    builds: HashMap<(String, String), HashMap<String, i32>>,
    archives: HashSet<i32>,
}

impl Taken {
    /// Whether an artifact belongs to the repository; rows must come in the order of precedence.
    fn take(&mut self, row: &MavenRow, every_version: bool) -> bool {
        let versions = self.builds.entry((row.group_id.clone(), row.artifact_id.clone())).or_default();
        let is_first = versions.is_empty();
        match versions.get(&row.version) {
            Some(build) if *build != row.build_id => false,
            Some(_) => self.archives.insert(row.id),
            None if is_first || every_version => {
                versions.insert(row.version.clone(), row.build_id);
                self.archives.insert(row.id);
                true
            }
            None => false,
        }
    }
}
