//! The options of a session from a dict as Koji's scripts pass it.
//!
//! Names that mean nothing to this client are passed over: scripts hand in whatever their profile holds.

use std::path::PathBuf;
use std::time::Duration;

use koji_core::client::Options;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Reads the dict; what is absent or None keeps Koji's default.
pub(crate) fn from_dict(dict: &Bound<'_, PyDict>) -> PyResult<Options> {
    let given = Given { dict };
    let plain = Options::default();
    Ok(Options {
        timeout: given.seconds("timeout")?.unwrap_or(plain.timeout),
        auth_timeout: given.seconds("auth_timeout")?.unwrap_or(plain.auth_timeout),
        max_retries: given.get("max_retries", "a number")?.unwrap_or(plain.max_retries),
        retry_interval: given.seconds("retry_interval")?.unwrap_or(plain.retry_interval),
        anon_retry: given.flag("anon_retry")?,
        offline_retry: given.flag("offline_retry")?,
        offline_retry_interval: given.seconds("offline_retry_interval")?,
        cert: given.path("cert")?,
        serverca: given.path("serverca")?,
        no_ssl_verify: given.flag("no_ssl_verify")?,
        upload_blocksize: given
            .get("upload_blocksize", "a number of bytes")?
            .unwrap_or(plain.upload_blocksize),
        topdir: given.path("topdir")?.unwrap_or(plain.topdir),
        user: None,
        password: None,
    })
}

struct Given<'a, 'py> {
    dict: &'a Bound<'py, PyDict>,
}

impl<'py> Given<'_, 'py> {
    fn item(&self, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(self.dict.get_item(name)?.filter(|value| !value.is_none()))
    }

    fn get<T: FromPyObjectOwned<'py>>(&self, name: &str, wanted: &str) -> PyResult<Option<T>> {
        let Some(value) = self.item(name)? else { return Ok(None) };
        let told = |_| PyTypeError::new_err(format!("the option {name} should be {wanted}"));
        value.extract().map(Some).map_err(told)
    }

    /// Seconds, whole or not.
    fn seconds(&self, name: &str) -> PyResult<Option<Duration>> {
        let wanted = "a number of seconds";
        match self.get::<f64>(name, wanted)? {
            None => Ok(None),
            Some(seconds) => Duration::try_from_secs_f64(seconds)
                .map(Some)
                .map_err(|_| PyTypeError::new_err(format!("the option {name} should be {wanted}"))),
        }
    }

    /// Whatever Python takes for true.
    fn flag(&self, name: &str) -> PyResult<bool> {
        self.item(name)?.map_or(Ok(false), |value| value.is_truthy())
    }

    fn path(&self, name: &str) -> PyResult<Option<PathBuf>> {
        Ok(self.get::<PathBuf>(name, "a path")?.filter(|path| !path.as_os_str().is_empty()))
    }
}
