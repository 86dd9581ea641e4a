//! The keeper of repositories, as kojira is: has those made that are asked for, and old ones taken away.

use std::time::{Duration, Instant};

use koji_core::Result;
use koji_core::hub::Hub;
use koji_core::repo::decide::Lifetimes;
use koji_core::repo::{serve, strays, tick};

use super::{Because, Look};

/// How often directories are looked for that belong to no repository any more: that reads the whole of `repos`.
const PRUNE: Duration = Duration::from_secs(60 * 60);

/// A whole round does everything; after a change only requests that wait are dealt with.
pub fn look() -> Look {
    let lifetimes = Lifetimes::default();
    let mut pruned: Option<Instant> = None;
    Box::new(move |hub, because| {
        let acted = match because {
            Because::Idle => hub.operate_aside(|cx| tick::tick(cx, &lifetimes)).map(|_| true)?,
            Because::Changed => hub.glance(serve::is_needed)? && hub.operate_aside(serve::serve)?,
        };
        if acted {
            // New tasks want hosts. Looking again finds nothing to do, which ends it.
            (hub.env().changed)();
        }
        if because == Because::Idle && pruned.is_none_or(|last| last.elapsed() >= PRUNE) {
            pruned = Some(Instant::now());
            prune(hub, &lifetimes)?;
        }
        Ok(())
    })
}

/// Directories stay as long as repositories do after they have expired.
fn prune(hub: &Hub, lifetimes: &Lifetimes) -> Result<()> {
    let untouched = Duration::from_secs_f64(lifetimes.expired_s);
    hub.aside(|cx| strays::prune(cx, untouched)).map(drop)
}
