//! The library's hub within the test's process.

mod access;
mod as_of;
mod hooks;
mod statements;
mod task_races;
