//! What is in rpms of builds and of tasks, read from their files: dependencies, files, headers, changelogs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::changelog::ChangelogEntry;
use super::deps::{Dep, DepKind};
use super::file_list::FileEntry;
use super::lookup::{self, RpmRef};
use super::{RpmFile, TagValue};
use crate::api::Arg;
use crate::build::state::BuildState;
use crate::build::{BuildRef, files, row};
use crate::context::Cx;
use crate::db::{Query, QueryOpts, Rows};
use crate::paths;
use crate::wire::Value;
use crate::{Error, Result};

/// A file of an rpm, with the rpm's id.
#[derive(Clone, Debug, Serialize)]
pub struct RpmFileEntry {
    /// The rpm
    pub rpm_id: i32,
    /// The file
    #[serde(flatten)]
    pub file: FileEntry,
}

/// A file of an rpm, or an empty struct.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum FoundFile {
    /// There it is
    Entry(Box<RpmFileEntry>),
    /// There is none
    Nothing {},
}

/// Where an rpm is to be found.
#[derive(Clone, Debug)]
pub enum Source {
    /// In a build
    Rpm(RpmRef),
    /// Among what a task left: its id, and the path there
    Task(i64, String),
}

/// The dependencies of an rpm, all of them or those of one kind; of what is no number there are none.
pub fn deps(
    cx: &mut Cx<'_>,
    rpm: &RpmRef,
    kind: Option<Option<i64>>,
    strict: bool,
    opts: &QueryOpts,
) -> Result<Rows<Dep>> {
    let Some((_, file)) = open(cx, rpm, strict)? else { return Ok(opts.page(Vec::new())) };
    let deps = match kind {
        None => file.all_deps(),
        Some(number) => number.and_then(DepKind::from_number).map(|kind| file.deps(kind)).unwrap_or_default(),
    };
    opts.sorted(deps, |dep, key| match key {
        "name" => Some(dep.name.as_str().into()),
        "version" => Some(dep.version.as_str().into()),
        "flags" => Some(dep.flags.into()),
        "type" => Some(dep.kind.into()),
        _ => None,
    })
    .map(|deps| deps.picked(opts, &["name", "version", "flags", "type"]))
}

/// The files of an rpm.
pub fn files(cx: &mut Cx<'_>, rpm: &RpmRef, opts: &QueryOpts) -> Result<Rows<FileEntry>> {
    let Some((_, file)) = open(cx, rpm, false)? else { return Ok(opts.page(Vec::new())) };
    opts.sorted(file.files(), |file, key| match key {
        "name" => Some(file.name.as_str().into()),
        "digest" | "md5" => Some(file.digest.as_str().into()),
        "digest_algo" => Some(file.digest_algo.into()),
        "user" => Some(file.user.as_str().into()),
        "group" => Some(file.group.as_str().into()),
        "size" => Some(file.size.into()),
        "flags" => Some(file.flags.into()),
        "mtime" => Some(file.mtime.into()),
        "mode" => Some(file.mode.into()),
        _ => None,
    })
    .map(|files| {
        let keys = &["name", "digest", "size", "flags", "digest_algo", "user", "group", "mtime", "mode"];
        files.picked(opts, keys)
    })
}

/// One file of an rpm, by its path.
pub fn file(cx: &mut Cx<'_>, rpm: &RpmRef, name: &str, strict: bool) -> Result<FoundFile> {
    let Some((id, file)) = open(cx, rpm, strict)? else { return Ok(FoundFile::Nothing {}) };
    match file.files().into_iter().find(|file| file.name == name) {
        Some(file) => Ok(FoundFile::Entry(Box::new(RpmFileEntry { rpm_id: id, file }))),
        None if strict => Err(Error::generic(format!("No file: {name} found in RPM: {rpm}"))),
        None => Ok(FoundFile::Nothing {}),
    }
}

/// Header fields of an rpm by the names that were asked for, or all that it has.
pub fn headers(
    cx: &mut Cx<'_>,
    source: &Source,
    names: Option<Vec<Value>>,
    strict: bool,
) -> Result<BTreeMap<String, TagValue>> {
    let found = match source {
        Source::Rpm(rpm) => open_present(cx, rpm, strict)?,
        Source::Task(task, path) => open_of_task(cx, *task, path, strict)?,
    };
    let Some(file) = found else { return Ok(BTreeMap::new()) };
    let names = match names {
        Some(names) => names.into_iter().map(<String as Arg>::take).collect::<Result<Vec<_>>>()?,
        None => file.header_names().into_iter().map(str::to_owned).collect::<Vec<_>>(),
    };
    names
        .into_iter()
        .map(|name| {
            let value = printable(file.header_field(&name)?);
            Ok((name, value))
        })
        .collect()
}

/// Which entries of a changelog are wanted.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// Of an author; what is no text is none's
    pub author: Option<Option<String>>,
    /// Before this time, in seconds since the epoch
    pub before_s: Option<f64>,
    /// After this time, in seconds since the epoch
    pub after_s: Option<f64>,
}

/// The file of a build's source rpm, if it is there.
pub fn source_of_build(cx: &mut Cx<'_>, build: &BuildRef, strict: bool) -> Result<Option<RpmFile>> {
    let Some(build) = row::find_or_fail(cx, build, strict)? else { return Ok(None) };
    let source: Option<i32> = Query::from("rpminfo")
        .filter("build_id = ? AND arch = 'src'", build.id)
        .order("id")
        .select_first(cx.db, "id")?;
    match source {
        Some(source) => Ok(open(cx, &RpmRef::from(source), strict)?.map(|(_, file)| file)),
        None if strict => Err(Error::generic(format!("Build {} doesn't have srpms", build.nvr))),
        None => Ok(None),
    }
}

/// The entries of an rpm's changelog that are wanted, newest first.
pub fn changelog(file: &RpmFile, entries: &Entries, opts: &QueryOpts) -> Result<Rows<ChangelogEntry>> {
    let mut list = file.changelog();
    list.retain(|entry| {
        let time = entry.date_ts as f64;
        entries.author.as_ref().is_none_or(|author| author.as_ref() == Some(&entry.author))
            && entries.before_s.is_none_or(|before| time < before)
            && entries.after_s.is_none_or(|after| time > after)
    });
    for entry in &mut list {
        clean(&mut entry.author);
        clean(&mut entry.text);
    }
    opts.sorted(list, |entry, key| match key {
        "date" | "date_ts" => Some(entry.date_ts.into()),
        "author" => Some(entry.author.as_str().into()),
        "text" => Some(entry.text.as_str().into()),
        _ => None,
    })
    .map(|entries| entries.picked(opts, &["date", "author", "text"]))
}

/// An rpm of ours and its file, if they are there.
fn open(cx: &mut Cx<'_>, rpm: &RpmRef, strict: bool) -> Result<Option<(i32, RpmFile)>> {
    let Some(row) = lookup::find_or_fail(cx, rpm, strict)? else { return Ok(None) };
    let Some(build) = row.build_id else {
        return if strict { row.internal_build().map(|_| None) } else { Ok(None) };
    };
    let path = path_of(cx, &row, build)?;
    if path.exists() {
        return Ok(Some((row.id, RpmFile::open(&path)?)));
    }
    if strict {
        return Err(Error::generic(format!("RPM file of {} doesn't exist", row.nvra())));
    }
    Ok(None)
}

fn path_of(cx: &mut Cx<'_>, rpm: &lookup::RpmRow, build: i32) -> Result<PathBuf> {
    let build = row::get(cx, &BuildRef::from(build))?;
    Ok(cx.env.paths.build(build.dir()).join(paths::rpm(rpm.file())))
}

/// The same, of builds that are not deleted.
fn open_present(cx: &mut Cx<'_>, rpm: &RpmRef, strict: bool) -> Result<Option<RpmFile>> {
    if let Some(row) = lookup::find(cx, rpm)?
        && let Some(build) = row.build_id
    {
        let build = row::get(cx, &BuildRef::from(build))?;
        if build.build_state()? == BuildState::Deleted {
            let deleted = || Error::generic(format!("Build {} is deleted", build.nvr));
            return if strict { Err(deleted()) } else { Ok(None) };
        }
    }
    Ok(open(cx, rpm, strict)?.map(|(_, file)| file))
}

/// The file of an rpm that a task left, if it is there.
pub fn open_of_task(cx: &mut Cx<'_>, task: i64, path: &str, strict: bool) -> Result<Option<RpmFile>> {
    if path.starts_with('/') {
        return Err(Error::generic(format!("Invalid filepath: {path} (it is below the task's directory)")));
    }
    let file = files::uploaded(cx, &format!("{}/{path}", paths::task_relative(task)))?;
    if file.exists() {
        return RpmFile::open(&file).map(Some);
    }
    if strict {
        return Err(Error::generic(format!("Missing rpm file: {}", file.display())));
    }
    Ok(None)
}

/// Clients read XML, which has no place for control characters.
fn clean(text: &mut String) {
    text.retain(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'));
}

fn printable(value: TagValue) -> TagValue {
    match value {
        TagValue::Text(mut text) => {
            clean(&mut text);
            TagValue::Text(text)
        }
        TagValue::Texts(mut texts) => {
            texts.iter_mut().for_each(clean);
            TagValue::Texts(texts)
        }
        other => other,
    }
}
