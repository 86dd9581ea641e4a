//! Methods that a builder calls about itself and the tasks it has.

use crate::api::Arg as _;
use crate::api::args::expected;
use crate::api::cast::{CheckedBool, IntLike, Iterated, checked};
use crate::api::later::Later;
use crate::host::report::{self, load_of};
use crate::host::{self, HostRow};
use crate::methods;
use crate::scheduler::assign::{self, AssignedTask, LoadData};
use crate::task::wait::{self, Awaited, PartResult};
use crate::task::work::{self, OpenTask};
use crate::task::{NewTask, TaskInfo, options};
use crate::wire::{self, Map, Value};
use crate::{Error, Result};

/// Whose parts are none, as those of null are.
const NO_TASK: i64 = 0;

fn ids(list: Vec<IntLike>) -> Vec<i64> {
    list.into_iter().map(|id| id.0).collect()
}

/// The options of a part of a task; a known label ends it before they are looked at any closer.
fn subtask(cx: &mut crate::context::Cx<'_>, mut new: NewTask, parent: i64, mut opts: Map) -> Result<i32> {
    let host = cx.require_host()?;
    if let Some((name, _)) = opts.iter().find(|(name, _)| matches!(name.as_str(), "method" | "arglist")) {
        return Err(Error::unforeseen(format!("argument {name:?} given twice")));
    }
    if opts.iter().any(|(name, _)| name == "owner") {
        return Err(Error::not_allowed("The owner option is not allowed here"));
    }
    if let Some(place) = opts.iter().position(|(name, _)| name == "kwargs") {
        match opts.remove(place).1 {
            Value::Struct(named) => new.params = wire::encode_args(new.params, named),
            other => return Err(expected("a struct of keyword arguments", &other)),
        }
    }
    let new = options::read(cx, NewTask { parent: Some(parent), ..new }, opts)?;
    wait::subtask(cx, host, NewTask { parent: Some(parent), ..new })
}

methods! {
    /// The id of the host.
    read Host => HostGetId "host.getID" () -> i32 = |_m, cx| cx.require_host();

    /// The host.
    read Host => HostGetHost "host.getHost" () -> HostRow
        = |_m, cx| { let id = cx.require_host()?; host::get(cx, &id.into()) };

    /// Whether the host may get tasks.
    read Host => HostIsEnabled "host.isEnabled" () -> bool
        = |_m, cx| { let id = cx.require_host()?; report::is_enabled(cx, id) };

    /// The host is there, bears a load and is ready for tasks, or not. `data` is for the scheduler.
    write Host => HostUpdateHost "host.updateHost" (task_load: Value, ready: Value, data: Option<Value> = None) -> ()
        = |m, cx| {
            let id = cx.require_host()?;
            let ready = m.ready.as_bool().ok_or_else(|| expected("a boolean", &m.ready))?;
            report::update(cx, id, load_of(&m.task_load)?, ready)?;
            match m.data {
                None => Ok(()),
                Some(data @ Value::Struct(_)) => report::set_data(cx, id, data),
                Some(other) => Err(checked(expected("a struct of host data", &other))),
            }
        };

    /// What the scheduler is to know of the host: a struct, or its JSON.
    write Host => HostSetHostData "host.setHostData" (hostdata: Value) -> ()
        = |m, cx| { let id = cx.require_host()?; report::set_data(cx, id, m.hostdata) };

    /// The host with its channels, and the tasks that it was given.
    write Host => HostGetLoadData "host.getLoadData" () -> LoadData
        = |_m, cx| { let id = cx.require_host()?; assign::load_data(cx, id) };

    /// The tasks that the host was given and has not begun with.
    write Host => HostGetTasks "host.getTasks" () -> Vec<AssignedTask>
        = |_m, cx| { let id = cx.require_host()?; assign::to_host_or_schedule(cx, id) };

    /// The tasks that the host has open. `alert` marks those that have awaited a task that has ended.
    read Host => HostGetHostTasks "host.getHostTasks" () -> Vec<OpenTask>
        = |_m, cx| { let id = cx.require_host()?; work::open_tasks(cx, id) };

    /// Begins with a task; null if the host can't have it.
    write Host => HostOpenTask "host.openTask" (task_id: IntLike) -> Option<TaskInfo>
        = |m, cx| { let id = cx.require_host()?; work::open(cx, id, m.task_id.0) };

    /// Ends a task with its result, the text of a response.
    write Host => HostCloseTask "host.closeTask" (task_id: IntLike, response: String) -> ()
        = |m, cx| { let id = cx.require_host()?; work::close(cx, id, m.task_id.0, &m.response) };

    /// Ends a task with a fault, the text of a response.
    write Host => HostFailTask "host.failTask" (task_id: IntLike, response: String) -> ()
        = |m, cx| { let id = cx.require_host()?; work::fail(cx, id, m.task_id.0, &m.response) };

    /// Gives open tasks back. Tasks that the host has not open are passed over.
    write Host => HostFreeTasks "host.freeTasks" (tasks: Iterated) -> ()
        = |m, cx| {
            let id = cx.require_host()?;
            let tasks = m.tasks.0.into_iter().map(|task| Ok(IntLike::take(task)?.0)).collect::<Result<Vec<_>>>()?;
            work::give_back(cx, id, &tasks)
        };

    /// Does not take a task that the host was given: not now, or with `soft` off never.
    write Host => HostRefuseTask "host.refuseTask" (task_id: IntLike, soft: CheckedBool = CheckedBool(true), msg: String = String::new())
        -> () = |m, cx| { let id = cx.require_host()?; work::refuse(cx, id, m.task_id.0, m.soft.0, &m.msg) };

    /// Tells the load that an open task puts on the host.
    write Host => HostSetTaskWeight "host.setTaskWeight" (task_id: IntLike, weight: Value) -> ()
        = |m, cx| {
            let weight = load_of(&m.weight).map_err(|error| Error::parameter(error.message))?;
            let id = cx.require_host()?;
            work::set_weight(cx, id, m.task_id.0, weight)
        };

    /// Makes a part of an open task; its id. With a label that is known the id of that part.
    write Host => HostSubtask "host.subtask" (
        #[checked] method: String, arglist: Iterated, parent: IntLike; kwargs opts
    ) -> i32 = |m, cx| subtask(cx, NewTask::new(m.method, m.arglist.0), m.parent.0, m.opts);

    /// The same, with the arguments of the part as they are: `subtask2(parent, options, method, ..)`.
    write Host => HostSubtask2 "host.subtask2" (
        _HostExports__parent: IntLike, _HostExports__taskopts: Map, #[checked] _HostExports__method: String;
        args args; kwargs opts
    ) -> i32 = |m, cx| {
        let params = wire::encode_args(m.args, m.opts);
        let new = NewTask::new(m._HostExports__method, params);
        subtask(cx, new, m._HostExports__parent.0, m._HostExports__taskopts)
    };

    /// A task begins to wait for these parts of it: for all of them with null.
    write Host => HostTaskSetWait "host.taskSetWait" (parent: Option<i64>, #[checked] tasks: Option<Vec<IntLike>>) -> ()
        = |m, cx| {
            cx.require_host()?;
            wait::set(cx, m.parent.unwrap_or(NO_TASK), m.tasks.map(ids).as_deref())
        };

    /// The awaited parts of a task: those that have ended, and the others.
    write Host => HostTaskWait "host.taskWait" (parent: Option<i64>) -> Awaited
        = |m, cx| { cx.require_host()?; wait::check(cx, m.parent.unwrap_or(NO_TASK)) };

    /// What came of parts of a task, of all that have ended with null. A failed one's fault is raised unless it is
    /// among `canfail`.
    write Host => HostTaskWaitResults "host.taskWaitResults" (
        parent: Option<i64>, tasks: Later<Option<Iterated>>, canfail: Option<Vec<IntLike>> = None,
    ) -> Vec<PartResult> = |m, cx| {
        cx.require_host()?;
        let can_fail = ids(m.canfail.unwrap_or_default());
        let id = |id: Value| IntLike::take(id).map(|id| id.0);
        let tasks = m.tasks.read("tasks")?.map(|tasks| tasks.0.into_iter().map(id).collect::<Result<_>>());
        wait::results(cx, m.parent.unwrap_or(NO_TASK), tasks.transpose()?, &can_fail)
    };
}
