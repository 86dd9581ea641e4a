//! Names of builds and rpms: name-version-release, with epoch, arch and draft suffix, and their order.
//!
//! Only the form is judged here, as loosely as Koji does; what a site allows in names is in [`crate::names`].

use std::cmp::Ordering;

use rpm_version::Evr;
use serde::Serialize;

use crate::{Error, Result};

/// What separates a build's target release from the draft marker.
pub const DRAFT_DELIMITER: char = ',';

/// The parts of a build's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Nvr {
    /// The package name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The release, with the draft suffix if there is one.
    pub release: String,
    /// What stood before a colon, or empty. Koji keeps it as text.
    pub epoch: String,
}

impl Nvr {
    /// Splits `[epoch:]name-version-release` at its last two dashes.
    pub fn parse(text: &str) -> Result<Self> {
        let invalid = || Error::generic(format!("invalid format: {text}"));
        let (rest, release) = text.rsplit_once('-').ok_or_else(invalid)?;
        let (name, version) = rest.rsplit_once('-').ok_or_else(invalid)?;
        if release.is_empty() || version.is_empty() {
            return Err(invalid());
        }
        let (epoch, name) = name.split_once(':').unwrap_or(("", name));
        Ok(Self { name: name.into(), version: version.into(), release: release.into(), epoch: epoch.into() })
    }

    /// Refuses a dash in version or release, which parsing can't produce but a client's parts may hold.
    pub fn check(&self) -> Result<()> {
        check_parts(&self.version, &self.release)
    }

    /// Orders by epoch, version and release as rpm does; the name does not count.
    pub fn cmp_label(&self, other: &Self) -> Ordering {
        let left = Label { epoch: self.epoch.parse().ok(), version: &self.version, release: &self.release };
        let right =
            Label { epoch: other.epoch.parse().ok(), version: &other.version, release: &other.release };
        left.cmp(&right)
    }
}

impl std::fmt::Display for Nvr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", self.name, self.version, self.release)
    }
}

/// The parts of an rpm's name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Nvra {
    /// The rpm's name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The release.
    pub release: String,
    /// What stood before a colon, or empty.
    pub epoch: String,
    /// The arch.
    pub arch: String,
    /// Whether the arch is `src`.
    pub src: bool,
    /// The external repo that the rpm comes from, where the text named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

impl Nvra {
    /// Splits `name-version-release.arch`, with or without `.rpm`, and the `@location` of an external rpm.
    pub fn parse(text: &str) -> Result<Self> {
        let (text, location) = match text.split_once('@') {
            Some((text, location)) => (text, Some(location).filter(|location| !location.is_empty())),
            None => (text, None),
        };
        let text = text.strip_suffix(".rpm").unwrap_or(text);
        let (nvr, arch) = text
            .rsplit_once('.')
            .filter(|(_, arch)| !arch.is_empty())
            .ok_or_else(|| Error::generic(format!("invalid format: {text}")))?;
        let Nvr { name, version, release, epoch } = Nvr::parse(nvr)?;
        let location = location.map(Into::into);
        Ok(Self { name, version, release, epoch, arch: arch.into(), src: arch == "src", location })
    }

    /// Refuses a dash in version or release and a dot in the arch.
    pub fn check(&self) -> Result<()> {
        check_parts(&self.version, &self.release)?;
        if self.arch.contains('.') {
            return Err(Error::generic(r#"The "." character not allowed in arch field"#));
        }
        Ok(())
    }
}

impl std::fmt::Display for Nvra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}.{}", self.name, self.version, self.release, self.arch)
    }
}

fn check_parts(version: &str, release: &str) -> Result<()> {
    for (field, value) in [("version", version), ("release", release)] {
        if value.contains('-') {
            return Err(Error::generic(format!(r#"The "-" character not allowed in {field} field"#)));
        }
    }
    Ok(())
}

/// What rpm compares to tell which of two packages of a name is newer. No epoch counts as epoch 0.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    /// The epoch.
    pub epoch: Option<i64>,
    /// The version.
    pub version: &'a str,
    /// The release.
    pub release: &'a str,
}

impl Ord for Label<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let epochs = self.epoch.unwrap_or(0).cmp(&other.epoch.unwrap_or(0));
        epochs.then_with(|| {
            Evr::new("", self.version, self.release).cmp(&Evr::new("", other.version, other.release))
        })
    }
}

impl PartialOrd for Label<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Equal as rpm orders them: `1.0` and `1.00` are.
impl PartialEq for Label<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Label<'_> {}

/// Whether an rpm of this name carries debug information.
pub fn is_debuginfo(name: &str) -> bool {
    name.ends_with("-debuginfo") || name.ends_with("-debugsource") || name.contains("-debuginfo-")
}

/// The release of a draft build: the release it is to get, marked with the build's id.
pub fn draft_release(target_release: &str, build_id: i64) -> String {
    format!("{target_release}{DRAFT_DELIMITER}draft_{build_id}")
}

/// The release that a draft build gets when it is promoted. Not a draft's release: an error.
pub fn target_release(draft_release: &str) -> Result<&str> {
    match draft_release.split_once(DRAFT_DELIMITER) {
        Some((target, marker)) if marker.starts_with("draft_") => Ok(target),
        _ => Err(Error::generic(format!("draft release: {draft_release} is not in valid format"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_the_last_two_dashes() {
        let nvr = Nvr::parse("1:python-foo-bar-1.0-2.fc39").unwrap();
        assert_eq!((nvr.epoch.as_str(), nvr.name.as_str()), ("1", "python-foo-bar"));
        assert_eq!((nvr.version.as_str(), nvr.release.as_str()), ("1.0", "2.fc39"));
        assert_eq!(nvr.to_string(), "python-foo-bar-1.0-2.fc39");
        for bad in ["", "foo", "foo-1", "foo--1", "foo-1-"] {
            assert_eq!(Nvr::parse(bad).unwrap_err().message, format!("invalid format: {bad}"));
        }
    }

    #[test]
    fn reads_arch_and_location() {
        let rpm = Nvra::parse("foo-1-2.src.rpm@centos").unwrap();
        assert!(rpm.src);
        assert_eq!(rpm.location.as_deref(), Some("centos"));
        assert_eq!(Nvra::parse("foo-1-2.x86_64@").unwrap().location, None);
        assert!(Nvra::parse("foo-1-2.").is_err());
        assert!(Nvra::parse("foo-1-2").is_err());
    }

    #[test]
    fn checks_parts_from_clients() {
        let mut nvr = Nvr::parse("foo-1-2").unwrap();
        nvr.check().unwrap();
        nvr.version = "1-1".into();
        assert!(nvr.check().unwrap_err().message.contains("version"));
    }

    #[test]
    fn orders_as_rpm_does() {
        let order = |a: &str, b: &str| Nvr::parse(a).unwrap().cmp_label(&Nvr::parse(b).unwrap());
        assert_eq!(order("x-1.9-1", "x-1.10-1"), Ordering::Less);
        assert_eq!(order("1:x-1-1", "x-2-1"), Ordering::Greater);
        assert_eq!(order("0:x-1-1", "x-1-1"), Ordering::Equal);
        assert_eq!(order("x-1~rc1-1", "x-1-1"), Ordering::Less);
        assert_eq!(order("x-1-1.fc9", "x-1-1.fc10"), Ordering::Less);
    }

    #[test]
    fn draft_releases_go_both_ways() {
        assert_eq!(target_release(&draft_release("1.fc39", 7)).unwrap(), "1.fc39");
        assert!(target_release("1.fc39").is_err());
        assert!(target_release("1,other_3").is_err());
    }

    #[test]
    fn debuginfo_by_name() {
        assert!(is_debuginfo("foo-debuginfo") && is_debuginfo("foo-debugsource"));
        assert!(is_debuginfo("foo-debuginfo-common"));
        assert!(!is_debuginfo("foo-debugsource-x") && !is_debuginfo("debuginfo"));
    }
}
