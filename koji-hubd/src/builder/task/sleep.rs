//! `sleep`: does nothing for a while; for trying out a builder.

use std::time::Duration;

use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::run::Run;
use super::{Failure, Params, Signature, TaskHandler};

/// Sleeps `n` seconds.
pub(super) struct Sleep;

impl TaskHandler for Sleep {
    fn method(&self) -> &'static str {
        "sleep"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["n"], required: 1 }
    }

    fn weight(&self) -> f64 {
        0.25
    }

    fn run(&self, _run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let seconds = params.get("n").as_f64().and_then(|n| Duration::try_from_secs_f64(n).ok());
        let Some(duration) = seconds else {
            return Err(Error::parameter("n must be a number of seconds, 0 or more").into());
        };
        std::thread::sleep(duration);
        Ok(Value::Nil)
    }
}
