//! [`RawHeader`]: one header section of an rpm file (the signature header or the main one), as bytes with an index.
//!
//! It also reads a signature header that stands alone, without an rpm around it, as `addRPMSig` receives one.
//! It refuses sections whose index points outside of their data; it verifies no digest and no signature.

use std::borrow::Cow;
use std::io::Read;

use crate::{Error, Result};

/// The first bytes of every header section.
pub const MAGIC: [u8; 3] = [0x8e, 0xad, 0xe8];
/// Length of the lead that opens an rpm file, in bytes.
pub const LEAD_BYTES: u64 = 96;
/// Length of what precedes the index of a section, in bytes.
const INTRO_BYTES: usize = 16;
const ENTRY_BYTES: usize = 16;
/// What rpm itself accepts at most.
const MAX_ENTRIES: usize = 0xffff;
const MAX_DATA_BYTES: usize = 0x0fff_ffff;

/// One entry of the index: where the values of a tag are.
#[derive(Clone, Copy, Debug)]
struct Entry {
    tag: u32,
    kind: u32,
    offset: usize,
    count: usize,
}

/// A header section with its index, its values decoded when asked for.
#[derive(Clone, Debug)]
pub struct RawHeader {
    bytes: Vec<u8>,
    /// Sorted by tag, each tag once.
    index: Vec<Entry>,
    store: usize,
}

impl RawHeader {
    /// Reads a section that starts where the reader stands. Nothing behind it is read, padding neither.
    pub fn read(reader: &mut impl Read) -> Result<Self> {
        let mut bytes = vec![0; INTRO_BYTES];
        reader.read_exact(&mut bytes)?;
        let rest = section_bytes(&bytes)? - INTRO_BYTES;
        reader.take(rest as u64).read_to_end(&mut bytes)?;
        Self::parse(bytes)
    }

    /// Indexes a section; bytes behind it (the padding of a signature header) stay as they are.
    pub fn parse(bytes: Vec<u8>) -> Result<Self> {
        let total = section_bytes(&bytes)?;
        if bytes.len() < total {
            let have = bytes.len();
            return Err(Error::generic(format!("Invalid rpm header: {have} of {total} bytes")));
        }
        let entries = be_u32(&bytes, 8) as usize;
        let store = INTRO_BYTES + entries * ENTRY_BYTES;
        let mut index = Vec::with_capacity(entries);
        for at in (INTRO_BYTES..store).step_by(ENTRY_BYTES) {
            let entry = Entry {
                tag: be_u32(&bytes, at),
                kind: be_u32(&bytes, at + 4),
                offset: be_u32(&bytes, at + 8) as usize,
                count: be_u32(&bytes, at + 12) as usize,
            };
            check(&entry, total - store)?;
            index.push(entry);
        }
        // a stable sort, so that of duplicates the last one wins, as Koji has it
        index.sort_by_key(|entry: &Entry| entry.tag);
        index.reverse();
        index.dedup_by_key(|entry| entry.tag);
        index.reverse();
        Ok(Self { bytes, index, store })
    }

    /// The bytes that were read, magic included.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The tags that are present, in ascending order.
    pub fn tags(&self) -> impl Iterator<Item = u32> + '_ {
        self.index.iter().map(|entry| entry.tag)
    }

    /// Whether there is an entry for the tag.
    pub fn has(&self, tag: u32) -> bool {
        self.find(tag).is_some()
    }

    /// Whether the tag holds text (otherwise numbers or bytes).
    pub fn is_text(&self, tag: u32) -> bool {
        self.find(tag).is_some_and(|entry| matches!(entry.kind, 6 | 8 | 9))
    }

    /// The numbers of a tag; nothing when it is absent or holds no numbers.
    pub fn numbers(&self, tag: u32) -> Vec<u64> {
        let Some(entry) = self.find(tag).filter(|entry| entry.kind <= 5) else { return Vec::new() };
        let width = width(entry.kind);
        if width == 0 {
            return Vec::new();
        }
        let data = &self.data()[entry.offset..entry.offset + width * entry.count];
        let number = |bytes: &[u8]| bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        data.chunks_exact(width).map(number).collect()
    }

    /// The first number of a tag.
    pub fn number(&self, tag: u32) -> Option<u64> {
        self.numbers(tag).first().copied()
    }

    /// The texts of a tag. Translations are not applied: of a translated text all languages are given, "C" first.
    pub fn texts(&self, tag: u32) -> Vec<Cow<'_, str>> {
        self.find(tag).map(|entry| self.texts_of(entry).collect()).unwrap_or_default()
    }

    /// The first text of a tag.
    pub fn text(&self, tag: u32) -> Option<Cow<'_, str>> {
        self.texts_of(self.find(tag)?).next()
    }

    /// The bytes of a binary tag.
    pub fn binary(&self, tag: u32) -> Option<&[u8]> {
        let entry = self.find(tag).filter(|entry| entry.kind == 7)?;
        Some(&self.data()[entry.offset..entry.offset + entry.count])
    }

    fn texts_of(&self, entry: &Entry) -> impl Iterator<Item = Cow<'_, str>> {
        let count = match entry.kind {
            6 => 1,
            8 | 9 => entry.count,
            _ => 0,
        };
        self.data()[entry.offset..].split(|byte| *byte == 0).take(count).map(decode)
    }

    fn data(&self) -> &[u8] {
        &self.bytes[self.store..]
    }

    fn find(&self, tag: u32) -> Option<&Entry> {
        let at = self.index.binary_search_by_key(&tag, |entry| entry.tag).ok()?;
        self.index.get(at)
    }
}

/// Length of the section whose first 16 bytes these are, without padding.
pub fn section_bytes(intro: &[u8]) -> Result<usize> {
    if intro.len() < INTRO_BYTES || intro[..3] != MAGIC {
        return Err(Error::generic("Invalid rpm: bad magic where a header should start"));
    }
    let (entries, data) = (be_u32(intro, 8) as usize, be_u32(intro, 12) as usize);
    if entries > MAX_ENTRIES || data > MAX_DATA_BYTES {
        return Err(Error::generic(format!("Invalid rpm header: {entries} entries, {data} bytes of data")));
    }
    Ok(INTRO_BYTES + entries * ENTRY_BYTES + data)
}

/// Text of a header: UTF-8, or else what old packages used, ISO 8859-1.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

/// The width of one value in bytes; 0 for text, which is as long as it is.
fn width(kind: u32) -> usize {
    match kind {
        1 | 2 | 7 => 1,
        3 => 2,
        4 => 4,
        5 => 8,
        _ => 0,
    }
}

fn check(entry: &Entry, data_bytes: usize) -> Result<()> {
    let end = entry.count.checked_mul(width(entry.kind)).and_then(|bytes| bytes.checked_add(entry.offset));
    if entry.kind > 9 || entry.offset > data_bytes || end.is_none_or(|end| end > data_bytes) {
        return Err(Error::generic(format!("Invalid rpm header: tag {} points outside", entry.tag)));
    }
    Ok(())
}

/// Callers have checked the length.
fn be_u32(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(entries: &[[u32; 4]], data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0];
        bytes.extend((entries.len() as u32).to_be_bytes());
        bytes.extend((data.len() as u32).to_be_bytes());
        bytes.extend(entries.iter().flatten().flat_map(|number| number.to_be_bytes()));
        bytes.extend(data);
        bytes
    }

    #[test]
    fn values_of_each_kind() {
        let data = b"one\0t\xe9o\0\0\0\x01\x02raw";
        let header =
            RawHeader::parse(section(&[[10, 8, 0, 2], [11, 3, 8, 2], [12, 7, 12, 3], [10, 6, 4, 1]], data))
                .unwrap();
        assert_eq!(header.texts(10), ["téo"], "the last of duplicates wins, and old encodings are read");
        assert_eq!(header.numbers(11), [0, 0x0102]);
        assert_eq!(header.binary(12), Some(&b"raw"[..]));
        assert_eq!(header.text(99), None);
        assert!(header.numbers(10).is_empty());
    }

    #[test]
    fn refuses_what_points_outside() {
        for entry in [[1, 4, 0, 2], [1, 6, 9, 1], [1, 7, 0, u32::MAX], [1, 77, 0, 1]] {
            assert!(RawHeader::parse(section(&[entry], b"four")).is_err(), "{entry:?}");
        }
        assert!(RawHeader::parse(section(&[], b"four")[..18].to_vec()).is_err());
        assert!(RawHeader::parse(b"not a header section".to_vec()).is_err());
    }
}
