//! What a task will take, judged by its like: medians of the last runs, and what is assumed without any. Pure.

use serde::{Deserialize, Serialize};

use crate::nvr::Nvra;
use crate::wire::Value;

/// How many runs are kept; the oldest are forgotten.
const MOST_RUNS: usize = 9;
/// What `buildArch` weighs before anything is known of a package, as Koji's builders have it.
const BUILD_WEIGHT: f64 = 1.5;
/// So many seconds add one to the weight of a build, up to the most; as Koji's builders have it.
const SECONDS_PER_WEIGHT: f64 = 4800.0;
const MOST_ADDED_WEIGHT: f64 = 18.0;

/// What tasks that are alike have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    method: String,
    /// The package, for tasks that build one
    package: Option<String>,
    arch: String,
}

/// Whether tasks of a method concern one package, which their first argument names.
pub fn is_of_package(method: &str) -> bool {
    matches!(method, "build" | "buildArch" | "rebuildSRPM" | "buildSRPMFromSCM")
}

impl Kind {
    /// The kind of a task. The request is looked at where [`is_of_package`] says so.
    pub fn new(method: &str, arch: &str, request: &[Value]) -> Self {
        let source = request.first().and_then(Value::as_str).filter(|_| is_of_package(method));
        let package = source.and_then(package_of);
        Self { method: method.to_owned(), package, arch: arch.to_owned() }
    }

    /// The name under which its runs are kept.
    pub fn key(&self) -> String {
        format!("runs {} {} {}", self.method, self.package.as_deref().unwrap_or("-"), self.arch)
    }

    /// The package, if it builds one.
    pub fn package(&self) -> Option<&str> {
        self.package.as_deref()
    }

    /// What is assumed of its duration in seconds when there were no runs.
    fn usual_duration_s(&self) -> f64 {
        match self.method.as_str() {
            "build" | "chainbuild" | "chainmaven" | "maven" | "buildMaven" => 1800.0,
            "buildArch" | "image" | "createImage" | "vmExec" => 900.0,
            "newRepo" | "distRepo" => 300.0,
            "createrepo" | "createdistrepo" | "rebuildSRPM" | "buildSRPMFromSCM" => 120.0,
            _ => 60.0,
        }
    }
}

/// The package that a source rpm's path, or the URL of a repository with its sources, speaks of.
fn package_of(source: &str) -> Option<String> {
    let path = source.split(['?', '#']).next()?.trim_end_matches('/');
    let last = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    if last.ends_with(".rpm") {
        return Nvra::parse(last).ok().map(|nvra| nvra.name);
    }
    Some(last.strip_suffix(".git").unwrap_or(last).to_owned())
}

/// The last runs of a kind, as they are kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Runs {
    /// How long each took, in seconds
    pub seconds: Vec<f64>,
    /// The most memory that each took, in MiB; of those whose builder told
    #[serde(default)]
    pub peak_mb: Vec<f64>,
}

impl Runs {
    /// One more run.
    pub fn add(&mut self, seconds: f64, peak_mb: Option<f64>) {
        push(&mut self.seconds, seconds);
        if let Some(peak) = peak_mb {
            push(&mut self.peak_mb, peak);
        }
    }
}

fn push(list: &mut Vec<f64>, value: f64) {
    list.push(value);
    let surplus = list.len().saturating_sub(MOST_RUNS);
    list.drain(..surplus);
}

/// What a task will take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// How long, in seconds
    pub duration_s: f64,
    /// The weight that it will have once it is begun, if that is known
    pub weight: Option<f64>,
    /// The most memory in MiB; zero if nobody knows
    pub memory_mb: f64,
}

/// Judges by the runs of the kind.
pub fn estimate(kind: &Kind, runs: Option<&Runs>) -> Estimate {
    let median_s = runs.and_then(|runs| median(&runs.seconds));
    let weight = median_s
        .filter(|_| kind.method == "buildArch")
        .map(|seconds| BUILD_WEIGHT + (seconds / SECONDS_PER_WEIGHT).min(MOST_ADDED_WEIGHT));
    Estimate {
        duration_s: median_s.unwrap_or_else(|| kind.usual_duration_s()),
        weight,
        memory_mb: runs.and_then(|runs| median(&runs.peak_mb)).unwrap_or_default(),
    }
}

/// The middle value, the lower one of two.
fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(method: &str, source: &str) -> Kind {
        Kind::new(method, "x86_64", &[source.into()])
    }

    #[test]
    fn tasks_that_build_the_same_package_are_alike() {
        let key = |source| kind("buildArch", source).key();
        assert_eq!(key("tasks/1/foo-bar-1.0-2.fc44.src.rpm"), "runs buildArch foo-bar x86_64");
        assert_eq!(key("cli-build/2/foo-bar-3-1.src.rpm"), key("tasks/1/foo-bar-1.0-2.fc44.src.rpm"));
        assert_eq!(kind("build", "git+https://h/rpms/bash.git?x#abc").key(), "runs build bash x86_64");
        assert_eq!(kind("newRepo", "f44-build").key(), "runs newRepo - x86_64");
    }

    #[test]
    fn medians_of_the_last_runs() {
        let mut runs = Runs::default();
        for seconds in [9e9, 100.0, 110.0, 90.0, 5000.0, 100.0, 100.0, 100.0, 100.0, 100.0] {
            runs.add(seconds, Some(seconds * 2.0));
        }
        assert_eq!(runs.seconds.len(), MOST_RUNS);
        let known = estimate(&kind("buildArch", "a/foo-1-1.src.rpm"), Some(&runs));
        assert_eq!((known.duration_s, known.memory_mb), (100.0, 200.0));
        assert!(known.weight.is_some_and(|weight| (weight - 1.5 - 100.0 / 4800.0).abs() < 1e-9));
        let unknown = estimate(&kind("buildArch", "a/foo-1-1.src.rpm"), None);
        assert_eq!((unknown.weight, unknown.memory_mb), (None, 0.0));
        assert!(unknown.duration_s > 0.0);
    }
}
