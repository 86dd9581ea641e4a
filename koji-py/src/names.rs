//! Names of builds, rpms and arches.

use koji_core::arch::{self, Separators};
use koji_core::nvr::{self, Nvr, Nvra};
use koji_core::wire;
use pyo3::prelude::*;

use crate::convert::to_python;
use crate::error::OrRaise as _;

/// Adds the functions.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(parse_nvr, module)?)?;
    module.add_function(wrap_pyfunction!(parse_nvra, module)?)?;
    module.add_function(wrap_pyfunction!(check_nvr, module)?)?;
    module.add_function(wrap_pyfunction!(check_nvra, module)?)?;
    module.add_function(wrap_pyfunction!(is_debuginfo, module)?)?;
    module.add_function(wrap_pyfunction!(draft_release, module)?)?;
    module.add_function(wrap_pyfunction!(target_release, module)?)?;
    module.add_function(wrap_pyfunction!(canonical_arch, module)?)?;
    module.add_function(wrap_pyfunction!(split_arches, module)?)?;
    module.add_function(wrap_pyfunction!(check_arches, module)?)
}

#[pyfunction]
fn parse_nvr<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    let parts = Nvr::parse(text).and_then(|nvr| wire::to_value(&nvr)).or_raise(py)?;
    to_python(py, &parts)
}

#[pyfunction]
fn parse_nvra<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    let parts = Nvra::parse(text).and_then(|nvra| wire::to_value(&nvra)).or_raise(py)?;
    to_python(py, &parts)
}

#[pyfunction]
fn check_nvr(py: Python<'_>, version: String, release: String) -> PyResult<()> {
    Nvr { name: String::new(), version, release, epoch: String::new() }.check().or_raise(py)
}

#[pyfunction]
fn check_nvra(py: Python<'_>, version: String, release: String, arch: String) -> PyResult<()> {
    let (name, epoch) = Default::default();
    Nvra { name, version, release, epoch, src: arch == arch::SRC, arch, location: None }.check().or_raise(py)
}

#[pyfunction]
fn is_debuginfo(name: &str) -> bool {
    nvr::is_debuginfo(name)
}

#[pyfunction]
fn draft_release(target_release: &str, build_id: i64) -> String {
    nvr::draft_release(target_release, build_id)
}

#[pyfunction]
fn target_release(py: Python<'_>, draft_release: &str) -> PyResult<String> {
    nvr::target_release(draft_release).map(str::to_owned).or_raise(py)
}

#[pyfunction]
fn canonical_arch(arch: &str) -> &str {
    arch::canonical(arch)
}

#[pyfunction]
fn split_arches(py: Python<'_>, text: &str, strict: bool) -> PyResult<Vec<String>> {
    let separators = if strict { Separators::Strict } else { Separators::Loose };
    arch::parse_list(text, separators).or_raise(py)
}

#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "arguments of Python come as values")]
fn check_arches(py: Python<'_>, arches: Vec<String>) -> PyResult<()> {
    arch::check_list(&arches).or_raise(py)
}
