//! [`Feed`]: hearing from the hub that something became of tasks. A hub that offers no such thing, as Koji's own, is asked
//! now and then instead: that is for the caller.

use std::io::{BufRead as _, BufReader};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::http;
use super::options::Options;
use super::session::Session;

/// Longer than a hub is silent while it has nothing to tell.
const SILENCE: Duration = Duration::from_secs(60);

/// What is heard of some tasks.
#[derive(Debug)]
pub struct Feed {
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    news: AtomicBool,
    over: AtomicBool,
    left: AtomicBool,
}

impl Feed {
    /// Whether there was news since the last question; the first is that the hub offers a feed.
    pub fn take_news(&self) -> bool {
        self.state.news.swap(false, Ordering::AcqRel)
    }

    /// Whether nothing more is heard: the tasks have ended, the hub is away, or offers no feed.
    pub fn is_over(&self) -> bool {
        self.state.over.load(Ordering::Acquire)
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.state.left.store(true, Ordering::Release);
    }
}

impl Session {
    /// Begins to listen for these tasks and those below them, with `logs` also for their logs. None if the hub is in this
    /// process, or nobody can listen.
    pub fn feed(&self, tasks: &[i64], logs: bool) -> Option<Feed> {
        if self.is_local() || tasks.is_empty() {
            return None;
        }
        let mut url = format!("{}/events?logs={}", self.url().trim_end_matches('/'), u8::from(logs));
        tasks.iter().for_each(|task| url.push_str(&format!("&task={task}")));
        let (state, options) = (Arc::new(State::default()), self.options().clone());
        let heard = state.clone();
        let listener = move || {
            if let Err(error) = listen(&url, &options, &heard) {
                tracing::debug!(%error, "no feed");
            }
            heard.over.store(true, Ordering::Release);
        };
        std::thread::Builder::new().name("feed".into()).spawn(listener).ok()?;
        Some(Feed { state })
    }
}

/// Until the stream ends, or nobody wants it any more.
fn listen(url: &str, options: &Options, state: &State) -> crate::Result<()> {
    let failed = |error: ureq::Error| crate::Error::generic(format!("{url}: {error}"));
    let agent = http::agent(url, options, None)?;
    let request = agent.get(url).config().timeout_connect(Some(options.auth_timeout));
    let request = request.timeout_recv_response(Some(options.auth_timeout)).timeout_per_read(Some(SILENCE));
    let response = request.build().header("Accept", "text/event-stream").call().map_err(failed)?;
    let kind = response.headers().get("Content-Type").and_then(|kind| kind.to_str().ok());
    if !response.status().is_success() || !kind.is_some_and(|kind| kind.starts_with("text/event-stream")) {
        return Err(crate::Error::generic(format!("{url} answered {}", response.status())));
    }
    for line in BufReader::new(response.into_body().into_reader()).lines() {
        if state.left.load(Ordering::Acquire) {
            break;
        }
        if line?.starts_with("data:") {
            state.news.store(true, Ordering::Release);
        }
    }
    Ok(())
}
