//! `waittest`: waits for sleeping tasks and one that fails, which may; for trying out waiting.

use koji_core::Result;
use koji_core::wire::Value;

use super::run::{Run, Subtask};
use super::wait::{self, Waiting};
use super::{Failure, Params, Signature, TaskHandler};

/// Waits.
pub(super) struct WaitTest;

impl TaskHandler for WaitTest {
    fn method(&self) -> &'static str {
        "waittest"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["count", "seconds"], required: 1 }
    }

    fn weight(&self) -> f64 {
        0.1
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let seconds = params.int_or("seconds", 10)?;
        let mut start =
            |label: &str, params| run.subtask(Subtask { method: "sleep", params, label, arch: "noarch" });
        let mut tasks = vec![];
        for at in 0..params.int("count")? {
            tasks.push(start(&at.to_string(), args![seconds])?);
        }
        let bad = start("bad", args!["BAD_ARG"])?;
        tasks.push(bad);
        let results = wait::wait(run, &Waiting { fail_any: true, can_fail: &[bad], ..Waiting::all(&tasks) })?;
        tracing::info!(?results, "waited");
        Ok(Value::Nil)
    }
}
