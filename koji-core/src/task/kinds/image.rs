//! Building images.

use super::{Kind, Param, may, must};

/// What the tasks take that make one image from a kickstart file.
const FROM_KICKSTART: &[Param] = &[
    must("name"),
    must("version"),
    must("release"),
    must("arch"),
    must("target_info"),
    must("build_tag"),
    must("repo_info"),
    must("ksfile"),
    may("opts"),
];

/// What the tasks take that a user asks for, for one arch.
const OF_ARCH: &[Param] =
    &[must("name"), must("version"), must("arch"), must("target"), must("ksfile"), may("opts")];

pub(super) const KINDS: &[Kind] = &[
    Kind { method: "livecd", params: OF_ARCH },
    Kind { method: "appliance", params: OF_ARCH },
    Kind {
        method: "livemedia",
        params: &[must("name"), must("version"), must("arches"), must("target"), must("ksfile"), may("opts")],
    },
    Kind {
        method: "image",
        params: &[
            must("name"),
            must("version"),
            must("arches"),
            must("target"),
            must("inst_tree"),
            may("opts"),
        ],
    },
    Kind { method: "indirectionimage", params: &[must("opts")] },
    Kind { method: "createLiveCD", params: FROM_KICKSTART },
    Kind { method: "createAppliance", params: FROM_KICKSTART },
    Kind { method: "createLiveMedia", params: FROM_KICKSTART },
    Kind {
        method: "createImage",
        params: &[
            must("name"),
            must("version"),
            must("release"),
            must("arch"),
            must("target_info"),
            must("build_tag"),
            must("repo_info"),
            must("inst_tree"),
            may("opts"),
        ],
    },
];
