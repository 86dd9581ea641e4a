//! Tests of the user that a request is made for: the one it names, or the one who calls.

use crate::policy::data::Data;
use crate::policy::eval::Eval;
use crate::policy::facts::{Facts, User};
use crate::policy::glob::matches_any;
use crate::wire::Value;
use crate::{Error, Result};

fn find(eval: &mut Eval<'_>) -> Result<Option<User>> {
    of_request(eval.data, eval.facts)
}

/// The user that a request names, or the one who calls. A request that names nobody must have a caller.
pub(in crate::policy) fn of_request(data: &Data, facts: &mut dyn Facts) -> Result<Option<User>> {
    match data.get("user_id") {
        Some(Value::Nil) => match facts.find_user(None)? {
            Some(caller) => Ok(Some(caller)),
            None => Err(Error::generic("No user provided")),
        },
        named => facts.find_user(named),
    }
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
