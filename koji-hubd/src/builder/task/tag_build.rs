//! `tagBuild`: tags a build, and has people told how that went.

use koji_core::Result;
use koji_core::api::build::GetBuild;
use koji_core::api::tag::GetTag;
use koji_core::api::tagging::{HostTagBuild, HostTagNotification};
use koji_core::build::BuildRef;
use koji_core::client::field;
use koji_core::db::Lookup;
use koji_core::user::info::UserRef;
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
        let owner = field(&run.info, "owner").as_int().map(UserRef::Id);
        let (to, from): (Lookup, Option<Lookup>) = (params.read("tag_id")?, params.read("fromtag")?);
        let build: BuildRef = params.read("build_id")?;
        let force = params.get("force").is_true();
        let wish = HostTagBuild { force, fromtag: from.clone(), ..HostTagBuild::new(run.id, to, build) };
        let tagged = tag(run, &wish);
        let message = tagged.as_ref().err().map(ToString::to_string);
        let HostTagBuild { tag, build, .. } = wish;
        let notified = run.call(HostTagNotification {
            ignore_success: params.get("ignore_success").is_true(),
            failure_msg: message.unwrap_or_default(),
            ..HostTagNotification::new(tagged.is_ok(), tag, from, build, owner)
        });
        tagged?;
        notified?;
        Ok(Value::Nil)
    }
}

fn tag(run: &mut Run, wish: &HostTagBuild) -> Result<()> {
    run.ask(GetBuild { strict: true, ..GetBuild::new(wish.build.clone()) })?;
    run.ask(GetTag { strict: true, ..GetTag::new(wish.tag.clone()) })?;
    run.call(wish.clone())
}
