//! Why a command ended early, and what the shell gets told: the one place that knows exit codes.

use std::io::Write;

use koji_core::{Error, Fault};

use crate::when;

/// The result of a command; the number is its exit code.
pub type Outcome = Result<u8, Stop>;

/// The reason for an early end.
#[derive(Debug)]
pub enum Stop {
    /// The command line makes no sense: exit code 2.
    Usage(String),
    /// Something was refused and is told as it is: exit code 1.
    Told(String),
    /// It was told already.
    Quiet(u8),
    /// A fault of the hub, or a failure on the way to it.
    Fault(Error),
    /// The reader of the output went away.
    Pipe,
}

impl Stop {
    /// A wrong command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// A plain message.
    pub fn told(message: impl Into<String>) -> Self {
        Self::Told(message.into())
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe { Self::Pipe } else { Self::Fault(error.into()) }
    }
}

/// Tells the reason and gives the exit code.
pub fn exit_code(program: &str, outcome: Outcome, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    // what was written so far belongs before the message
    let flushed = out.flush();
    let (message, code) = match outcome {
        Ok(code) => return if broken(&flushed) { 0 } else { code },
        Err(Stop::Quiet(code)) => return code,
        Err(Stop::Pipe) => return 0,
        Err(Stop::Usage(message)) => {
            let hint = "(Specify the --help global option for a list of other help options)";
            (format!("{hint}\n\n{program}: error: {message}\n"), 2)
        }
        Err(Stop::Told(message)) if message.is_empty() => return 1,
        Err(Stop::Told(message)) => (format!("{message}\n"), 1),
        Err(Stop::Fault(error)) => {
            let class = class_of(error.fault);
            (log_line(&format!("{class}: {}", error.message)), 1)
        }
    };
    // there is no one else to tell
    let _ = err.write_all(message.as_bytes());
    code
}

fn broken(flushed: &std::io::Result<()>) -> bool {
    matches!(flushed, Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// A message as Koji's client logs errors.
pub fn log_line(message: &str) -> String {
    format!("{} [ERROR] koji: {message}\n", when::log_time())
}

/// The name of the exception that Koji's client shows for a fault.
pub fn class_of(fault: Fault) -> &'static str {
    match fault {
        Fault::Unforeseen => "Fault",
        Fault::Generic => "GenericError",
        Fault::Lock => "LockError",
        Fault::Auth => "AuthError",
        Fault::Tag => "TagError",
        Fault::NotAllowed => "ActionNotAllowed",
        Fault::Build => "BuildError",
        Fault::AuthLock => "AuthLockError",
        Fault::AuthExpired => "AuthExpired",
        Fault::Sequence => "SequenceError",
        Fault::Retry => "RetryError",
        Fault::PreBuild => "PreBuildError",
        Fault::PostBuild => "PostBuildError",
        Fault::Buildroot => "BuildrootError",
        Fault::Deprecated => "FunctionDeprecated",
        Fault::Offline => "ServerOffline",
        Fault::Plugin => "PluginError",
        Fault::Callback => "CallbackError",
        Fault::Parameter => "ParameterError",
        Fault::Import => "ImportError",
        Fault::Configuration => "ConfigurationError",
        Fault::GssapiAuth => "GSSAPIAuthError",
        Fault::LiveCd => "LiveCDError",
        Fault::Appliance => "ApplianceError",
        Fault::LiveMedia => "LiveMediaError",
        Fault::NameValidation => "NameValidationError",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(stop: Stop) -> (u8, String) {
        let mut err = Vec::new();
        let code = exit_code("koji", Err(stop), &mut Vec::new(), &mut err);
        (code, String::from_utf8(err).unwrap())
    }

    #[test]
    fn exit_codes() {
        assert_eq!(told(Stop::usage("Please specify a tag")).0, 2);
        assert!(told(Stop::usage("Please specify a tag")).1.ends_with("koji: error: Please specify a tag\n"));
        assert_eq!(told(Stop::told("No such tag: x")), (1, "No such tag: x\n".into()));
        let (code, text) = told(Stop::Fault(Error::tag("no")));
        assert_eq!(code, 1);
        assert!(text.ends_with("[ERROR] koji: TagError: no\n"), "{text}");
        assert_eq!(told(Stop::Pipe), (0, String::new()));
    }
}
