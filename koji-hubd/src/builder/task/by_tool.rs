//! [`Tool`] and [`ByTool`]: what this builder leaves to a program of the operator's: building with Maven and on Windows,
//! making images.
//!
//! The program is named in `kojid.conf`. It reads one JSON object from standard input: `task_id`, `method`, `params` by
//! name, `results` (the directory for what it makes), `server`, `topdir` and `topurl`. What it prints is the task's log,
//! what it leaves in `results` is uploaded, in its subdirectories too. An object in `results/result.json` is the task's
//! result; what it does not say is added: the files, the log, of an image its name and arch. Without a program the
//! builder does not take such tasks, and says which option is missing.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use koji_core::wire::{self, Map, Value};
use koji_core::{Error, Result};
use serde_json::json;

use super::run::Run;
use super::{Failure, Params, Signature, TaskHandler};
use crate::builder::config::Settings;
use crate::builder::log_stream::{Live as _, LogStream};
use crate::builder::{files, process};

/// How often the program and its log are looked at.
const LOOK: Duration = Duration::from_millis(500);
/// Where the program leaves the task's result.
const RESULT: &str = "result.json";

/// A program that does a kind of task.
#[derive(Clone, Copy)]
pub(super) struct Tool {
    pub method: &'static str,
    /// The names of the task's parameters
    pub names: &'static [&'static str],
    /// The option that names the program
    pub option: &'static str,
}

/// A kind of task that is a program's whole business.
pub(super) struct ByTool {
    tool: Tool,
    required: usize,
}

const KICKSTART: &[&str] =
    &["name", "version", "release", "arch", "target_info", "build_tag", "repo_info", "ksfile", "opts"];
/// What the hub wants to know of an image, which the task's own parameters tell.
const TOLD: [&str; 4] = ["name", "version", "release", "arch"];

macro_rules! kinds {
    ($($item:ident: $method:literal, $names:expr, $required:literal, $option:literal;)*) => {
        $(pub(super) static $item: ByTool = ByTool {
            tool: Tool { method: $method, names: $names, option: $option },
            required: $required,
        };)*
    };
}

kinds! {
    BUILD_MAVEN: "buildMaven", &["url", "build_tag", "opts"], 2, "maven_command";
    VM_EXEC: "vmExec", &["name", "task_info", "opts"], 2, "win_command";
    CREATE_IMAGE: "createImage",
        &["name", "version", "release", "arch", "target_info", "build_tag", "repo_info", "inst_tree", "opts"], 8,
        "image_command";
    CREATE_LIVE_CD: "createLiveCD", KICKSTART, 8, "livecd_command";
    CREATE_APPLIANCE: "createAppliance", KICKSTART, 8, "appliance_command";
    CREATE_LIVE_MEDIA: "createLiveMedia", KICKSTART, 8, "livemedia_command";
}

impl TaskHandler for ByTool {
    fn method(&self) -> &'static str {
        self.tool.method
    }

    fn signature(&self) -> Signature {
        Signature { names: self.tool.names, required: self.required }
    }

    fn weight(&self) -> f64 {
        1.5
    }

    fn lacks(&self, settings: &Settings) -> Option<String> {
        self.tool.lacks(settings)
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        Ok(self.tool.run(run, params)?)
    }
}

impl Tool {
    /// Why a builder can't do such a task.
    pub fn lacks(&self, settings: &Settings) -> Option<String> {
        let found = words(settings, self.option).next().is_some();
        let Self { method, option, .. } = self;
        (!found).then(|| format!("no program for {method} tasks: {option} is not set in kojid.conf"))
    }

    /// Runs the program, uploads what it leaves, and gives the task's result.
    pub fn run(&self, run: &mut Run, params: &Params) -> Result<Value> {
        let results = run.workdir().join("results");
        files::make_dir(&results)?;
        let order = self.order(run, params, &results)?;
        let path = run.workdir().join(format!("{}.log", self.method));
        let mut log = LogStream::new(&path, &format!("{}.log", self.method));
        let child = self.start(run, &path, &order)?;
        let status = wait(run, child, &mut log)?;
        if !status.success() {
            let ended = process::status_text(self.option, status);
            return Err(Error::build(format!("{ended}; see {}.log for more information", self.method)));
        }
        let told = result(&results.join(RESULT))?;
        let mut names = tree(&results, "")?;
        names.retain(|name| name != RESULT);
        for name in &names {
            run.upload_below(&results, name)?;
        }
        let logs = if log.has_content() { args![log.name().to_owned()] } else { vec![] };
        let mut rest = self.facts(params, &names);
        rest.extend(map! { "task_id" => run.id, "logs" => logs });
        Ok(Value::Struct(completed(told, rest)))
    }

    /// What the hub wants to know of the results, as far as their names and the parameters tell it.
    fn facts(&self, params: &Params, names: &[String]) -> Map {
        let files = |names: &[&str]| names.iter().map(|name| Value::from(*name)).collect::<Vec<_>>();
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        match self.method {
            "buildMaven" => {
                let mut dirs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
                for path in all {
                    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
                    dirs.entry(dir).or_default().push(name);
                }
                let dirs: Map =
                    dirs.into_iter().map(|(dir, list)| (dir.to_owned(), files(&list).into())).collect();
                map! { "files" => Value::Struct(dirs), "buildroot_id" => Value::Nil }
            }
            "vmExec" => {
                let about = || {
                    Value::Struct(
                        map! { "platforms" => Value::Array(vec![]), "flags" => Value::Array(vec![]) },
                    )
                };
                let output: Map = names.iter().map(|name| (name.clone(), about())).collect();
                map! { "output" => Value::Struct(output), "buildroot_id" => Value::Nil }
            }
            _ => {
                let told = TOLD.iter().filter(|name| self.names.contains(name));
                let mut facts: Map =
                    told.map(|name| ((*name).to_owned(), params.get(name).clone())).collect();
                facts.extend(map! { "files" => files(&all), "rpmlist" => Value::Array(vec![]) });
                facts
            }
        }
    }

    /// What the program is told.
    fn order(&self, run: &Run, params: &Params, results: &Path) -> Result<Vec<u8>> {
        let given = self.names.iter().map(|name| ((*name).to_owned(), params.get(name).clone())).collect();
        let params: serde_json::Value = wire::from_value(Value::Struct(given))?;
        let order = json!({
            "task_id": run.id,
            "method": self.method,
            "params": params,
            "results": results,
            "server": run.settings.text("server"),
            "topdir": run.settings.topdir(),
            "topurl": run.settings.topurl(),
        });
        Ok(serde_json::to_vec(&order)?)
    }

    fn start(&self, run: &Run, log: &Path, order: &[u8]) -> Result<Child> {
        let mut words = words(&run.settings, self.option);
        let program = words.next().unwrap_or_default();
        let file = File::create(log).map_err(|error| Error::io(log, error))?;
        let errors = file.try_clone().map_err(|error| Error::io(log, error))?;
        let mut command = Command::new(program);
        command.args(words).current_dir(run.workdir()).stdin(Stdio::piped()).stdout(file).stderr(errors);
        let wrong = |error: std::io::Error| {
            Error::generic(format!("{} does not run: {program}: {error}", self.option)).caused_by(error)
        };
        let mut child = command.spawn().map_err(wrong)?;
        if let Some(mut pipe) = child.stdin.take()
            && let Err(error) = pipe.write_all(order)
        {
            // a program need not read what it is told
            tracing::debug!(%error, program, "the program does not listen");
        }
        Ok(child)
    }
}

fn words<'a>(settings: &'a Settings, option: &str) -> impl Iterator<Item = &'a str> {
    settings.text(option).split_whitespace()
}

fn wait(run: &mut Run, mut child: Child, log: &mut LogStream) -> Result<ExitStatus> {
    let dir = run.upload_dir();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(LOOK);
        if log.too_long(run.settings.max_log_bytes()).is_some() {
            child.kill()?;
        }
        log.follow(&mut run.session, &dir)?;
    };
    process::end_descendants();
    let long = log.cut_if_long(run.settings.max_log_bytes())?;
    log.sync(&mut run.session, &dir)?;
    long.map_or(Ok(status), |reason| Err(Error::build(reason)))
}

fn result(path: &Path) -> Result<Map> {
    let Ok(text) = fs::read(path) else { return Ok(vec![]) };
    let wrong = |text: String| Error::build(format!("{RESULT}: {text}"));
    let parsed: serde_json::Value =
        serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
    match wire::to_value(&parsed)? {
        Value::Struct(members) => Ok(members),
        other => Err(wrong(format!("an object is needed, not {}", other.kind()))),
    }
}

/// The files of a directory and those below it, by their paths in it, sorted.
fn tree(dir: &Path, prefix: &str) -> Result<Vec<String>> {
    let mut found = vec![];
    for name in files::names(dir)? {
        let (path, below) = (dir.join(&name), format!("{prefix}{name}"));
        let meta = path.symlink_metadata().map_err(|error| Error::io(&path, error))?;
        if meta.is_dir() {
            found.extend(tree(&path, &format!("{below}/"))?);
        } else {
            found.push(below);
        }
    }
    Ok(found)
}

/// What the program told, and of the rest what it did not.
fn completed(mut told: Map, rest: Map) -> Map {
    for (name, value) in rest {
        if !told.iter().any(|(known, _)| *known == name) {
            told.push((name, value));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_tells_counts() {
        let told = completed(map! { "files" => args!["a"] }, map! { "files" => args!["b"], "task_id" => 7 });
        assert_eq!(told, map! { "files" => args!["a"], "task_id" => 7 });
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(RESULT);
        assert!(result(&path).unwrap().is_empty());
        fs::write(&path, "[1]").unwrap();
        assert!(result(&path).unwrap_err().message.contains("object"));
        fs::write(&path, "{\"arch\": \"x86_64\"}").unwrap();
        assert_eq!(result(&path).unwrap(), map! { "arch" => "x86_64" });
    }
}
