//! `koji call`

use koji_core::wire::{self, Map, Value};

use super::literal;
use crate::commands::info::tag_extra::filter;
use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::{line, python};

/// Call any method of the hub
///
/// Arguments of the form NAME=VALUE are keyword arguments. Numbers, None, True and False are taken as such,
/// other words as texts.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  koji call getTag f40 strict=True
  koji call --python listBuilds \"{'order': '-build_id', 'limit': 3}\"
  koji call --json getBuild '\"bash-5.2-1.fc40\"'
The global option --noauth calls without a login.")]
pub struct Args {
    /// The method's name
    name: String,
    /// Its arguments
    #[arg(allow_hyphen_values = true)]
    arg: Vec<String>,
    /// Arguments are Python literals
    #[arg(short, long)]
    python: bool,
    /// Keyword arguments as a dictionary
    #[arg(long)]
    kwargs: Option<String>,
    /// Arguments and the answer are JSON
    #[arg(short, long)]
    json: bool,
    /// Arguments are JSON
    #[arg(long)]
    json_input: bool,
    /// The answer is written as JSON
    #[arg(long)]
    json_output: bool,
    /// Arguments that are no literals are texts
    #[arg(short, long)]
    bare_strings: bool,
}

pub fn run(ctx: &mut Ctx<'_>, mut args: Args) -> Outcome {
    args.json_input |= args.json;
    args.json_output |= args.json || ctx.settings.json;
    if args.python && args.json_input {
        return Err(Stop::usage("The --python option conflicts with using --json-input"));
    }
    // as it was before there was JSON
    args.python |= args.kwargs.is_some() && !args.json_input;
    let (positional, named) = arguments(&args)?;
    ctx.login()?;
    let answer = ctx.call_named(&args.name, positional, named)?;
    if args.json_output {
        ctx.json(&answer)?;
    } else {
        line!(ctx, "{}", python::pprint(&answer));
    }
    Ok(0)
}

fn arguments(args: &Args) -> Result<(Vec<Value>, Map), Stop> {
    let mut named: Map = match &args.kwargs {
        None => vec![],
        Some(text) => match read(args, text)? {
            Value::Struct(map) => map,
            _ => return Err(Stop::usage("--kwargs wants a dictionary")),
        },
    };
    let mut positional = vec![];
    for text in &args.arg {
        match keyword(text) {
            Some((key, value)) => {
                named.retain(|(known, _)| known != key);
                named.push((key.to_owned(), read(args, value)?));
            }
            None => positional.push(read(args, text)?),
        }
    }
    Ok((positional, named))
}

/// The parts of NAME=VALUE.
fn keyword(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once('=')?;
    let first = key.chars().next()?;
    let fits =
        (first.is_alphabetic() || first == '_') && key.chars().all(|c| c.is_alphanumeric() || c == '_');
    fits.then_some((key, value))
}

fn read(args: &Args, text: &str) -> Result<Value, Stop> {
    let value = if args.python {
        literal::parse(text)
    } else if args.json_input {
        wire::json::parse(text.as_bytes()).ok()
    } else {
        return Ok(filter(text, false));
    };
    match value {
        Some(value) => Ok(value),
        None if args.bare_strings => Ok(Value::String(text.to_owned())),
        None => {
            let shown = python::repr(&Value::String(text.to_owned()));
            Err(Stop::usage(format!("Invalid value: {shown}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Args {
        Args {
            name: "m".into(),
            arg: words.iter().map(|word| (*word).to_owned()).collect(),
            python: false,
            kwargs: None,
            json: false,
            json_input: false,
            json_output: false,
            bare_strings: false,
        }
    }

    #[test]
    fn words_and_keywords() {
        let (positional, named) = arguments(&args(&["f40", "3", "strict=True", "a-b=c"])).unwrap();
        assert_eq!(
            positional,
            vec![Value::String("f40".into()), Value::Int(3), Value::String("a-b=c".into())]
        );
        assert_eq!(named, vec![("strict".to_owned(), Value::Bool(true))]);
    }

    #[test]
    fn bare_strings_are_taken_only_if_asked() {
        let mut args = args(&["f40"]);
        args.python = true;
        assert!(arguments(&args).is_err());
        args.bare_strings = true;
        assert_eq!(arguments(&args).unwrap().0, vec![Value::String("f40".into())]);
    }
}
