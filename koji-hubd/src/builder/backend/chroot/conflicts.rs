//! What a package says must not be installed where it is built (`BuildConflicts`): nothing is installed that
//! the package names, so this looks at what other packages brought along.

use std::path::Path;
use std::process::Command;

use koji_core::rpm::capability::Capability;
use koji_core::rpm::deps::DepKind;
use koji_core::{Error, Result};

use super::Chroot;
use super::build::open;
use crate::builder::backend::provided::Provided;
use crate::builder::backend::{Site, installed};

impl Chroot {
    /// Refuses to build a source rpm beside what it does not go with.
    pub(super) fn refuse_conflicts(&mut self, site: &mut Site<'_>, source: &Path) -> Result<()> {
        let unwanted: Vec<_> = open(source)?.deps(DepKind::Conflict).iter().map(Capability::from).collect();
        for one in unwanted.iter().filter(|one| one.name.starts_with('(')) {
            self.note(
                site,
                &format!("BuildConflicts: {} is not looked at: only rpm understands it", one.name),
            )?;
        }
        if unwanted.is_empty() {
            return Ok(());
        }
        let (root, home) = (&self.place.root, &self.place.dnf);
        installed::write_macros(root, home)?;
        // this machine's rpm reads the root's database
        let provided = Provided::ask(Command::new("rpm").arg("--root").arg(root).env("HOME", home))?;
        let has_file = |path: &str| {
            let below = path.strip_prefix('/');
            below.is_some_and(|below| self.place.root.join(below).symlink_metadata().is_ok())
        };
        let found = found(&unwanted, &provided, has_file);
        if found.is_empty() {
            return Ok(());
        }
        let text = format!("the package must not be built beside what is installed: {}", found.join(", "));
        self.note(site, &text)?;
        Err(Error::build(format!(
            "{text}; its BuildConflicts say so: take it out of the tag's groups, or out of what the package \
             requires"
        )))
    }
}

/// What of the unwanted is there, in words.
fn found(unwanted: &[Capability], provided: &Provided, has_file: impl Fn(&str) -> bool) -> Vec<String> {
    let told = |one: &Capability| match provided.by(one) {
        Some(package) => Some(format!("{one} (by {package})")),
        None => has_file(&one.name).then(|| one.name.clone()),
    };
    unwanted.iter().filter_map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unwanted_packages_and_files_are_found() {
        let provided = Provided::parse("a-2-1.noarch\ta = 2-1\na-2-1.noarch\tvirtual\nbroken");
        let unwanted = ["a < 2", "a >= 2", "virtual", "/usr/bin/x"].map(Capability::parse);
        let told = found(&unwanted, &provided, |path| path == "/usr/bin/x");
        assert_eq!(told, ["a >= 2 (by a-2-1.noarch)", "virtual (by a-2-1.noarch)", "/usr/bin/x"]);
        assert!(found(&unwanted[..1], &provided, |_| false).is_empty());
    }
}
