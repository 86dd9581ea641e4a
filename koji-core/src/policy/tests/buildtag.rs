//! Tests of the tags that a build is built in.

use super::cg::buildroot_ids;
use crate::Result;
use crate::policy::eval::Eval;
use crate::policy::facts::Tag;
use crate::policy::glob::matches_any;
use crate::wire::Value;

/// `buildtag PATTERN..`: a tag that the build is built in.
pub(super) fn build_tag(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    Ok(build_tags(eval)?.iter().any(|tag| matches_any(&tag.name, patterns)))
}

/// `buildtag_inherits_from PATTERN..`: a tag that one of these inherits from.
pub(super) fn inherits_from(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    for tag in build_tags(eval)? {
        if eval.facts.ancestors(&tag)?.iter().any(|name| matches_any(name, patterns)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What the request says, else the target's, else those of the buildroots.
fn build_tags(eval: &mut Eval<'_>) -> Result<Vec<Tag>> {
    if let Some(tag) = eval.data.get("build_tag") {
        return Ok(vec![eval.facts.build_tag(tag)?]);
    }
    if let Some(Value::Array(tags)) = eval.data.get("build_tags")
        && !tags.is_empty()
    {
        return tags.iter().map(|tag| eval.facts.build_tag(tag)).collect();
    }
    if let Some(target) = eval.data.get("target").filter(|target| target.is_true())
        && let Some(tag) = eval.facts.find_target_build_tag(target)?
    {
        return Ok(vec![tag]);
    }
    let ids: Vec<i64> = buildroot_ids(eval)?.into_iter().flatten().collect();
    let buildroots = if ids.is_empty() { Vec::new() } else { eval.facts.buildroots(&ids)? };
    Ok(buildroots.into_iter().filter_map(|buildroot| buildroot.tag).collect())
}
