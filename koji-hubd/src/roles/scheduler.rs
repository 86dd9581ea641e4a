//! The scheduler's thread: looks at once when something has changed, and now and then anyway, for hosts that
//! went silent.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use koji_core::Result;
use koji_core::hub::Hub;
use koji_core::scheduler::tick;

/// How long it waits when nothing changes.
const IDLE: Duration = Duration::from_secs(15);

/// Changes that come together are looked at together.
const GATHER: Duration = Duration::from_millis(5);

/// Starts the thread. It ends with the process.
pub fn start(hub: Hub, changes: Receiver<()>) -> Result<()> {
    std::thread::Builder::new()
        .name("scheduler".to_owned())
        .spawn(move || run(&hub, &changes))
        .map(drop)
        .map_err(koji_core::Error::from)
}

fn run(hub: &Hub, changes: &Receiver<()>) {
    loop {
        let idle = match changes.recv_timeout(IDLE) {
            Ok(()) => false,
            Err(RecvTimeoutError::Timeout) => true,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        std::thread::sleep(GATHER);
        while changes.try_recv().is_ok() {}
        if let Err(error) = look(hub, idle) {
            tracing::warn!(%error, "the scheduler failed; it tries again");
        }
    }
}

/// One look. Only an idle one looks after hosts; after a change nothing is to be done without a free task.
fn look(hub: &Hub, idle: bool) -> Result<()> {
    if idle {
        return hub.aside(|cx| tick::run(cx, false)).map(drop);
    }
    if hub.glance(tick::is_needed)? {
        hub.aside(|cx| tick::run(cx, true))?;
    }
    Ok(())
}
