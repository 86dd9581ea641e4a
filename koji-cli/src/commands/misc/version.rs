//! `koji version`

use koji_core::api::system::GetKojiVersion;
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::stop::Outcome;
use crate::{kwargs, line};

/// Show the versions of client and hub
#[derive(clap::Args, Debug)]
pub struct Args {}

pub fn run(ctx: &mut Ctx<'_>, _args: Args) -> Outcome {
    // scripts compare it with the versions of Koji, whose interface this is
    let client = koji_core::KOJI_VERSION;
    if !ctx.settings.json {
        line!(ctx, "Client: {client}");
    }
    let hub = ctx.call(GetKojiVersion::new())?;
    if ctx.settings.json {
        ctx.json(&Value::Struct(kwargs![client = client, hub = hub]))?;
    } else {
        line!(ctx, "Hub:    {hub}");
    }
    Ok(0)
}
