//! [`Settings`]: the profile of the configuration files with the global options above it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use koji_core::client::{Options, Secret};
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
        let name = global.profile.clone().unwrap_or_else(|| program.to_owned());
        let profile = if global.server.is_some() && global.profile.is_none() && global.config.is_none() {
            // a hub that is named on the command line needs no profile
            read_profile(&name, None).unwrap_or_default()
        } else {
            read_profile(&name, global.config.as_deref())?
        };
        Self::new(&profile, global).map_err(|error| Stop::usage(error.message))
    }

    fn new(profile: &Profile, global: Global) -> Result<Self, Error> {
        let text = |name: &str, given: Option<String>, default: &str| {
            given.or_else(|| profile.get(name).cloned()).unwrap_or_else(|| default.to_owned())
        };
        let authtype = global.authtype.or_else(|| profile.get("authtype").cloned());
        let server = text("server", global.server, "http://localhost/kojihub");
        let cert = global.cert.or_else(|| profile.get("cert").cloned());
        let cert = existing_or(cert, "~/.koji/client.crt");
        let options = session_options(profile)?;
        Ok(Self {
            server: server.trim_end_matches('/').to_owned(),
            weburl: text("weburl", global.weburl, "http://localhost/koji"),
            topurl: text("topurl", global.topurl, ""),
            topdir: home_path(&text("topdir", global.topdir, "/mnt/koji")).to_string_lossy().into_owned(),
            user: global.user.or_else(|| profile.get("user").cloned()),
            password: global.password.or_else(|| profile.get("password").cloned()).map(Secret::new),
            cert,
            runas: global.runas,
            force_auth: global.force_auth || flag(profile, "force_auth")?,
            json: global.json,
            quiet: global.quiet,
            debug: global.debug || flag(profile, "debug")?,
            poll_interval: Duration::from_secs(number(profile, "poll_interval", 6)?),
            noauth: global.noauth,
            authtype: authtype.filter(|text| !text.is_empty()).map(|text| parse_auth(&text)).transpose()?,
            options,
        })
    }

    /// The options of a session with the hub.
    pub fn session_options(&self) -> Options {
        self.options.clone()
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
        _ => Err(configuration(format!("unknown authtype {text:?}: use noauth, ssl, password or kerberos"))),
    }
}

fn configuration(message: String) -> Error {
    Error::new(Fault::Configuration, message)
}

type Profile = BTreeMap<String, String>;

fn session_options(profile: &Profile) -> Result<Options, Error> {
    let default = Options::default();
    let seconds = |name: &str, default: Duration| {
        number(profile, name, default.as_secs()).map(Duration::from_secs)
    };
    Ok(Options {
        timeout: seconds("timeout", default.timeout)?,
        auth_timeout: seconds("auth_timeout", default.auth_timeout)?,
        max_retries: number(profile, "max_retries", default.max_retries)?,
        retry_interval: seconds("retry_interval", default.retry_interval)?,
        anon_retry: flag(profile, "anon_retry")?,
        offline_retry: flag(profile, "offline_retry")?,
        offline_retry_interval: Some(seconds("offline_retry_interval", default.retry_interval)?),
        serverca: existing_or(profile.get("serverca").cloned(), "~/.koji/serverca.crt"),
        no_ssl_verify: profile.get("no_ssl_verify").is_some_and(|text| is_true(text) == Some(true)),
        upload_blocksize: number(profile, "upload_blocksize", default.upload_blocksize)?,
        ..default
    })
}

/// A path that was named, or a default one if such a file exists.
fn existing_or(named: Option<String>, default: &str) -> Option<PathBuf> {
    match named.filter(|name| !name.is_empty()) {
        Some(name) => Some(home_path(&name)),
        None => Some(home_path(default)).filter(|path| path.exists()),
    }
}

/// A path with `~/` for the home directory.
pub fn home_path(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}

fn number<T: std::str::FromStr>(profile: &Profile, name: &str, default: T) -> Result<T, Error> {
    match profile.get(name) {
        None => Ok(default),
        Some(text) => text
            .trim()
            .parse()
            .map_err(|_| configuration(format!("value for {name} config option must be a valid integer"))),
    }
}

fn flag(profile: &Profile, name: &str) -> Result<bool, Error> {
    match profile.get(name) {
        None => Ok(false),
        Some(text) => is_true(text)
            .ok_or_else(|| configuration(format!("value for {name} config option must be yes or no"))),
    }
}

fn is_true(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "yes" | "true" | "on" => Some(true),
        "0" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// The section of a profile in the configuration files, later files above earlier ones.
fn read_profile(name: &str, given: Option<&str>) -> Result<Profile, Stop> {
    let mut profile = None;
    for path in config_files(given)? {
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            // only a file that was named has to be there
            Err(_) if given.is_none_or(|given| home_path(given) != path) => continue,
            Err(error) => return Err(Stop::usage(format!("{}: {error}", path.display()))),
        };
        merge_section(&text, name, &mut profile);
    }
    profile.ok_or_else(|| Stop::usage(format!("no configuration for profile name: {name}")))
}

fn config_files(given: Option<&str>) -> Result<Vec<PathBuf>, Stop> {
    let mut files = directory_files(Path::new("/etc/koji.conf.d"));
    files.push("/etc/koji.conf".into());
    match given {
        Some(path) if home_path(path).is_dir() => files.extend(directory_files(&home_path(path))),
        Some(path) => files.push(home_path(path)),
        None => {
            files.extend(directory_files(&home_path("~/.koji/config.d")));
            files.push(home_path("~/.koji/config"));
        }
    }
    Ok(files)
}

fn directory_files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return vec![] };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "conf"))
        .collect();
    files.sort();
    files
}

fn merge_section(text: &str, name: &str, profile: &mut Option<Profile>) {
    let mut inside = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with('#') || line.starts_with(';') || line.is_empty() {
            continue;
        }
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            inside = section == name;
            if inside {
                profile.get_or_insert_default();
            }
        } else if let (true, Some(at)) = (inside, line.find(['=', ':'])) {
            let (key, value) = line.split_at(at);
            let value = value[1..].trim().to_owned();
            profile.get_or_insert_default().insert(key.trim().to_ascii_lowercase(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_sections_win() {
        let mut profile = None;
        merge_section("[koji]\nserver = http://a/kojihub\n; no\nauthtype: ssl\n[x]\nserver=b\n", "koji", &mut profile);
        merge_section("[koji]\nserver = http://c/kojihub\n", "koji", &mut profile);
        let profile = profile.unwrap();
        assert_eq!(profile["server"], "http://c/kojihub");
        assert_eq!(profile["authtype"], "ssl");
    }

    #[test]
    fn options_stand_above_the_profile() {
        let profile = Profile::from([
            ("server".into(), "http://a/kojihub".into()),
            ("user".into(), "ann".into()),
            ("cert".into(), "/nowhere/c.pem".into()),
            ("max_retries".into(), "3".into()),
        ]);
        let global = Global { server: Some("http://b/kojihub/".into()), ..Global::default() };
        let settings = Settings::new(&profile, global).unwrap();
        assert_eq!(settings.server, "http://b/kojihub");
        assert_eq!(settings.session_options().max_retries, 3);
        assert_eq!(settings.auth_method(), AuthType::Password);
    }

    #[test]
    fn wrong_values_are_named() {
        let profile = Profile::from([("timeout".into(), "soon".into())]);
        let error = Settings::new(&profile, Global::default()).unwrap_err();
        assert!(error.message.contains("timeout"));
    }

    #[test]
    fn the_program_names_the_profile() {
        assert_eq!(program_name(Some(&"/usr/bin/kkoji".into())), "kkoji");
        assert_eq!(program_name(None), "koji");
    }
}
