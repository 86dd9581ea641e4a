//! `buildNotification`: tells people about a build. This builder sends no mail: it writes that to its log.

use koji_core::Result;
use koji_core::client::field;
use koji_core::wire::Value;

use super::run::Run;
use super::{Failure, Params, Signature, TaskHandler};

/// Notes who would have been told.
pub(super) struct BuildNotification;

impl TaskHandler for BuildNotification {
    fn method(&self) -> &'static str {
        "buildNotification"
    }

    fn signature(&self) -> Signature {
        Signature { names: &["recipients", "build", "target", "weburl"], required: 4 }
    }

    fn weight(&self) -> f64 {
        0.1
    }

    fn run(&self, _run: &mut Run, params: &Params) -> Result<Value, Failure> {
        let build = field(params.get("build"), "nvr").as_str().unwrap_or("a build");
        Ok(not_sent(params.get("recipients"), build))
    }
}

/// Logs a mail that is not sent, and gives the task's result.
pub(super) fn not_sent(recipients: &Value, about: &str) -> Value {
    let count = recipients.as_array().map_or(0, <[Value]>::len);
    tracing::warn!(about, recipients = count, "no mail was sent: this builder can't");
    Value::from(format!("no mail was sent about {about} to {count} recipients: this builder sends none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_does_not_claim_a_mail() {
        let text = not_sent(&Value::from(args!["a@example.com"]), "foo-1-1");
        assert!(text.as_str().unwrap().starts_with("no mail was sent about foo-1-1 to 1"));
    }
}
