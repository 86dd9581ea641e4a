//! The command line of the builder: Koji's options, of which those are taken that have an effect here.

use std::path::PathBuf;

use clap::Parser;
use koji_core::config::builder::FILE;

use super::backend::{self, enter::Stage};

/// Builds packages and repositories for a Koji hub.
#[derive(Parser)]
#[command(
    name = "kojid",
    version,
    after_help = "Example:\n  kojid -f --server http://hub.example.com/kojihub --user builder1.example.com \
    --topurl http://hub.example.com/kojifiles --workdir /var/tmp/koji\n\n\
    The password belongs into the configuration file: a command line can be read by every user."
)]
pub struct Args {
    /// The configuration file
    #[arg(short, long, value_name = "FILE", default_value = FILE)]
    pub config: PathBuf,
    /// Stay in the foreground and log to standard error
    #[arg(short = 'f', long = "fg")]
    pub foreground: bool,
    /// Take the hub's lock from another session of this host
    #[arg(long)]
    pub force_lock: bool,
    /// Log what happens
    #[arg(short, long)]
    pub verbose: bool,
    /// Log in detail
    #[arg(short, long)]
    pub debug: bool,
    /// The URL of the hub
    #[arg(short, long, value_name = "URL")]
    pub server: Option<String>,
    /// The user to log in as
    #[arg(long)]
    pub user: Option<String>,
    /// The password to log in with
    #[arg(long)]
    pub password: Option<String>,
    /// The URL below which the hub's files are
    #[arg(long, value_name = "URL")]
    pub topurl: Option<String>,
    /// The directory where the hub's files are mounted
    #[arg(long, value_name = "DIR")]
    pub topdir: Option<String>,
    /// The directory to work in
    #[arg(long, value_name = "DIR")]
    pub workdir: Option<String>,
    /// What makes buildroots
    #[arg(long, value_name = "KIND", value_parser = backend::KINDS)]
    pub buildroot: Option<String>,
    /// The user that builds run as
    #[arg(long, value_name = "USER")]
    pub mockuser: Option<String>,
    /// How many tasks to run at once
    #[arg(long, value_name = "N")]
    pub maxjobs: Option<u32>,
    /// How much disk space there must be to take a task, in MB
    #[arg(long, value_name = "MB")]
    pub minspace: Option<u32>,
    /// How long to sleep between looks for tasks, in seconds
    #[arg(long, value_name = "S")]
    pub sleeptime: Option<u32>,
    /// Run one task; the daemon starts itself so
    #[arg(long, value_name = "ID", hide = true)]
    pub run_task: Option<i64>,
    /// Make namespaces and run a program in them; tasks start it so
    #[arg(long, value_name = "STAGE", hide = true)]
    pub enter: Option<Stage>,
    /// Look whether directories answer; the daemon starts itself so
    #[arg(long, hide = true)]
    pub probe: bool,
}

impl Args {
    /// The options given here, by the names they have in the configuration file.
    pub fn overrides(&self) -> Vec<(String, String)> {
        let level = match (self.debug, self.verbose) {
            (true, _) => Some("DEBUG".to_owned()),
            (_, true) => Some("INFO".to_owned()),
            _ => None,
        };
        let number = |value: Option<u32>| value.map(|value| value.to_string());
        let all = [
            ("log_level", level),
            ("server", self.server.clone()),
            ("user", self.user.clone()),
            ("password", self.password.clone()),
            ("topurl", self.topurl.clone()),
            ("topdir", self.topdir.clone()),
            ("workdir", self.workdir.clone()),
            ("buildroot", self.buildroot.clone()),
            ("mockuser", self.mockuser.clone()),
            ("maxjobs", number(self.maxjobs)),
            ("minspace", number(self.minspace)),
            ("sleeptime", number(self.sleeptime)),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_given_overrides() {
        let args = Args::parse_from(["kojid", "-f", "-v", "--server", "http://h/kojihub", "--maxjobs", "3"]);
        assert!(args.foreground && args.run_task.is_none());
        assert_eq!(args.config, PathBuf::from(FILE));
        let given = args.overrides();
        let names: Vec<_> = given.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(names, [("log_level", "INFO"), ("server", "http://h/kojihub"), ("maxjobs", "3")]);
    }

    #[test]
    fn an_unknown_kind_of_buildroot_is_refused() {
        assert!(Args::try_parse_from(["kojid", "--buildroot", "moon"]).is_err());
    }
}
