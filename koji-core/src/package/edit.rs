//! Changes of package lists. Each is a new version of an entry.

use super::listing::{self, Listed, Wanted};
use super::lookup;
use crate::arch::Separators;
use crate::context::Cx;
use crate::db::lookup::Named;
use crate::db::{Insert, Lookup, versioned};
use crate::tag::access::{self, TagState};
use crate::tag::create::Arches;
use crate::user::info::{self, UserRef, UserRow};
use crate::wire::{Map, Value};
use crate::{Error, Result, plugin, policy};

/// An entry to be added or changed. What is not given is kept from the entry that holds so far.
#[derive(Clone, Debug)]
pub struct Change {
    /// The tag
    pub tag: Lookup,
    /// The package; a name that nobody has makes one
    pub package: Lookup,
    /// Who is to own it
    pub owner: Option<UserRef>,
    /// Whether to block it
    pub block: Option<bool>,
    /// Arches beyond the tag's own, separated by spaces
    pub extra_arches: Arches,
    /// Whether an admin overrules the policy, and a block is overwritten
    pub force: bool,
    /// Whether there must be an entry already
    pub update: bool,
}

impl Change {
    /// An unblocked entry, forced.
    pub fn forced(tag: i32, package: i32) -> Self {
        Self {
            tag: tag.into(),
            package: package.into(),
            owner: None,
            block: Some(false),
            extra_arches: Arches::Missing,
            force: true,
            update: false,
        }
    }

    fn action(&self) -> &'static str {
        match (self.update, self.block) {
            (true, _) => "update",
            (_, Some(true)) => "block",
            _ => "add",
        }
    }
}

/// Adds or changes an entry, if the policy lets the caller do so.
pub fn add(cx: &mut Cx<'_>, change: &Change) -> Result<()> {
    let tag = access::get(cx, &change.tag)?;
    let known = lookup::find(cx, &change.package)?;
    if let (None, Lookup::Id(id)) = (&known, &change.package) {
        return Err(Error::generic(format!("No such package: {id}")));
    }
    let owner = change.owner.as_ref().map(|owner| info::get(cx, owner)).transpose()?;
    cx.require_login()?;
    allowed(cx, &tag, change.action(), &change.package.to_string(), change.force)?;
    let package = match known {
        Some(package) => package,
        None => lookup::ensure(cx, &change.package)?,
    };
    let arches = change.extra_arches.normalize(Separators::Strict)?;
    let previous = listing::find(cx, tag.id, package.id)?;
    let Some(new) = merge(cx, change, &tag, (&package, owner, arches), previous.as_ref())? else {
        return Ok(());
    };
    let keywords = vec![
        ("owner".to_owned(), Value::from(new.owner)),
        ("block".to_owned(), new.blocked.into()),
        ("extra_arches".to_owned(), new.extra_arches.clone().into()),
        ("force".to_owned(), change.force.into()),
        ("update".to_owned(), change.update.into()),
    ];
    let about = About { tag: &tag, package: &package, action: change.action(), more: keywords };
    hook(cx, "prePackageListChange", &about)?;
    let same = previous
        .as_ref()
        .is_some_and(|old| old.blocked == new.blocked && old.extra_arches == new.extra_arches);
    if !same {
        put(cx, tag.id, package.id, &new)?;
    } else if previous.is_some_and(|old| old.owner_id != Some(new.owner)) {
        put_owner(cx, tag.id, package.id, new.owner)?;
    }
    hook(cx, "postPackageListChange", &about)
}

/// What an entry holds.
struct Entry {
    owner: i32,
    blocked: bool,
    extra_arches: Option<String>,
}

/// The new entry, from what is wanted and what holds; none when that is the same.
fn merge(
    cx: &Cx<'_>,
    change: &Change,
    tag: &TagState,
    (package, owner, arches): (&Named, Option<UserRow>, Option<String>),
    previous: Option<&Listed>,
) -> Result<Option<Entry>> {
    let mut owner = owner.map(|owner| owner.id);
    let (mut blocked, mut extra_arches) = (change.block.unwrap_or(false), arches);
    match previous {
        None if change.update && !change.force => {
            return Err(Error::generic(format!(
                "cannot update: tag {} has no data for package {}",
                tag.name, package.name
            )));
        }
        None => {}
        Some(old) => {
            owner = owner.or(old.owner_id);
            blocked = change.block.unwrap_or(old.blocked);
            extra_arches = extra_arches.or_else(|| old.extra_arches.clone());
            let same = old.owner_id == owner && old.blocked == blocked && old.extra_arches == extra_arches;
            if same && !change.force {
                return Ok(None);
            }
            if old.blocked && !blocked && !change.force {
                return Err(Error::generic(format!(
                    "package {} is blocked in tag {}; unblock it or force it",
                    package.name, tag.name
                )));
            }
        }
    }
    let owner = match owner {
        Some(owner) => owner,
        None if change.force => cx.user_id()?,
        None => return Err(Error::generic(format!("owner not specified for package {}", package.name))),
    };
    Ok(Some(Entry { owner, blocked, extra_arches }))
}

/// Takes a tag's own entry away. Not to have one is no error.
pub fn remove(cx: &mut Cx<'_>, tag: &Lookup, package: &Lookup, force: bool) -> Result<()> {
    let tag = access::get(cx, tag)?;
    let package = lookup::get(cx, package)?;
    cx.require_login()?;
    allowed(cx, &tag, "remove", &package.name, force)?;
    let about = About { tag: &tag, package: &package, action: "remove", more: Map::new() };
    hook(cx, "prePackageListChange", &about)?;
    take(cx, tag.id, package.id)?;
    hook(cx, "postPackageListChange", &about)
}

/// Blocks a package that is in the list.
pub fn block(cx: &mut Cx<'_>, tag: &Lookup, package: &Lookup, force: bool) -> Result<()> {
    let (to, what) = (access::get(cx, tag)?, lookup::get(cx, package)?);
    if listing::list(cx, &Wanted { owners: false, ..Wanted::one(to.id, what.id) })?.is_empty() {
        return Err(Error::generic(format!("Package {} is not in tag listing for {}", what.name, to.name)));
    }
    let (tag, package) = (tag.clone(), package.clone());
    add(cx, &Change { tag, package, block: Some(true), force, ..Change::forced(to.id, what.id) })
}

/// Ends a block. An own one is taken away, and if the package is still blocked or gone then, and for an
/// inherited one, an unblocked entry is put in its place.
pub fn unblock(cx: &mut Cx<'_>, tag: &Lookup, package: &Lookup, force: bool) -> Result<()> {
    let tag = access::get(cx, tag)?;
    let package = lookup::get(cx, package)?;
    cx.require_login()?;
    allowed(cx, &tag, "unblock", &package.name, force)?;
    let Some(previous) = listing::find(cx, tag.id, package.id)? else {
        return Err(Error::generic(format!(
            "no data (blocked or otherwise) for package {} in tag {}",
            package.name, tag.name
        )));
    };
    if !previous.blocked {
        return Err(Error::generic(format!("package {} NOT blocked in tag {}", package.name, tag.name)));
    }
    let about = About { tag: &tag, package: &package, action: "unblock", more: Map::new() };
    hook(cx, "prePackageListChange", &about)?;
    let is_own = previous.tag_id == tag.id;
    if is_own {
        take(cx, tag.id, package.id)?;
    }
    if !is_own || listing::find(cx, tag.id, package.id)?.is_none_or(|entry| entry.blocked) {
        let owner = match previous.owner_id {
            Some(owner) => owner,
            None => cx.user_id()?,
        };
        let entry = Entry { owner, blocked: false, extra_arches: previous.extra_arches };
        put(cx, tag.id, package.id, &entry)?;
    }
    hook(cx, "postPackageListChange", &about)
}

fn allowed(cx: &mut Cx<'_>, tag: &TagState, action: &str, package: &str, force: bool) -> Result<()> {
    let data = vec![
        ("tag".to_owned(), tag.id.into()),
        ("action".to_owned(), action.into()),
        ("package".to_owned(), package.into()),
        ("force".to_owned(), force.into()),
    ];
    policy::assert(cx, "package_list", &data, force)
}

const OF_ENTRY: &str = "tag_id = ? AND package_id = ?";

fn take(cx: &mut Cx<'_>, tag: i32, package: i32) -> Result<()> {
    versioned::revoke(cx, "tag_packages", OF_ENTRY, (tag, package)).map(drop)
}

fn put(cx: &mut Cx<'_>, tag: i32, package: i32, entry: &Entry) -> Result<()> {
    take(cx, tag, package)?;
    let insert = Insert::into("tag_packages")
        .set("tag_id", tag)
        .set("package_id", package)
        .set("blocked", entry.blocked)
        .set("extra_arches", entry.extra_arches.clone());
    versioned::create(cx, insert)?;
    put_owner(cx, tag, package, entry.owner)
}

fn put_owner(cx: &mut Cx<'_>, tag: i32, package: i32, owner: i32) -> Result<()> {
    versioned::revoke(cx, "tag_package_owners", OF_ENTRY, (tag, package))?;
    let insert = Insert::into("tag_package_owners").set("tag_id", tag).set("package_id", package);
    versioned::create(cx, insert.set("owner", owner))
}

/// What plugins learn of a change.
pub(super) struct About<'a> {
    pub tag: &'a TagState,
    pub package: &'a Named,
    pub action: &'static str,
    pub more: Map,
}

pub(super) fn hook(cx: &mut Cx<'_>, point: &str, about: &About<'_>) -> Result<()> {
    plugin::run(cx, point, |cx| {
        let user = cx.actor.session.as_ref().map(|session| {
            Value::Struct(vec![
                ("id".to_owned(), session.user_id.into()),
                ("name".to_owned(), session.user_name.clone().into()),
            ])
        });
        let mut keywords = vec![
            ("action".to_owned(), about.action.into()),
            ("tag".to_owned(), crate::wire::to_value(about.tag)?),
            ("package".to_owned(), crate::wire::to_value(about.package)?),
            ("user".to_owned(), user.unwrap_or_default()),
        ];
        keywords.extend(about.more.iter().cloned());
        Ok(keywords)
    })
}
