//! What policies learn of a task from its parameters: source, target, tags, whether it is for scratch.

use std::collections::HashMap;

use super::kinds;
use super::row::{self, Requests};
use super::stored::Stored;
use crate::context::Cx;
use crate::db::Lookup;
use crate::db::lookup::{self, Named};
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
    Ok(requests(cx, &[(method, params)])?.pop().unwrap_or_default())
}

/// Of several: their methods and parameters.
pub fn requests(cx: &mut Cx<'_>, tasks: &[(&str, &[Value])]) -> Result<Vec<Map>> {
    let read = tasks.iter().map(|(method, params)| read(method, params)).collect::<Result<Vec<_>>>()?;
    let told = || read.iter().flatten().map(|(_, told)| told);
    let of_targets =
        told().filter_map(|told| if let Told::Target(target) = told { Some(target) } else { None });
    let targets = lookup::find_many(cx, "build_target", of_targets)?;
    let of_tags = told().filter_map(|told| if let Told::Tag(tag) = told { Some(tag) } else { None });
    let tags = lookup::find_many(cx, "tag", of_tags)?;
    let name = |table: &str, found: &HashMap<Lookup, Named>, what: &Lookup| {
        let name = found.get(what).map(|thing| thing.name.as_str());
        if name.is_none() {
            tracing::warn!(table, %what, "a task names what is not there");
        }
        name.map(Value::from)
    };
    let value = |told: Told| match told {
        Told::Is(value) => Some(value),
        Told::Target(target) => Some(name("build_target", &targets, &target).unwrap_or_default()),
        Told::Tag(tag) => name("tag", &tags, &tag),
    };
    let about = |read: Vec<(&str, Told)>| -> Map {
        read.into_iter().filter_map(|(key, told)| Some((key.to_owned(), value(told)?))).collect()
    };
    Ok(read.into_iter().map(about).collect())
}

/// What a parameter tells.
enum Told {
    /// This
    Is(Value),
    /// The name of a target, or null if there is none
    Target(Lookup),
    /// The name of a tag, or nothing if there is none
    Tag(Lookup),
}

fn read(method: &str, params: &[Value]) -> Result<Vec<(&'static str, Told)>> {
    let mut params = match kinds::params(method, params) {
        Some(Ok(params)) => params,
        Some(Err(error)) => {
            tracing::warn!(method, %error, "a policy cannot read the parameters of a task");
            return Ok(Vec::new());
        }
        None => return Ok(Vec::new()),
    };
    if method == "indirectionimage"
        && let Some(Value::Struct(options)) = find(&params, &["opts"]).cloned()
    {
        // This one has all its parameters in one.
        params.extend(options);
    }
    let mut about = Vec::new();
    // The `src` of newRepo is a switch.
    if method != "newRepo"
        && let Some(source) = find(&params, &["src", "spec_url", "url"])
    {
        match source {
            Value::String(_) => about.push(("source", Told::Is(source.clone()))),
            other => return Err(Error::parameter(format!("a source is a string, not {}", other.kind()))),
        }
    }
    if let Some(target) = find(&params, &["target", "build_target", "target_info"]) {
        about.push(("target", of_target(target)?));
    }
    for (name, from) in [("tag", &["tag", "tag_id", "tag_info"][..]), ("build_tag", &["build_tag"][..])] {
        if let Some(Ok(tag)) = find(&params, from).filter(|tag| !tag.is_nil()).map(Lookup::from_value) {
            about.push((name, Told::Tag(tag)));
        }
    }
    match find(&params, &["opts"]).filter(|opts| opts.is_true()) {
        Some(opts @ Value::Struct(_)) => {
            if let Some(scratch) = opts.get("scratch") {
                about.push(("scratch", Told::Is(scratch.clone())));
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

/// A target, of which a struct must tell the name; null if there is none.
fn of_target(target: &Value) -> Result<Told> {
    let name = if matches!(target, Value::Struct(_)) { target.get("name") } else { Some(target) };
    match name.filter(|name| !name.is_nil()) {
        Some(name) => Lookup::from_value(name).map(Told::Target),
        None => Ok(Told::Is(Value::Nil)),
    }
}

/// The first of these parameters that there is.
fn find<'m>(params: &'m Map, names: &[&str]) -> Option<&'m Value> {
    names.iter().find_map(|wanted| params.iter().find(|(name, _)| name == wanted).map(|(_, value)| value))
}
