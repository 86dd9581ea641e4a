//! The scheduler: gives tasks to hosts as soon as there are tasks and hosts for them.

use koji_core::scheduler::tick;

use super::{Because, Look};

/// Only a whole round is after hosts that went silent; after a change there is nothing to do without a free task.
pub fn look() -> Look {
    Box::new(|hub, because| {
        if because == Because::Idle {
            return hub.aside(|cx| tick::run(cx, false)).map(drop);
        }
        if hub.glance(tick::is_needed)? {
            hub.aside(|cx| tick::run(cx, true))?;
        }
        Ok(())
    })
}
