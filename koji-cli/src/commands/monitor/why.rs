//! `koji why`: what a task waits for, on one screen.

use std::collections::BTreeMap;

use koji_core::api::own::WhyTask;
use koji_core::scheduler::why::{Candidate, Why};
use koji_core::task::state::TaskState;

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::{host_load, line, when};

/// Hosts that fit on one screen.
const MOST_HOSTS: usize = 12;

/// Tell why a task waits, and when it should begin and end
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji why 123456")]
pub struct Args {
    /// The task
    task_id: i64,
    /// Show all hosts, however many there are
    #[arg(long)]
    all: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let method = WhyTask::new(args.task_id);
    if ctx.settings.json {
        let answer = ctx.session()?.ask(method)?;
        ctx.json(&answer)?;
        return Ok(0);
    }
    let why = ctx.session()?.call(method)?;
    heading(ctx, &why)?;
    expectation(ctx, &why)?;
    parts(ctx, &why)?;
    hosts(ctx, &why.hosts, if args.all { usize::MAX } else { MOST_HOSTS })?;
    Ok(0)
}

fn heading(ctx: &mut Ctx<'_>, why: &Why) -> Result<(), Stop> {
    let task = &why.task;
    let method = task.method.as_deref().unwrap_or("-");
    let label = task.label.as_deref().map(|label| format!(" ({label})")).unwrap_or_default();
    line!(ctx, "Task {}: {method}{label}", task.id);
    line!(
        ctx,
        "Channel {}, arch {}, priority {}, asked for {} ago",
        why.channel.as_deref().unwrap_or("-"),
        task.arch,
        task.priority.unwrap_or_default(),
        when::duration(when::now() - task.create_ts)
    );
    line!(ctx, "\n{}", capital(&why.because));
    if let Some(noted) = &why.noted {
        line!(
            ctx,
            "For {} the scheduler has noted: {}",
            when::duration(when::now() - noted.since_ts),
            noted.reason
        );
    }
    Ok(())
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn expectation(ctx: &mut Ctx<'_>, why: &Why) -> Result<(), Stop> {
    match why.ahead {
        Some(0) => line!(ctx, "No other task is served before it."),
        Some(1) => line!(ctx, "One task is served before it."),
        Some(count) => line!(ctx, "{count} tasks are served before it."),
        None => {}
    }
    let waits = i64::from(why.task.state) == i64::from(TaskState::Free.number());
    match (why.begin_ts, why.end_ts) {
        (Some(begin), Some(end)) if waits => {
            line!(
                ctx,
                "It should begin in {}, at {},",
                when::duration((begin - when::now()).max(0.0)),
                when::asctime(begin)
            );
            line!(ctx, "and end at {}.", when::asctime(end));
        }
        (_, Some(end)) => line!(ctx, "It should end at {}.", when::asctime(end)),
        _ if waits => line!(ctx, "As things stand nobody can tell when it begins."),
        _ => {}
    }
    Ok(())
}

fn parts(ctx: &mut Ctx<'_>, why: &Why) -> Result<(), Stop> {
    for part in &why.parts {
        let state = TaskState::from_number(part.state).map(|state| state.name().to_lowercase())?;
        line!(ctx, "  {} {} {}: {state}; see `koji why {}`", part.id, part.method, part.label, part.id);
    }
    Ok(())
}

fn hosts(ctx: &mut Ctx<'_>, hosts: &[Candidate], most: usize) -> Result<(), Stop> {
    if hosts.is_empty() {
        return Ok(());
    }
    let (shown, rest) = hosts.split_at(most.min(hosts.len()));
    let width = host_load::width(shown.iter().map(|candidate| &candidate.host));
    line!(ctx, "\n{}", host_load::heading(width));
    for candidate in shown {
        line!(ctx, "{}  {}", host_load::row(&candidate.host, width), lacks(candidate));
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for candidate in rest {
        *counts.entry(lacks(candidate)).or_default() += 1;
    }
    for (lack, count) in counts {
        line!(ctx, "and {count} more, of which each {lack} (--all shows them)");
    }
    Ok(())
}

fn lacks(candidate: &Candidate) -> &str {
    candidate.lacks.as_deref().unwrap_or("could take it now")
}
