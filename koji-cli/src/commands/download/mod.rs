//! Commands that fetch files.

pub mod download_build;
pub mod download_logs;
pub mod download_task;
