//! The hub's calls.

mod bad_input;
mod crash;
mod scheduler;
mod sessions;
