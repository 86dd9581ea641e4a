//! Users, their permissions and groups.

pub mod perms;
