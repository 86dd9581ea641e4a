//! Commands that show what the hub knows.

pub mod buildinfo;
pub mod diff_tag;
pub mod help;
pub mod hostinfo;
pub mod latest_build;
pub mod list_api;
pub mod list_builds;
pub mod list_channels;
pub mod list_groups;
pub mod list_hosts;
pub mod list_permissions;
pub mod list_pkgs;
pub mod list_tag_inheritance;
pub mod list_tagged;
pub mod list_tags;
pub mod list_targets;
pub mod list_tasks;
pub mod mock_config;
pub mod rpminfo;
pub mod tag_extra;
pub mod taginfo;
pub mod task_list;
pub mod task_params;
pub mod taskinfo;
