//! The macros that packages are built with.

use crate::builder::buildroot::BuildRoot;
use crate::builder::config::Settings;

/// Name and value of each macro of a build, without the percent sign. The tag's stand above the builder's,
/// and below those that say where things are and for what is built.
pub(super) fn of(settings: &Settings, root: &BuildRoot, topdir: &str) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut macros = vec![pair("_rpmfilename", "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm")];
    macros.extend(["vendor", "packager", "distribution"].map(|name| pair(name, settings.text(name))));
    macros.extend(root.macros.iter().cloned());
    macros.extend([
        pair("_topdir", topdir),
        pair("_host_cpu", &root.target_arch),
        pair("_host", &format!("{}-{}", root.target_arch, settings.text("mockhost"))),
    ]);
    macros
}

/// The text of a file of macros.
pub(super) fn file(macros: &[(String, String)]) -> String {
    let line = |(name, value): &(String, String)| format!("%{name} {}\n", value.replace('\n', "\\\n"));
    macros.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_have_lines() {
        let macros =
            [("dist", ".el9"), ("two", "a\nb")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(file(&macros), "%dist .el9\n%two a\\\nb\n");
    }
}
