//! `koji unblock-pkg`

use crate::args;
use crate::context::Ctx;
use crate::stop::Outcome;

/// Unblock packages in a tag
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The tag
    tag: String,
    /// The packages
    #[arg(required = true)]
    package: Vec<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    ctx.login()?;
    let calls = args
        .package
        .iter()
        .map(|package| ("packageListUnblock".to_owned(), args![&args.tag, package], vec![]));
    ctx.multicall_strict(calls.collect())?;
    Ok(0)
}
