//! `koji-hubd init`

use koji_core::db::{Db, migrate};
use koji_core::{Error, Result};

use super::Setup;

/// Makes the tables if the database is empty, and the directories.
pub(super) fn run(setup: &Setup) -> Result<()> {
    let db = Db::open(&setup.db, 1)?;
    let before = db.plainly(migrate::migrate)?;
    for name in ["packages", "repos", "repos-dist", "work", "scratch", "vol"] {
        let path = setup.topdir.join(name);
        std::fs::create_dir_all(&path).map_err(|source| Error::io(&path, source))?;
    }
    tracing::info!(?before, topdir = %setup.topdir.display(), "the database is ready");
    Ok(())
}
