//! `GET /kojihub/events?task=ID..`: what becomes of tasks, as server-sent events, so that nobody need ask again and
//! again.
//!
//! A follower first hears how the tasks and those below them stand, then of each change (`task`), and with `logs=1` how
//! far their logs have grown (`log`). When all tasks that were asked for have ended, so does the stream (`end`). Followers
//! cost no thread: one role looks for all of them.

mod follower;
mod look;

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse as _;
use axum::response::sse::{Event, KeepAlive, Sse};
use koji_core::hub::Hub;
use tokio::sync::mpsc;

use follower::Follower;

/// Followers at once.
const MOST_FOLLOWERS: usize = 1000;
/// Tasks that one follower may name.
const MOST_TASKS: usize = 100;
/// Messages that wait for a slow follower; what it misses then it is told later, as it stands then.
const MOST_WAITING: usize = 64;
/// Something is sent so often, that proxies and followers know the stream to be alive.
const ALIVE: Duration = Duration::from_secs(15);

/// All followers.
#[derive(Clone, Default)]
pub struct Events(Arc<Mutex<Followers>>);

#[derive(Default)]
struct Followers {
    list: Vec<Follower>,
    /// How many more the role has in its hands
    looked_for: usize,
    closed: bool,
}

impl Events {
    fn lock(&self) -> MutexGuard<'_, Followers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all streams, and takes no more: the daemon stops.
    pub fn close(&self) {
        let mut followers = self.lock();
        followers.closed = true;
        followers.list.clear();
    }

    /// Another follower; none if there are too many.
    fn follow(&self, wish: Wish) -> Option<mpsc::Receiver<Event>> {
        let (sender, receiver) = mpsc::channel(MOST_WAITING);
        let mut followers = self.lock();
        followers.list.retain(|follower| !follower.is_gone());
        if followers.closed || followers.list.len() + followers.looked_for >= MOST_FOLLOWERS {
            return None;
        }
        followers.list.push(Follower::new(wish.tasks, wish.logs, sender));
        Some(receiver)
    }
}

/// What somebody wants to follow.
#[derive(Debug, PartialEq, Eq)]
struct Wish {
    tasks: Vec<i64>,
    logs: bool,
}

impl Wish {
    fn parse(query: &str) -> Result<Self, String> {
        let mut wish = Self { tasks: vec![], logs: false };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "task" => {
                    let id: i32 = value.parse().map_err(|_| format!("{value:?} is no task's id\n"))?;
                    wish.tasks.push(id.into());
                }
                "logs" => wish.logs = value != "0",
                other => return Err(format!("no parameter {other:?}; there are task and logs\n")),
            }
        }
        wish.tasks.sort_unstable();
        wish.tasks.dedup();
        match wish.tasks.len() {
            0 => Err("name the tasks to be followed: ?task=ID&task=ID\n".to_owned()),
            count if count > MOST_TASKS => Err(format!("{count} tasks are more than {MOST_TASKS}\n")),
            _ => Ok(wish),
        }
    }
}

/// Answers `GET /kojihub/events`.
pub async fn handle(State((hub, events)): State<(Hub, Events)>, RawQuery(query): RawQuery) -> Response<Body> {
    let env = hub.env();
    if let Some(error) = env.config.offline() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n"));
    }
    let wish = match Wish::parse(&query.unwrap_or_default()) {
        Ok(wish) => wish,
        Err(text) => return plain(StatusCode::BAD_REQUEST, text),
    };
    let Some(receiver) = events.follow(wish) else {
        let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, "too many followers\n".to_owned());
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        return response;
    };
    // the role that looks for followers is woken as if something had changed
    (env.changed)();
    let stream = futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|event| (Ok::<_, Infallible>(event), receiver))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(ALIVE)).into_response()
}

fn plain(status: StatusCode, text: String) -> Response<Body> {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes() {
        let wish = Wish::parse("task=7&task=5&task=7&logs=1").unwrap();
        assert_eq!(wish, Wish { tasks: vec![5, 7], logs: true });
        assert!(Wish::parse("").unwrap_err().contains("name the tasks"));
        assert!(Wish::parse("task=x").unwrap_err().contains("\"x\""));
        assert!(Wish::parse("task=1&host=2").unwrap_err().contains("host"));
        let many: Vec<String> = (0..=MOST_TASKS).map(|id| format!("task={id}")).collect();
        assert!(Wish::parse(&many.join("&")).unwrap_err().contains("more than"));
    }

    #[test]
    fn followers_are_bounded_and_the_gone_make_room() {
        let events = Events::default();
        let wish = || Wish { tasks: vec![1], logs: false };
        let mut all: Vec<_> = (0..MOST_FOLLOWERS).map(|_| events.follow(wish()).unwrap()).collect();
        assert!(events.follow(wish()).is_none());
        all.pop();
        assert!(events.follow(wish()).is_some());
        events.close();
        assert!(events.follow(wish()).is_none());
    }
}
