//! Building with Maven and for Windows, and rpms around what that gives.

use super::{Kind, may, must};

pub(super) const KINDS: &[Kind] = &[
    Kind { method: "maven", params: &[must("url"), must("target"), may("opts")] },
    Kind { method: "chainmaven", params: &[must("builds"), must("target"), may("opts")] },
    Kind { method: "buildMaven", params: &[must("url"), must("build_tag"), may("opts")] },
    Kind {
        method: "wrapperRPM",
        params: &[must("spec_url"), must("build_target"), must("build"), must("task"), may("opts")],
    },
    Kind { method: "winbuild", params: &[must("name"), must("source_url"), must("target"), must("opts")] },
    Kind { method: "vmExec", params: &[must("name"), must("task_info"), must("opts")] },
];
