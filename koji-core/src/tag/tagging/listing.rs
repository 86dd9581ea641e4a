//! The rows of `tag_listing`: the only place that writes them, for one build or many.
//!
//! Of many steps each has an event of its own, so that the order of tagging is kept: the latest build of a package
//! is the one that was tagged last.

use std::collections::{HashMap, HashSet};

use crate::build::BuildRow;
use crate::build::state::BuildState;
use crate::context::Cx;
use crate::db::write::events;
use crate::db::{Bind, Insert, Lookup, Query, Update};
use crate::tag::access::TagState;
use crate::tag::get::{self, When};
use crate::user::info::{self, UserRef};
use crate::wire::{Value, to_value};
use crate::{Error, Result, plugin};

/// A change in what is tagged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A build is tagged.
    Tag(i32),
    /// A build is tagged anew.
    Retag(i32),
    /// A build is untagged.
    Untag(i32),
}

impl Step {
    /// The build.
    pub fn build(self) -> i32 {
        match self {
            Self::Tag(id) | Self::Retag(id) | Self::Untag(id) => id,
        }
    }
}

/// What is changed, by whom, and how.
pub struct Change<'a> {
    /// The tag
    pub tag: &'a TagState,
    /// The user who is noted as the one who did it
    pub user: i32,
    /// Whether a build that is tagged already is tagged anew, as the latest
    pub force: bool,
}

/// Tags builds, in their order. One that is named again is tagged anew if that may be.
pub fn tag(cx: &mut Cx<'_>, change: &Change<'_>, builds: &[BuildRow]) -> Result<()> {
    let mut rest = builds;
    while !rest.is_empty() {
        let mut seen = HashSet::new();
        let different = rest.iter().take_while(|build| seen.insert(build.id)).count();
        let (run, later) = rest.split_at(different);
        let steps = run.iter().map(|build| Step::Tag(build.id)).collect();
        carry_out(cx, change, steps, &run.iter().map(|build| (build.id, build)).collect())?;
        rest = later;
        if !rest.is_empty() {
            cx.forget_event();
        }
    }
    Ok(())
}

/// Untags a build; not to be in the tag is an error if `strict`.
pub fn untag(cx: &mut Cx<'_>, change: &Change<'_>, build: &BuildRow, strict: bool) -> Result<()> {
    let teller = Teller::of(cx, change)?;
    tell(cx, "preUntag", teller.as_ref(), build, Some(strict))?;
    if !tagged(cx, change.tag.id, vec![build.id])?.is_empty() {
        apply(cx, change, &[Step::Untag(build.id)])?;
    } else if strict {
        return Err(Error::tag(format!("build {} not in tag {}", build.nvr, change.tag.name)));
    }
    tell(cx, "postUntag", teller.as_ref(), build, Some(strict))
}

/// Carries out steps, in their order. A build is untagged at most once, and tagged at most once after that.
pub fn carry_out(
    cx: &mut Cx<'_>,
    change: &Change<'_>,
    mut steps: Vec<Step>,
    builds: &HashMap<i32, &BuildRow>,
) -> Result<()> {
    let build =
        |id: i32| builds.get(&id).copied().ok_or_else(|| Error::generic(format!("No such build: {id}")));
    let teller = Teller::of(cx, change)?;
    let teller = teller.as_ref();
    for step in &steps {
        match *step {
            Step::Untag(id) => tell(cx, "preUntag", teller, build(id)?, Some(true))?,
            Step::Tag(id) | Step::Retag(id) => {
                let build = build(id)?;
                tell(cx, "preTag", teller, build, None)?;
                complete(build)?;
            }
        }
    }
    let untagged: HashSet<i32> =
        steps.iter().filter_map(|step| if let Step::Untag(id) = step { Some(*id) } else { None }).collect();
    let there = tagged(cx, change.tag.id, builds.keys().copied().collect())?;
    for step in &mut steps {
        if let Step::Tag(id) = *step
            && there.contains(&id)
            && !untagged.contains(&id)
        {
            if !change.force {
                let nvr = &build(id)?.nvr;
                return Err(Error::tag(format!("build {nvr} already tagged ({})", change.tag.name)));
            }
            *step = Step::Retag(id);
        }
    }
    apply(cx, change, &steps)?;
    for step in &steps {
        match *step {
            Step::Untag(id) => tell(cx, "postUntag", teller, build(id)?, Some(true))?,
            Step::Tag(id) | Step::Retag(id) => tell(cx, "postTag", teller, build(id)?, None)?,
        }
    }
    Ok(())
}

/// Builds that are not complete are never tagged, not even by force.
pub fn complete(build: &BuildRow) -> Result<()> {
    match build.build_state()? {
        BuildState::Complete => Ok(()),
        state => Err(Error::tag(format!("build {} not complete: state {}", build.nvr, state.name()))),
    }
}

/// Which of some builds are in a tag. Until the call ends nobody else tags or untags these builds: their rows are locked,
/// always in the same order, so that two who tag the same builds do not wait for each other.
fn tagged(cx: &mut Cx<'_>, tag: i32, builds: Vec<i32>) -> Result<HashSet<i32>> {
    Query::from("build")
        .filter("id IN ?", builds.clone())
        .order("id")
        .for_update()
        .select::<i32>(cx.db, "id")?;
    let rows: Vec<i32> = Query::from("tag_listing")
        .filter("tag_id = ? AND active = TRUE", tag)
        .filter("build_id IN ?", builds)
        .for_update()
        .select(cx.db, "build_id")?;
    Ok(rows.into_iter().collect())
}

fn apply(cx: &mut Cx<'_>, change: &Change<'_>, steps: &[Step]) -> Result<()> {
    let now = cx.now();
    let events = match steps {
        [] => return Ok(()),
        [_] => vec![cx.event()?],
        _ => events(cx.db, now, steps.len())?,
    };
    let (mut ended, mut new) = (Vec::new(), Vec::new());
    for (step, event) in steps.iter().zip(events) {
        if let Step::Untag(id) | Step::Retag(id) = *step {
            ended.push((id.into(), event.into()));
        }
        if let Step::Tag(id) | Step::Retag(id) = *step {
            new.push(vec![id.into(), change.tag.id.into(), event.into(), Bind::from(change.user)]);
        }
    }
    Update::table("tag_listing")
        .set("revoker_id", change.user)
        .set("active", Bind::Null)
        .filter("tag_id = ? AND active = TRUE", change.tag.id)
        .each(cx.db, "build_id", "revoke_event", &ended)?;
    Insert::many(cx.db, "tag_listing", &["build_id", "tag_id", "create_event", "creator_id"], new)
}

/// The four points at which plugins are told.
const POINTS: [&str; 4] = ["preTag", "postTag", "preUntag", "postUntag"];

/// Who tells plugins of each step. Nothing is loaded unless one listens.
struct Teller {
    tag: Value,
    user: Value,
    force: bool,
}

impl Teller {
    fn of(cx: &mut Cx<'_>, change: &Change<'_>) -> Result<Option<Self>> {
        if !POINTS.iter().any(|point| cx.env.hooks.has(point)) {
            return Ok(None);
        }
        let tag = to_value(&get::get(cx, &Lookup::from(change.tag.id), When::Now)?)?;
        let user = to_value(&info::get(cx, &UserRef::Id(change.user.into()))?)?;
        Ok(Some(Self { tag, user, force: change.force }))
    }
}

/// `strict` is told of untagging only.
fn tell(
    cx: &mut Cx<'_>,
    point: &str,
    teller: Option<&Teller>,
    build: &BuildRow,
    strict: Option<bool>,
) -> Result<()> {
    let Some(Teller { tag, user, force }) = teller else { return Ok(()) };
    plugin::run(cx, point, |_| {
        let mut keywords = vec![
            ("tag".to_owned(), tag.clone()),
            ("build".to_owned(), to_value(build)?),
            ("user".to_owned(), user.clone()),
            ("force".to_owned(), Value::from(*force)),
        ];
        keywords.extend(strict.map(|strict| ("strict".to_owned(), strict.into())));
        Ok(keywords)
    })
}
