//! The hub's calls.

mod bad_input;
mod cg;
mod crash;
mod listing;
mod maven;
mod scheduler;
mod sessions;
mod upstream_habits;
