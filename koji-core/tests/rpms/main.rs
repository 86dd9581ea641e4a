//! Rpm files and repositories against rpm, createrepo_c, mergerepo_c and dnf, where these are installed.

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod merge;
#[cfg(test)]
mod repodata;
#[cfg(test)]
mod rpm_file;
