//! [`CraftedSource`]: source rpms that no rpmbuild makes, written byte by byte.

use koji_core::digest::Digest;

/// A file of such an rpm.
#[derive(Clone, Copy, Debug)]
pub struct CraftedFile<'a> {
    /// Its name in the header and in the archive, whatever it is
    pub name: &'a str,
    /// Its text, or where it leads
    pub text: &'a str,
    /// Whether it is a symbolic link
    pub is_link: bool,
}

/// A source rpm, version 1-1.
#[derive(Clone, Copy, Debug)]
pub struct CraftedSource<'a> {
    /// The name of the package
    pub name: &'a str,
    /// Its files; what ends in `.spec` is the spec file
    pub files: &'a [CraftedFile<'a>],
}

const INT16: u32 = 3;
const INT32: u32 = 4;
const STRING: u32 = 6;
const BINARY: u32 = 7;
const STRINGS: u32 = 8;
const TRANSLATED: u32 = 9;

/// rpm's bit of a spec file.
const SPEC_FLAG: u32 = 1 << 5;

impl CraftedSource<'_> {
    /// The bytes of the rpm.
    pub fn bytes(&self) -> Vec<u8> {
        let mut content = self.header();
        content.extend(self.archive());
        let md5 = md5(&content);
        let sum: Vec<u8> =
            (0..16).map(|at| u8::from_str_radix(&md5[at * 2..at * 2 + 2], 16).unwrap()).collect();
        let mut signature = Section::default();
        signature.add(1000, INT32, 1, &u32::try_from(content.len()).unwrap().to_be_bytes());
        signature.add(1004, BINARY, 16, &sum);
        let mut signature = signature.bytes();
        signature.resize(signature.len().next_multiple_of(8), 0);
        [self.lead(), signature, content].concat()
    }

    fn lead(&self) -> Vec<u8> {
        let mut lead = vec![0xed, 0xab, 0xee, 0xdb, 3, 0, 0, 1, 0, 1];
        lead.extend(self.name.as_bytes());
        lead.resize(76, 0);
        lead.extend([0, 1, 0, 5]);
        lead.resize(96, 0);
        lead
    }

    fn header(&self) -> Vec<u8> {
        let files = self.files;
        let mut header = Section::default();
        for (tag, text) in [(1000, self.name), (1001, "1"), (1002, "1")] {
            header.texts(tag, STRING, &[text]);
        }
        header.texts(1004, TRANSLATED, &["A package for tests"]);
        header.texts(1005, TRANSLATED, &["A package for tests."]);
        header.numbers(1009, [files.iter().map(CraftedFile::size).sum()].into_iter());
        header.texts(1014, STRING, &["MIT"]);
        header.texts(1016, TRANSLATED, &["Unspecified"]);
        header.texts(1021, STRING, &["linux"]);
        header.texts(1022, STRING, &["noarch"]);
        header.numbers(1028, files.iter().map(CraftedFile::size));
        let modes: Vec<u8> = files.iter().flat_map(|file| (file.mode() as u16).to_be_bytes()).collect();
        header.add(1030, INT16, files.len(), &modes);
        header.add(1033, INT16, files.len(), &vec![0; files.len() * 2]);
        header.numbers(1034, files.iter().map(|_| 1));
        let digest =
            |file: &CraftedFile<'_>| if file.is_link { String::new() } else { md5(file.text.as_bytes()) };
        let digests: Vec<String> = files.iter().map(digest).collect();
        header.texts(1035, STRINGS, &digests.iter().map(String::as_str).collect::<Vec<_>>());
        let links: Vec<_> = files.iter().map(|file| if file.is_link { file.text } else { "" }).collect();
        header.texts(1036, STRINGS, &links);
        let flag = |file: &CraftedFile<'_>| if file.name.ends_with(".spec") { SPEC_FLAG } else { 0 };
        header.numbers(1037, files.iter().map(flag));
        for tag in [1039, 1040] {
            header.texts(tag, STRINGS, &vec!["root"; files.len()]);
        }
        header.numbers(1106, [1].into_iter());
        header.numbers(1116, files.iter().map(|_| 0));
        header.texts(1117, STRINGS, &files.iter().map(|file| file.name).collect::<Vec<_>>());
        header.texts(1118, STRINGS, &[""]);
        header.texts(1124, STRING, &["cpio"]);
        header.bytes()
    }

    fn archive(&self) -> Vec<u8> {
        let mut archive = Vec::new();
        for (at, file) in self.files.iter().enumerate() {
            entry(&mut archive, (at + 1, file.mode()), file.name, file.text.as_bytes());
        }
        entry(&mut archive, (0, 0), "TRAILER!!!", b"");
        archive
    }
}

impl CraftedFile<'_> {
    fn size(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap()
    }

    fn mode(&self) -> u32 {
        if self.is_link { 0o120_777 } else { 0o100_644 }
    }
}

fn md5(bytes: &[u8]) -> String {
    let mut digest = Digest::of_kind("md5").unwrap();
    digest.update(bytes);
    digest.hex()
}

/// One file of a cpio archive.
fn entry(archive: &mut Vec<u8>, (inode, mode): (usize, u32), name: &str, content: &[u8]) {
    let fields = [inode, mode as usize, 0, 0, 1, 1, content.len(), 0, 0, 0, 0, name.len() + 1, 0];
    archive.extend(b"070701");
    fields.iter().for_each(|field| archive.extend(format!("{field:08x}").into_bytes()));
    archive.extend(name.as_bytes());
    archive.push(0);
    archive.resize(archive.len().next_multiple_of(4), 0);
    archive.extend(content);
    archive.resize(archive.len().next_multiple_of(4), 0);
}

/// A header section in the making.
#[derive(Default)]
struct Section {
    index: Vec<u8>,
    data: Vec<u8>,
}

impl Section {
    fn add(&mut self, tag: u32, kind: u32, count: usize, data: &[u8]) {
        let align = match kind {
            INT16 => 2,
            INT32 => 4,
            _ => 1,
        };
        self.data.resize(self.data.len().next_multiple_of(align), 0);
        let numbers = [tag, kind, self.data.len() as u32, count as u32];
        self.index.extend(numbers.into_iter().flat_map(u32::to_be_bytes));
        self.data.extend(data);
    }

    fn numbers(&mut self, tag: u32, numbers: impl ExactSizeIterator<Item = u32>) {
        let count = numbers.len();
        self.add(tag, INT32, count, &numbers.flat_map(u32::to_be_bytes).collect::<Vec<u8>>());
    }

    fn texts(&mut self, tag: u32, kind: u32, texts: &[&str]) {
        let data: Vec<u8> = texts.iter().flat_map(|text| text.bytes().chain([0])).collect();
        self.add(tag, kind, texts.len(), &data);
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0];
        bytes.extend((self.index.len() as u32 / 16).to_be_bytes());
        bytes.extend((self.data.len() as u32).to_be_bytes());
        [bytes, self.index.clone(), self.data.clone()].concat()
    }
}
