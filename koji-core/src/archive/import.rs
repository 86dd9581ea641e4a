//! Importing archives: their rows, their parts, their files.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use sha1::Digest as _;

use super::{kind, list, pom};
use crate::build::typed::{MavenInfo, refuse_draft};
use crate::build::{BuildRef, BuildRow, btype, files};
use crate::context::Cx;
use crate::db::{Bind, Insert, Query};
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

impl NewArchive {
    /// An archive of which nothing else is known.
    pub fn new(file: PathBuf, part: Part) -> Self {
        Self { file, part, buildroot: None, extra: None, told: None }
    }
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

/// Imports archives into a build, which must be of their types; their ids.
pub fn import(cx: &mut Cx<'_>, build: &BuildRow, new: Vec<NewArchive>) -> Result<Vec<i32>> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    refuse_draft(build)?;
    let known = |new: NewArchive| Ok((Content::of_file(&new.file, ChecksumType::Sha256)?, new));
    let known = new.into_iter().map(known).collect::<Result<_>>()?;
    import_known(cx, build, known)
}

/// The same, of files whose content has been looked at already. All are checked before the first is imported.
pub fn import_known(cx: &mut Cx<'_>, build: &BuildRow, new: Vec<(Content, NewArchive)>) -> Result<Vec<i32>> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    refuse_draft(build)?;
    let checked = check(cx, build, new)?;
    hook(cx, "preImport", build, &checked, &[])?;
    let ids = insert(cx, build, &checked)?;
    for Checked { new, content, dest, .. } in &checked {
        if !content.metadata_only {
            files::take_in(cx, &new.file, dest)?;
            if matches!(new.part, Part::Maven(_)) {
                write_sums(cx, &new.file, dest)?;
            }
        }
    }
    hook(cx, "postImport", build, &checked, &ids)?;
    Ok(ids)
}

/// Refuses a file that is not there, is of no known kind, or is of a type that its build does not have.
pub fn check_file(cx: &mut Cx<'_>, build: &BuildRow, file: &Path, btype: &str) -> Result<()> {
    refuse_draft(build)?;
    if !file.exists() {
        return Err(Error::generic(format!("No such file: {}", file.display())));
    }
    let name = filename(file)?;
    if kind::of_filename(&kind::list(cx)?, &name)?.is_none() {
        return Err(unsupported(&name));
    }
    Types::of(cx, build)?.id(build, btype).map(drop)
}

fn unsupported(filename: &str) -> Error {
    Error::generic(format!("unsupported file extension: {filename}"))
}

/// An archive that may be imported.
struct Checked {
    new: NewArchive,
    content: Content,
    filename: String,
    type_id: i32,
    btype_id: i32,
    dest: PathBuf,
}

fn check(cx: &mut Cx<'_>, build: &BuildRow, new: Vec<(Content, NewArchive)>) -> Result<Vec<Checked>> {
    let names = new.iter().map(|(_, new)| filename(&new.file)).collect::<Result<Vec<_>>>()?;
    let kinds = kind::list(cx)?;
    let types = Types::of(cx, build)?;
    let mut there = There::of(cx, build, &names)?;
    let mut checked = Vec::with_capacity(new.len());
    for ((content, new), filename) in new.into_iter().zip(names) {
        let kind = kind::of_filename(&kinds, &filename)?.ok_or_else(|| unsupported(&filename))?;
        let btype_id = types.id(build, new.part.btype())?;
        let dest = destination(cx, build, &new, &filename)?;
        if let Part::Maven(info) = &new.part
            && kind.name == "pom"
            && !content.metadata_only
        {
            check_pom(&new.file, &filename, info)?;
        }
        if !there.add(btype_id, &filename, &new.part) {
            return Err(Error::generic(format!(
                "Error importing archive file, {filename} already exists in {}",
                build.nvr
            )));
        }
        if matches!(&new.part, Part::Win { platforms, .. } if platforms.is_empty()) {
            return Err(Error::build("no value for platforms"));
        }
        checked.push(Checked { new, content, filename, type_id: kind.id, btype_id, dest });
    }
    Ok(checked)
}

fn filename(file: &Path) -> Result<String> {
    let name = file.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    name.ok_or_else(|| Error::generic(format!("No such file: {}", file.display())))
}

/// The build types that there are, and which of them a build has.
struct Types {
    ids: HashMap<String, i32>,
    of_build: BTreeMap<String, Option<serde_json::Value>>,
}

impl Types {
    fn of(cx: &mut Cx<'_>, build: &BuildRow) -> Result<Self> {
        let ids: Vec<(String, i32)> = Query::from("btype").select(cx.db, "name, id")?;
        let of_build = btype::of_build(cx, &BuildRef::from(build.id), true)?.unwrap_or_default();
        Ok(Self { ids: ids.into_iter().collect(), of_build })
    }

    /// The id of a build type, which the build must have.
    fn id(&self, build: &BuildRow, name: &str) -> Result<i32> {
        let id = self.ids.get(name).ok_or_else(|| Error::build(format!("unsupported build type: {name}")))?;
        if !self.of_build.contains_key(name) {
            return Err(Error::new(Fault::Import, format!("Build {} does not have type {name}", build.nvr)));
        }
        Ok(*id)
    }
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

/// The archives that a build has already, by build type and file name: the database has no constraint that would keep one
/// from being imported twice.
struct There(HashMap<(i32, String), Vec<Place>>);

/// Where an archive is, as far as its own table tells.
type Place = (Option<MavenInfo>, Option<String>);

impl There {
    fn of(cx: &mut Cx<'_>, build: &BuildRow, names: &[String]) -> Result<Self> {
        type Cells = (i32, String, Option<String>, Option<String>, Option<String>, Option<String>);
        let rows: Vec<Cells> = Query::from("archiveinfo")
            .left_join("maven_archives ON maven_archives.archive_id = archiveinfo.id")
            .left_join("win_archives ON win_archives.archive_id = archiveinfo.id")
            .filter("archiveinfo.build_id = ? AND archiveinfo.btype_id IS NOT NULL", build.id)
            .filter("archiveinfo.filename IN ?", names)
            .select(
                cx.db,
                "archiveinfo.btype_id, archiveinfo.filename, maven_archives.group_id, \
                 maven_archives.artifact_id, maven_archives.version, win_archives.relpath",
            )?;
        let mut there = HashMap::new();
        for (btype, filename, group_id, artifact_id, version, relpath) in rows {
            let maven = group_id.zip(artifact_id).zip(version);
            let maven =
                maven.map(|((group_id, artifact_id), version)| MavenInfo { group_id, artifact_id, version });
            there.entry((btype, filename)).or_insert_with(Vec::new).push((maven, relpath));
        }
        Ok(Self(there))
    }

    /// Adds an archive; false if it is there already.
    fn add(&mut self, btype: i32, filename: &str, part: &Part) -> bool {
        let place = match part {
            Part::Maven(info) => (Some(info.clone()), None),
            Part::Win { relpath, .. } => (None, Some(relpath.clone())),
            Part::Image { .. } | Part::Other(..) => (None, None),
        };
        let known = self.0.entry((btype, filename.to_owned())).or_default();
        let is_double = match part {
            Part::Maven(_) | Part::Win { .. } => known.contains(&place),
            // Below different directories a content generator may bring files of the same name.
            Part::Other(_, below) if !below.is_empty() => false,
            Part::Image { .. } | Part::Other(..) => !known.is_empty(),
        };
        known.push(place);
        !is_double
    }
}

/// Inserts the rows of archives and of their parts; the ids.
fn insert(cx: &mut Cx<'_>, build: &BuildRow, checked: &[Checked]) -> Result<Vec<i32>> {
    let columns = &[
        "type_id",
        "btype_id",
        "build_id",
        "buildroot_id",
        "filename",
        "size",
        "checksum",
        "checksum_type",
        "metadata_only",
        "extra",
    ];
    let rows = checked.iter().map(|Checked { new, content, filename, type_id, btype_id, .. }| -> Vec<Bind> {
        vec![
            (*type_id).into(),
            (*btype_id).into(),
            build.id.into(),
            new.buildroot.into(),
            filename.into(),
            content.size.into(),
            (&content.checksum).into(),
            (content.checksum_type as i32).into(),
            content.metadata_only.into(),
            new.extra.as_ref().into(),
        ]
    });
    let ids = Insert::many_returning(cx.db, "archiveinfo", columns, rows.collect())?;
    let (mut maven, mut win, mut images) = (Vec::new(), Vec::new(), Vec::new());
    for (id, Checked { new, .. }) in ids.iter().zip(checked) {
        let id = Bind::from(*id);
        match &new.part {
            Part::Maven(MavenInfo { group_id, artifact_id, version }) => {
                maven.push(vec![id, group_id.into(), artifact_id.into(), version.into()]);
            }
            Part::Win { relpath, platforms, flags } => {
                let flags = Some(flags.join(" ")).filter(|flags| !flags.is_empty());
                win.push(vec![id, relpath.into(), platforms.join(" ").into(), flags.into()]);
            }
            Part::Image { arch } => images.push(vec![id, arch.into()]),
            Part::Other(..) => {}
        }
    }
    Insert::many(cx.db, "maven_archives", &["archive_id", "group_id", "artifact_id", "version"], maven)?;
    Insert::many(cx.db, "win_archives", &["archive_id", "relpath", "platforms", "flags"], win)?;
    Insert::many(cx.db, "image_archives", &["archive_id", "arch"], images)?;
    Ok(ids)
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

/// Tells plugins of each; what has been imported is only loaded when one listens.
fn hook(cx: &mut Cx<'_>, point: &str, build: &BuildRow, checked: &[Checked], ids: &[i32]) -> Result<()> {
    if !cx.env.hooks.has(point) {
        return Ok(());
    }
    let archives = list::of_ids(cx, ids)?;
    for (at, Checked { new, .. }) in checked.iter().enumerate() {
        let archive = ids.get(at).and_then(|id| archives.get(id));
        plugin::run(cx, point, |_| {
            Ok(vec![
                ("type".into(), "archive".into()),
                ("archive".into(), archive.map(wire::to_value).transpose()?.unwrap_or_default()),
                ("build".into(), wire::to_value(build)?),
                ("build_type".into(), new.part.btype().into()),
                ("filepath".into(), Value::String(new.file.display().to_string())),
                ("fileinfo".into(), wire::to_value(&new.told)?),
            ])
        })?;
    }
    Ok(())
}
