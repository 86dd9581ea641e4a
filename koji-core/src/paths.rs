//! Koji's directory layout below the top directory, and the guard for paths that clients send.
//!
//! The layout is part of Koji's interface: tools and web servers read it directly. Nothing is created here.
//! A path from a client never leaves the top directory: see [`safe_join`].

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use crate::{Error, Result};

/// Where Koji keeps its files if nothing else is configured.
pub const DEFAULT_TOP: &str = "/mnt/koji";
/// The name of the volume that is the top directory itself.
pub const DEFAULT_VOLUME: &str = "DEFAULT";

/// What a build's directory depends on.
#[derive(Clone, Copy, Debug)]
pub struct BuildDir<'a> {
    /// The package name.
    pub name: &'a str,
    /// The version.
    pub version: &'a str,
    /// The release.
    pub release: &'a str,
    /// The volume's name; none is the default volume.
    pub volume: Option<&'a str>,
}

/// What an rpm's file name depends on.
#[derive(Clone, Copy, Debug)]
pub struct RpmFile<'a> {
    /// The rpm's name.
    pub name: &'a str,
    /// The version.
    pub version: &'a str,
    /// The release as in the rpm, without a draft suffix.
    pub release: &'a str,
    /// The arch.
    pub arch: &'a str,
}

/// The layout below one top directory. An empty top directory makes paths relative to it.
#[derive(Clone, Debug)]
pub struct Paths {
    top: PathBuf,
}

impl Default for Paths {
    fn default() -> Self {
        Self::new(DEFAULT_TOP)
    }
}

impl Paths {
    /// The layout below a top directory.
    pub fn new(top: impl Into<PathBuf>) -> Self {
        Self { top: top.into() }
    }

    /// The top directory.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// Where a volume's files are.
    pub fn volume(&self, volume: Option<&str>) -> PathBuf {
        match volume {
            None | Some(DEFAULT_VOLUME) => self.top.clone(),
            Some(volume) => self.top.join(format!("vol/{volume}")),
        }
    }

    /// A build's directory.
    pub fn build(&self, build: BuildDir<'_>) -> PathBuf {
        let BuildDir { name, version, release, volume } = build;
        self.volume(volume).join(format!("packages/{name}/{version}/{release}"))
    }

    /// A build's Maven artifacts.
    pub fn maven_build(&self, build: BuildDir<'_>) -> PathBuf {
        self.build(build).join("maven")
    }

    /// A build's Windows files.
    pub fn win_build(&self, build: BuildDir<'_>) -> PathBuf {
        self.build(build).join("win")
    }

    /// A build's images.
    pub fn image_build(&self, build: BuildDir<'_>) -> PathBuf {
        self.build(build).join("images")
    }

    /// A build's files of one build type.
    pub fn type_dir(&self, build: BuildDir<'_>, btype: &str) -> PathBuf {
        match btype {
            "maven" => self.maven_build(build),
            "win" => self.win_build(build),
            "image" => self.image_build(build),
            _ => self.build(build).join(format!("files/{btype}")),
        }
    }

    /// A build's logs.
    pub fn build_logs(&self, build: BuildDir<'_>) -> PathBuf {
        self.build(build).join("data/logs")
    }

    /// A build repository.
    pub fn repo(&self, repo_id: i64, tag: &str) -> PathBuf {
        self.repo_named(&repo_id.to_string(), tag)
    }

    /// A build repository by a name, such as `latest`.
    pub fn repo_named(&self, name: &str, tag: &str) -> PathBuf {
        self.top.join(format!("repos/{tag}/{name}"))
    }

    /// What the build repositories of a tag share.
    pub fn repo_cache(&self, tag: &str) -> PathBuf {
        self.top.join(format!("repos/{tag}/cache"))
    }

    /// A distribution repository.
    pub fn dist_repo(&self, repo_id: i64, tag: &str, volume: Option<&str>) -> PathBuf {
        self.dist_repo_named(&repo_id.to_string(), tag, volume)
    }

    /// A distribution repository by a name, such as `latest`.
    pub fn dist_repo_named(&self, name: &str, tag: &str, volume: Option<&str>) -> PathBuf {
        self.volume(volume).join(format!("repos-dist/{tag}/{name}"))
    }

    /// Where tasks and uploads leave their files.
    pub fn work(&self, volume: Option<&str>) -> PathBuf {
        self.volume(volume).join("work")
    }

    /// A task's output.
    pub fn task(&self, task_id: i64, volume: Option<&str>) -> PathBuf {
        self.work(volume).join(task_relative(task_id))
    }

    /// The output of scratch builds.
    pub fn scratch(&self) -> PathBuf {
        self.top.join("scratch")
    }
}

/// A task's output below the work directory.
pub fn task_relative(task_id: i64) -> String {
    format!("tasks/{}/{task_id}", task_id.rem_euclid(10_000))
}

/// An rpm below its build's directory.
pub fn rpm(rpm: RpmFile<'_>) -> String {
    let RpmFile { name, version, release, arch } = rpm;
    format!("{arch}/{name}-{version}-{release}.{arch}.rpm")
}

/// A signed copy of an rpm below its build's directory.
pub fn signed(file: RpmFile<'_>, sigkey: &str) -> String {
    format!("data/signed/{sigkey}/{}", rpm(file))
}

/// The kept signature header of an rpm below its build's directory.
pub fn signature_header(file: RpmFile<'_>, sigkey: &str) -> String {
    format!("data/sigcache/{sigkey}/{}.sig", rpm(file))
}

/// The directory of a Maven artifact in a Maven repository.
pub fn maven_repo(group_id: &str, artifact_id: &str, version: &str) -> String {
    format!("{}/{artifact_id}/{version}", group_id.replace('.', "/"))
}

/// A Windows file below its build's Windows directory; `relpath` may be empty.
pub fn win_file(relpath: &str, filename: &str) -> String {
    if relpath.is_empty() { filename.into() } else { format!("{relpath}/{filename}") }
}

/// Refuses what can't be one directory or file name, such as a version `..` or a sigkey `a/b`.
pub fn check_segment<'a>(what: &str, value: &'a str) -> Result<&'a str> {
    if value.is_empty() || value == "." || value == ".." || value.contains(['/', '\0']) {
        return Err(Error::generic(format!("Invalid {what}: {value:?} can't be a file name")));
    }
    Ok(value)
}

/// Joins a client's path to a directory that it must not leave.
///
/// Absolute paths, `..` and NUL are refused, and so are existing symlinks that lead outside. Links that Koji
/// makes between builds and volumes stay inside. A link directly below `top` or `top/vol` is the
/// administrator's (clients can't write there) and may put that directory on another disk.
pub fn safe_join(top: &Path, client_path: &str) -> Result<PathBuf> {
    let refuse = || Error::generic(format!("Invalid path segment: {client_path:?}"));
    if client_path.contains('\0') {
        return Err(refuse());
    }
    let mut joined = top.to_path_buf();
    for component in Path::new(client_path).components() {
        match component {
            Component::Normal(name) => joined.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return Err(refuse()),
        }
    }
    let Some(real) = resolve_existing(top, &joined).map_err(|error| refuse().caused_by(error))? else {
        return Ok(joined);
    };
    let top = top.canonicalize().map_err(|error| Error::io(top, error))?;
    if real.starts_with(&top) || trusted_links(&top).iter().any(|root| real.starts_with(root)) {
        return Ok(joined);
    }
    Err(refuse())
}

/// Where the deepest existing part of a path really is; none if not even `top` exists. A dangling link is
/// an error, for a later write would follow it to wherever it leads.
fn resolve_existing(top: &Path, path: &Path) -> std::io::Result<Option<PathBuf>> {
    for part in path.ancestors().take_while(|part| part.starts_with(top)) {
        match part.symlink_metadata() {
            Ok(_) => return part.canonicalize().map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn trusted_links(top: &Path) -> Vec<PathBuf> {
    let entries = [top.to_path_buf(), top.join("vol")].into_iter().filter_map(|dir| dir.read_dir().ok());
    let links =
        entries.flatten().flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
    links.filter_map(|entry| entry.path().canonicalize().ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    const BUILD: BuildDir<'_> = BuildDir { name: "foo", version: "1", release: "2", volume: None };
    const RPM: RpmFile<'_> = RpmFile { name: "foo-libs", version: "1", release: "2", arch: "x86_64" };

    #[test]
    fn layout() {
        let paths = Paths::default();
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        assert_eq!(text(paths.build(BUILD)), "/mnt/koji/packages/foo/1/2");
        let other = BuildDir { volume: Some("v2"), ..BUILD };
        assert_eq!(text(paths.build(other)), "/mnt/koji/vol/v2/packages/foo/1/2");
        assert_eq!(text(paths.volume(Some("DEFAULT"))), "/mnt/koji");
        assert_eq!(text(paths.type_dir(BUILD, "image")), "/mnt/koji/packages/foo/1/2/images");
        assert_eq!(text(paths.type_dir(BUILD, "icon")), "/mnt/koji/packages/foo/1/2/files/icon");
        assert_eq!(text(paths.build_logs(BUILD)), "/mnt/koji/packages/foo/1/2/data/logs");
        assert_eq!(text(paths.repo(7, "f39-build")), "/mnt/koji/repos/f39-build/7");
        assert_eq!(text(paths.dist_repo(7, "f39", Some("v2"))), "/mnt/koji/vol/v2/repos-dist/f39/7");
        assert_eq!(text(paths.task(123_456, None)), "/mnt/koji/work/tasks/3456/123456");
        assert_eq!(text(Paths::new("").scratch()), "scratch");
    }

    #[test]
    fn names_below_a_build() {
        assert_eq!(rpm(RPM), "x86_64/foo-libs-1-2.x86_64.rpm");
        assert_eq!(signed(RPM, "ab12"), "data/signed/ab12/x86_64/foo-libs-1-2.x86_64.rpm");
        assert_eq!(signature_header(RPM, "ab12"), "data/sigcache/ab12/x86_64/foo-libs-1-2.x86_64.rpm.sig");
        assert_eq!(maven_repo("org.apache", "ant", "1.0"), "org/apache/ant/1.0");
        assert_eq!(win_file("", "a.exe"), "a.exe");
        assert_eq!(win_file("dir", "a.exe"), "dir/a.exe");
        assert!(check_segment("version", "..").is_err() && check_segment("sigkey", "a/b").is_err());
    }

    #[test]
    fn client_paths_stay_below_the_top() {
        let dir = tempfile::tempdir().unwrap();
        let (top, outside) = (dir.path().join("top"), dir.path().join("outside"));
        fs::create_dir_all(top.join("work/a")).unwrap();
        fs::create_dir_all(top.join("vol")).unwrap();
        fs::create_dir_all(&outside).unwrap();
        assert_eq!(safe_join(&top, "work/./new/file").unwrap(), top.join("work/new/file"));
        assert_eq!(safe_join(&top, "").unwrap(), top);
        for bad in ["/etc/passwd", "../x", "work/../../x", "work/..", "a\0b"] {
            assert!(safe_join(&top, bad).is_err(), "{bad:?}");
        }

        symlink("a", top.join("work/inside")).unwrap();
        symlink(&outside, top.join("work/leak")).unwrap();
        symlink("/nonexistent/x", top.join("work/dangling")).unwrap();
        symlink(&outside, top.join("vol/v2")).unwrap();
        assert!(safe_join(&top, "work/inside/file").is_ok());
        assert!(safe_join(&top, "work/dangling").is_err());
        assert!(safe_join(&top, "vol/v2/packages").is_ok());
        fs::remove_file(top.join("vol/v2")).unwrap();
        assert!(safe_join(&top, "work/leak/file").is_err());
    }
}
