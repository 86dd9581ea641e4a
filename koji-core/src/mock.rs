//! The configuration that mock is given for a buildroot. Text only: nothing here runs mock or reads files.
//!
//! The same text comes of the same tag wherever it is made, by a builder or by `koji mock-config`, and it is
//! Koji's.

use std::collections::BTreeMap;

use crate::wire::{Map, Value, python_text as python};
use crate::{Error, Result};

/// How long a build may take if nobody says: a day.
pub const TIMEOUT_S: i64 = 86_400;

/// Where the repository of a buildroot is.
#[derive(Clone, Debug)]
pub enum Top {
    /// Below some URLs, the first of which is the main one.
    Urls(Vec<String>),
    /// In a directory of this machine.
    Dir(String),
}

/// What a configuration is made of.
#[derive(Clone, Debug)]
pub struct MockConfig {
    /// The name of the root
    pub name: String,
    /// The arch of the repository
    pub arch: String,
    /// The arch that is built for
    pub target_arch: String,
    /// The number of the buildroot, if the hub has one for it
    pub buildroot: Option<i64>,
    /// The repository: its number, or `latest`
    pub repo: String,
    /// The tag of the repository
    pub tag: String,
    /// Where the hub's files are
    pub top: Top,
    /// Where mock keeps roots
    pub mockdir: String,
    /// The group to install
    pub group: String,
    /// Whether builds may reach the network; then `/etc/hosts` of this machine
    pub network: bool,
    /// The text of this machine's `/etc/hosts`, for a root with network
    pub hosts: Option<String>,
    /// Directories of this machine that are to be seen in the root: the path here, and the path there
    pub binds: Vec<(String, String)>,
    /// How long a build may take, in seconds
    pub timeout_s: i64,
    /// A proxy for the repository
    pub proxy: Option<String>,
    /// The macros `vendor`, `packager` and `distribution`
    pub marks: [String; 3],
    /// The end of the name of the machine that packages are built for
    pub mockhost: String,
    /// Settings that the tag decides
    pub tag_settings: TagSettings,
}

/// What the extra data of a tag sets.
#[derive(Clone, Debug, Default)]
pub struct TagSettings {
    options: Map,
    yum: Vec<(&'static str, i64)>,
    sign: Option<(Value, Map)>,
    macros: Map,
    env: Map,
    forces_arch: bool,
}

impl TagSettings {
    /// Reads the extra data. Whether the root may be made from an image is not only for the tag to say.
    ///
    /// # Errors
    /// Settings that make no sense.
    pub fn new(extra: &[(String, Value)], may_use_image: bool) -> Result<Self> {
        let find = |name: &str| extra.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let mut settings =
            Self { forces_arch: find("mock.forcearch").is_some_and(Value::is_true), ..Self::default() };
        let mut set = |name: &str, value: Value| settings.options.push((name.to_owned(), value));
        if let Some(manager) = find("mock.package_manager").filter(|value| value.is_true()) {
            set("package_manager", manager.clone());
        }
        let image = find("mock.bootstrap_image").filter(|value| may_use_image && value.is_true());
        set("use_bootstrap_image", image.is_some().into());
        if let Some(image) = image {
            set("bootstrap_image", image.clone());
        }
        if let Some(bootstrap) = find("mock.use_bootstrap") {
            set("use_bootstrap", bootstrap.is_true().into());
        }
        for name in ["module_setup_commands", "releasever"] {
            if let Some(value) = find(&format!("mock.{name}")) {
                set(name, value.clone());
            }
        }
        if find("mock.yum.module_hotfixes").is_some_and(Value::is_true) {
            settings.yum.push(("module_hotfixes", 1));
        }
        if let Some(best) = find("mock.yum.best") {
            let number =
                number(best).ok_or_else(|| Error::generic("mock.yum.best of the tag is no number"))?;
            if number != 0 {
                settings.yum.push(("best", number));
            }
        }
        for (name, value) in extra {
            if let Some(name) = name.strip_prefix("rpm.macro.") {
                settings.macros.push((format!("%{name}"), value.clone()));
            }
        }
        Ok(settings)
    }

    /// Also what only builders honour: variables of the environment, and that packages are signed; macros become
    /// texts.
    ///
    /// # Errors
    /// A tag that has mock sign but does not say how.
    pub fn for_builder(mut self, extra: &[(String, Value)]) -> Result<Self> {
        let find = |name: &str| {
            let name = format!("mock.plugin_conf.{name}");
            extra.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
        };
        if let Some(enable) = find("sign_enable") {
            let (Some(cmd), Some(opts)) = (find("sign_opts.cmd"), find("sign_opts.opts")) else {
                return Err(Error::generic("Tag is not configured properly for mock's sign plugin"));
            };
            self.sign = Some((enable, vec![("cmd".into(), cmd), ("opts".into(), opts)]));
        }
        for (_, value) in &mut self.macros {
            *value = python::str(value).into();
        }
        for (name, value) in extra {
            if let Some(name) = name.strip_prefix("rpm.env.") {
                self.env.push((name.to_owned(), python::str(value).into()));
            }
        }
        Ok(self)
    }
}

/// As Python's `int` takes it.
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(flag) => Some((*flag).into()),
        Value::String(text) => text.trim().parse().ok(),
        Value::Double(number) => Some(*number as i64),
        other => other.as_int(),
    }
}

const HOME: &str = "/builddir";

impl MockConfig {
    /// The text.
    pub fn text(&self) -> String {
        let mut text = "# Auto-generated by the Koji build system\n".to_owned();
        if let Some(id) = self.buildroot {
            let Self { name, repo, tag, .. } = self;
            text.push_str(&format!(
                "\n# Koji buildroot id: {id}\n# Koji buildroot name: {name}\n# Koji repo id: {repo}\n# Koji tag: {tag}\n"
            ));
        }
        text.push('\n');
        push(&mut text, "", &self.options());
        text.push('\n');
        self.push_plugins(&mut text);
        text.push('\n');
        self.push_binds(&mut text);
        push(&mut text, "['macros']", &self.macros());
        text.push('\n');
        let env = sorted(&self.tag_settings.env);
        push(&mut text, "['environment']", &env);
        if !env.is_empty() {
            text.push('\n');
        }
        if let Some(hosts) = self.hosts.as_deref().filter(|_| self.network) {
            push(&mut text, "['files']", &BTreeMap::from([("etc/hosts".to_owned(), hosts.into())]));
        }
        text
    }

    fn options(&self) -> BTreeMap<String, Value> {
        let mut options: BTreeMap<String, Value> = [
            ("root", self.name.as_str().into()),
            ("basedir", self.mockdir.as_str().into()),
            ("target_arch", self.target_arch.as_str().into()),
            ("chroothome", HOME.into()),
            ("chroot_setup_cmd", format!("install @{}", self.group).into()),
            ("rpmbuild_networking", self.network.into()),
            ("use_host_resolv", self.network.into()),
            ("rpmbuild_timeout", self.timeout_s.into()),
            ("dnf_warning", false.into()),
            ("yum.conf", self.yum_conf().into()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        if self.tag_settings.forces_arch {
            options.insert("forcearch".into(), self.target_arch.as_str().into());
        }
        if !self.binds.is_empty() {
            // what is bound does not take the place of /dev
            options.insert("internal_dev_setup".into(), true.into());
        }
        options.extend(self.tag_settings.options.iter().cloned());
        options
    }

    fn yum_conf(&self) -> String {
        let mut text = "[main]\n".to_owned();
        if let Some(proxy) = self.proxy.as_deref().filter(|proxy| !proxy.is_empty()) {
            text.push_str(&format!("proxy={proxy}\n"));
        }
        text.push_str(
            "cachedir=/var/cache/yum\ndebuglevel=1\nlogfile=/var/log/yum.log\nreposdir=/dev/null\nretries=20\n\
             obsoletes=1\ngpgcheck=0\nassumeyes=1\nkeepcache=1\ninstall_weak_deps=0\nstrict=1\n\n# repos\n\n\
             [build]\nname=build\n",
        );
        let mut urls = self.urls().into_iter();
        text.push_str(&format!("baseurl={}\n", urls.next().unwrap_or_default()));
        urls.for_each(|url| text.push_str(&format!("        {url}\n")));
        for (name, value) in &self.tag_settings.yum {
            text.push_str(&format!("{name}={value}\n"));
        }
        text
    }

    fn urls(&self) -> Vec<String> {
        let below = |top: &str| format!("{top}/repos/{}/{}/{}", self.tag, self.repo, self.arch);
        match &self.top {
            Top::Urls(urls) => urls.iter().map(|url| below(url)).collect(),
            Top::Dir(dir) => vec![format!("file://{}", below(dir))],
        }
    }

    fn push_plugins(&self, text: &mut String) {
        let off = ["ccache_enable", "root_cache_enable", "yum_cache_enable"];
        let mut plugins: BTreeMap<String, Value> = off.map(|name| (name.to_owned(), false.into())).into();
        let mut nested = None;
        if let Some((enable, options)) = &self.tag_settings.sign {
            plugins.insert("sign_enable".into(), enable.clone());
            nested = Some(options);
        }
        // in the order of names, where the one that has names of its own follows the switch for it
        let (before, after): (BTreeMap<_, _>, BTreeMap<_, _>) =
            plugins.into_iter().partition(|(name, _)| name.as_str() < "sign_opts");
        push(text, "['plugin_conf']", &before);
        if let Some(options) = nested {
            text.push_str("config_opts['plugin_conf']['sign_opts'] = {}\n");
            push(text, "['plugin_conf']['sign_opts']", &sorted(options));
        }
        push(text, "['plugin_conf']", &after);
    }

    fn push_binds(&self, text: &mut String) {
        for (outside, inside) in &self.binds {
            let [outside, inside] = [outside, inside].map(|path| python::repr(&path.as_str().into()));
            text.push_str(&format!(
                "config_opts['plugin_conf']['bind_mount_opts']['dirs'].append(({outside}, {inside}))\n"
            ));
        }
        if !self.binds.is_empty() {
            text.push('\n');
        }
    }

    /// The tag's macros stand above the general ones, and below those that say where things are.
    fn macros(&self) -> BTreeMap<String, Value> {
        let [vendor, packager, distribution] = &self.marks;
        let mut macros = BTreeMap::from([
            ("%_rpmfilename".to_owned(), "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm".into()),
            ("%vendor".to_owned(), vendor.as_str().into()),
            ("%packager".to_owned(), packager.as_str().into()),
            ("%distribution".to_owned(), distribution.as_str().into()),
        ]);
        macros.extend(self.tag_settings.macros.iter().cloned());
        macros.extend([
            ("%_topdir".to_owned(), format!("{HOME}/build").into()),
            ("%_host_cpu".to_owned(), self.target_arch.as_str().into()),
            ("%_host".to_owned(), format!("{}-{}", self.target_arch, self.mockhost).into()),
        ]);
        macros
    }
}

fn sorted(map: &Map) -> BTreeMap<String, Value> {
    map.iter().cloned().collect()
}

/// One line for each member, as mock reads it.
fn push(text: &mut String, place: &str, values: &BTreeMap<String, Value>) {
    for (name, value) in values {
        let name = python::repr(&name.as_str().into());
        text.push_str(&format!("config_opts{place}[{name}] = {}\n", python::repr(value)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(extra: &[(String, Value)]) -> MockConfig {
        MockConfig {
            name: "f40-build-7-3".into(),
            arch: "x86_64".into(),
            target_arch: "x86_64".into(),
            buildroot: Some(7),
            repo: "3".into(),
            tag: "f40-build".into(),
            top: Top::Urls(vec!["http://a".into(), "http://b".into()]),
            mockdir: "/var/lib/mock".into(),
            group: "build".into(),
            network: true,
            hosts: Some("127.0.0.1 localhost\n".into()),
            binds: vec![("/a".into(), "/b".into())],
            timeout_s: TIMEOUT_S,
            proxy: None,
            marks: ["V".into(), "P".into(), "D".into()],
            mockhost: "koji-linux-gnu".into(),
            tag_settings: TagSettings::new(extra, false).unwrap().for_builder(extra).unwrap(),
        }
    }

    #[test]
    fn the_tag_decides() {
        let extra = [
            ("mock.forcearch", Value::from(1)),
            ("mock.bootstrap_image", "img".into()),
            ("mock.yum.best", 1.into()),
            ("mock.plugin_conf.sign_enable", true.into()),
            ("mock.plugin_conf.sign_opts.cmd", "rpmsign".into()),
            ("mock.plugin_conf.sign_opts.opts", "--addsign".into()),
            ("rpm.macro.dist", ".f40".into()),
            ("rpm.macro.bootstrap", 1.into()),
            ("rpm.env.CC", "clang".into()),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let text = config(&extra).text();
        let lines: Vec<_> = text.lines().collect();
        for line in [
            "# Koji buildroot id: 7",
            "config_opts['forcearch'] = 'x86_64'",
            "config_opts['use_bootstrap_image'] = False",
            "config_opts['plugin_conf']['sign_opts'] = {}",
            "config_opts['plugin_conf']['sign_opts']['cmd'] = 'rpmsign'",
            "config_opts['plugin_conf']['bind_mount_opts']['dirs'].append(('/a', '/b'))",
            "config_opts['macros']['%bootstrap'] = '1'",
            "config_opts['macros']['%vendor'] = 'V'",
            "config_opts['environment']['CC'] = 'clang'",
            "config_opts['files']['etc/hosts'] = '127.0.0.1 localhost\\n'",
        ] {
            assert!(lines.contains(&line), "{line} is not in\n{text}");
        }
        assert!(
            text.contains("baseurl=http://a/repos/f40-build/3/x86_64\\n        http://b/repos/"),
            "{text}"
        );
        assert!(text.contains("nbest=1\\n'"), "{text}");
        let unsigned = [("mock.plugin_conf.sign_enable".to_owned(), Value::Bool(true))];
        assert!(TagSettings::new(&unsigned, true).unwrap().for_builder(&unsigned).is_err());
    }
}
