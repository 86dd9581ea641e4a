//! `koji-hubd serve`

use koji_core::{Error, Result};

use super::Setup;
use crate::args::{Args, Role, ServeArgs};
use crate::log::Log;
use crate::roles::{self, Look};
use crate::{limits, reload, server};

/// Calls that run at once; each has a connection to the database.
const WORKERS: usize = 16;

/// Serves until SIGTERM or SIGINT.
pub(super) fn run(all: &Args, setup: &Setup, args: &ServeArgs, log: Log) -> Result<()> {
    limits::set_all(setup.config.limits());
    let every = [Role::Api, Role::Files, Role::Scheduler, Role::Repos];
    let roles = if args.roles.is_empty() { every.to_vec() } else { args.roles.clone() };
    let mut beside: Vec<(&str, Look)> = Vec::new();
    if roles.contains(&Role::Scheduler) {
        beside.push(("scheduler", roles::scheduler::look()));
    }
    if roles.contains(&Role::Repos) {
        beside.push(("repos", roles::repos::look()));
        beside.push(("externals", roles::externals::look()));
    }
    let hub = roles::start(setup, WORKERS as u32, beside)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(WORKERS)
        .enable_all()
        .build()
        .map_err(|source| Error::unforeseen("cannot start").caused_by(source))?;
    runtime.block_on(async {
        reload::on_sighup(hub.clone(), all.clone(), log)?;
        server::serve(hub, args.listen, &roles).await
    })
}
