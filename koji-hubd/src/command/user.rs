//! `koji-hubd user`

use koji_core::Result;
use koji_core::user::setup::{self, NewUser};

use super::Setup;
use crate::args::UserCommand;

/// Adds a user.
pub(super) fn run(setup: &Setup, command: &UserCommand) -> Result<()> {
    let UserCommand::Add { name, password, permissions } = command;
    let hub = setup.open(1)?;
    let user = NewUser { name, password: password.as_deref(), permissions };
    hub.operate(|cx| setup::add(cx, &user))?;
    tracing::info!(name, ?permissions, "the user is ready");
    Ok(())
}
