//! `hub.conf`: the hub's options with Koji's names, types and defaults, and the policies.
//!
//! An unknown option is a warning, not an error, so that files for other versions of Koji can be read.

use std::collections::BTreeMap;
use std::path::Path;

use super::defaults::POLICIES;
use super::ini::{Ini, Source, wrong};
use super::options::{Kind, Options};
use crate::Result;
use crate::names::NameLimits;

/// Where Koji's packages put the hub's file.
pub const FILE: &str = "/etc/koji-hub/hub.conf";
/// Where they put the directory of further files, which are read first.
pub const DIRECTORY: &str = "/etc/koji-hub/hub.conf.d";

/// The hub's configuration. The default is Koji's.
#[derive(Clone, Debug)]
pub struct HubConfig {
    options: Options,
    policies: BTreeMap<String, String>,
    /// What to tell the administrator: names of options that are unknown.
    pub warnings: Vec<String>,
}

impl Default for HubConfig {
    fn default() -> Self {
        let policies = POLICIES.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
        Self { options: Options::defaults(OPTIONS), policies, warnings: Vec::new() }
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
            match config.options.knows(name) {
                true => config.options.set(name, value)?,
                false => config.warnings.push(format!("unknown option {name} in section [hub]")),
            }
        }
        if config.options.text("RLIMIT_NOFILE").is_none()
            && let Some(value) = ini.get("hub", "RLIMIT_OFILE")
        {
            config.options.set("RLIMIT_NOFILE", value)?;
        }
        for (name, text) in ini.items("policy") {
            config.policies.insert(name.into(), text.into());
        }
        for section in ini.sections().filter(|section| !["hub", "policy"].contains(section)) {
            config.warnings.push(format!("unknown section [{section}]"));
        }
        Ok(config)
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
    fn secrets_are_not_shown() {
        let config = config("[hub]\nDBPass = hunter2\nDBHost = db\n");
        let shown = serde_json::to_string(&config.shown()).unwrap();
        assert!(shown.contains(r#""DBHost":"db""#) && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn messages_never_tell_values() {
        let config = config("[hub]\nDBPasss = hunter2\n[extra]\n");
        assert_eq!(config.warnings, ["unknown option dbpasss in section [hub]", "unknown section [extra]"]);
        let ini = Ini::from_text("t", "[hub]\nDBPort = hunter2\n").unwrap();
        let message = HubConfig::from_ini(&ini).unwrap_err().message;
        assert!(message.contains("DBPort") && !message.contains("hunter2"));
    }
}
