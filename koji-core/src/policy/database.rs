//! What policies want to know, from the database.

use super::facts::{Build, Buildroot, Facts, Package, Tag, User};
use crate::api::Arg as _;
use crate::build::{self, BuildRef};
use crate::context::Cx;
use crate::db::{Lookup, Query, lookup};
use crate::tag::ancestors;
use crate::tag::get::{self as tags, When};
use crate::wire::Value;
use crate::{Error, Result, target, task, user};

/// The database of a call, asked by policies.
pub(super) struct Database<'a, 'c>(pub(super) &'a mut Cx<'c>);

impl Database<'_, '_> {
    fn tag(&mut self, tag: &Value, when: When) -> Result<Option<Tag>> {
        let found = tags::find(self.0, &Lookup::from_value(tag)?, when)?;
        Ok(found.map(|tag| Tag {
            id: tag.row.id.into(),
            name: tag.row.name,
            event: tag.query_event.map(Into::into),
        }))
    }
}

impl Facts for Database<'_, '_> {
    fn find_user(&mut self, user: Option<&Value>) -> Result<Option<User>> {
        let found = match user {
            Some(user) => user::lookup::find(self.0, &Lookup::from_value(user)?)?,
            None => match self.0.user_id() {
                Ok(id) => user::lookup::find(self.0, &id.into())?,
                Err(_) => None,
            },
        };
        Ok(found.map(|user| User { id: user.id.into(), name: user.name }))
    }

    fn user_groups(&mut self, user_id: i64) -> Result<Vec<(i64, String)>> {
        Query::from("user_groups")
            .join("users ON users.id = user_groups.group_id")
            .filter("user_groups.active = TRUE AND user_groups.user_id = ? AND users.usertype = 2", user_id)
            .order("users.id")
            .select(self.0.db, "users.id, users.name")
    }

    fn user_perms(&mut self, user_id: i64) -> Result<Vec<String>> {
        let user = i32::try_from(user_id).map_err(|_| Error::generic(format!("No such user: {user_id}")))?;
        user::perms::of_user(self.0.db, user)
    }

    fn find_package(&mut self, package: &Value) -> Result<Option<Package>> {
        let found = lookup::find(self.0, "package", &Lookup::from_value(package)?)?;
        Ok(found.map(|package| Package { id: Some(package.id.into()), name: package.name }))
    }

    fn build(&mut self, build: &Value) -> Result<Build> {
        let by_id = build.get("id").or_else(|| build.get("build_id")).unwrap_or(build);
        let row = build::row::get(self.0, &BuildRef::take(by_id.clone())?)?;
        let owner_is_group = Query::from("users")
            .filter("id = ? AND usertype = 2", row.owner_id)
            .exists(self.0.db)?;
        Ok(Build {
            id: row.id.into(),
            package: row.name,
            version: row.version,
            release: row.release,
            volume: row.volume_name,
            owner_id: row.owner_id.into(),
            owner_is_group,
            draft: row.draft,
            source: row.source,
            task_id: row.task_id.map(Into::into),
        })
    }

    fn build_tags(&mut self, build_id: i64) -> Result<Vec<String>> {
        Query::from("tag_listing")
            .join("tag ON tag.id = tag_listing.tag_id")
            .filter("tag_listing.active = TRUE AND tag_listing.build_id = ?", build_id)
            .order("tag.name")
            .select(self.0.db, "tag.name")
    }

    fn build_types(&mut self, build_id: i64) -> Result<Vec<String>> {
        Query::from("build_types")
            .join("btype ON btype.id = build_types.btype_id")
            .filter("build_types.build_id = ?", build_id)
            .order("btype.name")
            .select(self.0.db, "btype.name")
    }

    fn build_buildroots(&mut self, build_id: i64) -> Result<Vec<Option<i64>>> {
        let mut ids = Vec::new();
        for table in ["rpminfo", "archiveinfo"] {
            ids.extend(
                Query::from(table)
                    .filter("build_id = ?", build_id)
                    .distinct()
                    .select::<Option<i64>>(self.0.db, "buildroot_id")?,
            );
        }
        Ok(ids)
    }

    fn buildroots(&mut self, buildroot_ids: &[i64]) -> Result<Vec<Buildroot>> {
        type Row = (Option<String>, Option<i64>, Option<String>, Option<i64>);
        let rows: Vec<Row> = Query::from("buildroot")
            .left_join("content_generator ON content_generator.id = buildroot.cg_id")
            .left_join("standard_buildroot ON standard_buildroot.buildroot_id = buildroot.id")
            .left_join("repo ON repo.id = standard_buildroot.repo_id")
            .left_join("tag ON tag.id = repo.tag_id")
            .filter("buildroot.id IN ?", buildroot_ids)
            .select(self.0.db, "content_generator.name, tag.id, tag.name, repo.create_event")?;
        let buildroot = |(content_generator, id, name, event): Row| Buildroot {
            content_generator,
            tag: id.zip(name).map(|(id, name)| Tag { id, name, event }),
        };
        Ok(rows.into_iter().map(buildroot).collect())
    }

    fn content_generator(&mut self, generator: &Value) -> Result<String> {
        let generator = Lookup::from_value(generator)?;
        Ok(lookup::get(self.0, "content_generator", "content generator", &generator)?.name)
    }

    fn find_tag(&mut self, tag: &Value) -> Result<Option<Tag>> {
        self.tag(tag, When::Now)
    }

    fn build_tag(&mut self, tag: &Value) -> Result<Tag> {
        self.tag(tag, When::Auto)?.ok_or_else(|| Error::generic(format!("No such tag: {tag:?}")))
    }

    fn find_target_build_tag(&mut self, target: &Value) -> Result<Option<Tag>> {
        let found = target::get::find_named(self.0, &Lookup::from_value(target)?, None)?;
        Ok(found.map(|target| Tag { id: target.build_tag.into(), name: target.build_tag_name, event: None }))
    }

    fn ancestors(&mut self, tag: &Tag) -> Result<Vec<String>> {
        let narrow = |id: i64| i32::try_from(id).map_err(|_| Error::generic(format!("No such tag: {id}")));
        let event = tag.event.map(narrow).transpose()?;
        let links = ancestors::links(self.0, narrow(tag.id)?, event)?;
        Ok(links.iter().map(|link| link.edge.name.to_string()).collect())
    }

    fn find_volume(&mut self, volume: &Value) -> Result<Option<String>> {
        Ok(lookup::find(self.0, "volume", &Lookup::from_value(volume)?)?.map(|volume| volume.name))
    }

    fn find_task_source(&mut self, task_id: i64) -> Result<Option<String>> {
        let about = task::about::task(self.0, task_id)?;
        let source = about.into_iter().find(|(name, _)| name == "source").map(|(_, value)| value);
        Ok(source.and_then(|source| source.as_str().map(str::to_owned)))
    }
}
