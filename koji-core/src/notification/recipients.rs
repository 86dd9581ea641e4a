//! Who is to get a mail about a build: whoever wants it, the build's owner and the package's owner in the tag,
//! less those who do not want it. Only people and groups that are not disabled.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::subscription::address;
use crate::Result;
use crate::build::BuildRow;
use crate::context::Cx;
use crate::db::Query;
use crate::package::listing::{self, Wanted};
use crate::user::setup::usertype;

/// What there is to tell.
pub struct About<'a> {
    /// Of which build
    pub build: &'a BuildRow,
    /// The tag that it is about, if it is about one
    pub tag: Option<i32>,
    /// Whether it went well
    pub success: bool,
}

/// A wish for mails, or for none: of a package and a tag, or of any.
struct Wish {
    package: Option<i32>,
    tag: Option<i32>,
    user: i32,
    email: String,
    success_only: bool,
}

impl Wish {
    fn is_for(&self, about: &About<'_>) -> bool {
        self.package.is_none_or(|package| package == about.build.package_id)
            && (self.tag.is_none() || self.tag == about.tag)
            && (about.success || !self.success_only)
    }
}

/// The addresses for each, each once.
pub fn of_each(cx: &mut Cx<'_>, about: &[About<'_>]) -> Result<Vec<Vec<String>>> {
    let wishes = wishes(cx, about)?;
    let tells_success = cx.env.config.flag("NotifyOnSuccess");
    let tells_owners = |about: &About<'_>| !about.success || tells_success;
    let for_owners: Vec<&About<'_>> = about.iter().filter(|about| tells_owners(about)).collect();
    let owners = package_owners(cx, &for_owners)?;
    let recipients = |about: &About<'_>| -> Vec<(i32, String)> {
        let wishes = wishes.iter().filter(|wish| wish.is_for(about));
        let mut list: Vec<(i32, String)> = wishes.map(|wish| (wish.user, wish.email.clone())).collect();
        if tells_owners(about) {
            list.push((about.build.owner_id, address(cx, &about.build.owner_name)));
            list.extend(about.tag.and_then(|tag| owners.get(&(tag, about.build.package_id))).cloned());
        }
        list
    };
    let mut lists: Vec<Vec<(i32, String)>> = about.iter().map(recipients).collect();
    let users = lists.iter().flatten().map(|(user, _)| *user).collect();
    let blocks = blocks(cx, users)?;
    for (list, about) in lists.iter_mut().zip(about) {
        let unwilling: HashSet<i32> =
            blocks.iter().filter(|block| block.is_for(about)).map(|block| block.user).collect();
        let mut seen = HashSet::new();
        list.retain(|(user, email)| !unwilling.contains(user) && seen.insert(email.clone()));
    }
    Ok(lists.into_iter().map(|list| list.into_iter().map(|(_, email)| email).collect()).collect())
}

/// Who wants mails of these packages, or of all.
fn wishes(cx: &mut Cx<'_>, about: &[About<'_>]) -> Result<Vec<Wish>> {
    let packages: Vec<i32> = about.iter().map(|about| about.build.package_id).collect();
    type Cells = (Option<i32>, Option<i32>, i32, String, bool);
    let rows: Vec<Cells> = Query::from("build_notifications")
        .join("users ON users.id = build_notifications.user_id")
        .filter("package_id IN ? OR package_id IS NULL", packages)
        .filter("users.status = 0", ())
        .filter("users.usertype IN ?", vec![usertype::NORMAL, usertype::GROUP])
        .order("build_notifications.id")
        .select(cx.db, "package_id, tag_id, build_notifications.user_id, email, success_only")?;
    let wish = |(package, tag, user, email, success_only)| Wish { package, tag, user, email, success_only };
    Ok(rows.into_iter().map(wish).collect())
}

/// Of what these users want no mails.
fn blocks(cx: &mut Cx<'_>, users: Vec<i32>) -> Result<Vec<Wish>> {
    let rows: Vec<(Option<i32>, Option<i32>, i32)> = Query::from("build_notifications_block")
        .filter("user_id IN ?", users)
        .select(cx.db, "package_id, tag_id, user_id")?;
    let block = |(package, tag, user)| Wish { package, tag, user, email: String::new(), success_only: false };
    Ok(rows.into_iter().map(block).collect())
}

/// Who owns the packages in the tags, if they are not blocked there: by tag and package.
fn package_owners(cx: &mut Cx<'_>, about: &[&About<'_>]) -> Result<HashMap<(i32, i32), (i32, String)>> {
    let mut by_tag: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for about in about {
        if let Some(tag) = about.tag {
            by_tag.entry(tag).or_default().push(about.build.package_id);
        }
    }
    let mut owned = Vec::new();
    // what a tag inherits is read tag by tag: the builds of a call have one target, or few
    for (tag, packages) in by_tag {
        let entries = listing::list(cx, &Wanted { packages: Some(packages), ..Wanted::all(tag) })?;
        let entries = entries.into_iter().filter(|entry| !entry.blocked);
        owned.extend(entries.filter_map(|entry| Some(((tag, entry.package_id), entry.owner_id?))));
    }
    let owners: Vec<i32> = owned.iter().map(|(_, owner)| *owner).collect();
    let people: Vec<(i32, String)> = Query::from("users")
        .filter("id IN ?", owners)
        .filter("status = 0 AND usertype = ?", usertype::NORMAL)
        .select(cx.db, "id, name")?;
    let people: HashMap<i32, String> =
        people.into_iter().map(|(id, name)| (id, address(cx, &name))).collect();
    let known = |(of, owner): ((i32, i32), i32)| Some((of, (owner, people.get(&owner)?.clone())));
    Ok(owned.into_iter().filter_map(known).collect())
}
