//! [`Plan`]: the commands that check sources out, and where the sources are then.

use std::path::{Path, PathBuf};

use koji_core::{Error, Result};

use super::url::{Kind, ScmUrl, base_name};

/// A program with its arguments.
pub type Command = Vec<String>;

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Gets the sources.
    pub module: Command,
    /// Then, in [`Plan::update_dir`], goes to the revision.
    pub update: Vec<Command>,
    /// What goes to the revision if that fails, as with an abbreviated commit.
    pub recovery: Option<Command>,
    /// Where those two run.
    pub update_dir: PathBuf,
    /// Gets the directory `common`.
    pub common: Command,
    /// What the programs must find in their environment.
    pub env: Vec<(&'static str, String)>,
    /// Where the sources are.
    pub source_dir: PathBuf,
}

impl Plan {
    /// Plans to check out below a directory, in which all but the updates run.
    ///
    /// # Errors
    /// When the kind of version control needs a user and the address has none.
    pub fn new(url: &ScmUrl, dir: &Path) -> Result<Self> {
        match url.kind {
            Kind::Git => Ok(git(url, dir, &format!("{}{}{}", url.transport(), url.netloc(), url.repository))),
            Kind::GitSsh => {
                let user = need_user(url)?;
                Ok(git(url, dir, &format!("git+ssh://{user}@{}{}", url.host, url.repository)))
            }
            Kind::Svn => Ok(svn(url, dir, &format!("{}{}{}", url.transport(), url.host, url.repository))),
            Kind::SvnSsh => {
                let user = need_user(url)?;
                Ok(svn(url, dir, &format!("svn+ssh://{user}@{}{}", url.host, url.repository)))
            }
            Kind::Cvs => {
                let user = url.user.as_deref().unwrap_or("anonymous");
                Ok(cvs(url, dir, &format!(":pserver:{user}@{}{}", cvs_host(url), url.repository)))
            }
            Kind::CvsSsh => {
                let user = need_user(url)?;
                let plan = cvs(url, dir, &format!(":ext:{user}@{}{}", cvs_host(url), url.repository));
                Ok(Plan { env: vec![("CVS_RSH", "ssh".to_owned())], ..plan })
            }
        }
    }
}

fn need_user(url: &ScmUrl) -> Result<&str> {
    url.user.as_deref().ok_or_else(|| {
        Error::build(format!("No user specified for repository access scheme: {}", url.scheme))
    })
}

/// A host as CVS has it before a path: with a colon, unless a port follows it.
fn cvs_host(url: &ScmUrl) -> String {
    if url.host.contains(':') { url.host.clone() } else { format!("{}:", url.host) }
}

fn words(words: &[&str]) -> Command {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn git(url: &ScmUrl, dir: &Path, repository: &str) -> Plan {
    let checkout = dir.join(url.checkout_name());
    // what is fetched is named as the server names it
    let wanted = url.revision.strip_prefix("origin/").unwrap_or(&url.revision);
    let target = checkout.to_string_lossy();
    Plan {
        module: words(&["git", "clone", "-n", repository, &target]),
        update: vec![
            words(&["git", "fetch", "origin", &format!("{wanted}:KOJI_FETCH_HEAD")]),
            words(&["git", "reset", "--hard", "KOJI_FETCH_HEAD"]),
        ],
        recovery: Some(words(&["git", "reset", "--hard", &url.revision])),
        common: words(&["git", "clone", &common_of(repository), "common"]),
        env: vec![],
        source_dir: checkout.join(&url.module),
        update_dir: checkout,
    }
}

/// The repository `common` beside another, of the same form: bare or with its files.
fn common_of(repository: &str) -> String {
    let beside =
        |path: &str| path.strip_suffix(base_name(path)).unwrap_or(path).trim_end_matches('/').to_owned();
    if let Some(path) = repository.strip_suffix("/.git") {
        format!("{}/common/.git", beside(path))
    } else if let Some(path) = repository.strip_suffix(".git") {
        format!("{}/common.git", beside(path))
    } else {
        format!("{}/common", beside(repository))
    }
}

fn svn(url: &ScmUrl, dir: &Path, server: &str) -> Plan {
    let from = format!("{server}/{}", url.module);
    Plan {
        module: words(&["svn", "checkout", "--non-interactive", "-r", &url.revision, &from, &url.module]),
        common: words(&["svn", "checkout", "--non-interactive", &format!("{server}/common")]),
        ..only_module(url, dir)
    }
}

fn cvs(url: &ScmUrl, dir: &Path, root: &str) -> Plan {
    Plan {
        module: words(&["cvs", "-d", root, "checkout", "-r", &url.revision, &url.module]),
        common: words(&["cvs", "-d", root, "checkout", "common"]),
        ..only_module(url, dir)
    }
}

/// A plan for what needs no second step.
fn only_module(url: &ScmUrl, dir: &Path) -> Plan {
    Plan {
        module: vec![],
        update: vec![],
        recovery: None,
        update_dir: dir.to_owned(),
        common: vec![],
        env: vec![],
        source_dir: dir.join(&url.module),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(url: &str) -> Result<Plan> {
        Plan::new(&ScmUrl::parse(url, true).unwrap(), Path::new("/scm"))
    }

    fn line(command: &[String]) -> String {
        command.join(" ")
    }

    #[test]
    fn git_repositories_are_cloned_and_the_revision_fetched() {
        let plan = plan("git+https://bob:pw@h/rpms/foo?sub#origin/main").unwrap();
        assert_eq!(line(&plan.module), "git clone -n https://bob@h/rpms/foo /scm/foo");
        assert_eq!(line(&plan.update[0]), "git fetch origin main:KOJI_FETCH_HEAD");
        assert_eq!(line(&plan.update[1]), "git reset --hard KOJI_FETCH_HEAD");
        assert_eq!(plan.recovery.as_deref().map(line).as_deref(), Some("git reset --hard origin/main"));
        assert_eq!(line(&plan.common), "git clone https://bob@h/rpms/common common");
        assert_eq!(
            (plan.update_dir.as_path(), plan.source_dir.as_path()),
            (Path::new("/scm/foo"), Path::new("/scm/foo/sub"))
        );
    }

    #[test]
    fn the_common_repository_has_the_form_of_the_other() {
        let common = |url: &str| line(&plan(url).unwrap().common);
        assert_eq!(common("git://h/foo#x"), "git clone git://h/common common");
        assert_eq!(common("git://h/a/foo.git#x"), "git clone git://h/a/common.git common");
        assert_eq!(common("git+ssh://u@h/a/foo/.git#x"), "git clone git+ssh://u@h/a/common/.git common");
    }

    #[test]
    fn others_are_checked_out_at_once() {
        let svn = plan("svn+http://h/repo?trunk/foo#12").unwrap();
        assert_eq!(
            line(&svn.module),
            "svn checkout --non-interactive -r 12 http://h/repo/trunk/foo trunk/foo"
        );
        assert_eq!(line(&svn.common), "svn checkout --non-interactive http://h/repo/common");
        assert_eq!((svn.update.len(), svn.source_dir.as_path()), (0, Path::new("/scm/trunk/foo")));
        let cvs = plan("cvs://h/cvsroot?foo/F-1#tag").unwrap();
        assert_eq!(line(&cvs.module), "cvs -d :pserver:anonymous@h:/cvsroot checkout -r tag foo/F-1");
        let ssh = plan("cvs+ssh://u@h/cvsroot?foo#tag").unwrap();
        assert_eq!(line(&ssh.common), "cvs -d :ext:u@h:/cvsroot checkout common");
        assert_eq!(ssh.env, [("CVS_RSH", "ssh".to_owned())]);
    }

    #[test]
    fn ssh_needs_a_user() {
        for scheme in ["git+ssh://", "svn+ssh://", "cvs+ssh://"] {
            let told = plan(&format!("{scheme}h/r?m#x")).unwrap_err().message;
            assert_eq!(told, format!("No user specified for repository access scheme: {scheme}"));
        }
    }
}
