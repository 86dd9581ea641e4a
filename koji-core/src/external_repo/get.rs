//! External repositories, now or at an event.

use crate::context::Cx;
use crate::db::{Lookup, Query, QueryOpts, Rows};
use crate::{Error, Result};

crate::row! {
    /// An external repository.
    pub struct ExternalRepoRow {
        /// Its id
        pub id: i32 = "external_repo.id",
        /// Its name; names have no history
        pub name: String = "external_repo.name",
        /// Where it is; `$arch` stands for the arch
        pub url: String = "external_repo_config.url",
    }
}

/// Which external repositories to list.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// This one
    pub info: Option<Lookup>,
    /// Those with exactly this URL
    pub url: Option<String>,
    /// As they were at an event
    pub event: Option<i32>,
}

/// Lists external repositories.
pub fn list(cx: &mut Cx<'_>, wanted: &Wanted, opts: &QueryOpts) -> Result<Rows<ExternalRepoRow>> {
    query(wanted).rows(cx.db, opts)
}

/// The one external repository that is wanted; more than one is an error.
pub fn find(cx: &mut Cx<'_>, wanted: &Wanted) -> Result<Option<ExternalRepoRow>> {
    let mut found = query(wanted).limit(2).load::<ExternalRepoRow>(cx.db)?;
    if found.len() > 1 {
        return Err(Error::generic("More than one external repo; name one"));
    }
    Ok(found.pop())
}

/// An external repository by its name or id.
pub fn find_named(cx: &mut Cx<'_>, info: &Lookup, event: Option<i32>) -> Result<Option<ExternalRepoRow>> {
    find(cx, &Wanted { info: Some(info.clone()), url: None, event })
}

/// An external repository by its name or id.
pub fn get(cx: &mut Cx<'_>, info: &Lookup, event: Option<i32>) -> Result<ExternalRepoRow> {
    find_named(cx, info, event)?.ok_or_else(|| missing(info))
}

/// The error of an external repository that is not there, or deleted.
pub fn missing(info: &Lookup) -> Error {
    Error::generic(format!("No such external repo: {info}"))
}

fn query(wanted: &Wanted) -> Query {
    let query = Query::from("external_repo")
        .join("external_repo_config ON external_repo_config.external_repo_id = external_repo.id")
        .at("external_repo_config", wanted.event)
        .filter_some("external_repo_config.url = ?", wanted.url.as_deref());
    match &wanted.info {
        Some(info) => info.condition(query, "external_repo"),
        None => query,
    }
}
