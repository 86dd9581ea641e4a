//! [`TagValue`]: the value of any header tag by its name, as `getRPMHeaders` answers it.
//!
//! Tags that librpm computes are computed here too where they are made of other tags. Those that depend on
//! the machine (labels of SELinux, file triggers told as conditions and the like) are refused.

use serde::{Serialize, Serializer};

use super::RpmFile;
use super::capability::Capability;
use super::deps::DepKind;
use super::number as n;
use super::tags::{self, Kind};
use crate::{Error, Result};

/// What a tag holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum TagValue {
    /// A single value that the header does not have
    Nil,
    /// One number
    Number(i64),
    /// A list of numbers
    Numbers(Vec<i64>),
    /// One text
    Text(String),
    /// A list of texts
    Texts(Vec<String>),
    /// Bytes, which the wire carries as base64
    #[serde(serialize_with = "bytes")]
    Bytes(Vec<u8>),
}

fn bytes<S: Serializer>(bytes: &[u8], serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

impl RpmFile {
    /// The value of a tag by rpm's name for it, in any case and without `RPMTAG_`.
    ///
    /// # Errors
    /// When rpm knows no such tag, or the value cannot be had from the file alone.
    pub fn header_field(&self, name: &str) -> Result<TagValue> {
        let unknown = || Error::generic(format!("No such rpm header field: {}", name.to_uppercase()));
        let (tag, kind) = tags::find(name).ok_or_else(unknown)?;
        if let Some(value) = self.computed(tag)? {
            return Ok(value);
        }
        let value = self.stored(tag, kind);
        // files and packages of more than 4 GiB keep their sizes under another tag
        let long = match tag {
            n::SIZE => n::LONGSIZE,
            n::ARCHIVESIZE => n::LONGARCHIVESIZE,
            n::FILESIZES => n::LONGFILESIZES,
            n::SIGSIZE => n::LONGSIGSIZE,
            _ => return Ok(value),
        };
        let empty =
            matches!(&value, TagValue::Nil) || matches!(&value, TagValue::Numbers(list) if list.is_empty());
        Ok(if empty { self.stored(long, kind) } else { value })
    }

    /// Names of the tags that the file has, as `getRPMHeaders` gives them when none are asked for.
    pub fn header_names(&self) -> Vec<&'static str> {
        const KEPT_IN_SIGNATURE: [u32; 10] = [
            n::ARCHIVESIZE,
            n::SIGSIZE,
            n::LONGSIGSIZE,
            n::SIGPGP,
            n::SIGMD5,
            n::SIGGPG,
            n::DSAHEADER,
            n::RSAHEADER,
            n::SHA1HEADER,
            n::SHA256HEADER,
        ];
        let kept = KEPT_IN_SIGNATURE.into_iter().filter(|tag| {
            let (header, number) = self.locate(*tag);
            header.has(number)
        });
        let mut tags: Vec<u32> =
            self.header.tags().filter(|tag| *tag != n::HEADERIMMUTABLE).chain(kept).collect();
        tags.sort_unstable();
        tags.dedup();
        tags.into_iter().filter_map(tags::name).collect()
    }

    fn stored(&self, tag: u32, kind: Kind) -> TagValue {
        let (header, tag) = self.locate(tag);
        let signed = |numbers: Vec<u64>| numbers.into_iter().map(u64::cast_signed).collect::<Vec<_>>();
        match kind {
            Kind::Text => header.text(tag).map_or(TagValue::Nil, |text| TagValue::Text(text.into_owned())),
            Kind::Texts => TagValue::Texts(header.texts(tag).into_iter().map(Into::into).collect()),
            Kind::Number => {
                signed(header.numbers(tag)).first().copied().map_or(TagValue::Nil, TagValue::Number)
            }
            Kind::Numbers => TagValue::Numbers(signed(header.numbers(tag))),
            Kind::Bytes => header.binary(tag).map_or(TagValue::Nil, |bytes| TagValue::Bytes(bytes.to_vec())),
        }
    }

    /// Tags that librpm makes of others; `None` for one that is stored.
    fn computed(&self, tag: u32) -> Result<Option<TagValue>> {
        let epoch = self.epoch.map(|epoch| format!("{epoch}:")).unwrap_or_default();
        // a source rpm too has the architecture that it was built on here, as in librpm
        let arch = || self.header.text(n::ARCH).unwrap_or_default();
        let suffix = || if self.is_source() { self.src_arch().into() } else { arch() };
        let (name, evr) = (&self.name, format!("{}-{}", self.version, self.release));
        Ok(Some(match tag {
            n::HEADERIMMUTABLE => TagValue::Bytes(self.header.bytes().get(8..).unwrap_or_default().to_vec()),
            n::NVRA => TagValue::Text(format!("{name}-{evr}.{}", arch())),
            n::EVR => TagValue::Text(format!("{epoch}{evr}")),
            n::NVR => TagValue::Text(format!("{name}-{evr}")),
            n::NEVR => TagValue::Text(format!("{name}-{epoch}{evr}")),
            n::NEVRA => TagValue::Text(format!("{name}-{epoch}{evr}.{}", arch())),
            n::ARCHSUFFIX => TagValue::Text(format!(".{}", suffix())),
            n::EPOCHNUM => TagValue::Number(self.epoch.unwrap_or(0)),
            n::DBINSTANCE => TagValue::Number(0),
            n::VERBOSE => TagValue::Nil,
            n::FILENAMES | n::INSTFILENAMES => TagValue::Texts(self.file_names()),
            n::ORIGFILENAMES => {
                TagValue::Texts(self.join_paths(n::ORIGDIRNAMES, n::ORIGDIRINDEXES, n::ORIGBASENAMES))
            }
            n::FILECLASS => TagValue::Texts(self.file_classes()),
            n::LONGFILESIZES => {
                TagValue::Numbers(self.file_sizes().into_iter().map(u64::cast_signed).collect())
            }
            n::LONGSIZE => self.number_of([n::SIZE, n::LONGSIZE]),
            n::LONGARCHIVESIZE => self.number_of([n::ARCHIVESIZE, n::LONGARCHIVESIZE]),
            n::LONGSIGSIZE => self.number_of([n::SIGSIZE, n::LONGSIGSIZE]),
            n::REQUIRENEVRS => self.nevrs(DepKind::Require),
            n::PROVIDENEVRS => self.nevrs(DepKind::Provide),
            n::OBSOLETENEVRS => self.nevrs(DepKind::Obsolete),
            n::CONFLICTNEVRS => self.nevrs(DepKind::Conflict),
            n::RECOMMENDNEVRS => self.nevrs(DepKind::Recommend),
            n::SUGGESTNEVRS => self.nevrs(DepKind::Suggest),
            n::SUPPLEMENTNEVRS => self.nevrs(DepKind::Supplement),
            n::ENHANCENEVRS => self.nevrs(DepKind::Enhance),
            1148 | 1149 | 5001 | 5002 | 5005 | 5006 | 5017 | 5045 | 5086..=5089 | 5109 | 5117 => {
                let name = tags::name(tag).unwrap_or_default();
                return Err(Error::generic(format!(
                    "rpm header field {name} is computed by rpm on a machine; ask for the stored fields it is made of"
                )));
            }
            _ => return Ok(None),
        }))
    }

    /// The first of the tags that is there.
    fn number_of(&self, tags: [u32; 2]) -> TagValue {
        let number = |tag| {
            let (header, tag) = self.locate(tag);
            header.number(tag)
        };
        let found = tags.into_iter().find_map(number);
        found.map_or(TagValue::Nil, |number| TagValue::Number(number.cast_signed()))
    }

    fn nevrs(&self, kind: DepKind) -> TagValue {
        TagValue::Texts(self.deps(kind).iter().map(|dep| Capability::from(dep).to_string()).collect())
    }

    /// What each file is. The header says it of regular files; of others the type does.
    fn file_classes(&self) -> Vec<String> {
        let dictionary = self.header.texts(n::CLASSDICT);
        let links = self.header.texts(n::FILELINKTOS);
        let modes = self.header.numbers(n::FILEMODES).into_iter().enumerate();
        let indexes = self.header.numbers(n::FILECLASS);
        let class = |(at, mode): (usize, u64)| {
            let index = indexes.get(at).and_then(|index| usize::try_from(*index).ok());
            let stored = index.and_then(|index| dictionary.get(index));
            if let Some(stored) = stored.filter(|stored| !stored.is_empty()) {
                return stored.to_string();
            }
            match mode >> 12 {
                0o01 => "fifo (named pipe)".to_owned(),
                0o02 => "character special".to_owned(),
                0o04 => "directory".to_owned(),
                0o06 => "block special".to_owned(),
                0o12 => format!("symbolic link to `{}'", links.get(at).map_or("", |link| link)),
                0o14 => "socket".to_owned(),
                _ => String::new(),
            }
        };
        modes.map(class).collect()
    }
}
