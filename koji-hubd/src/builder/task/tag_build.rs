//! `tagBuild`: tags a build, and has people told how that went.

use koji_core::Result;
use koji_core::client::field;
use koji_core::wire::Value;

use super::run::Run;
use super::{Failure, Params, Signature, TaskHandler};

/// Tags a build.
pub(super) struct TagBuild;

impl TaskHandler for TagBuild {
    fn method(&self) -> &'static str {
        "tagBuild"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["tag_id", "build_id", "force", "fromtag", "ignore_success"], required: 2 }
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let owner = field(&run.info, "owner").clone();
        let tagged = tag(run, params);
        let message = tagged.as_ref().err().map(ToString::to_string);
        let told = args![
            tagged.is_ok(),
            params.get("tag_id").clone(),
            params.get("fromtag").clone(),
            params.get("build_id").clone(),
            owner,
            params.get("ignore_success").is_true(),
            message.unwrap_or_default(),
        ];
        let notified = run.call("host.tagNotification", told);
        tagged?;
        notified?;
        Ok(Value::Nil)
    }
}

fn tag(run: &mut Run, params: &Params) -> Result<()> {
    let (tag, build) = (params.get("tag_id"), params.get("build_id"));
    run.call_with("getBuild", vec![build.clone()], map! { "strict" => true })?;
    run.call_with("getTag", vec![tag.clone()], map! { "strict" => true })?;
    let how = map! { "force" => params.get("force").is_true(), "fromtag" => params.get("fromtag").clone() };
    run.call_with("host.tagBuild", args![run.id, tag.clone(), build.clone()], how)?;
    Ok(())
}
