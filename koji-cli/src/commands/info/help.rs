//! `koji help`

use std::io::Write;

use crate::app;
use crate::commands::CATEGORIES;
use crate::context::Ctx;
use crate::stop::Outcome;

/// List the commands
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only these categories, or "all"
    category: Vec<String>,
    /// The category of administrators
    #[arg(long, hide = true)]
    admin: bool,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    write(&ctx.program, args, ctx.out)
}

/// Does it without a session.
pub fn write(program: &str, mut args: Args, out: &mut dyn Write) -> Outcome {
    if args.admin {
        args.category.push("admin".into());
    }
    list(program, &args.category, out)
}

/// Lists the commands of categories; of all if there are none.
pub fn list(program: &str, chosen: &[String], out: &mut dyn Write) -> Outcome {
    let known = |name: &String| name == "all" || CATEGORIES.iter().any(|(category, _)| category == name);
    for name in chosen.iter().filter(|name| !known(name)) {
        writeln!(out, "No such help category: {name}")?;
    }
    let all = chosen.is_empty() || chosen.iter().any(|name| name == "all");
    let command = app::command(program);
    writeln!(out, "Available commands:")?;
    for (category, modules) in CATEGORIES {
        if !all && !chosen.iter().any(|name| name == category) {
            continue;
        }
        let title = if *category == "misc" { "miscellaneous" } else { category };
        writeln!(out, "\n{title} commands:")?;
        for module in *modules {
            let name = if *module == "submit" { "build".to_owned() } else { module.replace('_', "-") };
            let about = command
                .get_subcommands()
                .find(|known| known.get_name() == name)
                .and_then(clap::Command::get_about)
                .map(ToString::to_string)
                .unwrap_or_default();
            writeln!(out, "        {name:<25} {about}")?;
        }
    }
    let mut names: Vec<&str> = CATEGORIES.iter().map(|(category, _)| *category).collect();
    names.insert(0, "all");
    writeln!(out, "\nTry \"{program} --help\" for help about global options")?;
    writeln!(out, "Try \"{program} help\" to get all available commands")?;
    writeln!(out, "Try \"{program} <command> --help\" for help about the options of a particular command")?;
    writeln!(out, "Try \"{program} help <category>\" to get commands under a particular category")?;
    writeln!(out, "Available categories are: {}", names.join(", "))?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(chosen: &[&str]) -> String {
        let chosen: Vec<String> = chosen.iter().map(|name| (*name).to_owned()).collect();
        let mut out = Vec::new();
        list("koji", &chosen, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_command_is_listed_and_told_about() {
        let text = text(&[]);
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("        ")).collect();
        assert!(lines.len() > 50);
        for line in lines {
            assert!(line.split_whitespace().count() > 1, "{line:?} says nothing");
        }
    }

    #[test]
    fn one_category() {
        insta::assert_snapshot!(text(&["bind"]));
    }
}
