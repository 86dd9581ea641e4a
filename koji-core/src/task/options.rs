//! The options of a new task as clients name them.

use super::make::NewTask;
use crate::api::Arg as _;
use crate::api::cast::IntLike;
use crate::context::Cx;
use crate::db::{Lookup, lookup};
use crate::wire::{Map, Value};
use crate::{Error, Result, host};

/// Reads options into a task to be. A null is as good as nothing, unknown options are refused.
pub fn read(cx: &mut Cx<'_>, mut new: NewTask, options: Map) -> Result<NewTask> {
    for (name, value) in options.into_iter().filter(|(_, value)| !value.is_nil()) {
        match name.as_str() {
            "parent" => new.parent = Some(IntLike::take(value)?.0),
            "priority" => new.priority = Some(IntLike::take(value)?.0),
            "label" => new.label = Some(String::take(value)?),
            "arch" => new.arch = Some(String::take(value)?),
            "channel" => new.channel = Some(Lookup::take(value)?),
            "owner" => new.owner = Some(owner(cx, value)?),
            "assign" => new.assign = Some(assign(cx, value)?),
            _ => {
                return Err(Error::parameter(format!(
                    "a task has no option {name}: there are parent, priority, label, arch, channel and assign"
                )));
            }
        }
    }
    Ok(new)
}

fn owner(cx: &mut Cx<'_>, value: Value) -> Result<i32> {
    match value {
        Value::Int(_) => i32::take(value),
        other => Ok(lookup::get(cx, "users", "user", &Lookup::take(other)?)?.id),
    }
}

fn assign(cx: &mut Cx<'_>, value: Value) -> Result<i32> {
    match value {
        Value::Int(_) => i32::take(value),
        other => Ok(host::get(cx, &Lookup::take(other)?)?.id),
    }
}
