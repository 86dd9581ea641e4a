//! Tests of the content generators that a build comes from.

use std::collections::BTreeSet;

use super::field::unfit;
use crate::Result;
use crate::policy::eval::Eval;
use crate::policy::glob::matches_any;
use crate::wire::Value;

/// `cg_match_any PATTERN..`: at least one content generator.
pub(super) fn match_any(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    Ok(generators(eval)?.iter().flatten().any(|name| matches_any(name, patterns)))
}

/// `cg_match_all PATTERN..`: there are some, and every part comes from one that matches.
pub(super) fn match_all(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    let generators = generators(eval)?;
    let matches = |name: &Option<String>| name.as_ref().is_some_and(|name| matches_any(name, patterns));
    Ok(!generators.is_empty() && generators.iter().all(matches))
}

/// None stands for a part without a buildroot, or whose buildroot is Koji's own.
fn generators(eval: &mut Eval<'_>) -> Result<BTreeSet<Option<String>>> {
    if let Some(given) = eval.data.get("cg_list") {
        let Value::Array(list) = given else { return Err(unfit("cg_list", "a list", given)) };
        return list.iter().map(|generator| eval.facts.content_generator(generator).map(Some)).collect();
    }
    let ids = buildroot_ids(eval)?;
    let known: Vec<i64> = ids.iter().copied().flatten().collect();
    let mut generators = BTreeSet::new();
    if known.len() < ids.len() {
        generators.insert(None);
    }
    if !known.is_empty() {
        generators
            .extend(eval.facts.buildroots(&known)?.into_iter().map(|buildroot| buildroot.content_generator));
    }
    Ok(generators)
}

/// The buildroots that a request or its build has parts from; none for a part that has no buildroot.
pub(super) fn buildroot_ids(eval: &mut Eval<'_>) -> Result<BTreeSet<Option<i64>>> {
    if let Some(given) = eval.data.get("buildroots") {
        let Value::Array(list) = given else { return Err(unfit("buildroots", "a list", given)) };
        let id = |value: &Value| if let Value::Int(id) = value { Some(*id) } else { None };
        return Ok(list.iter().map(id).collect());
    }
    let Some(build) = eval.data.get("build") else { return Ok(BTreeSet::new()) };
    let build = eval.facts.build(build)?;
    Ok(eval.facts.build_buildroots(build.id)?.into_iter().collect())
}
