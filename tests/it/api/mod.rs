//! The hub's calls.

mod arguments;
mod bad_input;
mod builds;
mod cg;
mod cg_metadata;
mod configuration;
mod crash;
mod events;
mod externals;
mod first_mistake;
mod fuzz;
mod json;
mod listing;
mod lookaside;
mod loose_arguments;
pub mod maven;
mod openapi;
mod policies;
mod reading;
mod scheduler;
mod sessions;
mod signatures;
mod tag_diff;
mod two_hubs;
mod upstream_habits;
mod what_if;
mod why;
