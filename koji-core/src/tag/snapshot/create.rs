//! A new tag like another one.

use super::{Wish, builds, groups};
use crate::context::Cx;
use crate::db::Lookup;
use crate::package::copy;
use crate::package::listing::{self, Wanted};
use crate::tag::create::{self, Arches, NewTag};
use crate::tag::get::Tag;
use crate::tag::{access, get};
use crate::{Error, Result};

/// Makes the tag. It must not be there yet.
pub fn create(cx: &mut Cx<'_>, wish: &Wish) -> Result<()> {
    wish.check()?;
    if get::find_row(cx, &wish.dst, None)?.is_some() {
        return Err(Error::generic(format!("Target tag already exists: {}", wish.dst)));
    }
    let Lookup::Name(name) = &wish.dst else {
        return Err(Error::generic(format!("a new tag needs a name, not the id {}", wish.dst)));
    };
    let src = wish.source(cx)?;
    if src.row.locked && !wish.force {
        return Err(Error::generic(format!("Source tag is locked, use force to copy: {}", src.row.name)));
    }
    let new = if wish.config { like(name, &src) } else { plain(name) };
    let id = create::create(cx, &new)?;
    // the tag is there before anything is in it
    cx.forget_event();
    let dst = access::get(cx, &Lookup::from(id))?;
    if wish.packages {
        let list = listing::list(cx, &Wanted::all(src.row.id).at(wish.event))?;
        copy::put(cx, &dst, &list, false)?;
        cx.forget_event();
    }
    if wish.builds {
        builds::copy(cx, wish, src.row.id, &dst)?;
    }
    if wish.groups {
        groups::copy(cx, wish, src.row.id, id)?;
        cx.forget_event();
    }
    Ok(())
}

fn plain(name: &str) -> NewTag {
    NewTag {
        name: name.to_owned(),
        parent: None,
        arches: Arches::Missing,
        perm: None,
        locked: false,
        maven_support: false,
        maven_include_all: false,
        extra: None,
    }
}

fn like(name: &str, src: &Tag) -> NewTag {
    NewTag {
        arches: src.row.arches.clone().map_or(Arches::Missing, Arches::Text),
        perm: src.row.perm_id.map(Lookup::from),
        locked: src.row.locked,
        maven_support: src.row.maven_support,
        maven_include_all: src.row.maven_include_all,
        extra: Some(src.extra.clone().into_iter().collect()),
        ..plain(name)
    }
}
