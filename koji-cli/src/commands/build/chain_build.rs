//! `koji chain-build`

use koji_core::api::tag::GetFullInheritance;
use koji_core::api::task_ask::ChainBuild;
use koji_core::wire::Value;

use super::target;
use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::task_watch::Following;
use crate::value::View as _;

/// Build packages one after the other
///
/// Sources behind a colon are built when those before it are in the repo. A name-version-release stands
/// for a build that somebody else makes.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:
  koji chain-build f40-candidate git+https://h/rpms/lib#abc : git+https://h/rpms/app#def")]
pub struct Args {
    /// The build target
    target: String,
    /// SCM URLs, builds, and colons between the levels
    #[arg(value_name = "URL", required = true)]
    sources: Vec<String>,
    /// Build when there is nothing better to do
    #[arg(long)]
    background: bool,
    #[command(flatten)]
    following: Following,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    let (target, tag) = target::check(ctx, &args.target, false)?;
    check_inheritance(ctx, &target, &tag)?;
    let levels = levels(&args.sources)?;
    let priority = target::priority(args.background);
    let task = ctx.call(ChainBuild { priority, ..ChainBuild::new(levels, args.target.as_str()) })?.into();
    args.following.follow(ctx, task)
}

/// Builds must get from the destination into the build tag, or the next level never sees them.
fn check_inheritance(ctx: &mut Ctx<'_>, target: &Value, tag: &Value) -> Result<(), Stop> {
    let (build_tag, dest) = (target.int("build_tag"), tag.int("id"));
    let ancestors = ctx.ask(GetFullInheritance::new(build_tag))?;
    if build_tag == dest || ancestors.items().iter().any(|link| link.int("parent_id") == dest) {
        return Ok(());
    }
    ctx.warn(format!(
        "Packages in destination tag {} are not inherited by build tag {}",
        target.str("dest_tag_name"),
        target.str("build_tag_name")
    ))?;
    Err(Stop::told(format!("Target {} is not usable for a chain-build", target.str("name"))))
}

fn levels(sources: &[String]) -> Result<Vec<Value>, Stop> {
    let mut levels = vec![];
    for level in sources.split(|source| source == ":").filter(|level| !level.is_empty()) {
        if let Some(wrong) = level.iter().find(|source| !is_source(source)) {
            return Err(Stop::told(format!("\"{wrong}\" is not a SCM URL or package N-V-R")));
        }
        levels.push(Value::Array(level.iter().map(|source| source.as_str().into()).collect()));
    }
    if levels.len() < 2 {
        return Err(Stop::usage(
            "You must specify at least one dependency between builds with : (colon)\n\
             If there are no dependencies, use the build command instead",
        ));
    }
    Ok(levels)
}

/// A URL, or what looks like the name of a build.
fn is_source(text: &str) -> bool {
    let build = !text.contains('/') && !text.ends_with(".rpm") && text.split('-').count() >= 3;
    text.contains("://") || build
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(words: &str) -> Result<Vec<usize>, Stop> {
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        Ok(levels(&words)?.iter().map(|level| level.items().len()).collect())
    }

    #[test]
    fn colons_part_levels() {
        assert_eq!(split("git://h/a#1 b-1-1 : git://h/c#2").unwrap(), [2, 1]);
        assert_eq!(split(": a-1-1 : : b-1-1 :").unwrap(), [1, 1]);
        assert!(matches!(split("git://h/a#1 git://h/b#1"), Err(Stop::Usage(_))));
        for wrong in ["a.src.rpm : b-1-1", "dir/a-1-1 : b-1-1", "a-1 : b-1-1"] {
            assert!(matches!(split(wrong), Err(Stop::Told(_))), "{wrong}");
        }
    }
}
