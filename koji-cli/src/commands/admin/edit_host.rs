//! `koji edit-host`

use koji_core::api::host::EditHost;
use koji_core::arch::{Separators, normalize};

use super::host_toggle::unknown;
use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::value::put;

/// Change hosts
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The hosts
    #[arg(required = true)]
    hostname: Vec<String>,
    /// The arches they can build for
    #[arg(long)]
    arches: Option<String>,
    /// How much they can do at once
    #[arg(long)]
    capacity: Option<f64>,
    /// What they are
    #[arg(long, value_name = "DESC")]
    description: Option<String>,
    /// A remark
    #[arg(long)]
    comment: Option<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let mut values = vec![];
    if let Some(arches) = &args.arches {
        put(&mut values, "arches", normalize(arches, Separators::Loose)?);
    }
    if let Some(capacity) = args.capacity {
        put(&mut values, "capacity", capacity);
    }
    if let Some(description) = &args.description {
        put(&mut values, "description", description);
    }
    if let Some(comment) = &args.comment {
        put(&mut values, "comment", comment);
    }
    ctx.login()?;
    let unknown = unknown(ctx, &args.hostname)?;
    for host in &unknown {
        ctx.warn(format!("No such host: {host}"))?;
    }
    if !unknown.is_empty() {
        return Err(Stop::told("No changes made, please correct the command line"));
    }
    let calls = args.hostname.iter().map(|host| EditHost { kw: values.clone(), ..EditHost::new(host) });
    let results = ctx.multicall_strict(calls)?;
    for (host, changed) in args.hostname.iter().zip(results) {
        if changed.is_true() {
            line!(ctx, "Edited {host}");
        } else {
            line!(ctx, "No changes made to {host}");
        }
    }
    Ok(0)
}
