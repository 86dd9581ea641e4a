//! What must hold before a build is tagged: its package is listed, and the policy `tag` allows it.

use crate::build::BuildRow;
use crate::context::Cx;
use crate::db::lookup::Named;
use crate::package::edit::{self, Change};
use crate::package::listing::{self, Wanted};
use crate::tag::access::TagState;
use crate::wire::{Map, Value};
use crate::{Error, Result, policy};

/// What is asked of the policy `tag`.
pub struct Operation<'a> {
    /// The tag that gets the build; none when it is only untagged
    pub to: Option<&'a TagState>,
    /// The tag that loses it
    pub from: Option<&'a TagState>,
    /// The user who asks, if that is not the caller
    pub user: Option<i32>,
}

impl Operation<'_> {
    fn data(&self, build: i32) -> Map {
        let name = match (self.to, self.from) {
            (Some(_), None) => "tag",
            (Some(_), Some(_)) => "move",
            (None, _) => "untag",
        };
        let id = |tag: Option<&TagState>| tag.map_or(Value::Nil, |tag| tag.id.into());
        let mut data = vec![
            ("tag".to_owned(), id(self.to)),
            ("fromtag".to_owned(), id(self.from)),
            ("build".to_owned(), build.into()),
            ("operation".to_owned(), name.into()),
        ];
        data.extend(self.user.map(|user| ("user_id".to_owned(), user.into())));
        data
    }

    /// Refuses what the policy does not allow; an admin may force it.
    pub fn allowed(&self, cx: &mut Cx<'_>, build: i32, force: bool) -> Result<()> {
        policy::assert(cx, "tag", &self.data(build), force)
    }
}

/// The package of a build must be listed in the tag and not blocked. An admin who forces lists it on the way.
pub fn listed(cx: &mut Cx<'_>, tag: &TagState, build: &BuildRow, force: bool) -> Result<()> {
    let package = Named { id: build.package_id, name: build.package_name.clone() };
    package_listed(cx, tag, &package, force)
}

/// The same for a package.
pub fn package_listed(cx: &mut Cx<'_>, tag: &TagState, package: &Named, force: bool) -> Result<()> {
    let wanted = Wanted { owners: false, ..Wanted::one(tag.id, package.id) };
    let entry = listing::list(cx, &wanted)?.into_iter().next();
    let problem = match entry {
        None => format!("Package {} not in list for {}", package.name, tag.name),
        Some(entry) if entry.blocked => format!("Package {} blocked in {}", package.name, tag.name),
        Some(_) => return Ok(()),
    };
    if !force || !cx.has_perm("admin")? {
        return Err(Error::tag(problem));
    }
    edit::add(cx, &Change::forced(tag.id, package.id))?;
    tracing::info!(tag = tag.name, package = package.name, user = cx.user_name(), "package listed by force");
    Ok(())
}
