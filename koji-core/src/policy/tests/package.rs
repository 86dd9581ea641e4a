//! Tests of the package and of what a build is called and where it lies.

use super::build::there;
use super::field::matches;
use crate::policy::data::text;
use crate::policy::eval::Eval;
use crate::policy::facts::Package;
use crate::policy::glob::matches_any;
use crate::wire::Value;
use crate::{Error, Result};

/// `package PATTERN..`: the package's name.
pub(super) fn package(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    Ok(matches_any(&find(eval)?.name, patterns))
}

/// `is_new_package`: the package does not exist yet.
pub(super) fn is_new(_: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    Ok(find(eval)?.id.is_none())
}

fn find(eval: &mut Eval<'_>) -> Result<Package> {
    if let Some(package) = eval.data.get("package") {
        return match (eval.facts.find_package(package)?, package) {
            (Some(found), _) => Ok(found),
            (None, Value::String(name)) => Ok(Package { id: None, name: name.clone() }),
            (None, _) => {
                Err(Error::generic(format!("No such package: {}", text(package).unwrap_or_default())))
            }
        };
    }
    let build = eval.data.get("build").ok_or_else(|| Error::generic("policy requires package data"))?;
    // a build's package exists; its id does not matter to any test
    let build = eval.facts.build(build)?;
    Ok(Package { id: Some(build.id), name: build.package })
}

/// `version PATTERN..`: the version.
pub(super) fn version(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    part("version", patterns, eval)
}

/// `release PATTERN..`: the release.
pub(super) fn release(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    part("release", patterns, eval)
}

fn part(field: &str, patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    if let Some(value) = eval.data.get(field) {
        return matches(field, value, patterns);
    }
    let Some(build) = eval.data.get("build") else {
        return Err(Error::generic(format!("policy requires {field} data")));
    };
    let build = eval.facts.build(build)?;
    Ok(matches_any(if field == "version" { &build.version } else { &build.release }, patterns))
}

/// `volume PATTERN..`: the volume that is asked for, or the build's.
pub(super) fn volume(patterns: &[String], eval: &mut Eval<'_>) -> Result<bool> {
    let volume = match (eval.data.get("volume"), eval.data.get("build")) {
        (Some(volume), _) => eval.facts.find_volume(volume)?,
        (None, Some(build)) => Some(there(eval.facts.find_build(build)?)?.volume),
        (None, None) => None,
    };
    Ok(volume.is_some_and(|volume| matches_any(&volume, patterns)))
}
