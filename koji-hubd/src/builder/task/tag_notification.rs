//! `tagNotification`: tells people by mail that a build was tagged, untagged or moved, or was to be.

use koji_core::Result;
use koji_core::api::build::GetBuild;
use koji_core::api::tag::GetTag;
use koji_core::api::user::GetUser;
use koji_core::build::BuildRef;
use koji_core::client::{build_label, field};
use koji_core::db::Lookup;
use koji_core::user::info::UserRef;
use koji_core::wire::Value;

use super::repo::texts;
use super::run::{Run, need_text};
use super::{Failure, Params, Signature, TaskHandler};
use crate::builder::mail::{self, Letter};

/// Sends a mail.
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
        let recipients = texts(params.get("recipients"))?;
        let success = params.get("is_successful").is_true();
        if recipients.is_empty() || (success && params.get("ignore_success").is_true()) {
            return Ok(Value::Nil);
        }
        let build =
            run.ask(GetBuild { strict: true, ..GetBuild::new(params.read::<BuildRef>("build_info")?) })?;
        let user = params.read::<UserRef>("user_info")?;
        let user = run.ask(GetUser { userInfo: user, strict: true, ..GetUser::new() })?;
        let story = Story {
            nvr: build_label(&build),
            package: need_text(&build, "package_name")?.to_owned(),
            draft: field(&build, "draft").is_true(),
            user: need_text(&user, "name")?.to_owned(),
            from: tag_name(run, params.read("from_info")?)?,
            into: tag_name(run, params.read("tag_info")?)?,
            failure: (!success).then(|| params.get("failure_msg").as_str().unwrap_or_default().to_owned()),
        };
        let letter =
            Letter { from: run.settings.text("from_addr").to_owned(), to: recipients, ..story.letter() };
        mail::send(&run.settings, &letter)?;
        Ok(format!("sent notification of tag operation {} to: {}", run.id, letter.to.join(", ")).into())
    }
}

fn tag_name(run: &mut Run, tag: Option<Lookup>) -> Result<Option<String>> {
    let Some(tag) = tag else { return Ok(None) };
    let info = run.ask(GetTag { strict: true, ..GetTag::new(tag) })?;
    need_text(&info, "name").map(|name| Some(name.to_owned()))
}

/// What happened to a build.
#[derive(Clone, Debug)]
struct Story {
    nvr: String,
    package: String,
    draft: bool,
    user: String,
    from: Option<String>,
    into: Option<String>,
    /// Why it did not work.
    failure: Option<String>,
}

impl Story {
    /// The letter without sender and recipients.
    fn letter(&self) -> Letter {
        let action = match (&self.from, &self.into) {
            (Some(_), Some(_)) => "moved",
            (Some(_), None) => "untagged",
            _ => "tagged",
        };
        let (result, status) =
            if self.failure.is_some() { ("unsuccessfully", "failed") } else { ("successfully", "complete") };
        let mut operation = action.to_owned();
        let mut details = format!("Tag Operation: {action}\n");
        let mut headers = vec![
            ("X-Koji-Package", self.package.clone()),
            ("X-Koji-NVR", self.nvr.clone()),
            ("X-Koji-Draft", if self.draft { "True" } else { "False" }.to_owned()),
            ("X-Koji-User", self.user.clone()),
            ("X-Koji-Status", status.to_owned()),
        ];
        for (word, label, tag) in [("from", "From", &self.from), ("into", "Into", &self.into)] {
            let Some(tag) = tag else { continue };
            operation.push_str(&format!(" {word} {tag}"));
            details.push_str(&format!("{label} Tag: {tag}\n"));
            headers.push(("X-Koji-Tag", tag.clone()));
        }
        let subject = format!("{} {result} {operation} by {}", self.nvr, self.user);
        let failure = self.failure.as_ref();
        let failure = failure
            .map_or_else(String::new, |text| format!("Operation failed with the error:\n    {text}\n"));
        let body = format!(
            "Package: {}\nNVR: {}\nUser: {}\nStatus: {status}\n{details}\n{subject}\n{failure}\n",
            self.package, self.nvr, self.user
        );
        Letter { subject, headers, body, ..Letter::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story(from: Option<&str>, into: Option<&str>) -> Story {
        Story {
            nvr: "foo-1-1".into(),
            package: "foo".into(),
            draft: false,
            user: "alice".into(),
            from: from.map(Into::into),
            into: into.map(Into::into),
            failure: None,
        }
    }

    #[test]
    fn the_subject_tells_all() {
        let subject = |from, into| story(from, into).letter().subject;
        assert_eq!(subject(None, Some("f40")), "foo-1-1 successfully tagged into f40 by alice");
        assert_eq!(subject(Some("f40"), None), "foo-1-1 successfully untagged from f40 by alice");
        assert_eq!(subject(Some("a"), Some("b")), "foo-1-1 successfully moved from a into b by alice");
        let failed = Story { failure: Some("no such build".into()), ..story(None, Some("f40")) }.letter();
        assert_eq!(failed.subject, "foo-1-1 unsuccessfully tagged into f40 by alice");
        assert!(failed.body.ends_with("Operation failed with the error:\n    no such build\n\n"));
        assert!(failed.headers.contains(&("X-Koji-Status", "failed".into())));
    }
}
