//! The other commands.

pub mod call;
pub mod dist_repo;
pub mod literal;
pub mod moshimoshi;
pub mod request_repo;
pub mod save_failed_tree;
pub mod version;
