//! Importing rpm files: their rows, their files, their signature headers.

use std::path::Path;

use serde::Serialize;

use super::RpmFile;
use super::signature;
use crate::build::state::BuildState;
use crate::build::{BuildRef, BuildRow, btype, create, files, row};
use crate::context::Cx;
use crate::db::Insert;
use crate::nvr::{Nvr, Nvra, target_release};
use crate::paths;
use crate::plugin;
use crate::tag::updates::{self, TagUpdate};
use crate::wire::{self, Value};
use crate::{Error, Result};

/// An rpm that has been imported, as `importRPM` answers.
#[derive(Clone, Debug, Serialize)]
pub struct ImportedRpm {
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
    /// The build
    pub build: BuildRow,
}

/// What an import knows of an rpm beside the file.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The build; found by the source rpm's name if it is not given
    pub build: Option<BuildRow>,
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
    let imported = import(cx, &file, Origin::default())?;
    updates::note_build(cx, imported.build_id, TagUpdate::Import)?;
    Ok(imported)
}

/// Imports a file: row, place in the build, signature header.
pub fn import(cx: &mut Cx<'_>, file: &Path, origin: Origin) -> Result<ImportedRpm> {
    if !file.exists() {
        return Err(Error::generic(format!("No such file: {}", file.display())));
    }
    let rpm =
        RpmFile::open(file).map_err(|error| Error::unforeseen(error.message.clone()).caused_by(error))?;
    let imported = insert(cx, file, &rpm, origin)?;
    let dest = cx.env.paths.build(imported.build.dir()).join(paths::rpm(paths::RpmFile {
        name: &rpm.name,
        version: &rpm.version,
        release: &rpm.release,
        arch: &rpm.arch,
    }));
    files::take_in(cx, file, &dest)?;
    signature::add(cx, &signature::Target::new(imported.id, &imported.payloadhash, dest), rpm.sighdr())?;
    Ok(imported)
}

/// Inserts the row of an rpm file; nothing is moved.
pub fn insert(cx: &mut Cx<'_>, file: &Path, rpm: &RpmFile, origin: Origin) -> Result<ImportedRpm> {
    let expected = format!("{}.rpm", rpm.nvra());
    let basename = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if basename != expected {
        return Err(Error::generic(format!("bad filename: {basename} (expected {expected})")));
    }
    let build = match origin.build {
        Some(build) => {
            if !origin.wrapper {
                check_source(rpm, &build)?;
            }
            build
        }
        None => build_of(cx, rpm)?,
    };
    let state = build.build_state()?;
    if matches!(state, BuildState::Failed | BuildState::Canceled | BuildState::Deleted) {
        return Err(Error::generic(format!("Build is {state}: {}", build.nvr)));
    }
    btype::add(cx, build.id, "rpm")?;
    let mut imported = ImportedRpm {
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
        buildroot_id: origin.buildroot,
        external_repo_id: 0,
        brootid: origin.buildroot,
        build,
    };
    hook(cx, "preImport", &imported, (file, &origin.told))?;
    imported.id = Insert::into("rpminfo")
        .set("name", &imported.name)
        .set("version", &imported.version)
        .set("release", &imported.release)
        .set("epoch", imported.epoch)
        .set("arch", &imported.arch)
        .set("buildtime", imported.buildtime)
        .set("size", imported.size)
        .set("payloadhash", &imported.payloadhash)
        .set("draft", imported.draft)
        .set("build_id", imported.build_id)
        .set("buildroot_id", imported.buildroot_id)
        .set("external_repo_id", 0)
        .set("extra", origin.extra.as_ref())
        .returning(cx.db, "id")?;
    hook(cx, "postImport", &imported, (file, &origin.told))?;
    Ok(imported)
}

fn hook(
    cx: &mut Cx<'_>,
    point: &str,
    rpm: &ImportedRpm,
    (file, told): (&Path, &Option<serde_json::Value>),
) -> Result<()> {
    plugin::run(cx, point, |_| {
        Ok(vec![
            ("type".into(), "rpm".into()),
            ("rpm".into(), wire::to_value(rpm)?),
            ("build".into(), wire::to_value(&rpm.build)?),
            ("filepath".into(), Value::String(file.display().to_string())),
            ("fileinfo".into(), wire::to_value(told)?),
        ])
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
