//! Tasks as a builder does them for a hub.

mod chain;
mod chroot;
mod chroot_sources;
mod daemon;
mod dist_repo;
mod distribution;
mod honesty;
mod images;
mod mail;
mod maven;
mod mock;
mod noarch;
mod options;
mod roots;
mod sources;
mod waiting;
mod wrapper;
