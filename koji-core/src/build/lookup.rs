//! [`BuildRef`]: a build as clients name it, and finding its id.

use crate::api::Arg;
use crate::context::Cx;
use crate::db::Query;
use crate::nvr::Nvr;
use crate::wire::Value;
use crate::{Error, Result};

/// A build by its id, its name-version-release, or a struct with these three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildRef {
    /// By id
    Id(i64),
    /// By name, version and release
    Nvr(Nvr),
}

impl Arg for BuildRef {
    fn take(value: Value) -> Result<Self> {
        match &value {
            Value::Int(id) => Ok(Self::Id(*id)),
            Value::Bool(_) => Err(Error::unforeseen("a boolean names no build")),
            Value::String(nvr) => Nvr::parse(nvr).map(Self::Nvr),
            Value::Struct(_) => {
                let given = |key: &str| value.get(key).is_some_and(|part| !part.is_nil());
                if !["name", "version", "release"].into_iter().all(given) {
                    return Err(Error::generic("did not provide name, version, and release"));
                }
                let part = |key: &str| match value.get(key).unwrap_or(&Value::Nil) {
                    Value::String(text) => Ok(text.clone()),
                    // The database compares text with text only.
                    other => {
                        Err(Error::unforeseen(format!("{key} of a build is text, not {}", other.kind())))
                    }
                };
                let (name, version, release) = (part("name")?, part("version")?, part("release")?);
                Ok(Self::Nvr(Nvr { name, version, release, epoch: String::new() }))
            }
            other => Err(Error::generic(format!(
                "Invalid type for argument: {} (give a build's id or its name-version-release)",
                other.kind()
            ))),
        }
    }
    fn give(&self) -> Value {
        match self {
            Self::Id(id) => Value::Int(*id),
            Self::Nvr(nvr) => Value::String(nvr.to_string()),
        }
    }
}

impl From<i32> for BuildRef {
    fn from(id: i32) -> Self {
        Self::Id(id.into())
    }
}

impl From<Nvr> for BuildRef {
    fn from(nvr: Nvr) -> Self {
        Self::Nvr(nvr)
    }
}

impl From<i64> for BuildRef {
    fn from(id: i64) -> Self {
        Self::Id(id)
    }
}

impl std::fmt::Display for BuildRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Nvr(nvr) => nvr.fmt(f),
        }
    }
}

impl BuildRef {
    /// A build as people write it: a number is its id, anything else its name-version-release.
    pub fn read(text: &str) -> Result<Self> {
        text.parse().map_or_else(|_| Nvr::parse(text).map(Self::Nvr), |id| Ok(Self::Id(id)))
    }

    /// The error when there is no such build.
    pub fn missing(&self) -> Error {
        Error::generic(format!("No such build: {self}"))
    }
}

/// A build's id. An id is believed, whether there is such a build or not.
pub fn find_id(cx: &mut Cx<'_>, build: &BuildRef) -> Result<Option<i64>> {
    match build {
        BuildRef::Id(id) => Ok(Some(*id)),
        BuildRef::Nvr(nvr) => Query::from("build")
            .join("package ON build.pkg_id = package.id")
            .filter("package.name = ?", &nvr.name)
            .filter("build.version = ? AND build.release = ?", (&nvr.version, &nvr.release))
            .select_first(cx.db, "build.id"),
    }
}

/// The same, and an error when no build has that name.
pub fn get_id(cx: &mut Cx<'_>, build: &BuildRef) -> Result<i64> {
    find_id(cx, build)?.ok_or_else(|| build.missing())
}

/// The id of a build that there is, whichever way it is named.
pub fn get_known_id(cx: &mut Cx<'_>, build: &BuildRef) -> Result<i64> {
    let id = get_id(cx, build)?;
    match Query::from("build").filter("id = ?", id).exists(cx.db)? {
        true => Ok(id),
        false => Err(build.missing()),
    }
}
