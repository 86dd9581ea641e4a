//! `subtask`: waits for a task of its own kind, and so on `n` deep, the last for a `sleep`; for trying out waiting.

use koji_core::Result;
use koji_core::wire::Value;

use super::run::{Run, Subtask};
use super::{Failure, Params, Signature, TaskHandler};

/// How long the innermost task sleeps.
const SLEEP_S: i64 = 15;

/// A task in a task.
pub(super) struct PartInPart;

impl TaskHandler for PartInPart {
    fn method(&self) -> &'static str {
        "subtask"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["n"], required: 0 }
    }

    fn weight(&self) -> f64 {
        0.1
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let (method, params, label) = match params.int_or("n", 4)? {
            n if n > 0 => ("subtask", args![n - 1], "foo"),
            _ => ("sleep", args![SLEEP_S], "bar"),
        };
        run.subtask_result(Subtask { method, params, label, arch: "noarch" })?;
        Ok(Value::Nil)
    }
}
