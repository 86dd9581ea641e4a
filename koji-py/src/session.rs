//! `_native.Session`: a session of the library. Other threads of Python run while it waits for an answer.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, ThreadId};

use koji_core::client::{self, Credentials, OutputPlace, Progress, Secret, Upload};
use koji_core::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::convert::{to_args, to_map, to_python};
use crate::error::OrRaise as _;
use crate::options;

/// A session; calls of several threads come one after the other.
#[pyclass(module = "koji._native", frozen)]
pub(crate) struct Session {
    inner: Mutex<client::Session>,
    /// Who is at work with it, to tell a callback that calls it again from another thread.
    busy: Mutex<Option<ThreadId>>,
    /// Whether calls run in this process, on a database.
    #[pyo3(get)]
    is_local: bool,
}

impl Session {
    fn wrap(session: client::Session) -> Self {
        Self { is_local: session.is_local(), inner: Mutex::new(session), busy: Mutex::new(None) }
    }

    /// Does something with the session while other threads of Python run.
    fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut client::Session) -> Result<T> + Send,
    ) -> PyResult<T> {
        py.detach(|| {
            let mut session = self.lock()?;
            *held(&self.busy) = Some(thread::current().id());
            let outcome = work(&mut session);
            *held(&self.busy) = None;
            outcome
        })
        .or_raise(py)
    }

    fn lock(&self) -> Result<MutexGuard<'_, client::Session>> {
        match self.inner.try_lock() {
            Ok(session) => Ok(session),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if *held(&self.busy) == Some(thread::current().id()) => {
                Err(Error::generic("the session waits for this callback; it can't make a call itself"))
            }
            Err(TryLockError::WouldBlock) => Ok(held(&self.inner)),
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[pymethods]
impl Session {
    #[new]
    fn new(py: Python<'_>, url: &str, options: &Bound<'_, PyDict>) -> PyResult<Self> {
        let options = options::from_dict(options)?;
        let session = py.detach(|| client::Session::new(url, options)).or_raise(py)?;
        Ok(Self::wrap(session))
    }

    fn call<'py>(
        &self,
        py: Python<'py>,
        method: &str,
        args: &Bound<'py, PyAny>,
        kwargs: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (args, kwargs) = (to_args(args)?, to_map(kwargs)?);
        let answer = self.with(py, |session| session.call(method, args, kwargs))?;
        to_python(py, &answer)
    }

    fn set_options(&self, py: Python<'_>, options: &Bound<'_, PyDict>) -> PyResult<()> {
        let options = options::from_dict(options)?;
        self.with(py, |session| {
            session.set_options(options);
            Ok(())
        })
    }

    fn login(&self, py: Python<'_>, user: &str, password: &str) -> PyResult<()> {
        self.with(py, |session| session.login(user, password))
    }

    fn ssl_login(&self, py: Python<'_>, cert: PathBuf, proxyuser: Option<&str>) -> PyResult<()> {
        self.with(py, |session| session.ssl_login(&cert, proxyuser))
    }

    fn logout(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, client::Session::logout)
    }

    fn subsession(&self, py: Python<'_>) -> PyResult<Self> {
        self.with(py, client::Session::subsession).map(Self::wrap)
    }

    fn exclusive_session(&self, py: Python<'_>, force: bool) -> PyResult<()> {
        self.with(py, |session| session.exclusive_session(force))
    }

    fn shared_session(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, client::Session::shared_session)
    }

    fn resume(&self, py: Python<'_>, id: i64, key: &str, callnum: i64) -> PyResult<()> {
        self.with(py, |session| {
            session.resume(Credentials { id, key: Secret::new(key) }, callnum);
            Ok(())
        })
    }

    fn forget(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, |session| {
            session.forget();
            Ok(())
        })
    }

    fn hub_version(&self, py: Python<'_>) -> PyResult<String> {
        self.with(py, client::Session::hub_version)
    }

    /// Id, key and the number of the next call, if there is a login.
    fn credentials(&self, py: Python<'_>) -> PyResult<Option<(i64, String, i64)>> {
        self.with(py, |session| {
            let proof = session.credentials().filter(|_| session.logged_in());
            Ok(proof.map(|proof| (proof.id, proof.key.expose().to_owned(), session.callnum())))
        })
    }

    /// How often the last call was tried.
    fn retries(&self, py: Python<'_>) -> PyResult<u32> {
        self.with(py, |session| Ok(session.retries()))
    }

    fn task_output<'py>(
        &self,
        py: Python<'py>,
        place: (i64, String, String),
        offset: i64,
        size: i64,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let (task_id, name, volume) = &place;
        let place = OutputPlace { task_id: *task_id, name, volume };
        let piece = self.with(py, |session| session.task_output(place, offset, size))?;
        Ok(PyBytes::new(py, &piece))
    }

    /// Uploads a file; `progress` is called with the bytes done and all bytes, and ends the upload by raising.
    fn upload(
        &self,
        py: Python<'_>,
        local: PathBuf,
        place: (String, Option<String>, Option<String>),
        overwrite: bool,
        blocksize: Option<usize>,
        progress: Py<PyAny>,
    ) -> PyResult<()> {
        let (dir, name, volume) = &place;
        let upload = Upload {
            name: name.as_deref(),
            volume: volume.as_deref(),
            overwrite,
            blocksize,
            ..Upload::new(Path::new(&local), dir)
        };
        self.with(py, |session| {
            session.upload_while(&upload, &mut |state: Progress| {
                let told = Python::attach(|py| {
                    py.check_signals()?;
                    progress.call1(py, (state.done, state.total)).map(drop)
                });
                told.map_err(|raised| Error::generic("the upload was ended").caused_by(raised))
            })
        })
    }
}
