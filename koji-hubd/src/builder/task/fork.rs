//! `fork`: starts processes and does not wait for them; for trying out that a builder ends what a task leaves.

use std::process::{Command, Stdio};

use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::run::Run;
use super::{Failure, Params, Signature, TaskHandler};

/// Starts `n` processes that sleep `m` seconds.
pub(super) struct Fork;

impl TaskHandler for Fork {
    fn method(&self) -> &'static str {
        "fork"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["n", "m"], required: 0 }
    }

    fn run(&self, _run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let count = params.int_or("n", 5)?;
        let seconds = params.int_or("m", 37)?.to_string();
        for _ in 0..count {
            let mut sleep = Command::new("sleep");
            let sleep = sleep.arg(&seconds).stdin(Stdio::null()).stdout(Stdio::null());
            sleep
                .spawn()
                .map_err(|error| Error::generic(format!("cannot start sleep: {error}")).caused_by(error))?;
        }
        Ok(Value::Nil)
    }
}
