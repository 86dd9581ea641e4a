//! The hub's calls.

mod bad_input;
mod cg;
mod crash;
mod maven;
mod scheduler;
mod sessions;
