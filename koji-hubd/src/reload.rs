//! SIGHUP: the hub reads its configuration again, without closing anything.

use koji_core::Result;
use koji_core::hub::Hub;
use tokio::signal::unix::{SignalKind, signal};

use crate::args::Args;
use crate::command::read_config;
use crate::log::Log;

/// Reads the configuration again at every SIGHUP. One with a mistake is told in the log and changes nothing.
pub fn on_sighup(hub: Hub, args: Args, log: Log) -> Result<()> {
    let mut told = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while told.recv().await.is_some() {
            // short, and seldom: it may hold up a thread that answers
            if let Err(error) = reload(&hub, &args, &log) {
                tracing::error!(%error, "the configuration has a mistake; what held before goes on to hold");
            }
        }
    });
    Ok(())
}

fn reload(hub: &Hub, args: &Args, log: &Log) -> Result<()> {
    let config = read_config(args)?;
    let (filter, warnings) = (config.log_filter()?, config.warnings.clone());
    let changes = hub.reconfigure(config)?;
    log.set(filter.as_deref());
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    if !changes.at_start.is_empty() {
        tracing::warn!(options = ?changes.at_start, "these options hold when the hub is started again");
    }
    tracing::info!(options = ?changes.options, policies = ?changes.policies, "read the configuration again");
    Ok(())
}
