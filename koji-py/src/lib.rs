//! `koji._native`: what the koji module of Python takes from the library. It converts, calls and wraps; the
//! Python files beside it give it Koji's names.

mod convert;
mod error;
mod labels;
mod names;
mod options;
mod paths;
mod profile;
mod session;
mod xml;

use pyo3::prelude::*;

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("KOJI_VERSION", koji_core::KOJI_VERSION)?;
    module.add("VERSION", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<session::Session>()?;
    labels::register(module)?;
    names::register(module)?;
    paths::register(module)?;
    profile::register(module)?;
    xml::register(module)
}
