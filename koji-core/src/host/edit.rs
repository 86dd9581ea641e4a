//! Changes of a host's configuration. Each is a new version of it.

use super::row::{HostRow, get};
use crate::context::Cx;
use crate::db::{Insert, Lookup, versioned};
use crate::wire::{Map, Value};
use crate::{Error, Result};

/// Changes the fields that are given; false if that changes nothing. Unknown fields are passed over, as Koji
/// does.
pub fn edit(cx: &mut Cx<'_>, host: &Lookup, fields: &Map) -> Result<bool> {
    let old = get(cx, host)?;
    let mut new = old.clone();
    for (field, value) in fields {
        match field.as_str() {
            "arches" => text(&mut new.arches, field, value)?,
            "description" => text(&mut new.description, field, value)?,
            "comment" => text(&mut new.comment, field, value)?,
            "capacity" => {
                new.capacity = value.as_f64().ok_or_else(|| {
                    Error::unforeseen(format!("capacity is a number, not {}", value.kind()))
                })?;
            }
            _ => {}
        }
    }
    if is_same(&old, &new) {
        return Ok(false);
    }
    store(cx, &new)?;
    Ok(true)
}

/// Enables a host, or disables it.
pub fn set_enabled(cx: &mut Cx<'_>, host: &Lookup, enabled: bool) -> Result<()> {
    let host = get(cx, host)?;
    store(cx, &HostRow { enabled, ..host })
}

/// Null is what a field without value has already; it cannot be set.
fn text(field: &mut Option<String>, name: &str, value: &Value) -> Result<()> {
    match value {
        Value::String(text) => *field = Some(text.clone()),
        Value::Nil if field.is_none() => {}
        other => return Err(Error::parameter(format!("{name} is a string, not {}", other.kind()))),
    }
    Ok(())
}

fn is_same(old: &HostRow, new: &HostRow) -> bool {
    old.arches == new.arches
        && old.description == new.description
        && old.comment == new.comment
        && old.capacity == new.capacity
}

fn store(cx: &mut Cx<'_>, host: &HostRow) -> Result<()> {
    versioned::revoke(cx, "host_config", "host_id = ?", host.id)?;
    let insert = Insert::into("host_config")
        .set("host_id", host.id)
        .set("arches", host.arches.clone())
        .set("capacity", host.capacity)
        .set("description", host.description.clone())
        .set("comment", host.comment.clone())
        .set("enabled", host.enabled);
    versioned::create(cx, insert)
}
