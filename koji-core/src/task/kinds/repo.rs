//! Making repositories and waiting for them.

use super::Fallback::False;
use super::{Kind, may, must, or};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        method: "newRepo",
        params: &[
            must("tag"),
            may("event"),
            or("src", False),
            or("debuginfo", False),
            or("separate_src", False),
        ],
    },
    Kind {
        method: "newRepo",
        params: &[must("tag"), may("event"), may("src"), may("debuginfo"), may("separate_src"), may("opts")],
    },
    Kind { method: "createrepo", params: &[must("repo_id"), must("arch"), must("oldrepo")] },
    Kind { method: "waitrepo", params: &[must("tag"), may("newer_than"), may("nvrs"), may("min_event")] },
    Kind { method: "distRepo", params: &[must("tag"), must("repo_id"), must("keys"), must("task_opts")] },
    Kind {
        method: "createdistrepo",
        params: &[must("tag"), must("repo_id"), must("arch"), must("keys"), must("opts")],
    },
];
