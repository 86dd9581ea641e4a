//! [`Offer`]: a package of a repository as somebody sees it who looks for what it provides.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::external::attribute;
use crate::{Error, Result};

/// Something that a package provides or requires: a name, perhaps with a version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Capability {
    /// The name; a path, if it is a file.
    pub name: String,
    /// `<`, `<=`, `=`, `>=` or `>`; empty when any version will do.
    pub comparison: String,
    /// `epoch:version-release`, all parts but the version optional.
    pub version: String,
}

impl Capability {
    /// Reads `name`, or `name >= version`.
    pub fn parse(text: &str) -> Self {
        let mut words = text.split_whitespace();
        let mut next = || words.next().unwrap_or_default().to_owned();
        match text.starts_with('(') {
            // a rich dependency is one name to whoever does not understand it
            true => Self { name: text.to_owned(), ..Self::default() },
            false => Self { name: next(), comparison: next(), version: next() },
        }
    }

    /// Whether what is provided is what is required: of the same name, and of versions that both allow, as
    /// rpm has it.
    pub fn meets(&self, required: &Self) -> bool {
        if self.name != required.name {
            return false;
        }
        if self.comparison.is_empty() || required.comparison.is_empty() {
            return true;
        }
        let has = |side: &Self, sign| side.comparison.contains(sign);
        match compare(&self.version, &required.version) {
            std::cmp::Ordering::Less => has(self, '>') || has(required, '<'),
            std::cmp::Ordering::Greater => has(self, '<') || has(required, '>'),
            std::cmp::Ordering::Equal => ['=', '<', '>'].iter().any(|c| has(self, *c) && has(required, *c)),
        }
    }
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        if !self.comparison.is_empty() {
            write!(f, " {} {}", self.comparison, self.version)?;
        }
        Ok(())
    }
}

/// The order of two versions; a release counts only if both have one.
fn compare(left: &str, right: &str) -> std::cmp::Ordering {
    let plain = |text: &str| text.split_once('-').map_or(text, |(version, _)| version).to_owned();
    if left.contains('-') && right.contains('-') {
        return rpm_version::rpm_evr_compare(left, right);
    }
    rpm_version::rpm_evr_compare(&plain(left), &plain(right))
}

/// A package of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Its name.
    pub name: String,
    /// Its arch.
    pub arch: String,
    /// `epoch:version-release`
    pub evr: String,
    /// Where it lies below the repository, or below its base.
    pub href: String,
    /// The address of another repository that it lies in.
    pub base: Option<String>,
    /// The kind of its checksum, and the checksum.
    pub checksum: (String, String),
    /// The length of the file.
    pub size_bytes: Option<u64>,
    /// What it provides, its own name among it.
    pub provides: Vec<Capability>,
    /// What it requires.
    pub requires: Vec<Capability>,
    /// Those of its files that the list of packages names: programs and what is in `/etc`.
    pub files: Vec<String>,
}

impl Offer {
    /// Reads a package element of a repository's `primary`.
    ///
    /// # Errors
    /// Malformed or incomplete metadata.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong =
            |why: &dyn std::fmt::Display| Error::generic(format!("malformed metadata of a package: {why}"));
        let offer = read(text).map_err(|source| wrong(&source))?;
        if [&offer.name, &offer.arch, &offer.href, &offer.checksum.1].iter().any(|part| part.is_empty()) {
            return Err(wrong(&format!("{:?} lacks its arch, place or checksum", offer.name)));
        }
        Ok(offer)
    }

    /// Whether it has what is required.
    pub fn meets(&self, required: &Capability) -> bool {
        self.provides.iter().any(|provided| provided.meets(required)) || self.files.contains(&required.name)
    }

    /// `name-version-release.arch`
    pub fn nvra(&self) -> String {
        let evr = self.evr.split_once(':').map_or(self.evr.as_str(), |(_, rest)| rest);
        format!("{}-{evr}.{}", self.name, self.arch)
    }
}

fn read(text: &str) -> quick_xml::Result<Offer> {
    let mut reader = Reader::from_str(text);
    let (mut offer, mut element, mut list) = (Offer::default(), String::new(), String::new());
    loop {
        match reader.read_event()? {
            Event::Start(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                note(&mut offer, &tag, (&name, &list))?;
                if matches!(name.as_str(), "provides" | "requires") {
                    list.clone_from(&name);
                }
                element = name;
            }
            Event::Empty(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                note(&mut offer, &tag, (&name, &list))?;
            }
            Event::Text(text) => {
                let text = text.xml10_content();
                match element.as_str() {
                    "name" => offer.name.push_str(&text),
                    "arch" => offer.arch.push_str(&text),
                    "checksum" => offer.checksum.1.push_str(&text),
                    "file" => offer.files.push(text.into_owned()),
                    _ => {}
                }
            }
            Event::End(tag) => {
                if tag.local_name().as_ref() == list.as_str() {
                    list.clear();
                }
                element.clear();
            }
            Event::Eof => return Ok(offer),
            _ => {}
        }
    }
}

/// Takes what the attributes of an element say, which stands in a list of dependencies perhaps.
fn note(offer: &mut Offer, tag: &BytesStart<'_>, (name, list): (&str, &str)) -> quick_xml::Result<()> {
    match name {
        "version" => offer.evr = evr(tag, ["epoch", "ver", "rel"])?,
        "checksum" => offer.checksum.0 = attribute(tag, "type")?,
        "size" => offer.size_bytes = attribute(tag, "package")?.parse().ok(),
        "location" => {
            offer.href = attribute(tag, "href")?;
            offer.base = Some(attribute(tag, "xml:base")?).filter(|base| !base.is_empty());
        }
        "entry" if !list.is_empty() => {
            let comparison = match attribute(tag, "flags")?.as_str() {
                "LT" => "<",
                "LE" => "<=",
                "EQ" => "=",
                "GE" => ">=",
                "GT" => ">",
                _ => "",
            };
            let capability = Capability {
                name: attribute(tag, "name")?,
                comparison: comparison.to_owned(),
                version: evr(tag, ["epoch", "ver", "rel"])?,
            };
            let side = if list == "provides" { &mut offer.provides } else { &mut offer.requires };
            side.push(capability);
        }
        _ => {}
    }
    Ok(())
}

fn evr(tag: &BytesStart<'_>, names: [&str; 3]) -> quick_xml::Result<String> {
    let [epoch, version, release] = names.map(|name| attribute(tag, name));
    let (epoch, version, release) = (epoch?, version?, release?);
    let before = if epoch.is_empty() { String::new() } else { format!("{epoch}:") };
    let behind = if release.is_empty() { String::new() } else { format!("-{release}") };
    Ok(format!("{before}{version}{behind}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_rpm_does() {
        for (provided, required, meets) in [
            ("a = 0:2-1", "a", true),
            ("a = 0:2-1", "b", false),
            ("a = 0:2-1", "a >= 2", true),
            ("a = 0:2-1", "a > 2", false),
            ("a = 0:2-1", "a = 2-2", false),
            ("a = 1:2-1", "a < 3", false),
            ("a", "a = 7", true),
            ("a >= 3", "a < 3", false),
            ("a >= 3", "a > 9", true),
        ] {
            let told = Capability::parse(provided).meets(&Capability::parse(required));
            assert_eq!(told, meets, "{provided} for {required}");
        }
        assert_eq!(Capability::parse("(a if b)").name, "(a if b)");
    }

    #[test]
    fn a_package_is_read() {
        let text = "<package type=\"rpm\"><name>a</name><arch>noarch</arch><version epoch=\"0\" ver=\"1\" rel=\"2\"/>\
            <checksum type=\"sha256\" pkgid=\"YES\">12</checksum><size package=\"7\" installed=\"9\"/>\
            <location xml:base=\"http://o\" href=\"x&amp;y.rpm\"/><format><rpm:provides>\
            <rpm:entry name=\"a\" flags=\"EQ\" epoch=\"0\" ver=\"1\" rel=\"2\"/></rpm:provides><rpm:requires>\
            <rpm:entry name=\"/bin/sh\"/></rpm:requires><rpm:conflicts><rpm:entry name=\"c\"/></rpm:conflicts>\
            <file>/usr/bin/a</file></format></package>";
        let offer = Offer::parse(text).unwrap();
        assert_eq!((offer.nvra().as_str(), offer.href.as_str()), ("a-1-2.noarch", "x&y.rpm"));
        assert_eq!((offer.base.as_deref(), offer.size_bytes), (Some("http://o"), Some(7)));
        assert_eq!(offer.requires, [Capability::parse("/bin/sh")]);
        assert!(["a >= 1", "/usr/bin/a"].iter().all(|text| offer.meets(&Capability::parse(text))));
        assert!(!offer.meets(&Capability::parse("c")));
        assert!(Offer::parse("<package><name>a</name></package>").is_err());
    }
}
