//! Repositories of tags: requested, made, kept while they are of use, deleted.

pub mod auto;
pub mod content;
pub mod decide;
pub mod dist;
pub mod dist_move;
pub mod done;
pub mod end_events;
pub mod external;
mod files;
pub mod find;
mod fulfil;
pub mod init;
pub mod make_task;
mod maven;
pub mod opts;
pub mod plan;
pub mod queue;
pub mod request;
pub mod row;
pub mod serve;
pub mod state;
pub mod strays;
pub mod tick;
mod tree;

pub use row::{ActiveRepo, RepoRow};
