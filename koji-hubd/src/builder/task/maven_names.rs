//! The names of Maven builds: group, artifact and version as a package's name and version.

use koji_core::client::field;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

/// The build that Maven's names stand for; the hub counts its release.
pub(super) fn build_of(maven_info: &Value) -> Result<Map> {
    let part = |name| {
        field(maven_info, name)
            .as_str()
            .ok_or_else(|| Error::build(format!("the Maven build tells no {name}")))
    };
    let name = format!("{}-{}", part("group_id")?, part("artifact_id")?);
    Ok(map! {
        "name" => name.as_str(),
        "version" => part("version")?.replace('-', "_"),
        "release" => Value::Nil,
        "epoch" => Value::Nil,
        "package_name" => name.as_str(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyphens_stay_in_names_only() {
        let told = map! { "group_id" => "org.x", "artifact_id" => "a-tool", "version" => "1-rc2" };
        let build = Value::Struct(build_of(&Value::Struct(told)).unwrap());
        assert_eq!(field(&build, "name").as_str(), Some("org.x-a-tool"));
        assert_eq!(field(&build, "version").as_str(), Some("1_rc2"));
        assert!(build_of(&Value::Nil).unwrap_err().message.contains("group_id"));
    }
}
