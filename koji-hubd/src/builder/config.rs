//! [`Settings`]: the configuration file with what the command line overrides.

use std::path::{Path, PathBuf};
use std::time::Duration;

use koji_core::client::{Login, Options, Secret, Session};
use koji_core::config::builder::BuilderConfig;
use koji_core::{Error, Fault, Result};

use super::backend::KINDS;

/// Where a daemon without a terminal logs, as Koji's does.
pub const LOG_FILE: &str = "/var/log/kojid.log";

/// Files that are used when they exist and no option names others.
const CERT: &str = "/etc/kojid/client.crt";
const SERVERCA: &str = "/etc/kojid/serverca.crt";

/// The longest that one call of the daemon itself may take: it must hear signals in between.
const DAEMON_TIMEOUT: Duration = Duration::from_secs(120);

/// Who talks to the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The daemon, which has its own way of trying again.
    Daemon,
    /// A task, which is patient.
    Task,
}

/// The options of a builder.
#[derive(Clone)]
pub struct Settings {
    config: BuilderConfig,
    file: PathBuf,
    overrides: Vec<(String, String)>,
    topdir_given: bool,
}

impl Settings {
    /// Reads a configuration file and puts the overrides above it.
    ///
    /// # Errors
    /// Unknown or malformed options, and the lack of those that a builder can't do without.
    pub fn load(file: &Path, overrides: Vec<(String, String)>) -> Result<Self> {
        let mut config = BuilderConfig::load(file)?;
        let unset = BuilderConfig::default().text("topdir") == config.text("topdir");
        for (name, text) in &overrides {
            config.set(name, text)?;
        }
        let topdir_given = !unset || overrides.iter().any(|(name, _)| name == "topdir");
        let settings = Self { config, file: file.to_owned(), overrides, topdir_given };
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<()> {
        let wrong = |text: &str| Err(Error::new(Fault::Configuration, text));
        if self.text("server").is_empty() {
            return wrong("the server option is required: set it in kojid.conf or by --server");
        }
        if self.text("topurl").is_empty() && !self.topdir_given {
            return wrong("set topurl, or topdir if the hub's files are mounted here");
        }
        if self.login().is_none() {
            return wrong("no way to log in: set user and password, or cert, in kojid.conf");
        }
        match self.text("buildroot") {
            kind if KINDS.contains(&kind) => Ok(()),
            other => Err(Error::new(Fault::Configuration, format!("no such kind of buildroot: {other:?}"))),
        }
    }

    /// The configuration file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What stands above the file.
    pub fn overrides(&self) -> &[(String, String)] {
        &self.overrides
    }

    /// The options.
    pub fn config(&self) -> &BuilderConfig {
        &self.config
    }

    /// A text; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.config.text(name)
    }

    /// A number of seconds.
    pub fn seconds(&self, name: &str) -> Duration {
        Duration::from_secs(self.config.int(name).unsigned_abs())
    }

    /// How long a log may become.
    pub fn max_log_bytes(&self) -> u64 {
        self.config.int("max_log_size").unsigned_abs() << 20
    }

    /// The main URL of the hub's files, if they are fetched by http.
    pub fn topurl(&self) -> Option<&str> {
        self.config.topurls().first().map(|url| url.trim_end_matches('/'))
    }

    /// Where the hub's files are, or would be, mounted.
    pub fn topdir(&self) -> PathBuf {
        PathBuf::from(self.text("topdir"))
    }

    /// Whether the hub's files are used where they are mounted: without that directory no task can be done.
    pub fn uses_topdir(&self) -> bool {
        self.topdir_given
    }

    /// Where tasks work.
    pub fn workdir(&self) -> PathBuf {
        PathBuf::from(self.text("workdir"))
    }

    /// The level of the log, in the words of its filter.
    pub fn log_level(&self) -> &'static str {
        match self.text("log_level").to_ascii_uppercase().as_str() {
            "DEBUG" => "debug",
            "INFO" => "info",
            "ERROR" | "CRITICAL" | "FATAL" => "error",
            _ => "warn",
        }
    }

    /// How to log in: by certificate if there is one, else by password.
    pub fn login(&self) -> Option<Login> {
        if let Some(cert) = self.file_option("cert", CERT).filter(|cert| cert.is_file()) {
            return Some(Login::Certificate { cert, proxyuser: None });
        }
        let (user, password) = (self.text("user"), self.config.find_text("password")?);
        (!user.is_empty()).then(|| Login::Password { user: user.to_owned(), password: Secret::new(password) })
    }

    /// A session that is not logged in yet.
    pub fn session(&self, role: Role) -> Result<Session> {
        Session::new(self.text("server"), self.session_options(role))
    }

    /// How files are downloaded: with the trust of a session.
    pub fn download_options(&self) -> Options {
        self.session_options(Role::Task)
    }

    fn session_options(&self, role: Role) -> Options {
        let defaults = Options::default();
        let timeout =
            self.config.find_int("timeout").map(|seconds| Duration::from_secs(seconds.unsigned_abs()));
        let timeout = timeout.unwrap_or(defaults.timeout);
        let common = Options {
            timeout,
            max_retries: u32::try_from(self.config.int("max_retries")).unwrap_or_default(),
            retry_interval: self.seconds("retry_interval"),
            offline_retry: self.config.flag("offline_retry"),
            offline_retry_interval: Some(self.seconds("offline_retry_interval")),
            cert: self.file_option("cert", CERT),
            serverca: self.file_option("serverca", SERVERCA),
            no_ssl_verify: self.config.flag("no_ssl_verify"),
            ..defaults
        };
        match role {
            Role::Task => common,
            Role::Daemon => Options {
                timeout: timeout.min(DAEMON_TIMEOUT),
                max_retries: 1,
                retry_interval: Duration::from_secs(1),
                offline_retry: false,
                ..common
            },
        }
    }

    fn file_option(&self, name: &str, default: &str) -> Option<PathBuf> {
        match self.config.find_text(name) {
            Some(path) => Some(PathBuf::from(path)),
            None => Some(PathBuf::from(default)).filter(|path| path.exists()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Result<Settings> {
        let pairs = pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Settings::load(Path::new("/nonexistent/kojid.conf"), pairs)
    }

    const LOGIN: [(&str, &str); 3] =
        [("server", "http://h/kojihub"), ("user", "builder1"), ("password", "hunter2")];

    #[test]
    fn says_what_is_missing() {
        let told = |pairs: &[(&str, &str)]| settings(pairs).err().unwrap().message;
        assert!(told(&[]).contains("server"));
        assert!(told(&LOGIN).contains("topurl"));
        assert!(told(&[LOGIN[0], LOGIN[1], ("topurl", "http://h")]).contains("password"));
    }

    #[test]
    fn the_daemon_gives_up_sooner_than_its_tasks() {
        let mut pairs = LOGIN.to_vec();
        pairs.push(("topurl", "http://h/kojifiles/ http://mirror/"));
        let settings = settings(&pairs).unwrap();
        assert_eq!(settings.topurl(), Some("http://h/kojifiles"));
        assert_eq!(settings.session_options(Role::Daemon).max_retries, 1);
        assert_eq!(settings.session_options(Role::Task).max_retries, 120);
        assert_eq!(settings.session_options(Role::Daemon).timeout, DAEMON_TIMEOUT);
    }
}
