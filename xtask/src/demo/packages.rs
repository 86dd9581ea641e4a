//! The source packages of the demo: a program in C, and the data that it requires.
//!
//! Automatic dependencies are off, for the root that they are installed into has no system below it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;

/// A source package.
pub struct Package {
    name: &'static str,
    spec: &'static str,
    sources: &'static [(&'static str, &'static str)],
}

/// In the order in which they are built.
pub const ALL: [Package; 2] = [
    Package {
        name: "koji-greetings",
        spec: include_str!("koji-greetings.spec"),
        sources: &[("greetings", include_str!("greetings"))],
    },
    Package {
        name: "koji-greeter",
        spec: include_str!("koji-greeter.spec"),
        sources: &[("koji-greeter.c", include_str!("koji-greeter.c"))],
    },
];

impl Package {
    /// Makes the source rpm; its path.
    pub fn source_rpm(&self, dir: &Path) -> Result<PathBuf> {
        let wrong = |error: std::io::Error| format!("{}: {error}", dir.display());
        fs::create_dir_all(dir.join("SOURCES")).map_err(wrong)?;
        for (name, text) in self.sources {
            fs::write(dir.join("SOURCES").join(name), text).map_err(wrong)?;
        }
        let spec = dir.join(format!("{}.spec", self.name));
        fs::write(&spec, self.spec).map_err(wrong)?;
        let mut rpmbuild = Command::new("rpmbuild");
        rpmbuild.args(["-bs", "--quiet", "--define", &format!("_topdir {}", dir.display())]).arg(&spec);
        crate::install::run(&mut rpmbuild)?;
        Ok(dir.join("SRPMS").join(format!("{}-1.0-1.src.rpm", self.name)))
    }
}
