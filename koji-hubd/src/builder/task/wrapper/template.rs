//! Templates of spec files: finding one in a checkout, and rendering it as an unprivileged user, since it is a program.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use koji_core::wire::{self, Map, Value};
use koji_core::{Error, Result};

use super::super::build_arch::site;
use super::super::run::Run;
use crate::builder::backend::build_user;
use crate::builder::backend::command::{self, Job};
use crate::builder::log_stream::LogStream;
use crate::builder::process::User;
use crate::builder::{files, process};

/// How the name of a template ends.
const END: &str = ".spec.tmpl";
/// The system's own interpreter, which its packages of modules are for.
const PYTHON: &str = "/usr/bin/python3";
/// The program that renders.
const PROGRAM: &str = include_str!("render.py");
/// Where it tells what went wrong.
const LOG: &str = "template.log";

/// What this machine lacks to render templates.
pub(super) fn lacks() -> Option<String> {
    lacks_of(PYTHON)
}

fn lacks_of(python: &str) -> Option<String> {
    let mut import = Command::new(python);
    import.args(["-I", "-c", "import Cheetah.Template"]);
    import.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let found = import.status().is_ok_and(|status| status.success());
    (!found).then(|| {
        format!("templates of spec files need Cheetah for {python}: install the package python3-cheetah")
    })
}

/// The template of a checkout. Of several in a directory the first by name counts, and a deeper or later directory
/// before others.
///
/// # Errors
/// There is none, or it is no plain file.
pub(super) fn find(dir: &Path, url: &str) -> Result<PathBuf> {
    let found =
        last_in(dir)?.ok_or_else(|| Error::build(format!("no spec file template found at URL: {url}")))?;
    match found.symlink_metadata() {
        Ok(meta) if meta.is_file() => Ok(found),
        _ => Err(Error::build(format!("{} is not a plain file", found.display()))),
    }
}

fn last_in(dir: &Path) -> Result<Option<PathBuf>> {
    let names = files::names(dir)?;
    let mut found = names.iter().find(|name| name.ends_with(END)).map(|name| dir.join(name));
    for name in names.iter().filter(|name| *name != ".git") {
        let path = dir.join(name);
        if path.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            found = last_in(&path)?.or(found);
        }
    }
    Ok(found)
}

/// Renders a template where copies of the files beside it are, writes the spec file beside it and gives its path.
pub(super) fn render(run: &mut Run, template: &Path, values: Map) -> Result<PathBuf> {
    let user = build_user(&run.settings)?;
    let place = Place::make(run.workdir(), template, values, user.as_ref())?;
    let path = run.workdir().join(LOG);
    let mut log = LogStream::new(&path, LOG);
    let told = |path: &Path| path.to_string_lossy().into_owned();
    let args = [
        "-I".to_owned(),
        told(&place.program),
        told(&place.template),
        told(&place.values),
        told(&place.output),
    ];
    let env = [("PATH", "/usr/bin:/bin"), ("LANG", "C.UTF-8")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let timeout = run.settings.seconds("rpmbuild_timeout");
    let job = Job {
        program: PYTHON,
        args: &args,
        env: &env,
        user: user.as_ref(),
        dir: &place.files,
        log: &path,
        timeout,
    };
    let status = command::run(job, &mut site(run), &mut log)?;
    if !status.success() {
        let ended = process::status_text("the template", status);
        return Err(Error::build(format!(
            "error rendering the spec file, {ended}; see {LOG} for more information"
        )));
    }
    let spec = template.with_extension("");
    // a link of the checkout must not be written through
    if spec.symlink_metadata().is_ok_and(|meta| !meta.is_dir()) {
        fs::remove_file(&spec).map_err(|error| Error::io(&spec, error))?;
    }
    files::copy_plain(&place.output, &spec)?;
    Ok(spec)
}

/// The files of one rendering.
struct Place {
    program: PathBuf,
    values: PathBuf,
    files: PathBuf,
    template: PathBuf,
    output: PathBuf,
}

impl Place {
    fn make(workdir: &Path, template: &Path, values: Map, user: Option<&User>) -> Result<Self> {
        let dir = workdir.join("template");
        files::make_dir(&dir)?;
        let (files, out) = (dir.join("files"), dir.join("out"));
        for dir in [&files, &out] {
            fs::create_dir(dir).map_err(|error| Error::io(dir, error))?;
        }
        let (beside, name) =
            (template.parent().unwrap_or(template), template.file_name().unwrap_or_default());
        copy_tree(beside, &files)?;
        for dir in [&files, &out] {
            user.map_or(Ok(()), |user| user.own_tree(dir))?;
        }
        let values: serde_json::Value = wire::from_value(Value::Struct(values))?;
        let place = Self {
            program: dir.join("render.py"),
            values: dir.join("values.json"),
            template: files.join(name),
            files,
            output: out.join("spec"),
        };
        write(&place.program, PROGRAM.as_bytes())?;
        write(&place.values, &serde_json::to_vec(&values)?)?;
        Ok(place)
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    File::create_new(path).and_then(|mut file| file.write_all(bytes)).map_err(|error| Error::io(path, error))
}

/// Copies plain files, directories and links, these as they are.
fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    for name in files::names(from)?.iter().filter(|name| *name != ".git") {
        let (source, dest) = (from.join(name), to.join(name));
        let meta = source.symlink_metadata().map_err(|error| Error::io(&source, error))?;
        if meta.is_dir() {
            fs::create_dir(&dest).map_err(|error| Error::io(&dest, error))?;
            copy_tree(&source, &dest)?;
        } else if meta.is_symlink() {
            let target = fs::read_link(&source).map_err(|error| Error::io(&source, error))?;
            symlink(target, &dest).map_err(|error| Error::io(&dest, error))?;
        } else {
            files::copy_plain(&source, &dest)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_template_counts() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        assert!(find(dir.path(), "git://h/x").unwrap_err().message.contains("at URL: git://h/x"));
        for name in ["b.spec.tmpl", "a.spec.tmpl", "a.spec"] {
            fs::write(path(name), "").unwrap();
        }
        assert_eq!(find(dir.path(), "").unwrap(), path("a.spec.tmpl"));
        fs::create_dir_all(path(".git/x")).unwrap();
        fs::write(path(".git/x/c.spec.tmpl"), "").unwrap();
        assert_eq!(find(dir.path(), "").unwrap(), path("a.spec.tmpl"));
        fs::create_dir(path("sub")).unwrap();
        symlink("/etc/passwd", path("sub/d.spec.tmpl")).unwrap();
        assert!(find(dir.path(), "").unwrap_err().message.contains("not a plain file"));
    }

    #[test]
    fn a_machine_without_cheetah_says_what_to_install() {
        let dir = tempfile::tempdir().unwrap();
        let told = lacks_of(&dir.path().join("python3").to_string_lossy()).unwrap();
        assert!(told.contains("install the package python3-cheetah"), "{told}");
    }
}
