//! Methods about external repositories and the tags that use them.

use super::cast::{EventId, IntLike, KeyText, NameText, Truthy};
use super::later::Later;
use crate::arch::Separators;
use crate::context::Cx;
use crate::db::{Lookup, QueryOpts, Rows};
use crate::external_repo::edit;
use crate::external_repo::get::{self, ExternalRepoRow, Wanted};
use crate::external_repo::link::{self, TagRepoRow};
use crate::external_repo::link_edit::{self, DEFAULT_MERGE_MODE, Usage, UsageChange};
use crate::methods;
use crate::tag::create::Arches;
use crate::tag::get::TagRow;
use crate::{Error, Result};

methods! {
    /// Makes an external repository. Its URL ends with a slash, which is added if need be.
    write Perm("admin") => CreateExternalRepo "createExternalRepo" (name: NameText, url: Option<String>)
        -> ExternalRepoRow = |m, cx| {
            let url = m.url.ok_or_else(|| Error::unforeseen("an external repo needs a url"))?;
            edit::create(cx, &m.name.0, &url)
        };

    /// Lists external repositories: all, one, or those with a URL.
    read Anyone => ListExternalRepos "listExternalRepos" (
        info: Option<Lookup> = None, url: Truthy<String> = Truthy(None), event: Option<EventId> = None,
        queryOpts: QueryOpts = QueryOpts::default()
    ) -> Rows<ExternalRepoRow> = |m, cx| {
        get::list(cx, &Wanted { info: m.info, url: m.url.0, event: m.event.map(i32::from) }, &m.queryOpts)
    };

    /// An external repository, now or at an event.
    read Anyone => GetExternalRepo "getExternalRepo"
        (info: Option<Lookup>, strict: bool = false, event: Option<EventId> = None) -> Option<ExternalRepoRow>
        = |m, cx| one(cx, m.info, m.strict, m.event);

    /// Changes the name or the URL of an external repository.
    write Perm("admin") => EditExternalRepo "editExternalRepo"
        (info: Option<Lookup>, name: Later<Option<NameText>> = None.into(), url: Later<Option<String>> = None.into())
        -> () = |m, cx| {
            let repo = named(cx, m.info)?;
            let (name, url) = (m.name.read("name")?, m.url.read("url")?);
            edit::edit(cx, &repo, name.as_ref().map(|name| name.0.as_str()), url.as_deref())
        };

    /// Takes an external repository from all tags and deletes it.
    write Perm("admin") => DeleteExternalRepo "deleteExternalRepo" (info: Option<Lookup>) -> ()
        = |m, cx| { let repo = named(cx, m.info)?; edit::delete(cx, &repo) };

    /// Gives an external repository to a tag.
    write Perm("tag") => AddExternalRepoToTag "addExternalRepoToTag" (
        tag_info: Lookup, repo_info: Later<Option<Lookup>>, priority: Later<IntLike>,
        merge_mode: Option<KeyText> = Some(DEFAULT_MERGE_MODE.into()), arches: Later<Arches> = Arches::Missing.into()
    ) -> () = |m, cx| {
        let merge_mode = m.merge_mode.map_or_else(|| DEFAULT_MERGE_MODE.to_owned(), |mode| mode.0);
        link_edit::check_mode(&merge_mode)?;
        let (tag, repo) = both(cx, &m.tag_info, m.repo_info)?;
        let arches = m.arches.read("arches")?.normalize(Separators::Loose)?;
        let priority = m.priority.read("priority")?.small()?;
        link_edit::add(cx, &tag, &repo, &Usage { priority, merge_mode, arches })
    };

    /// Takes an external repository from a tag.
    write Perm("tag") => RemoveExternalRepoFromTag "removeExternalRepoFromTag"
        (tag_info: Lookup, repo_info: Later<Option<Lookup>>) -> () = |m, cx| {
            let (tag, repo) = both(cx, &m.tag_info, m.repo_info)?;
            link_edit::remove(cx, &tag, &repo)
        };

    /// Changes how a tag uses an external repository; whether there was anything to change.
    write Perm("tag") => EditTagExternalRepo "editTagExternalRepo" (
        tag_info: Lookup, repo_info: Later<Option<Lookup>>, priority: Later<Option<IntLike>> = None.into(),
        merge_mode: Later<Option<KeyText>> = None.into(), arches: Later<Arches> = Arches::Missing.into()
    ) -> bool = |m, cx| {
        let (tag, repo) = both(cx, &m.tag_info, m.repo_info)?;
        link_edit::edit(cx, &tag, &repo, || {
            let arches = m.arches.read("arches")?.normalize(Separators::Strict)?;
            let merge_mode = m.merge_mode.read("merge_mode")?.map(|mode| mode.0);
            let priority = m.priority.read("priority")?.map(IntLike::small).transpose()?;
            Ok(UsageChange { priority, merge_mode, arches })
        })
    };

    /// External repositories in tags, by priority: those of a tag, or the tags of a repository, or all.
    read Anyone => GetTagExternalRepos "getTagExternalRepos"
        (tag_info: Truthy<Lookup> = Truthy(None), repo_info: Truthy<Lookup> = Truthy(None), event: Option<EventId> = None)
        -> Vec<TagRepoRow> = |m, cx| {
            link::list(cx, m.tag_info.0.as_ref(), m.repo_info.0.as_ref(), m.event.map(i32::from))
        };

    /// The external repositories that a tag uses, itself or by inheritance, each once.
    read Anyone => GetExternalRepoList "getExternalRepoList" (tag_info: Lookup, event: Option<EventId> = None)
        -> Vec<TagRepoRow> = |m, cx| link::inherited(cx, &m.tag_info, m.event.map(i32::from));
}

/// The external repository that is named; without a name the only one.
fn named(cx: &mut Cx<'_>, info: Option<Lookup>) -> Result<ExternalRepoRow> {
    one(cx, info, true, None)?.ok_or_else(|| Error::generic("There is no external repo"))
}

fn both(cx: &mut Cx<'_>, tag: &Lookup, repo: Later<Option<Lookup>>) -> Result<(TagRow, ExternalRepoRow)> {
    let tag = crate::tag::get::get_row(cx, tag, None)?;
    let repo = repo.read("repo_info")?;
    Ok((tag, named(cx, repo)?))
}

fn one(
    cx: &mut Cx<'_>,
    info: Option<Lookup>,
    strict: bool,
    event: Option<EventId>,
) -> Result<Option<ExternalRepoRow>> {
    let wanted = Wanted { info, url: None, event: event.map(i32::from) };
    match get::find(cx, &wanted)? {
        None if strict => Err(wanted
            .info
            .as_ref()
            .map_or_else(|| Error::generic("There is no external repo"), get::missing)),
        found => Ok(found),
    }
}
