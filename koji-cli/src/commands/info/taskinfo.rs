//! `koji taskinfo`

use koji_core::Error;
use koji_core::api::build::ListBuilds;
use koji_core::api::buildroot::ListBuildroots;
use koji_core::api::host::GetHost;
use koji_core::api::task::{GetTaskChildren, GetTaskInfo};
use koji_core::api::user::GetUser;
use koji_core::client::watch::state_of;
use koji_core::paths::Paths;
use koji_core::wire::Value;

use super::task_params;
use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::task_watch::task_output;
use crate::value::{View as _, item_at};
use crate::{line, when};

/// Show what a task is
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji taskinfo -rv 123456")]
pub struct Args {
    /// The tasks
    #[arg(required = true)]
    task_id: Vec<i64>,
    /// Show the tasks below them as well
    #[arg(short, long)]
    recurse: bool,
    /// Show the request
    #[arg(short, long)]
    verbose: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    if ctx.settings.json {
        let infos = ctx.multicall_strict(args.task_id.iter().map(|id| GetTaskInfo {
            request: true,
            strict: true,
            ..GetTaskInfo::new(*id)
        }))?;
        ctx.json(&Value::Array(infos))?;
        return Ok(0);
    }
    // the tasks still to show, the next one last, each with its level
    let mut open: Vec<(i64, usize)> = args.task_id.iter().rev().map(|id| (*id, 0)).collect();
    while let Some((id, level)) = open.pop() {
        Page { id, indent: "  ".repeat(level), verbose: args.verbose }.write(ctx)?;
        if args.recurse {
            let children = ctx.ask(GetTaskChildren { request: true, ..GetTaskChildren::new(id) })?;
            let mut ids: Vec<i64> = children.items().iter().map(|child| child.int("id")).collect();
            ids.sort_unstable();
            open.extend(ids.into_iter().rev().map(|id| (id, level + 1)));
        }
    }
    Ok(0)
}

struct Page {
    id: i64,
    indent: String,
    verbose: bool,
}

impl Page {
    fn write(&self, ctx: &mut Ctx<'_>) -> Result<(), Stop> {
        let Self { id, indent, .. } = self;
        let info = ctx.ask(GetTaskInfo::new(*id))?;
        if info.is_nil() {
            return Err(Error::generic(format!("No such task: {id}")).into());
        }
        let owner = ctx.ask(GetUser { userInfo: info.int("owner").into(), ..GetUser::new() })?;
        line!(ctx, "{indent}Task: {id}");
        line!(ctx, "{indent}Type: {}", info.str("method"));
        if self.verbose {
            line!(ctx, "{indent}Request Parameters:");
            for text in task_params::lines(ctx, info.str("method"), *id)? {
                line!(ctx, "{indent}  {text}");
            }
        }
        line!(ctx, "{indent}Owner: {}", owner.show("name"));
        let state = state_of(&info).map_or("badstate".into(), |state| state.name().to_lowercase());
        line!(ctx, "{indent}State: {state}");
        line!(ctx, "{indent}Created: {}", when::asctime(info.float("create_ts")));
        for (name, title) in [("start_ts", "Started"), ("completion_ts", "Finished")] {
            if info.has(name) {
                line!(ctx, "{indent}{title}: {}", when::asctime(info.float(name)));
            }
        }
        if info.has("host_id") {
            let host = ctx.ask(GetHost::new(info.int("host_id")))?;
            line!(ctx, "{indent}Host: {}", host.show("name"));
        }
        self.write_products(ctx)?;
        self.write_files(ctx)
    }

    fn write_products(&self, ctx: &mut Ctx<'_>) -> Result<(), Stop> {
        let indent = &self.indent;
        let builds = ctx.ask(ListBuilds { taskID: Some(self.id), ..ListBuilds::new() })?;
        if builds.is_true() {
            let build = item_at(&builds, 0);
            line!(ctx, "{indent}Build: {} ({})", build.str("nvr"), build.int("build_id"));
        }
        let roots = ctx.ask(ListBuildroots { taskID: Some(self.id), ..ListBuildroots::new() })?;
        if roots.is_true() {
            line!(ctx, "{indent}Buildroots:");
        }
        for root in roots.items() {
            let (tag, id, repo) = (root.show("tag_name"), root.int("id"), root.int("repo_id"));
            line!(ctx, "{indent}  /var/lib/mock/{tag}-{id}-{repo}/");
        }
        Ok(())
    }

    fn write_files(&self, ctx: &mut Ctx<'_>) -> Result<(), Stop> {
        let indent = &self.indent;
        let top = Paths::new(&ctx.settings.topdir);
        let files = task_output(ctx, self.id)?;
        let mut nothing = false;
        for (title, logs) in [("Log Files", true), ("Output", false)] {
            line!(ctx, "{indent}{title}:");
            let mut none = true;
            for file in files.iter().filter(|file| file.name.ends_with(".log") == logs) {
                none = false;
                line!(ctx, "{indent}  {}/{}", top.task(self.id, file.volume()).display(), file.name);
            }
            if none {
                nothing = true;
                line!(ctx, "{indent}  No outputs reported [1]");
            }
        }
        if nothing {
            line!(
                ctx,
                "{indent}[1] Not all tasks produce outputs, and task outputs are not retained indefinitely."
            );
        }
        line!(ctx);
        Ok(())
    }
}
