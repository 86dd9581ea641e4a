//! `listArchives` and `getArchive`.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value as Json;

use crate::context::Cx;
use crate::db::cells::Cells;
use crate::db::row::{Cell, With};
use crate::db::{Lookup, Query, QueryOpts, Row, Rows, lookup};
use crate::{Error, Result, row};

row! {
    /// A file that is an archive.
    pub struct FileRow {
        /// Its id
        pub id: i32 = "archiveinfo.id",
        /// The type of the file
        pub type_id: i32 = "archiveinfo.type_id",
        /// The buildroot that it was built in
        pub buildroot_id: Option<i32> = "archiveinfo.buildroot_id",
        /// Its file name
        pub filename: String = "archiveinfo.filename",
        /// Its size in bytes
        pub size: i64 = "archiveinfo.size",
        /// Its checksum
        pub checksum: String = "archiveinfo.checksum",
        /// The number of the checksum's kind
        pub checksum_type: i32 = "archiveinfo.checksum_type",
        /// Whether only its description was imported
        pub metadata_only: bool = "archiveinfo.metadata_only",
    }
}

row! {
    /// An archive as it is stored.
    pub struct StoredRow: FileRow {
        /// The build type that it belongs to
        pub btype_id: Option<i32> = "archiveinfo.btype_id",
        /// The build type's name
        pub btype: Option<String> = "btype.name",
        /// Its build
        pub build_id: i32 = "archiveinfo.build_id",
    }
}

row! {
    /// An archive with what its type is.
    pub struct ArchiveRow: StoredRow {
        /// What else is known
        pub extra: Option<Json> = "archiveinfo.extra",
        /// The name of its type
        pub type_name: String = "archivetypes.name",
        /// What its type is
        pub type_description: String = "archivetypes.description",
        /// The extensions of its type
        pub type_extensions: String = "archivetypes.extensions",
        /// How its type can be looked into
        pub compression_type: Option<String> = "archivetypes.compression_type",
    }
}

row! {
    /// What Maven calls an archive.
    pub struct MavenPart {
        /// The group id
        pub group_id: String = "maven_archives.group_id",
        /// The artifact id
        pub artifact_id: String = "maven_archives.artifact_id",
        /// The version
        pub version: String = "maven_archives.version",
    }
}

row! {
    /// What Windows archives have.
    pub struct WinPart {
        /// The directory below the build's
        pub relpath: String = "win_archives.relpath",
        /// What it is for, separated by spaces
        pub platforms: String = "win_archives.platforms",
        /// How it was built, separated by spaces
        pub flags: Option<String> = "win_archives.flags",
    }
}

row! {
    /// What images have.
    pub struct ImagePart {
        /// Their arch
        pub arch: String = "image_archives.arch",
    }
}

/// A Maven archive.
pub type MavenArchive = With<ArchiveRow, MavenPart>;

/// A Windows archive.
pub type WinArchive = With<ArchiveRow, WinPart>;

/// An image.
pub type ImageArchive = With<ArchiveRow, ImagePart>;

/// An archive with what the question adds to it.
#[derive(Clone, Debug, Serialize)]
pub struct Asked<T> {
    /// The archive
    #[serde(flatten)]
    pub archive: T,
    /// The buildroot that it was in, if that was asked for
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component_buildroot_id: Option<i64>,
    /// Whether it was there as a dependency of the project
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<bool>,
    /// The host that built it, if that was asked for
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_id: Option<i64>,
}

/// The answer: what its rows have depends on the type that was asked for.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Listed {
    /// Any archives
    Plain(Rows<Asked<ArchiveRow>>),
    /// Maven archives
    Maven(Rows<Asked<MavenArchive>>),
    /// Windows archives
    Win(Rows<Asked<WinArchive>>),
    /// Images
    Image(Rows<Asked<ImageArchive>>),
}

/// Which archives are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// This one
    pub id: Option<i64>,
    /// Of a build
    pub build: Option<i64>,
    /// Built in a buildroot
    pub buildroot: Option<i64>,
    /// Present in a buildroot
    pub component_buildroot: Option<i64>,
    /// Built by a host
    pub host: Option<i64>,
    /// Part of another archive
    pub image: Option<i64>,
    /// Of a file name
    pub filename: Option<String>,
    /// Of a size in bytes
    pub size: Option<i64>,
    /// Of a checksum
    pub checksum: Option<String>,
    /// Of a kind of checksum
    pub checksum_type: Option<i64>,
    /// Of a build type
    pub btype: Option<String>,
    /// What the type's own table must say: a column and a text that it must equal, or hold as a word
    pub type_info: Vec<(&'static str, Option<String>)>,
}

/// Columns of lists of words.
const WORDS: [&str; 2] = ["platforms", "flags"];

/// Lists archives.
pub fn list(cx: &mut Cx<'_>, wanted: &Wanted, opts: &QueryOpts) -> Result<Listed> {
    let query = filtered(wanted);
    let typed = |query: Query, table: &str| {
        let query = query.join(&format!("{table} ON archiveinfo.id = {table}.archive_id"));
        wanted.type_info.iter().fold(query, |query, (column, value)| {
            if WORDS.contains(column) {
                let word = format!("' ' || {table}.{column} || ' ' LIKE '% ' || ? || ' %'");
                query.filter(&word, value.as_deref())
            } else {
                query.filter(&format!("{table}.{column} = ?"), value.as_deref())
            }
        })
    };
    match wanted.btype.as_deref() {
        None => rows(cx, query, wanted, opts, |archive: &ArchiveRow| archive.id).map(Listed::Plain),
        Some("maven") => {
            rows(cx, typed(query, "maven_archives"), wanted, opts, |archive: &MavenArchive| archive.base.id)
                .map(Listed::Maven)
        }
        Some("win") => {
            rows(cx, typed(query, "win_archives"), wanted, opts, |archive: &WinArchive| archive.base.id)
                .map(Listed::Win)
        }
        Some("image") => {
            rows(cx, typed(query, "image_archives"), wanted, opts, |archive: &ImageArchive| archive.base.id)
                .map(Listed::Image)
        }
        Some(btype) => {
            let id = lookup::find(cx, "btype", &Lookup::from(btype))?
                .ok_or_else(|| Error::generic(format!("unsupported archive type: {btype}")))?
                .id;
            if !wanted.type_info.is_empty() {
                return Err(Error::generic(format!("typeInfo queries not supported for type {btype}")));
            }
            let query = query.filter("archiveinfo.btype_id = ?", id);
            rows(cx, query, wanted, opts, |archive: &ArchiveRow| archive.id).map(Listed::Plain)
        }
    }
}

impl Listed {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Plain(rows) => rows.is_empty(),
            Self::Maven(rows) => rows.is_empty(),
            Self::Win(rows) => rows.is_empty(),
            Self::Image(rows) => rows.is_empty(),
        }
    }
}

fn filtered(wanted: &Wanted) -> Query {
    let mut query = Query::from("archiveinfo")
        .join("archivetypes ON archiveinfo.type_id = archivetypes.id")
        .left_join("btype ON archiveinfo.btype_id = btype.id")
        .filter_some("archiveinfo.id = ?", wanted.id)
        .filter_some("archiveinfo.build_id = ?", wanted.build)
        .filter_some("archiveinfo.buildroot_id = ?", wanted.buildroot)
        .filter_some("archiveinfo.filename = ?", wanted.filename.as_deref())
        .filter_some("archiveinfo.size = ?", wanted.size)
        .filter_some("archiveinfo.checksum = ?", wanted.checksum.as_deref())
        .filter_some("archiveinfo.checksum_type = ?", wanted.checksum_type);
    if let Some(buildroot) = wanted.component_buildroot {
        query = query
            .join("buildroot_archives ON archiveinfo.id = buildroot_archives.archive_id")
            .filter("buildroot_archives.buildroot_id = ?", buildroot);
    }
    if let Some(image) = wanted.image {
        query = query
            .join("archive_components ON archiveinfo.id = archive_components.component_id")
            .filter("archive_components.archive_id = ?", image);
    }
    if let Some(host) = wanted.host {
        query = query
            .join("standard_buildroot ON archiveinfo.buildroot_id = standard_buildroot.buildroot_id")
            .filter("standard_buildroot.host_id = ?", host);
    }
    query
}

fn rows<T: Row>(
    cx: &mut Cx<'_>,
    query: Query,
    wanted: &Wanted,
    opts: &QueryOpts,
    id: impl Fn(&T) -> i32,
) -> Result<Rows<Asked<T>>> {
    let found = query.rows::<T>(cx.db, opts)?;
    let mut projects: HashMap<i32, bool> = HashMap::new();
    if let Some(buildroot) = wanted.component_buildroot {
        let pairs: Vec<(i32, bool)> = Query::from("buildroot_archives")
            .filter("buildroot_id = ?", buildroot)
            .select(cx.db, "archive_id, project_dep")?;
        projects.extend(pairs);
    }
    Ok(found.map(|archive| Asked {
        project: projects.get(&id(&archive)).copied(),
        archive,
        component_buildroot_id: wanted.component_buildroot,
        host_id: wanted.host,
    }))
}

/// An image's own part, with whether it holds a root file system: one that was made of rpms does.
#[derive(Clone, Debug, Serialize)]
pub struct ImageInfo {
    /// Its arch
    #[serde(flatten)]
    pub image: ImagePart,
    /// Whether it was made of rpms
    pub rootid: bool,
}

/// An archive with the parts of every type that it has.
#[derive(Clone, Debug, Serialize)]
pub struct Archive {
    /// The archive
    #[serde(flatten)]
    pub row: ArchiveRow,
    /// What Maven calls it
    #[serde(flatten)]
    pub maven: Option<MavenPart>,
    /// What Windows archives have
    #[serde(flatten)]
    pub win: Option<WinPart>,
    /// What images have
    #[serde(flatten)]
    pub image: Option<ImageInfo>,
}

/// Archives by their ids, as far as they are there.
pub fn of_ids(cx: &mut Cx<'_>, ids: &[i32]) -> Result<HashMap<i32, Archive>> {
    let rows: Vec<ArchiveRow> =
        filtered(&Wanted::default()).filter("archiveinfo.id IN ?", ids).load(cx.db)?;
    let (mut maven, mut win) = (parts(cx, "maven_archives", ids)?, parts(cx, "win_archives", ids)?);
    let mut images = images(cx, ids)?;
    let whole = |row: ArchiveRow| {
        let id = row.id;
        (id, Archive { row, maven: maven.remove(&id), win: win.remove(&id), image: images.remove(&id) })
    };
    Ok(rows.into_iter().map(whole).collect())
}

/// An archive, if there is one.
pub fn find(cx: &mut Cx<'_>, id: i64) -> Result<Option<Archive>> {
    let Ok(id) = i32::try_from(id) else { return Ok(None) };
    Ok(of_ids(cx, &[id])?.remove(&id))
}

/// An archive.
pub fn get(cx: &mut Cx<'_>, id: i64) -> Result<Archive> {
    find(cx, id)?.ok_or_else(|| Error::generic(format!("No such archive: {id}")))
}

/// What Maven calls an archive, if it has such a part.
pub fn maven(cx: &mut Cx<'_>, id: i64) -> Result<Option<MavenPart>> {
    Query::from("maven_archives").filter("archive_id = ?", id).first(cx.db)
}

/// The Windows part of an archive, if it has one.
pub fn win(cx: &mut Cx<'_>, id: i64) -> Result<Option<WinPart>> {
    Query::from("win_archives").filter("archive_id = ?", id).first(cx.db)
}

/// The image part of an archive, if it has one.
pub fn image(cx: &mut Cx<'_>, id: i64) -> Result<Option<ImageInfo>> {
    let Ok(id) = i32::try_from(id) else { return Ok(None) };
    Ok(images(cx, &[id])?.remove(&id))
}

fn images(cx: &mut Cx<'_>, ids: &[i32]) -> Result<HashMap<i32, ImageInfo>> {
    let images = parts::<ImagePart>(cx, "image_archives", ids)?;
    if images.is_empty() {
        return Ok(HashMap::new());
    }
    let of_rpms: Vec<i32> = Query::from("archive_rpm_components")
        .filter("archive_id IN ?", ids)
        .distinct()
        .select(cx.db, "archive_id")?;
    let info = |(id, image)| (id, ImageInfo { image, rootid: of_rpms.contains(&id) });
    Ok(images.into_iter().map(info).collect())
}

/// A part with the archive that it is of.
struct Of<T>(i32, T);

impl<T: Row> Row for Of<T> {
    fn read(cells: &mut impl Cells) -> Result<Self> {
        Ok(Self(<i32 as Cell>::read(cells)?, T::read(cells)?))
    }
}

/// The parts of archives in the table of a type.
fn parts<T: Row>(cx: &mut Cx<'_>, table: &str, ids: &[i32]) -> Result<HashMap<i32, T>> {
    let columns: Vec<&str> = ["archive_id"]
        .into_iter()
        .chain(T::columns().into_iter().map(|(_, expression)| expression))
        .collect();
    let rows: Vec<Of<T>> =
        Query::from(table).filter("archive_id IN ?", ids).select(cx.db, &columns.join(", "))?;
    Ok(rows.into_iter().map(|Of(id, part)| (id, part)).collect())
}
