//! `noarch` rpms that several arches built: they must be the same package, of which one is kept.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::logs::Logs;
use super::upload;
use crate::context::Cx;
use crate::paths::safe_join;
use crate::rpm::diff;
use crate::rpm::file::RpmFile;
use crate::{Error, Result};

/// The file among the logs in which builders leave a hash of each `noarch` package, so that equal ones need not be
/// compared.
const HASHES: &str = "noarch_rpmdiff.json";

/// The rpms, each `noarch` one once. Packages of one name that differ are an error.
pub(super) fn unique(cx: &Cx<'_>, rpms: &[String], logs: &Logs) -> Result<Vec<String>> {
    let mut kept: Vec<String> = Vec::new();
    let mut copies: HashMap<&str, Vec<&String>> = HashMap::new();
    for rpm in rpms {
        if rpm.ends_with(".noarch.rpm") {
            let same = copies.entry(upload::basename(rpm)).or_default();
            same.push(rpm);
            if same.len() > 1 {
                continue;
            }
        }
        kept.push(rpm.clone());
    }
    copies.retain(|_, list| list.len() > 1);
    if copies.is_empty() {
        return Ok(kept);
    }
    let hashes = hashes(cx, logs)?;
    for (name, list) in copies {
        compare(cx, name, &list, &hashes)?;
    }
    Ok(kept)
}

/// The hashes by the directory of their task and by the file's name.
type Hashes = HashMap<String, Json>;

fn hashes(cx: &Cx<'_>, logs: &Logs) -> Result<Hashes> {
    let mut all = Hashes::new();
    for log in logs.paths().filter(|path| upload::basename(path) == HASHES) {
        let path = safe_join(&cx.env.paths.work(None), log)?;
        let bytes = std::fs::read(&path).map_err(|error| Error::io(&path, error))?;
        if let Json::Object(tasks) = serde_json::from_slice(&bytes)? {
            all.extend(tasks);
        }
    }
    Ok(all)
}

fn compare(cx: &Cx<'_>, name: &str, list: &[&String], hashes: &Hashes) -> Result<()> {
    let hash = |path: &str| {
        let task = path.split('/').nth(1).unwrap_or_default();
        hashes.get(task).and_then(|files| files.get(name)).and_then(Json::as_str)
    };
    let Some((first, others)) = list.split_first() else { return Ok(()) };
    let mut read: Option<RpmFile> = None;
    for other in others {
        if hash(first).is_some() && hash(first) == hash(other) {
            continue;
        }
        let kept = match read.take() {
            Some(kept) => kept,
            None => RpmFile::open(&upload::path(cx, first)?)?,
        };
        let lines = diff::differences(&kept, &RpmFile::open(&upload::path(cx, other)?)?);
        if !lines.is_empty() {
            return Err(Error::build(format!(
                "The following noarch package built differently on different architectures: {name}\n\
                 rpmdiff output was:\n{}",
                lines.join("\n")
            )));
        }
        read = Some(kept);
    }
    Ok(())
}
