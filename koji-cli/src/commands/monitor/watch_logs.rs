//! `koji watch-logs`

use koji_core::api::task::{GetTaskChildren, GetTaskInfo};
use std::collections::BTreeMap;

use koji_core::client::OutputPlace;
use koji_core::client::watch::{State, state_of};

use super::watch_task::ids;
use crate::commands::info::task_list::{Selection, find};
use crate::context::Ctx;
use crate::line;
use crate::pause::Pause;
use crate::stop::{Outcome, Stop};
use crate::task_watch::task_output;
use crate::value::View as _;

/// Follow the logs of tasks
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji watch-logs --log build.log 123456")]
pub struct Args {
    /// The tasks
    #[arg(value_name = "task id")]
    tasks: Vec<String>,
    /// Only the log of this name
    #[arg(long)]
    log: Option<String>,
    /// My own tasks
    #[arg(long)]
    mine: bool,
    /// Follow the tasks below them as well
    #[arg(short, long)]
    follow: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let tasks = if args.mine {
        ctx.login()?;
        if !args.tasks.is_empty() {
            return Err(Stop::usage("Selection options cannot be combined with a task list"));
        }
        let found = find(ctx, &Selection { mine: true, ..Selection::default() }, vec![], false)?;
        if found.is_empty() {
            line!(ctx, "You've no active tasks.");
            return Ok(0);
        }
        found.iter().map(|task| task.int("id")).collect()
    } else {
        ids(&args.tasks)?
    };
    Follow { log: args.log, children: args.follow, offsets: BTreeMap::new(), last: None }.run(ctx, tasks)
}

struct Follow {
    log: Option<String>,
    children: bool,
    /// How much of each file of each task on each volume was shown.
    offsets: BTreeMap<(i64, String, String), i64>,
    /// The file shown last, whose name need not be told again.
    last: Option<(i64, String, String)>,
}

impl Follow {
    fn run(&mut self, ctx: &mut Ctx<'_>, mut tasks: Vec<i64>) -> Outcome {
        line!(ctx, "Watching logs (this may be safely interrupted)...");
        let (mut pause, named) = (Pause::new(true), tasks.clone());
        while !tasks.is_empty() {
            for id in tasks.clone() {
                // what is written between the last look and the end must still be seen
                let done = is_done(ctx, id)?;
                self.show(ctx, id)?;
                if self.children {
                    for child in ctx.ask(GetTaskChildren::new(id))?.items() {
                        let child_id = child.int("id");
                        if tasks.contains(&child_id) {
                            continue;
                        }
                        // a child that ended and was shown to its end need not be looked at again
                        let seen = self.offsets.keys().any(|(task, ..)| *task == child_id);
                        if !seen || !is_done(ctx, child_id)? {
                            tasks.push(child_id);
                        }
                    }
                }
                if done {
                    tasks.retain(|task| *task != id);
                }
            }
            ctx.out.flush()?;
            if !tasks.is_empty() && pause.wait(ctx, &named) {
                return Err(Stop::Quiet(1));
            }
        }
        Ok(0)
    }

    fn show(&mut self, ctx: &mut Ctx<'_>, id: i64) -> Result<(), Stop> {
        for file in task_output(ctx, id)? {
            let wanted = match &self.log {
                Some(name) => file.name == *name,
                None => file.name.ends_with("log"),
            };
            if !wanted {
                continue;
            }
            let key = (id, file.volume.clone(), file.name.clone());
            loop {
                let offset = self.offsets.get(&key).copied().unwrap_or(0);
                let place = OutputPlace { task_id: id, name: &file.name, volume: &file.volume };
                let bytes = ctx.session()?.task_output(place, offset, 16384)?;
                if bytes.is_empty() {
                    self.offsets.entry(key).or_insert(offset);
                    break;
                }
                self.title(ctx, &key)?;
                ctx.out.write_all(&bytes)?;
                self.offsets.insert(key.clone(), offset + bytes.len() as i64);
            }
        }
        Ok(())
    }

    fn title(&mut self, ctx: &mut Ctx<'_>, key: &(i64, String, String)) -> Result<(), Stop> {
        if self.last.as_ref() == Some(key) {
            return Ok(());
        }
        if self.last.is_some() {
            line!(ctx);
        }
        line!(ctx, "==> {}:{}:{}: <==", key.0, key.1, key.2);
        self.last = Some(key.clone());
        Ok(())
    }
}

fn is_done(ctx: &mut Ctx<'_>, id: i64) -> Result<bool, Stop> {
    let info = ctx.ask(GetTaskInfo::new(id))?;
    if info.is_nil() {
        line!(ctx, "No such task id: {id}");
        return Err(Stop::Quiet(1));
    }
    Ok(state_of(&info).is_some_and(State::is_final))
}
