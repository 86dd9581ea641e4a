//! [`Watch`]: finding a repository that has what a build needs, or waiting for it.

use std::time::{Duration, Instant};

use koji_core::api::history::TagLastChangeEvent;
use koji_core::api::host_call::HostSubtask;
use koji_core::api::repo::{RepoCheckRequest, RepoRequest};
use koji_core::api::tag::GetTag;
use koji_core::api::tagged::ListTagged;
use koji_core::client::field;
use koji_core::db::Lookup;
use koji_core::nvr::Nvr;
use koji_core::repo::request::MinEvent;
use koji_core::wire::Value;
use koji_core::{Error, Result};

use super::run::{Run, need_int, need_text};

/// What a repository must have.
pub(super) struct Watch {
    tag_id: i64,
    tag: String,
    nvrs: Vec<String>,
    builds: Vec<Nvr>,
    min_event: Option<i64>,
    asked_event: Option<i64>,
}

/// How to wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Between two questions.
    pub pause: Duration,
    /// Altogether.
    pub timeout: Duration,
}

/// From which event on a repository is good enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// Any, as the hub sees fit.
    Any,
    /// The last change of the tag.
    LastChange,
    /// An event.
    Event(i64),
}

/// A repository for a build: the present one if it is good, else one that a `waitrepo` subtask waits for,
/// where people can see it.
pub(super) fn get(run: &mut Run, tag: Lookup, builds: &Value, current: bool) -> Result<Value> {
    let nvrs = texts(builds)?;
    let since = if current { Since::LastChange } else { Since::Any };
    let mut watch = Watch::new(run, tag, nvrs, since)?;
    if let Some(repo) = watch.present(run)? {
        return Ok(repo);
    }
    let nvrs: Vec<Value> = watch.nvrs.iter().cloned().map(Value::from).collect();
    let params = args![watch.tag.clone(), Value::Nil, nvrs, watch.min_event.or(watch.asked_event)];
    // no label and arch of our own: the hub has the defaults
    let id = run.call(HostSubtask::new("waitrepo", params, run.id))?.into();
    run.wait_for(&[id], false).map(|mut results| results.remove(&id).unwrap_or_default())
}

impl Watch {
    /// Looks up the tag.
    pub fn new(run: &mut Run, tag: Lookup, nvrs: Vec<String>, since: Since) -> Result<Self> {
        let info = run.ask(GetTag { strict: true, ..GetTag::new(tag) })?;
        let tag_id = need_int(&info, "id")?;
        let builds = nvrs.iter().map(|nvr| Nvr::parse(nvr)).collect::<Result<_>>()?;
        let min_event = match since {
            Since::Any => None,
            Since::Event(event) => Some(event),
            Since::LastChange => last_change(run, tag_id)?,
        };
        let tag = need_text(&info, "name")?.to_owned();
        Ok(Self { tag_id, tag, nvrs, builds, min_event, asked_event: None })
    }

    /// A good repository, if there is one already; else it is requested.
    pub fn present(&mut self, run: &mut Run) -> Result<Option<Value>> {
        if !self.builds_are_in(run, None)? {
            return Ok(None);
        }
        let answer = self.request(run, self.min_event)?;
        let repo = field(&answer, "repo");
        if repo.is_true() && self.suits(run, repo)? {
            return Ok(Some(repo.clone()));
        }
        self.asked_event = field(field(&answer, "request"), "min_event").as_int();
        Ok(None)
    }

    /// Waits for a good repository.
    ///
    /// # Errors
    /// When the time is up, or a request ended without one.
    pub fn wait(&self, run: &mut Run, patience: Patience) -> Result<Value> {
        let begun = Instant::now();
        let mut min_event = self.min_event;
        loop {
            if !self.builds.is_empty() {
                self.wait_for_builds(run, patience, begun)?;
                min_event = last_change(run, self.tag_id)?;
            }
            let answer = self.request(run, min_event)?;
            let present = field(&answer, "repo");
            let repo = if present.is_true() {
                present.clone()
            } else {
                let request = field(&answer, "request");
                self.wait_for_request(run, request, patience, begun)?
            };
            if self.suits(run, &repo)? {
                return Ok(repo);
            }
            tracing::warn!("the repository lacks what was asked for, asking again");
            min_event = last_change(run, self.tag_id)?;
            self.pause(patience, begun)?;
        }
    }

    fn request(&self, run: &mut Run, min_event: Option<i64>) -> Result<Value> {
        tracing::info!(tag = self.tag, ?min_event, "requesting a repository");
        let min_event = min_event.map_or(MinEvent::Recent, MinEvent::Given);
        run.ask(RepoRequest { min_event, ..RepoRequest::new(self.tag_id) })
    }

    fn wait_for_request(
        &self,
        run: &mut Run,
        request: &Value,
        patience: Patience,
        begun: Instant,
    ) -> Result<Value> {
        let id = need_int(request, "id")?;
        loop {
            let check = run.ask(RepoCheckRequest::new(id))?;
            if field(&check, "repo").is_true() {
                return Ok(field(&check, "repo").clone());
            }
            let now = field(&check, "request");
            if !field(now, "active").is_true() {
                let task = field(now, "task_id").as_int();
                return Err(Error::generic(match task {
                    Some(task) => {
                        format!("Repo request no longer active: its task {task} gave no repository")
                    }
                    None => "Repo request no longer active".to_owned(),
                }));
            }
            self.pause(patience, begun)?;
        }
    }

    fn wait_for_builds(&self, run: &mut Run, patience: Patience, begun: Instant) -> Result<()> {
        while !self.builds_are_in(run, None)? {
            tracing::info!(tag = self.tag, builds = ?self.nvrs, "waiting for builds");
            self.pause(patience, begun)?;
        }
        Ok(())
    }

    fn pause(&self, patience: Patience, begun: Instant) -> Result<()> {
        if begun.elapsed() > patience.timeout {
            let minutes = begun.elapsed().as_secs() / 60;
            return Err(Error::generic(format!(
                "Unsuccessfully waited {minutes} minutes for a new {} repo",
                self.tag
            )));
        }
        std::thread::sleep(patience.pause);
        Ok(())
    }

    fn suits(&self, run: &mut Run, repo: &Value) -> Result<bool> {
        let event = need_int(repo, "create_event")?;
        if need_int(repo, "tag_id")? != self.tag_id || self.min_event.is_some_and(|min| event < min) {
            return Ok(false);
        }
        self.builds_are_in(run, Some(event))
    }

    /// Whether the tag has all the builds, now or at an event.
    fn builds_are_in(&self, run: &mut Run, event: Option<i64>) -> Result<bool> {
        for build in &self.builds {
            let tagged = run.ask(ListTagged {
                event: event.map(Into::into),
                inherit: true,
                package: Some(build.name.clone()),
                ..ListTagged::new(self.tag_id)
            })?;
            let is = |row: &Value, name, text: &str| field(row, name).as_str() == Some(text);
            let found = tagged
                .as_array()
                .unwrap_or_default()
                .iter()
                .any(|row| is(row, "version", &build.version) && is(row, "release", &build.release));
            if !found {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn last_change(run: &mut Run, tag_id: i64) -> Result<Option<i64>> {
    Ok(run.call(TagLastChangeEvent::new(tag_id))?.map(i64::from))
}

/// A list of texts, or nothing.
pub(super) fn texts(value: &Value) -> Result<Vec<String>> {
    if value.is_nil() {
        return Ok(vec![]);
    }
    let items = value.as_array().unwrap_or_default().iter().map(|item| item.as_str().map(str::to_owned));
    match items.collect::<Option<Vec<_>>>() {
        Some(texts) if value.as_array().is_some() => Ok(texts),
        _ => Err(Error::parameter(format!("{value:?} is not a list of builds"))),
    }
}
