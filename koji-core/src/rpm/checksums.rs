//! Checksums of signed copies, kept from when they were first asked for or written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use super::lookup::{self, RpmRef, RpmRow};
use super::sig;
use crate::build::{BuildRef, row};
use crate::context::Cx;
use crate::db::{Bind, Insert, Query};
use crate::upload::Digest;
use crate::{Error, Result, paths};

/// The kinds of checksums, with Koji's numbers of them (`CHECKSUM_TYPES`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum ChecksumType {
    /// MD5
    Md5 = 0,
    /// SHA-1, of old archives only
    Sha1 = 1,
    /// SHA-256
    Sha256 = 2,
}

impl ChecksumType {
    /// A kind that can be computed, by its name.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "md5" => Ok(Self::Md5),
            "sha256" => Ok(Self::Sha256),
            other => {
                Err(Error::generic(format!("Checksum_type {other} isn't supported (use md5 or sha256)")))
            }
        }
    }

    /// A kind that the hub keeps for copies of rpms, by its name.
    pub fn kept(name: &str) -> Result<Self> {
        if name == "sha1" { Ok(Self::Sha1) } else { Self::named(name) }
    }

    fn digest(self) -> Digest {
        match self {
            Self::Md5 => Digest::Md5(md5::Md5::default()),
            Self::Sha1 => Digest::Sha1(sha1::Sha1::default()),
            Self::Sha256 => Digest::Sha256(sha2::Sha256::default()),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }
}

/// Checksums by key and kind; none where one is not known.
pub type Checksums = BTreeMap<String, BTreeMap<&'static str, Option<String>>>;

/// The checksums that the hub keeps for every signed copy.
pub fn default_types(cx: &Cx<'_>) -> Result<Vec<ChecksumType>> {
    cx.env.config.text("RPMDefaultChecksums").split_whitespace().map(ChecksumType::kept).collect()
}

/// The checksums of every signed copy of an rpm. What is missing is computed and kept, unless only what is kept is
/// wanted.
pub fn of_rpm(cx: &mut Cx<'_>, rpm: i32, types: &[ChecksumType], kept_only: bool) -> Result<Checksums> {
    let rpm = lookup::get(cx, &RpmRef::from(rpm))?;
    let keys: Vec<String> =
        Query::from("rpmsigs").filter("rpm_id = ?", rpm.id).order("sigkey").select(cx.db, "sigkey")?;
    let mut sums = kept(cx, rpm.id, &keys, types)?;
    let is_missing = sums.values().any(|of_key| of_key.values().any(Option::is_none));
    if kept_only || !is_missing {
        return Ok(sums);
    }
    let build = row::get(cx, &BuildRef::from(rpm.internal_build()?))?;
    let dir = cx.env.paths.build(build.dir());
    let mut new = Vec::new();
    for (key, of_key) in &mut sums {
        let missing: Vec<ChecksumType> =
            types.iter().copied().filter(|kind| of_key.get(kind.name()) == Some(&None)).collect();
        if missing.is_empty() {
            continue;
        }
        for (kind, sum) in compute(&dir, &rpm, key, &missing)? {
            of_key.insert(kind.name(), Some(sum.clone()));
            new.push((key.clone(), kind, sum));
        }
    }
    keep(cx, rpm.id, &new)?;
    Ok(sums)
}

fn kept(cx: &mut Cx<'_>, rpm: i32, keys: &[String], types: &[ChecksumType]) -> Result<Checksums> {
    let none = || types.iter().map(|kind| (kind.name(), None)).collect::<BTreeMap<_, _>>();
    let mut sums: Checksums = keys.iter().map(|key| (key.clone(), none())).collect();
    let rows: Vec<(String, i32, String)> = Query::from("rpm_checksum")
        .filter("rpm_id = ?", rpm)
        .select(cx.db, "sigkey, checksum_type, checksum")?;
    for (key, number, sum) in rows {
        let kind = types.iter().find(|kind| **kind as i32 == number);
        if let (Some(kind), Some(of_key)) = (kind, sums.get_mut(&key)) {
            of_key.insert(kind.name(), Some(sum));
        }
    }
    Ok(sums)
}

/// A checksum of a signed copy: of which key, of which kind.
pub type Kept = (String, ChecksumType, String);

/// Keeps checksums of an rpm's signed copies. One that is kept already must be the same.
pub fn keep(cx: &mut Cx<'_>, rpm: i32, sums: &[Kept]) -> Result<()> {
    let rows = sums.iter().map(|(key, kind, sum)| -> Vec<Bind> {
        vec![rpm.into(), key.into(), sum.into(), (*kind as i32).into()]
    });
    let columns = &["rpm_id", "sigkey", "checksum", "checksum_type"];
    Insert::many_or_ignore(cx.db, "rpm_checksum", columns, rows.collect())?;
    let keys: Vec<String> = sums.iter().map(|(key, ..)| key.clone()).collect();
    let kinds: Vec<ChecksumType> = sums.iter().map(|(_, kind, _)| *kind).collect();
    let known = kept(cx, rpm, &keys, &kinds)?;
    for (key, kind, sum) in sums {
        if let Some(Some(other)) = known.get(key).and_then(|of_key| of_key.get(kind.name()))
            && other != sum
        {
            return Err(Error::generic(format!(
                "the {} of rpm {rpm}, key {key:?}, is {sum}, but the database has {other}",
                kind.name()
            )));
        }
    }
    Ok(())
}

/// Of the copy if it has been written, else of what it would be.
pub(super) fn compute(
    dir: &Path,
    rpm: &RpmRow,
    key: &str,
    types: &[ChecksumType],
) -> Result<Vec<(ChecksumType, String)>> {
    let copy = dir.join(paths::signed(rpm.file(), key));
    if copy.exists() {
        return of_file(&copy, types);
    }
    let header = dir.join(paths::signature_header(rpm.file(), key));
    let header = std::fs::read(&header).map_err(|source| Error::io(&header, source))?;
    let mut sums = Sums::new(types);
    sig::splice_to(&dir.join(paths::rpm(rpm.file())), &header, &mut sums)?;
    Ok(sums.finish())
}

/// Checksums of a file.
pub fn of_file(path: &Path, types: &[ChecksumType]) -> Result<Vec<(ChecksumType, String)>> {
    let mut file = File::open(path).map_err(|source| Error::io(path, source))?;
    let mut sums = Sums::new(types);
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer).map_err(|source| Error::io(path, source))? {
            0 => return Ok(sums.finish()),
            read => sums.write_all(&buffer[..read])?,
        }
    }
}

/// Several checksums of the same bytes.
struct Sums(Vec<(ChecksumType, Digest)>);

impl Sums {
    fn new(types: &[ChecksumType]) -> Self {
        Self(types.iter().map(|kind| (*kind, kind.digest())).collect())
    }

    fn finish(self) -> Vec<(ChecksumType, String)> {
        self.0.into_iter().map(|(kind, digest)| (kind, digest.hex())).collect()
    }
}

impl Write for Sums {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.iter_mut().for_each(|(_, digest)| digest.update(bytes));
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
