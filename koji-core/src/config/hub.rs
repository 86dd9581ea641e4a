//! `hub.conf`: the hub's options with Koji's names, types and defaults, and the policies.
//!
//! An unknown option is a warning, not an error, so that files for other versions of Koji can be read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::defaults::POLICIES;
use super::ini::{Ini, Place, Source, wrong};
use super::options::{Kind, Options};
use super::{log_level, uses};
use crate::names::NameLimits;
use crate::{Error, Fault, Result, nearest};

/// Where Koji's packages put the hub's file.
pub const FILE: &str = "/etc/koji-hub/hub.conf";
/// Where they put the directory of further files, which are read first.
pub const DIRECTORY: &str = "/etc/koji-hub/hub.conf.d";

/// The sections that the hub reads.
const SECTIONS: [&str; 2] = ["hub", "policy"];

/// The hub's configuration. The default is Koji's.
#[derive(Clone, Debug)]
pub struct HubConfig {
    options: Options,
    policies: BTreeMap<String, String>,
    /// Where the policies stand that files brought.
    places: BTreeMap<String, Place>,
    /// The value of `LogLevel`, if a file has one: this hub's own default is another.
    log_level: Option<String>,
    /// What to tell the administrator: options that are unknown or have no effect.
    pub warnings: Vec<String>,
}

/// What differs between two configurations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Options that hold at once
    pub options: Vec<&'static str>,
    /// Options that hold when the hub is started again
    pub at_start: Vec<&'static str>,
    /// Policies
    pub policies: Vec<String>,
}

impl Default for HubConfig {
    fn default() -> Self {
        let policies = POLICIES.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
        let options = Options::defaults(OPTIONS);
        Self { options, policies, places: BTreeMap::new(), log_level: None, warnings: Vec::new() }
    }
}

impl HubConfig {
    /// Reads the directory, which may be missing, and then the file, which must exist.
    pub fn load(file: &Path, directory: &Path) -> Result<Self> {
        Self::from_ini(&Ini::read(&[Source::optional(directory), Source::required(file)])?)
    }

    /// Takes the sections `hub` and `policy`.
    pub fn from_ini(ini: &Ini) -> Result<Self> {
        let mut config = Self::default();
        for (name, value) in ini.items("hub") {
            config.take(name, value)?;
        }
        if config.options.text("RLIMIT_NOFILE").is_none()
            && let Some(value) = ini.get("hub", "RLIMIT_OFILE")
        {
            config.options.set("RLIMIT_NOFILE", value)?;
        }
        config.log_level = ini.get("hub", "LogLevel").map(Into::into);
        for (name, text) in ini.items("policy") {
            config.policies.insert(name.into(), text.into());
            config.places.extend(ini.place("policy", name).map(|place| (name.to_owned(), place.clone())));
        }
        for section in ini.sections().filter(|section| !SECTIONS.contains(section)) {
            let hint = nearest::hint(section, SECTIONS, "it is passed over");
            config.warnings.push(format!("unknown section [{section}]: {hint}"));
        }
        // what can be wrong is found now, not when it is first needed
        config.name_limits()?;
        config.log_filter()?;
        Ok(config)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<()> {
        let Some(known) = self.options.named(name) else {
            let hint = nearest::hint(name, self.options.names(), "it is passed over");
            self.warnings.push(format!("unknown option {name} in section [hub]: {hint}"));
            return Ok(());
        };
        self.options.set(known, value)?;
        if let Some(why) = uses::without_effect(known).filter(|_| self.options.is_set(known)) {
            self.warnings.push(format!("option {known} in section [hub] has no effect: {why}"));
        }
        Ok(())
    }

    /// What differs in a newer configuration.
    pub fn changes(&self, newer: &Self) -> Changes {
        let (at_start, mut options): (Vec<_>, Vec<_>) = self
            .options
            .differences(&newer.options)
            .into_iter()
            .partition(|name| uses::AT_START.contains(name));
        if self.log_level != newer.log_level && !options.contains(&"LogLevel") {
            options.push("LogLevel");
        }
        let names: BTreeSet<&String> = self.policies.keys().chain(newer.policies.keys()).collect();
        let differs = |name: &&String| self.policies.get(*name) != newer.policies.get(*name);
        let policies = names.into_iter().filter(differs).cloned().collect();
        Changes { options, at_start, policies }
    }

    /// Where a line of a policy stands, to be shown; both count from 1. A default policy is nowhere.
    pub fn place_of(&self, policy: &str, line: usize) -> Option<(&Path, usize)> {
        let place = self.places.get(policy)?;
        Some((&place.file, place.line(line)?))
    }

    /// Sets one option from its text, as a file would.
    pub fn set(&mut self, name: &str, text: &str) -> Result<()> {
        self.options.set(name, text)
    }

    /// Replaces or adds a policy.
    pub fn set_policy(&mut self, name: &str, text: &str) {
        self.policies.insert(name.into(), text.into());
    }

    /// A yes or no.
    pub fn flag(&self, name: &str) -> bool {
        self.options.flag(name)
    }

    /// A number; 0 where there is none.
    pub fn int(&self, name: &str) -> i64 {
        self.options.int(name).unwrap_or_default()
    }

    /// A number that need not be set.
    pub fn find_int(&self, name: &str) -> Option<i64> {
        self.options.int(name)
    }

    /// A text; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.options.text(name).unwrap_or_default()
    }

    /// A text that need not be set.
    pub fn find_text(&self, name: &str) -> Option<&str> {
        self.options.text(name)
    }

    /// The policies' texts by name.
    pub fn policies(&self) -> &BTreeMap<String, String> {
        &self.policies
    }

    /// All options and policies, to be shown to an administrator: less what is secret.
    pub fn shown(&self) -> impl serde::Serialize {
        const SECRET: [&str; 2] = ["DBPass", "DBConnectionString"];
        let mut shown = BTreeMap::new();
        for (name, value) in self.options.all() {
            let value = match value {
                Some(_) if SECRET.contains(&name) => serde_json::Value::from("(not shown)"),
                value => serde_json::to_value(value).unwrap_or_default(),
            };
            shown.insert(name, value);
        }
        shown.insert("policy", serde_json::to_value(&self.policies).unwrap_or_default());
        shown
    }

    /// The answer to every call while the hub is offline.
    pub fn offline(&self) -> Option<Error> {
        let message = || self.find_text("OfflineMessage").unwrap_or("server is offline");
        self.flag("ServerOffline").then(|| Error::new(Fault::Offline, message()))
    }

    /// The resource limits that are set, by Koji's names for them.
    pub fn limits(&self) -> impl Iterator<Item = (&str, &str)> {
        let names =
            self.options.names().filter(|name| name.starts_with("RLIMIT_") && *name != "RLIMIT_OFILE");
        names.filter_map(|name| self.find_text(name).map(|text| (name, text)))
    }

    /// What is to be logged, in the form of `RUST_LOG`; none if no file says anything.
    pub fn log_filter(&self) -> Result<Option<String>> {
        log_level::filter(self.log_level.as_deref(), self.flag("KojiDebug"))
    }

    /// What names of tags, users and so on may be.
    pub fn name_limits(&self) -> Result<NameLimits> {
        let length = usize::try_from(self.int("MaxNameLengthInternal"))
            .map_err(|_| wrong("MaxNameLengthInternal must not be negative".into()))?;
        NameLimits::new(length, self.text("RegexNameInternal"), self.text("RegexUserName"))
    }
}

use Kind::{Flag, Int, NoInt, NoText, Text};

static OPTIONS: &[(&str, Kind)] = &[
    ("DBName", NoText),
    ("DBUser", NoText),
    ("DBHost", NoText),
    ("DBPort", NoInt),
    ("DBPass", NoText),
    ("DBConnectionString", NoText),
    ("KojiDir", NoText),
    // Not one of Koji's: the addresses of web servers that tell about certificates and principals.
    ("TrustedProxies", Text("")),
    ("ProxyPrincipals", Text("")),
    ("HostPrincipalFormat", NoText),
    ("AllowedKrbRealms", Text("*")),
    ("DisableURLSessions", Flag(false)),
    ("DNUsernameComponent", Text("CN")),
    ("ProxyDNs", Text("")),
    ("CheckClientIP", Flag(true)),
    ("LoginCreatesUser", Flag(true)),
    ("AllowProxyAuthType", Flag(false)),
    ("KojiWebURL", Text("http://localhost.localdomain/koji")),
    ("EmailDomain", NoText),
    ("NotifyOnSuccess", Flag(true)),
    ("DisableNotifications", Flag(false)),
    ("Plugins", Text("")),
    ("PluginPath", Text("/usr/lib/koji-hub-plugins")),
    ("KojiDebug", Flag(false)),
    ("KojiTraceback", NoText),
    ("VerbosePolicy", Flag(false)),
    ("LogLevel", Text("WARNING")),
    ("LogFormat", Text(LOG_FORMAT)),
    ("MissingPolicyOk", Flag(true)),
    // of Koji 1.36
    ("DefaultChannelCompat", Flag(true)),
    ("AllowDraftComponents", Flag(false)),
    ("EnableMaven", Flag(false)),
    ("EnableWin", Flag(false)),
    ("RLIMIT_AS", NoText),
    ("RLIMIT_CORE", NoText),
    ("RLIMIT_CPU", NoText),
    ("RLIMIT_DATA", NoText),
    ("RLIMIT_FSIZE", NoText),
    ("RLIMIT_MEMLOCK", NoText),
    ("RLIMIT_NOFILE", NoText),
    ("RLIMIT_NPROC", NoText),
    ("RLIMIT_OFILE", NoText),
    ("RLIMIT_RSS", NoText),
    ("RLIMIT_STACK", NoText),
    ("MemoryWarnThreshold", Int(5000)),
    ("MaxRequestLength", Int(4_194_304)),
    ("LockOut", Flag(false)),
    ("ServerOffline", Flag(false)),
    ("OfflineMessage", NoText),
    ("MaxNameLengthInternal", Int(crate::names::MAX_LENGTH as i64)),
    ("RegexNameInternal", Text(crate::names::INTERNAL_PATTERN)),
    ("RegexUserName", Text(crate::names::USER_PATTERN)),
    ("RPMDefaultChecksums", Text("md5 sha256")),
    ("SessionRenewalTimeout", Int(1440)),
    ("MaxJobs", Int(15)),
    ("CapacityOvercommit", Int(5)),
    ("ReadyTimeout", Int(180)),
    ("AssignTimeout", Int(300)),
    ("SoftRefusalTimeout", Int(900)),
    ("HostTimeout", Int(900)),
    ("RunInterval", Int(60)),
    ("MaxRepoTasks", Int(10)),
    ("MaxRepoTasksMaven", Int(2)),
    ("RepoRetries", Int(3)),
    ("RequestCleanTime", Int(1440)),
    ("AllowNewRepo", Flag(true)),
    ("RepoLag", Int(3600)),
    ("RepoAutoLag", Int(7200)),
    ("RepoLagWindow", Int(600)),
    ("RepoQueueUser", Text("kojira")),
    ("DebuginfoTags", Text("")),
    ("SourceTags", Text("")),
    ("SeparateSourceTags", Text("")),
];

const LOG_FORMAT: &str = "%(asctime)s [%(levelname)s] m=%(method)s u=%(user_name)s p=%(process)s \
                          r=%(remoteaddr)s %(name)s: %(message)s";

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> HubConfig {
        HubConfig::from_ini(&Ini::from_text("hub.conf", text).unwrap()).unwrap()
    }

    #[test]
    fn defaults_and_values() {
        let config = config("[hub]\ndbhost = db\nCheckClientIP = no\nRepoLag = 7\nRLIMIT_OFILE = 5 5\n");
        assert_eq!(config.text("DBHost"), "db");
        assert!(!config.flag("CheckClientIP") && config.flag("LoginCreatesUser"));
        assert_eq!((config.int("RepoLag"), config.int("SessionRenewalTimeout")), (7, 1440));
        assert_eq!(config.find_text("EmailDomain"), None);
        assert_eq!(config.text("RLIMIT_NOFILE"), "5 5");
        assert_eq!(config.limits().collect::<Vec<_>>(), [("RLIMIT_NOFILE", "5 5")]);
        assert!(config.warnings.is_empty());
        config.name_limits().unwrap().verify_internal("f39-build").unwrap();
    }

    #[test]
    fn policies_override_the_defaults() {
        let config = config("[hub]\n[policy]\nVM =\n    all :: allow\nown =\n    all :: deny\n");
        assert_eq!(config.policies()["vm"].trim(), "all :: allow");
        assert_eq!(config.policies()["own"].trim(), "all :: deny");
        assert!(config.policies()["package_list"].contains("has_perm tag"));
        assert!(!config.policies().contains_key("tag"));
    }

    #[test]
    fn options_without_effect_are_named() {
        let quiet = config("[hub]\nPlugins =\nKojiDebug = on\nLogLevel = INFO\n");
        assert!(quiet.warnings.is_empty(), "{:?}", quiet.warnings);
        let loud = config("[hub]\nplugins = echo\nMemoryWarnThreshold = 7\n[polcy]\n");
        assert_eq!(loud.warnings.len(), 3);
        assert!(loud.warnings[0].starts_with("option Plugins in section [hub] has no effect: "));
        assert!(loud.warnings[2].contains("did you mean policy?"));
    }

    #[test]
    fn changes_are_told_apart() {
        let old = config("[hub]\nDBHost = a\nRepoLag = 7\n[policy]\ntag = all :: allow\n");
        let new = config(
            "[hub]\nDBHost = b\nVerbosePolicy = on\nLogLevel = WARNING\n[policy]\nown = all :: allow\n",
        );
        let changes = old.changes(&new);
        assert_eq!(changes.options, ["VerbosePolicy", "RepoLag", "LogLevel"]);
        assert_eq!(changes.at_start, ["DBHost"]);
        assert_eq!(changes.policies, ["own", "tag"]);
        assert_eq!(old.changes(&old), Changes::default());
        assert_eq!(old.place_of("tag", 1).unwrap(), (Path::new("hub.conf"), 5));
        assert!(old.place_of("vm", 1).is_none());
    }

    #[test]
    fn what_is_wrong_is_found_when_it_is_read() {
        for text in ["RegexUserName = (", "LogLevel = LOUD", "MaxNameLengthInternal = -1"] {
            let ini = Ini::from_text("t", &format!("[hub]\n{text}\n")).unwrap();
            assert!(HubConfig::from_ini(&ini).is_err(), "{text}");
        }
    }

    #[test]
    fn every_option_that_has_a_use_is_known() {
        let named = uses::AT_START.iter().chain(uses::UNUSED.iter().map(|(name, _)| name));
        for name in named {
            assert!(OPTIONS.iter().any(|(known, _)| known == name), "{name}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let config = config("[hub]\nDBPass = hunter2\nDBHost = db\n");
        let shown = serde_json::to_string(&config.shown()).unwrap();
        assert!(shown.contains(r#""DBHost":"db""#) && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn messages_never_tell_values() {
        let config = config("[hub]\nDBPasss = hunter2\n[extra]\n");
        assert_eq!(
            config.warnings,
            [
                "unknown option dbpasss in section [hub]: did you mean DBPass?",
                "unknown section [extra]: it is passed over"
            ]
        );
        let ini = Ini::from_text("t", "[hub]\nDBPort = hunter2\n").unwrap();
        let message = HubConfig::from_ini(&ini).unwrap_err().message;
        assert!(message.contains("DBPort") && !message.contains("hunter2"));
    }
}
