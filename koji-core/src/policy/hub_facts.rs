//! [`HubFacts`]: the hub's own answers to what policies ask.

use super::facts::{Build, Buildroot, Facts, Package, Tag, User};
use crate::api::Arg as _;
use crate::build::{BuildRef, row};
use crate::context::Cx;
use crate::db::{Lookup, Query, lookup};
use crate::tag::get::{self as tags, When};
use crate::tag::links;
use crate::task::kinds;
use crate::task::row::{self as tasks, Requests};
use crate::task::stored::Stored;
use crate::wire::Value;
use crate::{Error, Result, build, package, target, user};

/// The kind of users that are groups.
const USERTYPE_GROUP: i32 = 2;

/// Answers from the database, within the call that applies a policy.
pub struct HubFacts<'a, 'c>(pub &'a mut Cx<'c>);

impl HubFacts<'_, '_> {
    fn names(&mut self, query: &Query, column: &str) -> Result<Vec<String>> {
        query.clone().order(column).select(self.0.db, column)
    }
}

/// The content generator's name, the tag's id and name, the event of the repo.
type BuildrootParts = (Option<String>, Option<i64>, Option<String>, Option<i64>);

fn small(id: i64) -> Result<i32> {
    i32::try_from(id).map_err(|error| Error::generic(format!("No such thing: {id}")).caused_by(error))
}

impl Facts for HubFacts<'_, '_> {
    fn find_user(&mut self, user: Option<&Value>) -> Result<Option<User>> {
        let wanted = match user {
            Some(user) => Lookup::from_value(user)?,
            None => match self.0.user_id() {
                Ok(id) => Lookup::from(id),
                Err(_) => return Ok(None),
            },
        };
        let found = user::lookup::find(self.0, &wanted)?;
        Ok(found.map(|user| User { id: user.id.into(), name: user.name }))
    }

    fn user_groups(&mut self, user_id: i64) -> Result<Vec<(i64, String)>> {
        Query::from("user_groups")
            .join("users ON users.id = user_groups.group_id")
            .filter("user_groups.active = TRUE AND user_groups.user_id = ?", user_id)
            .order("users.name")
            .select(self.0.db, "users.id, users.name")
    }

    fn user_perms(&mut self, user_id: i64) -> Result<Vec<String>> {
        user::perms::of_user(self.0.db, small(user_id)?)
    }

    fn find_package(&mut self, package: &Value) -> Result<Option<Package>> {
        let found = package::lookup::find(self.0, &Lookup::from_value(package)?)?;
        Ok(found.map(|package| Package { id: Some(package.id.into()), name: package.name }))
    }

    fn find_build(&mut self, build: &Value) -> Result<Option<Build>> {
        let Some(found) = row::find(self.0, &BuildRef::take(build.clone())?)? else { return Ok(None) };
        let found = found.base;
        let usertype: Option<i32> =
            Query::from("users").filter("id = ?", found.owner_id).select_first(self.0.db, "usertype")?;
        Ok(Some(Build {
            id: found.build_id.into(),
            package: found.name,
            version: found.version,
            release: found.release,
            volume: found.volume_name,
            owner_id: found.owner_id.into(),
            owner_is_group: usertype == Some(USERTYPE_GROUP),
            draft: found.draft,
            source: found.source,
            task_id: found.task_id.map(Into::into),
        }))
    }

    fn build(&mut self, build: &Value) -> Result<Build> {
        let wanted = BuildRef::take(build.clone())?;
        self.find_build(build)?.ok_or_else(|| wanted.missing())
    }

    fn is_superseded(&mut self, draft_id: i64) -> Result<bool> {
        Ok(build::promoted::find(self.0, &BuildRef::Id(draft_id), true)?.is_some())
    }

    fn build_tags(&mut self, build_id: i64) -> Result<Vec<String>> {
        let query = Query::from("tag_listing")
            .join("tag ON tag.id = tag_listing.tag_id")
            .filter("tag_listing.active = TRUE AND tag_listing.build_id = ?", build_id);
        self.names(&query, "tag.name")
    }

    fn build_types(&mut self, build_id: i64) -> Result<Vec<String>> {
        let types = build::btype::of_build(self.0, &BuildRef::Id(build_id), true)?;
        Ok(types.unwrap_or_default().into_keys().collect())
    }

    fn build_buildroots(&mut self, build_id: i64) -> Result<Vec<Option<i64>>> {
        let of = |table: &str| Query::from(table).filter("build_id = ?", build_id).distinct();
        let mut all: Vec<Option<i64>> = of("rpminfo").select(self.0.db, "buildroot_id")?;
        all.extend(of("archiveinfo").select::<Option<i64>>(self.0.db, "buildroot_id")?);
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    fn buildroots(&mut self, buildroot_ids: &[i64]) -> Result<Vec<Buildroot>> {
        let rows: Vec<BuildrootParts> = Query::from("buildroot")
            .left_join("content_generator ON content_generator.id = buildroot.cg_id")
            .left_join("standard_buildroot ON standard_buildroot.buildroot_id = buildroot.id")
            .left_join("repo ON repo.id = standard_buildroot.repo_id")
            .left_join("tag ON tag.id = repo.tag_id")
            .filter("buildroot.id IN ?", buildroot_ids)
            .select(self.0.db, "content_generator.name, tag.id, tag.name, repo.create_event")?;
        if rows.len() < buildroot_ids.len() {
            return Err(Error::generic(format!("No such buildroot: one of {buildroot_ids:?}")));
        }
        let buildroot = |(content_generator, id, name, event): BuildrootParts| Buildroot {
            content_generator,
            tag: id.zip(name).map(|(id, name)| Tag { id, name, event }),
        };
        Ok(rows.into_iter().map(buildroot).collect())
    }

    fn content_generator(&mut self, generator: &Value) -> Result<String> {
        let wanted = Lookup::from_value(generator)?;
        Ok(lookup::get(self.0, "content_generator", "content_generator", &wanted)?.name)
    }

    fn find_tag(&mut self, tag: &Value) -> Result<Option<Tag>> {
        let found = tags::find_row(self.0, &Lookup::from_value(tag)?, None)?;
        Ok(found.map(|tag| Tag { id: tag.id.into(), name: tag.name, event: None }))
    }

    fn build_tag(&mut self, tag: &Value) -> Result<Tag> {
        let found = tags::get(self.0, &Lookup::from_value(tag)?, When::Auto)?;
        let event = found.query_event.map(Into::into);
        Ok(Tag { id: found.row.id.into(), name: found.row.name, event })
    }

    fn find_target_build_tag(&mut self, target: &Value) -> Result<Option<Tag>> {
        match target::get::find_named(self.0, &Lookup::from_value(target)?, None)? {
            Some(target) => self.build_tag(&Value::from(target.build_tag)).map(Some),
            None => Ok(None),
        }
    }

    fn ancestors(&mut self, tag: &Tag) -> Result<Vec<String>> {
        let event = tag.event.map(small).transpose()?;
        let links = links::ancestors(self.0, tag.id, event)?.links;
        Ok(links.into_iter().map(|link| link.edge.name.to_string()).collect())
    }

    fn find_volume(&mut self, volume: &Value) -> Result<Option<String>> {
        Ok(lookup::find(self.0, "volume", &Lookup::from_value(volume)?)?.map(|volume| volume.name))
    }

    fn find_task_source(&mut self, task_id: i64) -> Result<Option<String>> {
        let info = tasks::get(self.0, task_id, Requests::Decoded)?;
        let (Some(method), Some(Stored::Decoded(Value::Array(request)))) = (info.task.method, info.request)
        else {
            return Ok(None);
        };
        let Some(params) = kinds::params(&method, &request).transpose()? else { return Ok(None) };
        let names: &[&str] = match method.as_str() {
            "indirectionimage" => &[],
            "winbuild" => &["source_url"],
            "wrapperRPM" => &["spec_url"],
            _ => &["src", "url"],
        };
        let given =
            |name: &&str| params.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.as_str());
        Ok(names.iter().find_map(given).map(str::to_owned))
    }
}
