//! The one error of the library: what kind of fault it is, what to tell, and what caused it.
//!
//! A noun's room says `Error::generic(..)` or `Error::not_allowed(..)`; the numbers belong to the wire.
//! Exactly three places map an [`Error`]: the wire (a fault), Python (an exception), the command line
//! (an exit code).

use std::error::Error as StdError;
use std::fmt;

/// The result of everything that may fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kinds of faults that Koji's clients tell apart, with the code each has on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Fault {
    /// Anything that the original does not foresee, such as a value the database refuses.
    Unforeseen = 1,
    /// A request that cannot be done: an unknown name, a duplicate, a bad value.
    Generic = 1000,
    /// A lock could not be had.
    Lock = 1001,
    /// The session is missing or wrong, or the host is not the one that may.
    Auth = 1002,
    /// Tagging is not possible.
    Tag = 1003,
    /// The caller may not do this.
    NotAllowed = 1004,
    /// A build failed or its request is wrong.
    Build = 1005,
    /// Another session of this user is exclusive.
    AuthLock = 1006,
    /// The session has expired.
    AuthExpired = 1007,
    /// A call came with a number that is older than the last one.
    Sequence = 1008,
    /// A call came again although it was committed before.
    Retry = 1009,
    /// A check before the build failed.
    PreBuild = 1010,
    /// A step after the build failed.
    PostBuild = 1011,
    /// The buildroot is unusable.
    Buildroot = 1012,
    /// The method is gone.
    Deprecated = 1013,
    /// The hub is closed for maintenance.
    Offline = 1014,
    /// Making a live CD failed.
    LiveCd = 1015,
    /// A plugin failed.
    Plugin = 1016,
    /// A callback of a plugin failed.
    Callback = 1017,
    /// Making an appliance failed.
    Appliance = 1018,
    /// An argument is missing, unknown or of the wrong type.
    Parameter = 1019,
    /// A content generator's import is refused.
    Import = 1020,
    /// The configuration is wrong.
    Configuration = 1021,
    /// Making live media failed.
    LiveMedia = 1022,
    /// GSSAPI authentication failed.
    GssapiAuth = 1023,
    /// A name is not of the form that the site wants.
    NameValidation = 1024,
}

impl Fault {
    /// The number on the wire.
    pub fn code(self) -> i32 {
        self as i32
    }

    /// All of them.
    pub const ALL: [Self; 26] = {
        use Fault::*;
        [
            Generic,
            Unforeseen,
            Lock,
            Auth,
            Tag,
            NotAllowed,
            Build,
            AuthLock,
            AuthExpired,
            Sequence,
            Retry,
            PreBuild,
            PostBuild,
            Buildroot,
            Deprecated,
            Offline,
            LiveCd,
            Plugin,
            Callback,
            Appliance,
            Parameter,
            Import,
            Configuration,
            LiveMedia,
            GssapiAuth,
            NameValidation,
        ]
    };

    /// The fault of a number that a hub answered with; unknown numbers are [`Fault::Generic`].
    pub fn from_code(code: i32) -> Self {
        Self::ALL.into_iter().find(|fault| fault.code() == code).unwrap_or(Self::Generic)
    }
}

/// A number that is none of Koji's, as the plugins of a site may have them.
#[derive(Debug, thiserror::Error)]
#[error("the hub's fault {0} is none of Koji's")]
struct StrangeCode(i32);

/// What went wrong, told so that the reader can mend it.
#[derive(Debug)]
pub struct Error {
    /// The kind that clients see.
    pub fault: Fault,
    /// What to tell: names the thing and, where there is one, the remedy.
    pub message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of a kind.
    pub fn new(fault: Fault, message: impl Into<String>) -> Self {
        Self { fault, message: message.into(), source: None }
    }

    /// A fault as a hub told it; a number that Koji does not have is kept, see [`Error::code`].
    pub fn of_code(code: i32, message: impl Into<String>) -> Self {
        let error = Self::new(Fault::from_code(code), message);
        if error.fault.code() == code { error } else { error.caused_by(StrangeCode(code)) }
    }

    /// The number on the wire.
    pub fn code(&self) -> i32 {
        let strange = self.source.as_ref().and_then(|source| source.downcast_ref::<StrangeCode>());
        strange.map_or(self.fault.code(), |strange| strange.0)
    }

    /// A request that cannot be done.
    pub fn generic(message: impl Into<String>) -> Self {
        Self::new(Fault::Generic, message)
    }

    /// An argument is missing, unknown or of the wrong type.
    pub fn parameter(message: impl Into<String>) -> Self {
        Self::new(Fault::Parameter, message)
    }

    /// The caller may not do this.
    pub fn not_allowed(message: impl Into<String>) -> Self {
        Self::new(Fault::NotAllowed, message)
    }

    /// The session is missing or wrong.
    pub fn auth(message: impl Into<String>) -> Self {
        Self::new(Fault::Auth, message)
    }

    /// Tagging is not possible.
    pub fn tag(message: impl Into<String>) -> Self {
        Self::new(Fault::Tag, message)
    }

    /// A build failed or its request is wrong.
    pub fn build(message: impl Into<String>) -> Self {
        Self::new(Fault::Build, message)
    }

    /// Something that nobody foresaw: a broken invariant, a refusal of the database.
    pub fn unforeseen(message: impl Into<String>) -> Self {
        Self::new(Fault::Unforeseen, message)
    }

    /// Adds what caused it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// An input or output error on a path, which is named.
    pub fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::unforeseen(format!("{}: {source}", path.display())).caused_by(source)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<std::io::Error> for Error {
    fn from(source: std::io::Error) -> Self {
        Self::unforeseen(source.to_string()).caused_by(source)
    }
}

impl From<serde_json::Error> for Error {
    fn from(source: serde_json::Error) -> Self {
        Self::generic(format!("malformed JSON: {source}")).caused_by(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_plugins_are_kept() {
        let strange = Error::of_code(2001, "odd");
        assert_eq!((strange.fault, strange.code()), (Fault::Generic, 2001));
        let known = Error::of_code(1022, "no media");
        assert_eq!((known.fault, known.code()), (Fault::LiveMedia, 1022));
    }
}
