//! `koji why`: what a task waits for, on one screen.

use koji_core::api::own::WhyTask;
use koji_core::scheduler::why::{Candidate, Why};
use koji_core::task::state::TaskState;

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::{host_load, line, when};

/// What is left of a screen of 24 lines for hosts and what they lack, and how wide it is.
const MOST_LINES: usize = 12;
const MOST_COLUMNS: usize = 80;

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
    hosts(ctx, &why.hosts, args.all)?;
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
    let begins_with_host = why.host.as_ref().is_some_and(|host| why.because.starts_with(host.as_str()));
    line!(ctx, "\n{}", if begins_with_host { why.because.clone() } else { capital(&why.because) });
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

/// The hosts by what they lack, those that come nearest first: a line for each lack, and below it as many of its hosts as
/// fit.
fn hosts(ctx: &mut Ctx<'_>, hosts: &[Candidate], all: bool) -> Result<(), Stop> {
    if hosts.is_empty() {
        return Ok(());
    }
    let mut groups: Vec<(&str, Vec<&Candidate>)> = Vec::new();
    for host in hosts {
        match groups.iter_mut().find(|(lack, _)| *lack == lacks(host)) {
            Some((_, members)) => members.push(host),
            None => groups.push((lacks(host), vec![host])),
        }
    }
    let width = host_load::width(hosts.iter().map(|candidate| &candidate.host));
    line!(ctx, "\n{}", host_load::heading(width));
    let sizes: Vec<usize> = groups.iter().map(|(_, members)| members.len()).collect();
    let shown = if all { sizes } else { share(MOST_LINES, &sizes) };
    for ((lack, members), shown) in groups.iter().zip(&shown) {
        let count =
            if *shown < members.len() { format!(" ({shown} of {})", members.len()) } else { String::new() };
        let most = if all { usize::MAX } else { MOST_COLUMNS - 1 - count.len() };
        line!(ctx, "{}{count}:", cut(&capital(lack), most));
        for member in &members[..*shown] {
            line!(ctx, "  {}", host_load::row(&member.host, width));
        }
    }
    let left: usize = groups.iter().skip(shown.len()).map(|(_, members)| members.len()).sum();
    if left > 0 {
        line!(ctx, "And {left} hosts for other reasons");
    }
    if left > 0 || groups.iter().zip(&shown).any(|((_, members), shown)| *shown < members.len()) {
        line!(ctx, "--all shows all hosts.");
    }
    Ok(())
}

/// How many hosts of each group have place on so many lines, of which each group takes one for itself. Each gets as many
/// as the others; what it does not need is for those that come after. Groups for which nothing is left are not told of.
fn share(lines: usize, sizes: &[usize]) -> Vec<usize> {
    // a line and a host each
    let told = sizes.len().min(lines / 2);
    let mut left = lines - told;
    let mut shown: Vec<usize> = vec![0; told];
    for _ in 0..lines {
        for (shown, size) in shown.iter_mut().zip(sizes) {
            if *shown < *size && left > 0 {
                *shown += 1;
                left -= 1;
            }
        }
    }
    shown
}

/// A text of at most so many characters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(3)).collect();
    cut.push_str("...");
    cut
}

fn lacks(candidate: &Candidate) -> &str {
    candidate.lacks.as_deref().unwrap_or("could take it now")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_share_the_lines_that_there_are() {
        assert_eq!(share(14, &[3]), [3]);
        assert_eq!(share(14, &[180, 2, 1]), [8, 2, 1]);
        assert_eq!(share(14, &[180, 90]), [6, 6]);
        assert_eq!(share(4, &[5, 5, 5]), [1, 1]);
        assert_eq!(share(14, &[]), [] as [usize; 0]);
    }

    #[test]
    fn long_words_are_cut() {
        assert_eq!(cut("is not ready: no space", 12), "is not re...");
        assert_eq!(cut("is not ready", 12), "is not ready");
    }
}
