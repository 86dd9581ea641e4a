//! The options of a new task as clients name them.

use super::make::NewTask;
use crate::api::Arg;
use crate::api::cast::IntLike;
use crate::api::cast::checked;
use crate::context::Cx;
use crate::db::{Lookup, lookup};
use crate::wire::{Map, Value};
use crate::{Result, host};

/// Reads options into a task to be. Unknown ones are passed over, as Koji does; null is a value, and of no use to most.
pub fn read(cx: &mut Cx<'_>, mut new: NewTask, options: Map) -> Result<NewTask> {
    for (name, value) in options {
        match name.as_str() {
            "parent" => new.parent = Some(IntLike::take(value)?.0),
            "priority" => new.priority = Some(IntLike::take(value)?.0),
            "label" => new.label = Some(String::take(value).map_err(checked)?),
            "arch" => new.arch = Some(<Option<String> as Arg>::take(value)?.unwrap_or_default()),
            "channel" => new.channel = Some(Lookup::take(value)?),
            "owner" => new.owner = Some(owner(cx, value)?),
            "assign" => new.assign = assign(cx, value)?,
            _ => {}
        }
    }
    Ok(new)
}

fn owner(cx: &mut Cx<'_>, value: Value) -> Result<i32> {
    match value {
        Value::Int(_) => i32::take(value),
        Value::Nil => cx.user_id(),
        other => Ok(lookup::get(cx, "users", "user", &Lookup::take(other)?)?.id),
    }
}

/// No host has the id 0: it assigns nothing.
fn assign(cx: &mut Cx<'_>, value: Value) -> Result<Option<i32>> {
    match value {
        Value::Int(0) => Ok(None),
        Value::Int(_) => i32::take(value).map(Some),
        other => Ok(Some(host::get(cx, &Lookup::take(other)?)?.id)),
    }
}
