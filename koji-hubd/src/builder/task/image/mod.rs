//! `image`, `livecd`, `livemedia` and `appliance`: images for some arches, each made by a subtask that a program of
//! the operator's does; rpms around them if wanted; importing and tagging them as one build.

mod indirection;
mod parts;
mod release;

use koji_core::api::host_typed::HostCompleteImageBuild;
use koji_core::api::policy::HostAssertPolicy;
use koji_core::api::scratch::HostMoveImageBuildToScratch;
use koji_core::api::target::GetBuildTarget;
use koji_core::client::field;
use koji_core::db::Lookup;
use koji_core::paths::{BuildDir, Paths, task_relative};
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

pub(super) use self::indirection::Indirection;
use self::parts::Parts;
use super::destination::{self, Destination};
use super::run::{Run, need_int, need_text};
use super::{Failure, Params, Signature, TaskHandler, arches, repo};

/// A kind of image.
pub(super) struct Images {
    method: &'static str,
    names: &'static [&'static str],
    /// The method of the subtasks
    part: &'static str,
    /// The label of a subtask
    label: fn(&str) -> String,
}

/// What they take that make an image of one arch from a kickstart file.
const OF_ARCH: &[&str] = &["name", "version", "arch", "target", "ksfile", "opts"];

pub(super) static IMAGE: Images = Images {
    method: "image",
    names: &["name", "version", "arches", "target", "inst_tree", "opts"],
    part: "createImage",
    label: str::to_owned,
};
pub(super) static LIVE_CD: Images =
    Images { method: "livecd", names: OF_ARCH, part: "createLiveCD", label: |_| "livecd".to_owned() };
pub(super) static APPLIANCE: Images = Images {
    method: "appliance",
    names: OF_ARCH,
    part: "createAppliance",
    label: |_| "appliance".to_owned(),
};
pub(super) static LIVE_MEDIA: Images = Images {
    method: "livemedia",
    names: &["name", "version", "arches", "target", "ksfile", "opts"],
    part: "createLiveMedia",
    label: |arch| format!("livemedia {arch}"),
};

impl TaskHandler for Images {
    fn method(&self) -> &'static str {
        self.method
    }

    fn signature(&self) -> Signature {
        Signature { names: self.names, required: 5 }
    }

    fn weight(&self) -> f64 {
        // it mostly waits
        0.2
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let target = find_target(run, params.read("target")?)?;
        let repo = repo::get(run, need_int(&target, "build_tag")?.into(), &Value::Nil, false)?;
        let arches = self.arches(run, params, &target)?;
        if self.method == IMAGE.method {
            check_policy(run, params, &target)?;
        }
        let named =
            Named { name: params.text("name")?, version: params.text("version")?, opts: params.get("opts") };
        release::check(named.version, params.opt("release"))?;
        let build = named.begin(run, &target)?;
        let parts = Parts { kind: self, params, target: &target, repo: &repo, arches: &arches };
        let made = parts.make(run, &build).and_then(|results| {
            let tasks = results.iter().filter_map(|(_, result)| field(result, "task_id").as_int()).collect();
            build.finish(run, results).map(|()| tasks)
        });
        let tasks: Vec<i64> = build.or_fail(run, made)?;
        build.tag(run, params.get("opts"))?;
        Ok(build.report(run, self.method, &tasks).into())
    }
}

impl Images {
    /// The arches that are asked for, which the build tag must have.
    fn arches(&self, run: &mut Run, params: &Params, target: &Value) -> Result<Vec<String>> {
        let wanted = if self.names.contains(&"arches") { params.get("arches") } else { params.get("arch") };
        let one = std::slice::from_ref(wanted);
        let wanted = wanted.as_array().unwrap_or(one);
        let config = run.build_config(need_int(target, "build_tag")?, None)?;
        let known = field(&config, "arches").as_str().unwrap_or_default();
        if known.trim().is_empty() {
            let (name, id) = (need_text(&config, "name")?, need_int(&config, "id")?);
            return Err(Error::build(format!("No arches for tag {name} [{id}]")));
        }
        let mut chosen: Vec<String> = vec![];
        for arch in wanted {
            let arch = arch.as_str().ok_or_else(|| Error::parameter("an arch must be a text"))?;
            if !arches::has(known, arch) {
                return Err(Error::build(format!("Invalid arch for build tag: {arch}")));
            }
            if !chosen.iter().any(|one| one == arch) {
                chosen.push(arch.to_owned());
            }
        }
        Ok(chosen)
    }
}

fn find_target(run: &mut Run, name: Lookup) -> Result<Value> {
    run.ask(GetBuildTarget { strict: true, ..GetBuildTarget::new(Some(name)) })
}

fn check_policy(run: &mut Run, params: &Params, target: &Value) -> Result<()> {
    let skip_tag = params.opt("skip_tag").is_true();
    let mut data = map! {
        "user_id" => field(&run.info, "owner").clone(),
        "source" => params.opt("ksurl").clone(),
        "task_id" => run.id,
        "build_tag" => need_int(target, "build_tag")?,
        "skip_tag" => skip_tag,
        "scratch" => params.opt("scratch").is_true(),
        "from_scm" => false,
        "repo_id" => params.opt("repo_id").clone(),
        "target" => need_text(target, "name")?,
    };
    if !skip_tag {
        data.extend(map! { "tag" => need_int(target, "dest_tag")? });
    }
    run.call(HostAssertPolicy::new("build_rpm", data))
}

/// What is to be built.
struct Named<'a> {
    name: &'a str,
    version: &'a str,
    opts: &'a Value,
}

/// A build of images that has begun, or a scratch build, which the hub does not know.
struct Build {
    destination: Destination,
    /// As the hub knows it; nil for scratch
    info: Value,
    release: String,
}

impl Named<'_> {
    /// Begins it on the hub.
    ///
    /// # Errors
    /// The destination does not take the package.
    fn begin(&self, run: &mut Run, target: &Value) -> Result<Build> {
        let destination = Destination::of_target(target)?;
        let release = field(self.opts, "release");
        if field(self.opts, "scratch").is_true() {
            let release = release::of_scratch(run, (self.name, self.version), release)?;
            return Ok(Build { destination, info: Value::Nil, release });
        }
        if !field(self.opts, "skip_tag").is_true() {
            destination.check(run, ("package (image)", self.name), None)?;
        }
        let info = release::begin(run, (self.name, self.version), release)?;
        let release = need_text(&info, "release")?.to_owned();
        Ok(Build { destination, info, release })
    }
}

impl Build {
    fn id(&self) -> Option<i64> {
        field(&self.info, "id").as_int()
    }

    /// Hands in what was made for each arch.
    fn finish(&self, run: &mut Run, results: Map) -> Result<()> {
        match self.id() {
            Some(id) => run.call(HostCompleteImageBuild::new(run.id, id, results)),
            None => run.call(HostMoveImageBuildToScratch::new(run.id, results)),
        }
    }

    /// If something went wrong, the build has failed.
    fn or_fail<T>(&self, run: &mut Run, done: Result<T>) -> Result<T> {
        if let (Err(_), Some(id)) = (&done, self.id()) {
            destination::fail(run, id);
        }
        done
    }

    /// Tags it, if that is wanted.
    fn tag(&self, run: &mut Run, opts: &Value) -> Result<()> {
        match self.id() {
            Some(id) if !field(opts, "skip_tag").is_true() => self.destination.tag(run, id),
            _ => Ok(()),
        }
    }

    /// Where people find the results.
    fn report(&self, run: &Run, kind: &str, tasks: &[i64]) -> String {
        let top = Paths::new(run.settings.topdir());
        let part = |name| field(&self.info, name).as_str();
        if let (Some(name), Some(version)) = (part("name"), part("version")) {
            let dir = BuildDir { name, version, release: &self.release, volume: part("volume_name") };
            return format!("{kind} build results in: {}", top.image_build(dir).display());
        }
        let dir = |task: &i64| top.work(None).join(task_relative(*task)).display().to_string();
        let dirs: Vec<String> = tasks.iter().map(dir).collect();
        format!("Scratch {kind} build results in: {}", dirs.join(", "))
    }
}
