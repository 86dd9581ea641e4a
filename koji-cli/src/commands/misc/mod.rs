//! The other commands.

pub mod call;
pub mod literal;
pub mod moshimoshi;
pub mod request_repo;
pub mod version;
