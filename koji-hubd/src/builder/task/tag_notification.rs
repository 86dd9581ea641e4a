//! `tagNotification`: tells people that a build was tagged. This builder sends no mail.

use koji_core::Result;
use koji_core::api::build::GetBuild;
use koji_core::build::BuildRef;
use koji_core::wire::Value;

use super::build_notification::not_sent;
use super::run::Run;
use super::{Failure, Params, Signature, TaskHandler};

/// Notes who would have been told.
pub(super) struct TagNotification;

impl TaskHandler for TagNotification {
    fn method(&self) -> &'static str {
        "tagNotification"
    }

    fn signature(&self) -> Signature {
        Signature {
            names: &[
                "recipients",
                "is_successful",
                "tag_info",
                "from_info",
                "build_info",
                "user_info",
                "ignore_success",
                "failure_msg",
            ],
            required: 6,
        }
    }

    fn weight(&self) -> f64 {
        0.1
    }

    fn run(&self, run: &mut Run, params: &Params) -> Result<Value, Failure> {
        if params.get("recipients").as_array().is_none_or(<[Value]>::is_empty) {
            return Ok(Value::Nil);
        }
        let build = run.ask(GetBuild::new(params.read::<BuildRef>("build_info")?))?;
        let nvr = koji_core::client::field(&build, "nvr").as_str().unwrap_or("a build").to_owned();
        Ok(not_sent(params.get("recipients"), &format!("the tagging of {nvr}")))
    }
}
