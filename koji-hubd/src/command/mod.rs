//! What each command of the daemon does.

mod columns;
mod database;
mod host;
mod init;
mod openapi;
mod policy;
mod policy_explain;
mod serve;
mod user;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use koji_core::config::{HubConfig, hub};
use koji_core::db::Db;
use koji_core::hub::Hub;
use koji_core::{Error, Fault, Result};

use crate::args::{Args, Command};
use crate::log::Log;

/// Where Koji keeps everything if nobody says otherwise.
const TOPDIR: &str = "/mnt/koji";

/// Runs the command; how it ends if nothing fails.
pub fn run(args: &Args, log: Log) -> Result<ExitCode> {
    if matches!(args.command, Command::Openapi) {
        return openapi::run().map(|()| ExitCode::SUCCESS);
    }
    let config = read_config(args)?;
    if let Command::Policy(command) = &args.command {
        return policy::run(args, &config, command);
    }
    log.set(config.log_filter()?.as_deref());
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let setup = Setup::new(args, config)?;
    match &args.command {
        Command::Openapi => openapi::run(),
        Command::Init => init::run(&setup),
        Command::User(command) => user::run(&setup, command),
        Command::Host(command) => host::run(&setup, command),
        Command::Serve(serve) => serve::run(args, &setup, serve, log),
        Command::Policy(_) => Ok(()),
    }
    .map(|()| ExitCode::SUCCESS)
}

/// The configuration that the command line names, or the one at its usual place.
pub fn read_config(args: &Args) -> Result<HubConfig> {
    match &args.config {
        Some(path) => HubConfig::load(path, &path.with_extension("conf.d")),
        None if Path::new(hub::FILE).exists() => {
            HubConfig::load(Path::new(hub::FILE), Path::new(hub::DIRECTORY))
        }
        None => Ok(HubConfig::default()),
    }
}

/// What all commands need to know that work on a hub.
pub struct Setup {
    /// The options of hub.conf
    pub config: HubConfig,
    /// The database's URL
    pub db: String,
    /// The top directory
    pub topdir: PathBuf,
}

impl Setup {
    fn new(args: &Args, config: HubConfig) -> Result<Self> {
        let missing = |what: &str| Error::new(Fault::Configuration, what.to_owned());
        let db = match &args.db {
            Some(url) => Some(url.clone()),
            None => database::url(&config)?,
        };
        let db = db.ok_or_else(|| {
            missing("no database given: use --db sqlite:///path/koji.db, or set DBName in hub.conf")
        })?;
        let topdir = args
            .topdir
            .clone()
            .unwrap_or_else(|| PathBuf::from(config.find_text("KojiDir").unwrap_or(TOPDIR)));
        Ok(Self { config, db, topdir: absolute(&topdir)? })
    }

    /// Opens the hub; its tables must be there.
    pub fn open(&self, connections: u32) -> Result<Hub> {
        let db = Db::open(&self.db, connections)?;
        Hub::new(db, self.config.clone(), &self.topdir)
    }
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|source| Error::io(path, source))
}
