//! `indirectionimage`: an image that one image makes of another, by a program of the operator's, as a build.

use koji_core::client::field;
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::super::by_tool::Tool;
use super::super::run::Run;
use super::super::wrapper::with_task;
use super::super::{Failure, Params, Signature, TaskHandler};
use super::{Named, find_target, release};
use crate::builder::config::Settings;

/// Makes the image and imports it.
pub(in super::super) struct Indirection;

const TOOL: Tool = Tool { method: "indirectionimage", names: &["opts"], option: "indirection_command" };

impl TaskHandler for Indirection {
    fn method(&self) -> &'static str {
        TOOL.method
    }

    fn signature(&self) -> Signature {
        Signature { names: TOOL.names, required: 1 }
    }

    fn weight(&self) -> f64 {
        1.5
    }

    fn lacks(&self, settings: &Settings) -> Option<String> {
        TOOL.lacks(settings)
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let opts = params.get("opts");
        let text = |name: &str| {
            field(opts, name)
                .as_str()
                .ok_or_else(|| Error::parameter(format!("the option {name} is missing")))
        };
        let named = Named { name: text("name")?, version: text("version")?, opts };
        let (target, arch) = (find_target(run, text("target")?.into())?, text("arch")?);
        release::check(named.version, field(opts, "release"))?;
        let build = named.begin(run, &target)?;
        let made = TOOL.run(run, params).and_then(|result| {
            let result = with_arch(with_task(result, run.id), arch);
            build.finish(run, vec![(run.id.to_string(), result)])
        });
        build.or_fail(run, made)?;
        build.tag(run, opts)?;
        Ok(build.report(run, "image", &[run.id]).into())
    }
}

/// The hub files an image by its arch.
fn with_arch(result: Value, arch: &str) -> Value {
    let Value::Struct(mut members) = result else { return result };
    if !members.iter().any(|(name, _)| name == "arch") {
        members.push(("arch".to_owned(), arch.into()));
    }
    Value::Struct(members)
}
