//! The files that tasks leave.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::row::{self, Requests};
use crate::context::Cx;
use crate::db::{Lookup, Query, lookup};
use crate::paths::{safe_join, task_relative};
use crate::wire::{Map, Value};
use crate::{Error, Result};

/// What to tell of a task's files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Listing {
    /// Size and times of each
    pub stat: bool,
    /// On which volumes each is; else only the default volume is looked at.
    pub all_volumes: bool,
    /// The task must be there.
    pub strict: bool,
}

/// The files that a task left: their paths, or a struct by path with what else is asked for.
pub fn list(cx: &mut Cx<'_>, task: i64, how: Listing) -> Result<Value> {
    if how.strict {
        row::get(cx, task, Requests::Omit)?;
    }
    let volumes: Vec<String> = match how.all_volumes {
        true => Query::from("volume").order("id").select(cx.db, "name")?,
        false => vec!["DEFAULT".to_owned()],
    };
    let mut names = Vec::new();
    let mut members = Map::new();
    for volume in volumes {
        let dir = cx.env.paths.task(task, Some(&volume));
        let mut files = Vec::new();
        walk(&dir, "", &mut files)?;
        for file in files {
            let told = if how.stat { stat(&dir.join(&file))? } else { Value::Nil };
            match (how.all_volumes, how.stat) {
                (false, false) => names.push(Value::String(file)),
                (false, true) => members.push((file, told)),
                (true, stat) => add(&mut members, file, &volume, stat.then_some(told)),
            }
        }
    }
    Ok(if how.stat || how.all_volumes { Value::Struct(members) } else { Value::Array(names) })
}

/// One more volume that has a file.
fn add(members: &mut Map, file: String, volume: &str, stat: Option<Value>) {
    let place = members.iter().position(|(name, _)| *name == file).unwrap_or_else(|| {
        let none = if stat.is_some() { Value::Struct(Map::new()) } else { Value::Array(Vec::new()) };
        members.push((file, none));
        members.len() - 1
    });
    match (&mut members[place].1, stat) {
        (Value::Struct(by_volume), Some(stat)) => by_volume.push((volume.to_owned(), stat)),
        (Value::Array(volumes), _) => volumes.push(volume.into()),
        _ => {}
    }
}

/// The files below a directory, sorted; links to directories are not followed. A missing directory is empty.
fn walk(top: &Path, below: &str, files: &mut Vec<String>) -> Result<()> {
    let dir = top.join(below);
    let entries = match fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(&dir, error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Error::io(&dir, error))?;
        let kind = entry.file_type().map_err(|error| Error::io(&dir, error))?;
        found.push((entry.file_name().to_string_lossy().into_owned(), kind));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, kind) in found {
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if kind.is_dir() {
            walk(top, &path, files)?;
        } else if !(kind.is_symlink() && top.join(&path).is_dir()) {
            files.push(path);
        }
    }
    Ok(())
}

/// The size as text, for it may be too large for some clients, and the times.
fn stat(path: &Path) -> Result<Value> {
    let meta = fs::metadata(path).or_else(|_| fs::symlink_metadata(path));
    let meta = meta.map_err(|error| Error::io(path, error))?;
    let time = |seconds: i64, nanos: i64| Value::Double(seconds as f64 + nanos as f64 / 1e9);
    Ok(Value::Struct(vec![
        ("st_atime".to_owned(), time(meta.atime(), meta.atime_nsec())),
        ("st_ctime".to_owned(), time(meta.ctime(), meta.ctime_nsec())),
        ("st_mtime".to_owned(), time(meta.mtime(), meta.mtime_nsec())),
        ("st_size".to_owned(), meta.size().to_string().into()),
    ]))
}

/// A part of a file.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Where it begins, in bytes; from the end if negative
    pub offset: i64,
    /// How many bytes at most; all if negative
    pub size_bytes: i64,
}

/// Reads a part of a file that a task left.
pub fn read(cx: &mut Cx<'_>, task: i64, file: &str, volume: Option<&Lookup>, part: Part) -> Result<Vec<u8>> {
    let volume = volume.map(|volume| lookup::get(cx, "volume", "volume", volume)).transpose()?;
    let top = cx.env.paths.top();
    let work = cx.env.paths.work(volume.as_ref().map(|volume| volume.name.as_str()));
    let work = work.strip_prefix(top).map_err(|_| Error::unforeseen("the work directory is elsewhere"))?;
    let path = safe_join(top, &format!("{}/{}/{file}", work.display(), task_relative(task)))?;
    if !path.is_file() {
        return Err(Error::generic(format!("no file {file:?} output by task {task}")));
    }
    read_part(&path, part).map_err(|error| Error::io(&path, error))
}

fn read_part(path: &Path, part: Part) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let start = match u64::try_from(part.offset) {
        Ok(offset) => offset,
        // Further back than the beginning is the beginning.
        Err(_) => length.saturating_sub(part.offset.unsigned_abs()),
    };
    file.seek(SeekFrom::Start(start))?;
    let limit = u64::try_from(part.size_bytes).unwrap_or(u64::MAX);
    let mut contents = Vec::new();
    file.take(limit).read_to_end(&mut contents)?;
    Ok(contents)
}
