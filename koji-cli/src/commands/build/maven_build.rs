//! `koji maven-build`

use std::path::PathBuf;

use koji_core::api::task_ask::MavenBuild;
use koji_core::wire::{Map, Value};

use super::maven_ini::{Packages, Purpose};
use super::target;
use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::task_watch::Following;
use crate::value::{View as _, put, set};

/// Build a Maven project
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji maven-build -P release maven-candidate git://src.example.org/lib#abc")]
pub struct Args {
    /// The build target
    target: String,
    /// The SCM URL of the project
    #[arg(value_name = "URL", required_unless_present = "inis", conflicts_with = "inis")]
    source: Option<String>,
    /// The SCM URL of a directory of patches to apply before
    #[arg(long, value_name = "URL")]
    patches: Option<String>,
    /// A goal to run before "deploy"
    #[arg(short = 'G', long = "goal", value_name = "GOAL")]
    goals: Vec<String>,
    /// A Maven profile to activate
    #[arg(short = 'P', long = "profile", value_name = "PROFILE")]
    profiles: Vec<String>,
    /// A system property
    #[arg(short = 'D', long = "property", value_name = "NAME=VALUE")]
    properties: Vec<String>,
    /// An environment variable
    #[arg(short = 'E', long = "env", value_name = "NAME=VALUE")]
    envs: Vec<String>,
    /// Install this package into the buildroot too
    #[arg(short = 'p', long = "package", value_name = "PACKAGE")]
    packages: Vec<String>,
    /// Pass an option to the virtual machine of Java
    #[arg(short = 'J', long = "jvm-option", value_name = "OPTION", allow_hyphen_values = true)]
    jvm_options: Vec<String>,
    /// Pass an option to Maven
    #[arg(short = 'M', long = "maven-option", value_name = "OPTION", allow_hyphen_values = true)]
    maven_options: Vec<String>,
    /// Take all that from a file
    #[arg(long = "ini", value_name = "CONFIG")]
    inis: Vec<PathBuf>,
    /// The section of the file, if it has several
    #[arg(short = 's', long)]
    section: Option<String>,
    /// Have Maven tell more
    #[arg(long)]
    debug: bool,
    /// The SCM URL of a spec file template for wrapper rpms
    #[arg(long, value_name = "URL")]
    specfile: Option<String>,
    /// Do not tag the build
    #[arg(long)]
    skip_tag: bool,
    /// Make a build that leaves only its files
    #[arg(long)]
    scratch: bool,
    /// Build when there is nothing better to do
    #[arg(long)]
    background: bool,
    #[command(flatten)]
    following: Following,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    target::check(ctx, &args.target, args.scratch)?;
    let (source, opts) = match &args.source {
        Some(source) => (source.clone(), options(&args)?),
        None => from_file(&args)?,
    };
    if !source.contains("://") {
        return Err(Stop::usage(format!("No such SCM URL: {source}")));
    }
    let build = MavenBuild {
        opts: Value::Struct(opts),
        priority: target::priority(args.background),
        ..MavenBuild::new(source, args.target.as_str())
    };
    let task = ctx.call(build)?.into();
    args.following.follow(ctx, task)
}

/// The sources and the options that a file tells; options of the command do not count, but for two.
fn from_file(args: &Args) -> Result<(String, Map), Stop> {
    let purpose = Purpose { chain: false, scratch: args.scratch };
    let mut found = Packages::read(&args.inis, purpose)?.one(args.section.as_deref(), &args.inis, false)?;
    if args.debug {
        let mut maven: Vec<Value> = found.list("maven_options").to_vec();
        maven.push("--debug".into());
        set(&mut found, "maven_options", Value::Array(maven));
    }
    let source = found.str("scmurl").to_owned();
    let Value::Struct(mut opts) = found else { return Err(Stop::told("a section without options")) };
    opts.retain(|(name, _)| name != "scmurl" && name != "type");
    if args.skip_tag {
        put(&mut opts, "skip_tag", true);
    }
    Ok((source, opts))
}

/// Only what was given is sent.
fn options(args: &Args) -> Result<Map, Stop> {
    let mut opts = vec![];
    let mut maven_options = args.maven_options.clone();
    if args.debug {
        maven_options.push("--debug".into());
    }
    let lists = [
        ("goals", &args.goals),
        ("profiles", &args.profiles),
        ("packages", &args.packages),
        ("jvm_options", &args.jvm_options),
        ("maven_options", &maven_options),
    ];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        put(&mut opts, name, list);
    }
    for (name, text) in [("patches", &args.patches), ("specfile", &args.specfile)] {
        if let Some(text) = text {
            put(&mut opts, name, text.as_str());
        }
    }
    for (name, pairs) in [("properties", &args.properties), ("envs", &args.envs)] {
        if !pairs.is_empty() {
            put(&mut opts, name, Value::Struct(split(pairs)?));
        }
    }
    for (name, given) in [("scratch", args.scratch), ("skip_tag", args.skip_tag)] {
        if given {
            put(&mut opts, name, true);
        }
    }
    Ok(opts)
}

/// Names and values; a name alone has none.
fn split(pairs: &[String]) -> Result<Map, Stop> {
    let mut map = Map::new();
    for pair in pairs {
        let (name, value) = match pair.split_once('=') {
            Some((name, value)) => (name, Value::from(value)),
            None => (pair.as_str(), Value::Nil),
        };
        if map.iter().any(|(known, _)| known == name) {
            return Err(Stop::usage(format!("{name} was given twice")));
        }
        map.push((name.to_owned(), value));
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn only_what_is_given_is_sent() {
        let words = ["x", "-D", "a=b", "-D", "c", "-M", "-X", "--debug", "--scratch", "t", "git://h/r#1"];
        let opts = Value::Struct(options(&Line::parse_from(words).args).unwrap());
        assert_eq!(opts.at("properties").str("a"), "b");
        assert_eq!(opts.list("maven_options").len(), 2);
        assert!(opts.has("scratch") && opts.get("goals").is_none() && opts.get("skip_tag").is_none());
        assert!(split(&["a=1".into(), "a=2".into()]).is_err());
    }
}
