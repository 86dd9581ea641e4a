//! Waiting for subtasks by asking the hub now and then.
//!
//! Koji's builder wakes the waiting process by a signal when the daemon's poll saw a change; asking costs one
//! small call every few seconds and needs no signal.

use std::collections::BTreeMap;
use std::time::Duration;

use koji_core::Result;
use koji_core::api::cast::IntLike;
use koji_core::api::host_call::{HostTaskSetWait, HostTaskWait, HostTaskWaitResults};
use koji_core::api::task::{CancelTaskChildren, GetTaskResult};
use koji_core::client::item;
use koji_core::wire::Value;

use super::run::Run;

/// The pauses between two questions: the first, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

/// What to wait for.
pub(super) struct Waiting<'a> {
    /// The subtasks, all of them.
    pub tasks: &'a [i64],
    /// Cancel the others when one fails.
    pub fail_any: bool,
}

/// Waits, and gives the results by task.
pub(super) fn wait(run: &mut Run, waiting: &Waiting<'_>) -> Result<BTreeMap<i64, Value>> {
    let ids: Vec<IntLike> = waiting.tasks.iter().copied().map(IntLike).collect();
    run.call(HostTaskSetWait::new(run.id, ids.clone()))?;
    let mut pause = PAUSE.0;
    let mut checked = vec![];
    loop {
        let answer = run.ask(HostTaskWait::new(run.id))?;
        if item(&answer, 1).as_array().unwrap_or_default().is_empty() {
            break;
        }
        if waiting.fail_any {
            check(run, item(&answer, 0), &mut checked)?;
        }
        std::thread::sleep(pause);
        pause = (pause * 3 / 2).min(PAUSE.1);
    }
    let results = run.ask(HostTaskWaitResults::new(run.id, ids))?;
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
