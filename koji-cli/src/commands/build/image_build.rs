//! `koji image-build`

use std::path::PathBuf;

use koji_core::api::task_ask::BuildImageOz;
use koji_core::arch::canonical;
use koji_core::config::ini::{Ini, Source};
use koji_core::wire::{Map, Value};

use super::{spin, target};
use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::task_watch::Following;
use crate::value::{View as _, put, set};

/// The section of a file of options.
const SECTION: &str = "image-build";
/// The options that the hub is told.
const TOLD: [&str; 15] = [
    "ksurl",
    "ksversion",
    "kickstart",
    "scratch",
    "repo",
    "release",
    "skip_tag",
    "specfile",
    "distro",
    "format",
    "disk_size",
    "ova_option",
    "factory_parameter",
    "optional_arches",
    "noverifyssl",
];

/// Create a disk image given an install tree
#[derive(clap::Args, Debug)]
#[command(
    override_usage = "koji image-build [OPTIONS] <name> <version> <target> <install-tree-url> <arch> [<arch> ...]\n       \
                      koji image-build --config <FILE>",
    after_help = "Example: koji image-build --distro Fedora-40 --kickstart base.ks base 40 f40-candidate http://h/40/$arch/os x86_64"
)]
pub struct Args {
    /// Name, version, target, URL of the install tree and arches
    #[arg(value_name = "name version target install-tree-url arch")]
    words: Vec<String>,
    /// Make it when there is nothing better to do
    #[arg(long)]
    background: bool,
    /// A file whose section [image-build] has all of it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The size of the disk in GB
    #[arg(long)]
    disk_size: Option<String>,
    /// The distribution: RHEL-X.Y, CentOS-X.Y, SL-X.Y or Fedora-NN
    #[arg(long)]
    distro: Option<String>,
    /// A format to convert the image to; may be given several times
    #[arg(long = "format")]
    formats: Vec<String>,
    /// The kickstart file
    #[arg(long)]
    kickstart: Option<String>,
    /// The SCM URL of the kickstart file
    #[arg(long, value_name = "SCMURL")]
    ksurl: Option<String>,
    /// The version of the kickstart file's syntax
    #[arg(long, value_name = "VERSION")]
    ksversion: Option<String>,
    /// Do not show the progress of the upload
    #[arg(long)]
    noprogress: bool,
    /// Do not check certificates of the install tree and the repos
    #[arg(long)]
    noverifyssl: bool,
    /// A value of the OVA description; may be given several times
    #[arg(long = "ova-option", value_name = "NAME=VALUE")]
    ova_options: Vec<String>,
    /// A parameter of Image Factory, a name and a value; may be given several times
    #[arg(long = "factory-parameter", num_args = 2, value_names = ["NAME", "VALUE"])]
    factory_parameters: Vec<String>,
    /// The release, instead of the next one
    #[arg(long)]
    release: Option<String>,
    /// Install from this repo instead of the build tag's; may be given several times
    #[arg(long = "repo", value_name = "URL")]
    repos: Vec<String>,
    /// Make an image that leaves only its files
    #[arg(long)]
    scratch: bool,
    /// Do not tag the build
    #[arg(long)]
    skip_tag: bool,
    /// Arches that may fail
    #[arg(long = "can-fail", value_name = "ARCH1,ARCH2,...", default_value = "")]
    optional_arches: String,
    /// The SCM URL of a spec file template for wrapper rpms
    #[arg(long, value_name = "URL")]
    specfile: Option<String>,
    #[command(flatten)]
    following: Following,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let mut opts = options(&args);
    let mut words = args.words.clone();
    if let Some(file) = &args.config {
        words = configured(&Ini::read(&[Source::required(file)])?, &mut opts)?;
    }
    let [name, version, target, tree, arches @ ..] = &words[..] else { return Err(too_few()) };
    if arches.is_empty() {
        return Err(too_few());
    }
    let mut opts = Value::Struct(opts);
    if !opts.has("ksurl") && !opts.has("kickstart") {
        return Err(Stop::usage("You must specify --kickstart"));
    }
    if !opts.has("distro") {
        let examples = "Fedora-16, RHEL-6.4, SL-6.4 or CentOS-6.4";
        return Err(Stop::usage(format!("You must specify --distro. Examples: {examples}")));
    }
    ctx.login()?;
    target::check_of_image(ctx, target)?;
    if !opts.has("ksurl") {
        let sent = spin::send(ctx, opts.str("kickstart"), "cli-image", args.noprogress)?;
        set(&mut opts, "kickstart", format!("work/{sent}"));
    }
    let arches: Vec<Value> = arches.iter().map(|arch| canonical(arch).into()).collect();
    let build = BuildImageOz {
        opts,
        priority: target::priority(args.background),
        ..BuildImageOz::new(name.as_str(), version.as_str(), arches, target.as_str(), tree.as_str())
    };
    let task = ctx.call(build)?.into();
    args.following.follow(ctx, task)
}

fn too_few() -> Stop {
    Stop::usage(
        "At least five arguments are required: a name, a version, a build target, a URL to an install tree, and 1 or \
         more architectures.",
    )
}

/// Only what was given is sent, and what has a default.
fn options(args: &Args) -> Map {
    let mut opts = Map::new();
    let texts = [
        ("ksurl", &args.ksurl),
        ("ksversion", &args.ksversion),
        ("kickstart", &args.kickstart),
        ("release", &args.release),
        ("specfile", &args.specfile),
        ("distro", &args.distro),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            put(&mut opts, name, text);
        }
    }
    let flags = [("scratch", args.scratch), ("skip_tag", args.skip_tag), ("noverifyssl", args.noverifyssl)];
    for (name, _) in flags.into_iter().filter(|(_, given)| *given) {
        put(&mut opts, name, true);
    }
    for (name, list) in [("repo", &args.repos), ("ova_option", &args.ova_options)] {
        if !list.is_empty() {
            put(&mut opts, name, list);
        }
    }
    let pairs: Vec<Value> = args.factory_parameters.chunks(2).map(crate::value::Arg::arg).collect();
    if !pairs.is_empty() {
        put(&mut opts, "factory_parameter", Value::Array(pairs));
    }
    put(&mut opts, "format", &args.formats);
    put(&mut opts, "disk_size", args.disk_size.as_deref().map_or(Value::Int(10), Value::from));
    put(&mut opts, "optional_arches", &args.optional_arches);
    opts
}

/// Puts what a file says above the options; gives the arguments.
fn configured(ini: &Ini, opts: &mut Map) -> Result<Vec<String>, Stop> {
    if !ini.has_section(SECTION) {
        return Err(Stop::usage(format!("single section called [{SECTION}] is required")));
    }
    let need = |name: &str| {
        let found = ini.get(SECTION, name).map(str::to_owned);
        found.ok_or_else(|| Stop::usage(format!("the option {name} of [{SECTION}] is missing")))
    };
    let list = |text: &str| Value::Array(text.split(',').map(Value::from).collect());
    let mut words =
        ["name", "version", "target", "install_tree"].map(need).into_iter().collect::<Result<Vec<_>, _>>()?;
    words.extend(need("arches")?.split(',').map(str::to_owned));
    let mut over = |name: &str, value: Value| {
        opts.retain(|(known, _)| known != name);
        opts.push((name.to_owned(), value));
    };
    for (name, text) in ini.items(SECTION) {
        match name {
            "repo" | "format" => over(name, list(text)),
            "can_fail" => over("optional_arches", list(text)),
            _ if TOLD.contains(&name) => over(name, text.into()),
            _ => {}
        }
    }
    if ini.has_section("ova-options") {
        let pair = |(name, text): (&str, &str)| Value::from(format!("{name}={text}"));
        over("ova_option", Value::Array(ini.items("ova-options").into_iter().map(pair).collect()));
    }
    if ini.has_section("factory-parameters") {
        let pair = |(name, text): (&str, &str)| Value::Array(vec![name.into(), text.into()]);
        over(
            "factory_parameter",
            Value::Array(ini.items("factory-parameters").into_iter().map(pair).collect()),
        );
    }
    Ok(words)
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
    fn a_file_may_have_it_all() {
        let words = "x --format raw --factory-parameter cmd run --ksversion F40";
        let mut opts = options(&Line::parse_from(words.split(' ')).args);
        let told = Value::Struct(opts.clone());
        assert_eq!(
            told.at("factory_parameter"),
            &Value::Array(vec![Value::Array(vec!["cmd".into(), "run".into()])])
        );
        assert_eq!((told.int("disk_size"), told.str("optional_arches")), (10, ""));
        let text = "[image-build]\nname = base\nversion = 40\ntarget = f40\ninstall_tree = http://h/$arch\n\
                    arches = i686,x86_64\nformat = qcow2,raw-xz\ncan_fail = i686\nkickstart = base.ks\ndistro = Fedora-40\n\
                    disk_size = 20\n[ova-options]\nmemory = 1\n";
        let words = configured(&Ini::from_text("image.conf", text).unwrap(), &mut opts).unwrap();
        assert_eq!(words, ["base", "40", "f40", "http://h/$arch", "i686", "x86_64"]);
        let told = Value::Struct(opts);
        assert_eq!(told.at("format"), &Value::Array(vec!["qcow2".into(), "raw-xz".into()]));
        assert_eq!(told.at("optional_arches"), &Value::Array(vec!["i686".into()]));
        assert_eq!((told.str("disk_size"), told.str("ksversion")), ("20", "F40"));
        assert_eq!(told.at("ova_option"), &Value::Array(vec!["memory=1".into()]));
        assert!(told.get("target").is_none());
        assert!(configured(&Ini::from_text("x", "[other]\n").unwrap(), &mut vec![]).is_err());
    }
}
