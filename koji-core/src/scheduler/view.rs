//! What clients may ask of the scheduler's tables.

use crate::Result;
use crate::api::Arg as _;
use crate::context::Cx;
use crate::db::QueryOpts;
use crate::db::view::{Ask, Found, View};
use crate::row;
use crate::wire::Value;

row! {
    /// That a host has, or had, a task.
    pub struct TaskRun {
        /// Its id
        pub id: i32 = "scheduler_task_runs.id",
        /// The task
        pub task_id: i32 = "scheduler_task_runs.task_id",
        /// The host
        pub host_id: i32 = "scheduler_task_runs.host_id",
        /// Whether it goes on
        pub active: bool = "scheduler_task_runs.active",
        /// When the host got the task, in seconds since the epoch
        pub create_ts: f64 = "scheduler_task_runs.create_time",
        /// The task's method
        pub method: Option<String> = "task.method",
        /// The task's state
        pub state: Option<i32> = "task.state",
        /// The task's owner
        pub owner: Option<i32> = "task.owner",
        /// The task's arch
        pub arch: Option<String> = "task.arch",
        /// The task's channel
        pub channel_id: Option<i32> = "task.channel_id",
        /// The host's name
        pub host_name: Option<String> = "host.name",
        /// Whether the host is ready
        pub host_ready: Option<bool> = "host.ready",
        /// When a host last began with the task
        pub start_ts: Option<f64> = "task.start_time",
        /// When the task ended
        pub completion_ts: Option<f64> = "task.completion_time",
    }
}

row! {
    /// That a host will not take a task.
    pub struct TaskRefusal {
        /// Its id
        pub id: i32 = "scheduler_task_refusals.id",
        /// The task
        pub task_id: i32 = "scheduler_task_refusals.task_id",
        /// The host
        pub host_id: i32 = "scheduler_task_refusals.host_id",
        /// Whether the host said so itself
        pub by_host: bool = "scheduler_task_refusals.by_host",
        /// Whether it holds for a while only
        pub soft: bool = "scheduler_task_refusals.soft",
        /// What happened
        pub msg: Option<String> = "scheduler_task_refusals.msg",
        /// When it was, in seconds since the epoch
        pub ts: f64 = "scheduler_task_refusals.time",
        /// The task's method
        pub method: Option<String> = "task.method",
        /// The task's state
        pub state: Option<i32> = "task.state",
        /// The task's owner
        pub owner: Option<i32> = "task.owner",
        /// The task's arch
        pub arch: Option<String> = "task.arch",
        /// The task's channel
        pub channel_id: Option<i32> = "task.channel_id",
        /// The host's name
        pub host_name: Option<String> = "host.name",
        /// Whether the host is ready
        pub host_ready: Option<bool> = "host.ready",
    }
}

row! {
    /// A note of the scheduler.
    pub struct LogMessage {
        /// Its id
        pub id: i32 = "scheduler_log_messages.id",
        /// The task
        pub task_id: Option<i32> = "scheduler_log_messages.task_id",
        /// The host
        pub host_id: Option<i32> = "scheduler_log_messages.host_id",
        /// What happened
        pub msg: String = "scheduler_log_messages.msg",
        /// When it was, in seconds since the epoch
        pub msg_ts: f64 = "scheduler_log_messages.msg_time",
        /// The task's method
        pub method: Option<String> = "task.method",
        /// The task's state
        pub state: Option<i32> = "task.state",
        /// The task's owner
        pub owner: Option<i32> = "task.owner",
        /// The task's arch
        pub arch: Option<String> = "task.arch",
        /// The task's channel
        pub channel_id: Option<i32> = "task.channel_id",
        /// The host's name
        pub host_name: Option<String> = "host.name",
        /// Whether the host is ready
        pub host_ready: Option<bool> = "host.ready",
    }
}

const RUNS: View = View {
    table: "scheduler_task_runs",
    joins: &[
        "task ON task.id = scheduler_task_runs.task_id",
        "host ON host.id = scheduler_task_runs.host_id",
    ],
    defaults: &["id", "task_id", "host_id", "active", "create_ts"],
    times: &["create_ts", "start_ts", "completion_ts"],
    json: &[],
};

const REFUSALS: View = View {
    table: "scheduler_task_refusals",
    joins: &[
        "task ON task.id = scheduler_task_refusals.task_id",
        "host ON host.id = scheduler_task_refusals.host_id",
    ],
    defaults: &["id", "task_id", "host_id", "by_host", "soft", "msg", "ts"],
    times: &["ts"],
    json: &[],
};

const MESSAGES: View = View {
    table: "scheduler_log_messages",
    joins: &[
        "task ON task.id = scheduler_log_messages.task_id",
        "host ON host.id = scheduler_log_messages.host_id",
    ],
    defaults: &["id", "task_id", "host_id", "msg", "msg_ts"],
    times: &["msg_ts"],
    json: &[],
};

/// Which host got which task when.
pub fn task_runs(cx: &mut Cx<'_>, ask: &Ask) -> Result<Found<TaskRun>> {
    RUNS.answer(cx, ask)
}

/// Which host will not take which task.
pub fn refusals(cx: &mut Cx<'_>, ask: &Ask) -> Result<Found<TaskRefusal>> {
    REFUSALS.answer(cx, ask)
}

/// What the scheduler noted.
pub fn log_messages(cx: &mut Cx<'_>, ask: &Ask) -> Result<Found<LogMessage>> {
    MESSAGES.answer(cx, ask)
}

/// The options of a listing. Where none are given, the oldest come first; empty ones ask for no order.
pub fn by_id(opts: Value) -> Result<QueryOpts> {
    if opts.is_nil() {
        return Ok(QueryOpts { order: Some("id".to_owned()), ..QueryOpts::default() });
    }
    QueryOpts::take(opts)
}
