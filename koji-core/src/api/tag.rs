//! Methods about tags and what they inherit.

use serde::Serialize;

use super::args::{Arg, OneOrMany};
use super::cast::{EventId, IdOrKnown, IntLike, NameText, Truthy};
use super::column::ColumnBool;
use crate::api::maybe_new::MaybeNew;
use crate::build::lookup::BuildRef;
use crate::context::Cx;
use crate::db::lookup as named;
use crate::db::{Lookup, QueryOpts, Rows};
use crate::methods;
use crate::tag::access::{self, Access};
use crate::tag::changes::Changes;
use crate::tag::config::{self, BuildConfig};
use crate::tag::create::{self, Arches, NewTag};
use crate::tag::extra::BlockedExtras;
use crate::tag::get::{self, Tag, When};
use crate::tag::inheritance::{Direction, Link};
use crate::tag::link_changes;
use crate::tag::links::{self, LinkRow};
use crate::tag::list::{self, ListedTag, Wanted};
use crate::tag::{delete, edit};
use crate::wire::{Map, Value};
use crate::{Error, Result};

methods! {
    /// Makes a tag and answers its id.
    write Perm("tag") => CreateTag "createTag" (
        name: NameText, parent: Truthy<Lookup> = Truthy(None), arches: Arches = Arches::Missing,
        perm: Option<Lookup> = None, locked: ColumnBool = ColumnBool(false),
        maven_support: ColumnBool = ColumnBool(false), maven_include_all: ColumnBool = ColumnBool(false), extra: Option<Map> = None
    ) -> i32 = |m, cx| create::create(cx, &NewTag {
        name: m.name.0, parent: m.parent.0, arches: m.arches, perm: m.perm, locked: m.locked.0,
        maven_support: m.maven_support.0, maven_include_all: m.maven_include_all.0, extra: m.extra,
    });

    /// A tag, now or at an event; `auto` also finds deleted ones. Extra settings are its own only.
    read Anyone => GetTag "getTag"
        (tagInfo: Lookup, strict: bool = false, event: When = When::Now, blocked: bool = false)
        -> Option<AnyTag> = |m, cx| {
            let found = if m.blocked {
                get::find_blocked(cx, &m.tagInfo, m.event)?.map(AnyTag::Blocked)
            } else {
                get::find(cx, &m.tagInfo, m.event)?.map(AnyTag::Plain)
            };
            if m.strict && found.is_none() { Err(get::missing(&m.tagInfo)) } else { Ok(found) }
        };

    /// The id of a tag, deleted or not. With `create` a missing one gets an id, and nothing else that a tag has.
    read Inside("any user, to create") => GetTagId "getTagID"
        (info: MaybeNew, strict: bool = false, create: bool = false) -> Option<i32>
        = |m, cx| id(cx, &m.info, m.strict, m.create);

    /// Lists tags: all, by name, or those that a build or a package is in.
    read Anyone => ListTags "listTags" (
        build: Option<BuildRef> = None, package: Option<Lookup> = None, perms: bool = true,
        queryOpts: QueryOpts = QueryOpts::default(), pattern: Option<String> = None
    ) -> Rows<ListedTag> = |m, cx| {
        let wanted = Wanted { build: m.build, package: m.package, perms: m.perms, pattern: m.pattern };
        list::list(cx, &wanted, &m.queryOpts)
    };

    /// Edits a tag; the oldest form, in which all but the extra settings must be given.
    write Perm("tag") => EditTag "editTag" (
        tagInfo: Lookup, name: Truthy<NameText>, arches: Arches, locked: ColumnBool, permissionID: Option<Lookup>,
        extra: Option<Map> = None
    ) -> () = |m, cx| {
        let mut changes = Changes {
            name: m.name.0.map(|name| name.0), arches: Some(m.arches), locked: Some(m.locked.0), perm: Some(m.permissionID),
            ..Changes::default()
        };
        // the default is one that Koji itself refuses
        changes.extra.set = m.extra.ok_or_else(|| Error::unforeseen("editTag: extra must be a struct"))?;
        edit::edit(cx, &m.tagInfo, &changes)
    };

    /// Edits a tag: name, arches, perm, locked, maven_support, maven_include_all, extra, remove_extra, block_extra.
    write Perm("tag") => EditTag2 "editTag2" (tagInfo: Lookup; kwargs kwargs) -> ()
        = |m, cx| { let changes = Changes::from_keywords(m.kwargs)?; edit::edit(cx, &m.tagInfo, &changes) };

    /// Deletes a tag. Its name, id and history stay.
    write Perm("tag") => DeleteTag "deleteTag" (tagInfo: Lookup) -> () = |m, cx| delete::delete(cx, &m.tagInfo);

    /// Whether a user may change what is in a tag, whether an admin could force it, and why not.
    read Anyone => CheckTagAccess "checkTagAccess" (tag_id: Lookup, user_id: Option<IntLike> = None) -> Access
        = |m, cx| check_access(cx, &m.tag_id, m.user_id);

    /// The configuration that a tag's builds are made with, including what is inherited.
    read Anyone => GetBuildConfig "getBuildConfig" (tag: Lookup, event: Option<EventId> = None) -> BuildConfig
        = |m, cx| config::build_config(cx, &m.tag, m.event.map(i32::from));

    /// A tag's own links to what it inherits from, by priority.
    read Anyone => GetInheritanceData "getInheritanceData" (tag: Lookup, event: Option<EventId> = None)
        -> Vec<LinkRow> = |m, cx| {
            let tag = named::get(cx, "tag", "tag", &m.tag)?.id;
            links::own(cx, tag, m.event.map(i32::from))
        };

    /// Changes what a tag inherits from; with `clear` no other links remain.
    write Inside("the permission tag") => SetInheritanceData "setInheritanceData"
        (tag: Lookup, data: OneOrMany<Map>, clear: bool = false) -> () = |m, cx| {
            let tag = named::get(cx, "tag", "tag", &m.tag)?.id;
            cx.require_perm("tag")?;
            let changes = m.data.into_vec().iter().map(link_changes::parse).collect::<Result<_>>()?;
            link_changes::apply(cx, tag, changes, m.clear)
        };

    /// Everything that a tag inherits from, in order of precedence; `reverse`: everything that inherits from it.
    read Anyone => GetFullInheritance "getFullInheritance"
        (tag: IdOrKnown, event: Option<EventId> = None, reverse: bool = false; kwargs kwargs) -> Vec<Link>
        = |m, cx| {
            let direction = if m.reverse { Direction::Descendants } else { Direction::Ancestors };
            refuse_removed(&m.kwargs)?;
            full(cx, &m.tag, m.event, direction)
        };
}

/// A tag in one of the two forms of its extra settings.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum AnyTag {
    /// Without blocked settings
    Plain(Tag),
    /// With them
    Blocked(Tag<BlockedExtras>),
}

impl From<Option<i64>> for When {
    fn from(event: Option<i64>) -> Self {
        event.map_or(Self::Now, |id| Self::At(EventId::from(id).0))
    }
}

impl Arg for When {
    fn take(value: Value) -> Result<Self> {
        match value {
            Value::String(text) if text == "auto" => Ok(Self::Auto),
            Value::Nil => Ok(Self::Now),
            value => EventId::take(value).map(|event| Self::At(event.0)),
        }
    }
    fn give(&self) -> Value {
        match self {
            Self::Now => Value::Nil,
            Self::At(event) => Value::Int((*event).into()),
            Self::Auto => "auto".into(),
        }
    }
}

fn id(cx: &mut Cx<'_>, info: &MaybeNew, strict: bool, create: bool) -> Result<Option<i32>> {
    let found = named::find(cx, "tag", info.lookup())?;
    match found {
        None if strict => Err(get::missing(info.lookup())),
        None if create => {
            let name = info.new_name()?;
            cx.require_login()?;
            create::name(cx, name).map(Some)
        }
        found => Ok(found.map(|tag| tag.id)),
    }
}

fn check_access(cx: &mut Cx<'_>, tag: &Lookup, user: Option<IntLike>) -> Result<Access> {
    let user = match user {
        // whom nobody knows has no permission
        Some(user) => i32::try_from(user.0).unwrap_or(-1),
        None => cx.user_id().map_err(|_| Error::generic("a user_id is required"))?,
    };
    let tag = access::get(cx, tag)?;
    access::check(cx, &tag, user)
}

/// Two options were taken away long ago; empty ones are still sent.
fn refuse_removed(options: &Map) -> Result<()> {
    for (name, value) in options {
        match name.as_str() {
            "stops" | "jumps" if !value.is_true() => {}
            "stops" | "jumps" => {
                return Err(Error::parameter(format!("{name} option has been removed since 1.26")));
            }
            _ => return Err(Error::parameter(format!("got an unexpected keyword argument '{name}'"))),
        }
    }
    Ok(())
}

/// An unknown id is no error, an unknown name is.
fn full(cx: &mut Cx<'_>, tag: &IdOrKnown, event: Option<EventId>, direction: Direction) -> Result<Vec<Link>> {
    let tag = match tag {
        IdOrKnown::Id(id) => *id,
        IdOrKnown::Known(tag) => named::get(cx, "tag", "tag", tag)?.id.into(),
    };
    Ok(links::walk(cx, tag, event.map(i32::from), direction)?.links)
}
