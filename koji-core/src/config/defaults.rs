//! The policies that hold where `hub.conf` names none. `tag` and `dist_repo` have no default: a missing policy
//! allows, unless `MissingPolicyOk` is off.

/// Policy texts by name.
pub(super) static POLICIES: &[(&str, &str)] = &[
    ("build_rpm", "all :: allow"),
    ("build_from_srpm", ADMIN_ONLY),
    ("build_from_repo_id", ADMIN_ONLY),
    ("build_from_scm", ADMIN_ONLY),
    (
        "package_list",
        "has_perm admin :: allow\nhas_perm tag :: allow\n\
         all :: deny Only admin/tag can do this via default policy",
    ),
    ("channel", "has req_channel :: req\nis_child_task :: parent\nall :: use default"),
    (
        "vm",
        "has_perm admin win-admin :: allow\nall :: deny Only admin/win-admin can do this via default policy",
    ),
    ("cg_import", "all :: allow"),
    ("volume", "all :: DEFAULT"),
    ("priority", "all :: stay"),
    (
        "draft_promotion",
        "has_perm draft-promoter :: allow\nis_build_owner :: allow\n\
         all :: deny Only draft-promoter and build owner can do this via default policy",
    ),
];

const ADMIN_ONLY: &str = "has_perm admin :: allow\nall :: deny Only admin can do this via default policy";
