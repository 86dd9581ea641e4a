//! `restartVerify`: checks that this builder has started since a `restart` task ended.

use koji_core::api::task::GetTaskInfo;
use koji_core::client::field;
use koji_core::client::watch::{State, state_of};
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::restart::check_host;
use super::run::Run;
use super::{Failure, Params, Signature, TaskHandler};

/// Checks a restart.
pub(super) struct RestartVerify;

impl TaskHandler for RestartVerify {
    fn method(&self) -> &'static str {
        "restartVerify"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["task_id", "host"], required: 2 }
    }

    fn weight(&self) -> f64 {
        0.1
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let restart = run.ask(GetTaskInfo::new(params.int("task_id")?))?;
        check_ended(&restart)?;
        check_host(run, params)?;
        check_start(&restart, run.daemon.started_s)?;
        Ok(Value::Nil)
    }
}

fn check_ended(restart: &Value) -> Result<()> {
    match state_of(restart) {
        Some(State::Closed) => Ok(()),
        state => {
            let state = state.map_or("unknown", State::name);
            Err(Error::generic(format!("Stage one restart task is {state}")))
        }
    }
}

fn check_start(restart: &Value, started_s: f64) -> Result<()> {
    let ended_s = field(restart, "completion_ts").as_f64().unwrap_or_default();
    if started_s < ended_s {
        return Err(Error::generic(format!(
            "Restart failed - the builder started {:.0} seconds before the restart task ended",
            ended_s - started_s
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builder_must_have_started_since() {
        let task = |state: i64| Value::Struct(map! { "state" => state, "completion_ts" => 1000.5 });
        assert!(check_ended(&task(2)).is_ok());
        assert_eq!(check_ended(&task(1)).unwrap_err().message, "Stage one restart task is OPEN");
        assert!(check_start(&task(2), 1000.6).is_ok());
        assert!(check_start(&task(2), 990.0).unwrap_err().message.starts_with("Restart failed"));
    }
}
