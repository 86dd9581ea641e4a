//! [`Wrapped`]: what rpms are made around: a build, or the output of a task; and what a template knows of it.

use koji_core::api::task::GetTaskResult;
use koji_core::api::typed_build::{GetImageBuild, GetMavenBuild, GetWinBuild};
use koji_core::build::lookup::BuildRef;
use koji_core::client::{field, task_label};
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

use super::super::maven_names::build_of;
use super::super::run::{Run, need_int, need_text};
use super::{Artifacts, Params};

/// The state of a build that has ended well.
const COMPLETE: i64 = 1;

/// The kinds of builds that rpms may be made around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum BuildKind {
    Maven,
    Win,
    Image,
}

impl BuildKind {
    /// The build type on the hub.
    pub fn btype(self) -> &'static str {
        match self {
            Self::Maven => "maven",
            Self::Win => "win",
            Self::Image => "image",
        }
    }

    /// What the template knows the description of this kind by.
    fn value_name(self) -> String {
        format!("{}_info", self.btype())
    }
}

/// What is wrapped.
pub(super) struct Wrapped {
    /// Its files
    pub artifacts: Artifacts,
    /// What else a template knows
    facts: Map,
}

impl Wrapped {
    /// Looks it up: of a build that has yet to be completed, the output of its task counts.
    pub fn find(run: &mut Run, params: &Params) -> Result<Self> {
        let (build, task) = (params.get("build"), params.get("task"));
        if !build.is_true() && !task.is_true() {
            return Err(Error::build("build and/or task must be specified"));
        }
        let kind = if build.is_true() { kind_of(run, build)? } else { None };
        let unsupported = || Error::build("unsupported build type");
        let artifacts = if task.is_true() {
            Artifacts::of_task(run, need_int(task, "id")?)?
        } else {
            if field(build, "state").as_int() != Some(COMPLETE) {
                let text = "cannot call wrapperRPM on a build that did not complete successfully";
                return Err(Error::build(text));
            }
            let (kind, _) = kind.as_ref().ok_or_else(unsupported)?;
            Artifacts::of_build(run, build, *kind)?
        };
        if artifacts.is_empty() {
            let what = if task.is_true() { task_label(task) } else { label(build) };
            return Err(Error::build(format!("no output found for {what}")));
        }
        let facts = if build.is_true() {
            let (kind, about) = kind.ok_or_else(unsupported)?;
            let mut facts = names(build);
            facts.push((kind.value_name(), about));
            facts
        } else {
            facts_of_task(run, task)?
        };
        Ok(Self { artifacts, facts })
    }

    /// All that a template knows.
    pub fn values(&self) -> Map {
        let mut values = self.artifacts.values();
        values.extend(self.facts.iter().cloned());
        values
    }
}

/// What kind of build it is, with the hub's description of it as such.
fn kind_of(run: &mut Run, build: &Value) -> Result<Option<(BuildKind, Value)>> {
    let id = BuildRef::Id(need_int(build, "id")?);
    let told = [
        (BuildKind::Maven, run.ask(GetMavenBuild::new(id.clone()))?),
        (BuildKind::Win, run.ask(GetWinBuild::new(id.clone()))?),
        (BuildKind::Image, run.ask(GetImageBuild::new(id))?),
    ];
    Ok(told.into_iter().find(|(_, about)| about.is_true()))
}

/// Of a scratch build only the result of its task tells its name.
fn facts_of_task(run: &mut Run, task: &Value) -> Result<Map> {
    let result = run.ask(GetTaskResult::new(need_int(task, "id")?))?;
    match need_text(task, "method")? {
        "buildMaven" => {
            let about = field(&result, "maven_info").clone();
            let mut build = build_of(&about)?;
            build.retain(|(name, _)| name != "release" && name != "package_name");
            build.extend(map! { "release" => "0.scratch", "maven_info" => about });
            Ok(build)
        }
        "vmExec" => {
            let mut facts = names(&result);
            let platform = map! { "platform" => field(&result, "platform").clone() };
            facts.extend(map! { "win_info" => Value::Struct(platform) });
            Ok(facts)
        }
        "createLiveCD" | "createAppliance" | "createImage" | "createLiveMedia" => Ok(names(&result)),
        other => Err(Error::build(format!("no rpms can be made around what a {other} task gives"))),
    }
}

fn names(of: &Value) -> Map {
    let copy = |name: &str| (name.to_owned(), field(of, name).clone());
    ["epoch", "name", "version", "release"].map(copy).into()
}

fn label(build: &Value) -> String {
    let part = |name| field(build, name).as_str().unwrap_or_default();
    format!("{}-{}-{}", part("name"), part("version"), part("release"))
}
