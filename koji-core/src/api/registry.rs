//! All methods, by name.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::method::Entry;
use super::*;

/// The nouns that declare methods.
#[rustfmt::skip]
const NOUNS: &[&[Entry]] = &[
    archive::METHODS,
    build::METHODS,
    buildroot::METHODS,
    buildroot_maven::METHODS,
    cg::METHODS,
    channel::METHODS,
    event::METHODS,
    external_repo::METHODS,
    history::METHODS,
    host::METHODS,
    host_build::METHODS,
    host_call::METHODS,
    host_typed::METHODS,
    notification::METHODS,
    package::METHODS,
    permission::METHODS,
    policy::METHODS,
    repo::METHODS,
    rpm::METHODS,
    scheduler::METHODS,
    scratch::METHODS,
    search::METHODS,
    session::METHODS,
    signature::METHODS,
    snapshot::METHODS,
    system::METHODS,
    tag::METHODS,
    tag_group::METHODS,
    tagged::METHODS,
    tagging::METHODS,
    target::METHODS,
    task::METHODS,
    task_ask::METHODS,
    typed_build::METHODS,
    upload::METHODS,
    user::METHODS,
    volume::METHODS,
    wrap::METHODS,
];

/// Methods that no Koji has. Their names begin with `koji_rs.`, and `_listapi` does not tell them.
const OWN: &[&[Entry]] = &[own::METHODS];

/// Methods of plugins.
const PLUGGED: &[&[Entry]] = &[plugged::METHODS];

static ENTRIES: LazyLock<BTreeMap<&'static str, Entry>> =
    LazyLock::new(|| NOUNS.iter().flat_map(|noun| noun.iter()).map(|entry| (entry.name, *entry)).collect());

static OWN_ENTRIES: LazyLock<BTreeMap<&'static str, Entry>> =
    LazyLock::new(|| OWN.iter().flat_map(|noun| noun.iter()).map(|entry| (entry.name, *entry)).collect());

static PLUGGED_ENTRIES: LazyLock<BTreeMap<&'static str, Entry>> =
    LazyLock::new(|| PLUGGED.iter().flat_map(|noun| noun.iter()).map(|entry| (entry.name, *entry)).collect());

/// A method by its name.
pub fn find(name: &str) -> Option<&'static Entry> {
    ENTRIES.get(name).or_else(|| OWN_ENTRIES.get(name)).or_else(|| PLUGGED_ENTRIES.get(name))
}

/// Whether a call may name this.
pub fn knows(name: &str) -> bool {
    multicall::is_multicall(name) || find(name).is_some()
}

/// The methods that no Koji has, sorted by name.
pub fn own() -> impl Iterator<Item = &'static Entry> {
    OWN_ENTRIES.values()
}

/// All methods of Koji, sorted by name.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    ENTRIES.values()
}

/// Whether a method runs another one, which its first argument names.
pub(super) fn is_wrapper(name: &str) -> bool {
    matches!(name, "count" | "filterResults" | "countAndFilterResults")
}
