//! [`Held`]: what this host has already, by its rpm database, its files and its libraries.

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;

use koji_core::compose::offer::Offer;
use koji_core::rpm::capability::Capability;

use crate::builder::backend::provided::Provided;

/// What the host has.
#[derive(Debug, Default)]
pub(super) struct Held {
    provided: Provided,
    libraries: HashSet<String>,
}

impl Held {
    /// Asks rpm about a database, and the linker. What can't be asked tells of nothing.
    pub(super) fn read(database: &Path) -> Self {
        let mut rpm = Command::new("rpm");
        rpm.arg("--dbpath").arg(database).env("HOME", "/");
        let told = Command::new("ldconfig").arg("-p").output();
        let told = told.map(|told| String::from_utf8_lossy(&told.stdout).into_owned()).unwrap_or_default();
        let provided = Provided::ask(&mut rpm).unwrap_or_else(|error| {
            tracing::warn!(%error, "nothing is known of what is installed");
            Provided::default()
        });
        Self { provided, libraries: libraries(&told) }
    }

    /// Whether an installed package provides it.
    pub(super) fn has_installed(&self, need: &Capability) -> bool {
        self.provided.by(need).is_some() || has_file(need)
    }

    /// Whether it is here in any way: a package that is not rpm's may have brought a library or a program.
    pub(super) fn has(&self, need: &Capability) -> bool {
        // what rpm itself can do, and what only rpm's own solver understands
        let is_rpms = ["rpmlib(", "config(", "rtld(", "("].iter().any(|start| need.name.starts_with(start));
        let library = need.name.split_once('(').map_or(need.name.as_str(), |(library, _)| library);
        is_rpms || self.has_installed(need) || self.libraries.contains(library)
    }
}

/// The names that the linker's list begins its lines with.
fn libraries(list: &str) -> HashSet<String> {
    list.lines().filter_map(|line| Some(line.strip_prefix('\t')?.split_once(' ')?.0.to_owned())).collect()
}

/// Whether it is a file, and this host has it.
pub(super) fn has_file(need: &Capability) -> bool {
    need.name.starts_with('/') && Path::new(&need.name).exists()
}

/// Whether all programs of a package are on this host, and there is at least one.
pub(super) fn has_programs(offer: &Offer) -> bool {
    let mut programs = offer.files.iter().filter(|file| file.contains("bin/")).peekable();
    programs.peek().is_some() && programs.all(|file| Path::new(file).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_files_and_libraries_count() {
        let held = Held {
            provided: Provided::parse("make-4-1.noarch\tmake  =  1:4-1\n"),
            libraries: libraries("2 libs found\n\tlibc.so.6 (libc6,x86-64) => /l\n"),
        };
        for (need, has) in [
            ("make >= 3", true),
            ("make < 1:4", false),
            ("libc.so.6(GLIBC_2.38)(64bit)", true),
            ("libm.so.6()(64bit)", false),
            ("rpmlib(CompressedFileNames) <= 3", true),
            ("/bin/sh", true),
            ("/bin/nonesuch", false),
        ] {
            assert_eq!(held.has(&Capability::parse(need)), has, "{need}");
        }
        let offer = |files: &[&str]| Offer {
            files: files.iter().map(|file| (*file).into()).collect(),
            ..Offer::default()
        };
        assert!(has_programs(&offer(&["/bin/sh", "/etc/none"])));
        assert!(!has_programs(&offer(&["/bin/sh", "/usr/bin/nonesuch"])) && !has_programs(&offer(&[])));
    }
}
