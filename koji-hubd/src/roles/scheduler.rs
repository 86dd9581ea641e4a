//! The scheduler: gives tasks to hosts as soon as there are tasks and hosts for them.

use koji_core::scheduler::tick;

use super::{Because, Look};

/// Only a whole round is after hosts that went silent; after a change there is nothing to do without a free task and a host
/// with room.
pub fn look() -> Look {
    Box::new(|hub, because| {
        if because == Because::Idle {
            return hub
                .aside(|cx| {
                    let is_needed = tick::is_needed(cx)?;
                    tick::run(cx, is_needed)
                })
                .map(drop);
        }
        if hub.glance(tick::is_hand_out_needed)? {
            hub.aside(tick::hand_out)?;
        }
        Ok(())
    })
}
