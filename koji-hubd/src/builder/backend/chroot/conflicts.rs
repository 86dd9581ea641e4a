//! What a package says must not be installed where it is built (`BuildConflicts`): nothing is installed that
//! the package names, so this looks at what other packages brought along.

use std::path::Path;
use std::process::Command;

use koji_core::rpm::deps::{Dep, DepKind};
use koji_core::{Error, Fault, Result};

use super::Chroot;
use super::build::open;
use crate::builder::backend::{Site, installed};

/// A line for each thing that an installed package provides.
const FORMAT: &str =
    "[%{=NAME}-%{=VERSION}-%{=RELEASE}.%{=ARCH}\\t%{PROVIDENAME}\\t%{PROVIDEFLAGS}\\t%{PROVIDEVERSION}\\n]";

impl Chroot {
    /// Refuses to build a source rpm beside what it does not go with.
    pub(super) fn refuse_conflicts(&mut self, site: &mut Site<'_>, source: &Path) -> Result<()> {
        let unwanted = open(source)?.deps(DepKind::Conflict);
        for one in unwanted.iter().filter(|one| one.name.starts_with('(')) {
            self.note(
                site,
                &format!("BuildConflicts: {} is not looked at: only rpm understands it", one.name),
            )?;
        }
        if unwanted.is_empty() {
            return Ok(());
        }
        let provided = provided(&self.place.root, &self.place.dnf)?;
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

/// What the packages of a root provide, each with the package; this machine's rpm reads the root's database.
fn provided(root: &Path, home: &Path) -> Result<Vec<(String, Dep)>> {
    installed::write_macros(root, home)?;
    let mut rpm = Command::new("rpm");
    rpm.arg("--root").arg(root).args(["-qa", "--qf", FORMAT]).env("HOME", home).current_dir("/");
    let wrong = |why: String| Error::new(Fault::Buildroot, format!("cannot tell what is provided: {why}"));
    let output = rpm.output().map_err(|error| wrong(format!("rpm does not run: {error}")))?;
    if !output.status.success() {
        return Err(wrong(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(parse).collect())
}

fn parse(line: &str) -> Option<(String, Dep)> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [package, name, flags, version] = fields[..] else { return None };
    let (flags, kind) = (flags.parse().ok()?, DepKind::Provide as i64);
    Some((package.to_owned(), Dep { name: name.to_owned(), version: version.to_owned(), flags, kind }))
}

/// What of the unwanted is there, in words.
fn found(unwanted: &[Dep], provided: &[(String, Dep)], has_file: impl Fn(&str) -> bool) -> Vec<String> {
    let told = |one: &Dep| {
        let what = format!("{} {} {}", one.name, one.comparison(), one.version);
        let by = provided.iter().find(|(_, provided)| provided.overlaps(one));
        match by {
            Some((package, _)) => Some(format!("{} (by {package})", what.trim())),
            None => has_file(&one.name).then(|| one.name.clone()),
        }
    };
    unwanted.iter().filter_map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unwanted_packages_and_files_are_found() {
        let dep = |name: &str, flags, version: &str| Dep {
            name: name.into(),
            version: version.into(),
            flags,
            kind: DepKind::Conflict as i64,
        };
        let provided: Vec<_> = ["a-2-1.noarch\ta\t8\t2-1", "a-2-1.noarch\tvirtual\t0\t", "broken"]
            .into_iter()
            .filter_map(parse)
            .collect();
        assert_eq!(provided.len(), 2);
        let unwanted = [dep("a", 2, "2"), dep("a", 12, "2"), dep("virtual", 0, ""), dep("/usr/bin/x", 0, "")];
        let told = found(&unwanted, &provided, |path| path == "/usr/bin/x");
        assert_eq!(told, ["a >= 2 (by a-2-1.noarch)", "virtual (by a-2-1.noarch)", "/usr/bin/x"]);
        assert!(found(&unwanted[..1], &provided, |_| false).is_empty());
    }
}
