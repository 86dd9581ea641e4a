//! `koji diff-tag`

use koji_core::api::cast::IntLike;
use koji_core::api::event::{GetLastEvent, Seconds};
use koji_core::api::own::DiffTag;
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::View as _;
use crate::{line, python, when};

/// Show what changed in a tag between two events
///
/// A + stands before what is new, a - before what is gone, a * before what is otherwise now. What was changed and
/// changed back is not shown. Only the tag's own content is compared, unless --inherit is given. Koji's own hub
/// cannot tell this.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  koji diff-tag f40 --from 120\n  \
                        koji diff-tag f40 --inherit --from 2026-11-01 --to \"2026-11-20 12:00\"")]
pub struct Args {
    /// The tag
    tag: String,
    /// The event to begin with, or a date: then the last event before it
    #[arg(long, value_name = "EVENT|DATE")]
    from: String,
    /// The event to end with, or a date; now, if it is left out
    #[arg(long, value_name = "EVENT|DATE")]
    to: Option<String>,
    /// Compare what the tag inherits, too
    #[arg(long)]
    inherit: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    let old = event(ctx, &args.from)?;
    let new = args.to.as_deref().map(|to| event(ctx, to).map(IntLike)).transpose()?;
    let diff = ctx.ask(DiffTag { new, inherit: args.inherit, ..DiffTag::new(&args.tag, old) })?;
    if ctx.settings.json {
        ctx.json(&diff)?;
        return Ok(0);
    }
    let time = |event: &Value| format!("event {} ({})", event.int("id"), when::asctime(event.float("ts")));
    let tag = diff.at("tag").str("name");
    line!(ctx, "{tag} from {} to {}", time(diff.at("old")), time(diff.at("new")));
    let mut is_same = true;
    for (part, title, name) in PARTS {
        let lines = lines(diff.at(part), name);
        if !lines.is_empty() {
            line!(ctx, "{title}:");
            is_same = false;
        }
        for text in lines {
            line!(ctx, "  {text}");
        }
    }
    if is_same {
        line!(ctx, "No changes");
    }
    Ok(0)
}

/// The id of an event that is given by id or date.
fn event(ctx: &mut Ctx<'_>, text: &str) -> Result<i64, Stop> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let before = when::parse(text).map_err(Stop::usage)?;
    let wanted = GetLastEvent { before: Some(Seconds(before)), ..GetLastEvent::new() };
    Ok(ctx.ask(wanted)?.int("id"))
}

/// The parts of the answer, their titles, and the members that name a thing of them.
const PARTS: [(&str, &str, &[&str]); 9] = [
    ("config", "Settings", &["name"]),
    ("extra", "Extra settings", &["key"]),
    ("inheritance", "Inheritance", &["name"]),
    ("external_repos", "External repositories", &["external_repo_name"]),
    ("packages", "Packages", &["package_name"]),
    ("builds", "Builds", &["nvr"]),
    ("groups", "Groups", &["name"]),
    ("group_packages", "Packages of groups", &["group", "package"]),
    ("group_requires", "Groups of groups", &["group", "name"]),
];

fn lines(changes: &Value, name: &[&str]) -> Vec<String> {
    let called = |thing: &Value| name.iter().map(|key| thing.str(key)).collect::<Vec<_>>().join(" ");
    let with_value = |thing: &Value| match thing.get("value") {
        Some(value) => format!("{}: {}", called(thing), python::str(value)),
        None if thing.has("blocked") => format!("{} (blocked)", called(thing)),
        None => called(thing),
    };
    let mut lines: Vec<String> =
        changes.list("added").iter().map(|new| format!("+ {}", with_value(new))).collect();
    lines.extend(changes.list("removed").iter().map(|old| format!("- {}", with_value(old))));
    for change in changes.list("changed") {
        let (old, new) = (change.at("old"), change.at("new"));
        let moved = new.as_struct().unwrap_or(&[]).iter().filter(|(key, value)| old.at(key) != value);
        let moved: Vec<String> = moved
            // an owner is told by the name
            .filter(|(key, _)| !key.ends_with("_id"))
            .map(|(key, value)| format!("{key} {} -> {}", old.show(key), python::str(value)))
            .collect();
        lines.push(format!("* {}: {}", called(new), moved.join(", ")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kwargs;

    #[test]
    fn changes_are_told_by_their_names() {
        let package = |owner: &str, owner_id: i64| {
            Value::Struct(kwargs![package_name = "bash", owner_name = owner, owner_id = owner_id])
        };
        let changed = Value::Struct(kwargs![old = package("ann", 1), new = package("bob", 2)]);
        let blocked = Value::Struct(kwargs![package_name = "zsh", blocked = true]);
        let value = Value::Struct(kwargs![package_name = "x", value = None::<String>]);
        let changes = Value::Struct(kwargs![
            added = Value::Array(vec![blocked]),
            removed = Value::Array(vec![value]),
            changed = Value::Array(vec![changed])
        ]);
        let want = ["+ zsh (blocked)", "- x: None", "* bash: owner_name ann -> bob"];
        assert_eq!(lines(&changes, &["package_name"]), want);
    }
}
