//! `koji list-tag-inheritance`

use koji_core::api::tag::{GetFullInheritance, GetTag};
use std::io::Write;

use koji_core::wire::Value;

use super::taginfo::flags;
use crate::context::{Ctx, EventArgs};
use crate::line;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, into_items};

/// Show what a tag inherits from
///
/// The letters in front: M for a maximal depth, F for a package filter, I for an intransitive link, N for a
/// link without configuration. "koji taginfo" tells the values.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji list-tag-inheritance --reverse f40")]
pub struct Args {
    /// The tag
    tag: String,
    /// Show what inherits from the tag instead
    #[arg(long)]
    reverse: bool,
    /// Gone since Koji 1.26
    #[arg(long, hide = true)]
    stop: Option<String>,
    /// Gone since Koji 1.26
    #[arg(long, hide = true)]
    jump: Option<String>,
    #[command(flatten)]
    at: EventArgs,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    for (name, given) in [("stop", &args.stop), ("jump", &args.jump)] {
        if given.is_some() {
            return Err(Stop::usage(format!("--{name} option has been removed in 1.26")));
        }
    }
    let event = ctx.event(&args.at, false)?;
    let tag = ctx.ask(GetTag { event: event.into(), ..GetTag::new(&args.tag) })?;
    if tag.is_nil() {
        return Err(Stop::usage(format!("No such tag: {}", args.tag)));
    }
    let (event, reverse) = (event.map(Into::into), args.reverse);
    let links = ctx.ask(GetFullInheritance { event, reverse, ..GetFullInheritance::new(tag.int("id")) })?;
    if ctx.settings.json {
        ctx.json(&links)?;
        return Ok(0);
    }
    line!(ctx, "     {} ({})", tag.str("name"), tag.int("id"));
    write_tree(ctx.out, &into_items(links), args.reverse)?;
    Ok(0)
}

/// Draws the links, which come in the order of a walk, as a tree.
fn write_tree(out: &mut dyn Write, links: &[Value], reverse: bool) -> Result<(), Stop> {
    let near = if reverse { "parent_id" } else { "child_id" };
    let far = if reverse { "tag_id" } else { "parent_id" };
    let mut open: Vec<usize> = vec![];
    for (place, link) in links.iter().enumerate() {
        let depth = usize::try_from(link.int("currdepth")).unwrap_or(1).max(1);
        let more = links[place + 1..].iter().any(|other| other.int(near) == link.int(near));
        write!(out, "{}", flags(link))?;
        let mut column = 0;
        for level in open.iter().filter(|level| **level < depth) {
            write!(out, "{}\u{2502}", " ".repeat((level - column) * 3 - 1))?;
            column = *level;
        }
        let branch = if more { '\u{251c}' } else { '\u{2514}' };
        let name = link.str("name");
        writeln!(out, "{}{branch}\u{2500}{name} ({})", " ".repeat((depth - column) * 3 - 1), link.int(far))?;
        match (more, open.last() == Some(&depth)) {
            (true, false) => open.push(depth),
            (false, true) => drop(open.pop()),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kwargs;

    #[test]
    fn siblings_and_children() {
        let link = |name: &str, child: i64, parent: i64, depth: i64| {
            Value::Struct(kwargs![name = name, child_id = child, parent_id = parent, currdepth = depth])
        };
        let links = [link("a", 1, 2, 1), link("b", 2, 3, 2), link("c", 1, 4, 1)];
        let mut out = Vec::new();
        write_tree(&mut out, &links, false).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "....  ├─a (2)\n....  │  └─b (3)\n....  └─c (4)\n");
    }
}
