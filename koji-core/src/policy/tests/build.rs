//! Tests of a build: its types, owner, source, and whether it is imported or a draft.

use super::field::{matches, unfit};
use super::user::of_request;
use crate::policy::data::text;
use crate::policy::eval::Eval;
use crate::policy::facts::Build;
use crate::policy::glob::matches_any;
use crate::wire::Value;
use crate::{Error, Result};

/// A build that a test takes for granted. The original breaks where it is not there.
pub(super) fn there(build: Option<Build>) -> Result<Build> {
    build.ok_or_else(|| Error::unforeseen("policy data names a build that is not there"))
}

fn required(eval: &mut Eval<'_>) -> Result<Build> {
    let build = eval.data.get("build").filter(|build| build.is_true());
    eval.facts.build(build.ok_or_else(|| Error::generic("policy data must contain a build"))?)
}

/// `buildtype PATTERN..`: one of the build's types.
pub(super) fn build_type(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    let types: Vec<String> = match (eval.data.get("btypes"), eval.data.get("build")) {
        (Some(Value::Array(types)), _) => types.iter().filter_map(text).collect(),
        (Some(other), _) => return Err(unfit("btypes", "a list", other)),
        (None, None) => Vec::new(),
        (None, Some(build)) => {
            let build = eval.facts.build(build)?;
            eval.facts.build_types(build.id)?
        }
    };
    Ok(types.iter().any(|name| matches_any(name, patterns)))
}

/// `imported`: some part of the build has no buildroot.
pub(super) fn imported(_: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    let build = required(eval)?;
    Ok(eval.facts.build_buildroots(build.id)?.contains(&None))
}

/// `is_draft`: what is built, or the build, is a draft.
pub(super) fn is_draft(_: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    match (eval.data.get("draft"), eval.data.get("build")) {
        (Some(draft), _) => Ok(draft.is_true()),
        (None, Some(build)) => Ok(there(eval.facts.find_build(build)?)?.draft),
        (None, None) => Ok(false),
    }
}

/// `draft_superseded`: the build is a draft, and a regular build stands where it would go.
pub(super) fn is_superseded(_: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    let Some(build) = eval.data.get("build") else { return Ok(false) };
    match eval.facts.find_build(build)? {
        Some(build) if build.draft => eval.facts.is_superseded(build.id),
        _ => Ok(false),
    }
}

/// `is_build_owner`: the user owns the build, or is in the group that does.
pub(super) fn is_owner(_: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    let Some(build) = eval.data.get("build") else {
        return Err(Error::unforeseen("policy data must contain a build for is_build_owner"));
    };
    let build = there(eval.facts.find_build(build)?)?;
    let Some(user) = of_request(eval.data, eval.facts)? else { return Ok(false) };
    if user.id == build.owner_id || !build.owner_is_group {
        return Ok(user.id == build.owner_id);
    }
    Ok(eval.facts.user_groups(user.id)?.iter().any(|(id, _)| *id == build.owner_id))
}

/// `source PATTERN..`: where the source comes from, as recorded or as the task was asked.
pub(super) fn source(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    let build = match (eval.data.get("source"), eval.data.get("build")) {
        (Some(source), _) => return matches("source", source, patterns),
        (None, None) => return Ok(false),
        (None, Some(build)) => there(eval.facts.find_build(build)?)?,
    };
    let source = match (build.source, build.task_id) {
        (Some(source), _) => Some(source),
        (None, Some(task_id)) => eval.facts.find_task_source(task_id)?,
        (None, None) => None,
    };
    Ok(source.is_some_and(|source| matches_any(&source, patterns)))
}
