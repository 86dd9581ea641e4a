//! `waitrepo`: waits for a repository of a tag.

use std::time::Duration;

use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::repo::{Patience, Since, Watch, texts};
use super::run::Run;
use super::{Failure, Params, Signature, TaskHandler};

/// A minute between two looks, two hours at most, as upstream; a short first look costs little.
const PATIENCE: Patience =
    Patience { pause: Duration::from_secs(10), timeout: Duration::from_secs(120 * 60) };

/// Waits for a repository; its result is the repository's description.
pub(super) struct WaitRepo;

impl TaskHandler for WaitRepo {
    fn method(&self) -> &'static str {
        "waitrepo"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["tag", "newer_than", "nvrs", "min_event"], required: 1 }
    }

    fn weight(&self) -> f64 {
        0.2
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let since = since(run, params)?;
        let nvrs = texts(params.get("nvrs"))?;
        let watch = Watch::new(run, params.get("tag").clone(), nvrs, since)?;
        Ok(watch.wait(run, PATIENCE)?)
    }
}

/// `min_event`, or the older `newer_than`: a time, or the text `now`.
fn since(run: &mut Run, params: &Params) -> Result<Since> {
    let newer_than = params.get("newer_than");
    let event = match params.get("min_event") {
        Value::Nil => Since::Any,
        Value::Int(event) => Since::Event(*event),
        Value::String(text) if text == "last" => Since::LastChange,
        other => return Err(Error::parameter(format!("Invalid value for min_event: {other:?}"))),
    };
    if newer_than.is_nil() {
        return Ok(event);
    }
    if event != Since::Any {
        return Err(Error::generic("newer_than and min_event exclude each other"));
    }
    if newer_than.as_str().is_some_and(|text| text.eq_ignore_ascii_case("now")) {
        return Ok(Since::LastChange);
    }
    if newer_than.as_f64().is_none() {
        return Err(Error::generic(format!("Invalid value for newer_than: {newer_than:?}")));
    }
    let base = run.call_with("getLastEvent", vec![], map! { "before" => newer_than.clone() })?;
    let first = run.call_with(
        "tagFirstChangeEvent",
        vec![params.get("tag").clone()],
        map! {
            "after" => koji_core::client::field(&base, "id").clone(),
        },
    )?;
    Ok(first.as_int().map_or(Since::LastChange, Since::Event))
}
