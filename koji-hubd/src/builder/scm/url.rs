//! [`ScmUrl`]: the address of sources, `scheme://[user@]host/path/to/repo?path/to/module#revision`.
//!
//! What is valid is what Koji takes, less what a program that is run with parts of it could mistake for an
//! option, and a module outside of the repository. A password is kept apart: no message and no record has it.

use koji_core::client::Secret;
use koji_core::wire::Map;
use koji_core::{Error, Result};

/// The kinds of version control, by the name that Koji gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// CVS by its own protocol
    Cvs,
    /// CVS by ssh
    CvsSsh,
    /// Git by anything but ssh
    Git,
    /// Git by ssh
    GitSsh,
    /// Subversion by anything but ssh
    Svn,
    /// Subversion by ssh
    SvnSsh,
}

impl Kind {
    /// Koji's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cvs => "CVS",
            Self::CvsSsh => "CVS+SSH",
            Self::Git => "GIT",
            Self::GitSsh => "GIT+SSH",
            Self::Svn => "SVN",
            Self::SvnSsh => "SVN+SSH",
        }
    }
}

/// The schemes there are, sorted.
const SCHEMES: [(&str, Kind); 11] = [
    ("cvs+ssh://", Kind::CvsSsh),
    ("cvs://", Kind::Cvs),
    ("git+http://", Kind::Git),
    ("git+https://", Kind::Git),
    ("git+rsync://", Kind::Git),
    ("git+ssh://", Kind::GitSsh),
    ("git://", Kind::Git),
    ("svn+http://", Kind::Svn),
    ("svn+https://", Kind::Svn),
    ("svn+ssh://", Kind::SvnSsh),
    ("svn://", Kind::Svn),
];

/// Whether a source is in version control.
pub fn is_scm_url(source: &str) -> bool {
    scheme_of(source).is_some()
}

fn scheme_of(source: &str) -> Option<(&'static str, Kind)> {
    SCHEMES.into_iter().find(|(scheme, _)| source.starts_with(scheme))
}

/// The address of sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScmUrl {
    /// The whole, without a password.
    pub url: String,
    /// Up to and with `://`
    pub scheme: &'static str,
    /// The kind of version control.
    pub kind: Kind,
    /// The user to log in as.
    pub user: Option<String>,
    /// The password to log in with.
    pub password: Option<Secret>,
    /// The host, with its port if one was given.
    pub host: String,
    /// The path of the repository; it begins with a slash and does not end with one.
    pub repository: String,
    /// The directory within; may be empty.
    pub module: String,
    /// A commit, branch or tag.
    pub revision: String,
}

impl ScmUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// What is wrong with it, in Koji's words where Koji refuses it too.
    pub fn parse(text: &str, allow_password: bool) -> Result<Self> {
        let (scheme, kind) = scheme_of(text).ok_or_else(|| {
            let known = SCHEMES.map(|(scheme, _)| scheme).join(" ");
            Error::generic(format!("Invalid scheme in scm url. Valid schemes are: {known}"))
        })?;
        // line breaks and tabs mean nothing in an address
        let rest: String = text[scheme.len()..].chars().filter(|c| !"\t\r\n".contains(*c)).collect();
        let parts = Parts::of(&rest);
        let login = Login::of(parts.netloc, allow_password)?;
        let url = format!("{scheme}{}{}", login.shown(), &rest[parts.netloc.len()..]);
        let unable = |what: &str| Err(Error::generic(format!("Unable to parse SCM URL: {url} . {what}")));
        if parts.path.is_empty() {
            return unable("Could not find the path element.");
        }
        let Some(repository) = normal_path(parts.path) else {
            return Err(Error::generic(format!("Invalid SCM URL. Path should begin with /: {url}")));
        };
        if !parts.params.is_empty() {
            return unable(&format!("Params element {} should be empty.", parts.params));
        }
        if parts.fragment.is_empty() {
            return unable("Could not find the fragment element.");
        }
        let found = Self {
            scheme,
            kind,
            host: login.host.to_owned(),
            repository,
            module: parts.query.trim_end_matches('/').to_owned(),
            revision: parts.fragment.to_owned(),
            user: login.user.map(ToOwned::to_owned),
            password: login.password.map(Secret::new),
            url,
        };
        found.check_harmless()?;
        Ok(found)
    }

    /// Refuses what git, svn, cvs or ssh would take for an option, and a module outside of the repository.
    fn check_harmless(&self) -> Result<()> {
        let user = self.user.as_deref().unwrap_or_default();
        let parts =
            [("user", user), ("host", &self.host), ("module", &self.module), ("revision", &self.revision)];
        for (what, text) in parts {
            if text.starts_with('-') || text.contains('\0') {
                return Err(Error::generic(format!("Invalid {what} in SCM URL: {text}")));
            }
        }
        if self.module.starts_with('/') || self.module.split('/').any(|part| part == "..") {
            return Err(Error::generic(format!("Invalid module in SCM URL: {}", self.module)));
        }
        Ok(())
    }

    /// The scheme without what says that it is version control: `https://` of `git+https://`.
    pub fn transport(&self) -> &str {
        self.scheme.split_once('+').map_or(self.scheme, |(_, transport)| transport)
    }

    /// The user and the host as they stand in an address.
    pub fn netloc(&self) -> String {
        match &self.user {
            Some(user) => format!("{user}@{}", self.host),
            None => self.host.clone(),
        }
    }

    /// The name of the directory that a git repository is checked out to.
    pub fn checkout_name(&self) -> &str {
        let path = self.repository.strip_suffix("/.git").or_else(|| self.repository.strip_suffix(".git"));
        base_name(path.unwrap_or(&self.repository))
    }

    /// The same sources at a commit, as the build is to remember them.
    pub fn at_commit(&self, commit: &str) -> String {
        let query = if self.module.is_empty() { String::new() } else { format!("?{}", self.module) };
        format!("{}{}{}{query}#{commit}", self.scheme, self.host, self.repository)
    }

    /// What the hub's policy may look at.
    pub fn policy_data(&self) -> Map {
        map! {
            "scm_url" => self.url.clone(),
            "scm_scheme" => self.scheme,
            "scm_user" => self.user.clone(),
            "scm_host" => self.host.clone(),
            "scm_repository" => self.repository.clone(),
            "scm_module" => self.module.clone(),
            "scm_revision" => self.revision.clone(),
            "scm_type" => self.kind.name(),
        }
    }
}

/// What stands behind the last slash.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The parts of an address behind its scheme, as Python's `urlparse` cuts them.
struct Parts<'a> {
    netloc: &'a str,
    path: &'a str,
    params: &'a str,
    query: &'a str,
    fragment: &'a str,
}

impl<'a> Parts<'a> {
    fn of(rest: &'a str) -> Self {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (netloc, rest) = rest.split_at(end);
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        // only the last segment has parameters
        let last = path.rfind('/').unwrap_or(0);
        let (path, params) = match path[last..].find(';') {
            Some(at) => (&path[..last + at], &path[last + at + 1..]),
            None => (path, ""),
        };
        Self { netloc, path, params, query, fragment }
    }
}

/// Who logs in where.
struct Login<'a> {
    user: Option<&'a str>,
    password: Option<&'a str>,
    host: &'a str,
}

impl<'a> Login<'a> {
    fn of(netloc: &'a str, allow_password: bool) -> Result<Self> {
        let (info, host) = match netloc.split('@').collect::<Vec<_>>()[..] {
            [host] => ("", host),
            [info, host] => (info, host),
            _ => {
                let host = netloc.rsplit('@').next().unwrap_or_default();
                let text = format!("Invalid username@hostname specified: more than one @ before {host}");
                return Err(Error::generic(text));
            }
        };
        let (user, password) = info.split_once(':').unwrap_or((info, ""));
        let given = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        if !password.is_empty() && !allow_password {
            return Err(Error::generic(format!("username:password format not supported: {user}:***")));
        }
        Ok(Self { user: given(user), password: given(password), host })
    }

    fn shown(&self) -> String {
        match self.user {
            Some(user) => format!("{user}@{}", self.host),
            None => self.host.to_owned(),
        }
    }
}

/// A path without doubled slashes, `.` and `..`; none if nothing is left.
fn normal_path(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = vec![];
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| format!("/{}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(url: &str) -> String {
        ScmUrl::parse(url, false).unwrap_err().message
    }

    #[test]
    fn an_address_has_parts() {
        let url =
            ScmUrl::parse("git+https://bob@h.example:80//rpms/./a/../foo.git/?sub/dir/#v1", false).unwrap();
        assert_eq!((url.scheme, url.kind, url.transport()), ("git+https://", Kind::Git, "https://"));
        assert_eq!((url.user.as_deref(), &*url.host), (Some("bob"), "h.example:80"));
        assert_eq!((&*url.repository, &*url.module, &*url.revision), ("/rpms/foo.git", "sub/dir", "v1"));
        assert_eq!((url.checkout_name(), url.netloc()), ("foo", "bob@h.example:80".to_owned()));
        assert_eq!(url.at_commit("abc"), "git+https://h.example:80/rpms/foo.git?sub/dir#abc");
        let plain = ScmUrl::parse("svn://h/repo#12", false).unwrap();
        assert_eq!((plain.user, plain.module, plain.kind.name()), (None, String::new(), "SVN"));
        let inner = ScmUrl::parse("git://h/foo/.git#x", false).unwrap();
        assert_eq!((inner.checkout_name(), inner.at_commit("y")), ("foo", "git://h/foo/.git#y".to_owned()));
    }

    #[test]
    fn only_some_schemes_are_version_control() {
        assert!(SCHEMES.iter().all(|(scheme, _)| is_scm_url(&format!("{scheme}h/r#x"))));
        assert!(SCHEMES.is_sorted_by_key(|(scheme, _)| *scheme));
        for other in ["https://h/r#x", "file:///r#x", "git+file:///r#x", "GIT://h/r#x", "cli-build/a.src.rpm"]
        {
            assert!(!is_scm_url(other), "{other}");
            assert!(told(other).starts_with(
                "Invalid scheme in scm url. Valid schemes are: cvs+ssh:// cvs:// git+http:// git+https://"
            ));
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (url, text) in [
            ("git://a@b@h/r#x", "Invalid username@hostname specified"),
            ("git://u:secret@h/r#x", "username:password format not supported: u:***"),
            ("git://:secret@h/r#x", "username:password format not supported: :***"),
            ("git://h#x", "Unable to parse SCM URL: git://h#x . Could not find the path element."),
            ("git://h/#x", "Path should begin with /"),
            ("git://h/..#x", "Path should begin with /"),
            (
                "git://h/r;p=1#x",
                "Unable to parse SCM URL: git://h/r;p=1#x . Params element p=1 should be empty.",
            ),
            ("git://h/r", "Unable to parse SCM URL: git://h/r . Could not find the fragment element."),
            ("git://h/r?m", "Could not find the fragment element"),
            ("git://h/r#--upload-pack=x", "Invalid revision in SCM URL"),
            ("git+ssh://-oProxyCommand=x/r#x", "Invalid host in SCM URL"),
            ("git+ssh://-ox@h/r#x", "Invalid user in SCM URL"),
            ("svn://h/r?--diff#x", "Invalid module in SCM URL"),
            ("git://h/r?a/../../b#x", "Invalid module in SCM URL"),
            ("git://h/r?/etc#x", "Invalid module in SCM URL"),
        ] {
            assert!(told(url).contains(text), "{url}: {}", told(url));
        }
    }

    #[test]
    fn a_password_is_seen_nowhere() {
        let url = ScmUrl::parse("git+https://bob:hunter2@h/r#x", true).unwrap();
        assert_eq!(url.password.as_ref().map(Secret::expose), Some("hunter2"));
        assert!(!format!("{url:?} {:?} {}", url.policy_data(), url.at_commit("c")).contains("hunter2"));
        assert_eq!(url.url, "git+https://bob@h/r#x");
        for wrong in ["git+https://bob:hunter2@h#x", "git+https://bob:hunter2@h/r"] {
            assert!(!ScmUrl::parse(wrong, true).unwrap_err().message.contains("hunter2"));
        }
        for wrong in ["git://bob:hunter2@h/r#x", "git://a@bob:hunter2@h/r#x"] {
            assert!(!told(wrong).contains("hunter2"));
        }
    }
}
