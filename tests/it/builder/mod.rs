//! Tasks as a builder does them for a hub.

mod chain;
mod chroot;
mod chroot_sources;
mod daemon;
mod dist_repo;
mod distribution;
mod honesty;
mod mail;
mod mock;
mod noarch;
mod options;
mod roots;
mod sources;
mod waiting;
