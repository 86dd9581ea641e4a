//! [`Shelf`]: the packages of a tag's repository, and fetching them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use koji_core::arch::{NOARCH, canonical};
use koji_core::client::{Download, Downloaded, Expected, Wanted, urls_below};
use koji_core::compose::external::External;
use koji_core::compose::offer::Offer;
use koji_core::{Error, Fault, Result};

use crate::builder::backend::Site;
use crate::builder::buildroot::BuildRoot;
use crate::builder::files;

/// The packages that an arch can have.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    repo_dir: String,
    offers: Arc<[Offer]>,
}

impl Shelf {
    /// Reads the repository's list of packages.
    pub(super) fn load(site: &Site<'_>, root: &BuildRoot) -> Result<Self> {
        let local = |href: &str, expected: &Expected| {
            files::local_path(site.settings, &site.workdir, &format!("{}/{href}", root.repo_dir), expected)
        };
        let index = local("repodata/repomd.xml", &Expected::default())?;
        let dir = index.ancestors().nth(2).unwrap_or(Path::new("/"));
        let repository = External::open(dir)?;
        for file in repository.package_files() {
            if repository.href("primary") == Some(file.href) {
                local(file.href, &Expected::digest(file.checksum_type, file.checksum))?;
            }
        }
        let mut offers = vec![];
        repository.each_package("primary", |text| {
            let offer = Offer::parse(text)?;
            if offer.arch == NOARCH || canonical(&offer.arch) == root.arch {
                offers.push(offer);
            }
            Ok(())
        })?;
        Ok(Self { repo_dir: root.repo_dir.clone(), offers: offers.into() })
    }

    /// The packages.
    pub(super) fn offers(&self) -> &[Offer] {
        &self.offers
    }

    /// Puts packages into a directory, each compared with what the repository tells of it.
    pub(super) fn fetch(&self, site: &Site<'_>, dir: &Path, offers: &[&Offer]) -> Result<Vec<PathBuf>> {
        offers.iter().map(|offer| self.fetch_one(site, dir, offer)).collect()
    }

    fn fetch_one(&self, site: &Site<'_>, dir: &Path, offer: &Offer) -> Result<PathBuf> {
        let (kind, sum) = &offer.checksum;
        // an old name of a kind of checksum
        let kind = if kind == "sha" { "sha1" } else { kind };
        let expected = Expected { size_bytes: offer.size_bytes, ..Expected::digest(kind, sum) };
        let dest = dir.join(format!("{}.rpm", offer.nvra()));
        if dest.exists() {
            return Ok(dest);
        }
        let relative = format!("{}/{}", self.repo_dir, offer.href);
        let local = match &offer.base {
            None => files::local_path(site.settings, &site.workdir, &relative, &expected)?,
            Some(base) => match base.strip_prefix("file://") {
                Some(base) => Path::new(base).join(&offer.href),
                None => {
                    let urls = urls_below(base, &offer.href);
                    let wanted = Wanted { urls: &urls, dest: &dest, expected: &expected };
                    let done =
                        Download::new(&site.settings.download_options()).fetch(&wanted, &mut |_| {})?;
                    if done == Downloaded::Absent {
                        return Err(Error::new(
                            Fault::Buildroot,
                            format!("{}: there is no such file", urls[0]),
                        ));
                    }
                    return Ok(dest);
                }
            },
        };
        fs::copy(&local, &dest).map_err(|error| Error::io(&local, error))?;
        match expected.compare(&dest)? {
            None => Ok(dest),
            Some(difference) => {
                Err(Error::new(Fault::Buildroot, format!("{}: {difference}", local.display())))
            }
        }
    }
}
