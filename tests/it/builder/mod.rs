//! Tasks as a builder does them for a hub.

mod bad_sources;
mod chain;
mod chroot;
mod chroot_sources;
mod chroot_wrapper;
mod daemon;
mod dist_repo;
mod distribution;
mod fail_fast;
mod git_ssh;
mod honesty;
mod images;
mod limits;
mod mail;
mod maven;
mod mock;
mod noarch;
mod options;
mod other_scms;
mod overlay;
mod roots;
mod sources;
mod starttls;
mod waiting;
mod wrapper;
