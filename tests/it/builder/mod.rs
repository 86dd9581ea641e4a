//! Tasks as a builder does them for a hub.

mod chain;
mod daemon;
mod dist_repo;
mod mail;
mod noarch;
mod sources;
mod waiting;
