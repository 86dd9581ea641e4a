//! What a builder can do: a handler per task method, and what handlers share.

mod arches;
mod build;
mod build_arch;
mod build_letter;
mod build_notification;
mod build_srpm_from_scm;
mod built;
mod by_tool;
mod chain_build;
mod chain_maven;
mod create_dist_repo;
mod createrepo;
mod default;
mod dependant_task;
mod destination;
mod dist_arch;
mod dist_files;
mod dist_log;
mod dist_multilib;
mod dist_repo;
mod dist_rpm;
mod dist_tool;
mod external;
mod fork;
mod image;
mod maven;
mod maven_names;
mod new_repo;
mod origins;
mod params;
mod rebuild_srpm;
mod repo;
mod restart;
mod restart_hosts;
mod restart_verify;
mod run;
mod runroot;
mod runroot_mounts;
mod save_failed_tree;
mod shutdown;
mod sleep;
mod srpm;
mod subtask;
mod tag_build;
mod tag_notification;
mod wait;
mod wait_test;
mod waitrepo;
mod win_build;
mod wrapper;

use koji_core::client::Session;
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::config::Settings;
pub use params::{Params, Signature};
pub use run::{DaemonFacts, Order, Run};

/// How a task does not succeed.
#[derive(Debug)]
pub enum Failure {
    /// It failed; its owner sees the error.
    Error(Error),
    /// This host can't do it, another one may.
    Refuse(String),
    /// It is given back, to begin anew when its time has come.
    GiveBack,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// One task method.
pub trait TaskHandler: Sync {
    /// The method's name.
    fn method(&self) -> &'static str;

    /// The names of its parameters and how many must be given.
    fn signature(&self) -> Signature;

    /// Gives the parameters of a request their names.
    ///
    /// # Errors
    /// A request that does not fit.
    fn bind(&self, request: Vec<Value>) -> Result<Params> {
        Params::bind(self.signature(), request)
    }

    /// Whether it concerns the daemon itself, which takes no other task meanwhile.
    fn is_for_daemon(&self) -> bool {
        false
    }

    /// How much of a host's capacity it takes before more is known.
    fn weight(&self) -> f64 {
        1.0
    }

    /// Whether a host, as the hub describes it, fits.
    fn check_host(&self, _hub: &mut Session, _params: &Params, _host: &Value) -> Result<bool> {
        Ok(true)
    }

    /// What this host lacks to do it, by its configuration; such a task goes to another host.
    fn lacks(&self, _settings: &Settings) -> Option<String> {
        None
    }

    /// Does it; the answer is the task's result.
    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure>;
}

static HANDLERS: &[&dyn TaskHandler] = &[
    &build::Build,
    &build_arch::BuildArch,
    &build_notification::BuildNotification,
    &build_srpm_from_scm::BuildSrpmFromScm,
    &chain_build::ChainBuild,
    &create_dist_repo::CreateDistRepo,
    &createrepo::CreateRepo,
    &default::Default,
    &dependant_task::DependantTask,
    &dist_repo::DistRepo,
    &fork::Fork,
    &maven::Maven,
    &new_repo::NewRepo,
    &rebuild_srpm::RebuildSrpm,
    &restart::Restart,
    &restart_hosts::RestartHosts,
    &restart_verify::RestartVerify,
    &runroot::RunRoot,
    &save_failed_tree::SaveFailedTree,
    &shutdown::Shutdown,
    &sleep::Sleep,
    &subtask::PartInPart,
    &tag_build::TagBuild,
    &tag_notification::TagNotification,
    &wait_test::WaitTest,
    &waitrepo::WaitRepo,
    &win_build::WinBuild,
    &wrapper::WrapperRpm,
    &chain_maven::ChainMaven,
    &by_tool::BUILD_MAVEN,
    &by_tool::VM_EXEC,
    &image::IMAGE,
    &by_tool::CREATE_IMAGE,
    &image::LIVE_CD,
    &by_tool::CREATE_LIVE_CD,
    &image::APPLIANCE,
    &by_tool::CREATE_APPLIANCE,
    &image::LIVE_MEDIA,
    &by_tool::CREATE_LIVE_MEDIA,
    &image::Indirection,
];

/// The handler of a method.
pub fn find(method: &str) -> Option<&'static dyn TaskHandler> {
    HANDLERS.iter().find(|handler| handler.method() == method).copied()
}

/// The methods there are handlers for.
pub fn methods() -> impl Iterator<Item = &'static str> {
    HANDLERS.iter().map(|handler| handler.method())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_unique_and_found() {
        let names: std::collections::BTreeSet<_> = methods().collect();
        assert_eq!(names.len(), HANDLERS.len());
        assert!(names.iter().all(|name| find(name).is_some_and(|handler| handler.method() == *name)));
        assert!(find("bakeCake").is_none());
    }
}
