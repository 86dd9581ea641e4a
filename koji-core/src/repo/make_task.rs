//! The tasks that make repositories of tags.

use super::opts::NamedOpts;
use super::queue::QueueRow;
use crate::context::Cx;
use crate::db::{Lookup, Query};
use crate::tag::get;
use crate::task::{self, NewTask};
use crate::what_if::FileAction;
use crate::wire::{self, Map, Value};
use crate::{Error, Result};

/// The priority of the tasks; the smallest goes first.
pub const PRIORITY: i64 = 15;
/// The channel of the tasks.
pub const CHANNEL: &str = "createrepo";

/// What `newRepo` is asked for.
#[derive(Clone, Debug)]
pub struct NewRepo {
    /// The tag, as the caller named it
    pub tag: Value,
    /// The event whose view of the tag is wanted
    pub event: Option<i32>,
    /// What is to be in it
    pub opts: NamedOpts,
}

/// Makes the task `newRepo` for somebody who may have it; its id.
pub fn by_hand(cx: &mut Cx<'_>, new: &NewRepo) -> Result<i32> {
    if !cx.env.config.flag("AllowNewRepo") {
        return Err(Error::not_allowed("newRepo api call is disabled"));
    }
    if !cx.has_perm("repo")? {
        cx.require_perm("regen-repo")?;
    }
    get::get_row(cx, &Lookup::from_value(&new.tag)?, new.event)?;
    let mut keywords: Map = Vec::new();
    keywords.extend(new.event.map(|event| ("event".to_owned(), event.into())));
    let NamedOpts { src, separate_src, debuginfo, maven: _ } = new.opts;
    for (name, given) in [("src", src), ("separate_src", separate_src), ("debuginfo", debuginfo)] {
        keywords.extend((given == Some(true)).then(|| (name.to_owned(), true.into())));
    }
    let id = make(cx, vec![task(new.tag.clone(), keywords, None)])?.pop();
    id.ok_or_else(|| Error::unforeseen("no task was made"))
}

/// Makes the tasks `newRepo` for requests in the queue; their ids.
pub fn for_requests(cx: &mut Cx<'_>, requests: &[&QueueRow]) -> Result<Vec<i32>> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let owner: Option<i32> = Query::from("users")
        .filter("name = ?", cx.env.config.text("RepoQueueUser"))
        .select_first(cx.db, "id")?;
    let task = |request: &&QueueRow| {
        let tag = Value::Struct(vec![
            ("id".into(), request.tag_id.into()),
            ("name".into(), request.tag_name.clone().unwrap_or_default().into()),
        ]);
        let mut keywords: Map = vec![("opts".into(), wire::to_value(&request.named_opts()?)?)];
        keywords.extend(request.at_event.map(|event| ("event".to_owned(), event.into())));
        Ok(task(tag, keywords, owner))
    };
    let tasks = requests.iter().map(task).collect::<Result<_>>()?;
    make(cx, tasks)
}

fn task(tag: Value, keywords: Map, owner: Option<i32>) -> NewTask {
    NewTask {
        owner,
        priority: Some(PRIORITY),
        channel: Some(CHANNEL.into()),
        ..NewTask::new("newRepo", wire::encode_args(vec![tag], keywords))
    }
}

fn make(cx: &mut Cx<'_>, tasks: Vec<NewTask>) -> Result<Vec<i32>> {
    // builders take a missing directory for a file system that is not mounted
    let repos = cx.env.paths.top().join("repos");
    if !repos.is_dir() && !cx.only_plans(FileAction::Write, &repos, None) {
        std::fs::create_dir_all(&repos).map_err(|source| Error::io(&repos, source))?;
    }
    task::make::make_many(cx, tasks)
}
