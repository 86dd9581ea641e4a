//! Repositories of tags.

pub mod auto;
pub mod decide;
pub mod done;
pub mod end_events;
pub mod external;
pub mod files;
pub mod find;
pub mod fulfil;
pub mod make_task;
pub mod opts;
pub mod plan;
pub mod queue;
pub mod request;
pub mod row;
pub mod serve;
pub mod state;
pub mod tick;
