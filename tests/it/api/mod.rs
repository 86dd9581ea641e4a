//! The hub's calls.

mod bad_input;
mod cg;
mod crash;
mod scheduler;
mod sessions;
