//! Importing rpm files: their rows, their files, their signature headers.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::RpmFile;
use super::signature::{self, NewSignature};
use crate::api::Arg as _;
use crate::build::state::BuildState;
use crate::build::{BuildRef, BuildRow, btype, create, files, row};
use crate::context::Cx;
use crate::db::{Bind, Insert};
use crate::nvr::{Nvr, Nvra, target_release};
use crate::paths;
use crate::plugin;
use crate::tag::updates::{self, TagUpdate};
use crate::wire::{self, Map, Value};
use crate::{Error, Result};

/// The row of an rpm that is imported.
#[derive(Clone, Debug, Serialize)]
pub struct NewRow {
    /// Its id
    pub id: i32,
    /// Its name
    pub name: String,
    /// Its version
    pub version: String,
    /// Its release
    pub release: String,
    /// Its epoch
    pub epoch: Option<i64>,
    /// Its arch
    pub arch: String,
    /// 1 for a source rpm
    pub sourcepackage: Option<i32>,
    /// The source rpm that it was built from
    pub sourcerpm: Option<String>,
    /// When it was built, in seconds since the epoch
    pub buildtime: i64,
    /// Its size in bytes
    pub size: i64,
    /// The MD5 sum of header and payload
    pub payloadhash: String,
    /// Whether its build is a draft
    pub draft: bool,
    /// The build's id
    pub build_id: i32,
    /// The buildroot that it was built in
    pub buildroot_id: Option<i32>,
    /// 0: our own
    pub external_repo_id: i32,
    /// The buildroot again
    pub brootid: Option<i32>,
}

/// An rpm that has been imported, as `importRPM` answers.
#[derive(Clone, Debug, Serialize)]
pub struct ImportedRpm {
    /// The rpm
    #[serde(flatten)]
    pub row: NewRow,
    /// Its build
    pub build: BuildRow,
}

/// A file to be imported, and what is known of it beside.
#[derive(Clone, Debug, Default)]
pub struct NewRpm {
    /// The file
    pub file: PathBuf,
    /// The buildroot
    pub buildroot: Option<i32>,
    /// Whether it wraps files of another build type, so that its source rpm may have another name
    pub wrapper: bool,
    /// What else a content generator tells of it
    pub extra: Option<serde_json::Value>,
    /// Everything that it tells of it, for plugins
    pub told: Option<serde_json::Value>,
}

/// `importRPM`: takes an uploaded rpm into its build, which a source rpm makes if there is none.
pub fn import_upload(cx: &mut Cx<'_>, dir: &str, name: &str) -> Result<ImportedRpm> {
    let file = files::uploaded(cx, &format!("{dir}/{name}"))?;
    let rpm = open(&file)?;
    let build = build_of(cx, &rpm)?;
    let read = Read::new(&build, NewRpm { file, ..NewRpm::default() }, &rpm);
    let row = import_read(cx, &build, vec![read])?.pop();
    let row = row.ok_or_else(|| Error::unforeseen("nothing was imported"))?;
    updates::note_build(cx, row.build_id, TagUpdate::Import)?;
    Ok(ImportedRpm { row, build })
}

/// Imports files into a build: rows, places in the build, signature headers. All are looked at before the first is
/// imported.
pub fn import(cx: &mut Cx<'_>, build: &BuildRow, new: Vec<NewRpm>) -> Result<()> {
    let read = |new: NewRpm| {
        let rpm = open(&new.file)?;
        if !new.wrapper {
            check_source(&rpm, build)?;
        }
        Ok(Read::new(build, new, &rpm))
    };
    let read = new.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    import_read(cx, build, read).map(drop)
}

/// Reads the headers of a file, which must be named as rpms are.
fn open(file: &Path) -> Result<RpmFile> {
    if !file.exists() {
        return Err(Error::generic(format!("No such file: {}", file.display())));
    }
    let rpm =
        RpmFile::open(file).map_err(|error| Error::unforeseen(error.message.clone()).caused_by(error))?;
    let expected = format!("{}.rpm", rpm.nvra());
    let basename = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if basename != expected {
        return Err(Error::generic(format!("bad filename: {basename} (expected {expected})")));
    }
    Ok(rpm)
}

/// A file whose headers have been read; of these only what is needed stays in memory.
struct Read {
    new: NewRpm,
    row: NewRow,
    sighdr: Vec<u8>,
}

impl Read {
    fn new(build: &BuildRow, new: NewRpm, rpm: &RpmFile) -> Self {
        let row = NewRow {
            id: 0,
            name: rpm.name.clone(),
            version: rpm.version.clone(),
            release: rpm.release.clone(),
            epoch: rpm.epoch,
            arch: rpm.arch.clone(),
            sourcepackage: rpm.is_source().then_some(1),
            sourcerpm: rpm.sourcerpm.clone(),
            buildtime: rpm.buildtime_s,
            size: rpm.size_bytes.cast_signed(),
            payloadhash: rpm.payloadhash.clone(),
            draft: build.draft,
            build_id: build.id,
            buildroot_id: new.buildroot,
            external_repo_id: 0,
            brootid: new.buildroot,
        };
        Self { new, row, sighdr: rpm.sighdr().to_vec() }
    }
}

fn import_read(cx: &mut Cx<'_>, build: &BuildRow, mut files: Vec<Read>) -> Result<Vec<NewRow>> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let state = build.build_state()?;
    if matches!(state, BuildState::Failed | BuildState::Canceled | BuildState::Deleted) {
        return Err(Error::generic(format!("Build is {state}: {}", build.nvr)));
    }
    btype::add(cx, build.id, "rpm")?;
    hook(cx, "preImport", build, &files)?;
    insert(cx, &mut files)?;
    hook(cx, "postImport", build, &files)?;
    let dir = cx.env.paths.build(build.dir());
    let (mut rows, mut signatures) = (Vec::new(), Vec::new());
    for Read { new, row, sighdr } in files {
        let NewRow { name, version, release, arch, .. } = &row;
        let path = dir.join(paths::rpm(paths::RpmFile { name, version, release, arch }));
        files::take_in(cx, &new.file, &path)?;
        let payloadhash = row.payloadhash.clone();
        signatures.push(NewSignature { rpm_id: row.id, payloadhash, path, sighdr });
        rows.push(row);
    }
    signature::add(cx, &signatures)?;
    Ok(rows)
}

/// Inserts the rows of files, which get their ids.
fn insert(cx: &mut Cx<'_>, files: &mut [Read]) -> Result<()> {
    let columns = &[
        "name",
        "version",
        "release",
        "epoch",
        "arch",
        "buildtime",
        "size",
        "payloadhash",
        "draft",
        "build_id",
        "buildroot_id",
        "external_repo_id",
        "extra",
    ];
    let rows = files.iter().map(|Read { new, row, .. }| -> Vec<Bind> {
        vec![
            (&row.name).into(),
            (&row.version).into(),
            (&row.release).into(),
            row.epoch.into(),
            (&row.arch).into(),
            row.buildtime.into(),
            row.size.into(),
            (&row.payloadhash).into(),
            row.draft.into(),
            row.build_id.into(),
            row.buildroot_id.into(),
            row.external_repo_id.into(),
            new.extra.as_ref().into(),
        ]
    });
    let ids = Insert::many_returning(cx.db, "rpminfo", columns, rows.collect())?;
    files.iter_mut().zip(ids).for_each(|(file, id)| file.row.id = id);
    Ok(())
}

fn hook(cx: &mut Cx<'_>, point: &str, build: &BuildRow, files: &[Read]) -> Result<()> {
    files.iter().try_for_each(|Read { new, row, .. }| {
        plugin::run(cx, point, |_| {
            let build = wire::to_value(build)?;
            let mut rpm = Map::take(wire::to_value(row)?)?;
            rpm.push(("build".into(), build.clone()));
            Ok(vec![
                ("type".into(), "rpm".into()),
                ("rpm".into(), Value::Struct(rpm)),
                ("build".into(), build),
                ("filepath".into(), Value::String(new.file.display().to_string())),
                ("fileinfo".into(), wire::to_value(&new.told)?),
            ])
        })
    })
}

/// The build that an rpm belongs to by the name of its source rpm.
fn build_of(cx: &mut Cx<'_>, rpm: &RpmFile) -> Result<BuildRow> {
    if rpm.is_source() {
        let nvr = Nvr {
            name: rpm.name.clone(),
            version: rpm.version.clone(),
            release: rpm.release.clone(),
            epoch: String::new(),
        };
        let wanted = BuildRef::Nvr(nvr.clone());
        if let Some(build) = row::find(cx, &wanted)? {
            return Ok(build);
        }
        let id = create::create(cx, &create::NewBuild::of(nvr, rpm.epoch))?;
        return row::get(cx, &BuildRef::from(id));
    }
    let source = rpm.sourcerpm.as_deref().unwrap_or_default();
    let Nvra { name, version, release, epoch, .. } = Nvra::parse(source)
        .map_err(|error| Error::generic(format!("{} names no source rpm", rpm.nvra())).caused_by(error))?;
    row::find(cx, &BuildRef::Nvr(Nvr { name, version, release, epoch }))?.ok_or_else(|| {
        Error::generic(format!("No such build: {source} is to be imported before {}", rpm.nvra()))
    })
}

/// The source rpm must be the one that the build is named after.
fn check_source(rpm: &RpmFile, build: &BuildRow) -> Result<()> {
    let release = if build.draft { target_release(&build.release)? } else { &build.release };
    let expected = format!("{}-{}-{release}.src.rpm", build.name, build.version);
    let own = format!("{}.rpm", rpm.nvra());
    let source = if rpm.is_source() { &own } else { rpm.sourcerpm.as_deref().unwrap_or_default() };
    if source == expected {
        return Ok(());
    }
    Err(Error::generic(format!("srpm mismatch for {}: {source} (expected {expected})", rpm.path.display())))
}
