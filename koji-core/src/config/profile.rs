//! A client's profile: one section of the client files, with Koji's options and defaults.
//!
//! Later files override earlier ones: the system's directory and file, then the user's, or instead of the
//! user's what the command line names.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::ini::{Ini, Source, wrong};
use super::options::{Kind, Options};
use crate::Result;

/// Where profiles are looked for.
#[derive(Clone, Debug)]
pub struct Places {
    /// The system's directory of files, read first.
    pub system_dir: PathBuf,
    /// The system's file.
    pub system_file: PathBuf,
    /// The user's home: below it are `.koji/config.d` and `.koji/config`, and `~` stands for it.
    pub home: Option<PathBuf>,
    /// A file or directory to read instead of the user's; it must exist.
    pub explicit: Option<PathBuf>,
}

impl Places {
    /// Koji's places for a user with this home.
    pub fn of_home(home: Option<PathBuf>) -> Self {
        let (system_dir, system_file) = ("/etc/koji.conf.d".into(), "/etc/koji.conf".into());
        Self { system_dir, system_file, home, explicit: None }
    }

    fn sources(&self) -> Vec<Source> {
        let mut sources = vec![Source::optional(&self.system_dir), Source::optional(&self.system_file)];
        match (&self.explicit, &self.home) {
            (Some(path), _) => sources.push(Source::required(self.expand(&path.to_string_lossy()))),
            (None, Some(home)) => {
                sources
                    .extend([".koji/config.d", ".koji/config"].map(|name| Source::optional(home.join(name))));
            }
            (None, None) => {}
        }
        sources
    }

    fn expand(&self, path: &str) -> PathBuf {
        match (path.strip_prefix('~'), &self.home) {
            (Some(""), Some(home)) => home.clone(),
            (Some(rest), Some(home)) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
            _ => path.into(),
        }
    }
}

/// A profile's options.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The section's name.
    pub name: String,
    options: Options,
}

impl Profile {
    /// Reads a profile. One that no file has is an error that lists those there are.
    pub fn load(name: &str, places: &Places) -> Result<Self> {
        Self::from_ini(name, &Ini::read(&places.sources())?, places)
    }

    /// Takes a profile's section. Options that a client has no use for are left to plugins.
    pub fn from_ini(name: &str, ini: &Ini, places: &Places) -> Result<Self> {
        if !ini.has_section(name) {
            let mut known: Vec<&str> = ini.sections().collect();
            known.sort_unstable();
            let known = if known.is_empty() { "there are none".into() } else { known.join(", ") };
            return Err(wrong(format!(
                "no configuration for profile name: {name} (known profiles: {known})"
            )));
        }
        let mut options = Options::defaults(OPTIONS);
        for (option, _) in ini.items(name) {
            if options.knows(option)
                && let Some(value) = ini.interpolated(name, option)?
            {
                options.set(option, &value)?;
            }
        }
        for (option, default) in [("cert", "~/.koji/client.crt"), ("serverca", "~/.koji/serverca.crt")] {
            let path = match options.text(option) {
                Some(path) => places.expand(path),
                None => existing(&places.expand(default)),
            };
            options.set(option, &path.to_string_lossy())?;
        }
        Ok(Self { name: name.into(), options })
    }

    /// A yes or no.
    pub fn flag(&self, name: &str) -> bool {
        self.options.flag(name)
    }

    /// A number; 0 where there is none.
    pub fn int(&self, name: &str) -> i64 {
        self.options.int(name).unwrap_or_default()
    }

    /// A number that need not be set.
    pub fn find_int(&self, name: &str) -> Option<i64> {
        self.options.int(name)
    }

    /// A text; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.options.text(name).unwrap_or_default()
    }

    /// A text that need not be set.
    pub fn find_text(&self, name: &str) -> Option<&str> {
        self.options.text(name)
    }

    /// Every option there is, with its value or none.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, Option<impl Serialize>)> {
        self.options.all()
    }

    /// Sets one option from its text, as the command line does.
    pub fn set(&mut self, name: &str, text: &str) -> Result<()> {
        self.options.set(name, text)
    }
}

fn existing(path: &Path) -> PathBuf {
    if path.exists() { path.into() } else { PathBuf::new() }
}

use Kind::{Flag, Int, NoInt, NoText, Text};

static OPTIONS: &[(&str, Kind)] = &[
    ("server", Text("http://localhost/kojihub")),
    ("weburl", Text("http://localhost/koji")),
    ("topurl", NoText),
    ("pkgurl", NoText),
    ("topdir", Text(crate::paths::DEFAULT_TOP)),
    ("max_retries", Int(30)),
    ("retry_interval", Int(20)),
    ("anon_retry", Flag(false)),
    ("offline_retry", Flag(false)),
    ("offline_retry_interval", Int(20)),
    ("timeout", Int(43_200)),
    ("auth_timeout", Int(60)),
    ("use_fast_upload", Flag(true)),
    ("upload_blocksize", Int(1_048_576)),
    ("poll_interval", Int(6)),
    // Ours: upstream takes these two on its command line only, and passes over them here.
    ("user", NoText),
    ("password", NoText),
    ("principal", NoText),
    ("keytab", NoText),
    ("cert", NoText),
    ("serverca", NoText),
    // Koji keeps this one as text, whatever it says
    ("no_ssl_verify", Text("")),
    ("authtype", NoText),
    ("debug", Flag(false)),
    ("debug_xmlrpc", Flag(false)),
    ("pyver", NoInt),
    ("plugin_paths", NoText),
    ("force_auth", Flag(false)),
];

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn places(home: &Path) -> Places {
        let (system_dir, system_file) = (home.join("conf.d"), home.join("koji.conf"));
        Places { system_dir, system_file, home: Some(home.into()), explicit: None }
    }

    #[test]
    fn the_users_files_override_the_systems() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path();
        fs::create_dir_all(home.join(".koji")).unwrap();
        fs::write(home.join("koji.conf"), "[koji]\nserver=http://h\nmax_retries=5\nauthtype=ssl\n").unwrap();
        fs::write(home.join(".koji/config"), "[koji]\nserver=http://%(authtype)s\nunknown=1\n").unwrap();
        fs::write(home.join(".koji/client.crt"), "").unwrap();
        let profile = Profile::load("koji", &places(home)).unwrap();
        assert_eq!((profile.text("server"), profile.int("max_retries")), ("http://ssl", 5));
        assert_eq!(profile.text("cert"), home.join(".koji/client.crt").to_string_lossy());
        assert_eq!((profile.text("serverca"), profile.find_int("pyver")), ("", None));

        fs::write(home.join("own.conf"), "[koji]\ncert=~/c.pem\n").unwrap();
        let own = Places { explicit: Some("~/own.conf".into()), ..places(home) };
        let profile = Profile::load("koji", &own).unwrap();
        assert_eq!(
            (profile.text("server"), Path::new(profile.text("cert"))),
            ("http://h", &*home.join("c.pem"))
        );
        let missing = Places { explicit: Some("~/none.conf".into()), ..places(home) };
        assert!(Profile::load("koji", &missing).is_err());
    }

    #[test]
    fn an_unknown_profile_lists_the_known() {
        let ini = Ini::from_text("t", "[stg]\n[koji]\n").unwrap();
        let message = Profile::from_ini("prod", &ini, &Places::of_home(None)).unwrap_err().message;
        assert_eq!(message, "no configuration for profile name: prod (known profiles: koji, stg)");
    }
}
