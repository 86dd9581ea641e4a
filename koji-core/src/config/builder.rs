//! `kojid.conf`: a builder's options with Koji's names, types and defaults.
//!
//! Other than the hub's, an unknown option or section is an error: a builder with a typing error must not run.

use std::collections::BTreeMap;
use std::path::Path;

use super::ini::{Ini, Source, wrong};
use super::options::{Kind, Options};
use crate::Result;

/// Where Koji's packages put the builder's file.
pub const FILE: &str = "/etc/kojid/kojid.conf";

const SECTION: &str = "kojid";

/// A builder's configuration. The default is Koji's, and lacks `server` and `topurl`.
#[derive(Clone, Debug)]
pub struct BuilderConfig {
    options: Options,
    /// The plugins to load.
    pub plugins: Vec<String>,
    /// Resource limits by name, such as `RLIMIT_NOFILE`: the soft and the hard limit as text.
    pub limits: BTreeMap<String, String>,
}

impl Default for BuilderConfig {
    fn default() -> Self {
        Self { options: Options::defaults(OPTIONS), plugins: Vec::new(), limits: BTreeMap::new() }
    }
}

impl BuilderConfig {
    /// Reads a file; one that is missing leaves the defaults.
    pub fn load(file: &Path) -> Result<Self> {
        Self::from_ini(&Ini::read(&[Source::optional(file)])?)
    }

    /// Takes the section `kojid`, the only one there may be.
    pub fn from_ini(ini: &Ini) -> Result<Self> {
        if let Some(section) = ini.sections().find(|section| *section != SECTION) {
            return Err(wrong(format!("invalid section found in config file: {section}")));
        }
        let mut config = Self::default();
        for (name, value) in ini.items(SECTION) {
            config.set(name, value)?;
        }
        Ok(config)
    }

    /// Sets one option from its text, as the file or the command line would.
    pub fn set(&mut self, name: &str, text: &str) -> Result<()> {
        match name {
            "plugin" | "plugins" => self.plugins = text.split_whitespace().map(Into::into).collect(),
            _ if name.to_uppercase().starts_with("RLIMIT_") => {
                self.limits.insert(name.to_uppercase(), text.into());
            }
            _ => self.options.set(name, text)?,
        }
        Ok(())
    }

    /// Refuses a configuration without what a builder can't do without.
    pub fn check(&self) -> Result<()> {
        for name in ["server", "topurl"] {
            if self.text(name).is_empty() {
                return Err(wrong(format!("the {name} option is required")));
            }
        }
        Ok(())
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

    /// The URLs below which the hub's files are; the first is the main one.
    pub fn topurls(&self) -> Vec<&str> {
        self.text("topurl").split_whitespace().collect()
    }
}

use Kind::{Flag, Int, NoInt, NoText, Text};

static OPTIONS: &[(&str, Kind)] = &[
    ("sleeptime", Int(15)),
    ("maxjobs", Int(10)),
    ("buildroot_basic_cleanup_delay", Int(120)),
    ("buildroot_final_cleanup_delay", Int(86_400)),
    ("literal_task_arches", Text("")),
    ("minspace", Int(8192)),
    // not Koji's: what must be free, in MB, where the hub's files are mounted, and of memory
    ("min_avail_space", Int(0)),
    ("min_avail_memory", Int(256)),
    // not Koji's: how high the load average may be, for each processor
    ("maxload", Int(4)),
    // not Koji's: how long a log of a task may become, in MB
    ("max_log_size", Int(1024)),
    ("admin_emails", NoText),
    ("log_level", NoText),
    ("topdir", Text(crate::paths::DEFAULT_TOP)),
    ("topurl", NoText),
    ("workdir", Text("/var/tmp/koji")),
    ("chroot_tmpdir", Text("/chroot_tmpdir")),
    ("pluginpath", Text("/usr/lib/koji-builder-plugins")),
    ("mockdir", Text("/var/lib/mock")),
    ("mockuser", Text("kojibuilder")),
    ("packager", Text("Koji")),
    ("vendor", Text("Koji")),
    ("distribution", Text("Koji")),
    ("mockhost", Text("koji-linux-gnu")),
    ("smtphost", Text("example.com")),
    ("smtp_user", NoText),
    ("smtp_pass", NoText),
    ("from_addr", Text("Koji Build System <buildsys@example.com>")),
    ("krb_principal", NoText),
    ("host_principal_format", Text("compile/%s@EXAMPLE.COM")),
    ("keytab", Text("/etc/kojid/kojid.keytab")),
    ("ccache", Text("/var/tmp/kojid.ccache")),
    ("server", NoText),
    ("user", NoText),
    ("password", NoText),
    ("retry_interval", Int(60)),
    ("max_retries", Int(120)),
    ("offline_retry", Flag(true)),
    ("offline_retry_interval", Int(120)),
    ("log_timestamps", Flag(false)),
    ("timeout", NoInt),
    ("no_ssl_verify", Flag(false)),
    ("use_fast_upload", Flag(true)),
    ("use_createrepo_c", Flag(true)),
    ("createrepo_skip_stat", Flag(true)),
    ("createrepo_update", Flag(true)),
    ("distrepo_skip_stat", Flag(false)),
    ("copy_old_repodata", Flag(false)),
    ("build_arch_can_fail", Flag(false)),
    ("mock_bootstrap_image", Flag(false)),
    ("pkgurl", NoText),
    ("allowed_scms", Text("")),
    ("allowed_scms_use_config", Flag(true)),
    ("allowed_scms_use_policy", Flag(false)),
    ("scm_credentials_dir", NoText),
    ("support_rpm_source_layout", Flag(true)),
    ("yum_proxy", NoText),
    ("maven_repo_ignore", Text(MAVEN_REPO_IGNORE)),
    ("failed_buildroot_lifetime", Int(14_400)),
    ("rpmbuild_timeout", Int(86_400)),
    ("oz_install_timeout", Int(0)),
    ("xz_options", Text("-z6T0")),
    ("task_avail_delay", Int(300)),
    ("cert", NoText),
    ("serverca", NoText),
    ("allow_noverifyssl", Flag(false)),
    ("allow_password_in_scm_url", Flag(false)),
    // ours, not Koji's: what buildroots are made with
    ("buildroot", Text("mock")),
    // ours: how long one command of a checkout may take in seconds (0 is without end), how often it is tried
    // again when it fails, and after what pause, which doubles each time
    ("scm_timeout", Int(3600)),
    ("scm_retries", Int(2)),
    ("scm_retry_interval", Int(10)),
    // ours: what one buildroot may take of memory in MB (0 is nine tenths of the machine's) and of processes
    ("buildroot_memory", Int(0)),
    ("buildroot_processes", Int(32_768)),
    // ours: where the source command `lookaside` fetches the files that `sources` names, several URLs for when
    // one has gone, and how they lie there, in the words of rpkg's configuration
    ("lookaside_url", NoText),
    ("lookaside_path", Text(crate::lookaside::place::LAYOUT)),
    // where what Koji has as plugins is configured
    ("runroot_config", Text("/etc/kojid/plugins/runroot.conf")),
    ("save_failed_tree_config", Text("/etc/kojid/plugins/save_failed_tree.conf")),
    // what builds what this builder can't: a program and its arguments for each kind of task
    ("maven_command", NoText),
    ("win_command", NoText),
    ("image_command", NoText),
    ("livecd_command", NoText),
    ("livemedia_command", NoText),
    ("appliance_command", NoText),
    ("indirection_command", NoText),
];

const MAVEN_REPO_IGNORE: &str = "*.md5 *.sha1 maven-metadata*.xml _maven.repositories _remote.repositories \
                                 resolver-status.properties *.lastUpdated";

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<BuilderConfig> {
        BuilderConfig::from_ini(&Ini::from_text("kojid.conf", text)?)
    }

    #[test]
    fn reads_types() {
        let text = "[kojid]\nserver=http://h/kojihub\ntopurl=http://h/koji http://m/koji\nmaxjobs=3\n\
                    offline_retry=off\nplugins=a b\nrlimit_nofile=10 20\nhost_principal_format=%s@X\n";
        let config = config(text).unwrap();
        config.check().unwrap();
        assert_eq!((config.int("maxjobs"), config.flag("offline_retry")), (3, false));
        assert_eq!(config.plugins, ["a", "b"]);
        assert_eq!(config.limits["RLIMIT_NOFILE"], "10 20");
        assert_eq!(config.topurls(), ["http://h/koji", "http://m/koji"]);
        assert_eq!(config.find_int("timeout"), None);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(config("[kojid]\nmaxjob=3\n").unwrap_err().message.contains("maxjob"));
        assert!(config("[hub]\n").unwrap_err().message.contains("hub"));
        assert!(config("[kojid]\nmaxjobs=many\n").is_err());
        assert!(config("[kojid]\nserver=x\n").unwrap().check().unwrap_err().message.contains("topurl"));
    }
}
