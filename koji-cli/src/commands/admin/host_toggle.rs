//! Enabling and disabling hosts.

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::{kwargs, line};
use koji_core::api::host::{EditHost, GetHost};
use koji_core::api::{Call, Method};
use koji_core::db::Lookup;

/// Calls a method for hosts and leaves a comment.
pub fn toggle<M: Method>(
    ctx: &mut Ctx<'_>,
    method: fn(Lookup) -> M,
    hosts: &[String],
    comment: Option<&String>,
) -> Outcome {
    ctx.login()?;
    let unknown = unknown(ctx, hosts)?;
    for host in &unknown {
        line!(ctx, "No such host: {host}");
    }
    if !unknown.is_empty() {
        return Err(Stop::told("No changes made. Please correct the command line."));
    }
    let mut calls: Vec<Call> = vec![];
    for host in hosts {
        calls.push(method(host.into()).into());
        if let Some(comment) = comment {
            calls.push(EditHost { kw: kwargs![comment = comment], ..EditHost::new(host) }.into());
        }
    }
    ctx.multicall_strict(calls)?;
    Ok(0)
}

/// Those that the hub does not know.
pub fn unknown(ctx: &mut Ctx<'_>, hosts: &[String]) -> Result<Vec<String>, Stop> {
    let found = ctx.multicall_strict(hosts.iter().map(GetHost::new))?;
    let missing = hosts.iter().zip(found).filter(|(_, info)| !info.is_true());
    Ok(missing.map(|(host, _)| host.clone()).collect())
}
