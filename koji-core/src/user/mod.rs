//! Users, their permissions and groups.

pub mod perms;
pub mod setup;
