//! Tests of the tags of a request and of a build.

use crate::Result;
use crate::policy::eval::Eval;
use crate::policy::glob::matches_any;

/// `tag PATTERN..`: the tag's name; without a tag it does not hold.
pub(super) fn tag(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    named("tag", patterns, eval)
}

/// `fromtag PATTERN..`: the tag that a build is moved from.
pub(super) fn from_tag(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    named("fromtag", patterns, eval)
}

fn named(field: &str, patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    let Some(tag) = eval.data.given(field) else { return Ok(false) };
    Ok(eval.facts.find_tag(tag)?.is_some_and(|tag| matches_any(&tag.name, patterns)))
}

/// `hastag PATTERN..`: a tag that the build has now.
pub(super) fn has_tag(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    let Some(build) = eval.data.get("build") else { return Ok(false) };
    let build = eval.facts.build(build)?;
    Ok(eval.facts.build_tags(build.id)?.iter().any(|tag| matches_any(tag, patterns)))
}
