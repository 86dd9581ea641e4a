//! `koji-hubd policy explain`

use std::process::ExitCode;

use koji_core::config::HubConfig;
use koji_core::policy::explain::Explanation;
use koji_core::policy::trace::{Step, TestStep};
use koji_core::policy::{self, Data, NoFacts, Registry};
use koji_core::wire::{Map, Value, json};
use koji_core::{Error, Result};

use super::columns::fold;
use super::policy::{NOT_QUITE, place, say};
use super::{Setup, database};
use crate::args::{Args, ExplainArgs};

/// Asks a policy and shows the way to its verdict.
pub(super) fn run(args: &Args, config: &HubConfig, asked: &ExplainArgs) -> Result<ExitCode> {
    let data = data(asked)?;
    let found = if args.db.is_some() || database::url(config)?.is_some() {
        let hub = Setup::new(args, config.clone())?.open(1)?;
        hub.glance(|cx| policy::explain(cx, &asked.policy, &data))?
    } else {
        let policies = policy::load(config, &Registry::builtin())?;
        policies.explain(&asked.policy, &Data::new(data.clone()), &mut NoFacts)?
    };
    let text = if asked.json { in_json(config, &data, &found)? } else { in_words(config, &data, &found) };
    say(&text)?;
    Ok(match (&found.error, &found.action) {
        (Some(_), _) => ExitCode::FAILURE,
        (None, Some(_)) => ExitCode::SUCCESS,
        (None, None) => ExitCode::from(NOT_QUITE),
    })
}

/// The data of the request, by the names that Koji's hub has for it.
fn data(asked: &ExplainArgs) -> Result<Map> {
    let named = [
        ("build", &asked.build),
        ("package", &asked.package),
        ("tag", &asked.tag),
        ("fromtag", &asked.fromtag),
        ("target", &asked.target),
        ("method", &asked.method),
        ("user_id", &asked.user),
    ];
    let mut data: Map = named
        .into_iter()
        .filter_map(|(key, text)| text.as_ref().map(|text| (key.to_owned(), Value::from(text.as_str()))))
        .collect();
    for text in &asked.data {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| Error::generic(format!("{text:?} is not of the form KEY=VALUE")))?;
        let value = json::parse(value.as_bytes()).unwrap_or_else(|_| Value::from(value));
        data.push((key.to_owned(), value));
    }
    Ok(data)
}

fn in_words(config: &HubConfig, data: &Map, found: &Explanation) -> String {
    let shown: Vec<String> = data.iter().map(|(key, value)| format!("{key}={}", shown(value))).collect();
    let shown = if shown.is_empty() { "no data".into() } else { shown.join(" ") };
    let mut out = fold(&format!("policy {} for: ", found.policy), 4, &shown);
    let decided = found.decided();
    for step in &found.steps {
        out += &told(config, step, decided.is_some_and(|decided| std::ptr::eq(decided, step)));
    }
    out += &match (&found.error, &found.action) {
        (Some(error), _) => fold("error: ", 4, error),
        (None, Some(action)) => fold("result: ", 4, action),
        (None, None) => fold("result: ", 4, "none: no rule decides"),
    };
    out
}

/// A rule, what became of it, and what its tests said.
fn told(config: &HubConfig, step: &Step, decided: bool) -> String {
    let indent = 2 + 2 * step.depth;
    let tests: Vec<&str> = step.tests.iter().map(|test| test.test.as_str()).collect();
    let (sign, mark) = (if step.negated { "!!" } else { "::" }, if decided { "=> " } else { "" });
    let outcome = match step.holds {
        Some(true) => "holds",
        Some(false) => "does not hold",
        None => "fails",
    };
    let at = place(config, &step.policy, step.line);
    let rule = format!("{} {sign} {} [{outcome}]", tests.join(" && "), step.then);
    let mut out = fold(&format!("{:indent$}{mark}{at}: ", ""), indent + 4, &rule);
    for TestStep { test, holds, error, learned } in &step.tests {
        let said = match (holds, error) {
            (_, Some(error)) => error.as_str(),
            (Some(true), None) => "yes",
            (Some(false), None) => "no",
            (None, None) => continue,
        };
        if step.tests.len() == 1 && learned.is_empty() && error.is_none() {
            continue;
        }
        let why = if learned.is_empty() { String::new() } else { format!(" ({})", learned.join("; ")) };
        out += &fold(&format!("{:1$}", "", indent + 4), indent + 8, &format!("{test}: {said}{why}"));
    }
    out
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string(other).unwrap_or_else(|_| "?".into()),
    }
}

fn in_json(config: &HubConfig, data: &Map, found: &Explanation) -> Result<String> {
    let mut value = serde_json::to_value(found)?;
    value["data"] = serde_json::to_value(Value::Struct(data.clone()))?;
    value["decided"] =
        serde_json::to_value(found.decided().map(|step| place(config, &step.policy, step.line)))?;
    for (at, step) in found.steps.iter().enumerate() {
        value["steps"][at]["place"] = place(config, &step.policy, step.line).into();
    }
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}
