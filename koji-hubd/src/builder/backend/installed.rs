//! [`Installed`]: what rpm says is installed on this host, and which of it came from the build's repository.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use koji_core::wire::Map;
use koji_core::{Error, Fault, Result};
use serde::Deserialize;

const FORMAT: &str =
    "%{NAME}\\t%{VERSION}\\t%{RELEASE}\\t%{EPOCH}\\t%{ARCH}\\t%{SIGMD5}\\t%{SIZE}\\t%{BUILDTIME}\\n";

/// An installed package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    name: String,
    version: String,
    release: String,
    epoch: Option<i64>,
    arch: String,
    payloadhash: String,
    size: i64,
    buildtime: i64,
}

/// A line of a repository's `rpmlist.jsonl`.
#[derive(Deserialize)]
struct Listed {
    id: i64,
    name: String,
    version: String,
    release: String,
    arch: String,
    payloadhash: String,
}

/// The places of a root where rpm's database may be, the newer one first.
const DATABASES: [&str; 2] = ["usr/lib/sysimage/rpm", "var/lib/rpm"];

/// The files one of which such a place has, by the kind of the database.
const DATABASE_FILES: [&str; 3] = ["rpmdb.sqlite", "Packages.db", "Packages"];

/// The home that mock has in a root while it installs.
const MOCK_HOME: &str = "installation-homedir";

/// What is installed in a root: this machine's rpm reads the root's database.
///
/// # Errors
/// When rpm can't read it.
pub(super) fn list_of_root(root: &Path, home: &Path) -> Result<Vec<Installed>> {
    write_macros(root, home)?;
    let mut command = Command::new("rpm");
    command.arg("--root").arg(root).args(["-qa", "--qf", FORMAT]).env("HOME", home).current_dir("/");
    let wrong = |text: String| Error::new(Fault::Buildroot, format!("cannot tell what is installed: {text}"));
    let output = command.output().map_err(|error| wrong(format!("rpm does not run: {error}")))?;
    if !output.status.success() {
        return Err(wrong(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(parse).collect())
}

/// Tells this machine's rpm, by the file of macros in a home, where a root has its database. Some
/// distributions' rpm would look in the caller's home.
pub(super) fn write_macros(root: &Path, home: &Path) -> Result<()> {
    let dir = database(root);
    let path = home.join(".rpmmacros");
    std::fs::write(&path, format!("%_dbpath {}\n", dir.display())).map_err(|error| Error::io(&path, error))
}

/// Where a root has its database, or is to have it, as the root sees it.
fn database(root: &Path) -> PathBuf {
    let below = |dir: &str| root.join(dir);
    let is_dir = |dir: &&str| below(dir).symlink_metadata().is_ok_and(|meta| meta.is_dir());
    let has = |dir: &Path| DATABASE_FILES.iter().any(|name| dir.join(name).is_file());
    let inside = |dir: &str| Path::new("/").join(dir);
    if let Some(dir) = DATABASES.into_iter().find(|dir| has(&below(dir))) {
        return inside(dir);
    }
    // mock installs with a home in the root, below which this machine's rpm may put the database
    let told = mocks_database(&below(MOCK_HOME));
    if let Some(dir) = told.filter(|dir| has(&root.join(dir.strip_prefix("/").unwrap_or(dir)))) {
        return dir;
    }
    let [_, older] = DATABASES;
    inside(DATABASES.into_iter().find(is_dir).unwrap_or(older))
}

fn mocks_database(home: &Path) -> Option<PathBuf> {
    if !home.is_dir() {
        return None;
    }
    let asked = Command::new("rpm")
        .args(["--eval", "%{_dbpath}"])
        .env("HOME", home)
        .current_dir("/")
        .output()
        .ok()?;
    let text = String::from_utf8(asked.stdout).ok()?;
    Some(PathBuf::from(text.trim())).filter(|path| path.is_absolute())
}

/// Where a program with an environment finds rpm's database.
///
/// # Errors
/// When rpm does not run.
pub(super) fn database_path(env: &[(String, String)]) -> Result<PathBuf> {
    let mut command = Command::new("rpm");
    command.args(["--eval", "%{_dbpath}"]).env_clear().envs(env.iter().cloned()).current_dir("/");
    let wrong =
        |text: String| Error::new(Fault::Buildroot, format!("cannot tell where rpm's database is: {text}"));
    let told = command.output().map_err(|error| wrong(format!("rpm does not run: {error}")))?;
    let path = PathBuf::from(String::from_utf8_lossy(&told.stdout).trim());
    if path.is_absolute() { Ok(path) } else { Err(wrong(String::from_utf8_lossy(&told.stderr).into_owned())) }
}

/// Asks rpm, which looks into the usual database, or into another one. A host without rpm, or without an rpm
/// database, has nothing.
pub(super) fn list(dir: &Path, database: Option<&Path>) -> Result<Vec<Installed>> {
    let mut command = Command::new("rpm");
    if let Some(database) = database {
        command.arg("--dbpath").arg(database);
    }
    let output = match command.args(["-qa", "--qf", FORMAT]).current_dir(dir).output() {
        Ok(output) if output.status.success() => output,
        Ok(output) => {
            tracing::warn!(status = %output.status, "rpm does not tell what is installed");
            return Ok(vec![]);
        }
        Err(error) => {
            tracing::warn!(%error, "rpm does not run, so nobody tells what is installed");
            return Ok(vec![]);
        }
    };
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(parse).collect())
}

fn parse(line: &str) -> Option<Installed> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [name, version, release, epoch, arch, payloadhash, size, buildtime] = fields[..] else { return None };
    (name != "gpg-pubkey").then(|| {
        Some(Installed {
            name: name.into(),
            version: version.into(),
            release: release.into(),
            epoch: epoch.parse().ok(),
            arch: arch.into(),
            payloadhash: payloadhash.into(),
            size: size.parse().ok()?,
            buildtime: buildtime.parse().ok()?,
        })
    })?
}

impl Installed {
    /// The list to send to the hub: those of the repository, whose `rpmlist.jsonl` this is, and those that
    /// come `from` an external repository, whose name is told. The hub takes only rpms that it knows, so
    /// others are left out.
    ///
    /// # Errors
    /// A malformed list.
    pub fn known(
        installed: &[Self],
        rpmlist: &str,
        from: impl Fn(&Self) -> Option<String>,
    ) -> Result<Vec<Map>> {
        let mut listed = HashMap::new();
        for line in rpmlist.lines().filter(|line| !line.trim().is_empty()) {
            let rpm: Listed = serde_json::from_str(line).map_err(|error| {
                Error::new(Fault::Buildroot, format!("a malformed line in rpmlist.jsonl: {error}"))
            })?;
            listed.insert((rpm.name, rpm.version, rpm.release, rpm.arch), (rpm.id, rpm.payloadhash));
        }
        let id_of = |rpm: &Self| {
            let key = (rpm.name.clone(), rpm.version.clone(), rpm.release.clone(), rpm.arch.clone());
            listed.get(&key).filter(|(_, hash)| *hash == rpm.payloadhash).map(|(id, _)| *id)
        };
        let entry = |rpm: &Self| {
            let mut map = rpm.to_map();
            match from(rpm) {
                Some(repo) => map.push(("location".into(), repo.into())),
                None => map.insert(0, ("id".into(), id_of(rpm)?.into())),
            }
            Some(map)
        };
        Ok(installed.iter().filter_map(entry).collect())
    }

    /// The package's line in the log of what is installed.
    pub(super) fn log_line(&self) -> String {
        let Self { name, version, release, arch, payloadhash, size, buildtime, .. } = self;
        let epoch = self.epoch.map(|epoch| format!("{epoch}:")).unwrap_or_default();
        format!("{name}-{epoch}{version}-{release}.{arch} {buildtime} {size} {payloadhash} installed\n")
    }

    /// Its name, version, release and arch as one text.
    pub fn nvra(&self) -> String {
        format!("{}-{}-{}.{}", self.name, self.version, self.release, self.arch)
    }

    fn to_map(&self) -> Map {
        map! {
            "name" => self.name.clone(),
            "version" => self.version.clone(),
            "release" => self.release.clone(),
            "epoch" => self.epoch,
            "arch" => self.arch.clone(),
            "payloadhash" => self.payloadhash.clone(),
            "size" => self.size,
            "buildtime" => self.buildtime,
        }
    }
}

#[cfg(test)]
mod tests {
    use koji_core::wire::Value;

    use super::*;

    #[test]
    fn the_database_is_where_it_lies() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        assert_eq!(database(root), Path::new("/var/lib/rpm"));
        std::fs::create_dir_all(root.join("usr/lib/sysimage/rpm")).unwrap();
        assert_eq!(database(root), Path::new("/usr/lib/sysimage/rpm"));
        std::fs::create_dir_all(root.join("var/lib/rpm")).unwrap();
        std::fs::write(root.join("var/lib/rpm/rpmdb.sqlite"), "").unwrap();
        assert_eq!(database(root), Path::new("/var/lib/rpm"));
    }

    #[test]
    fn only_rpms_of_the_repository_are_told() {
        let here: Vec<_> = ["bash\t5\t1\t(none)\tx86_64\tabc\t10\t20", "zsh\t5\t1\t2\tx86_64\tdef\t10\t20"]
            .into_iter()
            .filter_map(parse)
            .collect();
        assert_eq!((here.len(), here[0].epoch, here[1].epoch), (2, None, Some(2)));
        let line = |name: &str, hash: &str| {
            format!(
                "{{\"id\": 7, \"name\": \"{name}\", \"version\": \"5\", \"release\": \"1\", \
                 \"arch\": \"x86_64\", \"payloadhash\": \"{hash}\", \"size\": 1}}\n"
            )
        };
        let known =
            Installed::known(&here, &(line("bash", "abc") + &line("zsh", "other")), |_| None).unwrap();
        assert_eq!(known.len(), 1);
        let external = |rpm: &Installed| (rpm.nvra() == "zsh-5-1.x86_64").then(|| "elsewhere".to_owned());
        let told = Installed::known(&here, &line("bash", "abc"), external).unwrap();
        assert_eq!(told.len(), 2);
        assert!(told[1].contains(&("location".to_owned(), "elsewhere".into())));
        assert_eq!(known[0][0], ("id".to_owned(), Value::Int(7)));
        assert!(Installed::known(&here, "{", |_| None).is_err());
        assert!(parse("gpg-pubkey\t1\t1\t(none)\t(none)\t(none)\t0\t0").is_none());
    }
}
