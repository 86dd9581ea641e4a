//! Waiting for subtasks by asking the hub now and then.
//!
//! Koji's builder wakes the waiting process by a signal when the daemon's poll saw a change; asking costs one
//! small call every few seconds and needs no signal.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use koji_core::api::cast::IntLike;
use koji_core::api::host_call::{HostTaskSetWait, HostTaskWait, HostTaskWaitResults};
use koji_core::api::task::{CancelTaskChildren, GetTaskResult};
use koji_core::client::item;
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::run::Run;

/// The pauses between two questions: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

/// The results by task.
pub(super) type Results = BTreeMap<i64, Value>;

/// What to wait for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting<'a> {
    /// The subtasks, all of them.
    pub tasks: &'a [i64],
    /// Cancel the others when one fails.
    pub fail_any: bool,
    /// Those of the subtasks that may fail.
    pub can_fail: &'a [i64],
    /// How long; then all subtasks are canceled.
    pub timeout: Option<Duration>,
}

impl<'a> Waiting<'a> {
    /// For all of some tasks, as long as it takes.
    pub fn all(tasks: &'a [i64]) -> Self {
        Self { tasks, fail_any: false, can_fail: &[], timeout: None }
    }
}

/// Waits, and gives the results by task.
pub(super) fn wait(run: &mut Run, waiting: &Waiting<'_>) -> Result<Results> {
    let begun = Instant::now();
    let numbers = |list: &[i64]| list.iter().copied().map(IntLike).collect::<Vec<_>>();
    let ids = numbers(waiting.tasks);
    run.call(HostTaskSetWait::new(run.id, ids.clone()))?;
    let mut pause = PAUSE.0;
    let mut checked = waiting.can_fail.to_vec();
    loop {
        let answer = run.ask(HostTaskWait::new(run.id))?;
        if item(&answer, 1).as_array().unwrap_or_default().is_empty() {
            break;
        }
        if waiting.fail_any {
            check(run, item(&answer, 0), &mut checked)?;
        }
        if waiting.timeout.is_some_and(|timeout| begun.elapsed() > timeout) {
            run.call(CancelTaskChildren::new(run.id))?;
            let seconds = begun.elapsed().as_secs_f64();
            return Err(Error::generic(format!("Subtasks timed out after {seconds:.1} seconds")));
        }
        std::thread::sleep(pause);
        pause = (pause * 3 / 2).min(PAUSE.1);
    }
    let canfail = (!waiting.can_fail.is_empty()).then(|| numbers(waiting.can_fail));
    let results = run.ask(HostTaskWaitResults { canfail, ..HostTaskWaitResults::new(run.id, ids) })?;
    let pairs = results.as_array().unwrap_or_default();
    Ok(pairs.iter().filter_map(|pair| Some((item(pair, 0).as_int()?, item(pair, 1).clone()))).collect())
}

/// Looks at the subtasks that have ended; a failed one ends all.
fn check(run: &mut Run, finished: &Value, checked: &mut Vec<i64>) -> Result<()> {
    for id in finished.as_array().unwrap_or_default().iter().filter_map(Value::as_int) {
        if checked.contains(&id) {
            continue;
        }
        if let Err(error) = run.call(GetTaskResult::new(id)) {
            tracing::info!(subtask = id, %error, "a subtask failed, canceling the others");
            run.call(CancelTaskChildren::new(run.id))?;
            return Err(error);
        }
        checked.push(id);
    }
    Ok(())
}
