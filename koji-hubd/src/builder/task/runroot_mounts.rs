//! [`Mounts`]: the file `runroot.conf`, which says what of this machine may be seen in a buildroot. Its form is that of
//! Koji's plugin; only directories are shown (`bind`), and as they are: not read-only.

use std::path::{Component, Path, PathBuf};

use koji_core::config::ini::{Ini, Source};
use koji_core::{Error, Fault, Result};

/// What may be shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Mounts {
    default: Vec<String>,
    safe_roots: Vec<String>,
    substitutions: Vec<(String, String)>,
    origins: Vec<Origin>,
}

/// Where a mount point comes from.
#[derive(Clone, Debug)]
struct Origin {
    section: String,
    mountpoint: String,
    path: String,
    options: Vec<String>,
}

impl Mounts {
    /// Reads the file; one that is missing shows nothing.
    pub fn load(file: &Path) -> Result<Self> {
        Self::from_ini(&Ini::read(&[Source::optional(file)])?)
    }

    fn from_ini(ini: &Ini) -> Result<Self> {
        let list = |name: &str| -> Vec<String> {
            let text = ini.get("paths", name).unwrap_or_default();
            text.split(',').map(str::trim).filter(|path| !path.is_empty()).map(str::to_owned).collect()
        };
        let mut mounts =
            Self { default: list("default_mounts"), safe_roots: list("safe_roots"), ..Self::default() };
        for line in ini.get("paths", "path_subs").unwrap_or_default().lines().map(str::trim) {
            match line.split(',').collect::<Vec<_>>()[..] {
                [""] => {}
                [from, to] => mounts.substitutions.push((from.to_owned(), to.to_owned())),
                _ => return Err(wrong(&format!("bad runroot substitution: {line}"))),
            }
        }
        let mut sections: Vec<(u32, &str)> = ini
            .sections()
            .filter_map(|section| Some((section.strip_prefix("path")?.parse().ok()?, section)))
            .collect();
        sections.sort_unstable();
        for (_, section) in sections {
            let option = |name: &str| {
                let found = ini.get(section, name).map(str::to_owned);
                found.ok_or_else(|| wrong(&format!("bad config: missing options in {section} section")))
            };
            let options = option("options")?.split(',').map(|word| word.trim().to_owned()).collect();
            let (mountpoint, path) = (option("mountpoint")?, option("path")?);
            mounts.origins.push(Origin { section: section.to_owned(), mountpoint, path, options });
        }
        let substituted = mounts.substitutions.iter().map(|(from, _)| from);
        let mut all = mounts.default.iter().chain(&mounts.safe_roots).chain(substituted);
        match all.find(|path| !path.starts_with('/')) {
            Some(path) => Err(wrong(&format!("bad config: all paths needs to be absolute: {path}"))),
            None => Ok(mounts),
        }
    }

    /// What is shown in a buildroot: the defaults, and what the caller asks for within the safe roots. Each is a
    /// directory here and where it is there.
    ///
    /// # Errors
    /// A mount that is not safe, or that can't be made.
    pub fn binds(&self, asked: &[String]) -> Result<Vec<(PathBuf, PathBuf)>> {
        let mut binds = vec![];
        for path in &self.default {
            binds.push(self.bind(path, false)?);
        }
        for mount in asked {
            let plain = |part| matches!(part, Component::RootDir | Component::Normal(_));
            let safe = self.safe_roots.iter().any(|root| Path::new(mount).starts_with(root));
            if !safe || !Path::new(mount).components().all(plain) {
                return Err(Error::generic(format!("read-write mount point is not safe: {mount}")));
            }
            let mut path = mount.clone();
            for (from, to) in &self.substitutions {
                path = path.replace(from, to);
            }
            binds.push(self.bind(&path, true)?);
        }
        Ok(binds)
    }

    fn bind(&self, path: &str, writable: bool) -> Result<(PathBuf, PathBuf)> {
        let origin = self.origins.iter().find(|origin| path.starts_with(&origin.mountpoint));
        let origin = origin.ok_or_else(|| wrong("bad config: missing corresponding mountpoint"))?;
        let has = |word: &str| origin.options.iter().any(|option| option == word);
        let section = &origin.section;
        if has("bg") {
            return Err(wrong("bad config: background mount not allowed"));
        }
        if !has("bind") {
            return Err(wrong(&format!("{section}: only bind mounts can be made: mount it on this host")));
        }
        if has("ro") && !writable {
            return Err(wrong(&format!("{section}: nothing can be shown read-only (ro) in a buildroot")));
        }
        let below = path[origin.mountpoint.len()..].trim_start_matches('/');
        Ok((Path::new(&origin.path).join(below), PathBuf::from(path)))
    }
}

fn wrong(text: &str) -> Error {
    Error::new(Fault::Configuration, format!("runroot.conf: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[paths]\ndefault_mounts = /mnt/archive\nsafe_roots = /mnt/workdir/tmp\n\
                        path_subs = /old/,/mnt/workdir/\n[path1]\nmountpoint = /mnt/workdir\npath = /srv/work\n\
                        fstype = none\noptions = bind,ro\n[path0]\nmountpoint = /mnt/archive\npath = /srv/archive\n\
                        fstype = none\noptions = bind\n";

    fn mounts(text: &str) -> Result<Mounts> {
        Mounts::from_ini(&Ini::from_text("runroot.conf", text).unwrap())
    }

    #[test]
    fn callers_get_what_is_safe() {
        let mounts = mounts(TEXT).unwrap();
        let asked = |path: &str| mounts.binds(&[path.to_owned()]);
        let pair = |from: &str, to: &str| (PathBuf::from(from), PathBuf::from(to));
        let archive = pair("/srv/archive", "/mnt/archive");
        let found = asked("/mnt/workdir/tmp/x").unwrap();
        assert_eq!(found, [archive, pair("/srv/work/tmp/x", "/mnt/workdir/tmp/x")]);
        for unsafe_path in ["/mnt/workdir", "/mnt/workdir/tmp/../x", "/mnt/workdir/tmpfoo", "relative"] {
            assert!(asked(unsafe_path).is_err(), "{unsafe_path}");
        }
        assert!(Mounts::load(Path::new("/nowhere")).unwrap().binds(&[]).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_made_is_named() {
        let told = |text: &str| mounts(text).and_then(|mounts| mounts.binds(&[])).unwrap_err().message;
        let with = |options: &str| TEXT.replace("options = bind\n", &format!("options = {options}\n"));
        assert!(told(&with("bind,ro")).contains("path0") && told(&with("nfs")).contains("only bind"));
        assert!(told(&with("bg")).contains("background"));
        assert!(told("[paths]\ndefault_mounts = x\n").contains("absolute"));
        assert!(told("[path0]\npath = /x\n").contains("missing options in path0"));
    }
}
