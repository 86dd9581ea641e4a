//! The way to a hub: over HTTP, or straight into a database. Sessions and retries are not its affair.

use crate::error::Error;
use crate::wire::Value;

use super::options::Options;
use super::session::Credentials;

/// One call on its way out.
pub struct Outgoing<'a> {
    /// The method's name on the wire.
    pub method: &'a str,
    /// Its arguments; keyword arguments are the last one, marked.
    pub params: &'a [Value],
    /// Who calls, with the number of this call.
    pub credentials: Option<(&'a Credentials, i64)>,
    /// A login, which may take less time than other calls.
    pub login: bool,
    /// Only a rehearsal.
    pub what_if: bool,
}

/// One piece of a file on its way out.
pub struct UploadChunk<'a> {
    /// The bytes.
    pub data: &'a [u8],
    /// Where in the file they belong.
    pub offset: u64,
    /// The directory below the hub's work directory.
    pub dir: &'a str,
    /// The file's name.
    pub name: &'a str,
    /// Replace what is there.
    pub overwrite: bool,
    /// The volume, if it is not the default one.
    pub volume: Option<&'a str>,
    /// Who uploads, with the number of this call.
    pub credentials: (&'a Credentials, i64),
}

/// Why a call brought no result.
#[derive(Debug)]
pub enum Failure {
    /// The hub answered: no.
    Fault(Error),
    /// The connection broke, as a kept one does now and then: try again at once.
    Dropped(Error),
    /// No answer or no sensible one: worth another try.
    Lost(Error),
    /// Another try can't help: a wrong address, a certificate that isn't trusted.
    Hopeless(Error),
}

impl Failure {
    /// The error inside.
    pub fn into_error(self) -> Error {
        match self {
            Self::Fault(error) | Self::Dropped(error) | Self::Lost(error) | Self::Hopeless(error) => error,
        }
    }
}

/// The cause of errors that come from the way to the hub and not from the hub.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no answer of a hub came")]
pub struct Unreached;

/// Carries calls to a hub.
pub trait Transport: Send {
    /// Sends one call and waits for the answer.
    fn call(&mut self, call: &Outgoing<'_>) -> Result<Value, Failure>;

    /// Sends one piece of a file; answers with its size and checksum.
    fn upload(&mut self, chunk: &UploadChunk<'_>) -> Result<Value, Failure>;

    /// Another way to the same hub, for a subsession.
    fn another(&self) -> Box<dyn Transport>;

    /// Prepares for a login by certificate, which a hub takes only by https.
    fn use_client_certificate(&mut self, cert: &std::path::Path) -> Result<(), Error>;

    /// From now on with other options.
    fn set_options(&mut self, options: &Options);

    /// The hub's version if an answer told it.
    fn hub_version(&self) -> Option<&str> {
        None
    }
}
