//! `koji-hubd serve`

use std::time::Duration;

use koji_core::{Error, Result};

use super::Setup;
use crate::args::{Args, Role, ServeArgs};
use crate::events::Events;
use crate::log::Log;
use crate::roles::{self, Role as Beside};
use crate::{limits, reload, rpc, server};

/// Threads for what may block beside the calls: uploads, files, large answers to slow clients.
const THREADS: usize = 64;

/// Serves until SIGTERM or SIGINT.
pub(super) fn run(all: &Args, setup: &Setup, args: &ServeArgs, log: Log) -> Result<()> {
    limits::set_all(setup.config.limits());
    let every = [Role::Api, Role::Files, Role::Scheduler, Role::Repos];
    let roles = if args.roles.is_empty() { every.to_vec() } else { args.roles.clone() };
    let events = Events::default();
    let mut beside: Vec<Beside> = Vec::new();
    if roles.contains(&Role::Api) {
        // changes may come from another hub on the same database: nobody tells of those
        beside.push(Beside { name: "events", idle: Duration::from_secs(1), look: events.look() });
    }
    if roles.contains(&Role::Scheduler) {
        beside.push(Beside::new("scheduler", roles::scheduler::look()));
    }
    if roles.contains(&Role::Repos) {
        beside.push(Beside::new("repos", roles::repos::look()));
        beside.push(Beside::new("externals", roles::externals::look()));
    }
    let hub = roles::start(setup, rpc::AT_ONCE as u32, beside)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(THREADS)
        .enable_all()
        .build()
        .map_err(|source| Error::unforeseen("cannot start").caused_by(source))?;
    runtime.block_on(async {
        reload::on_sighup(hub.clone(), all.clone(), log)?;
        server::serve(hub, events, args.listen, &roles).await
    })
}
