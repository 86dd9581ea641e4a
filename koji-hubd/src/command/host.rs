//! `koji-hubd host`

use koji_core::Result;
use koji_core::host::setup::{self, NewHost};

use super::Setup;
use crate::args::HostCommand;

/// Adds a builder.
pub(super) fn run(setup: &Setup, command: &HostCommand) -> Result<()> {
    let HostCommand::Add { name, arches, password, channels, capacity } = command;
    let hub = setup.open(1)?;
    let default = vec!["default".to_owned()];
    let channels = if channels.is_empty() { &default } else { channels };
    let host = NewHost { name, arches, password: password.as_deref(), channels, capacity: *capacity };
    hub.operate(|cx| setup::add(cx, &host))?;
    tracing::info!(name, arches, ?channels, "the builder is ready");
    Ok(())
}
