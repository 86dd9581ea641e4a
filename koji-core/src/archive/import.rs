//! Importing archives: their rows, their parts, their files.

use std::path::{Path, PathBuf};

use sha1::Digest as _;

use super::list::{self, Archive};
use super::{kind, pom};
use crate::build::typed::{MavenInfo, refuse_draft};
use crate::build::{BuildRef, BuildRow, btype, files};
use crate::context::Cx;
use crate::db::{Insert, Lookup, Query, lookup};
use crate::digest::hex;
use crate::paths::{self, safe_join};
use crate::rpm::checksums::{self, ChecksumType};
use crate::wire::{self, Value};
use crate::{Error, Fault, Result, plugin};

/// What an archive is, by build type.
#[derive(Clone, Debug)]
pub enum Part {
    /// A Maven artifact
    Maven(MavenInfo),
    /// A Windows file
    Win {
        /// The directory below the build's
        relpath: String,
        /// What it is for
        platforms: Vec<String>,
        /// How it was built
        flags: Vec<String>,
    },
    /// An image
    Image {
        /// Its arch
        arch: String,
    },
    /// Anything else: the build type, and a directory below the build's
    Other(String, String),
}

impl Part {
    /// The build type.
    pub fn btype(&self) -> &str {
        match self {
            Self::Maven(_) => "maven",
            Self::Win { .. } => "win",
            Self::Image { .. } => "image",
            Self::Other(btype, _) => btype,
        }
    }
}

/// An archive to be.
#[derive(Clone, Debug)]
pub struct NewArchive {
    /// The uploaded file
    pub file: PathBuf,
    /// What it is
    pub part: Part,
    /// The buildroot that it was built in
    pub buildroot: Option<i32>,
    /// What else is known
    pub extra: Option<serde_json::Value>,
    /// Everything that a content generator tells of it, for plugins
    pub told: Option<serde_json::Value>,
}

/// What is known of a file's content.
#[derive(Clone, Debug)]
pub struct Content {
    /// Its size in bytes
    pub size: i64,
    /// The kind of the checksum
    pub checksum_type: ChecksumType,
    /// The checksum
    pub checksum: String,
    /// Whether only this description is imported, and the file itself is not here
    pub metadata_only: bool,
}

impl Content {
    /// Of a file, with one checksum.
    pub fn of_file(file: &Path, checksum_type: ChecksumType) -> Result<Self> {
        let meta = file
            .metadata()
            .map_err(|error| Error::generic(format!("No such file: {}", file.display())).caused_by(error))?;
        let sums = checksums::of_file(file, &[checksum_type])?;
        let (checksum_type, checksum) =
            sums.into_iter().next().ok_or_else(|| Error::unforeseen("no checksum was computed"))?;
        Ok(Self { size: meta.len().cast_signed(), checksum_type, checksum, metadata_only: false })
    }
}

/// Imports an archive into a build, which must be of its type.
pub fn import(cx: &mut Cx<'_>, build: &BuildRow, new: &NewArchive) -> Result<Archive> {
    refuse_draft(build)?;
    let content = Content::of_file(&new.file, ChecksumType::Sha256)?;
    import_known(cx, build, new, &content)
}

/// The same, of a file whose content has been looked at already.
pub fn import_known(
    cx: &mut Cx<'_>,
    build: &BuildRow,
    new: &NewArchive,
    content: &Content,
) -> Result<Archive> {
    refuse_draft(build)?;
    let file = &new.file;
    let filename = file
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(|| Error::generic(format!("No such file: {}", file.display())))?
        .to_owned();
    let kind = kind::get_by_filename(cx, &filename)?;
    let btype_id = check_type(cx, build, new.part.btype())?;
    let dest = destination(cx, build, new, &filename)?;
    if let Part::Maven(info) = &new.part
        && kind.name == "pom"
        && !content.metadata_only
    {
        check_pom(file, &filename, info)?;
    }
    refuse_double(cx, build, new, btype_id, &filename)?;
    hook(cx, "preImport", build, new, None)?;
    let id: i32 = Insert::into("archiveinfo")
        .set("type_id", kind.id)
        .set("btype_id", btype_id)
        .set("build_id", build.id)
        .set("buildroot_id", new.buildroot)
        .set("filename", &filename)
        .set("size", content.size)
        .set("checksum", &content.checksum)
        .set("checksum_type", content.checksum_type as i32)
        .set("metadata_only", content.metadata_only)
        .set("extra", new.extra.as_ref())
        .returning(cx.db, "id")?;
    insert_part(cx, id, &new.part)?;
    if !content.metadata_only {
        files::take_in(cx, file, &dest)?;
        if matches!(new.part, Part::Maven(_)) {
            write_sums(cx, file, &dest)?;
        }
    }
    let archive = list::get(cx, id.into())?;
    hook(cx, "postImport", build, new, Some(&archive))?;
    Ok(archive)
}

/// The id of the build type, which the build must have.
fn check_type(cx: &mut Cx<'_>, build: &BuildRow, name: &str) -> Result<i32> {
    let found = lookup::find(cx, "btype", &Lookup::from(name))?
        .ok_or_else(|| Error::build(format!("unsupported build type: {name}")))?;
    let types = btype::of_build(cx, &BuildRef::from(build.id), true)?.unwrap_or_default();
    if !types.contains_key(name) {
        return Err(Error::new(Fault::Import, format!("Build {} does not have type {name}", build.nvr)));
    }
    Ok(found.id)
}

fn destination(cx: &Cx<'_>, build: &BuildRow, new: &NewArchive, filename: &str) -> Result<PathBuf> {
    let paths = &cx.env.paths;
    let (dir, below) = match &new.part {
        Part::Maven(info) => {
            let below = paths::maven_repo(&info.group_id, &info.artifact_id, &info.version);
            (paths.maven_build(build.dir()), below)
        }
        Part::Win { relpath, .. } => (paths.win_build(build.dir()), relpath.clone()),
        Part::Image { .. } => (paths.image_build(build.dir()), String::new()),
        Part::Other(btype, below) => (paths.type_dir(build.dir(), btype), below.clone()),
    };
    Ok(safe_join(&dir, &below)?.join(filename))
}

/// A project file must say what the client says, and be named after it.
fn check_pom(file: &Path, filename: &str, info: &MavenInfo) -> Result<()> {
    let label = |info: &MavenInfo| format!("{}-{}-{}", info.group_id, info.artifact_id, info.version);
    let own = pom::read(file)?;
    if own != *info {
        return Err(Error::build(format!(
            "Maven info from .pom file ({}) does not match user-supplied typeInfo ({})",
            label(&own),
            label(info)
        )));
    }
    if filename != format!("{}-{}.pom", info.artifact_id, info.version) {
        return Err(Error::build(format!(
            "Maven info ({}) is not consistent with pom filename ({filename})",
            label(info)
        )));
    }
    Ok(())
}

/// The database has no constraint that would keep an archive from being imported twice.
fn refuse_double(
    cx: &mut Cx<'_>,
    build: &BuildRow,
    new: &NewArchive,
    btype: i32,
    filename: &str,
) -> Result<()> {
    let query = Query::from("archiveinfo")
        .filter("archiveinfo.build_id = ? AND archiveinfo.btype_id = ?", (build.id, btype))
        .filter("archiveinfo.filename = ?", filename);
    let query = match &new.part {
        Part::Maven(info) => query.join("maven_archives ON maven_archives.archive_id = archiveinfo.id").filter(
            "maven_archives.group_id = ? AND maven_archives.artifact_id = ? AND maven_archives.version = ?",
            (&info.group_id, &info.artifact_id, &info.version),
        ),
        Part::Win { relpath, .. } => query
            .join("win_archives ON win_archives.archive_id = archiveinfo.id")
            .filter("win_archives.relpath = ?", relpath),
        // Below different directories a content generator may bring files of the same name.
        Part::Other(_, below) if !below.is_empty() => return Ok(()),
        Part::Image { .. } | Part::Other(..) => query,
    };
    if query.exists(cx.db)? {
        return Err(Error::generic(format!(
            "Error importing archive file, {filename} already exists in {}",
            build.nvr
        )));
    }
    Ok(())
}

fn insert_part(cx: &mut Cx<'_>, id: i32, part: &Part) -> Result<()> {
    match part {
        Part::Maven(info) => Insert::into("maven_archives")
            .set("archive_id", id)
            .set("group_id", &info.group_id)
            .set("artifact_id", &info.artifact_id)
            .set("version", &info.version)
            .execute(cx.db),
        Part::Win { relpath, platforms, flags } => {
            if platforms.is_empty() {
                return Err(Error::build("no value for platforms"));
            }
            let flags = Some(flags.join(" ")).filter(|flags| !flags.is_empty());
            Insert::into("win_archives")
                .set("archive_id", id)
                .set("relpath", relpath)
                .set("platforms", platforms.join(" "))
                .set("flags", flags)
                .execute(cx.db)
        }
        Part::Image { arch } => {
            Insert::into("image_archives").set("archive_id", id).set("arch", arch).execute(cx.db)
        }
        Part::Other(..) => Ok(()),
    }
}

/// Maven wants checksums in files beside an artifact. `file` is the upload that takes its place there.
pub fn write_sums(cx: &mut Cx<'_>, file: &Path, place: &Path) -> Result<()> {
    let bytes = std::fs::read(file).map_err(|source| Error::io(file, source))?;
    let sums = [("md5", hex(&md5::Md5::digest(&bytes))), ("sha1", hex(&sha1::Sha1::digest(&bytes)))];
    for (extension, sum) in sums {
        let mut name = place.as_os_str().to_owned();
        name.push(format!(".{extension}"));
        let dest = PathBuf::from(name);
        if !dest.exists() {
            files::write(cx, &dest, sum.as_bytes())?;
        }
    }
    Ok(())
}

fn hook(
    cx: &mut Cx<'_>,
    point: &str,
    build: &BuildRow,
    new: &NewArchive,
    archive: Option<&Archive>,
) -> Result<()> {
    plugin::run(cx, point, |_| {
        Ok(vec![
            ("type".into(), "archive".into()),
            ("archive".into(), archive.map(wire::to_value).transpose()?.unwrap_or_default()),
            ("build".into(), wire::to_value(build)?),
            ("build_type".into(), new.part.btype().into()),
            ("filepath".into(), Value::String(new.file.display().to_string())),
            ("fileinfo".into(), wire::to_value(&new.told)?),
        ])
    })
}
