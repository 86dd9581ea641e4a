//! The files that a content generator brings: checked first, all of them, and then imported.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Map as Object, Value as Json};

use super::components::Matched;
use super::loose::is_true;
use super::metadata::{Output, typed};
use crate::archive::import::{Content, NewArchive, Part};
use crate::build::typed::MavenInfo;
use crate::build::{BuildRow, files, logs};
use crate::context::Cx;
use crate::db::{Bind, Insert};
use crate::nvr::Nvra;
use crate::paths::check_segment;
use crate::rpm::checksums::ChecksumType;
use crate::rpm::import::NewRpm;
use crate::{Error, Result, archive, rpm};

/// A file that may be imported.
pub struct Prepared<'m> {
    /// What the metadata says of it
    pub output: &'m Output,
    told: &'m Json,
    file: PathBuf,
    what: What,
}

enum What {
    Rpm,
    Log,
    Archive(Part, Content),
}

/// Checks a file: size, checksum, and that it is of one of the build's types.
pub fn prepare<'m>(
    cx: &mut Cx<'_>,
    (output, told): (&'m Output, &'m Json),
    directory: &str,
    types: &Object<String, Json>,
) -> Result<Prepared<'m>> {
    let name = &output.filename;
    if name.contains('/') {
        return Err(Error::unforeseen(format!(
            "Invalid path segment: {name} (give the directory as relpath)"
        )));
    }
    check_segment("output filename", name)?;
    let below = output.relpath.as_deref().unwrap_or_default();
    let file = files::uploaded(cx, &format!("{directory}/{below}/{name}"))?;
    let content = content(output, &file)?;
    let what = match output.kind.as_str().unwrap_or_default() {
        "rpm" => {
            if output.below().is_some() {
                return Err(Error::generic("subdir field not allowed for rpm outputs"));
            }
            if content.metadata_only {
                return Err(Error::generic("Metadata-only imports are not supported for rpms"));
            }
            Nvra::parse(name)?.check()?;
            What::Rpm
        }
        "log" => What::Log,
        _ => What::Archive(part(output, types)?, content),
    };
    Ok(Prepared { output, told, file, what })
}

/// What is in a file; it must be what the metadata says.
fn content(output: &Output, file: &std::path::Path) -> Result<Content> {
    let Output { filename, filesize, checksum, .. } = output;
    if output.metadata_only.0 {
        return Ok(Content {
            size: typed(filesize)?,
            checksum_type: checksum_type(output)?,
            checksum: typed(checksum)?,
            metadata_only: true,
        });
    }
    let size = file.metadata().map_err(|error| Error::io(file, error))?.len().cast_signed();
    if filesize.as_f64() != Some(size as f64) {
        return Err(Error::generic(format!(
            "File size {size} for {filename} (expected {filesize}) doesn't match. Corrupted upload?"
        )));
    }
    let content = Content::of_file(file, checksum_type(output)?)?;
    if content.checksum != *checksum {
        return Err(Error::generic(format!(
            "File checksum mismatch for {filename}: {checksum} != {}",
            content.checksum
        )));
    }
    Ok(content)
}

fn checksum_type(output: &Output) -> Result<ChecksumType> {
    if !is_true(&output.checksum_type) {
        return Err(Error::unforeseen(format!("the checksum of {} has no type", output.filename)));
    }
    let unsupported = || Error::generic(format!("Unsupported verify type: {}", output.checksum_type));
    ChecksumType::named(output.checksum_type.as_str().ok_or_else(unsupported)?)
}

/// What an archive is. Older types stand in `extra` itself, others in its `typeinfo`.
fn part(output: &Output, types: &Object<String, Json>) -> Result<Part> {
    let filename = &output.filename;
    let nothing = Object::new();
    let extra = match &output.extra {
        Some(Json::Object(extra)) => extra,
        None => &nothing,
        Some(other) => return Err(Error::unforeseen(format!("extra of {filename} is no object: {other}"))),
    };
    let legacy = ["maven", "win", "image"].into_iter().filter_map(|name| extra.get_key_value(name));
    let mut found: Vec<(&String, &Json)> = legacy.collect();
    if !found.is_empty() && output.below().is_some() {
        return Err(Error::generic("subdir field not allowed for legacy btypes"));
    }
    let typeinfo = match extra.get("typeinfo") {
        Some(Json::Object(typeinfo)) => Some(typeinfo),
        // An empty one has no types, whatever it is.
        Some(other) if (other.is_array() || other.is_string()) && !is_true(other) => None,
        Some(other) => {
            return Err(Error::unforeseen(format!("typeinfo of {filename} is no object: {other}")));
        }
        None => None,
    };
    if let Some(typeinfo) = typeinfo {
        if let Some((name, _)) = found.iter().find(|(name, _)| typeinfo.contains_key(*name)) {
            return Err(Error::generic(format!("Duplicate typeinfo for: '{name}'")));
        }
        found.extend(typeinfo);
    }
    let (name, info) = match found[..] {
        [] => return Err(Error::generic(format!("No typeinfo for: {filename}"))),
        [one] => one,
        _ => return Err(Error::generic(format!("Output file has multiple types: {filename}"))),
    };
    if !types.contains_key(name) {
        return Err(Error::generic(format!("Output type {name} not listed in build types")));
    }
    if output.tells_components() && matches!(name.as_str(), "maven" | "win") {
        return Err(Error::generic(format!("Component list not allowed for archives of type {name}")));
    }
    Ok(match name.as_str() {
        "maven" => Part::Maven(typed::<MavenInfo>(info)?),
        "win" => {
            let WinInfo { relpath, platforms, flags } = typed(info)?;
            Part::Win {
                relpath: relpath.trim_matches('/').to_owned(),
                platforms,
                flags: flags.unwrap_or_default(),
            }
        }
        "image" => Part::Image { arch: typed::<ImageInfo>(info)?.arch },
        _ => Part::Other(name.clone(), output.below().unwrap_or_default().to_owned()),
    })
}

#[derive(serde::Deserialize)]
struct WinInfo {
    relpath: String,
    platforms: Vec<String>,
    flags: Option<Vec<String>>,
}

#[derive(serde::Deserialize)]
struct ImageInfo {
    arch: String,
}

impl Prepared<'_> {
    /// Whether it is an rpm.
    pub fn is_rpm(&self) -> bool {
        matches!(self.what, What::Rpm)
    }

    /// Whether it is an archive, which may have components.
    pub fn is_archive(&self) -> bool {
        matches!(self.what, What::Archive(..))
    }
}

/// A file with the buildroot that it was built in, and what it is made of.
pub type Built<'m> = (Prepared<'m>, i32, &'m Matched);

/// Imports files into a build.
pub fn import(cx: &mut Cx<'_>, build: &BuildRow, files: Vec<Built<'_>>) -> Result<()> {
    let (mut rpms, mut archives, mut made_of) = (Vec::new(), Vec::new(), Vec::new());
    for (Prepared { output, told, file, what }, buildroot, components) in files {
        let (buildroot, told) = (Some(buildroot), Some(told.clone()));
        let extra = output.extra.clone().filter(|extra| !extra.is_null());
        match what {
            What::Rpm => rpms.push(NewRpm { file, buildroot, wrapper: false, extra, told }),
            // Logs have no rows: what is not here leaves nothing.
            What::Log if output.metadata_only.0 => {}
            What::Log => logs::import(cx, build, &file, output.below().unwrap_or_default())?,
            What::Archive(part, content) => {
                archives.push((content, NewArchive { file, part, buildroot, extra, told }));
                made_of.push(components);
            }
        }
    }
    rpm::import::import(cx, build, rpms)?;
    let archives = archive::import::import_known(cx, build, archives)?;
    add_components(cx, &archives.into_iter().zip(made_of).collect::<Vec<_>>())
}

fn add_components(cx: &mut Cx<'_>, made: &[(i32, &Matched)]) -> Result<()> {
    let rows = |ids: fn(&Matched) -> &[i32]| -> Vec<Vec<Bind>> {
        let of_one = |(archive, made_of): &(i32, &Matched)| {
            let (archive, ids) = (*archive, BTreeSet::from_iter(ids(made_of).iter().copied()));
            ids.into_iter().map(move |id| vec![archive.into(), id.into()])
        };
        made.iter().flat_map(of_one).collect()
    };
    let (rpms, archives) = (rows(|made_of| &made_of.rpms), rows(|made_of| &made_of.archives));
    Insert::many(cx.db, "archive_rpm_components", &["archive_id", "rpm_id"], rpms)?;
    Insert::many(cx.db, "archive_components", &["archive_id", "component_id"], archives)
}
