//! `dependantTask`: waits for tasks that others asked for, then has tasks of its own done.

use std::time::Duration;

use koji_core::api::cast::IntLike;
use koji_core::api::host_call::HostSubtask;
use koji_core::api::task::GetTaskInfo;
use koji_core::client::item;
use koji_core::client::watch::{State, state_of};
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::run::Run;
use super::{Failure, Params, Signature, TaskHandler};

/// How long between two looks at the tasks.
const PAUSE: Duration = Duration::from_secs(1);

/// Does `task_list` when all of `wait_list` has ended well.
pub(super) struct DependantTask;

impl TaskHandler for DependantTask {
    fn method(&self) -> &'static str {
        "dependantTask"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["wait_list", "task_list"], required: 2 }
    }

    fn weight(&self) -> f64 {
        0.2
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let tasks = wanted(params.get("task_list"), run.id)?;
        let ids = params.get("wait_list").as_array().unwrap_or_default();
        // As in Koji, what is no number of a task is not waited for.
        let mut waits: Vec<i64> = ids.iter().filter_map(Value::as_int).collect();
        while !waits.is_empty() {
            waits = unfinished(run, &waits)?;
            if !waits.is_empty() {
                std::thread::sleep(PAUSE);
            }
        }
        let mut started = Vec::new();
        for task in tasks {
            started.push(run.call(task)?.into());
        }
        if !started.is_empty() {
            run.wait_for(&started, false)?;
        }
        Ok(Value::Nil)
    }
}

/// Those tasks that go on; one that failed or was canceled is an error, an unknown one is not waited for.
fn unfinished(run: &mut Run, ids: &[i64]) -> Result<Vec<i64>> {
    let asked: Vec<IntLike> = ids.iter().copied().map(IntLike).collect();
    let infos = run.ask(GetTaskInfo::new(asked))?;
    let mut left = Vec::new();
    for (id, info) in ids.iter().zip(infos.as_array().unwrap_or_default()) {
        match state_of(info) {
            Some(State::Canceled | State::Failed) => {
                return Err(Error::generic(format!("Dependency {id} failed to complete.")));
            }
            Some(State::Closed) | None => {}
            Some(_) => left.push(*id),
        }
    }
    Ok(left)
}

/// The tasks to start as parts of another: each a method, its parameters, and perhaps options.
fn wanted(list: &Value, parent: i64) -> Result<Vec<HostSubtask>> {
    let wrong =
        || Error::parameter("each of task_list is a list: a method, its parameters, and perhaps options");
    let task = |entry: &Value| {
        let method = item(entry, 0).as_str().ok_or_else(wrong)?;
        let params = item(entry, 1).as_array().ok_or_else(wrong)?.to_vec();
        let opts = match item(entry, 2) {
            Value::Struct(opts) => opts.clone(),
            Value::Nil => vec![],
            _ => return Err(wrong()),
        };
        Ok(HostSubtask { opts, ..HostSubtask::new(method, params, parent) })
    };
    list.as_array().ok_or_else(wrong)?.iter().map(task).collect()
}

#[cfg(test)]
mod tests {
    use koji_core::client::field;

    use super::*;

    #[test]
    fn tasks_are_methods_with_parameters() {
        let entry = Value::Array(args![
            "tagBuild",
            Value::Array(args![1, 2]),
            Value::Struct(map! { "priority" => 15 })
        ]);
        let tasks =
            wanted(&Value::Array(vec![entry, Value::Array(args!["sleep", Value::Array(args![1])])]), 7)
                .unwrap();
        assert_eq!((tasks[0].method.as_str(), tasks[0].opts.len(), tasks[1].opts.len()), ("tagBuild", 1, 0));
        assert_eq!(field(&Value::Struct(tasks[0].opts.clone()), "priority").as_int(), Some(15));
        for wrong in
            [Value::Nil, Value::Array(args!["tagBuild"]), Value::Array(vec![Value::Array(args![1, 2])])]
        {
            assert!(wanted(&wrong, 7).is_err(), "{wrong:?}");
        }
    }
}
