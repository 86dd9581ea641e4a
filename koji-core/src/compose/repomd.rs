//! [`RepoMd`]: the list of the files of a repository's metadata, `repomd.xml`.

use std::fmt::Write as _;

use super::xml::{push_attribute, push_element};

/// What `repomd.xml` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepoMd {
    /// Identifies this state of the repository, usually the time in seconds.
    pub revision: String,
    /// Its files.
    pub records: Vec<Record>,
}

/// One file of the metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is: `primary`, `filelists`, `other`, `group`, `group_gz`, `origin`.
    pub kind: &'static str,
    /// Its path from the root of the repository.
    pub href: String,
    /// The file as it is.
    pub stored: Sum,
    /// Its contents without compression, when it is compressed.
    pub open: Option<Sum>,
    /// When it was made, in seconds since the epoch.
    pub timestamp_s: i64,
}

/// What identifies bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// How many bytes.
    pub size_bytes: u64,
}

impl RepoMd {
    /// The file as text.
    pub fn to_xml(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<repomd");
        push_attribute(&mut out, "xmlns", "http://linux.duke.edu/metadata/repo");
        push_attribute(&mut out, "xmlns:rpm", "http://linux.duke.edu/metadata/rpm");
        out.push_str(">\n");
        push_element(&mut out, "  ", "revision", &self.revision);
        for record in &self.records {
            record.push(&mut out);
        }
        out.push_str("</repomd>\n");
        out
    }
}

impl Record {
    fn push(&self, out: &mut String) {
        let _ = writeln!(out, "  <data type=\"{}\">", self.kind);
        let _ = writeln!(out, "    <checksum type=\"sha256\">{}</checksum>", self.stored.sha256);
        if let Some(open) = &self.open {
            let _ = writeln!(out, "    <open-checksum type=\"sha256\">{}</open-checksum>", open.sha256);
        }
        out.push_str("    <location");
        push_attribute(out, "href", &self.href);
        out.push_str("/>\n");
        let _ = writeln!(out, "    <timestamp>{}</timestamp>", self.timestamp_s);
        let _ = writeln!(out, "    <size>{}</size>", self.stored.size_bytes);
        if let Some(open) = &self.open {
            let _ = writeln!(out, "    <open-size>{}</open-size>", open.size_bytes);
        }
        out.push_str("  </data>\n");
    }
}
