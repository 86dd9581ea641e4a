//! A build on its way through a task: its entry when the task begins, its import when the task is done, or its failure.
//!
//! Only the host that has the task open may do any of it.

pub mod complete;
pub mod init;
pub mod logs;
pub mod merge;
mod noarch;
pub mod scratch;
mod upload;
