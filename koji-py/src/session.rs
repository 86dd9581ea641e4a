//! `_native.Session`: a session of the library. Other threads of Python run while it waits for an answer, and
//! Ctrl-C ends the waiting.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use koji_core::client::{self, Credentials, OutputPlace, Progress, Secret, Upload};
use koji_core::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::convert::{to_args, to_map, to_python};
use crate::error::OrRaise as _;
use crate::options;

/// How long Ctrl-C may stay unnoticed.
const GLANCE: Duration = Duration::from_millis(100);

/// A session; calls of several threads come one after the other.
#[pyclass(module = "koji._native", frozen)]
pub(crate) struct Session {
    shared: Arc<Shared>,
    /// Whether calls run in this process, on a database.
    #[pyo3(get)]
    is_local: bool,
}

/// What a waiting call shares with the thread that makes it.
struct Shared {
    session: Mutex<client::Session>,
    /// For whom it is at work, to tell a callback that calls it again from another thread.
    busy: Mutex<Option<ThreadId>>,
}

impl Shared {
    fn work<T>(&self, caller: ThreadId, work: impl FnOnce(&mut client::Session) -> Result<T>) -> Result<T> {
        let mut session = self.lock(caller)?;
        *held(&self.busy) = Some(caller);
        let outcome = work(&mut session);
        *held(&self.busy) = None;
        outcome
    }

    fn lock(&self, caller: ThreadId) -> Result<MutexGuard<'_, client::Session>> {
        match self.session.try_lock() {
            Ok(session) => Ok(session),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if self.waits_for(caller) => {
                Err(Error::generic("the session waits for this callback; it can't make a call itself"))
            }
            Err(TryLockError::WouldBlock) => Ok(held(&self.session)),
        }
    }

    fn waits_for(&self, caller: ThreadId) -> bool {
        *held(&self.busy) == Some(caller)
    }
}

/// Waits a little. The exclusive reference is what lets it go without Python's lock.
fn glance<T>(wait: &mut Receiver<T>) -> Result<T, RecvTimeoutError> {
    wait.recv_timeout(GLANCE)
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    fn wrap(session: client::Session) -> Self {
        let is_local = session.is_local();
        let shared = Shared { session: Mutex::new(session), busy: Mutex::new(None) };
        Self { shared: Arc::new(shared), is_local }
    }

    /// Does something with the session. Where that may wait for a hub it has a thread of its own, so that this one
    /// sees signals; after one, the thread goes on to the answer and later calls wait for that.
    fn with<T: Send + 'static>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut client::Session) -> Result<T> + Send + 'static,
    ) -> PyResult<T> {
        if self.is_local {
            return self.with_here(py, work);
        }
        let (shared, caller) = (Arc::clone(&self.shared), thread::current().id());
        let (answer, mut wait) = sync_channel(1);
        thread::Builder::new().name("koji-call".into()).spawn(move || {
            // nobody may be waiting any more
            drop(answer.send(shared.work(caller, work)));
        })?;
        loop {
            match py.detach(|| glance(&mut wait)) {
                Ok(outcome) => return outcome.or_raise_fault(py),
                Err(RecvTimeoutError::Timeout) => py.check_signals()?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::unforeseen("the call ended without an answer")).or_raise(py);
                }
            }
        }
    }

    /// Does something with the session in this thread.
    fn with_here<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut client::Session) -> Result<T> + Send,
    ) -> PyResult<T> {
        py.detach(|| self.shared.work(thread::current().id(), work)).or_raise_fault(py)
    }
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
        method: String,
        args: &Bound<'py, PyAny>,
        kwargs: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (args, kwargs) = (to_args(args)?, to_map(kwargs)?);
        let answer = self.with(py, move |session| session.call_named(&method, args, kwargs))?;
        to_python(py, &answer)
    }

    fn set_options(&self, py: Python<'_>, options: &Bound<'_, PyDict>) -> PyResult<()> {
        let options = options::from_dict(options)?;
        self.with(py, move |session| {
            session.set_options(options);
            Ok(())
        })
    }

    fn login(&self, py: Python<'_>, user: String, password: String) -> PyResult<()> {
        self.with(py, move |session| session.login(&user, &password))
    }

    fn ssl_login(&self, py: Python<'_>, cert: PathBuf, proxyuser: Option<String>) -> PyResult<()> {
        self.with(py, move |session| session.ssl_login(&cert, proxyuser.as_deref()))
    }

    fn logout(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, client::Session::logout)
    }

    fn subsession(&self, py: Python<'_>) -> PyResult<Self> {
        self.with(py, client::Session::subsession).map(Self::wrap)
    }

    fn exclusive_session(&self, py: Python<'_>, force: bool) -> PyResult<()> {
        self.with(py, move |session| session.exclusive_session(force))
    }

    fn shared_session(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, client::Session::shared_session)
    }

    fn resume(&self, py: Python<'_>, id: i64, key: String, callnum: i64) -> PyResult<()> {
        self.with(py, move |session| {
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

    /// Whether a call is under way, as after Ctrl-C.
    fn is_busy(&self) -> bool {
        held(&self.shared.busy).is_some()
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
        let piece = self.with(py, move |session| {
            let (task_id, name, volume) = &place;
            session.task_output(OutputPlace { task_id: *task_id, name, volume }, offset, size)
        })?;
        Ok(PyBytes::new(py, &piece))
    }

    /// Uploads a file; `place` is the file, the directory, the name and the volume. `progress` is called with the bytes done and all bytes, and ends the upload by raising.
    #[expect(clippy::needless_pass_by_value, reason = "arguments of Python come as values")]
    fn upload(
        &self,
        py: Python<'_>,
        place: (PathBuf, String, Option<String>, Option<String>),
        overwrite: bool,
        blocksize: Option<usize>,
        progress: Py<PyAny>,
    ) -> PyResult<()> {
        let (local, dir, name, volume) = &place;
        let upload = Upload {
            name: name.as_deref(),
            volume: volume.as_deref(),
            overwrite,
            blocksize,
            ..Upload::new(local, dir)
        };
        self.with_here(py, |session| {
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
