//! What a session may be told: credentials, timeouts, retries. Nothing here reads a file.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// A text that never shows in a debug print or an error.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The options of a session, with Koji's defaults.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long one answer may take (12 hours).
    pub timeout: Duration,
    /// How long a login may take (a minute).
    pub auth_timeout: Duration,
    /// How often a call that got no answer is repeated.
    pub max_retries: u32,
    /// The pause between repetitions; the first one comes at once.
    pub retry_interval: Duration,
    /// Repeat calls of sessions that are not logged in.
    pub anon_retry: bool,
    /// Wait for a hub that says it is offline, instead of failing.
    pub offline_retry: bool,
    /// The pause while the hub is offline; `retry_interval` if absent.
    pub offline_retry_interval: Option<Duration>,
    /// A file of the client's certificate and key (PEM).
    pub cert: Option<PathBuf>,
    /// A file of the certificates that may vouch for the hub (PEM); the system's if absent.
    pub serverca: Option<PathBuf>,
    /// Believe any certificate. For test hubs only.
    pub no_ssl_verify: bool,
    /// The user to log in as.
    pub user: Option<String>,
    /// The password to log in with.
    pub password: Option<Secret>,
    /// The size of the pieces of an upload, in bytes.
    pub upload_blocksize: usize,
    /// The top directory, where calls run in this process.
    pub topdir: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(12 * 60 * 60),
            auth_timeout: Duration::from_secs(60),
            max_retries: 30,
            retry_interval: Duration::from_secs(20),
            anon_retry: false,
            offline_retry: false,
            offline_retry_interval: None,
            cert: None,
            serverca: None,
            no_ssl_verify: false,
            user: None,
            password: None,
            upload_blocksize: 1 << 20,
            topdir: PathBuf::from("/mnt/koji"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_does_not_show() {
        let options = Options { password: Some(Secret::new("hunter2")), ..Options::default() };
        assert!(!format!("{options:?}").contains("hunter2"));
        assert_eq!(options.password.map(|secret| secret.expose().to_owned()).as_deref(), Some("hunter2"));
    }
}
