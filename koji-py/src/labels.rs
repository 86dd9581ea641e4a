//! Labels of tasks and builds.

use koji_core::client;
use pyo3::prelude::*;

use crate::convert::to_value;

/// Adds the functions.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(task_label, module)?)?;
    module.add_function(wrap_pyfunction!(build_label, module)?)
}

#[pyfunction]
fn task_label(task: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(client::task_label(&to_value(task)?))
}

#[pyfunction]
fn build_label(build: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(client::build_label(&to_value(build)?))
}
