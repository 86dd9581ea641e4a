//! The source command `lookaside`: fetches the files that `sources` names, each checked by its checksum.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use koji_core::client::{Download, Downloaded, Expected, Wanted, urls_below};
use koji_core::lookaside::{Place, Source, sources};
use koji_core::{Error, Fault, Result};

use super::url::ScmUrl;
use crate::builder::backend::Site;
use crate::builder::log_stream::{Live as _, LogStream};

/// The file that names the others.
const SOURCES: &str = "sources";

const LOG: &str = "sources.log";

/// Fetches what a checkout lacks. Without the file `sources` there is nothing to fetch.
///
/// # Errors
/// A malformed list, a file that no cache has, or another one than listed.
pub fn fetch(site: &mut Site<'_>, url: &ScmUrl, dir: &Path) -> Result<()> {
    let list = dir.join(SOURCES);
    if !list.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
        return Ok(());
    }
    let text = fs::read_to_string(&list).map_err(|error| Error::io(&list, error))?;
    let sources =
        sources::parse(&text).map_err(|error| Error::build(error.message.clone()).caused_by(error))?;
    let path = site.workdir.join(LOG);
    let mut stream = LogStream::new(&path, LOG);
    let fetched = sources.into_iter().try_for_each(|source| {
        let done = fetch_one(site, (url, &source), dir);
        let told = match &done {
            Ok(told) => told.clone(),
            Err(error) => error.message.clone(),
        };
        let mut log = OpenOptions::new().create(true).append(true).open(&path);
        let written = log.as_mut().map_or(Ok(()), |log| writeln!(log, "{}: {told}", source.file));
        written.map_err(|error| Error::io(&path, error))?;
        done.map(drop)
    });
    stream.sync(site.session, &site.upload_dir)?;
    fetched
}

/// Fetches a file; says from where.
fn fetch_one(site: &Site<'_>, (url, source): (&ScmUrl, &Source), dir: &Path) -> Result<String> {
    let expected = Expected::digest(source.kind, &source.hash);
    let dest = dir.join(&source.file);
    // what lies there may be a link that leads anywhere
    if dest.symlink_metadata().is_ok_and(|meta| meta.is_file()) && expected.compare(&dest)?.is_none() {
        return Ok("is in version control".to_owned());
    }
    let tops = site.settings.text("lookaside_url");
    if tops.trim().is_empty() {
        let text = "the source command \"lookaside\" needs lookaside_url in kojid.conf";
        return Err(Error::new(Fault::Configuration, text));
    }
    let path = path_of(site.settings.text("lookaside_path"), url, source)?;
    let urls = urls_below(tops, &path);
    let fetched = site.workdir.join("lookaside").join(&source.file);
    let wanted = Wanted { urls: &urls, dest: &fetched, expected: &expected };
    let done = Download::new(&site.settings.download_options()).fetch(&wanted, &mut |_| {});
    let done =
        done.map_err(|error| Error::build(format!("error retrieving sources, {error}")).caused_by(error))?;
    if done == Downloaded::Absent {
        let urls = urls.join(", ");
        return Err(Error::build(format!("error retrieving sources, {} is not at {urls}", source.file)));
    }
    fs::rename(&fetched, &dest).map_err(|error| Error::io(&dest, error))?;
    Ok(format!("{} {} from {}", source.kind, source.hash, urls.join(", ")))
}

/// Where a cache has a file. The package has the name of the repository; `%(repo)s` is its whole path.
fn path_of(layout: &str, url: &ScmUrl, source: &Source) -> Result<String> {
    let repository = url.repository.trim_start_matches('/');
    let repository = repository.strip_suffix("/.git").or_else(|| repository.strip_suffix(".git"));
    let repository = repository.unwrap_or(url.repository.trim_start_matches('/'));
    let place = Place::new(url.checkout_name(), source.clone())?;
    Ok(place.path(&layout.replace("%(repo)s", repository)))
}

#[cfg(test)]
mod tests {
    use koji_core::lookaside::place::LAYOUT;

    use super::*;

    #[test]
    fn caches_lay_files_out_by_package() {
        let source = Source::new("a.tar", "sha256", &"0".repeat(64)).unwrap();
        let hash = &source.hash;
        for address in ["git://h/rpms/foo#x", "git://h/rpms/foo.git#x", "git://h/rpms/foo/.git#x"] {
            let url = ScmUrl::parse(address, false).unwrap();
            let path = |layout: &str| path_of(layout, &url, &source).unwrap();
            assert_eq!(path(LAYOUT), format!("foo/a.tar/sha256/{hash}/a.tar"));
            assert_eq!(path("%(repo)s/%(hash)s"), format!("rpms/foo/{hash}"));
        }
    }
}
