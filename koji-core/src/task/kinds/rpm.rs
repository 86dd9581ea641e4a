//! Building rpms.

use super::{Kind, may, must};

pub(super) const KINDS: &[Kind] = &[
    Kind { method: "build", params: &[must("src"), must("target"), may("opts")] },
    Kind { method: "chainbuild", params: &[must("srcs"), must("target"), may("opts")] },
    Kind {
        method: "buildArch",
        params: &[must("pkg"), must("root"), must("arch"), must("keep_srpm"), may("opts")],
    },
    Kind { method: "buildSRPMFromSCM", params: &[must("url"), must("build_tag"), may("opts")] },
    Kind { method: "rebuildSRPM", params: &[must("srpm"), must("build_tag"), may("opts")] },
];
