//! External rpms: known because they were in a buildroot, but not ours and not here.

use crate::context::Cx;
use crate::db::{Insert, Lookup, Query, lookup};
use crate::rpm::lookup::{self as rpms, RpmRef, RpmRow};
use crate::{Error, Result};

/// What is known of an external rpm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalRpm {
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
    /// The MD5 sum of header and payload
    pub payloadhash: String,
    /// Its size in bytes
    pub size: i64,
    /// When it was built, in seconds since the epoch
    pub buildtime: i64,
}

impl ExternalRpm {
    fn label(&self, repo: &str) -> String {
        format!("{}-{}-{}.{}@{repo}", self.name, self.version, self.release, self.arch)
    }
}

/// Adds an external rpm. One that is there already is an error, or, if not `strict`, is answered; but never one with
/// another hash.
pub fn add(cx: &mut Cx<'_>, rpm: &ExternalRpm, repo: &Lookup, strict: bool) -> Result<RpmRow> {
    let repo = lookup::get(cx, "external_repo", "external_repo", repo)?;
    let id = match find(cx, rpm, repo.id)? {
        Some(_) if strict => {
            return Err(Error::generic(format!("external rpm already exists: {}", rpm.label(&repo.name))));
        }
        Some((id, hash)) => {
            same_hash(rpm, &repo.name, &hash)?;
            id
        }
        None => insert(cx, rpm, repo.id)?,
    };
    rpms::get(cx, &RpmRef::from(id))
}

/// The id and hash of an external rpm of a repo, if it is known.
pub fn find(cx: &mut Cx<'_>, rpm: &ExternalRpm, repo: i32) -> Result<Option<(i32, String)>> {
    Query::from("rpminfo")
        .filter("external_repo_id = ?", repo)
        .filter("name = ? AND version = ? AND release = ?", (&rpm.name, &rpm.version, &rpm.release))
        .filter("arch = ?", &rpm.arch)
        .select_first(cx.db, "id, payloadhash")
}

/// An external rpm that changes without changing its name can't be told apart any more.
pub fn same_hash(rpm: &ExternalRpm, repo: &str, known: &str) -> Result<()> {
    if known == rpm.payloadhash {
        return Ok(());
    }
    Err(Error::generic(format!(
        "hash changed for external rpm: {} ({known} -> {})",
        rpm.label(repo),
        rpm.payloadhash
    )))
}

fn insert(cx: &mut Cx<'_>, rpm: &ExternalRpm, repo: i32) -> Result<i32> {
    Insert::into("rpminfo")
        .set("name", &rpm.name)
        .set("version", &rpm.version)
        .set("release", &rpm.release)
        .set("epoch", rpm.epoch)
        .set("arch", &rpm.arch)
        .set("payloadhash", &rpm.payloadhash)
        .set("size", rpm.size)
        .set("buildtime", rpm.buildtime)
        .set("external_repo_id", repo)
        .returning(cx.db, "id")
}
