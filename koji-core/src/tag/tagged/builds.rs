//! The builds that a tag shows.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::Value as Json;

use super::load::{self, BuildRow};
use crate::context::Cx;
use crate::db::{Query, Shared, Time, Unknown};
use crate::package::listing::tag_ids;
use crate::package::visible::{Scope, visible};
use crate::tag::ancestors;
use crate::tag::listing::{Latest, take_latest};
use crate::{Result, together};

/// Which builds to list.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// In this tag
    pub tag: i32,
    /// As it was at an event
    pub event: Option<i32>,
    /// With those of the tags that it inherits from
    pub inherit: bool,
    /// How many of each package
    pub latest: Latest,
    /// Only of the package of this name
    pub package: Option<String>,
    /// Only of packages whose name begins so, whatever its case
    pub prefix: Option<String>,
    /// Only of the owner of this name
    pub owner: Option<String>,
    /// Only of this build type
    pub btype: Option<String>,
    /// With what else is known of a build
    pub extra: bool,
    /// Only drafts, or only others
    pub draft: Option<bool>,
}

impl Wanted {
    /// All builds of a tag, without inheritance.
    pub fn of(tag: i32) -> Self {
        Self {
            tag,
            event: None,
            inherit: false,
            latest: Latest::All,
            package: None,
            prefix: None,
            owner: None,
            btype: None,
            extra: false,
            draft: None,
        }
    }

    /// The latest build of each package, by inheritance too.
    pub fn latest(tag: i32) -> Self {
        Self { inherit: true, latest: Latest::First(1), ..Self::of(tag) }
    }
}

/// A build that a tag shows.
#[derive(Clone, Debug)]
pub struct TaggedBuild {
    /// What it has of its own
    pub row: Arc<BuildRow>,
    /// When its entry was made
    pub creation_time: Time,
    /// The name of the tag
    pub tag_name: Shared,
    /// The name of its package
    pub package_name: Shared,
    /// The name of its owner
    pub owner_name: Shared,
    /// The name of who promoted it
    pub promoter_name: Option<Shared>,
    /// The name of its volume
    pub volume_name: Shared,
    /// What its type adds, if that was asked for
    typed: Option<Arc<Typed>>,
    /// What else is known, if that was asked for
    extra: Option<Option<Arc<Json>>>,
}

/// What the older build types add.
#[derive(Clone, Debug)]
enum Typed {
    Maven { group_id: String, artifact_id: String, version: String },
    Win { platform: String },
}

impl TaggedBuild {
    /// name-version-release
    pub fn nvr(&self) -> impl fmt::Display + '_ {
        Nvr(self)
    }
}

struct Nvr<'a>(&'a TaggedBuild);

impl fmt::Display for Nvr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TaggedBuild { row, package_name, .. } = self.0;
        write!(f, "{package_name}-{}-{}", row.version, row.release)
    }
}

struct Shown<T>(T);

impl<T: fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Serialize for TaggedBuild {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = &*self.row;
        let mut out = serializer.serialize_struct("TaggedBuild", 26)?;
        out.serialize_field("id", &row.build_id)?;
        out.serialize_field("build_id", &row.build_id)?;
        out.serialize_field("nvr", &Shown(self.nvr()))?;
        out.serialize_field("name", &self.package_name)?;
        out.serialize_field("version", &row.version)?;
        out.serialize_field("release", &row.release)?;
        out.serialize_field("epoch", &row.epoch)?;
        out.serialize_field("draft", &row.draft)?;
        out.serialize_field("state", &row.state)?;
        out.serialize_field("package_id", &row.package_id)?;
        out.serialize_field("package_name", &self.package_name)?;
        out.serialize_field("tag_id", &row.tag_id)?;
        out.serialize_field("tag_name", &self.tag_name)?;
        out.serialize_field("create_event", &row.create_event)?;
        out.serialize_field("owner_id", &row.owner_id)?;
        out.serialize_field("owner_name", &self.owner_name)?;
        out.serialize_field("promoter_id", &row.promoter_id)?;
        out.serialize_field("promoter_name", &self.promoter_name)?;
        out.serialize_field("volume_id", &row.volume_id)?;
        out.serialize_field("volume_name", &self.volume_name)?;
        out.serialize_field("task_id", &row.task_id)?;
        out.serialize_field("creation_event_id", &row.creation_event_id)?;
        out.serialize_field("creation_time", &self.creation_time)?;
        out.serialize_field("start_time", &row.start_time)?;
        out.serialize_field("completion_time", &row.completion_time)?;
        out.serialize_field("promotion_time", &row.promotion_time)?;
        match self.typed.as_deref() {
            None => {}
            Some(Typed::Maven { group_id, artifact_id, version }) => {
                out.serialize_field("maven_group_id", group_id)?;
                out.serialize_field("maven_artifact_id", artifact_id)?;
                out.serialize_field("maven_version", version)?;
            }
            Some(Typed::Win { platform }) => out.serialize_field("platform", platform)?,
        }
        if let Some(extra) = &self.extra {
            out.serialize_field("extra", &extra.as_deref())?;
        }
        out.end()
    }
}

/// How many of the nearest tags are read first when only the latest builds are wanted.
const NEAREST: usize = 4;

/// The builds wanted: those of the nearest tag first, and of one tag the most recently tagged first.
///
/// A tag that is inherited in two ways gives its builds twice, as Koji does.
///
/// When only the latest are wanted, the nearest tags are read first, and of further ones only builds of packages that
/// still lack some: a release has nearly every package itself, and what it inherits from older ones is many times that.
pub fn builds(cx: &mut Cx<'_>, wanted: &Wanted) -> Result<Vec<TaggedBuild>> {
    // the package list counts by inheritance, whether builds do or not
    let links = ancestors::links(cx, wanted.tag, wanted.event)?;
    let inherited = if wanted.inherit { links.as_slice() } else { &[] };
    let tags = tag_ids(wanted.tag, inherited);
    let limit = match (wanted.latest, &wanted.package) {
        (Latest::First(_), None) => NEAREST.min(tags.len()),
        _ => tags.len(),
    };
    let (near, far) = tags.split_at(limit);
    let scope = |among| Scope { tag: wanted.tag, links: &links, event: wanted.event, among };
    let (mut rows, mut visible) = if far.is_empty() {
        let rows = load::rows(cx, wanted, near, None)?;
        let among = Some(packages(&rows));
        (rows, visible(cx, &scope(among))?)
    } else {
        let load = |cx: &mut Cx<'_>| load::rows(cx, wanted, near, None);
        let (rows, visible) = together::both(cx, load, |cx| visible(cx, &scope(None)));
        (rows?, visible?)
    };
    if let Some(prefix) = wanted.prefix.as_deref().map(str::to_lowercase) {
        visible.retain(|_, name| name.to_lowercase().starts_with(&prefix));
    }
    if let (Latest::First(count), false) = (wanted.latest, far.is_empty()) {
        let lacking = lacking(&rows, &visible, count);
        if !lacking.is_empty() {
            rows.extend(load::rows(cx, wanted, far, Some(lacking))?);
        }
    }
    let order =
        std::iter::once(i64::from(wanted.tag)).chain(inherited.iter().map(|link| link.edge.parent_id));
    let candidates = order
        .flat_map(|tag| rows.get(&tag).into_iter().flatten())
        .filter(|row| visible.contains_key(&row.package_id));
    let shown = take_latest(candidates, wanted.latest, |row| row.package_id).into_iter().cloned().collect();
    name(cx, wanted, shown, &visible)
}

/// The packages of builds.
fn packages(rows: &HashMap<i64, Vec<Arc<BuildRow>>>) -> Vec<i32> {
    let mut packages: Vec<i32> = rows.values().flatten().map(|row| row.package_id).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// The packages that have fewer builds than that.
fn lacking(rows: &HashMap<i64, Vec<Arc<BuildRow>>>, visible: &HashMap<i32, Shared>, count: i64) -> Vec<i32> {
    let mut counts: HashMap<i32, i64> = visible.keys().map(|package| (*package, 0)).collect();
    for row in rows.values().flatten() {
        counts.entry(row.package_id).and_modify(|counted| *counted += 1);
    }
    counts.into_iter().filter(|(_, counted)| *counted < count).map(|(package, _)| package).collect()
}

/// Adds the names that many builds share, and what was asked for beyond.
fn name(
    cx: &mut Cx<'_>,
    wanted: &Wanted,
    shown: Vec<Arc<BuildRow>>,
    packages: &HashMap<i32, Shared>,
) -> Result<Vec<TaggedBuild>> {
    let people = shown.iter().flat_map(|row| std::iter::once(row.owner_id).chain(row.promoter_id));
    let known = Unknown::default()
        .names("users", people)
        .names("tag", shown.iter().map(|row| row.tag_id))
        .names("volume", shown.iter().map(|row| row.volume_id))
        .events(shown.iter().map(|row| row.creation_event_id))
        .load(cx.db)?;
    let ids = || shown.iter().map(|row| row.build_id).collect::<Vec<i32>>();
    let mut typed = typed(cx, wanted.btype.as_deref(), ids)?;
    let mut extras = if wanted.extra { Some(extras(cx, ids())?) } else { None };
    Ok(shown
        .into_iter()
        .map(|row| TaggedBuild {
            creation_time: known.time(row.creation_event_id),
            tag_name: known.name("tag", row.tag_id),
            package_name: packages.get(&row.package_id).cloned().unwrap_or_default(),
            owner_name: known.name("users", row.owner_id),
            promoter_name: row.promoter_id.map(|promoter| known.name("users", promoter)),
            volume_name: known.name("volume", row.volume_id),
            typed: typed.get_mut(&row.build_id).map(|typed| typed.clone()),
            extra: extras.as_mut().map(|extras| extras.get(&row.build_id).cloned()),
            row,
        })
        .collect())
}

fn typed(
    cx: &mut Cx<'_>,
    btype: Option<&str>,
    ids: impl Fn() -> Vec<i32>,
) -> Result<HashMap<i32, Arc<Typed>>> {
    match btype {
        Some("maven") => {
            let rows: Vec<(i32, String, String, String)> = Query::from("maven_builds")
                .filter("build_id IN ?", ids())
                .select(cx.db, "build_id, group_id, artifact_id, version")?;
            let typed = |(id, group_id, artifact_id, version)| {
                (id, Arc::new(Typed::Maven { group_id, artifact_id, version }))
            };
            Ok(rows.into_iter().map(typed).collect())
        }
        Some("win") => {
            let rows: Vec<(i32, String)> = Query::from("win_builds")
                .filter("build_id IN ?", ids())
                .select(cx.db, "build_id, platform")?;
            Ok(rows.into_iter().map(|(id, platform)| (id, Arc::new(Typed::Win { platform }))).collect())
        }
        _ => Ok(HashMap::new()),
    }
}

fn extras(cx: &mut Cx<'_>, ids: Vec<i32>) -> Result<HashMap<i32, Arc<Json>>> {
    let rows: Vec<(i32, Json)> =
        Query::from("build").filter("id IN ? AND extra IS NOT NULL", ids).select(cx.db, "id, extra")?;
    Ok(rows.into_iter().map(|(id, extra)| (id, Arc::new(extra))).collect())
}
