//! What runs beside the calls: each role a thread that looks when something has changed, and now and then anyway.

pub mod externals;
pub mod repos;
pub mod scheduler;

use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use koji_core::db::Db;
use koji_core::hub::Hub;
use koji_core::{Error, Result};

use crate::command::Setup;

/// How often a role does a whole round, whether anything changes or not.
pub const IDLE: Duration = Duration::from_secs(15);

/// Changes that come together are looked at together: those of so long a time, or of as long as the last look took, so
/// that looks take half of the time at most, but not of more than this.
const GATHER: Duration = Duration::from_millis(5);
const LONGEST_GATHER: Duration = Duration::from_millis(50);

/// Why a role looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// A call committed a change.
    Changed,
    /// It is time for a whole round.
    Idle,
}

/// What a role does when it looks.
pub type Look = Box<dyn FnMut(&Hub, Because) -> Result<()> + Send>;

/// A role.
pub struct Role {
    /// Its name
    pub name: &'static str,
    /// How often it does a whole round
    pub idle: Duration,
    /// What it does
    pub look: Look,
}

impl Role {
    /// A role with the usual rounds.
    pub fn new(name: &'static str, look: Look) -> Self {
        Self { name, idle: IDLE, look }
    }
}

/// A hub whose changes wake the roles named; each has a thread that ends with the process.
pub fn start(setup: &Setup, connections: u32, roles: Vec<Role>) -> Result<Hub> {
    let db = Db::open(&setup.db, connections)?;
    // One waiting word is enough: whoever listens looks at everything.
    let (senders, receivers): (Vec<_>, Vec<_>) = roles.iter().map(|_| sync_channel(1)).unzip();
    let changed = Box::new(move || {
        for sender in &senders {
            let _ = sender.try_send(());
        }
    });
    let hub = Hub::with_changes(db, setup.config.clone(), &setup.topdir, changed)?;
    for (role, receiver) in roles.into_iter().zip(receivers) {
        let hub = hub.clone();
        std::thread::Builder::new()
            .name(role.name.to_owned())
            .spawn(move || run(role, &hub, &receiver))
            .map_err(Error::from)?;
    }
    Ok(hub)
}

fn run(role: Role, hub: &Hub, changes: &Receiver<()>) {
    let Role { name, idle, mut look } = role;
    // What waited while no hub was running is looked at first.
    let mut because = Because::Idle;
    let mut round = Instant::now();
    loop {
        let begun = Instant::now();
        if let Err(error) = look(hub, because) {
            tracing::warn!(role = name, %error, "a role failed; it tries again");
        }
        let gather = begun.elapsed().clamp(GATHER, LONGEST_GATHER);
        because = match changes.recv_timeout(idle.saturating_sub(round.elapsed())) {
            // changes that come all the time put no round off
            Ok(()) if round.elapsed() < idle => Because::Changed,
            Ok(()) | Err(RecvTimeoutError::Timeout) => Because::Idle,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if because == Because::Idle {
            round = Instant::now();
        }
        std::thread::sleep(gather);
        while changes.try_recv().is_ok() {}
    }
}
