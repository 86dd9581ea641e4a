//! `waitrepo`: waits for a repository of a tag.

use std::time::Duration;

use koji_core::api::event::{GetLastEvent, Seconds};
use koji_core::api::history::TagFirstChangeEvent;
use koji_core::db::Lookup;
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::repo::{Patience, Since, Watch, texts};
use super::run::{Run, need_int};
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
        let watch = Watch::new(run, params.read("tag")?, nvrs, since)?;
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
    let Some(before) = newer_than.as_f64() else {
        return Err(Error::generic(format!("Invalid value for newer_than: {newer_than:?}")));
    };
    let base = run.ask(GetLastEvent { before: Some(Seconds(before)), ..GetLastEvent::new() })?;
    let first = run.call(TagFirstChangeEvent {
        after: Some(need_int(&base, "id")?.into()),
        ..TagFirstChangeEvent::new(params.read::<Lookup>("tag")?)
    })?;
    Ok(first.map_or(Since::LastChange, |event| Since::Event(event.into())))
}
