//! [`Destination`]: the tag that a finished build is meant for: whether it takes the package, and tagging into it.

use koji_core::api::host_build::HostFailBuild;
use koji_core::api::host_call::HostSubtask;
use koji_core::api::package::GetPackageConfig;
use koji_core::client::field;
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::Params;
use super::run::{Run, need_int, need_text};

/// A destination tag.
pub(super) struct Destination {
    id: i64,
    name: String,
}

impl Destination {
    /// The one of a target as the hub describes it.
    pub fn of_target(target: &Value) -> Result<Self> {
        Ok(Self { id: need_int(target, "dest_tag")?, name: need_text(target, "dest_tag_name")?.to_owned() })
    }

    /// Refuses a package that the tag does not list, or blocks; `what` says what it is called in the refusal.
    pub fn check(&self, run: &mut Run, (what, package): (&str, &str), event: Option<i64>) -> Result<()> {
        let wanted = GetPackageConfig::new(self.id, package);
        let config = run.ask(GetPackageConfig { event: event.map(Into::into), ..wanted })?;
        let why = match config {
            Value::Nil => "not in list",
            config if field(&config, "blocked").is_true() => "is blocked",
            _ => return Ok(()),
        };
        Err(Error::build(format!("{what} {package} {why} for tag {}", self.name)))
    }

    /// Ends what is done for a build, and how its parts came out: the hub is told of a failure; else it is tagged, if
    /// the request wants that, by a task of `channel` or its parent's. A scratch build is nil, and has neither.
    pub fn conclude(
        &self,
        run: &mut Run,
        params: &Params,
        (build, done): (&Value, Result<()>),
        channel: Option<&str>,
    ) -> Result<()> {
        if build.is_nil() {
            return done;
        }
        let id = need_int(build, "id")?;
        if done.is_err() {
            fail(run, id);
            return done;
        }
        if params.opt("skip_tag").is_true() { Ok(()) } else { self.tag_in(run, id, channel) }
    }

    /// Has a build tagged, and waits for it.
    pub fn tag(&self, run: &mut Run, build: i64) -> Result<()> {
        self.tag_in(run, build, None)
    }

    /// The same by a task of another channel than its parent's.
    fn tag_in(&self, run: &mut Run, build: i64, channel: Option<&str>) -> Result<()> {
        let params = args![self.id, build, false, Value::Nil, true];
        let mut opts = map! { "label" => "tag", "arch" => "noarch" };
        opts.extend(channel.map(|channel| ("channel".to_owned(), channel.into())));
        let id = i64::from(run.call(HostSubtask { opts, ..HostSubtask::new("tagBuild", params, run.id) })?);
        run.wait_for(&[id], false).map(drop)
    }
}

/// Tells the hub that a build has failed; that the hub does not take it changes nothing of why it failed.
pub(super) fn fail(run: &mut Run, build: i64) {
    if let Err(refused) = run.call(HostFailBuild::new(run.id, build)) {
        tracing::error!(%refused, build, "the hub does not take the failure of the build");
    }
}
