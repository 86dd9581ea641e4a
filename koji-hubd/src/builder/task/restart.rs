//! `restart`: has this builder start anew when its other tasks are done.

use koji_core::api::host_call::HostGetId;
use koji_core::client::field;
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::run::{Order, Run};
use super::{Failure, Params, Signature, TaskHandler};

/// Restarts the daemon.
pub(super) struct Restart;

impl TaskHandler for Restart {
    fn method(&self) -> &'static str {
        "restart"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["host"], required: 1 }
    }

    fn is_for_daemon(&self) -> bool {
        true
    }

    fn weight(&self) -> f64 {
        0.1
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        check_host(run, params)?;
        run.order = Some(Order::Restart);
        Ok("graceful restart initiated".into())
    }
}

/// Refuses a request that means another host.
pub(super) fn check_host(run: &mut Run, params: &Params) -> Result<()> {
    let own = i64::from(run.call(HostGetId::new())?);
    match field(params.get("host"), "id").as_int() {
        Some(id) if id == own => Ok(()),
        _ => Err(Error::generic("Host mismatch")),
    }
}
