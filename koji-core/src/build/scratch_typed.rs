//! Scratch builds of Maven, Windows and images: what their tasks have left, as they tell it.

use std::path::Path;

use super::files;
use super::scratch::directory;
use crate::context::Cx;
use crate::paths::{safe_join, task_relative};
use crate::task::owner;
use crate::wire::Value;
use crate::{Error, Result};

/// Keeps what a Maven task left: `results` as the task answers, and those of the rpms around it.
pub fn maven(cx: &mut Cx<'_>, host: i32, task: i64, results: &Value, rpms: &Value) -> Result<()> {
    owner::require(cx, task, host)?;
    let mut paths = texts(results, "logs")?;
    for (dir, list) in results.get("files").and_then(Value::as_struct).unwrap_or_default() {
        let below = |file: &Value| {
            let file = file.as_str().ok_or_else(|| wrong("files"))?;
            Ok(if dir.is_empty() { file.to_owned() } else { format!("{dir}/{file}") })
        };
        let list = list.as_array().ok_or_else(|| wrong("files"))?;
        paths.extend(list.iter().map(below).collect::<Result<Vec<_>>>()?);
    }
    let dir = directory(cx, task, task)?;
    keep(cx, results, &paths, &dir)?;
    wrapped(cx, rpms, &dir)
}

/// Keeps what a Windows task left.
pub fn win(cx: &mut Cx<'_>, host: i32, task: i64, results: &Value, rpms: &Value) -> Result<()> {
    owner::require(cx, task, host)?;
    let output = results.get("output").and_then(Value::as_struct).ok_or_else(|| wrong("output"))?;
    let mut paths: Vec<String> = output.iter().map(|(path, _)| path.clone()).collect();
    paths.extend(texts(results, "logs")?);
    let dir = directory(cx, task, task)?;
    keep(cx, results, &paths, &dir)?;
    wrapped(cx, rpms, &dir)
}

/// Keeps what the parts of an image task left, each in a directory of its own. Parts that failed have no task.
pub fn image(cx: &mut Cx<'_>, host: i32, task: i64, results: &[(String, Value)]) -> Result<()> {
    owner::require(cx, task, host)?;
    for (part, results) in results {
        let Some(own) = results.get("task_id").and_then(Value::as_int) else {
            tracing::warn!(task, part, "a part of an image build failed, there is nothing to keep");
            continue;
        };
        let dir = directory(cx, task, own)?;
        let mut paths = texts(results, "files")?;
        paths.extend(texts(results, "logs")?);
        keep(cx, results, &paths, &dir)?;
        wrapped(cx, results.get("rpmresults").unwrap_or(&Value::Nil), &dir)?;
    }
    Ok(())
}

/// The rpms around a build of another type, with their logs.
fn wrapped(cx: &mut Cx<'_>, results: &Value, dir: &Path) -> Result<()> {
    if !results.is_true() {
        return Ok(());
    }
    let srpm = results.get("srpm").and_then(Value::as_str).ok_or_else(|| wrong("srpm"))?;
    let mut paths = vec![srpm.to_owned()];
    paths.extend(texts(results, "rpms")?);
    paths.extend(texts(results, "logs")?);
    keep(cx, results, &paths, &dir.join("rpms"))
}

/// Takes files of the task that `results` names, by their paths below its directory.
fn keep(cx: &mut Cx<'_>, results: &Value, paths: &[String], dir: &Path) -> Result<()> {
    let task = results.get("task_id").and_then(Value::as_int).ok_or_else(|| wrong("task_id"))?;
    for path in paths {
        let file = files::uploaded(cx, &format!("{}/{path}", task_relative(task)))?;
        let top = cx.env.paths.top();
        let below = dir.strip_prefix(top).map_err(|_| Error::unforeseen("scratch builds are elsewhere"))?;
        let dest = safe_join(top, &format!("{}/{path}", below.display()))?;
        files::take_in(cx, &file, &dest)?;
    }
    Ok(())
}

fn texts(results: &Value, name: &str) -> Result<Vec<String>> {
    let list = results.get(name).and_then(Value::as_array).ok_or_else(|| wrong(name))?;
    list.iter().map(|path| path.as_str().map(str::to_owned).ok_or_else(|| wrong(name))).collect()
}

fn wrong(name: &str) -> Error {
    Error::unforeseen(format!("the results of the task lack {name}, or it is of another type"))
}
