//! What a content generator says of a build: Koji's metadata format, version 0.
//!
//! It reads and checks the form only; whether what it names is there is for those who import it.

use std::fs;

use serde::{Deserialize, Deserializer};
use serde_json::{Map as Object, Value as Json};

use super::loose::{self, Flag, Text};
use crate::api::Arg;
use crate::build::files;
use crate::context::Cx;
use crate::wire::{Value, python_json};
use crate::{Error, Result};

/// Where the metadata is, as clients say it.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// In the call itself
    Inline(Value),
    /// In the call, as JSON text
    Text(String),
    /// In a file of the upload directory
    File(String),
}

impl Arg for Given {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Nil => Ok(Self::File("metadata.json".to_owned())),
            Value::Struct(_) => Ok(Self::Inline(value)),
            Value::String(name) if name.ends_with(".json") => Ok(Self::File(name)),
            Value::String(text) => Ok(Self::Text(text)),
            other => Err(Error::parameter(format!(
                "metadata is a struct, JSON text or the name of an uploaded file, not {}",
                other.kind()
            ))),
        }
    }
    fn give(&self) -> Value {
        match self {
            Self::Inline(value) => value.clone(),
            Self::Text(text) | Self::File(text) => Value::String(text.clone()),
        }
    }
}

/// Metadata as it came.
#[derive(Clone, Debug)]
pub struct Raw {
    /// Its text, which is kept with the build
    pub text: String,
    /// The same, parsed
    pub json: Json,
}

impl Raw {
    /// What is told of each output.
    pub fn outputs(&self) -> &[Json] {
        self.json.get("output").and_then(Json::as_array).map_or(&[], Vec::as_slice)
    }
}

/// Reads metadata that is of the version that is known.
pub fn read(cx: &Cx<'_>, given: &Given, directory: &str) -> Result<Raw> {
    let raw = match given {
        Given::Inline(value) => {
            let text = python_json::dumps(value).map_err(|error| {
                Error::generic(format!("Invalid metadata, cannot encode: {}", error.message))
            })?;
            let json = parse(&text)?;
            Raw { text: serde_json::to_string_pretty(&json)?, json }
        }
        Given::Text(text) => Raw { text: text.clone(), json: parse(text)? },
        Given::File(name) => {
            let path = files::uploaded(cx, &format!("{directory}/{name}"))?;
            let text = fs::read_to_string(&path)
                .map_err(|error| Error::generic(format!("No such file: {name}")).caused_by(error))?;
            Raw { json: parse(&text)?, text }
        }
    };
    let Version { metadata_version } = raw.typed()?;
    if metadata_version.as_f64() != Some(0.0) {
        return Err(Error::generic(format!("No such metadata version: {metadata_version} (0 is known)")));
    }
    Ok(raw)
}

fn parse(text: &str) -> Result<Json> {
    serde_json::from_str(text)
        .map_err(|error| Error::generic(format!("Invalid json data for metadata: {error}")).caused_by(error))
}

impl Raw {
    /// All of it, or the part that a type describes.
    pub fn typed<'de, T: Deserialize<'de>>(&'de self) -> Result<T> {
        typed(&self.json)
    }
}

/// Reads a part; one that lacks what must be there is an error.
pub fn typed<'de, T: Deserialize<'de>>(json: &'de Json) -> Result<T> {
    T::deserialize(json)
        .map_err(|error| Error::unforeseen(format!("invalid metadata: {error}")).caused_by(error))
}

#[derive(Deserialize)]
struct Version {
    metadata_version: Json,
}

/// The content generators that metadata names: what is looked at before anything else.
#[derive(Clone, Debug, Deserialize)]
pub struct Generators {
    /// One for each buildroot
    #[serde(deserialize_with = "loose::list")]
    pub buildroots: Vec<GeneratorOf>,
}

/// The content generator of a buildroot.
#[derive(Clone, Debug, Deserialize)]
pub struct GeneratorOf {
    /// It
    pub content_generator: GeneratorName,
}

/// The name of a content generator.
#[derive(Clone, Debug, Deserialize)]
pub struct GeneratorName {
    /// The name, or the id
    pub name: Json,
}

#[derive(Deserialize)]
struct OfBuild {
    build: BuildPart,
}

/// What metadata says of the build. Its name is looked at before the rest of it.
pub fn build(raw: &Raw) -> Result<BuildPart> {
    if let Some(Json::Object(build)) = raw.json.get("build") {
        if let Some(key) = ["name", "version", "release"].iter().find(|key| !build.contains_key(**key)) {
            let message = format!("did not provide name, version, and release: the build lacks {key}");
            return Err(Error::generic(message));
        }
        if build.get("name") == Some(&Json::Null) {
            return Err(Error::parameter("Invalid name of a build: null"));
        }
        if build.get("name") == Some(&Json::from("")) {
            return Err(Error::generic("No name or package id provided for build"));
        }
    }
    raw.typed().map(|OfBuild { build }| build)
}

/// What metadata says beside the build.
#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    /// Where it was built
    #[serde(deserialize_with = "loose::list")]
    pub buildroots: Vec<BuildrootPart>,
    /// Its files
    #[serde(deserialize_with = "loose::list")]
    pub output: Vec<Output>,
}

/// What metadata says of the build itself.
#[derive(Clone, Debug, Deserialize)]
pub struct BuildPart {
    /// The id of a reserved build; 0 for none
    #[serde(default)]
    pub build_id: Json,
    /// The package's name
    pub name: String,
    /// The version
    pub version: String,
    /// The release; of a draft the one that it is to get
    pub release: String,
    /// What else is known; `typeinfo` in it tells the build types
    pub extra: Object<String, Json>,
    /// Where the sources come from; it must be said, if only as null
    #[serde(deserialize_with = "Option::deserialize")]
    pub source: Option<Text>,
    /// When it began, in seconds since the epoch
    #[serde(deserialize_with = "loose::seconds")]
    pub start_time: f64,
    /// When it ended, in seconds since the epoch
    #[serde(deserialize_with = "loose::seconds")]
    pub end_time: f64,
    /// The name of who owns it; the caller if it is not said
    #[serde(default)]
    pub owner: Json,
    /// The task that made it, if that is said
    #[serde(default, deserialize_with = "said")]
    pub task_id: Option<Json>,
    /// The epoch, if it is said
    #[serde(default, deserialize_with = "loose::epoch")]
    pub epoch: Option<Option<i64>>,
    /// Whether it is a draft
    #[serde(default)]
    pub draft: Flag,
}

/// A buildroot.
#[derive(Clone, Debug, Deserialize)]
pub struct BuildrootPart {
    /// Its id in the metadata
    pub id: Json,
    /// What built there
    pub content_generator: Tool,
    /// The container
    pub container: Container,
    /// The host
    pub host: Host,
    /// What was in it
    #[serde(deserialize_with = "loose::list")]
    pub components: Vec<Component>,
    /// What was used
    #[serde(deserialize_with = "loose::list_if_true")]
    pub tools: Vec<Tool>,
    /// What else is known
    #[serde(default)]
    pub extra: Option<Json>,
}

/// A program and its version.
#[derive(Clone, Debug, Deserialize)]
pub struct Tool {
    /// Its name
    pub name: Text,
    /// Its version
    pub version: Text,
}

/// The container of a buildroot.
#[derive(Clone, Debug, Deserialize)]
pub struct Container {
    /// Its kind; it must be said, if only as null
    #[serde(rename = "type", deserialize_with = "Option::deserialize")]
    pub kind: Option<Text>,
    /// Its arch; likewise
    #[serde(deserialize_with = "Option::deserialize")]
    pub arch: Option<Text>,
}

/// The host of a buildroot.
#[derive(Clone, Debug, Deserialize)]
pub struct Host {
    /// Its operating system; it must be said, if only as null
    #[serde(deserialize_with = "Option::deserialize")]
    pub os: Option<Text>,
    /// Its arch; likewise
    #[serde(deserialize_with = "Option::deserialize")]
    pub arch: Option<Text>,
}

/// What a buildroot or an archive is made of.
#[derive(Clone, Debug, Deserialize)]
pub struct Component {
    /// `rpm`, `file` or `kojifile`
    #[serde(rename = "type")]
    pub kind: Json,
    /// The rest, by kind
    #[serde(flatten)]
    pub fields: Object<String, Json>,
}

/// A file of the build.
#[derive(Clone, Debug, Deserialize)]
pub struct Output {
    /// The metadata's id of the buildroot that it was built in
    pub buildroot_id: Json,
    /// `rpm`, `log`, or anything else for an archive
    #[serde(rename = "type")]
    pub kind: Json,
    /// Its name
    pub filename: String,
    /// The directory below that of the upload
    #[serde(default, deserialize_with = "said")]
    pub relpath: Option<String>,
    /// Its size in bytes
    pub filesize: Json,
    /// Its checksum
    pub checksum: Json,
    /// The kind of the checksum: md5 or sha256
    pub checksum_type: Json,
    /// Whether the file itself is not here
    #[serde(default)]
    pub metadata_only: Flag,
    /// The directory below that of its build type
    #[serde(default, deserialize_with = "loose::dir")]
    pub subdir: Option<String>,
    /// What else is known, if that is said
    #[serde(default, deserialize_with = "said")]
    pub extra: Option<Json>,
    /// What it is made of, if that is said. Only archives are asked, and not all of them may say it.
    #[serde(default, deserialize_with = "said")]
    components: Option<Json>,
}

impl Output {
    /// The directory below that of its build type, if it is said.
    pub fn below(&self) -> Option<&str> {
        self.subdir.as_deref()
    }

    /// Whether it is said what it is made of.
    pub fn tells_components(&self) -> bool {
        self.components.is_some()
    }

    /// What it is made of.
    pub fn components(&self) -> Result<Vec<Component>> {
        #[derive(Deserialize)]
        struct List(#[serde(deserialize_with = "loose::list")] Vec<Component>);
        let list = self.components.as_ref().map(typed::<List>).transpose()?;
        Ok(list.map_or_else(Vec::new, |List(list)| list))
    }

    /// Whether it is a log, or otherwise an rpm or an archive.
    pub fn is_log(&self) -> bool {
        self.kind == "log"
    }
}

/// Tells null from what was left out.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_and_what_is_null() {
        let build = |more: &str| {
            let text = format!(
                r#"{{"name": "a", "version": "1", "release": "2", "extra": {{}}, "start_time": "1.5", "end_time": 2{more}}}"#
            );
            typed::<BuildPart>(&serde_json::from_str(&text).unwrap())
                .map(|build| (build.epoch, build.start_time))
        };
        assert_eq!(build(r#", "source": null"#).unwrap(), (None, 1.5));
        assert_eq!(build(r#", "source": "git", "epoch": null"#).unwrap().0, Some(None));
        assert_eq!(build(r#", "source": "git", "epoch": 3"#).unwrap().0, Some(Some(3)));
        assert!(build("").unwrap_err().message.contains("source"));
    }

    #[test]
    fn where_metadata_is() {
        assert_eq!(Given::take(Value::Nil).unwrap(), Given::File("metadata.json".into()));
        assert_eq!(Given::take("m.json".into()).unwrap(), Given::File("m.json".into()));
        assert_eq!(Given::take("{}".into()).unwrap(), Given::Text("{}".into()));
        assert_eq!(Given::take(Value::Int(1)).unwrap_err().fault, crate::Fault::Parameter);
    }
}
