//! Integration tests, by adapter and noun.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod api;
mod builder;
mod cli;
mod client;
mod core;
mod farm;
