//! What becomes of each option of `hub.conf`: most hold from the moment they are read, some from the start of the hub,
//! and some have no meaning here.

/// Options that hold when the hub starts; a change of them waits for the next start.
pub(super) static AT_START: &[&str] = &[
    "DBName",
    "DBUser",
    "DBHost",
    "DBPort",
    "DBPass",
    "DBConnectionString",
    "KojiDir",
    "RLIMIT_AS",
    "RLIMIT_CORE",
    "RLIMIT_CPU",
    "RLIMIT_DATA",
    "RLIMIT_FSIZE",
    "RLIMIT_MEMLOCK",
    "RLIMIT_NOFILE",
    "RLIMIT_NPROC",
    "RLIMIT_OFILE",
    "RLIMIT_RSS",
    "RLIMIT_STACK",
];

/// Options of Koji that have no effect here, and why.
pub(super) static UNUSED: &[(&str, &str)] = &[
    ("Plugins", "plugins written for Koji's hub are not loaded"),
    ("PluginPath", "plugins written for Koji's hub are not loaded"),
    ("KojiTraceback", "faults tell no traceback; the log has the cause"),
    ("LogFormat", "the log has a form of its own"),
    ("MemoryWarnThreshold", "calls share the memory of one process"),
    ("AllowDraftComponents", "drafts are taken as components, as Koji before 1.36 does"),
];

/// Why an option has no effect, if it has none.
pub(super) fn without_effect(option: &str) -> Option<&'static str> {
    UNUSED.iter().find(|(name, _)| *name == option).map(|(_, why)| *why)
}
