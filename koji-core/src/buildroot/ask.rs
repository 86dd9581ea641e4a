//! Tasks about buildroots that people ask for: a command in one, and a failed one to look at. Koji has them as plugins.

use super::row;
use crate::channel;
use crate::context::Cx;
use crate::db::Lookup;
use crate::host;
use crate::host::list::{HostFilter, all_arches};
use crate::tag::get::{self, When};
use crate::task::state::TaskState;
use crate::task::{self, NewTask};
use crate::wire::{self, Map, Value};
use crate::{Error, Fault, Result, arch};

/// The channel and the priority of commands that name no other channel.
const CHANNEL: &str = "runroot";
const PRIORITY: i64 = 15;

/// The only task whose buildroots may be looked at, as Koji's plugin is shipped.
const LOOKED_AT: &str = "buildArch";

/// A command to run in a buildroot.
#[derive(Clone, Debug)]
pub struct RootCommand {
    /// The tag that it is made from, as the caller named it
    pub tag: Value,
    /// Its arch
    pub arch: String,
    /// A line for a shell, or a list: a program and its arguments
    pub command: Value,
    /// The channel of the task
    pub channel: Option<Lookup>,
    /// Everything else, for the builder
    pub opts: Map,
}

/// Makes the task that runs a command; its id.
pub fn run_command(cx: &mut Cx<'_>, wanted: RootCommand) -> Result<i32> {
    let RootCommand { tag, arch, command, channel, opts } = wanted;
    let arch = arch::normalize(&arch, arch::Separators::Strict)?;
    if arch.is_empty() {
        return Err(Error::generic("No architecture specified"));
    }
    if !matches!(command, Value::String(_) | Value::Array(_)) {
        return Err(Error::generic(format!("Invalid type for value: command is {}", command.kind())));
    }
    let channel = channel.unwrap_or_else(|| CHANNEL.into());
    let info = get::get(cx, &Lookup::from_value(&tag)?, When::Now)?;
    let mut task_arch = arch.clone();
    if arch == arch::NOARCH {
        let listed = info.row.arches.as_deref().unwrap_or_default();
        if listed.trim().is_empty() {
            return Err(Error::generic(format!("no arches defined for tag {}", info.row.name)));
        }
        task_arch = arch_of_noarch(cx, listed, &channel)?.ok_or_else(|| {
            Error::generic(format!("no common arches for tag/channel: {}/{channel}", info.row.name))
        })?;
    }
    let params = wire::encode_args(vec![tag, arch.as_str().into(), command], opts);
    let new = NewTask {
        priority: Some(PRIORITY),
        arch: Some(task_arch),
        channel: Some(channel),
        ..NewTask::new("runroot", params)
    };
    task::make(cx, new)
}

/// The arch of the host for a command that runs on any: a tag that has not all arches needs one that it has.
fn arch_of_noarch(cx: &mut Cx<'_>, listed: &str, channel: &Lookup) -> Result<Option<String>> {
    let of_tag: Vec<&str> = listed.split_whitespace().collect();
    if all_arches(cx)?.iter().all(|arch| of_tag.contains(&arch.as_str())) {
        return Ok(Some(arch::NOARCH.to_owned()));
    }
    let channel = channel::get(cx, channel)?.id;
    let filter = HostFilter { channel: Some(channel.into()), enabled: Some(true), ..HostFilter::default() };
    let hosts = host::list::list(cx, &filter)?;
    let offered: Vec<&str> = hosts
        .iter()
        .flat_map(|host| host.arches.as_deref().unwrap_or_default().split_whitespace())
        .map(arch::canonical)
        .collect();
    Ok(of_tag.into_iter().find(|arch| offered.contains(arch)).map(|found| arch::canonical(found).to_owned()))
}

/// Makes the task that uploads the buildroot of a failed task; its id.
pub fn save_failed(cx: &mut Cx<'_>, buildroot: i64, full: bool, opts: Map) -> Result<i32> {
    let root = row::get(cx, buildroot)?;
    let early = |text: String| Error::new(Fault::PreBuild, text);
    let id = root.task_id.ok_or_else(|| early(format!("Buildroot {buildroot} is of no task.")))?;
    let info = task::row::get(cx, id.into(), task::Requests::Omit)?.task;
    if i64::from(info.state) != i64::from(TaskState::Failed.number()) {
        return Err(early(format!(
            "Task {id} has not failed. Only failed tasks can upload their buildroots."
        )));
    }
    let method = info.method.as_deref().unwrap_or_default();
    if method != LOOKED_AT {
        return Err(early(format!(
            "Only {LOOKED_AT} tasks can upload their buildroots (Task {id} is {method})."
        )));
    }
    if info.owner != cx.user_id()? && !cx.has_perm("admin")? {
        return Err(Error::not_allowed("Only owner of failed task or 'admin' can run this task."));
    }
    let host = root.host_id.ok_or_else(|| early("the buildroot is of no host".into()))?;
    if !host::get(cx, &host.into())?.enabled {
        return Err(early("Host is disabled.".into()));
    }
    let params = wire::encode_args(vec![buildroot.into(), full.into()], opts);
    task::make(cx, NewTask { assign: Some(host), ..NewTask::new("saveFailedTree", params) })
}
