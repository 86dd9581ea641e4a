//! External repositories of a tag: which of them an arch takes, how they are merged, and fetching their metadata.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use koji_core::client::{Download, Downloaded, Expected, Options as ClientOptions, Wanted, field};
use koji_core::compose::external::External;
use koji_core::compose::merge::Mode;
use koji_core::wire::Value;
use koji_core::{Error, Result, paths};

use super::run::{Run, need_text};

/// Fetches the metadata of the external repositories that are for an arch: the URL of each, and where its
/// metadata is now.
pub(super) fn fetch_all(run: &Run, externals: &[Value], arch: &str) -> Result<Vec<(String, PathBuf)>> {
    let mut fetched = vec![];
    for (at, external) in externals.iter().enumerate().filter(|(_, external)| is_for(external, arch)) {
        let url = need_text(external, "url")?.replace("$arch", arch);
        let dir = run.workdir().join(format!("external_{at}"));
        fetch(&url, &dir)?;
        fetched.push((url, dir));
    }
    Ok(fetched)
}

/// How external repositories are merged; all of a tag's must be merged in the same way.
pub(super) fn mode(externals: &[Value]) -> Result<Mode> {
    let name = |external: &Value| field(external, "merge_mode").as_str().unwrap_or("koji").to_owned();
    let names: HashSet<String> = externals.iter().map(name).collect();
    let mut names = names.into_iter();
    match (names.next().as_deref(), names.next()) {
        (Some("koji"), None) => Ok(Mode::Koji),
        (Some("simple"), None) => Ok(Mode::Simple),
        (Some("bare"), None) => Ok(Mode::Bare),
        (Some(other), None) => Err(Error::generic(format!("unknown merge mode {other:?}"))),
        _ => Err(Error::generic("Found multiple merge modes for external repos: give them one")),
    }
}

/// An external repository may be for some arches only.
fn is_for(external: &Value, arch: &str) -> bool {
    let arches = field(external, "arches").as_str().unwrap_or_default();
    arches.trim().is_empty() || arches.split_whitespace().any(|one| one == arch)
}

/// Gets the metadata of a repository into a directory. The list of files tells their digests.
fn fetch(url: &str, dir: &Path) -> Result<()> {
    let base = url.trim_end_matches('/');
    let mut download = Download::new(&ClientOptions::default());
    let mut get = |href: &str, expected: &Expected| -> Result<()> {
        let dest = paths::safe_join(dir, href)?;
        let Some(local) = base.strip_prefix("file://") else {
            let urls = [format!("{base}/{href}")];
            let wanted = Wanted { urls: &urls, dest: &dest, expected };
            return match download.fetch(&wanted, &mut |_| {})? {
                Downloaded::Absent => Err(Error::generic(format!("{}: there is no such file", urls[0]))),
                _ => Ok(()),
            };
        };
        if let Some(parent) = dest.parent() {
            fs::create_dir_all(parent).map_err(|error| Error::io(parent, error))?;
        }
        let source = Path::new(local).join(href);
        fs::copy(&source, &dest).map_err(|error| Error::io(&source, error))?;
        Ok(())
    };
    get("repodata/repomd.xml", &Expected::default())?;
    let repository = External::open(dir)?;
    repository.package_files().try_for_each(|file| {
        // other kinds of digests are rare, and old
        let known = ["md5", "sha1", "sha256", "sha512"].contains(&file.checksum_type);
        let expected = Expected::digest(file.checksum_type, file.checksum);
        get(file.href, &if known { expected } else { Expected::default() })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn external(mode: &str, arches: &str) -> Value {
        Value::Struct(map! { "merge_mode" => mode, "arches" => arches })
    }

    #[test]
    fn one_mode_for_all() {
        assert_eq!(mode(&[external("simple", ""), external("simple", "")]).unwrap(), Mode::Simple);
        assert_eq!(mode(&[Value::Struct(vec![])]).unwrap(), Mode::Koji);
        assert!(mode(&[external("simple", ""), external("bare", "")]).is_err());
        assert!(mode(&[external("moon", "")]).is_err());
    }

    #[test]
    fn some_are_for_some_arches() {
        assert!(is_for(&external("koji", ""), "x86_64"));
        assert!(is_for(&external("koji", "i386 x86_64"), "x86_64"));
        assert!(!is_for(&external("koji", "i386"), "x86_64"));
    }
}
