//! Packages for tests, made by rpmbuild.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package to be made.
pub struct SourcePackage<'a> {
    /// Its name
    pub name: &'a str,
    /// Its version
    pub version: &'a str,
    /// `noarch`, or empty for the machine's own
    pub build_arch: &'a str,
    /// A package it requires, or empty
    pub requires: &'a str,
}

impl SourcePackage<'_> {
    /// The text of its spec file.
    pub fn spec(&self) -> String {
        let Self { name, version, build_arch, requires } = self;
        let arch = if build_arch.is_empty() { String::new() } else { format!("BuildArch: {build_arch}\n") };
        let needs = if requires.is_empty() { String::new() } else { format!("Requires: {requires}\n") };
        format!(
            "%global debug_package %{{nil}}\nName: {name}\nVersion: {version}\nRelease: 1\nSummary: A package for tests\n\
             License: MIT\n{arch}{needs}%description\nA package for tests.\n%prep\n%build\n%install\n\
             mkdir -p %{{buildroot}}/usr/share/{name}\necho {version} > %{{buildroot}}/usr/share/{name}/version\n\
             %files\n/usr/share/{name}\n%changelog\n* Mon Jan 01 2024 Tester <tester@example.org> - {version}-1\n- First\n"
        )
    }

    /// Makes its source rpm below a directory.
    pub fn source_rpm(&self, dir: &Path) -> PathBuf {
        self.build(dir, "-bs");
        rpm_of(&dir.join("SRPMS"), self.name)
    }

    /// Makes its binary rpm below a directory.
    pub fn binary_rpm(&self, dir: &Path) -> PathBuf {
        self.build(dir, "-bb");
        let arch = if self.build_arch.is_empty() { std::env::consts::ARCH } else { self.build_arch };
        rpm_of(&dir.join("RPMS").join(arch), self.name)
    }

    fn build(&self, dir: &Path, what: &str) {
        let spec = dir.join(format!("{}.spec", self.name));
        fs::create_dir_all(dir).unwrap();
        fs::write(&spec, self.spec()).unwrap();
        let top = format!("_topdir {}", dir.display());
        let built =
            Command::new("rpmbuild").args(["--quiet", what, "--define", &top]).arg(&spec).output().unwrap();
        assert!(built.status.success(), "rpmbuild: {}", String::from_utf8_lossy(&built.stderr));
    }
}

/// The rpm of a package in a directory.
pub fn rpm_of(dir: &Path, name: &str) -> PathBuf {
    let prefix = format!("{name}-");
    let found = fs::read_dir(dir)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(&prefix)));
    found.unwrap_or_else(|| panic!("no rpm of {name} in {}", dir.display()))
}
