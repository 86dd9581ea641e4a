//! [`RpmRef`]: an rpm as clients name it; [`RpmRow`]: an rpm as `getRPM` answers it.

use serde_json::Value as Json;

use crate::api::Arg;
use crate::context::Cx;
use crate::db::{Lookup, Query, lookup};
use crate::nvr::Nvra;
use crate::paths;
use crate::row;
use crate::wire::Value;
use crate::{Error, Result};

/// An rpm by its id, also as text; by name-version-release.arch, with `@` and an external repo's name if it is
/// there; or by a struct with these parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpmRef {
    which: Which,
    location: Option<Lookup>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Which {
    Id(i64),
    Nvra { name: String, version: String, release: String, arch: String },
}

impl Arg for RpmRef {
    fn take(value: Value) -> Result<Self> {
        match &value {
            Value::Int(id) => Ok(Self { which: Which::Id(*id), location: None }),
            Value::String(text) => match text.trim().parse() {
                Ok(id) => Ok(Self { which: Which::Id(id), location: None }),
                Err(_) => Nvra::parse(text).map(|nvra| Self::from(&nvra)),
            },
            Value::Struct(_) => Self::from_struct(&value),
            other => Err(Error::generic(format!(
                "Invalid type for rpminfo: {} (give an rpm's id or its name-version-release.arch)",
                other.kind()
            ))),
        }
    }
    fn give(&self) -> Value {
        match &self.which {
            Which::Id(id) if self.location.is_none() => Value::Int(*id),
            _ => Value::String(self.to_string()),
        }
    }
}

impl From<i64> for RpmRef {
    fn from(id: i64) -> Self {
        Self { which: Which::Id(id), location: None }
    }
}

impl RpmRef {
    /// An rpm as people write it: its id, or its name-version-release.arch.
    pub fn read(text: &str) -> Result<Self> {
        Self::take(Value::String(text.to_owned()))
    }

    fn from_struct(value: &Value) -> Result<Self> {
        let location = match value.get("location") {
            None => None,
            Some(location) => Some(Lookup::from_value(location)?),
        };
        if let Some(id) = value.get("id").and_then(Value::as_int) {
            return Ok(Self { which: Which::Id(id), location });
        }
        let part = |key: &str| {
            value.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
                Error::unforeseen(format!(
                    "an rpm's struct needs its id, or name, version, release and arch: no {key}"
                ))
            })
        };
        let which = Which::Nvra {
            name: part("name")?,
            version: part("version")?,
            release: part("release")?,
            arch: part("arch")?,
        };
        Ok(Self { which, location })
    }

    /// The error when there is no such rpm.
    pub fn missing(&self) -> Error {
        Error::generic(format!("No such rpm: {self}"))
    }
}

impl From<i32> for RpmRef {
    fn from(id: i32) -> Self {
        Self { which: Which::Id(id.into()), location: None }
    }
}

impl From<&Nvra> for RpmRef {
    fn from(nvra: &Nvra) -> Self {
        let Nvra { name, version, release, arch, location, .. } = nvra.clone();
        Self { which: Which::Nvra { name, version, release, arch }, location: location.map(Lookup::Name) }
    }
}

impl std::fmt::Display for RpmRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.which {
            Which::Id(id) => id.fmt(f)?,
            Which::Nvra { name, version, release, arch } => write!(f, "{name}-{version}-{release}.{arch}")?,
        }
        self.location.as_ref().map_or(Ok(()), |location| write!(f, "@{location}"))
    }
}

row! {
    /// An rpm.
    pub struct RpmRow {
        /// Its id
        pub id: i32 = "rpminfo.id",
        /// The build that it belongs to; external rpms have none
        pub build_id: Option<i32> = "rpminfo.build_id",
        /// The buildroot that it was built in
        pub buildroot_id: Option<i32> = "rpminfo.buildroot_id",
        /// Its name
        pub name: String = "rpminfo.name",
        /// Its version
        pub version: String = "rpminfo.version",
        /// Its release, without the suffix of a draft
        pub release: String = "rpminfo.release",
        /// Its epoch
        pub epoch: Option<i64> = "rpminfo.epoch",
        /// Its arch
        pub arch: String = "rpminfo.arch",
        /// Whether its build is a draft; external rpms have none
        pub draft: Option<bool> = "rpminfo.draft",
        /// The external repo that it comes from; 0 is our own
        pub external_repo_id: i32 = "rpminfo.external_repo_id",
        /// The external repo's name
        pub external_repo_name: String = "external_repo.name",
        /// The MD5 sum of header and payload
        pub payloadhash: String = "rpminfo.payloadhash",
        /// Its size in bytes
        pub size: i64 = "rpminfo.size",
        /// When it was built, in seconds since the epoch
        pub buildtime: i64 = "rpminfo.buildtime",
        /// Whether only its description was imported, not the file
        pub metadata_only: bool = "rpminfo.metadata_only",
        /// What else is known
        pub extra: Option<Json> = "rpminfo.extra",
    }
}

impl RpmRow {
    /// What its file name depends on.
    pub fn file(&self) -> paths::RpmFile<'_> {
        let Self { name, version, release, arch, .. } = self;
        paths::RpmFile { name, version, release, arch }
    }

    /// name-version-release.arch
    pub fn nvra(&self) -> String {
        format!("{}-{}-{}.{}", self.name, self.version, self.release, self.arch)
    }

    /// The id of its build, or an error that it is an external rpm.
    pub fn internal_build(&self) -> Result<i32> {
        self.build_id.filter(|_| self.external_repo_id == 0).ok_or_else(|| {
            Error::generic(format!("Not an internal rpm: {} (from {})", self.nvra(), self.external_repo_name))
        })
    }
}

fn query() -> Query {
    Query::from("rpminfo").join("external_repo ON rpminfo.external_repo_id = external_repo.id")
}

/// The rpms of these ids that there are.
pub fn of_ids(cx: &mut Cx<'_>, ids: &[i32]) -> Result<Vec<RpmRow>> {
    query().filter("rpminfo.id IN ?", ids).load(cx.db)
}

/// Every rpm that is meant: drafts and external rpms may have the same name.
pub fn all(cx: &mut Cx<'_>, rpm: &RpmRef) -> Result<Vec<RpmRow>> {
    let query = match &rpm.which {
        Which::Id(id) => query().filter("rpminfo.id = ?", *id),
        Which::Nvra { name, version, release, arch } => query().filter(
            "rpminfo.name = ? AND rpminfo.version = ? AND rpminfo.release = ? AND rpminfo.arch = ?",
            (name, version, release, arch),
        ),
    };
    let query = match &rpm.location {
        Some(location) => {
            let repo = lookup::get(cx, "external_repo", "external_repo", location)?.id;
            query.filter("rpminfo.external_repo_id = ?", repo)
        }
        None => query,
    };
    query.order("rpminfo.id").load(cx.db)
}

/// The one rpm that is meant: a regular one of ours before a draft, a draft before an external one, and of several
/// the one that came last.
pub fn find(cx: &mut Cx<'_>, rpm: &RpmRef) -> Result<Option<RpmRow>> {
    Ok(preferred(all(cx, rpm)?))
}

fn preferred(rpms: Vec<RpmRow>) -> Option<RpmRow> {
    let rank = |rpm: &RpmRow| (rpm.external_repo_id == 0, rpm.draft == Some(false), rpm.id);
    rpms.into_iter().max_by_key(rank)
}

/// The same, and an error when there is none.
pub fn get(cx: &mut Cx<'_>, rpm: &RpmRef) -> Result<RpmRow> {
    find(cx, rpm)?.ok_or_else(|| rpm.missing())
}

/// The same; none or an error when there is none, as `strict` asks.
pub fn find_or_fail(cx: &mut Cx<'_>, rpm: &RpmRef, strict: bool) -> Result<Option<RpmRow>> {
    match find(cx, rpm)? {
        None if strict => Err(rpm.missing()),
        found => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_send() {
        let take = |value: Value| RpmRef::take(value).map(|rpm| rpm.to_string());
        assert_eq!(take(Value::Int(7)).unwrap(), "7");
        assert_eq!(take("7".into()).unwrap(), "7");
        assert_eq!(take("a-1-2.src.rpm".into()).unwrap(), "a-1-2.src");
        assert_eq!(take("a-1-2.x86_64@repo".into()).unwrap(), "a-1-2.x86_64@repo");
        assert_eq!(take("nonsense".into()).unwrap_err().fault, crate::Fault::Generic);
        assert_eq!(take(Value::Array(Vec::new())).unwrap_err().fault, crate::Fault::Generic);
        assert_eq!(take(Value::Struct(vec![("id".into(), Value::Int(3))])).unwrap(), "3");
    }
}
