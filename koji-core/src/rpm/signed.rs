//! Signed copies of rpms: written out, and taken away with their signatures.

use std::fs;
use std::path::Path;

use super::checksums::{self, ChecksumType, Kept};
use super::lookup::{self, RpmRef, RpmRow};
use super::sig;
use crate::build::{BuildRef, row};
use crate::context::Cx;
use crate::db::{Delete, Query, QueryOpts, Rows};
use crate::row;
use crate::what_if::FileAction;
use crate::{Error, Result, paths};

row! {
    /// A signature that is kept.
    pub struct Signature {
        /// The rpm
        pub rpm_id: i32 = "rpm_id",
        /// The key; empty for the header of the unsigned file
        pub sigkey: String = "sigkey",
        /// The MD5 sum of the header
        pub sighash: String = "sighash",
    }
}

/// `queryRPMSigs`: the signatures of an rpm, of a key, or both.
pub fn query(
    cx: &mut Cx<'_>,
    rpm: Option<i64>,
    key: Option<&str>,
    opts: &QueryOpts,
) -> Result<Rows<Signature>> {
    Query::from("rpmsigs")
        .filter_some("rpm_id = ?", rpm)
        .filter_some("sigkey = ?", key.map(str::to_lowercase))
        .rows(cx.db, opts)
}

/// `writeSignedRPM`: writes the copy of an rpm that a key signed. One that is there already is written again only if
/// forced.
pub fn write(cx: &mut Cx<'_>, rpm: &RpmRef, key: &str, force: bool) -> Result<()> {
    let types = checksums::default_types(cx)?;
    let key = key.to_lowercase();
    let rpm = lookup::get(cx, rpm)?;
    let build = row::get(cx, &BuildRef::from(rpm.internal_build()?))?;
    let dir = cx.env.paths.build(build.dir());
    let unsigned = dir.join(paths::rpm(rpm.file()));
    if !unsigned.is_file() {
        return Err(Error::generic(format!("No such file: {}", unsigned.display())));
    }
    if !Query::from("rpmsigs").filter("rpm_id = ? AND sigkey = ?", (rpm.id, &key)).exists(cx.db)? {
        return Err(Error::generic(format!("No cached signature for package {}, key {key:?}", rpm.nvra())));
    }
    let copy = dir.join(paths::signed(rpm.file(), &key));
    let of_key = |sums: Vec<(ChecksumType, String)>| -> Vec<Kept> {
        sums.into_iter().map(|(kind, sum)| (key.clone(), kind, sum)).collect()
    };
    let is_missing = force || !copy.exists();
    if is_missing && cx.only_plans(FileAction::Write, &copy, None) {
        let sums = checksums::compute(&dir, &rpm, &key, &types)?;
        return checksums::keep(cx, rpm.id, &of_key(sums));
    }
    if is_missing {
        let header = dir.join(paths::signature_header(rpm.file(), &key));
        let header = fs::read(&header).map_err(|source| Error::io(&header, source))?;
        sig::splice(&unsigned, &header, &copy)?;
    }
    let sums = checksums::of_file(&copy, &types)?;
    checksums::keep(cx, rpm.id, &of_key(sums))
}

/// `deleteRPMSig`: forgets a signature of an rpm, or all. Copies go; headers stay under another name.
pub fn delete(cx: &mut Cx<'_>, rpm: &RpmRef, key: Option<&str>) -> Result<()> {
    let rpm = lookup::get(cx, rpm)?;
    let build = row::get(cx, &BuildRef::from(rpm.internal_build()?))?;
    let found = query(cx, Some(rpm.id.into()), key, &QueryOpts::default())?.into_list();
    if found.is_empty() {
        return Err(Error::generic(format!("{} has no matching signatures to delete", rpm.nvra())));
    }
    let dir = cx.env.paths.build(build.dir());
    for signature in &found {
        check_header(&dir, &rpm, signature)?;
    }
    let keys: Vec<String> = found.iter().map(|signature| signature.sigkey.clone()).collect();
    for table in ["rpmsigs", "rpm_checksum"] {
        Delete::from(table).filter("rpm_id = ? AND sigkey IN ?", (rpm.id, &keys)).execute(cx.db)?;
    }
    tracing::info!(rpm = rpm.nvra(), ?keys, user = cx.user_name(), "signatures deleted");
    for signature in &found {
        plan_removal(cx, &dir, &rpm, signature);
    }
    cx.after_commit(move |_| {
        for signature in &found {
            if let Err(error) = remove_files(&dir, &rpm, signature) {
                tracing::warn!(%error, "could not remove the files of a deleted signature");
            }
        }
    });
    Ok(())
}

/// Refuses when the name for the kept header is taken by another header.
fn check_header(dir: &Path, rpm: &RpmRow, signature: &Signature) -> Result<()> {
    let (header, backup) = header_paths(dir, rpm, signature);
    if header.exists() && !header.is_file() {
        return Err(Error::generic(format!("Not a regular file: {}", header.display())));
    }
    let is_same = |a: &Path, b: &Path| matches!((fs::read(a), fs::read(b)), (Ok(a), Ok(b)) if a == b);
    if header.exists() && backup.exists() && !is_same(&header, &backup) {
        return Err(Error::generic(format!("Stray header backup file: {}", backup.display())));
    }
    Ok(())
}

fn header_paths(dir: &Path, rpm: &RpmRow, signature: &Signature) -> (std::path::PathBuf, std::path::PathBuf) {
    let header = paths::signature_header(rpm.file(), &signature.sigkey);
    (dir.join(&header), dir.join(format!("{header}.{}.save", signature.sighash)))
}

/// Notes what [`remove_files`] is going to do, if the call is a rehearsal.
fn plan_removal(cx: &mut Cx<'_>, dir: &Path, rpm: &RpmRow, signature: &Signature) {
    let copy = dir.join(paths::signed(rpm.file(), &signature.sigkey));
    if copy.exists() {
        cx.only_plans(FileAction::Remove, &copy, None);
    }
    let (header, backup) = header_paths(dir, rpm, signature);
    if header.exists() {
        cx.only_plans(FileAction::Move, &backup, Some(&header));
    }
}

fn remove_files(dir: &Path, rpm: &RpmRow, signature: &Signature) -> Result<()> {
    let copy = dir.join(paths::signed(rpm.file(), &signature.sigkey));
    if copy.exists() {
        fs::remove_file(&copy).map_err(|source| Error::io(&copy, source))?;
    }
    let (header, backup) = header_paths(dir, rpm, signature);
    if header.exists() {
        fs::rename(&header, &backup).map_err(|source| Error::io(&header, source))?;
    }
    Ok(())
}
