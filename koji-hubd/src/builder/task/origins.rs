//! [`Origins`]: which external repository each rpm of a repository comes from.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use koji_core::api::external_repo::GetExternalRepoList;
use koji_core::client::{Expected, field};
use koji_core::compose::external::External;
use koji_core::{Error, Fault, Result};

use super::run::{Run, need_text};
use crate::builder::buildroot::BuildRoot;
use crate::builder::files;

/// The origins of a repository's rpms; without external repositories all are the hub's own.
#[derive(Debug, Default)]
pub(super) struct Origins {
    /// The name of each external repository by its URL; nothing if there are none.
    repos: HashMap<String, String>,
    /// The URL that each rpm comes from.
    urls: HashMap<String, String>,
    /// How the URL of the hub's own rpms ends: they were a repository of their own before all were merged.
    own: String,
}

impl Origins {
    /// Reads what the repository of a buildroot tells.
    pub(super) fn load(run: &mut Run, root: &BuildRoot) -> Result<Self> {
        let event = root.event.map(Into::into);
        let answer = run.ask(GetExternalRepoList { event, ..GetExternalRepoList::new(root.tag_id) })?;
        let mut origins = Self { own: format!("/repo_{}_premerge/", root.repo_id), ..Self::default() };
        for repo in answer.as_array().unwrap_or_default() {
            let url = need_text(repo, "url")?.replace("$arch", &root.arch);
            origins
                .repos
                .insert(url, field(repo, "external_repo_name").as_str().unwrap_or_default().to_owned());
        }
        if origins.repos.is_empty() {
            return Ok(origins);
        }
        let wrong = |text: String| Error::new(Fault::Buildroot, text);
        let index = local(run, &format!("{}/repodata/repomd.xml", root.repo_dir))?;
        let dir =
            index.ancestors().nth(2).ok_or_else(|| wrong(format!("{} is no repository", index.display())))?;
        let repository = External::open(dir)?;
        let href = repository
            .href("origin")
            .ok_or_else(|| wrong(format!("{} does not tell the origins of its packages", root.repo_dir)))?;
        let path = local(run, &format!("{}/{href}", root.repo_dir))?;
        let file = File::open(&path).map_err(|error| Error::io(&path, error))?;
        let mut text = String::new();
        let read = flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text);
        read.map_err(|error| Error::io(&path, error))?;
        origins.urls = parse(&text);
        Ok(origins)
    }

    /// The name of the external repository that an rpm comes from.
    pub(super) fn repo_of(&self, nvra: &str) -> Option<String> {
        self.repos.get(self.urls.get(nvra)?).cloned()
    }

    /// Refuses an rpm that comes from nowhere known.
    pub(super) fn check(&self, nvra: &str) -> Result<()> {
        if self.repos.is_empty() {
            return Ok(());
        }
        match self.urls.get(nvra) {
            None => Err(Error::build(format!("No origin for {nvra}"))),
            Some(url) if self.repos.contains_key(url) => Ok(()),
            Some(url) if url.starts_with("file://") && url.ends_with(&self.own) => Ok(()),
            Some(url) => Err(Error::build(format!("Unknown origin for {nvra}: {url}"))),
        }
    }
}

fn local(run: &Run, relative: &str) -> Result<PathBuf> {
    files::local_path(&run.settings, run.workdir(), relative, &Expected::default())
}

/// The lines of the list: an rpm, perhaps with its epoch in front, and where it comes from.
fn parse(text: &str) -> HashMap<String, String> {
    let line = |line: &str| {
        let (nvra, url) = line.split_once(char::is_whitespace)?;
        let bare = nvra.split_once(':').filter(|(epoch, _)| epoch.parse::<u64>().is_ok());
        Some((bare.map_or(nvra, |(_, rest)| rest).to_owned(), url.trim().to_owned()))
    };
    text.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_and_external_rpms_are_told_apart() {
        let origins = Origins {
            repos: HashMap::from([("http://h/x86_64".to_owned(), "elsewhere".to_owned())]),
            urls: parse(
                "1:zsh-5-1.x86_64\thttp://h/x86_64\nbash-5-1.x86_64\tfile:///w/repo_7_premerge/\na-1-1.x86_64\tftp://x\n",
            ),
            own: "/repo_7_premerge/".into(),
        };
        assert_eq!(origins.repo_of("zsh-5-1.x86_64").as_deref(), Some("elsewhere"));
        assert_eq!(origins.repo_of("bash-5-1.x86_64"), None);
        assert!(origins.check("zsh-5-1.x86_64").is_ok() && origins.check("bash-5-1.x86_64").is_ok());
        assert!(origins.check("a-1-1.x86_64").unwrap_err().message.contains("Unknown origin"));
        assert!(origins.check("b-1-1.x86_64").unwrap_err().message.contains("No origin"));
        assert!(Origins::default().check("b-1-1.x86_64").is_ok());
    }
}
