//! Users, their permissions and groups.

pub mod edit;
pub mod groups;
pub mod info;
pub mod list;
pub mod lookup;
pub mod permission;
pub mod perms;
pub mod principal;
pub mod setup;
