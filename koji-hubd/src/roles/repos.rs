//! The keeper of repositories, as kojira is: has those made that are asked for, and old ones taken away.

use koji_core::Result;
use koji_core::hub::Hub;
use koji_core::repo::decide::Lifetimes;
use koji_core::repo::{serve, tick};

use super::Because;

/// An idle look does a whole round; after a change only requests that wait are dealt with.
pub fn look(hub: &Hub, because: Because) -> Result<()> {
    let acted = match because {
        Because::Idle => hub.operate_aside(|cx| tick::tick(cx, &Lifetimes::default())).map(|_| true)?,
        Because::Changed => hub.glance(serve::is_needed)? && hub.operate_aside(serve::serve)?,
    };
    if acted {
        // New tasks want hosts. Looking again finds nothing to do, which ends it.
        (hub.env().changed)();
    }
    Ok(())
}
