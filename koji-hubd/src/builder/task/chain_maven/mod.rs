//! `chainmaven`: builds packages with Maven, each after those that it requires; as many at a time as can be.

mod duplicate;
mod plan;

use koji_core::api::build::{GetBuild, ListBuilds};
use koji_core::api::task::{GetTaskChildren, GetTaskInfo};
use koji_core::client::{field, item};
use koji_core::nvr::Nvr;
use koji_core::wire::Value;
use koji_core::{Error, Result};

use self::plan::{Package, Plan};
use super::destination::Destination;
use super::maven::find_target;
use super::run::{Run, Subtask, need_int, need_text};
use super::{Failure, Params, Signature, TaskHandler, repo};

/// Builds a chain.
pub(super) struct ChainMaven;

impl TaskHandler for ChainMaven {
    fn method(&self) -> &'static str {
        "chainmaven"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["builds", "target", "opts"], required: 2 }
    }

    fn weight(&self) -> f64 {
        // it only waits
        0.2
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let target = find_target(run, params)?;
        let mut plan = Plan::new(params.get("builds"))?;
        if !params.opt("scratch").is_true() && !params.opt("skip_tag").is_true() {
            let destination = Destination::of_target(&target)?;
            for package in plan.names() {
                destination.check(run, ("package", &package), None)?;
            }
        }
        let mut told = vec![];
        loop {
            let ready = plan.take_ready();
            if ready.is_empty() {
                break;
            }
            Round { params, target: &target, plan: &mut plan, told: &mut told }.build(run, ready)?;
        }
        if plan.is_stuck() {
            return Err(Error::build("unable to run chain build, circular dependencies").into());
        }
        Ok(Value::Array(told.into_iter().map(Value::from).collect()))
    }
}

/// The packages that can be built at one time.
struct Round<'a> {
    params: &'a Params,
    target: &'a Value,
    plan: &'a mut Plan,
    /// What has become of each package, in words
    told: &'a mut Vec<String>,
}

impl Round<'_> {
    /// Builds packages and waits for all of them; what was built before in the same way is not built again.
    fn build(&mut self, run: &mut Run, ready: Vec<Package>) -> Result<()> {
        let mut begun = vec![];
        for package in ready {
            let earlier = match self.params.opt("force").is_true() {
                true => None,
                false => duplicate::find(run, need_text(self.target, "dest_tag_name")?, &package, self.plan)?,
            };
            if let Some(nvr) = earlier {
                self.told.push(format!("{nvr} previously built from {}", package.url));
                self.plan.finish(&package.name, nvr.into());
                continue;
            }
            begun.push((self.begin(run, &package)?, package));
        }
        let tasks: Vec<i64> = begun.iter().map(|(task, _)| *task).collect();
        if !tasks.is_empty() {
            run.wait_for(&tasks, false)?;
        }
        for (task, package) in begun {
            self.finish(run, task, &package)?;
        }
        Ok(())
    }

    fn begin(&self, run: &mut Run, package: &Package) -> Result<i64> {
        let mut opts = self.plan.opts_of(package);
        for name in ["skip_tag", "scratch"] {
            if let Some(value) = self.params.get("opts").get(name) {
                opts.retain(|(known, _)| known != name);
                opts.push((name.to_owned(), value.clone()));
            }
        }
        let name = self.params.get("target").clone();
        let (method, request) = if package.wraps {
            let repo = repo::get(run, need_int(self.target, "build_tag")?.into(), &Value::Nil, false)?;
            opts.extend(map! { "repo_id" => need_int(&repo, "id")? });
            let (build, task) = self.wrapped(run, package)?;
            ("wrapperRPM", args![package.url.as_str(), self.target.clone(), build, task, Value::Struct(opts)])
        } else {
            if self.params.opt("debug").is_true() {
                plan::add_maven_option(&mut opts, "--debug");
            }
            ("maven", args![package.url.as_str(), name, Value::Struct(opts)])
        };
        run.subtask(Subtask { method, params: request, label: &package.name, arch: "noarch" })
    }

    /// The build or, of a scratch chain, the task that a package wraps.
    fn wrapped(&self, run: &mut Run, package: &Package) -> Result<(Value, Value)> {
        match self.plan.wrapped_by(package)? {
            Value::Int(task) => {
                Ok((Value::Nil, run.ask(GetTaskInfo { request: true, ..GetTaskInfo::new(task) })?))
            }
            nvr => {
                let nvr = Nvr::parse(nvr.as_str().unwrap_or_default())?;
                Ok((run.ask(GetBuild { strict: true, ..GetBuild::new(nvr) })?, Value::Nil))
            }
        }
    }

    fn finish(&mut self, run: &mut Run, task: i64, package: &Package) -> Result<()> {
        let url = &package.url;
        if self.params.opt("scratch").is_true() {
            let done = if package.wraps { task } else { part_of(run, task)? };
            self.told.push(format!("{} built from {url} by task {task}", package.name));
            self.plan.finish(&package.name, done.into());
            return Ok(());
        }
        let builds = run.ask(ListBuilds { taskID: Some(task), ..ListBuilds::new() })?;
        let nvr = need_text(item(&builds, 0), "nvr")
            .map_err(|_| Error::build(format!("could not find build for task {task}")))?;
        self.told.push(format!("{nvr} built from {url}"));
        self.plan.finish(&package.name, nvr.into());
        Ok(())
    }
}

/// The part of a task whose output is the repository of what was built.
fn part_of(run: &mut Run, task: i64) -> Result<i64> {
    let children = run.ask(GetTaskChildren::new(task))?;
    let children = children.as_array().unwrap_or_default();
    let part = children.iter().find(|child| field(child, "method").as_str() == Some("buildMaven"));
    let id = part.and_then(|child| field(child, "id").as_int());
    id.ok_or_else(|| Error::build(format!("could not find buildMaven subtask of {task}")))
}
