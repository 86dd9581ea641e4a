//! Reading Maven's project files, as far as Koji needs them: group, artifact and version.

use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::build::typed::MavenInfo;
use crate::{Error, Result};

/// What a project file calls its artifact. What it leaves out it has from its parent.
pub fn read(path: &Path) -> Result<MavenInfo> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    // Old files are not always UTF-8; the names that are wanted are ASCII anyway.
    parse(&String::from_utf8_lossy(&bytes)).map_err(|error| {
        Error::new(error.fault, format!("{}: {}", path.display(), error.message)).caused_by(error)
    })
}

fn parse(text: &str) -> Result<MavenInfo> {
    let mut reader = Reader::from_str(text);
    let (mut stack, mut content): (Vec<String>, String) = (Vec::new(), String::new());
    let (mut own, mut inherited) = (Names::default(), Names::default());
    loop {
        let event = reader
            .read_event()
            .map_err(|error| Error::unforeseen(format!("no XML: {error}")).caused_by(error))?;
        match event {
            Event::Start(tag) => {
                stack.push(tag.local_name().as_ref().to_owned());
                content.clear();
            }
            Event::Text(piece) => content.push_str(&piece.xml10_content()),
            Event::End(_) => {
                let names = match stack.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                    ["project", _] => Some(&mut own),
                    ["project", "parent", _] => Some(&mut inherited),
                    _ => None,
                };
                if let (Some(names), Some(tag)) = (names, stack.last()) {
                    names.set(tag, content.trim());
                }
                content.clear();
                stack.pop();
            }
            Event::Eof => break,
            // An undefined entity in a description does no harm.
            _ => {}
        }
    }
    let field = |name: &str, own: Option<String>, inherited: Option<String>| {
        own.or(inherited).ok_or_else(|| Error::generic(format!("could not extract {name} from POM")))
    };
    Ok(MavenInfo {
        group_id: field("groupId", own.group, inherited.group)?,
        artifact_id: field("artifactId", own.artifact, inherited.artifact)?,
        version: field("version", own.version, inherited.version)?,
    })
}

#[derive(Default)]
struct Names {
    group: Option<String>,
    artifact: Option<String>,
    version: Option<String>,
}

impl Names {
    fn set(&mut self, tag: &str, text: &str) {
        match tag {
            "groupId" => self.group = Some(text.to_owned()),
            "artifactId" => self.artifact = Some(text.to_owned()),
            "version" => self.version = Some(text.to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_the_parents() {
        let info = parse(
            "<project xmlns='x'><parent><groupId>org.a</groupId><artifactId>p</artifactId>\
             <version> 7 </version></parent><artifactId>mini</artifactId><description>a &uuml; b</description>\
             <dependencies><dependency><version>9</version></dependency></dependencies></project>",
        )
        .unwrap();
        assert_eq!(
            (info.group_id.as_str(), info.artifact_id.as_str(), info.version.as_str()),
            ("org.a", "mini", "7")
        );
        assert!(
            parse("<project><artifactId>x</artifactId></project>").unwrap_err().message.contains("groupId")
        );
    }
}
