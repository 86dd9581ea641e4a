//! Versions and releases of images: what they must not have, and the next one.

use koji_core::api::build::GetNextRelease;
use koji_core::api::host_typed::HostInitImageBuild;
use koji_core::wire::Value;
use koji_core::{Error, Fault, Result};

use super::super::run::Run;

/// Neither may have a hyphen: it parts them in names.
pub(super) fn check(version: &str, release: &Value) -> Result<()> {
    let parts = [("Version", version), ("Release", release.as_str().unwrap_or_default())];
    match parts.iter().find(|(_, text)| text.contains('-')) {
        Some((what, _)) => Err(Error::new(Fault::Appliance, format!("The {what} may not have a hyphen"))),
        None => Ok(()),
    }
}

/// Begins a build; the hub counts the release if none is given.
pub(super) fn begin(run: &mut Run, (name, version): (&str, &str), release: &Value) -> Result<Value> {
    let release = if release.is_true() { release.clone() } else { Value::Nil };
    let build = map! { "name" => name, "version" => version, "release" => release, "epoch" => 0 };
    run.ask(HostInitImageBuild::new(run.id, build))
}

/// The release of a scratch build: what the next build would have, if none is given.
pub(super) fn of_scratch(run: &mut Run, (name, version): (&str, &str), release: &Value) -> Result<String> {
    match release.as_str().filter(|release| !release.is_empty()) {
        Some(release) => Ok(release.to_owned()),
        None => run.call(GetNextRelease::new(map! { "name" => name, "version" => version })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyphens_are_refused() {
        check("1.0", &Value::Nil).unwrap();
        check("1.0", &"2".into()).unwrap();
        let error = check("1-0", &Value::Nil).unwrap_err();
        assert_eq!((error.fault, &*error.message), (Fault::Appliance, "The Version may not have a hyphen"));
        assert_eq!(check("1", &"a-b".into()).unwrap_err().message, "The Release may not have a hyphen");
    }
}
