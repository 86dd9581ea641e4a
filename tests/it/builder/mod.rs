//! Tasks as a builder does them for a hub.

mod chain;
mod daemon;
mod mail;
mod sources;
mod waiting;
