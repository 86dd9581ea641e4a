//! Images from a kickstart file: what `spin-livecd`, `spin-livemedia` and `spin-appliance` have in common.

use std::path::Path;

use koji_core::api::task_ask::BuildImage;
use koji_core::arch::canonical;
use koji_core::wire::{Map, Value};

use super::target;
use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::task_watch::Following;
use crate::value::put;
use crate::{files, line, terminal};

/// The longest name that a volume may have.
const VOLID_LENGTH: usize = 32;

/// What every such image takes.
#[derive(clap::Args, Debug)]
pub struct Common {
    /// The name of the image
    name: String,
    /// Its version
    version: String,
    /// The build target
    target: String,
    /// The arch; of live media several with commas between them
    arch: String,
    /// The kickstart file, or its path below --ksurl
    #[arg(value_name = "kickstart-file")]
    kickstart: String,
    /// Do not show the progress of the upload
    #[arg(long)]
    noprogress: bool,
    /// Make it when there is nothing better to do
    #[arg(long)]
    background: bool,
    /// The SCM URL of the kickstart file
    #[arg(long, value_name = "SCMURL")]
    ksurl: Option<String>,
    /// The version of the kickstart file's syntax
    #[arg(long, value_name = "VERSION")]
    ksversion: Option<String>,
    /// Make an image that leaves only its files
    #[arg(long)]
    scratch: bool,
    /// Install from this repo instead of the build tag's; may be given several times
    #[arg(long = "repo", value_name = "URL")]
    repos: Vec<String>,
    /// The release, instead of the next one
    #[arg(long)]
    release: Option<String>,
    /// The SCM URL of a spec file template for wrapper rpms
    #[arg(long, value_name = "URL")]
    specfile: Option<String>,
    /// Do not tag the build
    #[arg(long)]
    skip_tag: bool,
    #[command(flatten)]
    following: Following,
}

impl Common {
    /// Only what was given is sent.
    pub fn options(&self) -> Map {
        let mut opts = Map::new();
        let texts = [
            ("ksurl", &self.ksurl),
            ("ksversion", &self.ksversion),
            ("release", &self.release),
            ("specfile", &self.specfile),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                put(&mut opts, name, text.as_str());
            }
        }
        for (name, given) in [("scratch", self.scratch), ("skip_tag", self.skip_tag)] {
            if given {
                put(&mut opts, name, true);
            }
        }
        if !self.repos.is_empty() {
            put(&mut opts, "repo", &self.repos);
        }
        opts
    }

    /// The arch as the hub takes it; a list for what may be made for several.
    fn arch(&self, kind: &str) -> Value {
        match kind {
            "livemedia" => Value::Array(self.arch.split(',').map(|arch| canonical(arch).into()).collect()),
            _ => canonical(&self.arch).into(),
        }
    }
}

/// Refuses the name of a volume that is too long.
pub fn check_volid(volid: Option<&str>) -> Result<(), Stop> {
    match volid {
        Some(volid) if volid.chars().count() > VOLID_LENGTH => {
            Err(Stop::usage("Volume ID has a maximum length of 32 characters"))
        }
        _ => Ok(()),
    }
}

/// Has an image of a kind made.
pub fn run(ctx: &mut Ctx<'_>, kind: &str, common: &Common, opts: Map) -> Outcome {
    ctx.login()?;
    target::check_of_image(ctx, &common.target)?;
    let mut kickstart = common.kickstart.clone();
    if common.ksurl.as_deref().is_none_or(str::is_empty) {
        kickstart = send(ctx, &kickstart, &format!("cli-{kind}"), common.noprogress)?;
    }
    let build = BuildImage {
        opts: Value::Struct(opts),
        priority: target::priority(common.background),
        ..BuildImage::new(
            common.name.as_str(),
            common.version.as_str(),
            common.arch(kind),
            common.target.as_str(),
            kickstart,
            kind,
        )
    };
    let task = ctx.call(build)?.into();
    common.following.follow(ctx, task)
}

/// Uploads a file to a directory of its own; its path there.
pub fn send(ctx: &mut Ctx<'_>, file: &str, prefix: &str, noprogress: bool) -> Result<String, Stop> {
    let dir = files::unique_dir(prefix)?;
    files::upload(ctx, Path::new(file), &dir, !noprogress && !terminal::in_background())?;
    line!(ctx);
    Ok(format!("{dir}/{}", file.rsplit('/').next().unwrap_or(file)))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        common: Common,
    }

    #[test]
    fn only_what_is_given_is_sent() {
        let words = ["x", "--repo", "http://r", "--scratch", "base", "1", "f40", "i686,x86_64", "base.ks"];
        let common = Line::parse_from(words).common;
        let repos = Value::Array(vec!["http://r".into()]);
        let want: Map = vec![("scratch".into(), true.into()), ("repo".into(), repos)];
        assert_eq!(common.options(), want);
        assert_eq!(common.arch("livemedia"), Value::Array(vec!["i386".into(), "x86_64".into()]));
        assert!(check_volid(Some(&"x".repeat(33))).is_err() && check_volid(Some("x")).is_ok());
    }
}
