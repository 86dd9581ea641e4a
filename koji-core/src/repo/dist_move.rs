//! One arch of a repository for distribution gets its files: the uploaded metadata, and second names of the rpms.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::done::directory;
use super::files::{self, Move, uploaded};
use super::row;
use super::state::RepoState;
use crate::context::Cx;
use crate::db::Query;
use crate::paths::{BuildDir, RpmFile, check_segment, safe_join};
use crate::what_if::FileAction;
use crate::{Error, Result, arch, paths};

crate::row! {
    /// An rpm and the directory of its build.
    struct Stored {
        id: i64 = "rpminfo.id",
        name: String = "rpminfo.name",
        version: String = "rpminfo.version",
        release: String = "rpminfo.release",
        arch: String = "rpminfo.arch",
        epoch: Option<i64> = "rpminfo.epoch",
        size: i64 = "rpminfo.size",
        payloadhash: String = "rpminfo.payloadhash",
        build_id: i64 = "rpminfo.build_id",
        build_name: String = "package.name",
        build_version: String = "build.version",
        build_release: String = "build.release",
        volume: String = "volume.name",
    }
}

/// Moves what a builder uploaded for an arch. Everything is checked before the first file is moved.
pub fn take(cx: &mut Cx<'_>, repo_id: i64, upload_dir: &str, arch_name: &str) -> Result<()> {
    let repo = row::get(cx, repo_id)?;
    if !repo.dist {
        return Err(Error::generic(format!("Repo {repo_id} is not a dist repo")));
    }
    let arch_dir = directory(cx, &repo).join(files::plain(arch::canonical(arch_name))?);
    if !arch_dir.is_dir() {
        return Err(Error::generic(format!("Repo arch directory missing: {}", arch_dir.display())));
    }
    if repo.state != i32::from(RepoState::Init.number()) {
        let state = RepoState::from_number(repo.state.into())?;
        return Err(Error::generic(format!("Repo is in state: {state}")));
    }
    let work = cx.env.paths.work(None);
    let manifest: Vec<String> = json(&work, upload_dir, "repo_manifest", "Missing repo manifest")?;
    let rpms: BTreeMap<String, Json> = json(&work, upload_dir, "kojipkgs", "Missing kojipkgs file")?;
    let mut moves = Vec::new();
    for name in &manifest {
        let from = uploaded(&work, upload_dir, name)?;
        moves.push(Move { from, to: safe_join(&arch_dir, name)? });
    }
    let links = links(cx, &rpms)?;
    let places: Vec<(PathBuf, PathBuf)> = links
        .into_iter()
        .map(|(name, file)| {
            let letter: String = name.chars().take(1).flat_map(char::to_lowercase).collect();
            (file, arch_dir.join("Packages").join(letter).join(name))
        })
        .collect();
    if let Some((_, taken)) = places.iter().find(|(_, place)| place.symlink_metadata().is_ok()) {
        return Err(Error::generic(format!("File already in repo: {}", taken.display())));
    }
    files::move_all(cx, &moves)?;
    for (file, place) in &places {
        if cx.only_plans(FileAction::Move, place, Some(file)) {
            continue;
        }
        place.parent().map_or(Ok(()), files::make_dir)?;
        files::link_or_copy(file, place)?;
    }
    Ok(())
}

fn json<T: serde::de::DeserializeOwned>(work: &Path, dir: &str, name: &str, missing: &str) -> Result<T> {
    let path = safe_join(work, &format!("{dir}/{name}"))?;
    if !path.is_file() {
        return Err(Error::generic(missing));
    }
    let text = std::fs::read(&path).map_err(|source| Error::io(&path, source))?;
    Ok(serde_json::from_slice(&text)?)
}

/// By name in the repository the file of each rpm. What the builder says of an rpm must be what the database says.
fn links(cx: &mut Cx<'_>, rpms: &BTreeMap<String, Json>) -> Result<Vec<(String, PathBuf)>> {
    let id = |rpm: &Json| rpm.get("id").and_then(Json::as_i64);
    let ids: Vec<i64> = rpms.values().filter_map(id).collect();
    let stored: HashMap<i64, Stored> = Query::from("rpminfo")
        .join("build ON build.id = rpminfo.build_id")
        .join("package ON package.id = build.pkg_id")
        .join("volume ON volume.id = build.volume_id")
        .filter("rpminfo.id IN ?", ids)
        .load::<Stored>(cx.db)?
        .into_iter()
        .map(|rpm| (rpm.id, rpm))
        .collect();
    let mut links = Vec::with_capacity(rpms.len());
    for (name, told) in rpms {
        files::plain(name)?;
        let known = id(told)
            .and_then(|id| stored.get(&id))
            .ok_or_else(|| Error::generic(format!("No such rpm: {told} (for {name})")))?;
        same(name, told, known)?;
        let Stored { name: rpm_name, version, release, arch, .. } = known;
        let file = RpmFile { name: rpm_name, version, release, arch };
        let relative = match told.get("sigkey").and_then(Json::as_str) {
            None | Some("") => paths::rpm(file),
            Some(key) => paths::signed(file, check_segment("sigkey", key)?),
        };
        let build = BuildDir {
            name: &known.build_name,
            version: &known.build_version,
            release: &known.build_release,
            volume: Some(&known.volume),
        };
        links.push((name.clone(), cx.env.paths.build(build).join(relative)));
    }
    Ok(links)
}

fn same(file: &str, told: &Json, known: &Stored) -> Result<()> {
    let known = serde_json::to_value(known)?;
    for key in ["name", "version", "release", "arch", "epoch", "size", "payloadhash", "build_id"] {
        if told.get(key).is_none() || told.get(key) != known.get(key) {
            let message = format!("kojipkgs entry does not match db: file {file}, key {key}");
            return Err(Error::generic(message));
        }
    }
    Ok(())
}
