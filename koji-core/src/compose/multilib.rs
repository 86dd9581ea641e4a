//! [`Rules`]: which packages of a wide arch are distributed in the narrow one's build as well; pure.
//!
//! A file says so, in the form that Koji's builders take: `[runtime]` and `[devel]` with names that always (`white`) or
//! never (`black`) come along, `[multilib]` with `packages`. Koji has one method, `devel`; here `method` of
//! `[multilib]` may name another.

use crate::config::ini::Ini;
use crate::policy::glob::matches_any;
use crate::{Error, Fault, Result};

/// Packages that run on the wide arch only but serve both.
const PREFER_WIDE: [&str; 6] = ["gdb", "frysk", "systemtap", "systemtap-runtime", "ltrace", "strace"];

const ROOT_LIBS: [&str; 2] = ["/lib", "/lib64"];
const USR_LIBS: [&str; 2] = ["/usr/lib", "/usr/lib64"];

/// Directories of plugins, below [`USR_LIBS`], any file in which counts.
const PLUGIN_DIRS: [&str; 7] =
    ["alsa-lib", "dri", "gtk-2.0/modules", "gtk-2.0/immodules", "krb5/plugins", "sasl2", "vdpau"];

/// The same as patterns; a star stands for slashes too.
const PLUGINS: [&str; 12] = [
    "/usr/lib*/gtk-2.0/*/engines",
    "/usr/lib*/gtk-2.0/*/modules",
    "/usr/lib*/gtk-2.0/*/immodules",
    "/usr/lib*/gtk-2.0/*/loaders",
    "/usr/lib*/gtk-2.0/*/printbackends",
    "/usr/lib*/gtk-2.0/*/filesystems",
    "/usr/lib*/qt*/plugins/*",
    "/usr/lib*/kde*/plugins/*",
    "/usr/lib*/qt5/qml/*",
    "/usr/lib*/gdk-pixbuf-2.0/*/loaders",
    "/usr/lib*/xine/plugins/*",
    "/usr/lib*/gstreamer-*",
];

/// How packages are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    /// Libraries, plugins and what is needed to build against them
    Devel,
    /// Libraries and plugins
    Runtime,
    /// All packages
    All,
    /// None
    None,
    /// Those that the file lists
    File,
    /// Kernels and what is needed to build against them
    Kernel,
}

/// What of a package matters.
#[derive(Clone, Copy, Debug)]
pub struct Package<'a> {
    /// Its name
    pub name: &'a str,
    /// Its arch
    pub arch: &'a str,
    /// The names of what it provides
    pub provides: &'a [String],
    /// The paths of its files
    pub files: &'a [String],
}

/// The rules of a file.
#[derive(Clone, Debug)]
pub struct Rules {
    method: Method,
    runtime: Lists,
    devel: Lists,
    packages: Vec<String>,
}

/// Names that always or never come along.
#[derive(Clone, Debug, Default)]
struct Lists {
    white: Vec<String>,
    black: Vec<String>,
}

impl Lists {
    fn of(ini: &Ini, section: &str) -> Self {
        Self { white: words(ini, section, "white"), black: words(ini, section, "black") }
    }

    fn decide(&self, name: &str) -> Option<bool> {
        let has = |list: &[String]| list.iter().any(|one| one == name);
        if has(&self.black) { Some(false) } else { has(&self.white).then_some(true) }
    }
}

fn words(ini: &Ini, section: &str, name: &str) -> Vec<String> {
    let text = ini.get(section, name).unwrap_or_default();
    let words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

impl Rules {
    /// Reads a file's text.
    ///
    /// # Errors
    /// Text of another form, an unknown method, or one that lacks its section.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let ini = Ini::from_text(name, text)?;
        let wrong = |text: String| Err(Error::new(Fault::Configuration, format!("{name}: {text}")));
        let method = match ini.get("multilib", "method").unwrap_or("devel").trim() {
            "devel" => Method::Devel,
            "runtime" => Method::Runtime,
            "all" => Method::All,
            "none" => Method::None,
            "file" => Method::File,
            "kernel" => Method::Kernel,
            other => {
                return wrong(format!(
                    "no multilib method {other}: devel, runtime, all, none, file or kernel"
                ));
            }
        };
        let needed: &[&str] = match method {
            Method::Devel => &["runtime", "devel"],
            Method::Runtime => &["runtime"],
            _ => &[],
        };
        if let Some(section) = needed.iter().find(|section| !ini.has_section(section)) {
            return wrong(format!("the section [{section}] is missing"));
        }
        let (runtime, devel) = (Lists::of(&ini, "runtime"), Lists::of(&ini, "devel"));
        Ok(Self { method, runtime, devel, packages: words(&ini, "multilib", "packages") })
    }

    /// Whether a package comes along.
    pub fn select(&self, package: &Package<'_>) -> bool {
        match self.method {
            Method::Devel => self.is_for_devel(package),
            Method::Runtime => self.is_for_runtime(package),
            Method::All => true,
            Method::None => false,
            Method::File => matches_any(package.name, &self.packages),
            Method::Kernel => is_kernel(package),
        }
    }

    fn is_for_devel(&self, package: &Package<'_>) -> bool {
        let is_devel = |name: &str| name.ends_with("-devel") || name.ends_with("-static");
        if let Some(decided) = self.devel.decide(package.name) {
            return decided;
        }
        if self.is_for_runtime(package) {
            return true;
        }
        let left_out = package.name.starts_with("ghc-") || provides_kernel(package, &["kernel-devel"]);
        !left_out && is_devel(package.name)
    }

    fn is_for_runtime(&self, package: &Package<'_>) -> bool {
        if let Some(decided) = self.runtime.decide(package.name) {
            return decided;
        }
        if package.arch.contains("64") && PREFER_WIDE.contains(&package.name) || is_kernel(package) {
            return true;
        }
        if provides_kernel(package, &["kernel"]) {
            return false;
        }
        package.files.iter().filter_map(|path| path.rsplit_once('/')).any(|(dir, file)| is_library(dir, file))
    }
}

/// Whether it is a kernel of a 64 bit arch, or what is needed to build against one.
fn is_kernel(package: &Package<'_>) -> bool {
    package.arch.contains("64") && provides_kernel(package, &["kernel", "kernel-devel"])
}

fn provides_kernel(package: &Package<'_>, provided: &[&str]) -> bool {
    package.name.starts_with("kernel")
        && package.provides.iter().any(|name| provided.contains(&name.as_str()))
}

/// Whether a file is something that programs of one arch load.
fn is_library(dir: &str, file: &str) -> bool {
    let versioned = || file.contains(".so.");
    if ROOT_LIBS.contains(&dir) {
        return versioned() || file.starts_with("libnss_") || file.starts_with("libdb-");
    }
    if USR_LIBS.contains(&dir) {
        return versioned();
    }
    if ["/lib/security", "/lib64/security", "/etc/lsb-release.d"].contains(&dir) {
        return true;
    }
    if dir == "/etc/ld.so.conf.d" {
        return file.ends_with(".conf");
    }
    let below = USR_LIBS.iter().find_map(|lib| dir.strip_prefix(lib)?.strip_prefix('/'));
    let Some(below) = below else { return false };
    PLUGIN_DIRS.contains(&below)
        || matches_any(dir, &PLUGINS)
        || below == "oprofile" && versioned()
        || below == "wine" && file.ends_with(".so")
        || below == "sane" && file.starts_with("libsane-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: &str =
        "[runtime]\nwhite = wine\n    valgrind\nblack = httpd\n[devel]\nwhite =\nblack = php-devel\n";

    fn chosen(method: &str, name: &str, files: &[&str]) -> bool {
        let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
        let provides = [name.to_owned(), "kernel-devel".to_owned()];
        let provides = if name.starts_with("kernel") { &provides[..] } else { &provides[..1] };
        let text = format!("{LISTS}[multilib]\nmethod = {method}\npackages = glibc*\n    steam\n");
        let package = Package { name, arch: "x86_64", provides, files: &files };
        Rules::parse("multilib.conf", &text).unwrap().select(&package)
    }

    #[test]
    fn libraries_and_what_builds_on_them_come_along() {
        for (name, files, want) in [
            ("foo-devel", &[][..], true),
            ("foo-static", &[], true),
            ("ghc-foo-devel", &[], false),
            ("php-devel", &[], false),
            ("foo", &["/usr/bin/foo"], false),
            ("foo-libs", &["/usr/lib64/libfoo.so.1"], true),
            ("foo-libs", &["/usr/lib64/libfoo.so"], false),
            ("httpd", &["/usr/lib64/libhttpd.so.1"], false),
            ("wine", &[], true),
            ("gdb", &[], true),
            ("nss", &["/lib64/libnss_files.so"], true),
            ("pam", &["/lib64/security/pam.so"], true),
            ("qt", &["/usr/lib64/qt5/plugins/styles/x.so"], true),
            ("sane", &["/usr/lib64/sane/libsane-x.so"], true),
            ("conf", &["/etc/ld.so.conf.d/x.conf"], true),
        ] {
            assert_eq!(chosen("devel", name, files), want, "{name} {files:?}");
        }
    }

    #[test]
    fn other_methods_take_more_or_less() {
        for (method, name, want) in [
            ("runtime", "foo-devel", false),
            ("runtime", "valgrind", true),
            ("all", "foo", true),
            ("none", "foo-devel", false),
            ("file", "glibc-common", true),
            ("file", "foo", false),
            ("kernel", "kernel-core", true),
            ("kernel", "foo", false),
        ] {
            assert_eq!(chosen(method, name, &[]), want, "{method} {name}");
        }
        let told = |text: &str| Rules::parse("m.conf", text).unwrap_err().message;
        assert!(told("[multilib]\nmethod = best\n").contains("no multilib method best"));
        assert!(told("[runtime]\n").contains("[devel] is missing"));
    }
}
