//! Enabling and disabling hosts.

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::{args, kwargs, line};

/// Calls a method for hosts and leaves a comment.
pub fn toggle(ctx: &mut Ctx<'_>, method: &str, hosts: &[String], comment: Option<&String>) -> Outcome {
    ctx.login()?;
    let unknown = unknown(ctx, hosts)?;
    for host in &unknown {
        line!(ctx, "No such host: {host}");
    }
    if !unknown.is_empty() {
        return Err(Stop::told("No changes made. Please correct the command line."));
    }
    let mut calls = vec![];
    for host in hosts {
        calls.push((method.to_owned(), args![host], vec![]));
        if let Some(comment) = comment {
            calls.push(("editHost".to_owned(), args![host], kwargs![comment = comment]));
        }
    }
    ctx.multicall_strict(calls)?;
    Ok(0)
}

/// Those that the hub does not know.
pub fn unknown(ctx: &mut Ctx<'_>, hosts: &[String]) -> Result<Vec<String>, Stop> {
    let calls = hosts.iter().map(|host| ("getHost".to_owned(), args![host], vec![]));
    let found = ctx.multicall_strict(calls.collect())?;
    let missing = hosts.iter().zip(found).filter(|(_, info)| !info.is_true());
    Ok(missing.map(|(host, _)| host.clone()).collect())
}
