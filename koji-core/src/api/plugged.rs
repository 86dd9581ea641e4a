//! Methods that a hub of Koji has only with the plugins of its source. They are always there, and as `_listapi` is to
//! tell what every hub has it does not tell them.

use super::cast::IntLike;
use crate::buildroot::ask::{self, RootCommand};
use crate::db::Lookup;
use crate::methods;
use crate::wire::Value;

methods! {
    /// Makes a task that runs a command in a new buildroot of a tag; its id.
    write Perm("runroot") => RunRoot "runroot"
        (tagInfo: Value, arch: String, command: Value, channel: Option<Lookup> = None; kwargs opts) -> i32
        = |m, cx| {
            let opts = m.opts;
            let wanted = RootCommand { tag: m.tagInfo, arch: m.arch, command: m.command, channel: m.channel, opts };
            ask::run_command(cx, wanted)
        };

    /// Makes a task that uploads what is left of the buildroot of a failed task; its id.
    write Inside("the failed task's owner, or admin") => SaveFailedTree "saveFailedTree"
        (buildrootID: IntLike, full: Value = Value::Bool(false); kwargs opts) -> i32
        = |m, cx| ask::save_failed(cx, m.buildrootID.0, m.full.is_true(), m.opts);
}
