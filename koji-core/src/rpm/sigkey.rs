//! The key of a kept signature: what it may be, and giving a signature another.
//!
//! A key that is not read from the header but given by a client is a label, for signatures that no single key tells.

use super::lookup::{self, RpmRef};
use super::signed;
use crate::build::{BuildRef, files, row};
use crate::context::Cx;
use crate::db::{Delete, QueryOpts, Update};
use crate::{Error, Result, paths};

/// Refuses a label that could not be a directory's name, or that queries, which ask in lower case, would not find.
pub fn verify(cx: &Cx<'_>, key: &str) -> Result<()> {
    if key.is_empty() {
        return Ok(()); // the header of the unsigned file
    }
    if key.contains('/') || key.starts_with('.') {
        return Err(Error::generic(format!("Invalid sigkey value {key:?}: no slash, no dot in front")));
    }
    if key != key.to_lowercase() {
        return Err(Error::generic(format!("Invalid sigkey value {key:?}: it must be lowercase")));
    }
    cx.env.config.name_limits()?.verify_internal(key)
}

/// `renameRPMSig`: keeps a signature under another key, and its header, signed copy and checksums with it.
pub fn rename(cx: &mut Cx<'_>, rpm: &RpmRef, old: &str, new: &str) -> Result<()> {
    verify(cx, new)?;
    let rpm = lookup::get(cx, rpm)?;
    let build = rpm.internal_build()?;
    let kept = signed::query(cx, Some(rpm.id.into()), None, &QueryOpts::default())?.into_list();
    let is_kept = |key: &str| kept.iter().any(|signature| signature.sigkey == key);
    if !is_kept(old) {
        return Err(Error::generic(format!("No {old:?} signature for rpm {}", rpm.nvra())));
    }
    if is_kept(new) {
        return Err(Error::generic(format!("A {new:?} signature already exists for rpm {}", rpm.nvra())));
    }
    Update::table("rpmsigs")
        .set("sigkey", new)
        .filter("rpm_id = ? AND sigkey = ?", (rpm.id, old))
        .execute(cx.db)?;
    // checksums without a signature may be left from a time when none was kept
    Delete::from("rpm_checksum").filter("rpm_id = ? AND sigkey = ?", (rpm.id, new)).execute(cx.db)?;
    Update::table("rpm_checksum")
        .set("sigkey", new)
        .filter("rpm_id = ? AND sigkey = ?", (rpm.id, old))
        .execute(cx.db)?;
    let build = row::get(cx, &BuildRef::from(build))?;
    let dir = cx.env.paths.build(build.dir());
    let of = |key: &str| {
        let header = dir.join(paths::signature_header(rpm.file(), key));
        (header, dir.join(paths::signed(rpm.file(), key)))
    };
    let ((old_header, old_copy), (new_header, new_copy)) = (of(old), of(new));
    if !old_header.exists() {
        return Err(Error::generic(format!("Missing signature header file: {}", old_header.display())));
    }
    for stray in [&new_header, &new_copy] {
        if stray.exists() {
            return Err(Error::generic(format!("A file is in the way: {} already exists", stray.display())));
        }
    }
    if old_copy.exists() {
        files::rename(cx, &old_copy, &new_copy)?;
    }
    files::rename(cx, &old_header, &new_header)?;
    tracing::info!(rpm = rpm.nvra(), old, new, user = cx.user_name(), "a signature has another key");
    Ok(())
}
