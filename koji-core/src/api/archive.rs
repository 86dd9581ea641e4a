//! Methods about archives and their types.

use serde::Serialize;

use super::args::{Arg, OneOrMany};
use super::build::part;
use super::cast::{Iterated, KeyText, NameText};
use super::host_typed::as_answered;
use super::later::Later;
use super::typed_build::{maven_info, require};
use crate::archive::contents::{self, Member};
use crate::archive::import::{self, NewArchive, Part};
use crate::archive::kind::{self, ArchiveType};
use crate::archive::list::{self, Archive, ImageInfo, Listed, MavenPart, Wanted, WinPart};
use crate::build::{BuildRef, files, row};
use crate::context::Cx;
use crate::db::{QueryOpts, Rows};
use crate::methods;
use crate::wire::{Map, Value};
use crate::{Error, Result};

methods! {
    /// Archives that fulfil all that is asked for.
    read Anyone => ListArchives "listArchives"
        (buildID: Option<i64> = None, buildrootID: Option<i64> = None, componentBuildrootID: Option<i64> = None,
         hostID: Option<i64> = None, r#type: Option<String> = None, filename: Option<String> = None,
         size: Option<i64> = None, checksum: Option<String> = None, checksum_type: Option<i64> = None,
         typeInfo: Option<Map> = None, queryOpts: QueryOpts = QueryOpts::default(), imageID: Option<i64> = None,
         archiveID: Option<i64> = None, strict: bool = false) -> Listed
        = |m, cx| {
            let (opts, strict) = (m.queryOpts.clone(), m.strict);
            let found = list::list(cx, &wanted(m)?, &opts)?;
            if strict && found.is_empty() {
                return Err(Error::generic("No archives found."));
            }
            Ok(found)
        };

    /// An archive.
    read Anyone => GetArchive "getArchive" (archive_id: i64, strict: bool = false) -> Option<Archive>
        = |m, cx| match m.strict {
            true => list::get(cx, m.archive_id).map(Some),
            false => list::find(cx, m.archive_id),
        };

    /// What Maven calls an archive.
    read Anyone => GetMavenArchive "getMavenArchive" (archive_id: i64, strict: bool = false)
        -> Option<WithId<MavenPart>>
        = |m, cx| { let found = list::maven(cx, m.archive_id)?; with_id(m.archive_id, found, m.strict) };

    /// What a Windows archive has.
    read Anyone => GetWinArchive "getWinArchive" (archive_id: i64, strict: bool = false) -> Option<WithId<WinPart>>
        = |m, cx| { let found = list::win(cx, m.archive_id)?; with_id(m.archive_id, found, m.strict) };

    /// What an image has.
    read Anyone => GetImageArchive "getImageArchive" (archive_id: i64, strict: bool = false)
        -> Option<WithId<ImageInfo>>
        = |m, cx| { let found = list::image(cx, m.archive_id)?; with_id(m.archive_id, found, m.strict) };

    /// The files in an archive.
    read Anyone => ListArchiveFiles "listArchiveFiles"
        (archive_id: i64, queryOpts: QueryOpts = QueryOpts::default(), strict: bool = false) -> Rows<Member>
        = |m, cx| contents::answer(cx, m.archive_id, m.strict, &m.queryOpts);

    /// One file in an archive.
    read Anyone => GetArchiveFile "getArchiveFile" (archive_id: i64, filename: Later<String>, strict: bool = false)
        -> Option<Member>
        = |m, cx| {
            let name = m.filename.sought();
            let members = contents::members(cx, m.archive_id, m.strict)?;
            let found = members.into_iter().find(|one| name.as_ref() == Some(&one.name));
            if found.is_none() && m.strict {
                let name = name.unwrap_or_default();
                return Err(Error::generic(format!("No such file: {name} in archive#{}", m.archive_id)));
            }
            Ok(found)
        };

    /// All archive types.
    read Anyone => GetArchiveTypes "getArchiveTypes" () -> Vec<ArchiveType> = |_m, cx| kind::list(cx);

    /// The archive type of a file name, a name or an id.
    read Anyone => GetArchiveType "getArchiveType"
        (filename: Option<String> = None, type_name: Option<String> = None, type_id: Option<i64> = None,
         strict: bool = false) -> Option<ArchiveType>
        = |m, cx| find_type(cx, m);

    /// Adds an archive type.
    write Perm("admin") => AddArchiveType "addArchiveType"
        (name: NameText, #[checked] description: String, #[checked] extensions: String,
         #[checked] compression_type: Option<String> = None) -> ()
        = |m, cx| kind::add(cx, &m.name.0, &m.description, &m.extensions, m.compression_type.as_deref());

    /// Imports an uploaded archive into a build of its type.
    write Inside("the permission to import this type") => ImportArchive "importArchive"
        (filepath: String, buildinfo: BuildRef, r#type: KeyText, typeInfo: Later<Map>) -> ()
        = |m, cx| {
            match m.r#type.0.as_str() {
                "maven" => {
                    require(cx, "EnableMaven", "Maven")?;
                    cx.require_perm("maven-import")?;
                }
                "win" => {
                    require(cx, "EnableWin", "Windows")?;
                    cx.require_perm("win-import")?;
                }
                "image" => cx.require_perm("image-import")?,
                other => return Err(Error::generic(format!("unsupported archive type: {other}"))),
            }
            import(cx, &m.filepath, &m.buildinfo, &m.r#type.0, m.typeInfo)
        };

    /// The same, for builders.
    write Host => HostImportArchive "host.importArchive"
        (filepath: String, buildinfo: Value, r#type: KeyText, typeInfo: Later<Map>) -> ()
        = |m, cx| {
            match m.r#type.0.as_str() {
                "maven" => require(cx, "EnableMaven", "Maven")?,
                "win" => require(cx, "EnableWin", "Windows")?,
                other => return Err(Error::generic(format!("unsupported archive type: {other}"))),
            }
            if m.buildinfo.as_struct().is_none() {
                return Err(Error::unforeseen("buildinfo is a struct as getBuild answers it"));
            }
            let build = BuildRef::from(as_answered(cx, &m.buildinfo)?.id);
            import(cx, &m.filepath, &build, &m.r#type.0, m.typeInfo)
        };
}

/// A part of an archive, with the archive's id.
#[derive(Debug, Serialize)]
pub struct WithId<T> {
    /// The archive
    pub archive_id: i64,
    /// The part
    #[serde(flatten)]
    pub part: T,
}

fn with_id<T>(archive_id: i64, part: Option<T>, strict: bool) -> Result<Option<WithId<T>>> {
    match part {
        None if strict => Err(Error::generic(format!("archive {archive_id} has no such part"))),
        part => Ok(part.map(|part| WithId { archive_id, part })),
    }
}

fn wanted(m: ListArchives) -> Result<Wanted> {
    let columns: &[&'static str] = match m.r#type.as_deref() {
        Some("maven") => &["group_id", "artifact_id", "version"],
        Some("win") => &["relpath", "platforms", "flags"],
        Some("image") => &["arch"],
        _ => &[],
    };
    let info = m.typeInfo.unwrap_or_default();
    let mut type_info = Vec::new();
    for column in columns {
        if let Some((_, value)) = info.iter().find(|(key, _)| key == column) {
            match (*column, value) {
                // an empty arch is any; what is unknown equals nothing
                ("arch", value) if !value.is_true() => continue,
                (column, Value::Nil) => {
                    type_info.push((column, None));
                    continue;
                }
                _ => {}
            }
            let texts = OneOrMany::<String>::take(value.clone())?.into_vec();
            type_info.extend(texts.into_iter().map(|text| (*column, Some(text))));
        }
    }
    if columns.is_empty() && !info.is_empty() && m.r#type.is_some() {
        type_info.push(("extra", None));
    }
    Ok(Wanted {
        id: m.archiveID,
        build: m.buildID,
        buildroot: m.buildrootID,
        component_buildroot: m.componentBuildrootID,
        host: m.hostID,
        image: m.imageID,
        filename: m.filename,
        size: m.size,
        checksum: m.checksum,
        checksum_type: m.checksum_type,
        btype: m.r#type,
        type_info,
    })
}

fn find_type(cx: &mut Cx<'_>, m: GetArchiveType) -> Result<Option<ArchiveType>> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let missing = |what: String| Error::generic(format!("no such archive type: {what}"));
    let (found, what) = match (m.type_id.filter(|id| *id != 0), given(m.type_name), given(m.filename)) {
        (Some(id), ..) => (kind::find_by_id(cx, id)?, id.to_string()),
        (None, Some(name), _) => (kind::find_by_name(cx, &name)?, name),
        (None, None, Some(filename)) => (kind::find_by_filename(cx, &filename)?, filename),
        (None, None, None) => {
            return Err(Error::generic("one of filename, type_name, or type_id must be specified"));
        }
    };
    if found.is_none() && m.strict {
        return Err(missing(what));
    }
    Ok(found)
}

fn import(cx: &mut Cx<'_>, path: &str, build: &BuildRef, btype: &str, info: Later<Map>) -> Result<()> {
    let build = row::get(cx, build)?;
    let file = files::uploaded(cx, path)?;
    // what is wrong with file and build is told before what is wrong with the struct
    import::check_file(cx, &build, &file, btype)?;
    let part = info.read("typeInfo").and_then(|info| type_part(btype, &info));
    let new = NewArchive::new(file, part.map_err(|error| Error::unforeseen(error.message))?);
    import::import(cx, &build, vec![new]).map(drop)
}

/// What an archive is, from a client's struct.
pub(super) fn type_part(btype: &str, info: &Map) -> Result<Part> {
    let words = |key: &str| match info.iter().find(|(name, _)| name == key) {
        Some((_, value)) => {
            let words = <Option<Iterated> as Arg>::take(value.clone())?.unwrap_or(Iterated(Vec::new())).0;
            words.into_iter().map(String::take).collect::<Result<Vec<_>>>()
        }
        None => Err(Error::unforeseen(format!("typeInfo lacks {key}"))),
    };
    Ok(match btype {
        "maven" => Part::Maven(maven_info(info)?),
        "win" => Part::Win {
            relpath: part(info, "relpath")?.trim_matches('/').to_owned(),
            platforms: words("platforms")?,
            flags: words("flags")?,
        },
        "image" => Part::Image { arch: part(info, "arch")? },
        other => Part::Other(other.to_owned(), String::new()),
    })
}
