//! Users, their permissions and groups.

pub mod lookup;
pub mod perms;
pub mod setup;
