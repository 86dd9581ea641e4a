//! Finding tasks by options, and showing them as a list with the tasks below them.

use koji_core::api::Method;
use koji_core::api::channel::GetChannel;
use koji_core::api::host::GetHost;
use koji_core::api::task::ListTasks;
use koji_core::api::user::{GetLoggedInUser, GetUser};
use koji_core::db::QueryOpts;
use std::collections::{BTreeMap, HashSet};

use koji_core::arch::{Separators, parse_list};
use koji_core::client::task_label;
use koji_core::client::watch::state_of;
use koji_core::wire::{Map, Value};

use crate::context::Ctx;
use crate::stop::Stop;
use crate::value::{View as _, into_items, put};
use crate::{args, line};

/// Which tasks are meant.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Selection {
    /// My own tasks
    #[arg(long)]
    pub mine: bool,
    /// Tasks of this user
    #[arg(long)]
    pub user: Option<String>,
    /// Tasks of this arch
    #[arg(long)]
    pub arch: Option<String>,
    /// Tasks of this method
    #[arg(long)]
    pub method: Option<String>,
    /// Tasks in this channel
    #[arg(long)]
    pub channel: Option<String>,
    /// Tasks of this host
    #[arg(long)]
    pub host: Option<String>,
}

impl Selection {
    /// Whether anything was selected.
    pub fn is_some(&self) -> bool {
        let named = [&self.user, &self.arch, &self.method, &self.channel, &self.host];
        self.mine || named.iter().any(|name| name.is_some())
    }
}

/// The tasks in the order in which they get their turn. Without `all`, those that have not ended.
pub fn find(ctx: &mut Ctx<'_>, selection: &Selection, mut opts: Map, all: bool) -> Result<Vec<Value>, Stop> {
    put(&mut opts, "decode", true);
    if !all {
        put(&mut opts, "state", &args![0, 1, 4]);
    }
    if selection.mine {
        if selection.user.is_some() {
            return Err(koji_core::Error::generic("Can't specify 'mine' and 'user' in same time").into());
        }
        let user = ctx.ask(GetLoggedInUser::new())?;
        if !user.is_true() {
            return Err(refuse(ctx, "Unable to determine user"));
        }
        put(&mut opts, "owner", user.int("id"));
    }
    if let Some(name) = &selection.user {
        let user = GetUser { userInfo: name.into(), ..GetUser::new() };
        put(&mut opts, "owner", id_of(ctx, user, "user", name)?);
    }
    if let Some(name) = &selection.channel {
        put(&mut opts, "channel_id", id_of(ctx, GetChannel::new(name), "channel", name)?);
    }
    if let Some(name) = &selection.host {
        put(&mut opts, "host_id", id_of(ctx, GetHost::new(name), "host", name)?);
    }
    if let Some(arch) = &selection.arch {
        put(&mut opts, "arch", &parse_list(arch, Separators::Loose)?);
    }
    if let Some(method) = &selection.method {
        put(&mut opts, "method", method);
    }
    let order = Some("priority,create_time".to_owned());
    let query_opts = QueryOpts { order, ..QueryOpts::default() };
    Ok(into_items(ctx.ask(ListTasks { opts: Some(opts).into(), queryOpts: query_opts })?))
}

fn id_of(ctx: &mut Ctx<'_>, method: impl Method, what: &str, name: &str) -> Result<i64, Stop> {
    let found = ctx.ask(method)?;
    if !found.is_true() {
        return Err(refuse(ctx, &format!("No such {what}: {name}")));
    }
    Ok(found.int("id"))
}

/// Koji's client tells these on the standard output.
fn refuse(ctx: &mut Ctx<'_>, message: &str) -> Stop {
    match writeln!(ctx.out, "{message}") {
        Ok(()) => Stop::Quiet(1),
        Err(error) => error.into(),
    }
}

/// Writes tasks, each with those below it that are in the list as well.
pub fn write(ctx: &mut Ctx<'_>, tasks: &[Value]) -> Result<(), Stop> {
    let ids: HashSet<i64> = tasks.iter().map(|task| task.int("id")).collect();
    let mut children: BTreeMap<i64, Vec<&Value>> = BTreeMap::new();
    let mut open: Vec<(&Value, usize)> = vec![];
    for task in tasks {
        match task.at("parent").as_int().filter(|parent| ids.contains(parent)) {
            Some(parent) => children.entry(parent).or_default().push(task),
            None => open.push((task, 0)),
        }
    }
    open.reverse();
    while let Some((task, depth)) = open.pop() {
        line!(ctx, "{}", row(task, depth));
        let below = children.remove(&task.int("id")).unwrap_or_default();
        open.extend(below.into_iter().rev().map(|child| (child, depth + 1)));
    }
    Ok(())
}

/// The column titles.
pub const HEADER: &str = "ID       Pri  Owner                State    Arch       Name";

fn row(task: &Value, depth: usize) -> String {
    let indent = if depth == 0 { String::new() } else { format!("{} +", "  ".repeat(depth - 1)) };
    let state = state_of(task).map_or("BADSTATE", |state| state.name());
    format!(
        "{:<8} {:<4} {:<20} {state:<8} {:<10} {indent}{}",
        task.show("id"),
        task.show("priority"),
        task.show("owner_name"),
        task.show("arch"),
        task_label(task)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kwargs;

    #[test]
    fn rows_have_koji_s_columns() {
        let task = Value::Struct(kwargs![
            id = 12,
            priority = 20,
            owner_name = "ann",
            state = 1,
            arch = "noarch",
            method = "tagBuild"
        ]);
        assert_eq!(row(&task, 0), "12       20   ann                  OPEN     noarch     tagBuild (noarch)");
        assert_eq!(
            row(&task, 2),
            "12       20   ann                  OPEN     noarch        +tagBuild (noarch)"
        );
    }
}
