//! Tasks that users ask for: builds of all kinds, images, a restart of the hosts.

use super::make::{DEFAULT_PRIORITY, NewTask, make};
use crate::api::Arg;
use crate::build::{self, BuildRef};
use crate::context::Cx;
use crate::db::{Lookup, Query};
use crate::notification::send;
use crate::wire::{self, Map, Value};
use crate::{Error, Fault, Result, policy, target};

/// How a user wants his task treated.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Added to the default priority; only admins may ask for a negative one.
    pub priority: Option<i64>,
    /// The channel
    pub channel: Option<Lookup>,
    /// The arch
    pub arch: Option<String>,
}

/// Makes a task as a user wishes; its id.
pub fn ask(cx: &mut Cx<'_>, method: &str, params: Vec<Value>, wish: Wish) -> Result<i32> {
    let priority = wish.priority.filter(|priority| *priority != 0);
    if priority.is_some_and(|priority| priority < 0) && !cx.has_perm("admin")? {
        return Err(Error::not_allowed("only admins may create high-priority tasks"));
    }
    let priority = priority.map(|priority| priority.saturating_add(DEFAULT_PRIORITY));
    make(cx, NewTask { priority, channel: wish.channel, arch: wish.arch, ..NewTask::new(method, params) })
}

/// Options as builders take them: nothing is an empty struct.
pub fn options(given: Value) -> Value {
    if given.is_true() { given } else { Value::Struct(Map::new()) }
}

/// Refuses a build with Maven where that is switched off.
pub fn require_maven(cx: &Cx<'_>) -> Result<()> {
    require(cx, "EnableMaven", "Maven")
}

/// Refuses a build for Windows where that is switched off.
pub fn require_win(cx: &Cx<'_>) -> Result<()> {
    require(cx, "EnableWin", "Windows")
}

fn require(cx: &Cx<'_>, option: &str, what: &str) -> Result<()> {
    if cx.env.config.flag(option) {
        return Ok(());
    }
    Err(Error::generic(format!("{what} support not enabled (option {option} of the hub)")))
}

/// Has all hosts restart their builders, with options for the task.
pub fn restart_hosts(cx: &mut Cx<'_>, priority: i64, options: Value) -> Result<i32> {
    let params = match options {
        Value::Nil => Vec::new(),
        options @ Value::Struct(_) => vec![options],
        other => {
            return Err(Error::parameter(format!(
                "options of restartHosts are a struct, not {}",
                other.kind()
            )));
        }
    };
    make(cx, NewTask { priority: Some(priority), ..NewTask::new("restartHosts", params) })
}

/// Rpms around what a build of another type gave. The build must have none yet, unless they are for scratch or for
/// a build of their own.
pub fn wrapper_rpm(
    cx: &mut Cx<'_>,
    build: &BuildRef,
    url: String,
    to: &Lookup,
    mut options: Value,
    wish: Wish,
) -> Result<i32> {
    let build = build::row::get(cx, build)?;
    let apart = ["scratch", "create_build"].iter().any(|name| options.get(name).is_some_and(Value::is_true));
    if !apart && Query::from("rpminfo").filter("build_id = ?", build.id).exists(cx.db)? {
        let message = format!("wrapper rpms for {} have already been built", build.nvr);
        return Err(Error::new(Fault::PreBuild, message));
    }
    let to = target::get::get(cx, to, None)?;
    if let Value::Struct(members) = &mut options {
        // Old clients send it; the repository is chosen when the task runs.
        members.retain(|(name, _)| name != "repo_id");
    }
    let build = send::stored_order(send::dated(wire::to_value(&build)?));
    let params = vec![url.into(), send::stored_order(wire::to_value(&to)?), build, Value::Nil, options];
    ask(cx, "wrapperRPM", params, wish)
}

/// A build on a Windows machine, which the policy `vm` must allow.
pub fn win_build(
    cx: &mut Cx<'_>,
    vm: String,
    url: String,
    to: &Lookup,
    options: Value,
    wish: Wish,
) -> Result<i32> {
    let found = target::get::get(cx, to, None)?;
    let data: Map =
        vec![("vm_name".to_owned(), vm.as_str().into()), ("tag".to_owned(), found.dest_tag.into())];
    policy::assert(cx, "vm", &data, false)?;
    let to = match to {
        Lookup::Id(id) => Value::Int(*id),
        Lookup::Name(name) => name.as_str().into(),
    };
    ask(cx, "winbuild", vec![vm.into(), url.into(), to, options], wish)
}

/// An image from a kickstart file. The kind of image is the method, the channel and the permission.
pub fn kickstart_image(cx: &mut Cx<'_>, kind: &str, params: Vec<Value>, mut wish: Wish) -> Result<i32> {
    if !["livecd", "appliance", "livemedia"].contains(&kind) {
        return Err(Error::generic(format!("Unrecognized image type: {kind}")));
    }
    cx.require_perm(kind)?;
    wish.channel = Some(kind.into());
    if kind == "livemedia" {
        wish.arch = None;
    }
    ask(cx, kind, params, wish)
}

/// An image from two other images and a template.
pub fn indirection_image(cx: &mut Cx<'_>, options: Value, priority: Option<i64>) -> Result<i32> {
    // text and lists can be searched, too
    if !matches!(options, Value::Struct(_) | Value::String(_) | Value::Array(_)) {
        return Err(Error::unforeseen(format!("options are a struct, not {}", options.kind())));
    }
    if options.get("scratch").is_none() && options.get("indirection_template_url").is_none() {
        return Err(Error::not_allowed("Non-scratch builds must provide url for the indirection template"));
    }
    let arch = options.get("arch").cloned().map(<Option<String> as Arg>::take).transpose()?.flatten();
    let wish = Wish { priority, channel: Some("image".into()), arch };
    ask(cx, "indirectionimage", vec![options], wish)
}

/// An image from an installation tree.
pub fn oz_image(cx: &mut Cx<'_>, params: Vec<Value>, priority: Option<i64>) -> Result<i32> {
    ask(cx, "image", params, Wish { priority, channel: Some("image".into()), arch: None })
}
