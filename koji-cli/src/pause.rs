//! [`Pause`]: waiting until something becomes of tasks. The hub says so where it can; else we look now and then.

use std::time::{Duration, Instant};

use koji_core::client::Feed;

use crate::context::Ctx;
use crate::terminal::Patience;

/// How often we see whether the hub has said something.
const SLICE: Duration = Duration::from_millis(50);
/// How many times longer than the usual pause we trust a hub that says what is new.
const TRUST: u32 = 10;

/// The pauses between looks at some tasks. Ctrl-C is kept back meanwhile.
pub struct Pause {
    patience: Patience,
    logs: bool,
    tasks: Vec<i64>,
    feed: Option<Feed>,
    /// Whether the feed has told anything: until then it may be that there is none
    heard: bool,
}

impl Pause {
    /// Pauses until something becomes of tasks, with `logs` also of their logs.
    pub fn new(logs: bool) -> Self {
        Self { patience: Patience::new(), logs, tasks: vec![], feed: None, heard: false }
    }

    /// Waits for news of tasks or of those below them, or for the usual time; true if Ctrl-C came.
    pub fn wait(&mut self, ctx: &mut Ctx<'_>, tasks: &[i64]) -> bool {
        if self.tasks != tasks {
            self.tasks = tasks.to_vec();
            self.feed = ctx.session().ok().and_then(|session| session.feed(tasks, self.logs));
            self.heard = false;
        }
        let (begun, usual) = (Instant::now(), ctx.settings.poll_interval);
        loop {
            let mut limit = usual;
            if let Some(feed) = &self.feed {
                if feed.take_news() {
                    self.heard = true;
                    return false;
                }
                if feed.is_over() {
                    self.feed = None;
                } else if self.heard {
                    limit = usual * TRUST;
                }
            }
            let left = limit.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return false;
            }
            let slice = if self.feed.is_some() { left.min(SLICE) } else { left };
            if self.patience.wait(slice) {
                return true;
            }
        }
    }
}
