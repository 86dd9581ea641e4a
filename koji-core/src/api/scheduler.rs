//! Methods about the scheduler: what it did and why.

use crate::api::cast::CheckedBool;
use crate::db::view::{Ask, Found};
use crate::host::report::{self, HostData};
use crate::methods;
use crate::scheduler::tick;
use crate::scheduler::view::{self, LogMessage, TaskRefusal, TaskRun, by_id};
use crate::wire::Value;

methods! {
    /// Which host got which task when. Clauses are `[field, value]` or `[field, operator, value]`.
    read Anyone => GetTaskRuns "scheduler.getTaskRuns" (
        clauses: Value = Value::Nil, fields: Value = Value::Nil, opts: Value = Value::Nil,
    ) -> Found<TaskRun> = |m, cx| {
        view::task_runs(cx, &Ask { clauses: m.clauses, fields: m.fields, opts: by_id(m.opts)? })
    };

    /// Which host will not take which task, and why.
    read Anyone => GetTaskRefusals "scheduler.getTaskRefusals" (
        clauses: Value = Value::Nil, fields: Value = Value::Nil,
    ) -> Found<TaskRefusal> = |m, cx| {
        view::refusals(cx, &Ask { clauses: m.clauses, fields: m.fields, opts: by_id(Value::Nil)? })
    };

    /// What hosts told for the scheduler.
    read Anyone => GetHostData "scheduler.getHostData" (hostID: Option<i64> = None) -> Vec<HostData>
        = |m, cx| report::data(cx, m.hostID);

    /// What the scheduler noted.
    read Anyone => GetLogMessages "scheduler.getLogMessages" (
        clauses: Value = Value::Nil, fields: Value = Value::Nil, opts: Value = Value::Nil,
    ) -> Found<LogMessage> = |m, cx| {
        view::log_messages(cx, &Ask { clauses: m.clauses, fields: m.fields, opts: by_id(m.opts)? })
    };

    /// Runs the scheduler now, if nobody else does; with `force` in any case. Whether it ran.
    write Perm("admin") => DoRun "scheduler.doRun" (force: CheckedBool = CheckedBool(false)) -> bool = |m, cx| tick::run(cx, m.force.0);
}
