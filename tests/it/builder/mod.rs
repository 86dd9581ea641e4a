//! Tasks as a builder does them for a hub.

mod chain;
mod chroot;
mod daemon;
mod dist_repo;
mod distribution;
mod mail;
mod noarch;
mod roots;
mod sources;
mod waiting;
