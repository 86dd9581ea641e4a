//! Work on builders themselves, commands in buildroots, and tasks for trying things out.

use super::Fallback::{False, Int, List};
use super::{Kind, may, must, or};

pub(super) const KINDS: &[Kind] = &[
    Kind { method: "restart", params: &[must("host")] },
    Kind { method: "restartHosts", params: &[may("options")] },
    Kind { method: "restartVerify", params: &[must("task_id"), must("host")] },
    Kind { method: "shutdown", params: &[] },
    Kind { method: "saveFailedTree", params: &[must("buildrootID"), or("full", False)] },
    Kind {
        method: "runroot",
        params: &[
            must("root"),
            must("arch"),
            must("command"),
            or("keep", False),
            or("packages", List),
            or("mounts", List),
            may("repo_id"),
            or("skip_setarch", False),
            may("weight"),
            may("upload_logs"),
            or("new_chroot", False),
        ],
    },
    Kind { method: "sleep", params: &[must("n")] },
    Kind { method: "fork", params: &[or("n", Int(5)), or("m", Int(37))] },
    Kind { method: "subtask", params: &[or("n", Int(4))] },
    Kind { method: "waittest", params: &[must("count"), or("seconds", Int(10))] },
    Kind { method: "dependantTask", params: &[must("wait_list"), must("task_list")] },
];
