//! `koji list-api`

use koji_core::api::system::{ListApi, MethodHelp};
use koji_core::wire::Value;

use crate::context::Ctx;
use crate::stop::{Outcome, Stop};
use crate::value::{View as _, item_at, sorted_by};
use crate::{line, python};

/// List the hub's methods
#[derive(clap::Args, Debug)]
#[command(after_help = "Example: koji list-api getTag")]
pub struct Args {
    /// Only these methods
    method_name: Vec<String>,
}

pub fn run(ctx: &mut Ctx<'_>, args: Args) -> Outcome {
    for method in &args.method_name {
        let help = ctx.call(MethodHelp::new(method))?;
        if help.is_empty() {
            return Err(Stop::usage(format!("Unknown method: {method}")));
        }
        line!(ctx, "{help}");
    }
    if !args.method_name.is_empty() {
        return Ok(0);
    }
    let methods = sorted_by(ctx.ask(ListApi::new())?, "name");
    if ctx.settings.json {
        ctx.json(&Value::Array(methods))?;
        return Ok(0);
    }
    for method in &methods {
        line!(ctx, "{}{}", method.str("name"), arguments(method));
        if method.has("doc") {
            line!(ctx, "  description: {}", method.str("doc"));
        }
    }
    Ok(0)
}

fn arguments(method: &Value) -> String {
    if method.get("argdesc").is_some() {
        return method.show("argdesc");
    }
    let argument = |argument: &Value| match argument {
        Value::Array(_) => {
            format!("{}={}", python::str(item_at(argument, 0)), python::str(item_at(argument, 1)))
        }
        other => python::str(other),
    };
    let arguments: Vec<String> = method.list("args").iter().map(argument).collect();
    format!("({})", arguments.join(", "))
}
