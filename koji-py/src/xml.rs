//! Texts of XML-RPC, as tasks and plugins keep them.

use koji_core::wire;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::convert::{to_args, to_python, to_value};
use crate::error::OrRaise as _;

/// Adds the functions.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(dump_call, module)?)?;
    module.add_function(wrap_pyfunction!(dump_result, module)?)?;
    module.add_function(wrap_pyfunction!(dump_fault, module)?)?;
    module.add_function(wrap_pyfunction!(load_call, module)?)?;
    module.add_function(wrap_pyfunction!(load_result, module)?)
}

#[pyfunction]
fn dump_call(py: Python<'_>, method: &str, params: &Bound<'_, PyAny>) -> PyResult<String> {
    wire::request_text(method, &to_args(params)?).or_raise(py)
}

#[pyfunction]
fn dump_result(py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<String> {
    wire::result_text(&to_value(value)?).or_raise(py)
}

#[pyfunction]
fn dump_fault(py: Python<'_>, code: i32, message: &str) -> PyResult<String> {
    wire::fault_text(code, message).or_raise(py)
}

/// The method and the arguments of a call.
#[pyfunction]
fn load_call<'py>(py: Python<'py>, text: &[u8]) -> PyResult<(String, Vec<Bound<'py, PyAny>>)> {
    let call = wire::parse_call(text).map_err(|error| PyValueError::new_err(error.message))?;
    let params = call.params.iter().map(|value| to_python(py, value)).collect::<PyResult<_>>()?;
    Ok((call.method, params))
}

/// The result of a response; a fault is raised.
#[pyfunction]
fn load_result<'py>(py: Python<'py>, text: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    to_python(py, &wire::parse_response(text).or_raise(py)?)
}
