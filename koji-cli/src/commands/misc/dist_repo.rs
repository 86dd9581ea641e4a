//! `koji dist-repo`

use std::path::{Path, PathBuf};

use koji_core::api::cast::{CheckedBool, IntLike};
use koji_core::api::repo::{DistRepo, GetRepo, RepoInfo};
use koji_core::api::tag::{GetFullInheritance, GetTag};
use koji_core::db::Lookup;
use koji_core::wire::{Map, Value};

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::task_watch::Following;
use crate::value::{View as _, put};
use crate::{files, line, terminal};

/// The state of a repository that is not the latest one any more.
const EXPIRED: i64 = 2;

/// The arches that take packages from a narrower one, and which.
const MULTILIB: [(&str, &str); 3] = [("x86_64", "i686"), ("s390x", "s390"), ("ppc64", "ppc")];

/// Make a repo for distribution
///
/// The rpms are taken in their copies signed with the given keys, the first of which counts most. To have a new
/// task cancel older ones of the same tag set "koji edit-tag -x distrepo.cancel_others=True".
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji dist-repo --with-src f40 a15b79cc")]
pub struct Args {
    /// The tag
    tag: String,
    /// The ids of keys, the best first
    #[arg(value_name = "key_id")]
    keys: Vec<String>,
    /// Take rpms that no key signed as they are
    #[arg(long)]
    allow_missing_signatures: bool,
    /// Leave out rpms that no key signed
    #[arg(long)]
    skip_missing_signatures: bool,
    /// Only this arch; may be given several times
    #[arg(short, long = "arch")]
    arches: Vec<String>,
    /// Make a repo of the source packages too
    #[arg(long)]
    with_src: bool,
    /// Put debuginfo into a repo of its own
    #[arg(long)]
    split_debuginfo: bool,
    /// A file of groups
    #[arg(long, value_name = "FILE")]
    comps: Option<PathBuf>,
    /// Make deltas from this dist repo: its id, or its tag
    #[arg(long, value_name = "REPO")]
    delta_rpms: Vec<String>,
    /// The tag at this event
    #[arg(long)]
    event: Option<i64>,
    /// Put the repo on this volume
    #[arg(long)]
    volume: Option<String>,
    /// Take older builds too
    #[arg(long)]
    non_latest: bool,
    /// Add packages of the narrower arch, as this file says
    #[arg(long, value_name = "CONFIG")]
    multilib: Option<PathBuf>,
    /// Only the tag's own builds
    #[arg(long)]
    noinherit: bool,
    /// Make zchunk files too
    #[arg(long)]
    zck: bool,
    /// The builder's directory of zchunk dictionaries
    #[arg(long, value_name = "DIR")]
    zck_dict_dir: Option<String>,
    /// Write the signed copies that are not there yet
    #[arg(long)]
    write_signed_rpms: bool,
    /// Do not look at unchanged rpms again
    #[arg(long, overrides_with = "no_skip_stat")]
    skip_stat: bool,
    /// Look at all rpms again
    #[arg(long, overrides_with = "skip_stat")]
    no_skip_stat: bool,
    #[command(flatten)]
    following: Following,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    check(&args)?;
    ctx.login()?;
    let dir = files::unique_dir("cli-dist-repo")?;
    let comps = send(ctx, args.comps.as_deref(), &dir)?;
    let delta = deltas(ctx, &args.delta_rpms)?;
    let arches = arches(ctx, &args)?;
    check_multilib(&args, &arches)?;
    let multilib = send(ctx, args.multilib.as_deref(), &dir)?;
    let mut opts = options(&args);
    put(&mut opts, "arch", &without_noarch(arches, args.with_src)?);
    put(&mut opts, "comps", comps);
    put(&mut opts, "multilib", multilib);
    put(&mut opts, "delta", Value::Array(delta));
    let keys: Vec<Value> = args.keys.iter().map(|key| key.as_str().into()).collect();
    let task = ctx.call(DistRepo { task_opts: opts, ..DistRepo::new(args.tag.as_str(), keys) })?.into();
    line!(ctx, "Creating dist repo for tag {}", args.tag);
    args.following.watch(ctx, task)
}

fn check(args: &Args) -> Result<(), Stop> {
    if args.keys.is_empty() && !args.allow_missing_signatures {
        return Err(Stop::usage("Please specify one or more GPG key IDs (or --allow-missing-signatures)"));
    }
    if args.allow_missing_signatures && args.skip_missing_signatures {
        return Err(Stop::usage(
            "allow_missing_signatures and skip_missing_signatures are mutually exclusive",
        ));
    }
    Ok(())
}

fn options(args: &Args) -> Map {
    let mut opts = vec![];
    let flags = [
        ("inherit", !args.noinherit),
        ("latest", !args.non_latest),
        ("split_debuginfo", args.split_debuginfo),
        ("skip_missing_signatures", args.skip_missing_signatures),
        ("allow_missing_signatures", args.allow_missing_signatures),
        ("zck", args.zck),
        ("write_signed_rpms", args.write_signed_rpms),
    ];
    flags.into_iter().for_each(|(name, given)| put(&mut opts, name, given));
    if args.skip_stat || args.no_skip_stat {
        put(&mut opts, "createrepo_skip_stat", args.skip_stat);
    }
    put(&mut opts, "event", args.event.map_or(Value::Nil, Value::Int));
    for (name, text) in [("volume", &args.volume), ("zck_dict_dir", &args.zck_dict_dir)] {
        put(&mut opts, name, text.as_deref().map_or(Value::Nil, Value::from));
    }
    opts
}

/// Uploads a file; where it is then.
fn send(ctx: &mut Ctx<'_>, file: Option<&Path>, dir: &str) -> Result<Value, Stop> {
    let Some(file) = file else { return Ok(Value::Nil) };
    if !file.exists() {
        return Err(Stop::usage(format!("could not find {}", file.display())));
    }
    files::upload(ctx, file, dir, !terminal::in_background())?;
    line!(ctx);
    let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    Ok(format!("{dir}/{name}").into())
}

/// The ids of the repositories that deltas start from.
fn deltas(ctx: &mut Ctx<'_>, names: &[String]) -> Result<Vec<Value>, Stop> {
    let mut ids = vec![];
    for name in names {
        let repo = if let Ok(id) = name.parse() {
            ctx.ask(RepoInfo { strict: true, ..RepoInfo::new(IntLike(id)) })?
        } else {
            let of_tag =
                || GetRepo { dist: CheckedBool(true).into(), ..GetRepo::new(Lookup::from(name.as_str())) };
            match ctx.ask(of_tag())? {
                Value::Nil => ctx.ask(GetRepo { state: Some(IntLike(EXPIRED).into()), ..of_tag() })?,
                ready => ready,
            }
        };
        if repo.is_nil() {
            return Err(Stop::usage(format!("Can't find repo for tag: {name}")));
        }
        ids.push(repo.at("id").clone());
    }
    Ok(ids)
}

/// The arches that were given, or those of the tag or of the nearest one it inherits from that has some.
fn arches(ctx: &mut Ctx<'_>, args: &Args) -> Result<Vec<String>, Stop> {
    let tag = ctx.tag(&args.tag)?;
    let mut allowed = tag.str("arches").to_owned();
    if allowed.is_empty() {
        for link in ctx.ask(GetFullInheritance::new(args.tag.as_str()))?.items() {
            allowed = ctx.ask(GetTag::new(link.int("parent_id")))?.str("arches").to_owned();
            if !allowed.is_empty() {
                break;
            }
        }
    }
    if args.arches.is_empty() {
        if allowed.trim().is_empty() {
            return Err(Stop::usage("No arches given and no arches associated with tag"));
        }
        return Ok(allowed.split_whitespace().map(str::to_owned).collect());
    }
    for arch in &args.arches {
        if allowed.is_empty() {
            ctx.warn(format!("Tag {} has an empty arch list", tag.str("name")))?;
        } else if !allowed.contains(arch.as_str()) {
            ctx.warn(format!("{arch} is not in the list of tag arches"))?;
        }
    }
    Ok(args.arches.clone())
}

fn check_multilib(args: &Args, arches: &[String]) -> Result<(), Stop> {
    let Some(file) = &args.multilib else { return Ok(()) };
    if !file.exists() {
        return Err(Stop::usage(format!("could not find {}", file.display())));
    }
    let has = |arch: &str| arches.iter().any(|one| one == arch);
    match MULTILIB.iter().find(|(wide, narrow)| has(wide) && !has(narrow)) {
        Some((_, narrow)) => Err(Stop::usage(format!("The multilib arch ({narrow}) must be included"))),
        None => Ok(()),
    }
}

fn without_noarch(mut arches: Vec<String>, with_src: bool) -> Result<Vec<String>, Stop> {
    arches.retain(|arch| arch != "noarch");
    if with_src && !arches.iter().any(|arch| arch == "src") {
        arches.push("src".into());
    }
    if arches.is_empty() { Err(Stop::usage("No arches left.")) } else { Ok(arches) }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    #[command(args_override_self = true)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn parse(words: &str) -> Args {
        Line::parse_from(["dist-repo"].into_iter().chain(words.split(' '))).args
    }

    #[test]
    fn keys_or_leave_to_go_without() {
        assert!(check(&parse("f40")).is_err());
        assert!(check(&parse("f40 abcd")).is_ok());
        assert!(check(&parse("--allow-missing-signatures f40")).is_ok());
        assert!(check(&parse("--allow-missing-signatures --skip-missing-signatures f40")).is_err());
        let opts = Value::Struct(options(&parse("--noinherit --no-skip-stat f40 abcd")));
        assert!(opts.at("inherit").as_bool() == Some(false) && opts.at("latest").is_true());
        assert_eq!(opts.at("createrepo_skip_stat").as_bool(), Some(false));
    }

    #[test]
    fn arches_are_checked() {
        let list = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(without_noarch(list("x86_64 noarch"), true).unwrap(), ["x86_64", "src"]);
        assert!(without_noarch(list("noarch"), false).is_err());
        let args = parse("--multilib /proc/version f40 abcd");
        assert!(check_multilib(&args, &list("x86_64 i686")).is_ok());
        assert!(check_multilib(&args, &list("x86_64")).is_err());
    }
}
