//! Signature headers of rpms: the rows in `rpmsigs`, and the headers kept below the build.
//!
//! The header of an unsigned file is kept under the key `''`.

use std::path::{Path, PathBuf};

use super::header::RawHeader;
use super::lookup::{self, RpmRef};
use super::sig;
use crate::build::{BuildRef, files, row};
use crate::context::Cx;
use crate::db::Insert;
use crate::wire::{self, Value};
use crate::{Error, Result, paths, plugin};

/// The rpm that a header is for.
pub struct Target<'a> {
    id: i32,
    payloadhash: &'a str,
    path: PathBuf,
}

impl<'a> Target<'a> {
    /// An rpm by its id, the MD5 sum of header and payload, and the place of its file.
    pub fn new(id: i32, payloadhash: &'a str, path: PathBuf) -> Self {
        Self { id, payloadhash, path }
    }
}

/// `addRPMSig`: keeps a signature header of one of our rpms.
pub fn add_to(cx: &mut Cx<'_>, rpm: &RpmRef, sighdr: &[u8]) -> Result<()> {
    let rpm = lookup::get(cx, rpm)?;
    let build = row::get(cx, &BuildRef::from(rpm.internal_build()?))?;
    let dir = cx.env.paths.build(build.dir());
    if !dir.is_dir() {
        return Err(Error::generic(format!("No such directory: {}", dir.display())));
    }
    let path = dir.join(paths::rpm(rpm.file()));
    add(cx, &Target::new(rpm.id, &rpm.payloadhash, path), sighdr)
}

/// Keeps a signature header, which must be of the same file.
pub fn add(cx: &mut Cx<'_>, target: &Target<'_>, sighdr: &[u8]) -> Result<()> {
    let header = RawHeader::parse(sighdr.to_vec())?;
    let name = target.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let sum = sig::sigmd5(&header).unwrap_or_default();
    if sum != target.payloadhash {
        return Err(Error::generic(format!("wrong md5 for {name}: {sum}")));
    }
    let key = sig::key_id(&header)?.unwrap_or_default();
    let hash = sig::sighash(sighdr);
    hook(cx, "preRPMSign", target.id, &key, &hash)?;
    let is_new = Insert::into("rpmsigs")
        .set("rpm_id", target.id)
        .set("sigkey", &key)
        .set("sighash", &hash)
        .or_ignore(cx.db)?;
    if !is_new {
        return Err(Error::generic(format!("Signature already exists for package {name}, key {key:?}")));
    }
    let place = header_path(&target.path, &key)?;
    files::write(cx, &place, sighdr)?;
    hook(cx, "postRPMSign", target.id, &key, &hash)
}

/// Where the header of a key is kept, for an rpm at this place: `BUILD/ARCH/FILE.rpm`.
fn header_path(rpm: &Path, key: &str) -> Result<PathBuf> {
    let (file, arch) = (rpm.file_name(), rpm.parent().and_then(Path::file_name));
    match (rpm.ancestors().nth(2), arch, file) {
        (Some(build), Some(arch), Some(file)) => {
            let mut file = file.to_owned();
            file.push(".sig");
            Ok(build.join("data/sigcache").join(key).join(arch).join(file))
        }
        _ => Err(Error::unforeseen(format!("{} is no place of an rpm", rpm.display()))),
    }
}

fn hook(cx: &mut Cx<'_>, point: &str, rpm: i32, key: &str, hash: &str) -> Result<()> {
    plugin::run(cx, point, |cx| {
        let rpm = lookup::get(cx, &RpmRef::from(rpm))?;
        let build = row::get(cx, &BuildRef::from(rpm.internal_build()?))?;
        Ok(vec![
            ("sigkey".into(), Value::from(key)),
            ("sighash".into(), Value::from(hash)),
            ("build".into(), wire::to_value(&build)?),
            ("rpm".into(), wire::to_value(&rpm)?),
        ])
    })
}
