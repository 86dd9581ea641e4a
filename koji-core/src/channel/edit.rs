//! New channels and changes of them. Channels have no versions.

use super::row::{ChannelRow, find, get};
use crate::context::Cx;
use crate::db::{Insert, Lookup, Update};
use crate::wire::{Map, Value};
use crate::{Error, Result};

/// Adds a channel; its id.
pub fn add(cx: &mut Cx<'_>, name: &Value, description: Option<&str>) -> Result<i32> {
    let name = free_name(cx, name)?;
    Insert::into("channels").set("name", name).set("description", description).returning(cx.db, "id")
}

/// Changes name, description or comment; false if that changes nothing. Unknown fields are passed over, as
/// Koji does.
pub fn edit(cx: &mut Cx<'_>, channel: &Lookup, fields: &Map) -> Result<bool> {
    let old = get(cx, channel)?;
    let mut update = Update::table("channels").filter("id = ?", old.id);
    for (field, value) in fields {
        if is_same(&old, field, value) {
            continue;
        }
        update = match field.as_str() {
            "name" => update.set("name", free_name(cx, value)?),
            "description" | "comment" => update.set(field, text(field, value)?),
            _ => update,
        };
    }
    if update.is_empty() {
        return Ok(false);
    }
    update.execute(cx.db)?;
    Ok(true)
}

/// Enables a channel, or disables it, and leaves a comment if one is given.
pub fn set_enabled(cx: &mut Cx<'_>, channel: &Lookup, enabled: bool, comment: Option<&str>) -> Result<()> {
    let id = get(cx, channel)?.id;
    let mut update = Update::table("channels").set("enabled", enabled).filter("id = ?", id);
    if let Some(comment) = comment {
        update = update.set("comment", comment);
    }
    update.execute(cx.db).map(drop)
}

fn is_same(old: &ChannelRow, field: &str, value: &Value) -> bool {
    let current = match field {
        "name" => Some(&old.name),
        "description" => old.description.as_ref(),
        "comment" => old.comment.as_ref(),
        _ => return true,
    };
    current.map_or(value.is_nil(), |current| value.as_str() == Some(current))
}

/// A name that no channel has yet.
fn free_name<'v>(cx: &mut Cx<'_>, name: &'v Value) -> Result<&'v str> {
    let name = name.as_str().ok_or_else(|| Error::generic("Name should be string"))?;
    cx.env.config.name_limits()?.verify_internal(name)?;
    match find(cx, &name.into())? {
        Some(known) => {
            Err(Error::generic(format!("channel {} already exists (id={})", known.name, known.id)))
        }
        None => Ok(name),
    }
}

fn text<'v>(field: &str, value: &'v Value) -> Result<&'v str> {
    value.as_str().ok_or_else(|| Error::parameter(format!("{field} is a string, not {}", value.kind())))
}
