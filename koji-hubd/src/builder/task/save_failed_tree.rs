//! `saveFailedTree`: uploads what is left of the buildroot of a failed task.

use std::fs::File;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use koji_core::api::buildroot::GetBuildroot;
use koji_core::api::host_call::HostGetId;
use koji_core::client::{Upload, field};
use koji_core::config::ini::{Ini, Source};
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::arches::matches;
use super::run::{Run, need_int, need_text};
use super::{Failure, Params, Signature, TaskHandler};
use crate::builder::config::Settings;
use crate::builder::files;

/// What is left out when no file says otherwise: secrets.
const LEFT_OUT: &str = "*/tmp/krb5cc */etc/*.keytab";

/// Uploads a buildroot.
pub(super) struct SaveFailedTree;

impl TaskHandler for SaveFailedTree {
    fn method(&self) -> &'static str {
        "saveFailedTree"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["buildrootID", "full"], required: 1 }
    }

    fn weight(&self) -> f64 {
        3.0
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let id = params.int("buildrootID")?;
        let rules = Rules::load(Path::new(run.settings.text("save_failed_tree_config")))?;
        let root = run.ask(GetBuildroot::new(id))?;
        if root.is_nil() {
            return Err(Error::generic(format!("Nonexistent buildroot: {id}")).into());
        }
        if field(&root, "host_id").as_int() != Some(run.call(HostGetId::new())?.into()) {
            return Err(Error::generic("Task is run on wrong builder").into());
        }
        let name = format!("{}-{id}-{}", need_text(&root, "tag_name")?, need_int(&root, "repo_id")?);
        let trees = trees(&run.settings, &name, params.get("full").is_true())?;
        let path = run.workdir().join(format!("broot-{id}.tar.gz"));
        pack(&path, &trees, &rules.left_out)?;
        let dir = run.upload_dir();
        run.session
            .upload(&Upload { volume: rules.volume.as_deref(), ..Upload::new(&path, &dir) }, &mut |_| {})?;
        Ok(Value::Nil)
    }
}

/// What is saved and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rules {
    left_out: Vec<String>,
    volume: Option<String>,
}

impl Rules {
    fn load(file: &Path) -> Result<Self> {
        let ini = Ini::read(&[Source::optional(file)])?;
        let patterns = ini.get("filters", "paths").unwrap_or(LEFT_OUT);
        Ok(Self {
            left_out: patterns.split_whitespace().map(str::to_owned).collect(),
            volume: ini.get("general", "volume").map(|volume| volume.trim().to_owned()),
        })
    }
}

/// The directories to save: `builddir` alone, or the whole root. Mock has the one in the other, and ours side by side.
fn trees(settings: &Settings, name: &str, full: bool) -> Result<Vec<PathBuf>> {
    let own = settings.workdir().join("buildroots").join(name);
    let mock = Path::new(settings.text("mockdir")).join(name).join("root");
    let candidates: &[PathBuf] = match full {
        true if own.join("root").is_dir() => &[own.join("root"), own.join("builddir")],
        true => &[mock],
        false if own.join("builddir").is_dir() => &[own.join("builddir")],
        false => &[mock.join("builddir")],
    };
    match candidates.iter().find(|path| !path.is_dir()) {
        Some(missing) => {
            Err(Error::generic(format!("Buildroot directory is missing: {}", missing.display())))
        }
        None => Ok(candidates.to_vec()),
    }
}

/// Packs directories. Links stay links; sockets and devices are left out, for nobody can look at them.
fn pack(path: &Path, trees: &[PathBuf], left_out: &[String]) -> Result<()> {
    let file = File::create(path).map_err(|error| Error::io(path, error))?;
    let mut archive = tar::Builder::new(GzEncoder::new(file, Compression::default()));
    archive.follow_symlinks(false);
    for tree in trees {
        add(&mut archive, tree, left_out)?;
    }
    let done = archive.into_inner().and_then(GzEncoder::finish);
    done.map(drop).map_err(|error| Error::io(path, error))
}

fn add(archive: &mut tar::Builder<GzEncoder<File>>, path: &Path, left_out: &[String]) -> Result<()> {
    let text = path.to_string_lossy();
    let name = text.trim_start_matches('/');
    if left_out.iter().any(|pattern| matches(pattern, name)) {
        return Ok(());
    }
    let kind = path.symlink_metadata().map_err(|error| Error::io(path, error))?.file_type();
    if kind.is_socket() || kind.is_fifo() || kind.is_block_device() || kind.is_char_device() {
        return Ok(());
    }
    archive.append_path_with_name(path, name).map_err(|error| Error::io(path, error))?;
    if kind.is_dir() {
        for entry in files::names(path)? {
            add(archive, &path.join(entry), left_out)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_sockets_stay_behind() {
        let dir = tempfile::tempdir().unwrap();
        let tree = dir.path().join("tree");
        std::fs::create_dir_all(tree.join("etc")).unwrap();
        for name in ["etc/koji.keytab", "etc/passwd"] {
            std::fs::write(tree.join(name), "x").unwrap();
        }
        std::os::unix::fs::symlink("/etc/shadow", tree.join("link")).unwrap();
        drop(std::os::unix::net::UnixListener::bind(tree.join("socket")).unwrap());
        let path = dir.path().join("a.tar.gz");
        let rules = Rules::load(Path::new("/nowhere")).unwrap();
        pack(&path, &[tree], &rules.left_out).unwrap();
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(File::open(&path).unwrap()));
        let names: Vec<_> = archive
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(names, ["tree", "etc", "passwd", "link"]);
        assert_eq!(rules.volume, None);
    }
}
