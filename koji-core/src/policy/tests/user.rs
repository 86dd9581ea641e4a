//! Tests of the user that a request is made for: the one it names, or the one who calls.

use crate::Result;
use crate::policy::eval::Eval;
use crate::policy::facts::User;
use crate::policy::glob::matches_any;

fn find(eval: &mut Eval<'_>) -> Result<Option<User>> {
    eval.facts.find_user(eval.data.given("user_id"))
}

/// `user PATTERN..`: the user's name.
pub(super) fn user(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    Ok(find(eval)?.is_some_and(|user| matches_any(&user.name, patterns)))
}

/// `user_in_group PATTERN..`: a group that the user is in.
pub(super) fn in_group(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    let Some(user) = find(eval)? else { return Ok(false) };
    Ok(eval.facts.user_groups(user.id)?.iter().any(|(_, name)| matches_any(name, patterns)))
}

/// `has_perm PATTERN..`: a permission that the user holds.
pub(super) fn has_perm(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    let Some(user) = find(eval)? else { return Ok(false) };
    Ok(eval.facts.user_perms(user.id)?.iter().any(|perm| matches_any(perm, patterns)))
}
