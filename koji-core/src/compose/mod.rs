//! Making package repositories: the metadata of rpm files and the groups of packages.
