//! `restartHosts`: restarts enabled builders, all or some, and checks each.

use std::time::Duration;

use koji_core::api::Arg as _;
use koji_core::api::channel::GetChannel;
use koji_core::api::host::ListHosts;
use koji_core::api::host_call::{HostGetId, HostSubtask};
use koji_core::api::task::TaskFinished;
use koji_core::client::field;
use koji_core::db::Lookup;
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::run::{Run, need_int};
use super::wait::{self, Waiting};
use super::{Failure, Params, Signature, TaskHandler};

/// How long all may take, unless the options tell.
const TIMEOUT_S: f64 = 24.0 * 3600.0;

/// Restarts builders.
pub(super) struct RestartHosts;

impl TaskHandler for RestartHosts {
    fn method(&self) -> &'static str {
        "restartHosts"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["options"], required: 0 }
    }

    fn weight(&self) -> f64 {
        0.1
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let options = params.get("options");
        let timeout = timeout(options)?;
        let hosts = hosts(run, options)?;
        let own = i64::from(run.call(HostGetId::new())?);
        let (mut tasks, mut own_tasks) = (vec![], None);
        for host in &hosts {
            let id = need_int(host, "id")?;
            let restart = start(run, "restart", args![host.clone()], (id, format!("restart {id}")))?;
            let params = args![restart, host.clone()];
            let verify = start(run, "restartVerify", params, (id, format!("sleep {id}")))?;
            tasks.extend([restart, verify]);
            if id == own {
                own_tasks = Some((restart, verify));
            }
        }
        if let Some((restart, verify)) = own_tasks {
            wait::wait(run, &Waiting { timeout: Some(timeout), ..Waiting::all(&[restart]) })?;
            if !run.call(TaskFinished::new(verify))? {
                // this very task keeps the builder from restarting; after that it finds its parts again by label
                return Err(Failure::GiveBack);
            }
        }
        wait::wait(run, &Waiting { timeout: Some(timeout), ..Waiting::all(&tasks) })?;
        Ok(Value::Nil)
    }
}

/// A subtask for one host, whatever its channels.
fn start(run: &mut Run, method: &str, params: Vec<Value>, (host, label): (i64, String)) -> Result<i64> {
    let opts = map! { "assign" => host, "label" => label };
    run.call(HostSubtask { opts, ..HostSubtask::new(method, params, run.id) }).map(i64::from)
}

fn timeout(options: &Value) -> Result<Duration> {
    let seconds = match field(options, "timeout") {
        Value::Nil => TIMEOUT_S,
        given => given.as_f64().unwrap_or(-1.0),
    };
    Duration::try_from_secs_f64(seconds)
        .map_err(|error| Error::parameter("timeout must be a number of seconds, 0 or more").caused_by(error))
}

fn hosts(run: &mut Run, options: &Value) -> Result<Vec<Value>> {
    let mut query = ListHosts { enabled: Some(true), ..ListHosts::new() };
    if let Some(channel) = options.get("channel") {
        let channel = GetChannel { strict: true, ..GetChannel::new(Lookup::take(channel.clone())?) };
        query.channelID = Some(need_int(&run.ask(channel)?, "id")?.into());
    }
    if let Some(arches) = options.get("arches") {
        query.arches = koji_core::api::Arg::take(arches.clone())?;
    }
    match run.ask(query)? {
        Value::Array(hosts) if !hosts.is_empty() => Ok(hosts),
        _ => Err(Error::generic("No matching hosts")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_may_say_how_long() {
        assert_eq!(timeout(&Value::Nil).unwrap(), Duration::from_secs(86_400));
        assert_eq!(timeout(&Value::Struct(map! { "timeout" => 5 })).unwrap(), Duration::from_secs(5));
        assert!(timeout(&Value::Struct(map! { "timeout" => "soon" })).is_err());
    }
}
