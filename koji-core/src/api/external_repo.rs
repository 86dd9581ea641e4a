//! Methods about external repositories and the tags that use them.

use super::cast::{EventId, IntLike, NameText, Truthy};
use crate::arch::Separators;
use crate::context::Cx;
use crate::db::{Lookup, QueryOpts, Rows};
use crate::external_repo::edit;
use crate::external_repo::get::{self, ExternalRepoRow, Wanted};
use crate::external_repo::link::{self, TagRepoRow};
use crate::external_repo::link_edit::{self, DEFAULT_MERGE_MODE, Usage, UsageChange};
use crate::methods;
use crate::tag::create::Arches;
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
        (info: Lookup, name: Option<NameText> = None, url: Option<String> = None) -> ()
        = |m, cx| edit::edit(cx, &m.info, m.name.as_ref().map(|name| name.0.as_str()), m.url.as_deref());

    /// Takes an external repository from all tags and deletes it.
    write Perm("admin") => DeleteExternalRepo "deleteExternalRepo" (info: Lookup) -> ()
        = |m, cx| edit::delete(cx, &m.info);

    /// Gives an external repository to a tag.
    write Perm("tag") => AddExternalRepoToTag "addExternalRepoToTag" (
        tag_info: Lookup, repo_info: Lookup, priority: IntLike,
        merge_mode: Option<String> = Some(DEFAULT_MERGE_MODE.to_owned()), arches: Arches = Arches::Missing
    ) -> () = |m, cx| {
        let merge_mode = m.merge_mode.unwrap_or_else(|| DEFAULT_MERGE_MODE.to_owned());
        let arches = m.arches.normalize(Separators::Loose)?;
        link_edit::add(cx, &m.tag_info, &m.repo_info, &Usage { priority: m.priority.small()?, merge_mode, arches })
    };

    /// Takes an external repository from a tag.
    write Perm("tag") => RemoveExternalRepoFromTag "removeExternalRepoFromTag"
        (tag_info: Lookup, repo_info: Lookup) -> () = |m, cx| link_edit::remove(cx, &m.tag_info, &m.repo_info);

    /// Changes how a tag uses an external repository; whether there was anything to change.
    write Perm("tag") => EditTagExternalRepo "editTagExternalRepo" (
        tag_info: Lookup, repo_info: Lookup, priority: Option<IntLike> = None, merge_mode: Option<String> = None,
        arches: Arches = Arches::Missing
    ) -> bool = |m, cx| {
        let priority = m.priority.map(IntLike::small).transpose()?;
        let change = UsageChange { priority, merge_mode: m.merge_mode, arches: m.arches };
        link_edit::edit(cx, &m.tag_info, &m.repo_info, &change)
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
