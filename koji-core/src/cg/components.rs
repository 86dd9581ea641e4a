//! What content generators say that a buildroot or an archive is made of, matched with what the hub has.
//!
//! What the hub does not have is noted and passed over: it cannot be tracked.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::metadata::{Component, typed};
use crate::context::Cx;
use crate::db::Query;
use crate::rpm::checksums::ChecksumType;
use crate::rpm::many;
use crate::{Error, Result};

/// What of a list of components the hub has.
#[derive(Clone, Debug, Default)]
pub struct Matched {
    /// Ids of rpms
    pub rpms: Vec<i32>,
    /// Ids of archives
    pub archives: Vec<i32>,
}

#[derive(Deserialize)]
struct Rpm {
    name: String,
    version: String,
    release: String,
    arch: String,
    sigmd5: Json,
}

#[derive(Deserialize)]
struct File {
    filename: String,
    filesize: i64,
    checksum: String,
    checksum_type: String,
}

#[derive(Deserialize)]
struct KojiFile {
    archive_id: i64,
}

enum Part {
    Rpm(Rpm),
    File(File, ChecksumType),
    KojiFile(KojiFile),
}

/// Matches several lists of components at once. `notes` gets what could not be matched.
pub fn resolve(cx: &mut Cx<'_>, lists: &[&[Component]], notes: &mut Vec<String>) -> Result<Vec<Matched>> {
    let lists = lists
        .iter()
        .map(|list| list.iter().map(|component| Ok((component, part(component)?))).collect())
        .collect::<Result<Vec<Vec<(&Component, Part)>>>>()?;
    let known = Known::load(cx, lists.iter().flatten().map(|(_, part)| part))?;
    lists.iter().map(|list| known.matched(list, notes)).collect()
}

fn part(component: &Component) -> Result<Part> {
    let fields = Json::Object(component.fields.clone());
    Ok(match component.kind.as_str().unwrap_or_default() {
        "rpm" if fields.get("location").is_some() => {
            return Err(Error::generic("External rpms not allowed"));
        }
        "rpm" if fields.get("id").is_some() => {
            return Err(Error::generic("Unexpected 'id' field in component"));
        }
        "rpm" => Part::Rpm(typed(&fields)?),
        "file" => {
            let file: File = typed(&fields)?;
            // Components may be old archives, which have sums that nobody computes any more.
            let kind = ChecksumType::kept(&file.checksum_type)?;
            Part::File(file, kind)
        }
        "kojifile" => Part::KojiFile(typed(&fields)?),
        _ => return Err(Error::generic(format!("No such component type: {}", component.kind))),
    })
}

fn checksum_name(number: i32) -> &'static str {
    let all = [ChecksumType::Md5, ChecksumType::Sha1, ChecksumType::Sha256];
    all.into_iter().find(|kind| *kind as i32 == number).map_or("", ChecksumType::name)
}

struct Archive {
    nvr: String,
    filename: String,
    size: i64,
    checksum: String,
    checksum_type: i32,
}

/// What the hub has of all that is named.
struct Known {
    rpms: HashMap<String, many::Match>,
    by_name: HashMap<(String, i64), Vec<i32>>,
    archives: HashMap<i32, Archive>,
}

impl Known {
    fn load<'p>(cx: &mut Cx<'_>, parts: impl Iterator<Item = &'p Part>) -> Result<Self> {
        let (mut nvras, mut names, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            match part {
                Part::Rpm(rpm) => nvras.push(rpm.nvra()),
                Part::File(file, _) => names.push(file.filename.as_str()),
                Part::KojiFile(file) => ids.push(file.archive_id),
            }
        }
        let rpms = many::find(cx, &nvras)?;
        let (mut archives, mut by_name) = (HashMap::new(), HashMap::<_, Vec<i32>>::new());
        if !names.is_empty() || !ids.is_empty() {
            let rows: Vec<(i32, String, String, i64, String, i32)> = Query::from("archiveinfo")
                .join("build ON build.id = archiveinfo.build_id")
                .join("package ON package.id = build.pkg_id")
                .filter("archiveinfo.filename IN ? OR archiveinfo.id IN ?", (names, ids))
                .order("archiveinfo.id")
                .select(
                    cx.db,
                    "archiveinfo.id, package.name || '-' || build.version || '-' || build.release, \
                     archiveinfo.filename, archiveinfo.size, archiveinfo.checksum, archiveinfo.checksum_type",
                )?;
            for (id, nvr, filename, size, checksum, checksum_type) in rows {
                by_name.entry((filename.clone(), size)).or_default().push(id);
                archives.insert(id, Archive { nvr, filename, size, checksum, checksum_type });
            }
        }
        Ok(Self { rpms, by_name, archives })
    }

    fn matched(&self, list: &[(&Component, Part)], notes: &mut Vec<String>) -> Result<Matched> {
        let mut matched = Matched::default();
        for (component, part) in list {
            match part {
                Part::Rpm(rpm) => matched.rpms.extend(self.rpm(rpm, notes)?),
                Part::File(file, kind) => matched.archives.extend(self.file(file, *kind, notes)),
                Part::KojiFile(file) => matched.archives.push(self.koji_file(file, component)?),
            }
        }
        Ok(matched)
    }

    fn rpm(&self, rpm: &Rpm, notes: &mut Vec<String>) -> Result<Option<i32>> {
        let label = many::label(&rpm.nvra());
        let Some(found) = self.rpms.get(&label) else {
            notes.push(format!("IGNORING unmatched rpm component: {label}"));
            return Ok(None);
        };
        if found.draft {
            return Err(Error::generic(format!("Draft rpm not supported as a component: {label}")));
        }
        if found.payloadhash != rpm.sigmd5 {
            // The rpm counts all the same, as in Koji: what was used under this name is not told apart.
            notes.push(format!("rpm component of another md5 ({}): {label}", rpm.sigmd5));
        }
        Ok(Some(found.id))
    }

    fn file(&self, file: &File, kind: ChecksumType, notes: &mut Vec<String>) -> Option<i32> {
        let named = self.by_name.get(&(file.filename.clone(), file.filesize));
        let is_same = |id: &&i32| {
            self.archives.get(*id).is_some_and(|archive| {
                archive.checksum_type == kind as i32 && archive.checksum == file.checksum
            })
        };
        let found = named.and_then(|ids| ids.iter().find(is_same)).copied();
        if found.is_none() {
            let File { filename, filesize, checksum, .. } = file;
            notes.push(format!("IGNORING unmatched archive: {filename} (size {filesize}, sum {checksum})"));
        }
        found
    }

    fn koji_file(&self, file: &KojiFile, component: &Component) -> Result<i32> {
        let id = i32::try_from(file.archive_id).ok().filter(|id| self.archives.contains_key(id));
        let found = id.and_then(|id| self.archives.get(&id).map(|archive| (id, archive)));
        let (id, archive) =
            found.ok_or_else(|| Error::generic(format!("No such archive: {}", file.archive_id)))?;
        for key in ["nvr", "filename"] {
            if !component.fields.contains_key(key) {
                return Err(Error::generic(format!("{key} field missing for component, archive_id={id}")));
            }
        }
        let expected: [(&str, Json); 5] = [
            ("nvr", archive.nvr.as_str().into()),
            ("filename", archive.filename.as_str().into()),
            ("filesize", archive.size.into()),
            ("checksum", archive.checksum.as_str().into()),
            ("checksum_type", checksum_name(archive.checksum_type).into()),
        ];
        for (key, expected) in expected {
            if let Some(given) = component.fields.get(key)
                && *given != expected
            {
                return Err(Error::generic(format!(
                    "Component field {key} does not match for archive_id={id}: {expected} != {given}"
                )));
            }
        }
        Ok(id)
    }
}

impl Rpm {
    fn nvra(&self) -> many::Nvra {
        let Self { name, version, release, arch, .. } = self;
        (name.clone(), version.clone(), release.clone(), arch.clone())
    }
}
