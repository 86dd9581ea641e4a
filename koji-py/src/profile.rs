//! A client's profile, read from the configuration files.

use std::path::PathBuf;

use koji_core::config::profile::{Places, Profile};
use koji_core::wire;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::convert::to_python;
use crate::error::OrRaise as _;

/// Adds the functions.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(read_profile, module)?)
}

/// The options of a profile. `explicit` is read instead of the files below `home`.
#[pyfunction]
fn read_profile<'py>(
    py: Python<'py>,
    name: &str,
    home: PathBuf,
    explicit: Option<PathBuf>,
) -> PyResult<Bound<'py, PyDict>> {
    let places = Places { explicit, ..Places::of_home(Some(home)) };
    let profile = Profile::load(name, &places).or_raise(py)?;
    let options = PyDict::new(py);
    for (option, value) in profile.all() {
        let value = wire::to_value(&value).or_raise(py)?;
        options.set_item(option, to_python(py, &value)?)?;
    }
    Ok(options)
}
