//! Making, changing and deleting external repositories.

use super::get::{self, ExternalRepoRow};
use crate::context::Cx;
use crate::db::lookup;
use crate::db::{Insert, Lookup, Update, versioned};
use crate::{Error, Result};

/// Makes an external repository. The name of a deleted one brings its id back.
pub fn create(cx: &mut Cx<'_>, name: &str, url: &str) -> Result<ExternalRepoRow> {
    cx.env.config.name_limits()?.verify_internal(name)?;
    let info = Lookup::from(name);
    if get::find_named(cx, &info, None)?.is_some() {
        return Err(Error::generic(format!("An external repo named \"{name}\" already exists")));
    }
    let id = match lookup::find(cx, "external_repo", &info)? {
        Some(deleted) => deleted.id,
        None => Insert::into("external_repo").set("name", name).returning(cx.db, "id")?,
    };
    let url = with_slash(url);
    write(cx, id, &url)?;
    Ok(ExternalRepoRow { id, name: name.to_owned(), url })
}

/// Changes the name or the URL of an external repository.
pub fn edit(cx: &mut Cx<'_>, repo: &ExternalRepoRow, name: Option<&str>, url: Option<&str>) -> Result<()> {
    if let Some(name) = name.filter(|name| !name.is_empty() && *name != repo.name) {
        rename(cx, repo.id, name)?;
    }
    let url = url.filter(|url| !url.is_empty() && *url != repo.url);
    if let Some(url) = url {
        versioned::revoke(cx, "external_repo_config", "external_repo_id = ?", repo.id)?;
        write(cx, repo.id, &with_slash(url))?;
    }
    Ok(())
}

/// Takes an external repository from all tags and deletes it.
pub fn delete(cx: &mut Cx<'_>, repo: &ExternalRepoRow) -> Result<()> {
    versioned::revoke(cx, "tag_external_repos", "external_repo_id = ?", repo.id)?;
    versioned::revoke(cx, "external_repo_config", "external_repo_id = ?", repo.id).map(drop)
}

fn rename(cx: &mut Cx<'_>, id: i32, name: &str) -> Result<()> {
    cx.env.config.name_limits()?.verify_internal(name)?;
    if let Some(other) = lookup::find(cx, "external_repo", &Lookup::from(name))? {
        return Err(Error::generic(format!(
            "name \"{name}\" is already taken by external repo {}",
            other.id
        )));
    }
    Update::table("external_repo").set("name", name).filter("id = ?", id).execute(cx.db).map(drop)
}

fn write(cx: &mut Cx<'_>, id: i32, url: &str) -> Result<()> {
    let config = Insert::into("external_repo_config").set("external_repo_id", id).set("url", url);
    versioned::create(cx, config)
}

/// A URL always ends with a slash.
fn with_slash(url: &str) -> String {
    if url.ends_with('/') { url.to_owned() } else { format!("{url}/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slash_at_the_end() {
        assert_eq!(with_slash("http://a/$arch"), "http://a/$arch/");
        assert_eq!(with_slash("http://a/$arch/"), "http://a/$arch/");
    }
}
