//! [`create`]: the metadata of one arch of a build repository, from the lists that the hub wrote: what builders did
//! with createrepo_c and mergerepo_c.

use std::collections::HashSet;
use std::path::Path;

use rayon::prelude::*;

use super::fragment::Fragment;
use super::fragment_cache::FragmentCache;
use super::merge::{self, Mode, Rules, Source};
use super::repomd::RepoMd;
use super::writer::{Compression, Location, Options, RepoWriter};
use crate::{Error, Result, arch};

/// How many packages are read before they are written: bounds the memory of a large repository.
const BATCH: usize = 512;
/// The file that tells people why a repository is empty.
const EMPTY: &str = "EMPTY_REPO";

/// What to make.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The directory of the repository (`repos/TAG/ID`), with `groups/comps.xml` and the directories of the arches
    pub repo_dir: &'a Path,
    /// The arch
    pub arch: &'a str,
    /// Where `repodata` goes
    pub dest: &'a Path,
    /// The metadata of the external repositories for this arch, in their order, on this machine
    pub external: &'a [Source<'a>],
    /// How these are merged
    pub mode: Mode,
    /// Where to keep what was read of the rpms
    pub cache: Option<&'a FragmentCache>,
    /// How the files are compressed
    pub compression: Compression,
    /// The time, in seconds since the epoch
    pub now_s: i64,
}

/// Makes the metadata. Paths of packages are as in `pkglist`: relative to the directory of the arch.
///
/// # Errors
/// When a list or an rpm cannot be read, or the metadata cannot be written; then what was in `dest` stays.
pub fn create(job: &Job<'_>) -> Result<RepoMd> {
    let arch_dir = job.repo_dir.join(job.arch);
    let packages = lines(&arch_dir.join("pkglist"))?;
    let comps = job.repo_dir.join("groups/comps.xml");
    let groups = comps.is_file().then(|| std::fs::read(&comps)).transpose();
    let groups = groups.map_err(|source| Error::io(&comps, source))?;
    let options = Options {
        compression: job.compression,
        groups: groups.as_deref(),
        revision: None,
        now_s: job.now_s,
        origins: !job.external.is_empty(),
    };
    std::fs::create_dir_all(job.dest).map_err(|source| Error::io(job.dest, source))?;
    if job.external.is_empty() {
        let repomd = local(job, &arch_dir, &packages, (job.dest, options))?;
        if packages.is_empty() {
            let path = job.dest.join("repodata").join(EMPTY);
            let why = "This repository is empty: its tag has nothing for this arch.\n";
            std::fs::write(&path, why).map_err(|source| Error::io(&path, source))?;
        }
        return Ok(repomd);
    }
    let own = tempfile::tempdir_in(job.dest).map_err(|source| Error::io(job.dest, source))?;
    let plain = Options { groups: None, origins: false, ..options };
    local(job, &arch_dir, &packages, (own.path(), plain))?;
    // the end of this name is how builders tell the hub's own packages in the list of origins
    let (repos, id) = (job.repo_dir.parent(), job.repo_dir.file_name().unwrap_or_default());
    let own_dir = format!("repo_{}_premerge", id.to_string_lossy());
    let own_url = format!("file://{}/{own_dir}/", repos.unwrap_or(Path::new("/")).display());
    let mut sources = vec![Source { url: &own_url, dir: own.path() }];
    sources.extend_from_slice(job.external);
    let blocked = lines(&arch_dir.join("blocklist"))?.into_iter().collect();
    let arches = merged_arches(job.arch);
    let rules = Rules { mode: job.mode, arches: Some(&arches), blocked: &blocked };
    merge::merge(job.dest, &sources, &rules, &options)
}

/// The metadata of the hub's own rpms.
fn local(
    job: &Job<'_>,
    arch_dir: &Path,
    packages: &[String],
    (dest, options): (&Path, Options<'_>),
) -> Result<RepoMd> {
    let mut writer = RepoWriter::create(dest, packages.len(), options)?;
    let dirs: Vec<&[String]> = packages.chunk_by(|left, right| dir_of(left) == dir_of(right)).collect();
    for batch in batches(&dirs) {
        let read = |paths: &&[String]| fragments(job.cache, arch_dir, paths);
        let fragments: Vec<Vec<Fragment>> = batch.par_iter().map(read).collect::<Result<_>>()?;
        let place = |path: &String| Location { href: path.clone(), ..Location::default() };
        let locations: Vec<Location> = batch.iter().flat_map(|paths| paths.iter()).map(place).collect();
        let placed: Vec<_> = fragments.iter().flatten().zip(&locations).collect();
        writer.add_all(&placed)?;
    }
    writer.finish()
}

/// The fragments of the rpms of one directory.
fn fragments(cache: Option<&FragmentCache>, arch_dir: &Path, paths: &[String]) -> Result<Vec<Fragment>> {
    match (cache, paths.first()) {
        (Some(cache), Some(first)) => {
            let names: Vec<&str> =
                paths.iter().map(|path| path.rsplit('/').next().unwrap_or_default()).collect();
            cache.fragments(&arch_dir.join(dir_of(first)), &names)
        }
        _ => paths.iter().map(|path| Fragment::of_file(&arch_dir.join(path), None)).collect(),
    }
}

/// Directories in groups of at least [`BATCH`] packages.
fn batches<'d, 'p>(dirs: &'d [&'p [String]]) -> Vec<&'d [&'p [String]]> {
    let mut batches = Vec::new();
    let (mut start, mut count) = (0, 0);
    for (at, dir) in dirs.iter().enumerate() {
        count += dir.len();
        if count >= BATCH {
            batches.push(&dirs[start..=at]);
            (start, count) = (at + 1, 0);
        }
    }
    if start < dirs.len() {
        batches.push(&dirs[start..]);
    }
    batches
}

fn dir_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

/// The lines of a list, sorted, each once.
fn lines(path: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, source))?;
    let mut lines: Vec<String> = text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    lines.sort();
    lines.dedup();
    // files of one directory stay together, whatever the names of directories in it
    lines.sort_by(|left, right| dir_of(left).cmp(dir_of(right)).then_with(|| left.cmp(right)));
    Ok(lines)
}

/// The arches of packages that mergerepo_c takes for the repository of an arch.
fn merged_arches(name: &str) -> HashSet<String> {
    let more: &[&str] = match name {
        "i386" => &["i486", "i586", "geode", "i686", "athlon"],
        "x86_64" => &["ia32e", "amd64"],
        "ppc64" => &["ppc64p7", "ppc64pseries", "ppc64iseries"],
        "sparc64" => &["sparc64v", "sparc64v2"],
        "sparc" => &["sparcv8", "sparcv9", "sparcv9v", "sparcv9v2"],
        "armhfp" => &["armv7hl", "armv7hnl"],
        "arm" => &["armv5tel", "armv5tejl", "armv6l", "armv7l"],
        "sh4" => &["sh4a"],
        _ => &[],
    };
    [name, arch::NOARCH].iter().chain(more).map(|name| (*name).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job<'a>(dir: &'a Path, dest: &'a Path) -> Job<'a> {
        Job {
            repo_dir: dir,
            arch: "x86_64",
            dest,
            external: &[],
            mode: Mode::Koji,
            cache: None,
            compression: Compression::Gzip,
            now_s: 7,
        }
    }

    #[test]
    fn an_empty_repository_says_so() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("x86_64")).unwrap();
        let dest = dir.path().join("out");
        assert!(create(&job(dir.path(), &dest)).unwrap_err().message.contains("pkglist"));
        std::fs::write(dir.path().join("x86_64/pkglist"), "").unwrap();
        let repomd = create(&job(dir.path(), &dest)).unwrap();
        assert_eq!(repomd.revision, "7");
        assert!(dest.join("repodata").join(EMPTY).is_file() && dest.join("repodata/repomd.xml").is_file());
    }

    #[test]
    fn batches_hold_whole_directories() {
        let paths: Vec<Vec<String>> = (0..5).map(|dir| vec![format!("{dir}/a"); BATCH / 2]).collect();
        let dirs: Vec<&[String]> = paths.iter().map(Vec::as_slice).collect();
        let sizes: Vec<usize> = batches(&dirs).iter().map(|batch| batch.len()).collect();
        assert_eq!(sizes, [2, 2, 1]);
        assert!(batches(&[]).is_empty());
    }

    #[test]
    fn lists_are_sorted_by_directory() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("list");
        std::fs::write(&path, "b/x\na/z\n\na/b/y\na/c\nb/x\n").unwrap();
        assert_eq!(lines(&path).unwrap(), ["a/c", "a/z", "a/b/y", "b/x"]);
    }
}
