//! What policies learn of a task from its parameters: source, target, tags, whether it is for scratch.

use super::kinds;
use super::row::{self, Requests};
use super::stored::Stored;
use crate::context::Cx;
use crate::db::{Lookup, lookup};
use crate::wire::{Map, Value};
use crate::{Error, Result};

/// Of a task that is there.
pub fn task(cx: &mut Cx<'_>, id: i64) -> Result<Map> {
    let info = row::get(cx, id, Requests::Decoded)?;
    match info.request {
        Some(Stored::Decoded(Value::Array(params))) => {
            request(cx, &info.task.method.unwrap_or_default(), &params)
        }
        _ => Ok(Map::new()),
    }
}

/// Of a task to be. Parameters that nobody understands tell nothing; a source that is no text is an error.
pub fn request(cx: &mut Cx<'_>, method: &str, params: &[Value]) -> Result<Map> {
    let mut params = match kinds::params(method, params) {
        Some(Ok(params)) => params,
        Some(Err(error)) => {
            tracing::warn!(method, %error, "a policy cannot read the parameters of a task");
            return Ok(Map::new());
        }
        None => return Ok(Map::new()),
    };
    if method == "indirectionimage"
        && let Some(Value::Struct(options)) = find(&params, &["opts"]).cloned()
    {
        // This one has all its parameters in one.
        params.extend(options);
    }
    let mut about = Map::new();
    let mut tell = |name: &str, value: Value| about.push((name.to_owned(), value));
    // The `src` of newRepo is a switch.
    if method != "newRepo"
        && let Some(source) = find(&params, &["src", "spec_url", "url"])
    {
        match source {
            Value::String(_) => tell("source", source.clone()),
            other => return Err(Error::parameter(format!("a source is a string, not {}", other.kind()))),
        }
    }
    if let Some(target) = find(&params, &["target", "build_target", "target_info"]) {
        tell("target", target_name(cx, target)?);
    }
    for (name, from) in [("tag", &["tag", "tag_id", "tag_info"][..]), ("build_tag", &["build_tag"][..])] {
        if let Some(tag) = find(&params, from) {
            match named(cx, "tag", tag) {
                Ok(Value::Nil) | Err(_) => {}
                Ok(tag) => tell(name, tag),
            }
        }
    }
    match find(&params, &["opts"]).filter(|opts| opts.is_true()) {
        Some(opts @ Value::Struct(_)) => {
            if let Some(scratch) = opts.get("scratch") {
                tell("scratch", scratch.clone());
            }
        }
        // Python looks into text and lists for it as well.
        None | Some(Value::String(_) | Value::Array(_)) => {}
        Some(other) => {
            return Err(Error::unforeseen(format!("options are a struct, not {}", other.kind())));
        }
    }
    Ok(about)
}

/// The name of a target, which a struct must tell; null if there is none.
fn target_name(cx: &mut Cx<'_>, target: &Value) -> Result<Value> {
    match target {
        Value::Struct(_) => match target.get("name") {
            Some(name) if !name.is_nil() => named(cx, "build_target", name),
            _ => Ok(Value::Nil),
        },
        other => named(cx, "build_target", other),
    }
}

/// The first of these parameters that there is.
fn find<'m>(params: &'m Map, names: &[&str]) -> Option<&'m Value> {
    names.iter().find_map(|wanted| params.iter().find(|(name, _)| name == wanted).map(|(_, value)| value))
}

/// The name of a thing that a parameter means; null if there is none.
fn named(cx: &mut Cx<'_>, table: &str, value: &Value) -> Result<Value> {
    if value.is_nil() {
        return Ok(Value::Nil);
    }
    let found = lookup::find(cx, table, &Lookup::from_value(value)?)?;
    if found.is_none() {
        tracing::warn!(table, ?value, "a task names what is not there");
    }
    Ok(found.map(|thing| thing.name).into())
}
