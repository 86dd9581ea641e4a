//! Methods about what is tagged.

use serde::Serialize;

use super::args::Arg;
use super::cast::{EventId, IdOrKnown};
use crate::context::Cx;
use crate::db::{Lookup, lookup as named};
use crate::methods;
use crate::tag::access;
use crate::tag::listing::Latest;
use crate::tag::tagged::archives::{TaggedArchive, archives};
use crate::tag::tagged::maven::{self, MavenRow};
use crate::tag::tagged::rpms::{TaggedRpm, WantedRpms, rpms};
use crate::tag::tagged::{TaggedBuild, Wanted, builds};
use crate::wire::Value;
use crate::{Error, Result};

methods! {
    /// Lists the builds of a tag.
    read Anyone => ListTagged "listTagged" (
        tag: Lookup, event: Option<EventId> = None, inherit: bool = false, prefix: Option<String> = None,
        latest: Count = Count::ALL, package: Option<String> = None, owner: Option<String> = None,
        r#type: Option<String> = None, strict: bool = true, extra: bool = false, draft: Option<bool> = None
    ) -> Vec<TaggedBuild> = |m, cx| {
        let event = m.event.map(i32::from);
        let Some(tag) = find(cx, &m.tag, event, m.strict)? else { return Ok(Vec::new()) };
        builds(cx, &Wanted {
            tag, event, inherit: m.inherit, latest: m.latest.0, package: m.package, prefix: filled(m.prefix),
            owner: filled(m.owner), btype: m.r#type, extra: m.extra, draft: m.draft,
        })
    };

    /// Lists the rpms of the builds of a tag, and the builds.
    read Anyone => ListTaggedRpms "listTaggedRPMS" (
        tag: Lookup, event: Option<EventId> = None, inherit: bool = false, latest: Count = Count::ALL,
        package: Option<String> = None, arch: Arches = Arches::default(), rpmsigs: bool = false,
        owner: Option<String> = None, r#type: Option<String> = None, strict: bool = true, extra: bool = true,
        draft: Option<bool> = None
    ) -> Parts<TaggedRpm> = |m, cx| {
        let event = m.event.map(i32::from);
        let Some(tag) = find(cx, &m.tag, event, m.strict)? else { return Ok(Parts::nothing()) };
        let builds = Wanted {
            event, inherit: m.inherit, latest: m.latest.0, package: m.package, owner: filled(m.owner),
            btype: m.r#type, draft: m.draft, ..Wanted::of(tag)
        };
        let wanted = WantedRpms { builds, arches: m.arch.0, sigkeys: m.rpmsigs, extra: m.extra };
        rpms(cx, &wanted).map(Parts::from)
    };

    /// Lists the archives of the builds of a tag, and the builds.
    read Anyone => ListTaggedArchives "listTaggedArchives" (
        tag: Lookup, event: Option<EventId> = None, inherit: bool = false, latest: Count = Count::ALL,
        package: Option<String> = None, r#type: Option<String> = None, strict: bool = true, extra: bool = true
    ) -> Parts<TaggedArchive> = |m, cx| {
        let event = m.event.map(i32::from);
        let Some(tag) = find(cx, &m.tag, event, m.strict)? else { return Ok(Parts::nothing()) };
        let wanted = Wanted {
            event, inherit: m.inherit, latest: m.latest.0, package: m.package, btype: m.r#type, ..Wanted::of(tag)
        };
        archives(cx, &wanted, m.extra).map(Parts::from)
    };

    /// Lists the latest build of each package in a tag, by inheritance too.
    read Anyone => GetLatestBuilds "getLatestBuilds" (
        tag: IdOrKnown, event: Option<EventId> = None, package: Option<String> = None,
        r#type: Option<String> = None, draft: Option<bool> = None
    ) -> Vec<TaggedBuild> = |m, cx| {
        let tag = believed(cx, &m.tag)?;
        let event = m.event.map(i32::from);
        builds(cx, &Wanted { event, package: m.package, btype: m.r#type, draft: m.draft, ..Wanted::latest(tag) })
    };

    /// Lists the rpms of the latest build of each package in a tag, by inheritance too, and the builds.
    read Anyone => GetLatestRpms "getLatestRPMS" (
        tag: IdOrKnown, package: Option<String> = None, arch: Arches = Arches::default(),
        event: Option<EventId> = None, rpmsigs: bool = false, r#type: Option<String> = None,
        draft: Option<bool> = None
    ) -> Parts<TaggedRpm> = |m, cx| {
        let tag = believed(cx, &m.tag)?;
        let event = m.event.map(i32::from);
        let builds = Wanted { event, package: m.package, btype: m.r#type, draft: m.draft, ..Wanted::latest(tag) };
        rpms(cx, &WantedRpms { builds, arches: m.arch.0, sigkeys: m.rpmsigs, extra: true }).map(Parts::from)
    };

    /// Lists the latest Maven artifacts of a tag.
    read Anyone => GetLatestMavenArchives "getLatestMavenArchives"
        (tag: Lookup, event: Option<EventId> = None, inherit: bool = true) -> Vec<MavenRow> = |m, cx| {
        let tag = named::get(cx, "tag", "tag", &m.tag)?;
        maven::artifacts(cx, tag.id, m.event.map(i32::from), m.inherit)
    };
}

/// The id of a tag that is there, or was at an event.
fn find(cx: &mut Cx<'_>, tag: &Lookup, event: Option<i32>, strict: bool) -> Result<Option<i32>> {
    match access::find(cx, tag, event)? {
        Some(found) => Ok(Some(found.id)),
        None if strict => Err(access::missing(tag)),
        None => Ok(None),
    }
}

/// The id of a tag; an id is believed, and what is not there is empty.
fn believed(cx: &mut Cx<'_>, tag: &IdOrKnown) -> Result<i32> {
    match tag {
        IdOrKnown::Id(id) => Ok(i32::try_from(*id).unwrap_or(i32::MAX)),
        IdOrKnown::Known(tag) => Ok(named::get(cx, "tag", "tag", tag)?.id),
    }
}

/// Empty text asks for nothing.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// How many builds of a package: `False`, null and 0 mean all, `True` means one.
#[derive(Clone, Copy, Debug)]
pub struct Count(pub Latest);

impl Count {
    const ALL: Self = Self(Latest::All);
}

impl Arg for Count {
    fn take(value: Value) -> Result<Self> {
        Ok(Self(match value {
            Value::Int(count) => Latest::from(count),
            Value::Double(count) => Latest::from(count.ceil() as i64),
            other if other.is_true() => Latest::First(1),
            _ => Latest::All,
        }))
    }
    fn give(&self) -> Value {
        match self.0 {
            Latest::All => Value::Bool(false),
            Latest::First(1) => Value::Bool(true),
            Latest::First(count) => Value::Int(count),
        }
    }
}

/// Arches to look for: one or a list; none means all.
#[derive(Clone, Debug, Default)]
pub struct Arches(pub Vec<String>);

impl Arg for Arches {
    fn take(value: Value) -> Result<Self> {
        match value {
            other if !other.is_true() => Ok(Self::default()),
            Value::String(arch) => Ok(Self(vec![arch])),
            list @ Value::Array(_) => Vec::take(list).map(Self),
            other => Err(Error::generic(format!(
                "Invalid type for arch option: {} (give an arch or a list of them)",
                other.kind()
            ))),
        }
    }
    fn give(&self) -> Value {
        match self.0.as_slice() {
            [] => Value::Nil,
            [arch] => arch.as_str().into(),
            _ => self.0.give(),
        }
    }
}

/// Parts of builds with the builds; an empty list where there is no such tag.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Parts<T> {
    /// Parts and builds
    Found(Vec<T>, Vec<TaggedBuild>),
    /// No tag
    Missing([(); 0]),
}

impl<T> Parts<T> {
    fn nothing() -> Self {
        Self::Missing([])
    }
}

impl<T> From<(Vec<T>, Vec<TaggedBuild>)> for Parts<T> {
    fn from((parts, builds): (Vec<T>, Vec<TaggedBuild>)) -> Self {
        Self::Found(parts, builds)
    }
}
