//! [`fingerprint`]: a hash of what counts when noarch rpms of several arches are compared. Builders tell it, so that a hub
//! need not compare rpms that have the same.
//!
//! It is Koji's to the digit, since builders of both kinds may have built the parts of one build.

use super::deps::DepKind;
use super::{RpmFile, number as n};
use crate::Result;
use crate::digest::Digest;
use crate::wire::{Value, python_json};

/// What does not count, in the letters of rpm's verification: sizes, digests, times, and numbers of links.
const IGNORED: &str = "S5TN";

/// What the package says of itself, in ascending order.
const TAGS: [u32; 10] = [
    n::NAME,
    n::SUMMARY,
    n::DESCRIPTION,
    n::LICENSE,
    n::GROUP,
    n::URL,
    n::PREIN,
    n::POSTIN,
    n::PREUN,
    n::POSTUN,
];

const DEPS: [(&str, DepKind); 4] = [
    ("CONFLICTS", DepKind::Conflict),
    ("OBSOLETES", DepKind::Obsolete),
    ("PROVIDES", DepKind::Provide),
    ("REQUIRES", DepKind::Require),
];

/// rpm's bit of a dependency on just that version.
const EQUAL: i64 = 8;

/// What rpm tells of a file of which it does not know whether it is installed.
const NO_STATE: i64 = -1;

/// The hash of an rpm, in hexadecimal.
///
/// # Errors
/// A header that can't be written as JSON.
pub fn fingerprint(rpm: &RpmFile) -> Result<String> {
    let mut digest = Digest::of_kind("sha256")?;
    digest.update(hashed(rpm)?.as_bytes());
    Ok(digest.hex())
}

/// What is hashed: JSON with the members in the order of their names.
///
/// # Errors
/// A header that can't be written as JSON.
pub fn hashed(rpm: &RpmFile) -> Result<String> {
    let mut members: Vec<(String, Value)> =
        DEPS.iter().map(|(name, kind)| ((*name).to_owned(), deps(rpm, *kind))).collect();
    members.extend([
        ("files".to_owned(), files(rpm)),
        ("ignore".to_owned(), IGNORED.into()),
        ("tags".to_owned(), tags(rpm)),
    ]);
    python_json::dumps(&Value::Struct(members))
}

fn tags(rpm: &RpmFile) -> Value {
    let text = |tag| rpm.header.text(tag).map_or(Value::Nil, |text| text.into_owned().into());
    Value::Struct(TAGS.iter().map(|tag| (tag.to_string(), text(*tag))).collect())
}

fn deps(rpm: &RpmFile, kind: DepKind) -> Value {
    let evr = format!("{}-{}", rpm.version, rpm.release);
    let mut list: Vec<(String, i64, String)> =
        rpm.deps(kind).into_iter().map(|dep| (dep.name, dep.flags, dep.version)).collect();
    // that it provides itself says nothing
    list.retain(|dep| kind != DepKind::Provide || *dep != (rpm.name.clone(), EQUAL, evr.clone()));
    list.sort();
    let entry = |(name, flags, version): (String, i64, String)| {
        Value::Array(vec![name.into(), flags.into(), version.into()])
    };
    Value::Array(list.into_iter().map(entry).collect())
}

fn files(rpm: &RpmFile) -> Value {
    let numbers = [n::FILERDEVS, n::FILEINODES, n::FILEVERIFYFLAGS].map(|tag| rpm.header.numbers(tag));
    let number = |list: &[u64], at: usize| list.get(at).copied().unwrap_or_default().cast_signed();
    let mut files: Vec<(String, Value)> = Vec::new();
    for (at, file) in rpm.files().into_iter().enumerate() {
        let [device, inode] = [&numbers[0], &numbers[1]].map(|list| Value::from(number(list, at)));
        // 32 bits, of which the first is a sign
        let verify = i64::from(number(&numbers[2], at) as i32);
        let told = Value::Array(vec![
            Value::Nil,
            file.mode.into(),
            Value::Nil,
            file.flags.into(),
            device,
            inode,
            Value::Nil,
            NO_STATE.into(),
            verify.into(),
            file.user.into(),
            file.group.into(),
            Value::Nil,
        ]);
        files.push((file.name, told));
    }
    files.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Struct(files)
}
