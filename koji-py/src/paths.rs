//! Koji's directory layout. The top directory may as well be a URL, and is left as it is written.

#![expect(clippy::needless_pass_by_value, reason = "arguments of Python come as values")]

use std::path::Path;

use koji_core::paths::{self, BuildDir, Paths, RpmFile};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Adds the functions.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(volume_dir, module)?)?;
    module.add_function(wrap_pyfunction!(build_dir, module)?)?;
    module.add_function(wrap_pyfunction!(type_dir, module)?)?;
    module.add_function(wrap_pyfunction!(repo_dir, module)?)?;
    module.add_function(wrap_pyfunction!(dist_repo_dir, module)?)?;
    module.add_function(wrap_pyfunction!(place, module)?)?;
    module.add_function(wrap_pyfunction!(task_relative, module)?)?;
    module.add_function(wrap_pyfunction!(rpm, module)?)?;
    module.add_function(wrap_pyfunction!(maven_repo, module)?)?;
    module.add_function(wrap_pyfunction!(win_file, module)?)
}

/// The layout without its top.
fn relative() -> Paths {
    Paths::new("")
}

fn below(top: &str, path: &Path) -> String {
    if path.as_os_str().is_empty() { top.to_owned() } else { format!("{top}/{}", path.display()) }
}

#[pyfunction]
fn volume_dir(top: &str, volume: Option<&str>) -> String {
    below(top, &relative().volume(volume))
}

/// A build as the Python side names it: name, version, release, volume.
type Build = (String, String, String, Option<String>);

fn dir_of(build: &Build) -> BuildDir<'_> {
    let (name, version, release, volume) = build;
    BuildDir { name, version, release, volume: volume.as_deref() }
}

#[pyfunction]
fn build_dir(top: &str, build: Build, part: &str) -> PyResult<String> {
    let dir = dir_of(&build);
    let path = match part {
        "" => relative().build(dir),
        "logs" => relative().build_logs(dir),
        other => return Err(PyValueError::new_err(format!("no part {other} of a build"))),
    };
    Ok(below(top, &path))
}

#[pyfunction]
fn type_dir(top: &str, build: Build, btype: &str) -> String {
    below(top, &relative().type_dir(dir_of(&build), btype))
}

#[pyfunction]
fn repo_dir(top: &str, repo_id: &str, tag: &str) -> String {
    below(top, &relative().repo_named(repo_id, tag))
}

#[pyfunction]
fn dist_repo_dir(top: &str, repo_id: &str, tag: &str, volume: Option<&str>) -> String {
    below(top, &relative().dist_repo_named(repo_id, tag, volume))
}

/// One of the directories that depend on little: `work`, `scratch`, `repocache`.
#[pyfunction]
fn place(top: &str, which: &str, of: Option<&str>) -> PyResult<String> {
    let path = match which {
        "work" => relative().work(of),
        "scratch" => relative().scratch(),
        "repocache" => relative().repo_cache(of.unwrap_or_default()),
        other => return Err(PyValueError::new_err(format!("no directory {other}"))),
    };
    Ok(below(top, &path))
}

#[pyfunction]
fn task_relative(task_id: i64) -> String {
    paths::task_relative(task_id)
}

/// An rpm below its build's directory: itself, its signed copy, or its signature header.
#[pyfunction]
fn rpm(file: (String, String, String, String), signed: Option<&str>, header: bool) -> String {
    let (name, version, release, arch) = &file;
    let file = RpmFile { name, version, release, arch };
    match signed {
        None => paths::rpm(file),
        Some(key) if header => paths::signature_header(file, key),
        Some(key) => paths::signed(file, key),
    }
}

#[pyfunction]
fn maven_repo(group_id: &str, artifact_id: &str, version: &str) -> String {
    paths::maven_repo(group_id, artifact_id, version)
}

#[pyfunction]
fn win_file(relpath: &str, filename: &str) -> String {
    paths::win_file(relpath, filename)
}
