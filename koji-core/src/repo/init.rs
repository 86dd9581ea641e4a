//! The beginning of a repository: its entry, and the directory in which builders find what it is to hold.

use std::path::Path;

use super::content::each_rpm;
use super::opts::{NamedOpts, RepoOpts, TagSays, Unknown, effective};
use super::state::RepoState;
use super::tree::{Tree, repo_arches};
use super::{files, maven};
use crate::compose::comps::{self, Nested};
use crate::context::Cx;
use crate::db::{Bind, Insert, Lookup};
use crate::package::listing::{self, Wanted};
use crate::tag::get::{self, Tag, When};
use crate::tag::listing::Latest;
use crate::tag::{change_events, groups};
use crate::wire::{self, Map, Value};
use crate::{Error, Result, plugin};

/// What `host.repoInit` asks for.
#[derive(Clone, Debug)]
pub struct Init {
    /// The tag
    pub tag: Lookup,
    /// The task that makes the repository
    pub task_id: Option<i64>,
    /// The event whose view of the tag is wanted: now, if there is none
    pub event: Option<i64>,
    /// Options other than those of the tag
    pub opts: Value,
}

/// Begins a repository: its id and its event.
pub fn init(cx: &mut Cx<'_>, asked: &Init) -> Result<(i32, i32)> {
    let at = asked.event.map(|event| i32::try_from(event).unwrap_or(i32::MAX));
    let tag = get::get(cx, &asked.tag, When::from(at))?;
    let named = NamedOpts::read(&asked.opts, Unknown::Ignore)?;
    let says = TagSays {
        name: &tag.row.name,
        maven: tag.row.maven_support,
        repo_opts: tag.extra.get("repo.opts"),
        with_debuginfo: tag.extra.get("with_debuginfo"),
    };
    let (opts, custom) = effective(&cx.env.config, &says, &named)?;
    if opts.maven && !cx.env.config.flag("EnableMaven") {
        return Err(Error::generic("Maven support not enabled"));
    }
    let told = |repo: Option<i32>| -> Result<Map> {
        Ok(vec![
            ("tag".into(), wire::to_value(&tag)?),
            ("event".into(), asked.event.map_or(Value::Nil, Value::Int)),
            ("repo_id".into(), repo.map_or(Value::Nil, Value::from)),
            ("task_id".into(), asked.task_id.map_or(Value::Nil, Value::Int)),
            ("opts".into(), wire::to_value(&opts)?),
        ])
    };
    plugin::run(cx, "preRepoInit", |_| told(None))?;
    let event = match asked.event {
        Some(event) => crate::history::event::get(cx, event)?.id,
        None => cx.event()?,
    };
    let new = New { tag: &tag, event, task_id: asked.task_id, opts, custom };
    let repo = insert(cx, &new)?;
    let mut dir = cx.env.paths.repo(repo.into(), &tag.row.name);
    let rehearsal = files::Rehearsal::of(cx, &mut dir)?;
    let filled = fill(cx, &new, repo, &dir);
    drop(rehearsal);
    if let Err(error) = filled {
        let _ = std::fs::remove_dir_all(&dir);
        return Err(error);
    }
    plugin::run(cx, "postRepoInit", |_| told(Some(repo)))?;
    Ok((repo, event))
}

/// A repository that begins.
struct New<'a> {
    tag: &'a Tag,
    event: i32,
    task_id: Option<i64>,
    opts: RepoOpts,
    custom: NamedOpts,
}

fn insert(cx: &mut Cx<'_>, new: &New<'_>) -> Result<i32> {
    let tag = new.tag.row.id;
    let begin = change_events::last(cx, &tag.into(), Some(new.event))?.unwrap_or(new.event);
    let end = change_events::first(cx, tag, Some(new.event))?;
    let now = cx.now();
    Insert::into("repo")
        .set("creation_time", now)
        .set("state_time", now)
        .set("create_event", new.event)
        .set("begin_event", begin)
        .set("end_event", end)
        .set("tag_id", tag)
        .set("state", RepoState::Init.number())
        .set("task_id", new.task_id)
        .set("opts", Bind::Json(serde_json::to_string(&new.opts)?))
        .set("custom_opts", Bind::Json(serde_json::to_string(&new.custom)?))
        .returning(cx.db, "id")
}

/// Writes the directory.
fn fill(cx: &mut Cx<'_>, new: &New<'_>, repo: i32, dir: &Path) -> Result<()> {
    // an id is never used twice, so this can only be left from a call that failed
    crate::build::files::remove_now(dir)?;
    files::make_dir(&dir.join("groups"))?;
    let tag = &new.tag.row;
    let wanted = groups::read::Wanted { event: Some(new.event), ..groups::read::Wanted::ALL };
    let groups: Vec<comps::Group> =
        groups::read::shown(cx, tag.id, wanted, false)?.into_iter().map(comps_group).collect();
    files::write(&dir.join("groups/comps.xml"), comps::generate(&groups, Nested::Expanded).as_bytes())?;
    let info = serde_json::json!({
        "id": repo,
        "tag": tag.name,
        "tag_id": tag.id,
        "task_id": new.task_id,
        "event_id": new.event,
        "opts": new.opts,
        "custom_opts": new.custom,
        "with_src": new.opts.src,
        "with_separate_src": new.opts.separate_src,
        "with_debuginfo": new.opts.debuginfo,
    });
    files::write(&dir.join("repo.json"), serde_json::to_string_pretty(&info)?.as_bytes())?;
    let arches = repo_arches(tag.arches.as_deref().unwrap_or_default(), &new.opts);
    let mut tree = Tree::create(dir, cx.env.paths.top(), &arches, new.opts)?;
    let all = new.tag.extra.get("repo_include_all").is_some_and(Value::is_true);
    let latest = if all { Latest::All } else { Latest::First(1) };
    each_rpm(cx, tag.id, new.event, latest, |rpm, path| tree.add(rpm, path))?;
    let wanted = Wanted { owners: false, ..Wanted::all(tag.id) }.at(Some(new.event));
    let packages = listing::list(cx, &wanted)?;
    let blocked = packages.iter().filter(|package| package.blocked);
    tree.finish(blocked.map(|package| &*package.package_name))?;
    if new.opts.maven { maven::fill(cx, tag.id, new.event, dir) } else { Ok(()) }
}

/// A group of the tag as the comps file tells it.
fn comps_group(group: groups::rows::Group) -> comps::Group {
    let row = group.row;
    let packages = group.packagelist.unwrap_or_default().into_iter().map(|package| comps::GroupPackage {
        name: package.package,
        kind: package.r#type,
        requires: package.requires,
        basearchonly: package.basearchonly.unwrap_or(false),
    });
    let reqs = group.grouplist.unwrap_or_default().into_iter().map(|req| comps::GroupReq {
        name: req.name,
        kind: req.r#type,
        is_metapkg: req.is_metapkg,
    });
    comps::Group {
        name: row.name,
        display_name: row.display_name,
        description: row.description,
        is_default: row.is_default.unwrap_or(false),
        uservisible: row.uservisible.unwrap_or(true),
        biarchonly: row.biarchonly.unwrap_or(false),
        packages: packages.collect(),
        groups: reqs.collect(),
    }
}
