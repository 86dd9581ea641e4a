//! Tagging builds, and telling people.

use super::Fallback::{False, Text};
use super::{Kind, may, must, or};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        method: "tagBuild",
        params: &[
            must("tag_id"),
            must("build_id"),
            or("force", False),
            may("fromtag"),
            or("ignore_success", False),
        ],
    },
    Kind {
        method: "buildNotification",
        params: &[must("recipients"), must("build"), must("target"), must("weburl")],
    },
    Kind {
        method: "tagNotification",
        params: &[
            must("recipients"),
            must("is_successful"),
            must("tag_info"),
            must("from_info"),
            must("build_info"),
            must("user_info"),
            may("ignore_success"),
            or("failure_msg", Text("")),
        ],
    },
];
