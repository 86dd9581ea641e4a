//! Methods about rpms: their rows, and what is in them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::api::args::{Arg, OneOrMany};
use crate::api::cast::{Iterated, Truthy};
use crate::api::later::Later;
use crate::build::{self, BuildRef};
use crate::context::Cx;
use crate::db::{QueryOpts, Rows, Time};
use crate::methods;
use crate::rpm::changelog::ChangelogEntry;
use crate::rpm::content::{self, Entries, FoundFile, Source};
use crate::rpm::deps::Dep;
use crate::rpm::file_list::FileEntry;
use crate::rpm::import::{self, ImportedRpm};
use crate::rpm::list::{self, Listed, Wanted};
use crate::rpm::{RpmRef, RpmRow, TagValue, lookup};
use crate::wire::Value;
use crate::{Error, Result};

methods! {
    /// An rpm by its id, its name-version-release.arch or a struct with these; with `multi` all that have the name.
    read Anyone => GetRpm "getRPM" (rpminfo: RpmRef, strict: bool = false, multi: bool = false) -> OneOrAll
        = |m, cx| get(cx, &m);

    /// Rpms that fulfil all that is asked for.
    read Anyone => ListRpms "listRPMs"
        (buildID: Option<i64> = None, buildrootID: Option<i64> = None, imageID: Option<i64> = None,
         componentBuildrootID: Option<i64> = None, hostID: Option<i64> = None, arches: Arches = Arches(None),
         queryOpts: QueryOpts = QueryOpts::default(), draft: Option<bool> = None) -> Listed
        = |m, cx| {
            let wanted = Wanted {
                build: m.buildID,
                buildroot: m.buildrootID,
                component_buildroot: m.componentBuildrootID,
                image: m.imageID,
                host: m.hostID,
                arches: m.arches.0,
                draft: m.draft,
            };
            list::list(cx, &wanted, &m.queryOpts)
        };

    /// The rpms of a build.
    read Anyone => ListBuildRpms "listBuildRPMs" (build: BuildRef) -> Listed
        = |m, cx| {
            let id = build::lookup::get_id(cx, &m.build)?;
            list::list(cx, &Wanted { build: Some(id), ..Wanted::default() }, &QueryOpts::default())
        };

    /// The dependencies of an rpm, all of them or those of one kind.
    read Anyone => GetRpmDeps "getRPMDeps"
        (rpmID: RpmRef, depType: Option<Later<i64>> = None, queryOpts: QueryOpts = QueryOpts::default(),
         strict: bool = false) -> Rows<Dep>
        = |m, cx| content::deps(cx, &m.rpmID, m.depType.map(Later::sought), m.strict, &m.queryOpts);

    /// The files of an rpm.
    read Anyone => ListRpmFiles "listRPMFiles" (rpmID: RpmRef, queryOpts: QueryOpts = QueryOpts::default())
        -> Rows<FileEntry>
        = |m, cx| content::files(cx, &m.rpmID, &m.queryOpts);

    /// One file of an rpm.
    read Anyone => GetRpmFile "getRPMFile" (rpmID: RpmRef, filename: String, strict: bool = false) -> FoundFile
        = |m, cx| content::file(cx, &m.rpmID, &m.filename, m.strict);

    /// Fields of an rpm's header, by rpm's names for them.
    read Anyone => GetRpmHeaders "getRPMHeaders"
        (rpmID: Value = Value::Nil, taskID: Option<i64> = None, filepath: Option<String> = None,
         headers: Option<Iterated> = None, strict: bool = false) -> BTreeMap<String, TagValue>
        = |m, cx| {
            let source = match (m.rpmID.is_true(), m.taskID.filter(|task| *task != 0)) {
                (true, _) => Source::Rpm(RpmRef::take(m.rpmID)?),
                (false, Some(task)) => Source::Task(task, task_path(m.filepath)?),
                (false, None) => return Err(Error::generic("either rpmID or taskID and filepath must be specified")),
            };
            content::headers(cx, &source, m.headers.map(|names| names.0), m.strict)
        };

    /// The changelog of a build's source rpm, or of an rpm that a task left.
    read Anyone => GetChangelogEntries "getChangelogEntries"
        (buildID: Value = Value::Nil, taskID: Option<i64> = None, filepath: Option<String> = None,
         author: Truthy<Later<String>> = Truthy(None), before: Value = Value::Nil, after: Value = Value::Nil,
         queryOpts: QueryOpts = QueryOpts::default(), strict: bool = false) -> Rows<ChangelogEntry>
        = |m, cx| changelog(cx, m);

    /// Imports an uploaded rpm.
    write Perm("admin") => ImportRpm "importRPM" (path: String, basename: String) -> ImportedRpm
        = |m, cx| import::import_upload(cx, &m.path, &m.basename);
}

/// One rpm, or all that have a name.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum OneOrAll {
    /// One, if there is one
    One(Option<Box<RpmRow>>),
    /// All
    All(Vec<RpmRow>),
}

fn get(cx: &mut Cx<'_>, m: &GetRpm) -> Result<OneOrAll> {
    if m.multi {
        return lookup::all(cx, &m.rpminfo).map(OneOrAll::All);
    }
    lookup::find_or_fail(cx, &m.rpminfo, m.strict).map(|rpm| OneOrAll::One(rpm.map(Box::new)))
}

/// An arch or a list of them; anything else is a request that can't be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Arches(pub Option<Vec<String>>);

impl Arg for Arches {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::Nil => Ok(Self(None)),
            value @ (Value::String(_) | Value::Array(_)) => {
                OneOrMany::take(value).map(|arches| Self(Some(arches.into_vec())))
            }
            other => Err(Error::generic(format!("Invalid type for \"arches\" parameter: {}", other.kind()))),
        }
    }
    fn give(&self) -> Value {
        self.0.give()
    }
}

fn task_path(path: Option<String>) -> Result<String> {
    path.filter(|path| !path.is_empty())
        .ok_or_else(|| Error::generic("filepath must be specified with taskID"))
}

fn changelog(cx: &mut Cx<'_>, m: GetChangelogEntries) -> Result<Rows<ChangelogEntry>> {
    let file = match (m.buildID.is_true(), m.taskID.filter(|task| *task != 0)) {
        (true, _) => content::source_of_build(cx, &BuildRef::take(m.buildID)?, m.strict)?,
        (false, Some(task)) => content::open_of_task(cx, task, &task_path(m.filepath)?, m.strict)?,
        (false, None) => {
            return Err(Error::generic("either buildID or taskID and filepath must be specified"));
        }
    };
    // Without a file it does not matter whether the times are any.
    let Some(file) = file else { return Ok(m.queryOpts.page(Vec::new())) };
    let entries = Entries {
        author: m.author.0.map(Later::sought),
        before_s: seconds(&m.before)?,
        after_s: seconds(&m.after)?,
    };
    content::changelog(&file, &entries, &m.queryOpts)
}

/// Seconds since the epoch: a number, or a date in UTC as text. Text without a date is no bound.
fn seconds(value: &Value) -> Result<Option<f64>> {
    match value {
        value if !value.is_true() => Ok(None),
        Value::Int(seconds) => Ok(Some(*seconds as f64)),
        Value::Bool(_) => Ok(Some(1.0)),
        Value::String(text) => Ok(Time::parse(text).ok().map(|time| time.0)),
        other => Err(Error::generic(format!("Invalid type for a time: {}", other.kind()))),
    }
}
