//! The commands: one file each, in Koji's own categories. A file holds the options (the doc comment is
//! the help) and `run`; it calls the hub and writes. This file is the list of them.

#![expect(clippy::needless_pass_by_value, reason = "every command takes its options whole")]

pub mod admin;
pub mod bind;
pub mod build;
pub mod download;
pub mod info;
pub mod misc;
pub mod monitor;

use crate::context::Ctx;
use crate::stop::Outcome;

macro_rules! commands {
    ($($category:ident { $($(#[$attribute:meta])* $variant:ident $module:ident,)+ })+) => {
        /// A command with its options.
        #[derive(Debug, clap::Subcommand)]
        pub enum Command {
            $($($(#[$attribute])* $variant($category::$module::Args),)+)+
        }

        impl Command {
            /// Does it.
            pub fn run(self, ctx: &mut Ctx<'_>) -> Outcome {
                match self {
                    $($(Self::$variant(args) => $category::$module::run(ctx, args),)+)+
                }
            }
        }

        /// The commands' names by category.
        pub const CATEGORIES: &[(&str, &[&str])] =
            &[$((stringify!($category), &[$(stringify!($module)),+])),+];
    };
}

commands! {
    admin {
        AddGroup add_group,
        AddGroupPkg add_group_pkg,
        AddHost add_host,
        AddHostToChannel add_host_to_channel,
        AddPkg add_pkg,
        AddTag add_tag,
        AddTagInheritance add_tag_inheritance,
        AddTarget add_target,
        AddUser add_user,
        AssignTask assign_task,
        BlockGroup block_group,
        BlockGroupPkg block_group_pkg,
        BlockPkg block_pkg,
        DisableHost disable_host,
        EditHost edit_host,
        EditTag edit_tag,
        EditTagInheritance edit_tag_inheritance,
        EditTarget edit_target,
        EnableHost enable_host,
        FreeTask free_task,
        GrantPermission grant_permission,
        Import import,
        RegenRepo regen_repo,
        RemovePkg remove_pkg,
        RemoveTag remove_tag,
        RemoveTagInheritance remove_tag_inheritance,
        RemoveTarget remove_target,
        RestartHosts restart_hosts,
        RevokePermission revoke_permission,
        Runroot runroot,
        SetTaskPriority set_task_priority,
        UnblockGroup unblock_group,
        UnblockPkg unblock_pkg,
    }
    bind {
        #[command(aliases = ["move-pkg", "move"])]
        MoveBuild move_build,
        #[command(aliases = ["tag-pkg", "tag"])]
        TagBuild tag_build,
        #[command(aliases = ["untag-pkg", "untag"])]
        UntagBuild untag_build,
    }
    build {
        #[command(name = "build")]
        Build submit,
        #[command(aliases = ["cancel-task", "cxl"])]
        Cancel cancel,
        ChainBuild chain_build,
        ImageBuild image_build,
        ImageBuildIndirection image_build_indirection,
        MavenBuild maven_build,
        MavenChain maven_chain,
        SpinAppliance spin_appliance,
        SpinLivecd spin_livecd,
        SpinLivemedia spin_livemedia,
        WinBuild win_build,
        WrapperRpm wrapper_rpm,
    }
    download {
        DownloadBuild download_build,
        DownloadLogs download_logs,
        DownloadTask download_task,
    }
    info {
        Buildinfo buildinfo,
        DiffTag diff_tag,
        #[command(alias = "list-commands")]
        Help help,
        Hostinfo hostinfo,
        #[command(alias = "latest-pkg")]
        LatestBuild latest_build,
        ListApi list_api,
        ListBuilds list_builds,
        ListChannels list_channels,
        ListGroups list_groups,
        ListHosts list_hosts,
        ListPermissions list_permissions,
        ListPkgs list_pkgs,
        ListTagInheritance list_tag_inheritance,
        ListTagged list_tagged,
        ListTags list_tags,
        ListTargets list_targets,
        ListTasks list_tasks,
        MockConfig mock_config,
        Rpminfo rpminfo,
        Taginfo taginfo,
        Taskinfo taskinfo,
    }
    misc {
        Call call,
        DistRepo dist_repo,
        #[command(aliases = misc::moshimoshi::GREETINGS)]
        Moshimoshi moshimoshi,
        RequestRepo request_repo,
        SaveFailedTree save_failed_tree,
        Version version,
    }
    monitor {
        WaitRepo wait_repo,
        WatchLogs watch_logs,
        #[command(alias = "watch-tasks")]
        WatchTask watch_task,
        Why why,
    }
}
