//! What is in zip and tar archives.

use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

use serde::Serialize;
use time::{Date, Month, PrimitiveDateTime, Time};

use super::{kind, list, place};
use crate::build::{BuildRef, row};
use crate::context::Cx;
use crate::db::{QueryOpts, Rows};
use crate::{Error, Result};

/// A file in an archive. Zip archives tell neither mode nor owner.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Member {
    /// The archive
    pub archive_id: i32,
    /// Its path
    pub name: String,
    /// Its size in bytes, uncompressed
    pub size: i64,
    /// When it was last written, in seconds since the epoch
    pub mtime: i64,
    /// Its permissions
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<i64>,
    /// Its owner
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Its group
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// The files in an archive. One that can't be looked into is an error if `strict`, else it has none.
pub fn members(cx: &mut Cx<'_>, archive: i64, strict: bool) -> Result<Vec<Member>> {
    let archive = list::get(cx, archive)?;
    let kind = kind::find_by_id(cx, archive.row.type_id.into())?
        .ok_or_else(|| Error::unforeseen(format!("archive {} has no type", archive.row.id)))?;
    let build = row::get(cx, &BuildRef::from(archive.row.build_id))?;
    let file = place::of(&cx.env.paths, &build, &archive)?;
    let id = archive.row.id;
    match kind.compression_type.as_deref() {
        Some("zip" | "tar") if !file.exists() => Ok(Vec::new()),
        Some("zip") => zip(id, &file),
        Some("tar") => tarball(id, &file),
        _ if strict => Err(Error::generic(format!("Unsupported archive type: {}", kind.name))),
        _ => Ok(Vec::new()),
    }
}

/// The same, as a client asks for it.
pub fn answer(cx: &mut Cx<'_>, archive: i64, strict: bool, opts: &QueryOpts) -> Result<Rows<Member>> {
    opts.sorted(members(cx, archive, strict)?, |member, key| match key {
        "archive_id" => Some(i64::from(member.archive_id).into()),
        "name" => Some(member.name.as_str().into()),
        "size" => Some(member.size.into()),
        "mtime" => Some(member.mtime.into()),
        "mode" => member.mode.map(Into::into),
        "user" => member.user.as_deref().map(Into::into),
        "group" => member.group.as_deref().map(Into::into),
        _ => None,
    })
}

fn tarball(id: i32, path: &Path) -> Result<Vec<Member>> {
    let wrong = |error: std::io::Error| {
        Error::unforeseen(format!("{}: no tar archive: {error}", path.display())).caused_by(error)
    };
    let mut file = File::open(path).map_err(|source| Error::io(path, source))?;
    let mut magic = [0; 6];
    let read = file.read(&mut magic).map_err(wrong)?;
    file.rewind().map_err(wrong)?;
    let file = BufReader::new(file);
    let reader: Box<dyn Read> = match &magic[..read] {
        [0x1f, 0x8b, ..] => Box::new(flate2::read::MultiGzDecoder::new(file)),
        [b'B', b'Z', b'h', ..] => Box::new(bzip2::read::MultiBzDecoder::new(file)),
        [0xfd, b'7', b'z', b'X', b'Z', 0] => Box::new(liblzma::read::XzDecoder::new_multi_decoder(file)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(zstd::Decoder::new(file).map_err(wrong)?),
        _ => Box::new(file),
    };
    let mut members = Vec::new();
    for entry in tar::Archive::new(reader).entries().map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let header = entry.header();
        let text = |bytes: Option<&[u8]>| {
            bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
        };
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        members.push(Member {
            archive_id: id,
            // Python gives directories without their last slash.
            name: if name.len() > 1 { name.trim_end_matches('/').to_owned() } else { name },
            size: if header.entry_type().is_file() { entry.size().cast_signed() } else { 0 },
            mtime: header.mtime().map_err(wrong)?.cast_signed(),
            mode: Some(header.mode().map_err(wrong)?.into()),
            user: Some(text(header.username_bytes())),
            group: Some(text(header.groupname_bytes())),
        });
    }
    Ok(members)
}

/// The signature of the record that ends a zip file, and that of an entry of its directory.
const END: [u8; 4] = *b"PK\x05\x06";
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const END_BYTES: usize = 22;
const ENTRY_BYTES: usize = 46;
/// A comment of the most bytes may follow the end record.
const TAIL_BYTES: u64 = END_BYTES as u64 + 0xffff;
/// The flag of a name in UTF-8.
const UTF8: u64 = 1 << 11;

fn zip(id: i32, path: &Path) -> Result<Vec<Member>> {
    let mut file = File::open(path).map_err(|source| Error::io(path, source))?;
    let read = |file: &mut File, start: u64, length: u64| -> std::io::Result<Vec<u8>> {
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let wrong = || Error::unforeseen(format!("{}: no zip archive", path.display()));
    let length = file.metadata().map_err(|source| Error::io(path, source))?.len();
    let start = length.saturating_sub(TAIL_BYTES);
    let tail = read(&mut file, start, TAIL_BYTES).map_err(|source| Error::io(path, source))?;
    let end = tail.windows(4).rposition(|window| window == END).ok_or_else(wrong)?;
    let end = tail.get(end..end + END_BYTES).ok_or_else(wrong)?;
    let (size, offset) = (number(end, 12, 4), number(end, 16, 4));
    if offset + size > length {
        return Err(wrong());
    }
    let directory = read(&mut file, offset, size).map_err(|source| Error::io(path, source))?;
    entries(id, &directory).ok_or_else(wrong)
}

/// The entries of a zip file's directory; none if it is malformed.
fn entries(id: i32, mut directory: &[u8]) -> Option<Vec<Member>> {
    let mut members = Vec::new();
    while directory.len() >= ENTRY_BYTES {
        let (head, rest) = directory.split_at(ENTRY_BYTES);
        if head[..4] != ENTRY {
            return None;
        }
        let length = |at| usize::try_from(number(head, at, 2)).ok();
        let (name, extra, comment) = (length(28)?, length(30)?, length(32)?);
        let text = rest.get(..name)?;
        let name_text = if number(head, 8, 2) & UTF8 != 0 || text.is_ascii() {
            String::from_utf8_lossy(text).into_owned()
        } else {
            text.iter().map(|byte| char::from(*byte)).collect()
        };
        members.push(Member {
            archive_id: id,
            name: name_text,
            size: number(head, 24, 4).cast_signed(),
            mtime: dos_time(number(head, 14, 2), number(head, 12, 2)),
            mode: None,
            user: None,
            group: None,
        });
        directory = rest.get(name + extra + comment..)?;
    }
    Some(members)
}

/// A little-endian number of a record; callers have checked the length.
fn number(bytes: &[u8], at: usize, width: usize) -> u64 {
    bytes[at..at + width].iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// Seconds since the epoch of a date and a time as DOS kept them; 0 for what is no date.
fn dos_time(date: u64, time: u64) -> i64 {
    let part =
        |value: u64, shift: u32, bits: u32| u8::try_from(value >> shift & ((1 << bits) - 1)).unwrap_or(0);
    let read = || {
        let month = Month::try_from(part(date, 5, 4)).ok()?;
        let date =
            Date::from_calendar_date(1980 + i32::from(part(date, 9, 7)), month, part(date, 0, 5)).ok()?;
        let time = Time::from_hms(part(time, 11, 5), part(time, 5, 6), part(time, 0, 5) * 2).ok()?;
        Some(PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp())
    };
    read().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_dos() {
        // 2024-01-02 03:04:06
        assert_eq!(dos_time((44 << 9) | (1 << 5) | 2, (3 << 11) | (4 << 5) | 3), 1_704_164_646);
        assert_eq!(dos_time(0, 0), 0);
    }

    #[test]
    fn malformed_directories_are_refused() {
        assert_eq!(entries(1, b"").unwrap(), []);
        assert!(entries(1, &[b'x'; 46]).is_none());
        let mut entry = [0; 46];
        entry[..4].copy_from_slice(&ENTRY);
        entry[28] = 9;
        assert!(entries(1, &entry).is_none(), "the name is cut off");
    }
}
