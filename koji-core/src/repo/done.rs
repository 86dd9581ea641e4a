//! The end of making a repository: its metadata get their places, and it gets ready.

use std::path::{Path, PathBuf};

use super::files::{self, Move};
use super::row::{self, RepoRow};
use super::state::RepoState;
use crate::context::Cx;
use crate::what_if::FileAction;
use crate::wire::{self, Map, Value};
use crate::{Error, Result, arch, plugin};

/// What `host.repoDone` brings.
#[derive(Clone, Debug)]
pub struct Done {
    /// The repository
    pub repo_id: i64,
    /// By arch: the directory of the uploads, and their names
    pub data: Map,
    /// Whether it is expired at once
    pub expire: bool,
    /// What to add to `repo.json`
    pub json: Map,
}

/// Ends the making of a repository. For one for distribution the files are in their places already.
pub fn done(cx: &mut Cx<'_>, done: &Done) -> Result<()> {
    let repo = row::get(cx, done.repo_id)?;
    let keywords = keywords(&repo, done)?;
    plugin::run(cx, "preRepoDone", |_| Ok(keywords.clone()))?;
    if repo.state != i32::from(RepoState::Init.number()) {
        let state = RepoState::from_number(repo.state.into())?;
        return Err(Error::generic(format!("Repo {} not in INIT state (got {state})", repo.id)));
    }
    let dir = directory(cx, &repo);
    let moves = if repo.dist { Vec::new() } else { moves(&dir, &cx.env.paths.work(None), &done.data)? };
    if done.expire {
        row::set_state(cx, done.repo_id, RepoState::Expired)?;
    } else {
        row::set_state(cx, done.repo_id, RepoState::Ready)?;
    }
    // files can't be rolled back: everything that may be refused comes before
    files::move_all(cx, &moves)?;
    if !done.json.is_empty() {
        update_json(cx, &dir.join("repo.json"), &done.json)?;
    }
    if !done.expire
        && is_latest(cx, &repo)?
        && !cx.only_plans(FileAction::Link, &dir.with_file_name("latest"), Some(&dir))
    {
        cx.after_commit(move |_| {
            if let Err(error) = files::point_latest(&dir) {
                tracing::warn!(%error, "could not point the link latest to a repo");
            }
        });
    }
    plugin::run(cx, "postRepoDone", |_| Ok(keywords))
}

fn keywords(repo: &RepoRow, done: &Done) -> Result<Map> {
    Ok(vec![
        ("repo".into(), wire::to_value(repo)?),
        ("data".into(), Value::Struct(done.data.clone())),
        ("expire".into(), done.expire.into()),
    ])
}

/// The directory of a repository. One for distribution may be a link to another volume.
pub fn directory(cx: &Cx<'_>, repo: &RepoRow) -> PathBuf {
    let tag = repo.tag_name.as_deref().unwrap_or_default();
    let paths = &cx.env.paths;
    if repo.dist { paths.dist_repo(repo.id.into(), tag, None) } else { paths.repo(repo.id.into(), tag) }
}

fn moves(dir: &Path, work: &Path, data: &Map) -> Result<Vec<Move>> {
    let mut moves = Vec::new();
    for (name, uploads) in data {
        let arch_dir = dir.join(files::plain(arch::canonical(name))?);
        if !arch_dir.is_dir() {
            return Err(Error::generic(format!("Repo arch directory missing: {}", arch_dir.display())));
        }
        let Some([Value::String(upload_dir), Value::Array(names)]) = uploads.as_array() else {
            return Err(Error::parameter(format!("data of {name}: expected [directory, [file, ..]]")));
        };
        for name in names {
            let name = name.as_str().ok_or_else(|| Error::parameter("a file name must be a string"))?;
            let place = if name.ends_with("pkglist") { arch_dir.clone() } else { arch_dir.join("repodata") };
            let to = place.join(files::plain(name)?);
            let from = files::uploaded(work, upload_dir, name)?;
            if moves.iter().any(|earlier: &Move| earlier.from == from) {
                return Err(Error::generic(format!(
                    "uploaded file missing: {}, it goes elsewhere",
                    from.display()
                )));
            }
            moves.push(Move { from, to });
        }
    }
    Ok(moves)
}

fn update_json(cx: &mut Cx<'_>, path: &Path, updates: &Map) -> Result<()> {
    let text = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    let mut info: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&text)?;
    for (key, value) in updates {
        info.insert(key.clone(), wire::from_value(value.clone())?);
    }
    let text = serde_json::to_string_pretty(&info)?;
    if cx.only_plans(FileAction::Write, path, None) { Ok(()) } else { files::write(path, text.as_bytes()) }
}

/// Whether no newer repository of the same kind is ready. Those with options of their own are never the latest.
fn is_latest(cx: &mut Cx<'_>, repo: &RepoRow) -> Result<bool> {
    if !repo.dist && has_custom(repo) {
        return Ok(false);
    }
    let newer: Vec<RepoRow> = row::query()
        .filter("repo.tag_id = ? AND repo.dist = ?", (repo.tag_id, repo.dist))
        .filter("repo.state = ?", RepoState::Ready.number())
        .filter("repo.create_event > ?", repo.create_event)
        .load(cx.db)?;
    Ok(newer.iter().all(|newer| !repo.dist && has_custom(newer)))
}

/// Whether somebody asked for other options than the tag has.
pub fn has_custom(repo: &RepoRow) -> bool {
    repo.custom_opts.as_ref().and_then(serde_json::Value::as_object).is_some_and(|opts| !opts.is_empty())
}
