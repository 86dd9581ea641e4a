//! Methods about the scheduler: what it did and why.

use crate::db::QueryOpts;
use crate::host::report::{self, HostData};
use crate::methods;
use crate::scheduler::tick;
use crate::scheduler::view::{self, Clauses, Fields, Picked};

methods! {
    /// Which host got which task when. Clauses are `[field, value]` or `[field, operator, value]`.
    read Anyone => GetTaskRuns "scheduler.getTaskRuns" (
        clauses: Option<Clauses> = None, fields: Option<Fields> = None, opts: Option<QueryOpts> = None,
    ) -> Picked = |m, cx| view::task_runs(cx, m.clauses, m.fields, m.opts);

    /// Which host will not take which task, and why.
    read Anyone => GetTaskRefusals "scheduler.getTaskRefusals" (
        clauses: Option<Clauses> = None, fields: Option<Fields> = None,
    ) -> Picked = |m, cx| view::refusals(cx, m.clauses, m.fields);

    /// What hosts told for the scheduler.
    read Anyone => GetHostData "scheduler.getHostData" (hostID: Option<i64> = None) -> Vec<HostData>
        = |m, cx| report::data(cx, m.hostID);

    /// What the scheduler noted.
    read Anyone => GetLogMessages "scheduler.getLogMessages" (
        clauses: Option<Clauses> = None, fields: Option<Fields> = None, opts: Option<QueryOpts> = None,
    ) -> Picked = |m, cx| view::log_messages(cx, m.clauses, m.fields, m.opts);

    /// Runs the scheduler now, if nobody else does; with `force` in any case. Whether it ran.
    write Perm("admin") => DoRun "scheduler.doRun" (force: bool = false) -> bool = |m, cx| tick::run(cx, m.force);
}
