//! `koji image-build-indirection`

use std::path::PathBuf;

use koji_core::Error;
use koji_core::api::task_ask::BuildImageIndirection;
use koji_core::arch::canonical;
use koji_core::config::ini::{Ini, Source};
use koji_core::wire::{Map, Value};

use super::{spin, target};
use crate::context::Ctx;
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::task_watch::Following;
use crate::value::{View as _, put, set};

/// The section of a file of options.
const SECTION: &str = "image-build-indirection";
/// What must be given.
const NEEDED: [&str; 6] = ["name", "version", "arch", "target", "indirection_template", "results_loc"];

/// Create a disk image using other disk images via the Indirection plugin
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji image-build-indirection --config image.conf")]
pub struct Args {
    /// A file whose section [image-build-indirection] has all of it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Make it when there is nothing better to do
    #[arg(long)]
    background: bool,
    /// The name of the image
    #[arg(long)]
    name: Option<String>,
    /// Its version
    #[arg(long)]
    version: Option<String>,
    /// Its release
    #[arg(long)]
    release: Option<String>,
    /// The arch of all images
    #[arg(long)]
    arch: Option<String>,
    /// The build target
    #[arg(long)]
    target: Option<String>,
    /// Do not tag the build
    #[arg(long)]
    skip_tag: bool,
    /// The createImage task of the base image
    #[arg(long, value_name = "ID")]
    base_image_task: Option<String>,
    /// The build of the base image
    #[arg(long, value_name = "NVR")]
    base_image_build: Option<String>,
    /// The createImage task of the utility image
    #[arg(long, value_name = "ID")]
    utility_image_task: Option<String>,
    /// The build of the utility image
    #[arg(long, value_name = "NVR")]
    utility_image_build: Option<String>,
    /// The template that drives the plugin, or its name below --indirection-template-url
    #[arg(long, value_name = "FILE")]
    indirection_template: Option<String>,
    /// The SCM URL of the template
    #[arg(long, value_name = "URL")]
    indirection_template_url: Option<String>,
    /// Where in the working image the results are
    #[arg(long, value_name = "PATH")]
    results_loc: Option<String>,
    /// Make an image that leaves only its files
    #[arg(long)]
    scratch: bool,
    /// Do not show the progress of the upload
    #[arg(long)]
    noprogress: bool,
    #[command(flatten)]
    following: Following,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let mut opts = Value::Struct(options(&args));
    if let Some(file) = &args.config {
        configured(&Ini::read(&[Source::required(file)])?, &mut opts)?;
    }
    check_images(&opts)?;
    let missing: Vec<String> = NEEDED
        .iter()
        .filter(|name| !opts.has(name))
        .map(|name| format!("--{}", name.replace('_', "-")))
        .collect();
    if !missing.is_empty() {
        line!(ctx, "Missing the following required options: {}", missing.join(" "));
        return Err(wrong("Missing required options specified above"));
    }
    ctx.login()?;
    target::check_of_image(ctx, opts.str("target"))?;
    let arch = canonical(opts.str("arch")).to_owned();
    set(&mut opts, "arch", arch);
    if !opts.has("indirection_template_url") {
        if !opts.has("scratch") {
            return Err(wrong("Non-scratch builds must provide a URL for the indirection template"));
        }
        let sent =
            spin::send(ctx, opts.str("indirection_template"), "cli-image-indirection", args.noprogress)?;
        set(&mut opts, "indirection_template", format!("work/{sent}"));
    }
    let build = BuildImageIndirection { opts, priority: target::priority(args.background) };
    let task = ctx.call(build)?.into();
    args.following.follow(ctx, task)
}

fn wrong(text: &str) -> Stop {
    Error::generic(text).into()
}

/// Everything is sent, be it nil.
fn options(args: &Args) -> Map {
    let mut opts = Map::new();
    let texts = [
        ("name", &args.name),
        ("version", &args.version),
        ("arch", &args.arch),
        ("target", &args.target),
        ("indirection_template", &args.indirection_template),
        ("results_loc", &args.results_loc),
        ("indirection_template_url", &args.indirection_template_url),
        ("utility_image_task", &args.utility_image_task),
        ("utility_image_build", &args.utility_image_build),
        ("base_image_task", &args.base_image_task),
        ("base_image_build", &args.base_image_build),
        ("release", &args.release),
    ];
    for (name, text) in texts {
        put(&mut opts, name, text.as_ref());
    }
    for (name, given) in [("scratch", args.scratch), ("skip_tag", args.skip_tag)] {
        put(&mut opts, name, given.then_some(true));
    }
    opts
}

/// Puts what a file says above the options.
fn configured(ini: &Ini, opts: &mut Value) -> Result<(), Stop> {
    if !ini.has_section(SECTION) {
        return Err(Stop::usage(format!("single section called [{SECTION}] is required")));
    }
    for (name, text) in ini.items(SECTION) {
        if opts.get(name).is_some() {
            set(opts, name, text);
        }
    }
    Ok(())
}

/// Each image is named by its task or by its build.
fn check_images(opts: &Value) -> Result<(), Stop> {
    for which in ["utility", "base"] {
        let by = |what: &str| opts.has(&format!("{which}_image_{what}"));
        if by("task") == by("build") {
            return Err(wrong(&format!("You must specify either a {which}-image task or build ID/NVR")));
        }
    }
    Ok(())
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
    fn images_are_named_once() {
        let told = |words: &str| {
            let line = Line::parse_from(["x"].into_iter().chain(words.split(' ')));
            check_images(&Value::Struct(options(&line.args)))
        };
        told("--base-image-task 1 --utility-image-build a-1-1").unwrap();
        assert!(told("--base-image-task 1").is_err());
        assert!(told("--base-image-task 1 --base-image-build a-1-1 --utility-image-task 2").is_err());
        let mut opts = Value::Struct(options(&Line::parse_from(["x", "--name", "a"]).args));
        let ini = Ini::from_text("x", "[image-build-indirection]\nname = b\nother = 1\n").unwrap();
        configured(&ini, &mut opts).unwrap();
        assert!(opts.str("name") == "b" && opts.get("other").is_none() && opts.at("scratch").is_nil());
    }
}
