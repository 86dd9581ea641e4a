//! Tagging by a task: the request, and what the builder carries out.

use super::check::{self, Operation};
use super::listing::{self, Change};
use crate::build::{BuildRef, row};
use crate::context::Cx;
use crate::db::{Lookup, Query, lookup as named};
use crate::package::lookup as packages;
use crate::tag::access::{self, TagState};
use crate::tag::tagged::{TaggedBuild, Wanted, builds};
use crate::task::make::{self, NewTask};
use crate::task::owner;
use crate::wire::Value;
use crate::{Error, Result};

/// A build to be tagged, or moved.
#[derive(Clone, Debug)]
pub struct Request {
    /// The tag that gets it
    pub to: Lookup,
    /// The build
    pub build: BuildRef,
    /// Whether an admin overrules locks, package list and policy
    pub force: bool,
    /// The tag that loses it
    pub from: Option<Lookup>,
}

/// Checks a request and makes the task; its id.
pub fn ask(cx: &mut Cx<'_>, request: &Request) -> Result<i32> {
    let build = row::get(cx, &request.build)?;
    let to = access::get(cx, &request.to)?;
    let from = request.from.as_ref().map(|from| access::get(cx, from)).transpose()?;
    listing::complete(&build)?;
    let user = cx.user_id()?;
    access::assert(cx, &to, user, request.force)?;
    if let Some(from) = &from {
        access::assert(cx, from, user, request.force)?;
    }
    check::listed(cx, &to, &build, request.force)?;
    let operation = Operation { to: Some(&to), from: from.as_ref(), user: None };
    operation.allowed(cx, build.id, request.force)?;
    let params = params(&to, build.id, request.force, from.as_ref());
    make::make(cx, NewTask { priority: Some(10), ..NewTask::new("tagBuild", params) })
}

fn params(to: &TagState, build: i32, force: bool, from: Option<&TagState>) -> Vec<Value> {
    vec![to.id.into(), build.into(), force.into(), from.map(|from| from.id).into()]
}

/// What the builder does for the owner of its task: the same checks again, then the tagging.
pub fn carry_out(cx: &mut Cx<'_>, task: i64, request: &Request) -> Result<()> {
    let host = cx.require_host()?;
    owner::require(cx, task, host)?;
    let build = row::get(cx, &request.build)?;
    let to = access::get(cx, &request.to)?;
    let user = Query::from("task")
        .filter("id = ?", task)
        .select_first::<i32>(cx.db, "owner")?
        .ok_or_else(|| Error::generic(format!("task {task} has no owner")))?;
    let from = request.from.as_ref().map(|from| access::get(cx, from)).transpose()?;
    let operation = Operation { to: Some(&to), from: from.as_ref(), user: Some(user) };
    operation.allowed(cx, build.id, request.force)?;
    check::listed(cx, &to, &build, request.force)?;
    if let Some(from) = &from {
        access::assert(cx, from, user, request.force)?;
        listing::untag(cx, &Change { tag: from, user, force: request.force }, &build, true)?;
    }
    access::assert(cx, &to, user, request.force)?;
    listing::tag(cx, &Change { tag: &to, user, force: request.force }, std::slice::from_ref(&build))
}

/// All builds of a package, moved from one tag to another.
#[derive(Clone, Debug)]
pub struct MoveAll {
    /// The tag that loses them
    pub from: Lookup,
    /// The tag that gets them
    pub to: Lookup,
    /// The package
    pub package: Lookup,
    /// Whether an admin overrules locks and the package list
    pub force: bool,
}

/// Makes a task for each build, the oldest first; each waits for the one before. Their ids.
pub fn move_all(cx: &mut Cx<'_>, wish: &MoveAll) -> Result<Vec<i32>> {
    let package = packages::get(cx, &wish.package)?;
    // a deleted tag is told apart from one that never was
    named::get(cx, "tag", "tag", &wish.from)?;
    let named = named::get(cx, "tag", "tag", &wish.to)?;
    let to = match access::get(cx, &wish.to) {
        // a deleted one lists nothing
        Err(_) if !wish.force => {
            return Err(Error::tag(format!("Package {} not in list for {}", package.name, named.name)));
        }
        found => found?,
    };
    check::package_listed(cx, &to, &package, wish.force)?;
    let from = access::get(cx, &wish.from)?;
    let user = cx.user_id()?;
    access::assert(cx, &from, user, wish.force)?;
    access::assert(cx, &to, user, wish.force)?;
    if let Lookup::Id(id) = wish.package {
        // Koji looks for builds by the package's name only, and the database refuses a number.
        return Err(Error::unforeseen(format!("give the name of package {id}, not its id")));
    }
    let builds = builds(cx, &Wanted { package: Some(package.name), ..Wanted::of(from.id) })?;
    let operation = Operation { to: Some(&to), from: Some(&from), user: None };
    for build in &builds {
        operation.allowed(cx, build.row.build_id, false)?;
    }
    let ids = make::reserve(cx, builds.len())?;
    let task = |(at, build): (usize, &TaggedBuild)| {
        let before: Vec<Value> = at.checked_sub(1).map(|at| ids[at].into()).into_iter().collect();
        let subtask = vec![
            "tagBuild".into(),
            Value::Array(params(&to, build.row.build_id, wish.force, Some(&from))),
            Value::Struct(vec![("priority".to_owned(), Value::Int(15))]),
        ];
        let params = vec![Value::Array(before), Value::Array(vec![Value::Array(subtask)])];
        (ids[at], NewTask::new("dependantTask", params))
    };
    let tasks = builds.iter().rev().enumerate().map(task).collect();
    make::make_reserved(cx, tasks)
}
