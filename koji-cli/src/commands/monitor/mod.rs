//! Commands that wait and watch.

pub mod wait_repo;
pub mod watch_logs;
pub mod watch_task;
pub mod why;
