//! [`Settings`]: the profile of the configuration files with the global options above it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use koji_core::client::{Options, Secret};
use koji_core::config::ini::Ini;
use koji_core::config::profile::{Places, Profile};
use koji_core::{Error, Fault};

use crate::app::Global;
use crate::stop::Stop;

/// How to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthType {
    /// Not at all.
    NoAuth,
    /// By a client certificate.
    Ssl,
    /// By name and password.
    Password,
    /// By Kerberos.
    Kerberos,
}

/// Everything a command may want to know about its surroundings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The hub's URL.
    pub server: String,
    /// The URL of the web pages.
    pub weburl: String,
    /// The URL of the files; empty if unknown.
    pub topurl: String,
    /// The directory of the files.
    pub topdir: String,
    /// The user to log in as.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// The file of the client's certificate.
    pub cert: Option<PathBuf>,
    /// The user on whose behalf to act.
    pub runas: Option<String>,
    /// Log in even to read.
    pub force_auth: bool,
    /// Write data as JSON.
    pub json: bool,
    /// Change nothing, but tell what would be.
    pub what_if: bool,
    /// Write less.
    pub quiet: bool,
    /// Write more.
    pub debug: bool,
    /// The pause between two looks at something that is waited for.
    pub poll_interval: Duration,
    noauth: bool,
    authtype: Option<AuthType>,
    options: Options,
}

impl Settings {
    /// Reads the profile and lays the options above it.
    pub fn load(program: &str, global: Global) -> Result<Self, Stop> {
        if let Some(option) = global.kerberos_option() {
            return Err(Stop::usage(format!(
                "{option} needs Kerberos, which is not supported; use --cert, or --user and --password"
            )));
        }
        let places = Places {
            explicit: global.config.as_ref().map(PathBuf::from),
            ..Places::of_home(std::env::var_os("HOME").map(PathBuf::from))
        };
        let name = global.profile.as_deref().unwrap_or(program);
        let profile = match Profile::load(name, &places) {
            // a hub that is named on the command line needs no profile
            Err(_) if global.server.is_some() && global.profile.is_none() && global.config.is_none() => {
                Ini::from_text("", &format!("[{name}]\n"))
                    .and_then(|empty| Profile::from_ini(name, &empty, &places))
            }
            loaded => loaded,
        };
        profile.and_then(|profile| Self::new(&profile, global)).map_err(|error| Stop::usage(error.message))
    }

    fn new(profile: &Profile, global: Global) -> Result<Self, Error> {
        let text = |name: &str, given: Option<String>| given.unwrap_or_else(|| profile.text(name).to_owned());
        let authtype = text("authtype", global.authtype);
        Ok(Self {
            server: text("server", global.server).trim_end_matches('/').to_owned(),
            weburl: text("weburl", global.weburl),
            topurl: text("topurl", global.topurl),
            topdir: home_path(&text("topdir", global.topdir)).to_string_lossy().into_owned(),
            user: global.user.or_else(|| profile.find_text("user").map(str::to_owned)),
            password: global
                .password
                .or_else(|| profile.find_text("password").map(str::to_owned))
                .map(Secret::new),
            cert: path(&text("cert", global.cert)),
            runas: global.runas,
            force_auth: global.force_auth || profile.flag("force_auth"),
            json: global.json,
            what_if: global.what_if,
            quiet: global.quiet,
            debug: global.debug || profile.flag("debug"),
            poll_interval: seconds(profile, "poll_interval"),
            noauth: global.noauth,
            authtype: if authtype.is_empty() { None } else { Some(parse_auth(&authtype)?) },
            options: session_options(profile),
        })
    }

    /// The options of a session with the hub.
    pub fn session_options(&self) -> Options {
        Options { topdir: PathBuf::from(&self.topdir), ..self.options.clone() }
    }

    /// How to log in, as the options and files at hand suggest.
    pub fn auth_method(&self) -> AuthType {
        match self.authtype {
            _ if self.noauth => AuthType::NoAuth,
            Some(method) => method,
            None if self.cert.as_deref().is_some_and(Path::is_file) => AuthType::Ssl,
            None if self.user.is_some() => AuthType::Password,
            None => AuthType::Kerberos,
        }
    }
}

/// The name of the program without its directory: it names the profile.
pub fn program_name(argument: Option<&OsString>) -> String {
    argument
        .and_then(|argument| Path::new(argument).file_name())
        .map_or_else(|| "koji".into(), |name| name.to_string_lossy().into_owned())
}

fn parse_auth(text: &str) -> Result<AuthType, Error> {
    match text {
        "noauth" => Ok(AuthType::NoAuth),
        "ssl" => Ok(AuthType::Ssl),
        "password" => Ok(AuthType::Password),
        "kerberos" | "gssapi" => Ok(AuthType::Kerberos),
        _ => Err(Error::new(
            Fault::Configuration,
            format!("unknown authtype {text:?}: use noauth, ssl, password or kerberos"),
        )),
    }
}

fn session_options(profile: &Profile) -> Options {
    let number = |name: &str| usize::try_from(profile.int(name)).unwrap_or_default();
    Options {
        timeout: seconds(profile, "timeout"),
        auth_timeout: seconds(profile, "auth_timeout"),
        max_retries: u32::try_from(number("max_retries")).unwrap_or(u32::MAX),
        retry_interval: seconds(profile, "retry_interval"),
        anon_retry: profile.flag("anon_retry"),
        offline_retry: profile.flag("offline_retry"),
        offline_retry_interval: Some(seconds(profile, "offline_retry_interval")),
        serverca: path(profile.text("serverca")),
        // Koji keeps this option as text and takes any text for a yes
        no_ssl_verify: !profile.text("no_ssl_verify").is_empty(),
        upload_blocksize: number("upload_blocksize").max(1),
        ..Options::default()
    }
}

fn seconds(profile: &Profile, name: &str) -> Duration {
    Duration::from_secs(u64::try_from(profile.int(name)).unwrap_or_default())
}

fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| home_path(text))
}

/// A path with `~/` for the home directory.
pub fn home_path(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(section: &str, global: Global) -> Result<Settings, Error> {
        let ini = Ini::from_text("test", &format!("[koji]\n{section}\n"))?;
        Settings::new(&Profile::from_ini("koji", &ini, &Places::of_home(None))?, global)
    }

    #[test]
    fn options_stand_above_the_profile() {
        let server = Some("http://b/kojihub/".to_owned());
        let global = Global { server, user: Some("ann".into()), ..Global::default() };
        let settings = settings("server=http://a/kojihub\nmax_retries=3", global).unwrap();
        assert_eq!(settings.server, "http://b/kojihub");
        assert_eq!(settings.session_options().max_retries, 3);
        assert_eq!(settings.auth_method(), AuthType::Password);
    }

    #[test]
    fn an_unknown_authtype_is_refused() {
        assert!(settings("authtype=magic", Global::default()).unwrap_err().message.contains("magic"));
        let settings = settings("authtype=ssl", Global { noauth: true, ..Global::default() }).unwrap();
        assert_eq!(settings.auth_method(), AuthType::NoAuth);
    }

    #[test]
    fn the_program_names_the_profile() {
        assert_eq!(program_name(Some(&"/usr/bin/kkoji".into())), "kkoji");
        assert_eq!(program_name(None), "koji");
    }
}
