//! What a host reports about itself, and what the scheduler was told by it.

use serde_json::value::RawValue;

use crate::context::Cx;
use crate::db::{Bind, Insert, Query, Update};
use crate::wire::{self, Map, Value};
use crate::{Error, Result, row};

row! {
    /// What a host told for the scheduler.
    pub struct HostData {
        /// The host
        pub host_id: i32 = "host_id",
        /// What it told
        pub data: Option<Box<RawValue>> = "data",
    }
}

/// A host is there, bears a load and is ready for tasks, or not.
pub fn update(cx: &mut Cx<'_>, host: i32, load: f64, ready: bool) -> Result<()> {
    let now = cx.now();
    Update::table("host")
        .set("task_load", load)
        .set("ready", ready)
        .set("update_time", now)
        .filter("id = ?", host)
        .execute(cx.db)
        .map(drop)
}

/// A load as builders send it: a number, or its text.
pub fn load_of(value: &Value) -> Result<f64> {
    let load = match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    load.ok_or_else(|| Error::unforeseen(format!("the load is a number, not {}", value.kind())))
}

/// Keeps what a host tells for the scheduler: a struct, or its JSON.
pub fn set_data(cx: &mut Cx<'_>, host: i32, data: Value) -> Result<()> {
    let data: Map = match data {
        Value::Struct(members) => members,
        Value::String(text) => match wire::json::parse(text.as_bytes()).map_err(unreadable)? {
            Value::Struct(members) => members,
            _ => return Err(not_a_struct()),
        },
        _ => return Err(not_a_struct()),
    };
    let json = serde_json::to_string(&Value::Struct(data))?;
    Insert::into("scheduler_host_data").set("host_id", host).set("data", Bind::Json(json)).upsert(
        cx.db,
        "host_id",
        &["data"],
    )
}

fn unreadable(error: Error) -> Error {
    Error::unforeseen(format!("host data: {error}")).caused_by(error)
}

fn not_a_struct() -> Error {
    Error::parameter("Host data should be a dictionary")
}

/// What one host, or each, told for the scheduler.
pub fn data(cx: &mut Cx<'_>, host: Option<i64>) -> Result<Vec<HostData>> {
    Query::from("scheduler_host_data").filter_some("host_id = ?", host).order("host_id").load(cx.db)
}

/// Whether a host may get tasks.
pub fn is_enabled(cx: &mut Cx<'_>, host: i32) -> Result<bool> {
    Query::from("host_config")
        .filter("host_id = ? AND active = TRUE", host)
        .select_first(cx.db, "enabled")?
        .ok_or_else(|| Error::generic(format!("host {host} has no configuration")))
}
