//! The directory of a new repository: for each arch a link to the top directory, the lists of rpms, and the names
//! of blocked packages.
//!
//! Builders read it by Koji's names: `ARCH/pkglist` has the paths for createrepo, through `ARCH/toplink`;
//! `ARCH/rpmlist.jsonl` tells of each rpm in a line; `ARCH/blocklist` has the source packages not to take from
//! external repositories.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::files::{link_to, make_dir};
use super::opts::RepoOpts;
use crate::tag::tagged::rpms::TaggedRpm;
use crate::{Error, Result, arch, nvr};

/// The link to the top directory in each arch.
pub const TOP_LINK: &str = "toplink";

/// The lists of a repository while they are written.
pub struct Tree {
    opts: RepoOpts,
    arches: BTreeMap<String, Lists>,
}

struct Lists {
    dir: PathBuf,
    pkglist: BufWriter<File>,
    rpmlist: BufWriter<File>,
}

/// The arches of a repository for the arches of a tag: canonical, without those that are none of a machine.
pub fn repo_arches(tag_arches: &str, opts: &RepoOpts) -> Vec<String> {
    let mut arches: Vec<String> = opts.separate_src.then(|| arch::SRC.to_owned()).into_iter().collect();
    for name in tag_arches.split_whitespace().map(arch::canonical) {
        if name != arch::SRC && name != arch::NOARCH && !arches.iter().any(|known| known == name) {
            arches.push(name.to_owned());
        }
    }
    arches
}

impl Tree {
    /// Makes the directories of the arches.
    pub fn create(repo_dir: &Path, top: &Path, arches: &[String], opts: RepoOpts) -> Result<Self> {
        let mut lists = BTreeMap::new();
        for name in arches {
            let dir = repo_dir.join(name);
            make_dir(&dir)?;
            link_to(&dir.join(TOP_LINK), top)?;
            let create = |file: &str| {
                let path = dir.join(file);
                File::create(&path).map(BufWriter::new).map_err(|source| Error::io(&path, source))
            };
            let (pkglist, rpmlist) = (create("pkglist")?, create("rpmlist.jsonl")?);
            lists.insert(name.clone(), Lists { dir, pkglist, rpmlist });
        }
        Ok(Self { opts, arches: lists })
    }

    /// Lists an rpm in the arches that it belongs to. `path` is from the top directory.
    pub fn add(&mut self, tagged: &TaggedRpm, path: &str) -> Result<()> {
        let (opts, rpm) = (self.opts, &tagged.row);
        if !opts.debuginfo && nvr::is_debuginfo(&rpm.name) {
            return Ok(());
        }
        let canonical = arch::canonical(&rpm.arch);
        let belongs = |name: &str| match canonical {
            arch::SRC => opts.src || (opts.separate_src && name == arch::SRC),
            arch::NOARCH => name != arch::SRC,
            other => name == other,
        };
        let mut json = None;
        for lists in self.arches.iter_mut().filter(|(name, _)| belongs(name)).map(|(_, lists)| lists) {
            let json = match &json {
                Some(json) => json,
                None => json.insert(serde_json::to_string(tagged)?),
            };
            let written =
                writeln!(lists.pkglist, "{TOP_LINK}/{path}").and_then(|()| writeln!(lists.rpmlist, "{json}"));
            written.map_err(|source| Error::io(&lists.dir, source))?;
        }
        Ok(())
    }

    /// Ends the lists.
    pub fn finish<'n>(self, blocked: impl Iterator<Item = &'n str>) -> Result<()> {
        let mut blocklist = String::new();
        for name in blocked {
            blocklist.push_str(name);
            blocklist.push('\n');
        }
        for mut lists in self.arches.into_values() {
            let dir = &lists.dir;
            let ended = lists
                .pkglist
                .flush()
                .and_then(|()| lists.rpmlist.flush())
                .and_then(|()| std::fs::write(dir.join("blocklist"), &blocklist));
            ended.map_err(|source| Error::io(dir, source))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::tagged::rpms::RpmRow;

    fn rpm(name: &str, arch: &str) -> TaggedRpm {
        let row = RpmRow {
            name: name.into(),
            version: "1".into(),
            release: "2".into(),
            arch: arch.into(),
            id: 7,
            epoch: None,
            draft: Some(false),
            payloadhash: String::new(),
            size: 1,
            buildtime: 0,
            buildroot_id: None,
            build_id: 3,
            metadata_only: false,
        };
        TaggedRpm { row, sigkey: None, extra: Some(None) }
    }

    fn listed(opts: RepoOpts) -> Vec<(String, String)> {
        let dir = tempfile::tempdir().unwrap();
        let repo = dir.path().join("repos/t/1");
        let arches = repo_arches("x86_64 i686 i586 noarch", &opts);
        let mut tree = Tree::create(&repo, dir.path(), &arches, opts).unwrap();
        for (name, arch) in
            [("a", "src"), ("a", "noarch"), ("b", "i586"), ("b-debuginfo", "x86_64"), ("c", "s390x")]
        {
            tree.add(&rpm(name, arch), &format!("{name}.{arch}")).unwrap();
        }
        tree.finish(["no", "nothing"].into_iter()).unwrap();
        for name in &arches {
            let arch_dir = repo.join(name);
            assert_eq!(std::fs::read_to_string(arch_dir.join("blocklist")).unwrap(), "no\nnothing\n");
            assert_eq!(arch_dir.join(TOP_LINK).canonicalize().unwrap(), dir.path().canonicalize().unwrap());
        }
        let list = |name: &String| {
            let text = std::fs::read_to_string(repo.join(name).join("pkglist")).unwrap();
            (name.clone(), text.replace("toplink/", "").replace('\n', " ").trim().to_owned())
        };
        arches.iter().map(list).collect()
    }

    #[test]
    fn rpms_go_where_they_belong() {
        let pair = |arch: &str, list: &str| (arch.to_owned(), list.to_owned());
        assert_eq!(
            listed(RepoOpts::default()),
            [pair("x86_64", "a.noarch"), pair("i386", "a.noarch b.i586")]
        );
        let opts = RepoOpts { separate_src: true, debuginfo: true, ..RepoOpts::default() };
        assert_eq!(
            listed(opts),
            [
                pair("src", "a.src"),
                pair("x86_64", "a.noarch b-debuginfo.x86_64"),
                pair("i386", "a.noarch b.i586")
            ]
        );
        let opts = RepoOpts { src: true, ..RepoOpts::default() };
        assert_eq!(listed(opts), [pair("x86_64", "a.src a.noarch"), pair("i386", "a.src a.noarch b.i586")]);
    }
}
