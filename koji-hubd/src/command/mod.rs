//! What each command of the daemon does.

mod database;
mod host;
mod init;
mod openapi;
mod serve;
mod user;

use std::path::{Path, PathBuf};

use koji_core::config::{HubConfig, hub};
use koji_core::db::Db;
use koji_core::hub::Hub;
use koji_core::{Error, Fault, Result};

use crate::args::{Args, Command};

/// Where Koji keeps everything if nobody says otherwise.
const TOPDIR: &str = "/mnt/koji";

/// Runs the command.
pub fn run(args: &Args) -> Result<()> {
    if matches!(args.command, Command::Openapi) {
        return openapi::run();
    }
    let setup = Setup::read(args)?;
    match &args.command {
        Command::Openapi => openapi::run(),
        Command::Init => init::run(&setup),
        Command::User(command) => user::run(&setup, command),
        Command::Host(command) => host::run(&setup, command),
        Command::Serve(serve) => serve::run(&setup, serve),
    }
}

/// What all commands need to know.
pub struct Setup {
    /// The options of hub.conf
    pub config: HubConfig,
    /// The database's URL
    pub db: String,
    /// The top directory
    pub topdir: PathBuf,
}

impl Setup {
    fn read(args: &Args) -> Result<Self> {
        let config = match &args.config {
            Some(path) => HubConfig::load(path, &path.with_extension("conf.d"))?,
            None if Path::new(hub::FILE).exists() => {
                HubConfig::load(Path::new(hub::FILE), Path::new(hub::DIRECTORY))?
            }
            None => HubConfig::default(),
        };
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        let missing = |what: &str| Error::new(Fault::Configuration, what.to_owned());
        let db = args.db.clone().or_else(|| database::url(&config)).ok_or_else(|| {
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
