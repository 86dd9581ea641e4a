//! The library's error as an exception of Python: Koji's class of the fault's number, `xmlrpc.client.Fault` for
//! a number that Koji does not have, `ConnectionError` if no hub answered.

use std::error::Error as _;

use koji_core::client::Unreached;
use koji_core::{Error, Result};
use pyo3::exceptions::PyConnectionError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// Turns a result of the library into one of Python.
pub(crate) trait OrRaise<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;

    /// The same for what a hub answered, which Koji's exceptions tell.
    fn or_raise_fault(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> OrRaise<T> for Result<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| exception(py, error, false))
    }

    fn or_raise_fault(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| exception(py, error, true))
    }
}

/// The exception; an exception on its way through the library comes out as it went in.
fn exception(py: Python<'_>, error: Error, from_hub: bool) -> PyErr {
    if let Some(raised) = error.source().and_then(|source| source.downcast_ref::<PyErr>()) {
        return raised.clone_ref(py);
    }
    if error.source().is_some_and(|source| source.is::<Unreached>()) {
        return PyConnectionError::new_err(error.message);
    }
    match of_code(py, &error, from_hub) {
        Ok(exception) => PyErr::from_value(exception),
        Err(failed) => failed,
    }
}

fn of_code<'py>(py: Python<'py>, error: &Error, from_hub: bool) -> PyResult<Bound<'py, PyAny>> {
    static MAKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    MAKE.import(py, "koji._errors", "of_code")?.call1((error.code(), &error.message, from_hub))
}
