//! Methods about tasks, for everybody.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::Error;
use crate::api::args::{Arg as _, OneOrMany};
use crate::api::cast::{Amount, CheckedBool, IntLike, Iterated, Truthy, checked};
use crate::db::{Lookup, QueryOpts, Rows};
use crate::methods;
use crate::scheduler::assign;
use crate::task::list::{self, ListedTask};
use crate::task::output::{self, Listing, Part};
use crate::task::{NewTask, TaskInfo, cancel, family, make, options, priority, resubmit, result, work};
use crate::wire::{Map, Value};

/// One task or many, as was asked.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Found {
    /// One
    One(Box<Option<TaskInfo>>),
    /// Many
    Many(Vec<Option<TaskInfo>>),
}

methods! {
    /// What is known of a task, or of each of a list.
    read Anyone => GetTaskInfo "getTaskInfo" (
        task_id: OneOrMany<IntLike>, request: bool = false, strict: bool = false,
    ) -> Found = |m, cx| {
        let one = matches!(m.task_id, OneOrMany::One(_));
        let ids: Vec<i64> = m.task_id.into_vec().iter().map(|id| id.0).collect();
        let mut found = list::in_order(cx, &ids, m.request.into(), m.strict)?;
        Ok(if one { Found::One(Box::new(found.pop().flatten())) } else { Found::Many(found) })
    };

    /// The arguments of a task.
    read Anyone => GetTaskRequest "getTaskRequest" (taskId: IntLike) -> Vec<Value>
        = |m, cx| result::request(cx, m.taskId.0);

    /// What came of a task. The fault of a failed one is raised, or else told as a struct.
    read Anyone => GetTaskResult "getTaskResult" (taskId: IntLike, raise_fault: bool = true) -> Value
        = |m, cx| result::get(cx, m.taskId.0, m.raise_fault);

    /// Whether a task has ended.
    read Anyone => TaskFinished "taskFinished" (taskId: IntLike) -> bool
        = |m, cx| result::is_finished(cx, m.taskId.0);

    /// The tasks right below a task.
    read Anyone => GetTaskChildren "getTaskChildren" (task_id: IntLike, request: bool = false, strict: bool = false)
        -> Vec<TaskInfo> = |m, cx| family::children(cx, m.task_id.0, m.request.into(), m.strict);

    /// The tasks below a task at any depth: the children of each, by its id as text.
    read Anyone => GetTaskDescendents "getTaskDescendents" (task_id: IntLike, request: bool = false)
        -> BTreeMap<String, Vec<TaskInfo>> = |m, cx| family::descendents(cx, m.task_id.0, m.request.into());

    /// Tasks by what is known of them.
    read Anyone => ListTasks "listTasks" (opts: Truthy<Map> = Truthy(None), queryOpts: QueryOpts = QueryOpts::default())
        -> Rows<ListedTask> = |m, cx| list::list(cx, &m.opts.0.unwrap_or_default(), &m.queryOpts);

    /// The files that a task left.
    read Anyone => ListTaskOutput "listTaskOutput" (
        taskID: Amount, stat: bool = false, all_volumes: bool = false, strict: bool = false,
    ) -> Value = |m, cx| {
        output::list(cx, m.taskID.0, Listing { stat: m.stat, all_volumes: m.all_volumes, strict: m.strict })
    };

    /// A part of a file that a task left, in base64. A negative offset counts from the end.
    read Anyone => DownloadTaskOutput "downloadTaskOutput" (
        taskID: Amount, fileName: String, offset: Option<i64> = Some(0), size: IntLike = IntLike(-1),
        volume: Option<Lookup> = None,
    ) -> String = |m, cx| {
        let part = Part { offset: m.offset.unwrap_or(0), size_bytes: m.size.0 };
        let bytes = output::read(cx, m.taskID.0, &m.fileName, m.volume.as_ref(), part)?;
        Ok(STANDARD.encode(bytes))
    };

    /// Makes any task: `makeTask(method, arglist, **options)`; its id.
    write Perm("admin") => MakeTask "makeTask" (; args args; kwargs opts) -> i32 = |m, cx| {
        let mut opts = m.opts;
        let mut args = m.args.into_iter();
        let mut take = |name: &str| {
            let keyword = opts.iter().position(|(key, _)| key == name);
            match (args.next(), keyword) {
                (Some(_), Some(_)) => Err(Error::unforeseen(format!("makeTask: argument {name:?} given twice"))),
                (Some(value), None) => Ok(value),
                (None, Some(place)) => Ok(opts.remove(place).1),
                (None, None) => Err(Error::unforeseen(format!("makeTask: missing required argument {name:?}"))),
            }
        };
        let method = String::take(take("method")?).map_err(checked)?;
        let new = NewTask::new(method, Iterated::take(take("arglist")?)?.0);
        if args.next().is_some() {
            return Err(Error::unforeseen("makeTask: takes 2 arguments, options go by name"));
        }
        if opts.iter().any(|(name, _)| name == "owner") {
            return Err(Error::not_allowed("The owner option is not allowed here"));
        }
        let new = options::read(cx, new, opts)?;
        make(cx, new)
    };

    /// Makes a failed or canceled task again; the id of the new one.
    write User => ResubmitTask "resubmitTask" (taskID: IntLike) -> i32 = |m, cx| resubmit::resubmit(cx, m.taskID.0);

    /// Calls a task off, with those below it.
    write Inside("the task's owner or host, or admin") => CancelTask "cancelTask" (task_id: IntLike, recurse: bool = true)
        -> () = |m, cx| cancel::cancel(cx, m.task_id.0, m.recurse);

    /// Calls a task off with its whole group.
    write Perm("admin") => CancelTaskFull "cancelTaskFull" (task_id: IntLike, strict: bool = true) -> ()
        = |m, cx| cancel::cancel_full(cx, m.task_id.0, m.strict);

    /// Calls off the tasks below a task.
    write Inside("the task's owner or host, or admin") => CancelTaskChildren "cancelTaskChildren" (task_id: IntLike)
        -> () = |m, cx| cancel::cancel_children(cx, m.task_id.0);

    /// Changes the priority of an unfinished task, and of those below it.
    write Perm("admin") => SetTaskPriority "setTaskPriority" (task_id: IntLike, priority: IntLike, recurse: bool = true)
        -> () = |m, cx| priority::set(cx, m.task_id.0, m.priority.0, m.recurse);

    /// Takes a task from its host; it waits for another one.
    write Perm("admin") => FreeTask "freeTask" (task_id: IntLike) -> () = |m, cx| work::free(cx, m.task_id.0);

    /// Gives a task to a host. `force` takes it from another one, `override` keeps the scheduler away from it.
    write Inside("the permission admin") => AssignTask "assignTask" (
        task_id: IntLike, host: Lookup, force: CheckedBool = CheckedBool(false),
        r#override: CheckedBool = CheckedBool(false),
    ) -> bool = |m, cx| assign::by_hand(cx, m.task_id.0, &m.host, m.force.0, m.r#override.0);
}
