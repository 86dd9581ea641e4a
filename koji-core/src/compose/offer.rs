//! [`Offer`]: a package of a repository as somebody sees it who looks for what it provides.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::external::attribute;
use crate::rpm::capability::Capability;
use crate::{Error, Result};

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
        if offer.nvra().contains('/') {
            return Err(wrong(&format!("{:?} names another directory", offer.nvra())));
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
        let elsewhere = text.replace("<name>a</name>", "<name>../a</name>");
        assert!(Offer::parse(&elsewhere).unwrap_err().message.contains("another directory"));
    }
}
