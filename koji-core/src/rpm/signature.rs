//! Signature headers of rpms: the rows in `rpmsigs`, and the headers kept below the build.
//!
//! The header of an unsigned file is kept under the key `''`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::header::RawHeader;
use super::lookup::{self, RpmRef};
use super::sig;
use crate::build::{BuildRef, files, many, row};
use crate::context::Cx;
use crate::db::{Bind, Insert};
use crate::wire::{self, Value};
use crate::{Error, Result, paths, plugin};

/// A signature header and the rpm that it is for.
#[derive(Clone, Debug)]
pub struct NewSignature {
    /// The rpm
    pub rpm_id: i32,
    /// The MD5 sum of its header and payload
    pub payloadhash: String,
    /// The place of its file
    pub path: PathBuf,
    /// The header, with its padding
    pub sighdr: Vec<u8>,
}

/// `addRPMSig`: keeps a signature header of one of our rpms.
pub fn add_to(cx: &mut Cx<'_>, rpm: &RpmRef, sighdr: Vec<u8>) -> Result<()> {
    let rpm = lookup::get(cx, rpm)?;
    let build = row::get(cx, &BuildRef::from(rpm.internal_build()?))?;
    let dir = cx.env.paths.build(build.dir());
    if !dir.is_dir() {
        return Err(Error::generic(format!("No such directory: {}", dir.display())));
    }
    let path = dir.join(paths::rpm(rpm.file()));
    add(cx, &[NewSignature { rpm_id: rpm.id, payloadhash: rpm.payloadhash, path, sighdr }])
}

/// What a header says.
struct Signed<'a> {
    new: &'a NewSignature,
    key: String,
    hash: String,
}

/// Keeps signature headers, each of which must be of the same file as its rpm.
pub fn add(cx: &mut Cx<'_>, new: &[NewSignature]) -> Result<()> {
    let signed: Vec<Signed<'_>> = new.iter().map(read).collect::<Result<_>>()?;
    tell(cx, "preRPMSign", &signed)?;
    let rows = signed
        .iter()
        .map(|Signed { new, key, hash }| -> Vec<Bind> { vec![new.rpm_id.into(), key.into(), hash.into()] });
    let columns = &["rpm_id", "sigkey", "sighash"];
    let count = Insert::many_or_ignore(cx.db, "rpmsigs", columns, rows.collect())?;
    if count < signed.len() {
        // only an rpm that was there before can have it already, and such a one comes alone
        let names: Vec<String> =
            signed.iter().map(|one| format!("package {}, key {:?}", name(one.new), one.key)).collect();
        return Err(Error::generic(format!("Signature already exists for {}", names.join("; "))));
    }
    for Signed { new, key, .. } in &signed {
        files::write(cx, &header_path(&new.path, key)?, &new.sighdr)?;
    }
    tell(cx, "postRPMSign", &signed)
}

fn read(new: &NewSignature) -> Result<Signed<'_>> {
    let header = RawHeader::parse(new.sighdr.clone())?;
    let sum = sig::sigmd5(&header).unwrap_or_default();
    if sum != new.payloadhash {
        return Err(Error::generic(format!("wrong md5 for {}: {sum}", name(new))));
    }
    let key = sig::key_id(&header)?.unwrap_or_default();
    Ok(Signed { new, key, hash: sig::sighash(&new.sighdr) })
}

fn name(new: &NewSignature) -> String {
    new.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
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

/// Tells plugins of each; the rpms and their builds are only loaded when one listens.
fn tell(cx: &mut Cx<'_>, point: &str, signed: &[Signed<'_>]) -> Result<()> {
    if !cx.env.hooks.has(point) {
        return Ok(());
    }
    let ids: Vec<i32> = signed.iter().map(|one| one.new.rpm_id).collect();
    let rpms = lookup::of_ids(cx, &ids)?;
    let of_rpms = rpms.iter().map(|rpm| rpm.internal_build().map(BuildRef::from));
    let builds = many::get(cx, &of_rpms.collect::<Result<Vec<_>>>()?)?;
    let known: HashMap<i32, _> =
        rpms.iter().zip(&builds).map(|(rpm, build)| (rpm.id, (rpm, build))).collect();
    for Signed { new, key, hash } in signed {
        let (rpm, build) =
            known.get(&new.rpm_id).ok_or_else(|| Error::generic(format!("No such rpm: {}", new.rpm_id)))?;
        plugin::run(cx, point, |_| {
            Ok(vec![
                ("sigkey".into(), Value::from(key.as_str())),
                ("sighash".into(), Value::from(hash.as_str())),
                ("build".into(), wire::to_value(build)?),
                ("rpm".into(), wire::to_value(rpm)?),
            ])
        })?;
    }
    Ok(())
}
