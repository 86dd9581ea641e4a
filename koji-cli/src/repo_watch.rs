//! Waiting for a repo: requests to the hub and the looks at them.

use koji_core::Error;
use koji_core::api::cast::IntLike;
use koji_core::api::history::TagLastChangeEvent;
use koji_core::api::repo::{RepoCheckRequest, RepoGet, RepoRequest};
use koji_core::api::tagged::ListTagged;
use koji_core::nvr::Nvr;
use koji_core::repo::request::MinEvent;
use koji_core::wire::{Map, Value};

use crate::context::Ctx;
use crate::pause::Pause;
use crate::stop::Stop;
use crate::value::View as _;
use crate::{line, when};

/// What repo is waited for, and how long.
pub struct RepoWatch {
    /// The tag's id.
    pub tag_id: i64,
    /// The tag's name, for messages.
    pub tag_name: String,
    /// The builds that have to be in it.
    pub builds: Vec<Nvr>,
    /// The oldest event that will do.
    pub min_event: Option<i64>,
    /// The very event it has to be of.
    pub at_event: Option<i64>,
    /// Options of the repo.
    pub opts: Map,
    /// How long to wait, in minutes.
    pub timeout_min: i64,
    /// Tell what goes on.
    pub verbose: bool,
    /// When the waiting began.
    pub start: f64,
}

impl RepoWatch {
    /// Asks the hub for the repo: the answer has a `repo`, or a `request` for one.
    pub fn request(&self, ctx: &mut Ctx<'_>) -> Result<Value, Stop> {
        self.tell(ctx, "Requesting a repo")?;
        ctx.ask(RepoRequest {
            min_event: self.min_event.map_or(MinEvent::Recent, MinEvent::Given),
            at_event: self.at_event.map(IntLike),
            opts: self.options(),
            ..RepoRequest::new(self.tag_id)
        })
    }

    fn options(&self) -> Value {
        if self.opts.is_empty() { Value::Nil } else { Value::Struct(self.opts.clone()) }
    }

    /// Waits for a request to yield its repo.
    pub fn wait_request(&self, ctx: &mut Ctx<'_>, request: &Value) -> Result<Value, Stop> {
        let fields = ["task_id", "task_state", "repo_id", "active", "tries"];
        let mut seen = request.clone();
        let mut pause = Pause::new(false);
        loop {
            let mut check = ctx.ask(RepoCheckRequest::new(request.int("id")))?;
            if check.has("repo") {
                return Ok(take(&mut check, "repo"));
            }
            let now = take(&mut check, "request");
            for name in fields.iter().filter(|name| seen.at(name) != now.at(name)) {
                let text = format!("Request updated: {name}: {} -> {}", seen.show(name), now.show(name));
                self.tell(ctx, &text)?;
            }
            self.check_time()?;
            if !now.has("active") {
                return Err(Error::generic("Repo request no longer active").into());
            }
            let task: Vec<i64> = now.at("task_id").as_int().into_iter().collect();
            seen = now;
            self.pause(ctx, &mut pause, &task)?;
        }
    }

    /// Waits until there is a repo with the builds. Without a login, it only looks.
    pub fn wait(&mut self, ctx: &mut Ctx<'_>, anonymous: bool) -> Result<Value, Stop> {
        let mut pause = Pause::new(false);
        loop {
            if anonymous {
                let repo = ctx.ask(RepoGet {
                    min_event: self.min_event.map(IntLike),
                    at_event: self.at_event.map(IntLike),
                    opts: self.options(),
                    ..RepoGet::new(self.tag_id)
                })?;
                if repo.is_true() && self.has_builds(ctx, Some(&repo))? {
                    return Ok(repo);
                }
            }
            if !self.builds.is_empty() {
                while !self.has_builds(ctx, None)? {
                    self.check_time()?;
                    self.pause(ctx, &mut pause, &[])?;
                }
                self.min_event = self.last_change(ctx)?;
            }
            if !anonymous {
                let mut check = self.request(ctx)?;
                let mut repo = take(&mut check, "repo");
                if !repo.is_true() {
                    let request = take(&mut check, "request");
                    self.tell(ctx, &format!("Got request: {}", request.show("id")))?;
                    repo = self.wait_request(ctx, &request)?;
                }
                if self.has_builds(ctx, Some(&repo))? {
                    return Ok(repo);
                }
            }
            self.check_time()?;
            self.pause(ctx, &mut pause, &[])?;
        }
    }

    /// The last event that changed the tag.
    pub fn last_change(&self, ctx: &mut Ctx<'_>) -> Result<Option<i64>, Stop> {
        Ok(ctx.call(TagLastChangeEvent::new(self.tag_id))?.map(i64::from))
    }

    /// Whether the builds are tagged, now or at the event of a repo. A newer build will do.
    fn has_builds(&self, ctx: &mut Ctx<'_>, repo: Option<&Value>) -> Result<bool, Stop> {
        let event = repo.and_then(|repo| repo.at("create_event").as_int());
        let calls = self.builds.iter().map(|build| ListTagged {
            event: event.map(Into::into),
            package: Some(build.name.clone()),
            inherit: true,
            ..ListTagged::new(self.tag_id)
        });
        let answers = ctx.multicall_strict(calls)?;
        Ok(self.builds.iter().zip(&answers).all(|(wanted, tagged)| {
            tagged
                .items()
                .iter()
                .any(|build| build.str("version") == wanted.version && build.str("release") == wanted.release)
        }))
    }

    fn check_time(&self) -> Result<(), Stop> {
        let waited = when::now() - self.start;
        if waited < self.timeout_min as f64 * 60.0 {
            return Ok(());
        }
        let what = match self.builds.as_slice() {
            [] => "a new".to_owned(),
            builds => {
                let names: Vec<String> = builds.iter().map(ToString::to_string).collect();
                format!("{} to appear in the", names.join(", "))
            }
        };
        let duration = when::duration(waited);
        let text = format!("Unsuccessfully waited {duration} for {what} {} repo", self.tag_name);
        Err(Error::generic(text).into())
    }

    fn pause(&self, ctx: &mut Ctx<'_>, pause: &mut Pause, tasks: &[i64]) -> Result<(), Stop> {
        ctx.out.flush()?;
        if pause.wait(ctx, tasks) { Err(Stop::Quiet(1)) } else { Ok(()) }
    }

    fn tell(&self, ctx: &mut Ctx<'_>, text: &str) -> Result<(), Stop> {
        if self.verbose {
            line!(ctx, "{text}");
        }
        Ok(())
    }
}

fn take(value: &mut Value, name: &str) -> Value {
    match value {
        Value::Struct(map) => map
            .iter_mut()
            .find(|(key, _)| key == name)
            .map(|(_, value)| std::mem::take(value))
            .unwrap_or_default(),
        _ => Value::Nil,
    }
}
