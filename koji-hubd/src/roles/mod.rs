//! What runs beside the calls.

pub mod scheduler;

use std::sync::mpsc::{Receiver, sync_channel};

use koji_core::Result;
use koji_core::db::Db;
use koji_core::hub::Hub;

use crate::command::Setup;

/// A hub, and the channel on which it tells of changes.
pub fn with_changes(setup: &Setup, connections: u32) -> Result<(Hub, Receiver<()>)> {
    let db = Db::open(&setup.db, connections)?;
    // One waiting word is enough: whoever listens looks at everything.
    let (sender, receiver) = sync_channel(1);
    let changed = Box::new(move || {
        let _ = sender.try_send(());
    });
    Ok((Hub::with_changes(db, setup.config.clone(), &setup.topdir, changed)?, receiver))
}
