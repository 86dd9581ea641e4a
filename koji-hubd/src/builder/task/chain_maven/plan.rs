//! [`Plan`]: which packages of a chain can be built, and what each needs of the others; pure.

use std::collections::{BTreeMap, BTreeSet};

use koji_core::client::field;
use koji_core::wire::{Map, Value};
use koji_core::{Error, Result};

/// What of a package's description is not an option of its build.
const NO_OPTIONS: [&str; 3] = ["scmurl", "buildrequires", "type"];

/// A package of the chain.
#[derive(Clone, Debug)]
pub(super) struct Package {
    pub name: String,
    /// Its sources
    pub url: String,
    /// Whether it makes rpms around another package of the chain, instead of being built by Maven
    pub wraps: bool,
    requires: Vec<String>,
    opts: Map,
}

/// The chain.
#[derive(Debug)]
pub(super) struct Plan {
    packages: BTreeMap<String, Package>,
    open: BTreeSet<String>,
    /// The build or the task of each that is done
    done: BTreeMap<String, Value>,
}

impl Plan {
    /// Reads the chain: a struct of packages.
    ///
    /// # Errors
    /// A package without sources, of an unknown type, or that requires what is not in the chain.
    pub fn new(builds: &Value) -> Result<Self> {
        let builds =
            builds.as_struct().ok_or_else(|| Error::parameter("builds must be a struct of packages"))?;
        let packages: BTreeMap<String, Package> = builds
            .iter()
            .map(|(name, about)| Ok((name.clone(), package(name, about)?)))
            .collect::<Result<_>>()?;
        for package in packages.values() {
            if let Some(missing) = package.requires.iter().find(|name| !packages.contains_key(*name)) {
                return Err(Error::build(format!(
                    "{} requires {missing}, which is not in the chain",
                    package.name
                )));
            }
        }
        let open = packages.keys().cloned().collect();
        Ok(Self { packages, open, done: BTreeMap::new() })
    }

    /// All packages.
    pub fn names(&self) -> Vec<String> {
        self.packages.keys().cloned().collect()
    }

    /// Takes the packages that wait for nothing any more.
    pub fn take_ready(&mut self) -> Vec<Package> {
        let waits =
            |name: &String| self.packages[name].requires.iter().any(|needed| !self.done.contains_key(needed));
        let ready: Vec<Package> =
            self.open.iter().filter(|name| !waits(name)).map(|name| self.packages[name].clone()).collect();
        for package in &ready {
            self.open.remove(&package.name);
        }
        ready
    }

    /// A package is done: by a build, or by a task.
    pub fn finish(&mut self, name: &str, by: Value) {
        self.done.insert(name.to_owned(), by);
    }

    /// Whether packages are left that wait for each other.
    pub fn is_stuck(&self) -> bool {
        !self.open.is_empty()
    }

    /// The options of a package's build: its own, and what Maven must find of the others.
    pub fn opts_of(&self, package: &Package) -> Map {
        let mut opts = package.opts.clone();
        let deps = self.all_required(package);
        if !package.wraps && !deps.is_empty() {
            let deps: Vec<Value> = deps.iter().filter_map(|name| self.done.get(*name)).cloned().collect();
            opts.push(("deps".to_owned(), deps.into()));
        }
        opts
    }

    /// The build or task that a package wraps: the first that it requires.
    pub fn wrapped_by(&self, package: &Package) -> Result<Value> {
        let first = package.requires.first().and_then(|name| self.done.get(name));
        first.cloned().ok_or_else(|| Error::build(format!("{} has nothing to wrap", package.name)))
    }

    fn all_required(&self, package: &Package) -> BTreeSet<&str> {
        let (mut found, mut open) = (BTreeSet::new(), vec![&package.name]);
        while let Some(name) = open.pop() {
            for needed in self.packages.get(name).map(|package| &package.requires).into_iter().flatten() {
                if found.insert(needed.as_str()) {
                    open.push(needed);
                }
            }
        }
        found
    }
}

fn package(name: &str, about: &Value) -> Result<Package> {
    let wrong = |text: &str| Error::build(format!("package {name}: {text}"));
    let url = field(about, "scmurl").as_str().ok_or_else(|| wrong("scmurl is missing"))?.to_owned();
    let wraps = match field(about, "type").as_str().unwrap_or("maven") {
        "maven" => false,
        "wrapper" => true,
        other => return Err(Error::build(format!("unsupported build type: {other}"))),
    };
    let requires = field(about, "buildrequires").as_array().unwrap_or_default();
    let requires = requires.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let all = about.as_struct().unwrap_or_default().iter();
    let opts = all.filter(|(key, _)| !NO_OPTIONS.contains(&key.as_str())).cloned().collect();
    Ok(Package { name: name.to_owned(), url, wraps, requires, opts })
}

/// Adds an option of Maven's to others.
pub(super) fn add_maven_option(opts: &mut Map, option: &str) {
    let known = opts.iter_mut().find(|(name, _)| name == "maven_options");
    match known {
        Some((_, Value::Array(list))) => list.push(option.into()),
        _ => opts.extend(map! { "maven_options" => args![option] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(packages: &[(&str, &[&str])]) -> Value {
        let about = |requires: &[&str]| {
            let requires: Vec<Value> = requires.iter().map(|name| Value::from(*name)).collect();
            Value::Struct(
                map! { "scmurl" => "git://h/x#1", "buildrequires" => requires, "goals" => args!["g"] },
            )
        };
        Value::Struct(packages.iter().map(|(name, requires)| ((*name).to_owned(), about(requires))).collect())
    }

    fn names(packages: &[Package]) -> Vec<&str> {
        packages.iter().map(|package| package.name.as_str()).collect()
    }

    #[test]
    fn packages_follow_what_they_require() {
        let mut plan = Plan::new(&chain(&[("a", &[]), ("b", &["a"]), ("c", &["b"]), ("d", &[])])).unwrap();
        assert_eq!(names(&plan.take_ready()), ["a", "d"]);
        assert!(plan.take_ready().is_empty() && plan.is_stuck());
        plan.finish("a", "a-1-1".into());
        let ready = plan.take_ready();
        assert_eq!(names(&ready), ["b"]);
        assert_eq!(plan.opts_of(&ready[0]), map! { "goals" => args!["g"], "deps" => args!["a-1-1"] });
        plan.finish("b", "b-1-1".into());
        let ready = plan.take_ready();
        assert_eq!(
            field(&Value::Struct(plan.opts_of(&ready[0])), "deps"),
            &Value::Array(args!["a-1-1", "b-1-1"])
        );
        assert!(!plan.is_stuck());
        assert!(Plan::new(&chain(&[("a", &["z"])])).unwrap_err().message.contains("not in the chain"));
    }
}
