//! `shutdown`: ends this builder, which gives its other tasks back. The hub hears first that this one is done.

use koji_core::Result;
use koji_core::wire::Value;

use super::run::{Order, Run};
use super::{Failure, Params, Signature, TaskHandler};

/// Ends the daemon.
pub(super) struct Shutdown;

impl TaskHandler for Shutdown {
    fn method(&self) -> &'static str {
        "shutdown"
    }

    fn signature(&self) -> Signature {
        Signature { names: &[], required: 0 }
    }

    fn is_for_daemon(&self) -> bool {
        true
    }

    fn weight(&self) -> f64 {
        0.0
    }

    fn run(&self, run: &mut Run, _params: &Params) -> Result<Value, Failure> {
        run.order = Some(Order::Stop);
        Ok(Value::Nil)
    }
}
